/* Finds the data directory from SDP_HOME, XDG_DATA_HOME and HOME. */
#include "base/data_dir.h"

#include "base/env.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

int sdp_data_dir(struct sdp_buf *path, struct sdp_err *err)
{
	const char *own = sdp_env("SDP_HOME"), *xdg = sdp_env("XDG_DATA_HOME"),
		   *home = sdp_env("HOME");
	char here[PATH_MAX];
	if (own && *own == '/')
		return sdp_buf_add_text(path, own, err);
	if (own && !getcwd(here, sizeof here))
		return sdp_fail_errno(err, "the current folder");
	if (own)
		return sdp_buf_format(path, err, "%s/%s", here, own);
	if (xdg && *xdg == '/') /* the specification says that relative paths are ignored */
		return sdp_buf_format(path, err, "%s/sdp", xdg);
	if (home)
		return sdp_buf_format(path, err, "%s/.local/share/sdp", home);
	return sdp_fail(err, SDP_USAGE, "none of SDP_HOME, XDG_DATA_HOME and HOME is set");
}

/*
 * Decodes PDF and text files by running sdp-cat, the only program that is linked with the decoders.
 */
#include "cli/cli.h"
#include "process/find.h"
#include "process/measure.h"
#include "table/source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int sdp_decode_by_sdp_cat(const void *context, const struct sdp_decoding *what, struct sdp_err *err)
{
	const struct sdp_common *common = context;
	struct sdp_buf path = {0};
	if (sdp_find_program("sdp-cat", &path, err) < 0)
		return -1;
	/* Without --input-format, sdp-cat detects the format from the first bytes, as we did. */
	char *words[] = {"sdp-cat",
			 common->quiet ? "-q" : "--progress=never",
			 "--input-format",
			 (char *)common->input_format,
			 "--",
			 what->named ? (char *)what->name : "-",
			 NULL};
	if (!common->input_format)
		memmove(words + 2, words + 4, 3 * sizeof *words);
	if (!what->named && dup2(what->fd, STDIN_FILENO) < 0)
		return sdp_fail_errno(err, "%s", what->name);
	execv(path.data, words);
	sdp_fail_errno(err, "cannot run %s", path.data);
	sdp_buf_release(&path);
	return -1;
}

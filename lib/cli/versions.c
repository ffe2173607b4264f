/* The text of --version -v: the versions of sdp and of the libraries that this program links. */
#include "base/library.h"
#include "cli/cli.h"

#include <string.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
SDP_LIBRARY(glibc, gnu_get_libc_version());
#endif

/* The section of SDP_LIBRARY; the linker defines its bounds if there is an entry. */
extern const struct sdp_library *const __start_sdp_libraries[] __attribute__((weak));
extern const struct sdp_library *const __stop_sdp_libraries[] __attribute__((weak));

/* Returns the library whose name is the next one after name, or NULL. */
static const struct sdp_library *next_after(const char *name)
{
	const struct sdp_library *next = NULL;
	for (const struct sdp_library *const *l = __start_sdp_libraries; l < __stop_sdp_libraries;
	     l++)
		if (strcmp((*l)->name, name) > 0 && (!next || strcmp((*l)->name, next->name) < 0))
			next = *l;
	return next;
}

int sdp_versions(bool libraries, struct sdp_buf *out, struct sdp_err *err)
{
	if (sdp_buf_format(out, err, "%s %s\n", sdp_program.name, SDP_VERSION) < 0)
		return -1;
	const struct sdp_library *l = libraries ? next_after("") : NULL;
	for (; l; l = next_after(l->name)) {
		/* Some versions have a date, too: "10.42 2022-12-11". */
		const char *version = l->version();
		if (sdp_buf_format(out, err, "%s %.*s\n", l->name, (int)strcspn(version, " ,"),
				   version) < 0)
			return -1;
	}
	return 0;
}

/* Finds the path of a program. */
#define _GNU_SOURCE
#include "process/find.h"

#include <stdbool.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool executable(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Sets path to FOLDER/NAME.  Returns whether that is a program, or -1. */
static int try_folder(const char *folder, size_t length, const char *name, struct sdp_buf *path,
		      struct sdp_err *err)
{
	path->length = 0;
	if (sdp_buf_format(path, err, "%.*s/%s", length ? (int)length : 1, length ? folder : ".",
			   name) < 0)
		return -1;
	return executable(path->data);
}

int sdp_find_program(const char *name, struct sdp_buf *path, struct sdp_err *err)
{
	char self[PATH_MAX], quoted[128];
	const char *list = getenv("PATH");
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	int found = 0;

	path->length = 0;
	if (strchr(name, '/')) {
		found = executable(name);
		if (found && sdp_buf_add_text(path, name, err) < 0)
			return -1;
	} else if (*name) {
		self[n > 0 ? n : 0] = '\0';
		const char *slash = strrchr(self, '/');
		if (slash)
			found = try_folder(self, (size_t)(slash - self), name, path, err);
		while (found == 0 && list) {
			size_t length = strcspn(list, ":");
			found = try_folder(list, length, name, path, err);
			list = list[length] ? list + length + 1 : NULL;
		}
	}
	if (found == 0)
		return sdp_fail(err, SDP_SYSTEM, "there is no program %s%s",
				sdp_quote(quoted, sizeof quoted, name, strlen(name)),
				strchr(name, '/')
					? ""
					: ", neither in the folder of this program nor in PATH");
	return found > 0 ? 0 : -1;
}

/* Compares the status of a file before and after it was read. */
#define _GNU_SOURCE
#include "base/file_change.h"

#include <stdbool.h>

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int sdp_file_unchanged(int fd, const struct stat *then, const char *name, struct sdp_err *err)
{
	struct stat now;
	if (!S_ISREG(then->st_mode))
		return 0;
	if (fstat(fd, &now) < 0)
		return sdp_fail_errno(err, "%s", name);
	bool same = now.st_dev == then->st_dev && now.st_ino == then->st_ino &&
		    now.st_size == then->st_size && same_time(&now.st_mtim, &then->st_mtim);
	if (same && same_time(&now.st_ctim, &then->st_ctim))
		return 0;
	return sdp_fail_at(
		err, (struct sdp_place){.file = name},
		same ? "the file changed while it was read: its ctime changed, but not its "
		       "size and mtime, so it was renamed, linked, removed or given other "
		       "permissions, or rewritten and its mtime set back"
		     : "the file changed while it was read");
}

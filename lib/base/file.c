/* Files by their paths: opening, reading as a whole, making folders, syncing, locking. */
#include "base/file.h"

#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns whether a call that failed is to be repeated. */
static bool again(void)
{
	return errno == EINTR && !sdp_interrupted;
}

int sdp_file_open_at(int at, const char *path, int flags, unsigned mode)
{
	int fd;
	do
		fd = openat(at, path, flags | O_CLOEXEC, (mode_t)mode);
	while (fd < 0 && again());
	return fd;
}

int sdp_file_open(const char *path, int flags, unsigned mode)
{
	return sdp_file_open_at(AT_FDCWD, path, flags, mode);
}

int sdp_file_wait(int fd)
{
	struct pollfd stream = {.fd = fd, .events = POLLIN};
	int n = 0;
	/* A signal that arrives just before poll does not interrupt it, so poll has a timeout. */
	while (!sdp_interrupted && (n == 0 || (n < 0 && errno == EINTR)))
		n = poll(&stream, 1, 100);
	return sdp_interrupted || n > 0 ? 0 : -1;
}

void sdp_file_close(int fd)
{
	int saved = errno;
	if (fd >= 0)
		close(fd);
	errno = saved;
}

int sdp_file_read(const char *path, size_t most, struct sdp_buf *text, struct sdp_err *err)
{
	int fd = sdp_file_open(path, O_RDONLY | O_NOCTTY, 0);
	if (fd < 0)
		return sdp_fail_errno(err, "cannot open %s", path);
	int rc = sdp_read_whole(fd, path, most, text, err);
	sdp_file_close(fd);
	return rc;
}

ssize_t sdp_file_read_start(const char *path, char *text, size_t size)
{
	int fd = sdp_file_open(path, O_RDONLY | O_NOCTTY, 0);
	ssize_t have = fd < 0 ? -1 : 0, n = fd < 0 ? -1 : 1;
	while (n > 0 && have < (ssize_t)size - 1) {
		n = read(fd, text + have, size - 1 - (size_t)have);
		if (n < 0 && again())
			n = 1;
		else if (n < 0)
			have = -1;
		else
			have += n;
	}
	text[have > 0 ? have : 0] = '\0';
	sdp_file_close(fd);
	return have;
}

int sdp_file_make_folders(const char *path, unsigned mode)
{
	struct sdp_buf part = {0};
	struct sdp_err ignored;
	size_t length = strlen(path);
	int rc = 0;
	while (length > 1 && path[length - 1] == '/')
		length--;
	for (size_t i = 1; rc == 0 && i <= length; i++) {
		if ((i < length && path[i] != '/') || path[i - 1] == '/')
			continue;
		part.length = 0;
		rc = sdp_buf_add(&part, path, i, &ignored);
		if (rc < 0)
			errno = ENOMEM;
		else if (mkdir(part.data, (mode_t)mode) < 0 && errno != EEXIST && i == length)
			rc = -1; /* a parent that cannot be made may be there */
	}
	int saved = errno;
	sdp_buf_release(&part);
	errno = saved;
	return rc;
}

int sdp_file_resize(int fd, size_t size)
{
	int rc;
	do
		rc = ftruncate(fd, (off_t)size);
	while (rc < 0 && again());
	return rc;
}

int sdp_file_sync(int fd)
{
	int rc;
	do
		rc = fsync(fd);
	while (rc < 0 && again());
	return rc < 0 && (errno == EINVAL || errno == EROFS) ? 0 : rc;
}

const char *sdp_file_last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

int sdp_file_open_folder_of(const char *path)
{
	struct sdp_buf folder = {0};
	struct sdp_err ignored;
	const char *slash = strrchr(path, '/');
	int fd = -1;
	if (!slash)
		return sdp_file_open(".", O_RDONLY | O_DIRECTORY, 0);
	if (sdp_buf_add(&folder, path, (size_t)(slash - path) + 1, &ignored) < 0)
		errno = ENOMEM;
	else
		fd = sdp_file_open(folder.data, O_RDONLY | O_DIRECTORY, 0);
	int saved = errno;
	sdp_buf_release(&folder);
	errno = saved;
	return fd;
}

int sdp_file_lock(int fd, bool wait)
{
	int rc;
	do
		rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
	while (rc < 0 && again());
	return rc;
}

/* Wipes secrets, and reads passwords. */
#define _GNU_SOURCE /* explicit_bzero */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * The limit is one byte.  No dump is as small; and where dumps are piped to a program
 * (/proc/sys/kernel/core_pattern), Linux obeys this limit alone, and not 0.
 */
void sdp_secret_begin(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < 1 ? limit.rlim_max : 1;
		setrlimit(RLIMIT_CORE, &limit);
	}
}

void sdp_secret_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void sdp_secret_release(struct sdp_buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->capacity);
	sdp_buf_release(buf);
}

/* Reads up to the end of the line, of the file or of the room.  Returns the length, or -1. */
static ssize_t read_line(int fd, char *line, size_t room)
{
	size_t length = 0;
	while (length < room && !memchr(line, '\n', length)) {
		ssize_t n = read(fd, line + length, room - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : (ssize_t)length;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

int sdp_secret_read_line(const char *file, char *password, size_t size, struct sdp_err *err)
{
	sdp_secret_begin();
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc = -1;
	if (fd < 0)
		return sdp_fail_errno(err, "cannot open %s", file);
	ssize_t n = read_line(fd, password, size);
	const char *end = n > 0 ? memchr(password, '\n', (size_t)n) : NULL;
	size_t length = end ? (size_t)(end - password) : n > 0 ? (size_t)n : 0;
	struct sdp_place place = {.file = file};
	if (n < 0)
		sdp_fail_errno(err, "cannot read %s", file);
	else if (n == 0)
		sdp_fail_at(err, place, "the file is empty and has no password");
	else if (length == size)
		sdp_fail_at(err, place, "the password is longer than %zu bytes", size - 1);
	else if (memchr(password, '\0', length))
		sdp_fail_at(err, place, "the password contains a NUL byte");
	else
		rc = 0;
	close(fd);
	if (length && password[length - 1] == '\r')
		length--;
	explicit_bzero(password + (rc == 0 ? length : 0), size - (rc == 0 ? length : 0));
	return rc;
}

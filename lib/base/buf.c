/* A growing byte string, and reading and writing descriptors as a whole. */
#include "sdp/buf.h"

#include "base/file_change.h"
#include "base/signals.h"
#include "sdp/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sdp_buf_release(struct sdp_buf *buf)
{
	free(buf->data);
	*buf = (struct sdp_buf){0};
}

int sdp_buf_reserve(struct sdp_buf *buf, size_t more, struct sdp_err *err)
{
	if (more > SIZE_MAX - buf->length - 1)
		return sdp_fail_memory(err);
	return sdp_grow(&buf->data, &buf->capacity, buf->length + more + 1, 1, err);
}

int sdp_buf_add(struct sdp_buf *buf, const void *bytes, size_t length, struct sdp_err *err)
{
	if (sdp_buf_reserve(buf, length, err) < 0)
		return -1;
	if (length)
		memcpy(buf->data + buf->length, bytes, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
	return 0;
}

int sdp_buf_add_text(struct sdp_buf *buf, const char *text, struct sdp_err *err)
{
	return sdp_buf_add(buf, text, strlen(text), err);
}

int sdp_buf_vformat(struct sdp_buf *buf, struct sdp_err *err, const char *format, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, ap);
	int rc = n < 0 ? sdp_fail_errno(err, "format") : sdp_buf_reserve(buf, (size_t)n, err);
	if (rc == 0) {
		vsnprintf(buf->data + buf->length, (size_t)n + 1, format, again);
		buf->length += (size_t)n;
	}
	va_end(again);
	return rc;
}

int sdp_buf_format(struct sdp_buf *buf, struct sdp_err *err, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int rc = sdp_buf_vformat(buf, err, format, ap);
	va_end(ap);
	return rc;
}

int sdp_write_all(int fd, const void *bytes, size_t length)
{
	const char *p = bytes;
	while (length) {
		ssize_t n = write(fd, p, length);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

ssize_t sdp_read_at(int fd, void *bytes, size_t length, uint64_t offset)
{
	size_t have = 0;
	while (have < length) {
		ssize_t n = pread(fd, (char *)bytes + have, length - have, (off_t)(offset + have));
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		have += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)have;
}

int sdp_write_at(int fd, const void *bytes, size_t length, uint64_t offset)
{
	const char *p = bytes;
	while (length) {
		ssize_t n = pwrite(fd, p, length, (off_t)offset);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			offset += (uint64_t)n;
			length -= (size_t)n;
		}
	}
	return 0;
}

int sdp_read_whole(int fd, const char *name, size_t most, struct sdp_buf *text, struct sdp_err *err)
{
	enum { STEP = 1 << 16 };
	size_t start = text->length;
	struct stat then;
	if (fstat(fd, &then) < 0)
		return sdp_fail_errno(err, "cannot read %s", name);
	for (;;) {
		if (sdp_buf_reserve(text, STEP, err) < 0)
			return -1;
		ssize_t n = read(fd, text->data + text->length, STEP);
		if (n < 0 && errno == EINTR && !sdp_interrupted)
			continue;
		if (n < 0)
			return sdp_fail_errno(err, "cannot read %s", name);
		text->data[text->length += (size_t)n] = '\0';
		if (n == 0)
			return sdp_file_unchanged(fd, &then, name, err);
		if (text->length - start > most)
			return sdp_fail_at(err, (struct sdp_place){.file = name},
					   "larger than %zu MiB", most >> 20);
	}
}

/*
 * A growing byte string.  The struct owns its bytes; {0} is an empty one; release when done.
 * Functions that add return 0 or -1 (out of memory) and leave the buffer whole either way.
 */
#ifndef SDP_BUF_H
#define SDP_BUF_H

#include "sdp/err.h"

#include <stdarg.h>
#include <sys/types.h>

struct sdp_buf {
	char *data; /* NUL behind the last byte once anything was added */
	size_t length, capacity;
};

void sdp_buf_release(struct sdp_buf *buf);

/* Room for more bytes behind the present ones (and a NUL); buf->data + buf->length points there. */
int sdp_buf_reserve(struct sdp_buf *buf, size_t more, struct sdp_err *err);

int sdp_buf_add(struct sdp_buf *buf, const void *bytes, size_t length, struct sdp_err *err);
int sdp_buf_add_text(struct sdp_buf *buf, const char *text, struct sdp_err *err);
int sdp_buf_format(struct sdp_buf *buf, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int sdp_buf_vformat(struct sdp_buf *buf, struct sdp_err *err, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* Writes all bytes to a descriptor, through EINTR and short writes; errno is set on -1. */
int sdp_write_all(int fd, const void *bytes, size_t length);

/*
 * Reads length bytes at an offset of a file, through EINTR and short reads: how many there were
 * before its end, or -1 with errno.
 */
ssize_t sdp_read_at(int fd, void *bytes, size_t length, uint64_t offset);

/*
 * Adds all that a descriptor still has, through EINTR unless a signal asks to end; name is for
 * messages.  More than most bytes (some MiB) are the data's fault.
 */
int sdp_read_whole(int fd, const char *name, size_t most, struct sdp_buf *text,
		   struct sdp_err *err);

#endif

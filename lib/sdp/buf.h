/*
 * A growing byte string, and reading and writing descriptors as a whole.
 *
 * The struct owns its bytes; {0} is an empty string; release it when done.  Functions that add
 * bytes return 0 or -1 (out of memory); on failure the buffer is unchanged.
 */
#ifndef SDP_BUF_H
#define SDP_BUF_H

#include "sdp/err.h"

#include <stdarg.h>
#include <sys/types.h>

struct sdp_buf {
	char *data; /* NUL-terminated once anything was added; until then it may be NULL */
	size_t length, capacity; /* in bytes; length excludes the NUL */
};

/* Frees the bytes and makes the buffer empty. */
void sdp_buf_release(struct sdp_buf *buf);

/*
 * Allocates space for more bytes, and a NUL, after the present ones.  The caller writes them at
 * buf->data + buf->length and then adds their number to length.
 */
int sdp_buf_reserve(struct sdp_buf *buf, size_t more, struct sdp_err *err);

/* Append bytes, a NUL-terminated text, or formatted text. */
int sdp_buf_add(struct sdp_buf *buf, const void *bytes, size_t length, struct sdp_err *err);
int sdp_buf_add_text(struct sdp_buf *buf, const char *text, struct sdp_err *err);
int sdp_buf_format(struct sdp_buf *buf, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int sdp_buf_vformat(struct sdp_buf *buf, struct sdp_err *err, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

/*
 * Writes all bytes to a descriptor; repeats the call after EINTR and short writes.  Returns 0, or
 * -1 with errno set.
 */
int sdp_write_all(int fd, const void *bytes, size_t length);

/*
 * Reads length bytes at an offset of a file; repeats the call after EINTR and short reads.  Returns
 * the number of bytes read, which is less than length at the end of the file, or -1 with errno set.
 */
ssize_t sdp_read_at(int fd, void *bytes, size_t length, uint64_t offset);

/* Writes length bytes at an offset of a file; repeats the call likewise.  Returns 0 or -1. */
int sdp_write_at(int fd, const void *bytes, size_t length, uint64_t offset);

/*
 * Appends to text everything that can still be read from a descriptor.  name is for messages.
 * Fails with SDP_DATA if there are more than most bytes (a number of MiB) or a regular file changes
 * meanwhile, and with SDP_SYSTEM if reading fails or a signal asks the program to end
 * (base/signals.h).
 */
int sdp_read_whole(int fd, const char *name, size_t most, struct sdp_buf *text,
		   struct sdp_err *err);

#endif

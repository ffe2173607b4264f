/*
 * Passwords, tokens and keys, which are overwritten when they are no longer needed and are in no
 * core dump.
 */
#ifndef SDP_BASE_SECRET_H
#define SDP_BASE_SECRET_H

#include "sdp/buf.h"

/* Forbids core dumps of this process and those that it starts.  It precedes reading a secret. */
void sdp_secret_begin(void);

/* Overwrite a secret with zeros and free it.  text may be NULL. */
void sdp_secret_free(char *text);
void sdp_secret_release(struct sdp_buf *buf);

/*
 * Reads the first line of a file, without its line end, into password, which has room for size - 1
 * bytes and a NUL.  Fails if the line is longer, contains a NUL, or if the file is empty; nothing
 * is cut off.  Returns 0 or -1.
 */
int sdp_secret_read_line(const char *file, char *password, size_t size, struct sdp_err *err);

#endif

/*
 * Passwords, tokens and keys: they are wiped when they are no longer needed, and no core dump has
 * them.
 */
#ifndef SDP_BASE_SECRET_H
#define SDP_BASE_SECRET_H

#include "sdp/buf.h"

/* Forbids core dumps of this process and those that it starts; call it before a secret is read. */
void sdp_secret_begin(void);

/* Overwrite a secret with zeros and free it.  text may be NULL. */
void sdp_secret_free(char *text);
void sdp_secret_release(struct sdp_buf *buf);

/*
 * Reads the first line of a file, without its end, into password, which has size bytes.  Fails if
 * the line is longer, or contains a NUL, or is missing; nothing is cut off.  Returns 0 or -1.
 */
int sdp_secret_read_line(const char *file, char *password, size_t size, struct sdp_err *err);

#endif

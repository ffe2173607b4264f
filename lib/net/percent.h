/*
 * Percent-encoding (RFC 3986): everything but letters, digits and - . _ ~ becomes %XX.
 */
#ifndef SDP_NET_PERCENT_H
#define SDP_NET_PERCENT_H

#include "sdp/buf.h"

/* Appends text encoded; keep: characters that stay as they are besides, "/" in a path. */
int sdp_percent_encode(struct sdp_buf *out, const char *text, size_t length, const char *keep,
		       struct sdp_err *err);

/* Appends text decoded; a % without two hexadecimal digits stands for itself. */
int sdp_percent_decode(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err);

#endif

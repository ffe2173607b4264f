/* Base64 (RFC 4648), with padding. */
#ifndef SDP_BASE_BASE64_H
#define SDP_BASE_BASE64_H

#include "sdp/buf.h"

/* Appends length bytes in base64. */
int sdp_base64_encode(const void *bytes, size_t length, struct sdp_buf *out, struct sdp_err *err);

/* Appends the bytes of a base64 text.  A text that is not base64 is an error (SDP_DATA). */
int sdp_base64_decode(const char *text, size_t length, struct sdp_buf *out, struct sdp_err *err);

#endif

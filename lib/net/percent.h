/*
 * Percent-encoding (RFC 3986): every byte except letters, digits and - . _ ~ becomes %XX.
 *
 * Functions return 0, or -1 if there is no memory.
 */
#ifndef SDP_NET_PERCENT_H
#define SDP_NET_PERCENT_H

#include "sdp/buf.h"

/*
 * Appends the encoded text.  The characters in keep are not encoded either, such as "/" in a path.
 */
int sdp_percent_encode(struct sdp_buf *out, const char *text, size_t length, const char *keep,
		       struct sdp_err *err);

/* Appends the decoded text.  A % that two hexadecimal digits do not follow is copied. */
int sdp_percent_decode(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err);

#endif

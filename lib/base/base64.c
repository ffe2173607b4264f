/* Encodes and decodes base64. */
#include "base/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sdp_base64_encode(const void *bytes, size_t length, struct sdp_buf *out, struct sdp_err *err)
{
	const unsigned char *s = bytes;
	if (sdp_buf_reserve(out, (length + 2) / 3 * 4, err) < 0)
		return -1;
	char *to = out->data + out->length;
	for (size_t i = 0; i < length; i += 3) {
		size_t n = length - i;
		unsigned v = (unsigned)s[i] << 16 | (n > 1 ? (unsigned)s[i + 1] << 8 : 0) |
			     (n > 2 ? s[i + 2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = n > 1 ? digits[v >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[v & 63] : '=';
	}
	*to = '\0';
	out->length = (size_t)(to - out->data);
	return 0;
}

int sdp_base64_decode(const char *text, size_t length, struct sdp_buf *out, struct sdp_err *err)
{
	unsigned v = 0, bits = 0;
	size_t end = length;
	while (end && length - end < 2 && text[end - 1] == '=')
		end--;
	if (length % 4 || sdp_buf_reserve(out, length / 4 * 3, err) < 0)
		return length % 4 ? sdp_fail(err, SDP_DATA, "not base64") : -1;
	for (size_t i = 0; i < end; i++) {
		const char *at = text[i] ? strchr(digits, text[i]) : NULL;
		if (!at)
			return sdp_fail(err, SDP_DATA, "not base64");
		v = v << 6 | (unsigned)(at - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->data[out->length++] = (char)(v >> bits & 255);
		}
	}
	out->data[out->length] = '\0';
	return 0;
}

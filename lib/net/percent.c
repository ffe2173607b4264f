/* Percent-encoding and decoding. */
#include "net/percent.h"

#include <stdbool.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool plain(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

int sdp_percent_encode(struct sdp_buf *out, const char *text, size_t length, const char *keep,
		       struct sdp_err *err)
{
	if (sdp_buf_reserve(out, 3 * length, err) < 0 || sdp_buf_add(out, "", 0, err) < 0)
		return -1;
	for (size_t i = 0; i < length; i++) {
		static const char digits[] = "0123456789ABCDEF";
		unsigned char c = (unsigned char)text[i];
		char code[3] = {'%', digits[c >> 4], digits[c & 15]};
		bool as_is = plain(text[i]) || (c && strchr(keep, c));
		if (sdp_buf_add(out, as_is ? text + i : code, as_is ? 1 : 3, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_percent_decode(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err)
{
	if (sdp_buf_add(out, "", 0, err) < 0)
		return -1;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c == '%' && i + 2 < length && hex_value(text[i + 1]) >= 0 &&
		    hex_value(text[i + 2]) >= 0) {
			c = (char)(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
			i += 2;
		}
		if (sdp_buf_add(out, &c, 1, err) < 0)
			return -1;
	}
	return 0;
}

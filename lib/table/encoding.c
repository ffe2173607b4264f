/* Converts UTF-16 and Latin-1 to UTF-8, and CR to LF. */
#include "table/encoding.h"

#include "base/utf8.h"

#include <string.h>

enum sdp_encoding sdp_encoding_mark(const char *bytes, size_t length)
{
	if (length >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
		return SDP_ENCODING_UTF16LE;
	return length >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0 ? SDP_ENCODING_UTF16BE
								: SDP_ENCODING_ANY;
}

static uint32_t unit(const struct sdp_encoding_convert *d, size_t at)
{
	bool little = d->encoding == SDP_ENCODING_UTF16LE;
	return (uint32_t)d->raw[at + little] << 8 | d->raw[at + !little];
}

/*
 * Decodes the character at raw + at to *c. Returns its bytes; 0 if it is incomplete, -1 if it is
 * invalid.
 */
static int utf16(const struct sdp_encoding_convert *d, size_t at, uint32_t *c)
{
	if (d->have - at < 2)
		return 0;
	*c = unit(d, at);
	if (*c == 0xfffe && d->taken + at == 0)
		return -1; /* the byte order mark of the other byte order */
	if (*c < 0xd800 || *c > 0xdfff)
		return 2;
	if (*c > 0xdbff)
		return -1;
	if (d->have - at < 4)
		return 0;
	uint32_t low = unit(d, at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

ssize_t sdp_encoding_convert(struct sdp_encoding_convert *d, char *out, bool last, const char *name,
			     struct sdp_err *err)
{
	char *o = out;
	size_t at = 0;
	int n = 1;
	if (d->encoding == SDP_ENCODING_LATIN1) {
		for (; at < d->have; at++)
			o = sdp_utf8_put(o, d->raw[at]);
	} else if (d->encoding == SDP_ENCODING_UTF8) {
		memcpy(out, d->raw, d->have);
		o += d->have;
		at = d->have;
	} else {
		uint32_t c;
		for (; at < d->have && (n = utf16(d, at, &c)) > 0; at += (size_t)n)
			o = sdp_utf8_put(o, c);
	}
	bool cut = last && n == 0 && at < d->have;
	/*
	 * What was decoded before the fault is returned first; the next call finds the fault again.
	 */
	if ((n < 0 || cut) && o == out)
		return sdp_fail_at(err, (struct sdp_place){.file = name},
				   "invalid UTF-16: %s at offset %llu",
				   cut                     ? "half a character"
				   : unit(d, at) == 0xfffe ? "the mark of the other byte order"
							   : "half of a surrogate pair",
				   (unsigned long long)(d->taken + at));
	d->taken += at;
	d->have -= at;
	memmove(d->raw, d->raw + at, d->have);
	return o - out;
}

size_t sdp_encoding_use_cr(struct sdp_encoding_convert *d, char *text, size_t length)
{
	size_t n = 0;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (c != '\n' || !d->after_cr)
			text[n++] = c == '\r' ? '\n' : c;
		d->after_cr = c == '\r';
	}
	return n;
}

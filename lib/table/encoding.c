/* Converts any encoding that iconv knows to UTF-8, and CR to LF. */
#include "table/encoding.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

const char *sdp_encoding_mark(const char *bytes, size_t length, bool *may)
{
	static const struct {
		const char *mark, *name;
		size_t length;
	} marks[] = {
		{"\xff\xfe\0\0", "UTF-32LE", 4},
		{"\0\0\xfe\xff", "UTF-32BE", 4},
		{"\xff\xfe", "UTF-16LE", 2},
		{"\xfe\xff", "UTF-16BE", 2},
	};
	*may = false;
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t n = length < marks[i].length ? length : marks[i].length;
		if (memcmp(bytes, marks[i].mark, n) != 0)
			continue;
		if (n == marks[i].length)
			return marks[i].name;
		*may = true;
	}
	return NULL;
}

bool sdp_encoding_is_utf8(const char *name)
{
	return strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0;
}

static int open_iconv(const char *name, iconv_t *iconv, struct sdp_err *err)
{
	/* What follows a slash would be an option of iconv. */
	*iconv = *name && !strchr(name, '/') ? iconv_open("UTF-8", name) : (iconv_t)-1;
	return *iconv == (iconv_t)-1
		       ? sdp_fail(err, SDP_USAGE,
				  "--encoding: iconv does not know '%.100s' (iconv -l lists what "
				  "it knows)",
				  name)
		       : 0;
}

int sdp_encoding_check(const char *name, struct sdp_err *err)
{
	iconv_t iconv;
	if (open_iconv(name, &iconv, err) < 0)
		return -1;
	iconv_close(iconv);
	return 0;
}

int sdp_encoding_begin(struct sdp_encoding_convert *d, const char *name, struct sdp_err *err)
{
	d->name = NULL;
	if (name && open_iconv(name, &d->iconv, err) < 0)
		return -1;
	d->name = name;
	return 0;
}

void sdp_encoding_end(struct sdp_encoding_convert *d)
{
	if (d->name)
		iconv_close(d->iconv);
	d->name = NULL;
}

static int invalid(const struct sdp_encoding_convert *d, const char *what, const char *name,
		   struct sdp_err *err)
{
	return sdp_fail_at(err, (struct sdp_place){.file = name}, "invalid %s: %s at offset %llu",
			   d->name, what, (unsigned long long)d->taken);
}

static ssize_t unchanged(struct sdp_encoding_convert *d, char *out, size_t size)
{
	size_t n = d->have < size ? d->have : size;
	memcpy(out, d->raw, n);
	d->taken += n;
	d->have -= n;
	d->full = d->have > 0;
	memmove(d->raw, d->raw + n, d->have);
	return (ssize_t)n;
}

ssize_t sdp_encoding_convert(struct sdp_encoding_convert *d, char *out, size_t size, bool last,
			     const char *name, struct sdp_err *err)
{
	if (!d->name)
		return unchanged(d, out, size);
	bool start = d->taken == 0;
	char *in = (char *)d->raw, *o = out;
	size_t left = size, have = d->have;
	errno = 0;
	bool bad = iconv(d->iconv, &in, &d->have, &o, &left) == (size_t)-1 && errno == EILSEQ;
	bool cut = !bad && errno == EINVAL && last;
	d->full = !bad && errno == E2BIG;
	/* Some encodings hold a character back until they know what follows. */
	if (last && d->have == 0 && iconv(d->iconv, NULL, NULL, &o, &left) == (size_t)-1)
		d->full = errno == E2BIG;
	d->taken += have - d->have;
	memmove(d->raw, in, d->have);
	if (start && o - out >= 3 && memcmp(out, "\xef\xbf\xbe", 3) == 0) {
		d->taken = 0;
		return invalid(d, "a byte order mark of the other order", name, err);
	}
	/*
	 * What was decoded before the fault is returned first; the next call finds the fault again.
	 */
	if (o == out && cut)
		return invalid(d, "an incomplete character", name, err);
	if (o == out && bad) {
		char what[16] = "byte 0x";
		static const char digits[] = "0123456789abcdef";
		what[7] = digits[d->raw[0] >> 4];
		what[8] = digits[d->raw[0] & 15];
		what[9] = '\0';
		return invalid(d, what, name, err);
	}
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

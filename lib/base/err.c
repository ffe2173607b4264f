/* Formats errors into struct sdp_err. */
#include "sdp/err.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t append(struct sdp_err *err, size_t at, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

static size_t append(struct sdp_err *err, size_t at, const char *format, va_list ap)
{
	int n = vsnprintf(err->text + at, sizeof err->text - at, format, ap);
	size_t end = at + (n > 0 ? (size_t)n : 0);
	return end < sizeof err->text ? end : sizeof err->text - 1;
}

int sdp_fail(struct sdp_err *err, enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	append(err, 0, format, ap);
	va_end(ap);
	err->code = code;
	return -1;
}

int sdp_fail_errno(struct sdp_err *err, const char *format, ...)
{
	int saved = errno;
	va_list ap;
	va_start(ap, format);
	size_t at = append(err, 0, format, ap);
	va_end(ap);
	snprintf(err->text + at, sizeof err->text - at, ": %s", strerror(saved));
	err->code = SDP_SYSTEM;
	return -1;
}

int sdp_fail_at(struct sdp_err *err, struct sdp_place place, const char *format, ...)
{
	size_t at = 0;
	err->text[0] = '\0';
	if (place.file)
		at += (size_t)snprintf(err->text, 300, "%.250s:", place.file);
	if (place.record)
		at += (size_t)snprintf(err->text + at, 30,
				       "%llu:", (unsigned long long)place.record);
	if (place.column)
		at += (size_t)snprintf(err->text + at, 300, "%.250s:", place.column);
	if (at)
		err->text[at++] = ' ';
	va_list ap;
	va_start(ap, format);
	append(err, at, format, ap);
	va_end(ap);
	err->code = SDP_DATA;
	return -1;
}

int sdp_fail_memory(struct sdp_err *err)
{
	return sdp_fail(err, SDP_SYSTEM, "out of memory");
}

const char *sdp_quote(char *out, size_t size, const char *text, size_t length)
{
	static const size_t shown = 40;
	const unsigned char *s = (const unsigned char *)text;
	size_t o = 0, i = 0;
	out[o++] = '\'';
	while (i < length && i < shown && o + 10 < size) {
		size_t n = sdp_utf8_sequence(text + i, length - i);
		if (n == 0 || s[i] < 0x20 || s[i] == 0x7f) {
			o += (size_t)snprintf(out + o, size - o, "\\x%02x", s[i]);
			n = 1;
		} else {
			memcpy(out + o, s + i, n);
			o += n;
		}
		i += n;
	}
	snprintf(out + o, size - o, i < length ? "…'" : "'");
	return out;
}

_Noreturn void sdp_bug(const char *file, int line)
{
	fprintf(stderr, "sdp: internal fault at %s:%d\n", file, line);
	abort();
}

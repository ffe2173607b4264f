/* Formats errors into struct sdp_err. */
#include "sdp/err.h"

#include "base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 250 }; /* bytes of a file or column that a place shows */

/* Returns the length without the first bytes of a sequence of which the rest was cut off. */
static size_t without_part(const char *text, size_t length)
{
	size_t start = length;
	while (start > 0 && length - start < 4 && (text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return length;
	return sdp_utf8_sequence(text + start - 1, length - start + 1) ? length : start - 1;
}

size_t sdp_format(char *out, size_t size, const char *format, va_list ap)
{
	int wanted = vsnprintf(out, size, format, ap);
	size_t length = wanted > 0 ? strlen(out) : 0;
	if ((size_t)wanted > length)
		length = without_part(out, length);
	out[length] = '\0';
	sdp_utf8_mend(out, length);
	return length;
}

static size_t append(struct sdp_err *err, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static size_t append(struct sdp_err *err, size_t at, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	at += sdp_format(err->text + at, sizeof err->text - at, format, ap);
	va_end(ap);
	return at;
}

int sdp_fail(struct sdp_err *err, enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	sdp_format(err->text, sizeof err->text, format, ap);
	va_end(ap);
	err->code = code;
	err->excerpt[0] = '\0';
	return -1;
}

int sdp_fail_errno(struct sdp_err *err, const char *format, ...)
{
	int saved = errno;
	va_list ap;
	va_start(ap, format);
	size_t at = sdp_format(err->text, sizeof err->text, format, ap);
	va_end(ap);
	append(err, at, ": %s", strerror(saved));
	err->code = SDP_SYSTEM;
	err->excerpt[0] = '\0';
	return -1;
}

int sdp_fail_at(struct sdp_err *err, struct sdp_place place, const char *format, ...)
{
	size_t at = 0;
	if (place.file)
		at = append(err, at, "%.*s:", (int)sdp_utf8_prefix(place.file, NAME), place.file);
	if (place.record)
		at = append(err, at, "%" PRIu64 ":", place.record);
	if (place.column)
		at = append(err, at, "%.*s:", (int)sdp_utf8_prefix(place.column, NAME),
			    place.column);
	if (at)
		at = append(err, at, " ");
	va_list ap;
	va_start(ap, format);
	sdp_format(err->text + at, sizeof err->text - at, format, ap);
	va_end(ap);
	err->code = SDP_DATA;
	err->excerpt[0] = '\0';
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
		size_t n = sdp_utf8_shown(text + i, length - i);
		if (n == 0) {
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

const char *sdp_shell_quote(char *out, size_t size, const char *text)
{
	size_t o = 0;
	if (size < 4 * strlen(text) + 3)
		SDP_BUG();
	out[o++] = '\'';
	for (; *text; text++) {
		memcpy(out + o, *text == '\'' ? "'\\''" : text, *text == '\'' ? 4 : 1);
		o += *text == '\'' ? 4 : 1;
	}
	memcpy(out + o, "'", 2);
	return out;
}

_Noreturn void sdp_bug(const char *file, int line)
{
	fprintf(stderr, "sdp: internal fault at %s:%d\n", file, line);
	abort();
}

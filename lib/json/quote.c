/* Writes texts and cells as JSON strings and numbers. */
#include "json/quote.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char *put_escaped(char *p, char c)
{
	static const char special[] = "\"\\\n\t\r\b\f", letters[] = "\"\\ntrbf";
	const char *found = memchr(special, c, sizeof special - 1);
	if (!found)
		return p + snprintf(p, 7, "\\u%04x", (unsigned char)c);
	*p++ = '\\';
	*p++ = letters[found - special];
	return p;
}

char *sdp_json_put_string(char *p, const char *s, size_t length)
{
	*p++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c >= ' ' && c != '"' && c != '\\')
			*p++ = s[i];
		else
			p = put_escaped(p, s[i]);
	}
	*p++ = '"';
	return p;
}

static size_t digits(const char *s, size_t from, size_t length)
{
	while (from < length && s[from] >= '0' && s[from] <= '9')
		from++;
	return from;
}

/*
 * Returns whether s is a number by the grammar of RFC 8259:
 * -? (0 | [1-9] digits) (. digits+)? ([eE] [+-]? digits+)?
 */
static bool is_number(const char *s, size_t length)
{
	size_t i = length && s[0] == '-', start = i;
	i = digits(s, i, length);
	if (i == start || (s[start] == '0' && i > start + 1))
		return false;
	if (i < length && s[i] == '.') {
		start = i + 1;
		i = digits(s, start, length);
		if (i == start)
			return false;
	}
	if (i < length && (s[i] == 'e' || s[i] == 'E')) {
		start = i + 1;
		start += start < length && (s[start] == '+' || s[start] == '-');
		i = digits(s, start, length);
		if (i == start)
			return false;
	}
	return i == length;
}

char *sdp_json_put_cell(char *p, const char *s, size_t length)
{
	if (!is_number(s, length))
		return sdp_json_put_string(p, s, length);
	memcpy(p, s, length);
	return p + length;
}

/* Writes texts as JSON strings. */
#include "json/quote.h"

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

/* Finds elements in XML and decodes and escapes their text. */
#include "net/xml_scan.h"

#include <stdlib.h>
#include <string.h>

/*
 * Finds "<NAME>", "<NAME …>" or "<NAME/>" from p on.  Returns the byte after it, or NULL if there
 * is none; *empty tells whether it is "<NAME/>".
 */
static const char *open_tag(const char *p, const char *end, const char *name, bool *empty)
{
	size_t n = strlen(name);
	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {
		if ((size_t)(end - p) > n + 1 && memcmp(p + 1, name, n) == 0 &&
		    strchr(" \t\r\n/>", p[n + 1]) && p[n + 1]) {
			const char *close = memchr(p, '>', (size_t)(end - p));
			*empty = close && close[-1] == '/';
			return close ? close + 1 : NULL;
		}
		p++;
	}
	return NULL;
}

const char *sdp_xml_find(const char *text, size_t length, const char *name, const char **end)
{
	bool empty = false;
	const char *stop = text + length, *start = text ? open_tag(text, stop, name, &empty) : NULL;
	size_t n = strlen(name);
	if (!start || empty)
		return start ? *end = start : NULL;
	for (const char *p = start; p < stop && (p = memchr(p, '<', (size_t)(stop - p))); p++)
		if ((size_t)(stop - p) > n + 2 && p[1] == '/' && memcmp(p + 2, name, n) == 0 &&
		    p[n + 2] == '>')
			return *end = p, start;
	return NULL;
}

/*
 * Decodes the entity &…; at p to UTF-8.  Returns the length of the character in bytes, or 0 if it
 * is no entity; *used receives the length of the entity.
 */
static size_t entity(const char *p, size_t length, char out[4], size_t *used)
{
	static const struct {
		const char *text;
		char c;
	} names[] = {{"&amp;", '&'},
		     {"&lt;", '<'},
		     {"&gt;", '>'},
		     {"&quot;", '"'},
		     {"&apos;", '\''}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		*used = strlen(names[i].text);
		if (length >= *used && memcmp(p, names[i].text, *used) == 0)
			return *out = names[i].c, 1;
	}
	if (length < 4 || p[1] != '#')
		return 0;
	bool hex = p[2] == 'x';
	char *end;
	unsigned long c = strtoul(p + 2 + hex, &end, hex ? 16 : 10);
	if (*end != ';' || c == 0 || c > 0x10ffff)
		return 0;
	*used = (size_t)(end - p) + 1;
	if (c < 0x80)
		return out[0] = (char)c, 1;
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00 >> n) | c);
	return n;
}

int sdp_xml_text(const char *text, size_t length, const char *name, struct sdp_buf *out,
		 struct sdp_err *err)
{
	const char *end, *p = sdp_xml_find(text, length, name, &end);
	out->length = 0;
	if (sdp_buf_add(out, "", 0, err) < 0)
		return -1;
	if (!p)
		return 0;
	while (p < end) {
		char decoded[4];
		size_t used = 1, n = *p == '&' ? entity(p, (size_t)(end - p), decoded, &used) : 0;
		if (sdp_buf_add(out, n ? decoded : p, n ? n : 1, err) < 0)
			return -1;
		p += n ? used : 1;
	}
	return 1;
}

int sdp_xml_escape(struct sdp_buf *out, const char *text, struct sdp_err *err)
{
	int rc = 0;
	for (; rc == 0 && *text; text++)
		switch (*text) {
		case '&':
			rc = sdp_buf_add_text(out, "&amp;", err);
			break;
		case '<':
			rc = sdp_buf_add_text(out, "&lt;", err);
			break;
		case '>':
			rc = sdp_buf_add_text(out, "&gt;", err);
			break;
		default:
			rc = sdp_buf_add(out, text, 1, err);
		}
	return rc;
}

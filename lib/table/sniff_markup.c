/* Knows XML, HTML and YAML, which are text but no table. */
#include "table/sniff.h"

#include <string.h>
#include <strings.h>

/*
 * These commands have other names in them, which only the reader of the message knows: the element
 * that holds the records.
 */
static const struct sdp_foreign xml = {"an XML file",
				       "xq . FILE | sdp-cat --records /ROOT/RECORD > FILE.csv",
				       NULL, true};
static const struct sdp_foreign html =
	{"an HTML page",
	 "python3 -c \"import pandas; "
	 "pandas.read_html('FILE')[0].to_csv('FILE.csv', index=False)\"",
	 NULL, true};
static const struct sdp_foreign yaml = {"a YAML file", "yq . FILE | sdp-cat > FILE.csv", NULL,
					true};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* ---- XML and HTML ---- */

/* Returns whether the text begins with the tag, in any case. */
static bool begins(const char *text, const char *end, const char *tag)
{
	size_t n = strlen(tag);
	return (size_t)(end - text) >= n && strncasecmp(text, tag, n) == 0 &&
	       (text + n == end || !is_name(text[n]));
}

/* Returns whether the first line is tags, and nothing that separates cells is between them. */
static bool is_line_of_tags(const char *text, const char *end)
{
	bool inside = false;
	const char *last = text;
	for (; text < end && *text != '\n'; text++) {
		inside = *text == '<' || (inside && *text != '>');
		if (!inside && memchr(",;|\t", *text, 4))
			return false;
		last = is_blank(*text) ? last : text;
	}
	return inside || *last == '>';
}

static const struct sdp_foreign *sniff_tags(const char *text, const char *end)
{
	static const char *const pages[] = {"<!doctype html", "<html", "<table", "<head", "<body"};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		if (begins(text, end, pages[i]))
			return &html;
	if (begins(text, end, "<?xml")) {
		for (const char *p = text; p < end; p++)
			if (begins(p, end, "<html"))
				return &html;
		return &xml;
	}
	if (begins(text, end, "<!doctype") || begins(text, end, "<!--"))
		return &xml;
	const char *p = text + 1;
	while (p < end && (is_name(*p) || *p == ':'))
		p++;
	bool named = p > text + 1 && p < end && (is_blank(*p) || *p == '>' || *p == '/') &&
		     !(text[1] >= '0' && text[1] <= '9') && text[1] != '-' && text[1] != '.';
	return named && is_line_of_tags(text, end) ? &xml : NULL;
}

/* ---- YAML: a document mark, or keys within lists or keys ---- */

struct yaml {
	size_t lines, keys;
	size_t indent; /* of the previous key without a value, and one more; 0: there is none */
	bool mark;     /* a document mark before the first line */
	bool nested;   /* a key within a list, or a line within a key */
};

/* Returns the length of a key and its colon at the start of the line, or 0. */
static size_t key_length(const char *line, size_t length)
{
	size_t n = 0;
	bool quoted = length && (*line == '"' || *line == '\'');
	if (quoted) {
		const char *close = length > 1 ? memchr(line + 1, *line, length - 1) : NULL;
		n = close ? (size_t)(close - line) + 1 : 0;
	} else {
		while (n < length && is_name(line[n]))
			n++;
	}
	return n && n < length && line[n] == ':' && (n + 1 == length || line[n + 1] == ' ') ? n + 1
											    : 0;
}

/* Takes a line, without its end. Returns whether the text so far may be YAML. */
static bool take(struct yaml *y, const char *line, size_t length)
{
	size_t i = 0;
	while (length && is_blank(line[length - 1]))
		length--;
	while (i < length && line[i] == ' ')
		i++;
	if (i == length || line[i] == '#')
		return true;
	bool first = y->lines == 0;
	if (first &&
	    ((length >= 3 && memcmp(line, "---", 3) == 0 && (length == 3 || line[3] == ' ')) ||
	     (length >= 5 && memcmp(line, "%YAML", 5) == 0))) {
		y->mark = true;
		return true;
	}
	bool within = y->indent && i + 1 > y->indent, item = line[i] == '-';
	if (item && i + 1 < length && line[i + 1] != ' ')
		return within;
	y->nested = y->nested || within;
	size_t at = i;
	for (; at < length && (line[at] == '-' || line[at] == ' '); at++)
		;
	size_t key = key_length(line + at, length - at);
	y->lines++;
	y->keys += key > 0;
	y->nested = y->nested || (item && key);
	if (key)
		y->indent = at + key == length ? i + 1 : 0;
	/* Other lines continue a value, so they stand further right. */
	return key || item || within || (!first && i > 0);
}

static const struct sdp_foreign *sniff_yaml(const char *text, const char *end, bool cut)
{
	struct yaml y = {0};
	for (const char *next; text < end; text = next) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		if (!lf && cut)
			break;
		next = lf ? lf + 1 : end;
		if (!take(&y, text, (size_t)((lf ? lf : end) - text)))
			return NULL;
	}
	return y.keys >= 1 && y.lines >= 1 && (y.mark || (y.nested && y.lines >= 2)) ? &yaml : NULL;
}

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && is_blank(*text))
		text++;
	return text;
}

const struct sdp_foreign *sdp_sniff_markup(const char *text, size_t length)
{
	bool cut = length >= SDP_SNIFF_LOOK;
	const char *end = text + (cut ? SDP_SNIFF_LOOK : length), *tag = skip_blanks(text, end);
	if (tag < end && *tag == '<')
		return sniff_tags(tag, end);
	return sniff_yaml(text, end, cut);
}

bool sdp_sniff_markup_may(const char *text, size_t length)
{
	const char *end = text + length, *first = skip_blanks(text, end);
	if (length >= SDP_SNIFF_LOOK)
		return false;
	const char *lf = first < end ? memchr(first, '\n', (size_t)(end - first)) : NULL;
	size_t n = (size_t)((lf ? lf : end) - first);
	struct yaml y = {0};
	return first == end || *first == '<' || (n && take(&y, first, n));
}

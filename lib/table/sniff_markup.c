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

static const char *skip_blanks(const char *text, const char *end)
{
	while (text < end && is_blank(*text))
		text++;
	return text;
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

struct tag {
	const char *name;
	size_t length; /* of the name; 0: this is no tag */
	bool closes, empty, attribute;
};

/* Returns the end of the first such text, or NULL. */
static const char *behind(const char *text, const char *end, const char *wanted)
{
	size_t n = strlen(wanted);
	for (; (size_t)(end - text) >= n; text++)
		if (memcmp(text, wanted, n) == 0)
			return text + n;
	return NULL;
}

/* Returns whether an attribute follows: a name, =, and a quote. */
static bool has_attribute(const char *text, const char *end)
{
	const char *p = skip_blanks(text, end), *name = p;
	while (p < end && (is_name(*p) || *p == ':'))
		p++;
	const char *equals = skip_blanks(p, end);
	if (name == text || p == name || equals == end || *equals != '=')
		return false;
	p = skip_blanks(equals + 1, end);
	return p < end && (*p == '"' || *p == '\'');
}

/*
 * Finds the next tag, and moves *at behind it. Comments and the like are passed over. Returns false
 * if there is no whole one.
 */
static bool next_tag(const char **at, const char *end, struct tag *tag)
{
	const char *p = *at;
	while (p && (p = memchr(p, '<', (size_t)(end - p))) && p + 1 < end &&
	       (p[1] == '!' || p[1] == '?')) {
		bool comment = begins(p, end, "<!--"), data = begins(p, end, "<![CDATA[");
		p = behind(p, end, comment ? "-->" : data ? "]]>" : ">");
	}
	if (!p || ++p == end)
		return false;
	*tag = (struct tag){.closes = *p == '/'};
	tag->name = p += tag->closes;
	while (p < end && (is_name(*p) || *p == ':'))
		p++;
	bool named = p > tag->name && !memchr("0123456789-.", *tag->name, 12) && p < end &&
		     (is_blank(*p) || *p == '>' || (*p == '/' && p + 1 < end && p[1] == '>'));
	tag->length = named ? (size_t)(p - tag->name) : 0;
	tag->attribute = named && has_attribute(p, end);
	for (char quote = '\0'; p < end && (quote || *p != '>'); p++)
		quote = quote ? (*p == quote ? '\0' : quote)
			      : (*p == '"' || *p == '\'' ? *p : '\0');
	tag->empty = p < end && p[-1] == '/';
	*at = p < end ? p + 1 : end;
	return p < end || tag->attribute;
}

/*
 * Returns whether the tags show that this is markup, and not a table that has words like <pad>: the
 * first has attributes, or the tags close as they should. cut: more text follows.
 */
static bool are_elements(const char *text, const char *end, bool cut)
{
	struct tag open[SDP_SNIFF_LOOK / 2], tag;
	size_t depth = 0;
	bool nested = false, first = true;
	for (; next_tag(&text, end, &tag); first = false) {
		if (!tag.length || (first && tag.closes))
			return false;
		if (first && tag.attribute)
			return true;
		nested = nested || tag.attribute || (depth && tag.empty);
		if (!tag.closes && !tag.empty) {
			open[depth++] = tag;
			continue;
		}
		if (tag.closes && (tag.length != open[depth - 1].length ||
				   memcmp(tag.name, open[depth - 1].name, tag.length) != 0))
			return false;
		depth -= tag.closes;
		if (depth == 0) {
			text = skip_blanks(text, end);
			return text == end || begins(text, end, "<!--");
		}
		nested = true;
	}
	return cut && depth && nested;
}

static const struct sdp_foreign *sniff_tags(const char *text, const char *end, bool cut)
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
	return is_line_of_tags(text, end) && are_elements(text, end, cut) ? &xml : NULL;
}

/* ---- YAML: a document mark, or keys within lists or keys ---- */

struct yaml {
	size_t lines, keys;
	size_t indent; /* of the previous key without a value, and one more; 0: there is none */
	/*
	 * Of the list that the text is, of the previous key with a value on its line, and of the
	 * one whose text follows in a block, one more.
	 */
	size_t list, scalar, block;
	bool mark;   /* a document mark before the first line */
	bool nested; /* a key within a list, or a line within a key */
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

/* Notes a key, whose value is the rest of the line, and its place. */
static void take_key(struct yaml *y, size_t indent, size_t at, const char *value, size_t length)
{
	while (length && *value == ' ') {
		value++;
		length--;
	}
	bool block = length && (*value == '|' || *value == '>');
	y->indent = length ? 0 : indent + 1;
	y->block = block ? indent + 1 : 0;
	y->scalar = length && !block && !memchr("&!*[{\"'#", *value, 8) ? at + 1 : 0;
}

/* Takes a line, without its end. Returns whether the text so far may be YAML. */
static bool take(struct yaml *y, const char *line, size_t length)
{
	size_t i = 0;
	while (length && is_blank(line[length - 1]))
		length--;
	while (i < length && line[i] == ' ')
		i++;
	if (i == length || line[i] == '#' || (y->block && i + 1 > y->block))
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
	/* Neither a list nor a key stands within a value that is text, nor a key beside a list. */
	if (y->scalar && ((key && i + 1 > y->scalar) || (item && i + 1 == y->scalar)))
		return false;
	if (y->list && !item && i + 1 <= y->list)
		return false;
	y->list = first && item ? i + 1 : y->list;
	y->lines++;
	y->keys += key > 0;
	y->nested = y->nested || (item && key);
	if (key)
		take_key(y, i, at, line + at + key, length - at - key);
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

const struct sdp_foreign *sdp_sniff_markup(const char *text, size_t length)
{
	bool cut = length >= SDP_SNIFF_LOOK;
	const char *end = text + (cut ? SDP_SNIFF_LOOK : length), *tag = skip_blanks(text, end);
	if (tag < end && *tag == '<')
		return sniff_tags(tag, end, cut);
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

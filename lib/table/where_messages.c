/*
 * The messages about an expression of --where: its text with a caret below the fault, and what was
 * probably meant by signs and words of other languages.
 */
#include "table/where_private.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the caret ---- */

enum {
	EXCERPT_BEFORE = 40, /* columns of the excerpt before the caret */
	EXCERPT_AFTER = 36,
};

/* Returns the length of the character at s, and sets the columns that it takes in the excerpt. */
static size_t shown(const char *s, size_t length, int *width)
{
	size_t n = sdp_utf8_shown(s, length);
	*width = n ? sdp_utf8_width(s, n) : 1;
	return n ? n : 1;
}

/* Appends the characters of a range to the excerpt; those that are not shown are blanks. */
static size_t add_range(char *out, size_t o, size_t size, const char *text, size_t from, size_t to)
{
	for (size_t i = from, n; i < to; i += n) {
		int width;
		n = shown(text + i, to - i, &width);
		if (o + n >= size)
			break;
		if (sdp_utf8_shown(text + i, to - i))
			memcpy(out + o, text + i, n);
		else
			out[o] = ' ';
		o += n;
	}
	return o;
}

/* Writes "  …text near the part…", and a caret below the byte at this offset. */
static void write_excerpt(const struct sdp_where *where, size_t at, char *out, size_t size)
{
	const char *text = where->text;
	size_t length = strlen(text), from = 0, to = at;
	int before = 0, after = 0, width;
	for (size_t i = 0; i < at;) {
		i += shown(text + i, length - i, &width);
		before += width;
	}
	while (before > EXCERPT_BEFORE) {
		from += shown(text + from, length - from, &width);
		before -= width;
	}
	while (to < length && after < EXCERPT_AFTER) {
		to += shown(text + to, length - to, &width);
		after += width;
	}
	size_t room = size - EXCERPT_BEFORE - 12;
	size_t o = (size_t)snprintf(out, room, "  %s", from ? "…" : "");
	o = add_range(out, o, room, text, from, to);
	snprintf(out + o, size - o, "%s\n%*s^", to < length ? "…" : "", before + 2 + (from > 0),
		 "");
}

static int fail(const struct sdp_where *where, size_t at, struct sdp_err *err, enum sdp_code code,
		const char *format, va_list ap) __attribute__((format(printf, 5, 0)));

static int fail(const struct sdp_where *where, size_t at, struct sdp_err *err, enum sdp_code code,
		const char *format, va_list ap)
{
	char text[600];
	sdp_format(text, sizeof text, format, ap);
	sdp_fail(err, code, "--where: %s", text);
	write_excerpt(where, at, err->excerpt, sizeof err->excerpt);
	return -1;
}

int sdp_where_fail_at(const struct sdp_where *where, size_t at, struct sdp_err *err,
		      enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int rc = fail(where, at, err, code, format, ap);
	va_end(ap);
	return rc;
}

int sdp_where_fail(const struct sdp_where *where, const struct sdp_where_node *part,
		   struct sdp_err *err, enum sdp_code code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int rc = fail(where, part->at, err, code, format, ap);
	va_end(ap);
	return rc;
}

/* ---- what was meant ---- */

struct meaning {
	const char *typed, *meant;
};

#define QUOTES "strings are in single quotes, and odd names of columns in ${...}"

/* Signs that begin with a valid one come before it. */
static const struct meaning signs[] = {
	{"===", "=== is written =="},
	{"!==", "!== is written !="},
	{"==~", "==~ is written =~"},
	{"!=~", "!=~ is written !~"},
	{"=>", "=> is written >="},
	{"=<", "=< is written <="},
	{"=!", "=! is written !="},
	{"<>", "<> is written !="},
	{"**", "there are no powers"},
	{"=~", NULL},
	{"==", NULL},
	{"!=", NULL},
	{"!~", NULL},
	{"=", "= is written =="},
	{"~", "~ is written =~"},
	{"&&", "&& is written and"},
	{"&", "& is written and"},
	{"||", "|| is written or"},
	{"|", "| is written or"},
	{"!", "! is written not"},
	{"\"", QUOTES},
	{"`", QUOTES},
	{"/", "there is no division"},
	{"%", "there is no remainder"},
	{"^", "there are no powers"},
	{"$", "a column is written by its name, or ${name}"},
	{"{", "a column is written by its name, or ${name}"},
	{"[", "an odd name of a column is written ${name}, a list (a, b)"},
	{";", "; has no meaning; the elements of a list are separated by commas"},
};

const char *sdp_where_sign_meant(const char *text)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strncmp(text, signs[i].typed, strlen(signs[i].typed)) == 0)
			return signs[i].meant;
	return NULL;
}

#define SEARCH  "a text within strings is found by =~ 'regex'"
#define MISSING "a missing value is found by is null"
#define TIME    "a time is compared with a string, as '2024-03-01 12:30'"

static const struct meaning words[] = {
	{"like", SEARCH},
	{"ilike", SEARCH},
	{"rlike", SEARCH},
	{"regexp", SEARCH},
	{"regexp_like", SEARCH},
	{"regexp_matches", SEARCH},
	{"regex", SEARCH},
	{"match", SEARCH},
	{"matches", SEARCH},
	{"similar", SEARCH},
	{"glob", SEARCH},
	{"contains", SEARCH},
	{"startswith", SEARCH},
	{"starts_with", SEARCH},
	{"starts", SEARCH},
	{"endswith", SEARCH},
	{"ends_with", SEARCH},
	{"ends", SEARCH},
	{"instr", SEARCH},
	{"substr", SEARCH},
	{"substring", SEARCH},
	{"isnull", MISSING},
	{"is_null", MISSING},
	{"notnull", MISSING},
	{"isna", MISSING},
	{"notna", MISSING},
	{"isnan", MISSING},
	{"isempty", MISSING},
	{"na", MISSING},
	{"nan", MISSING},
	{"nil", MISSING},
	{"none", MISSING},
	{"date", TIME},
	{"datetime", TIME},
	{"timestamp", TIME},
	{"to_date", TIME},
	{"eq", "eq is written =="},
	{"ne", "ne is written !="},
	{"lt", "lt is written <"},
	{"le", "le is written <="},
	{"gt", "gt is written >"},
	{"ge", "ge is written >="},
	{"isin", "isin is written in"},
	{"strlen", "strlen is written length"},
	{"char_length", "char_length is written length"},
	{"lcase", "lcase is written lower"},
	{"tolower", "tolower is written lower"},
	{"ucase", "ucase is written upper"},
	{"toupper", "toupper is written upper"},
	{"dayofweek", "dayofweek is written weekday"},
	{"mod", "there is no remainder"},
	{"div", "there is no division"},
};

/* Characters that are not ASCII, but are typed for signs, also by word processors. */
static const struct meaning characters[] = {
	{"≤", "≤ is written <="},
	{"≥", "≥ is written >="},
	{"≠", "≠ is written !="},
	{"×", "× is written *"},
	{"−", "the minus sign is written -"},
	{"‘", "strings are in straight single quotes: '...'"},
	{"’", "strings are in straight single quotes: '...'"},
	{"“", "strings are in straight single quotes: '...'"},
	{"”", "strings are in straight single quotes: '...'"},
	{"\u00a0", "a no-break space is not a blank here"},
};

const char *sdp_where_word_meant(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].typed) == length &&
		    strncasecmp(words[i].typed, word, length) == 0)
			return words[i].meant;
	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
			size_t size = strlen(characters[i].typed);
			if (size <= length - at &&
			    memcmp(word + at, characters[i].typed, size) == 0)
				return characters[i].meant;
		}
	return NULL;
}

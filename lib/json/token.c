/* The slow paths of json/token.h: escapes, numbers, words and errors. */
#include "json/token.h"

#include "base/utf8.h"
#include "sdp/num.h"

#include <stdio.h>

void sdp_json_init(struct sdp_json *j, bool many)
{
	*j = (struct sdp_json){.many = many,
			       .most = SDP_JSON_DEPTH,
			       .nan_fault = "JSON has no NaN and no Infinity"};
}

static const char *end_of(const struct sdp_json *j)
{
	return j->text + j->length;
}

/*
 * Returns whether the character at this place, which error messages show, may be incomplete because
 * the text goes on.
 */
static bool unfinished(const struct sdp_json *j, const char *at)
{
	return !j->final && (at >= end_of(j) || ((unsigned char)*at >= 0xc0 && end_of(j) - at < 4));
}

/*
 * Both functions set an error and return NULL.  At the end of a text that goes on they set none,
 * because the rest is missing.
 */
static const char *wants(struct sdp_json *j, const char *at, const char *wanted)
{
	if (unfinished(j, at))
		return NULL;
	j->wanted = wanted;
	j->fault_at = (size_t)(at - j->text);
	return NULL;
}

static const char *fails(struct sdp_json *j, const char *at, const char *fault)
{
	if (unfinished(j, at))
		return NULL;
	j->fault = fault;
	j->fault_at = (size_t)(at - j->text);
	return NULL;
}

/* ---- strings ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Parses \uXXXX.  Returns its end; NULL after an error or if the text ends here. */
static const char *four_digits(struct sdp_json *j, const char *p, unsigned *value)
{
	*value = 0;
	for (const char *q = p + 2; q < p + 6; q++) {
		int digit = hex_digit(*q);
		if (digit < 0)
			return wants(j, q, "a hexadecimal digit");
		*value = *value * 16 + (unsigned)digit;
	}
	return p + 6;
}

static const char *escape(struct sdp_json *j, const char *p)
{
	static const char alone[] = "an unpaired surrogate";
	unsigned high, low;
	if (p[1] != 'u')
		return p[1] && strchr("\"\\/bfnrt", p[1])
			       ? p + 2
			       : wants(j, p + 1, "one of \"\\/bfnrtu after a backslash");
	const char *q = four_digits(j, p, &high);
	if (!q || high < 0xd800 || high > 0xdfff)
		return q;
	if (high > 0xdbff)
		return fails(j, p, alone);
	for (size_t i = 0; i < 2; i++)
		if (q[i] != "\\u"[i])
			return q + i >= end_of(j) && !j->final ? NULL : fails(j, p, alone);
	const char *end = four_digits(j, q, &low);
	if (end && (low < 0xdc00 || low > 0xdfff))
		return fails(j, p, alone);
	return end;
}

/*
 * Checks the UTF-8 of a string from *from to stop, and advances *from to the first byte that is not
 * checked.  Returns whether it is valid as far as the text goes.
 */
static bool check_utf8(struct sdp_json *j, const char **from, const char *stop)
{
	*from += sdp_utf8_valid(*from, (size_t)(stop - *from));
	if (*from == stop)
		return true;
	if (stop >= end_of(j) && stop - *from < 4 && !j->final)
		return true;
	fails(j, *from, "invalid UTF-8");
	return false;
}

/* As sdp_json_plain, but skips bytes that are not ASCII, and sets *high if there are some. */
static const char *special(const char *p, bool *high)
{
#ifdef __SSE2__
	for (;; p += 16) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)p),
			control = _mm_set1_epi8(0x1f);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')),
					    _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
		stop = _mm_or_si128(stop, _mm_cmpeq_epi8(_mm_max_epu8(b, control), control));
		unsigned mask = (unsigned)_mm_movemask_epi8(stop),
			 above = (unsigned)_mm_movemask_epi8(b);
		*high = *high || (mask ? above & ((mask & -mask) - 1) : above) != 0;
		if (mask)
			return p + __builtin_ctz(mask);
	}
#else
	for (; *p != '"' && *p != '\\' && (unsigned char)*p >= ' '; p++)
		*high = *high || (unsigned char)*p >= 0x80;
	return p;
#endif
}

/*
 * Parses a string from *checked on.  Returns its closing quote, or NULL.  Advances *checked to the
 * end of what is known to be valid; a string that is taken in parts is checked again from there.
 */
static const char *string_rest(struct sdp_json *j, const char **checked, bool *escaped)
{
	const char *p = *checked;
	for (;;) {
		bool high = false;
		const char *q = special(p, &high);
		*checked = p;
		if (high && !check_utf8(j, checked, q))
			return NULL;
		if (!high)
			*checked = q;
		if (q >= end_of(j))
			return wants(j, q, "the end of the string");
		if (*q == '"')
			return q;
		if (*q != '\\')
			return fails(j, q, "a control character in a string");
		*escaped = true;
		p = escape(j, q);
		if (!p)
			return NULL;
	}
}

const char *sdp_json_string(struct sdp_json *j, const char *start, struct sdp_json_token *t)
{
	const char *checked = start;
	t->start = start;
	t->escaped = false;
	const char *end = string_rest(j, &checked, &t->escaped);
	if (end) {
		t->length = (size_t)(end - start);
		return end + 1;
	}
	if (j->partial_strings && !j->wanted && !j->fault && j->expect != SDP_JSON_AT_KEY &&
	    j->expect != SDP_JSON_AT_MEMBER) {
		j->in_string = true;
		j->at = (size_t)(checked - j->text);
	}
	return NULL;
}

enum sdp_json_kind sdp_json_resume(struct sdp_json *j, struct sdp_json_token *t)
{
	const char *checked = j->text + j->at;
	t->start = checked;
	const char *end = string_rest(j, &checked, &t->escaped);
	j->at = (size_t)((end ? end + 1 : checked) - j->text);
	if (!end)
		return j->wanted || j->fault ? SDP_JSON_FAULT : SDP_JSON_MORE;
	t->length = (size_t)(end - t->start);
	j->in_string = false;
	j->expect = j->depth ? SDP_JSON_AFTER_VALUE : SDP_JSON_AT_TOP;
	return SDP_JSON_STRING;
}

static unsigned four(const char *p)
{
	return (unsigned)(hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 |
			  hex_digit(p[3]));
}

size_t sdp_json_decode(const char *text, size_t length, char *out)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	const char *end = text + length;
	char *o = out;
	while (text < end) {
		const char *slash = memchr(text, '\\', (size_t)(end - text));
		size_t n = (size_t)((slash ? slash : end) - text);
		memcpy(o, text, n);
		o += n;
		if (!slash)
			break;
		text = slash + 2;
		if (slash[1] != 'u') {
			const char *letter = memchr(letters, slash[1], sizeof letters - 1);
			*o++ = letter ? values[letter - letters] : slash[1];
			continue;
		}
		unsigned c = four(text);
		text += 4;
		if (c >= 0xd800 && c <= 0xdfff) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (four(text + 2) & 0x3ff);
			text += 6;
		}
		o = sdp_utf8_put(o, c);
	}
	return (size_t)(o - out);
}

/* ---- numbers and words ---- */

static const char *digits(const char *p)
{
	while (sdp_is_digit(*p))
		p++;
	return p;
}

/* Fails if a number or word does not end at p: 01, 1.5.2, truex. */
static const char *ends(struct sdp_json *j, const char *p, const char *fault)
{
	if (p >= end_of(j))
		return j->final ? p : NULL;
	bool goes_on = sdp_is_digit(*p) || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		       strchr(".+-_\"", *p);
	return goes_on ? fails(j, p, fault) : p;
}

const char *sdp_json_number(struct sdp_json *j, const char *p)
{
	p += *p == '-';
	if (!sdp_is_digit(*p))
		return wants(j, p, "a digit");
	p = *p == '0' ? p + 1 : digits(p);
	if (*p == '.') {
		if (!sdp_is_digit(*++p))
			return wants(j, p, "a digit");
		p = digits(p);
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '+' || *p == '-';
		if (!sdp_is_digit(*p))
			return wants(j, p, "a digit");
		p = digits(p);
	}
	if (*p == ',' || *p == '}' || *p == ']')
		return p;
	return ends(j, p, "a number cannot continue like this");
}

const char *sdp_json_word(struct sdp_json *j, const char *p, const char *word)
{
	for (size_t i = 0; word[i]; i++)
		if (p[i] != word[i])
			return p + i >= end_of(j)
				       ? wants(j, p + i, "the rest of true, false or null")
				       : fails(j, p,
					       "not a value: only true, false and null are words");
	const char *end =
		ends(j, p + strlen(word), "not a value: only true, false and null are words");
	j->fault_at = (size_t)(p - j->text);
	return end;
}

static const char *nan_end(struct sdp_json *j, const char *p)
{
	const char *at = p + (*p == '-'), *word = *at == 'N' ? "NaN" : "Infinity";
	for (; *word; word++, at++)
		if (*at != *word)
			return wants(j, at >= end_of(j) ? at : p, "a value");
	const char *end = ends(j, at, "not a value: only true, false and null are words");
	return end && j->nan_fault ? fails(j, p, j->nan_fault) : end;
}

enum sdp_json_kind sdp_json_nan(struct sdp_json *j, const char *p, struct sdp_json_token *t)
{
	const char *end = nan_end(j, p);
	if (!end)
		return j->wanted || j->fault ? SDP_JSON_FAULT : SDP_JSON_MORE;
	t->start = p;
	t->length = (size_t)(end - p);
	j->at = (size_t)(end - j->text);
	j->expect = j->depth ? SDP_JSON_AFTER_VALUE : SDP_JSON_AT_TOP;
	return SDP_JSON_NAN;
}

/* ---- faults ---- */

enum sdp_json_kind sdp_json_wants(struct sdp_json *j, const char *at)
{
	static const char *const what[] = {
		[SDP_JSON_AT_START] = "a value",
		[SDP_JSON_AT_TOP] = "the end of the input",
		[SDP_JSON_AT_VALUE] = "a value",
		[SDP_JSON_AT_ELEMENT] = "a value or ']'",
		[SDP_JSON_AT_KEY] = "a key in double quotes",
		[SDP_JSON_AT_MEMBER] = "a key in double quotes or '}'",
	};
	const char *comma = sdp_json_in_object(j) ? "a comma or '}'" : "a comma or ']'";
	bool more = j->expect == SDP_JSON_AT_TOP && j->many;
	if (unfinished(j, at))
		return SDP_JSON_MORE;
	j->fault_at = (size_t)(at - j->text);
	j->wanted = j->expect == SDP_JSON_AFTER_VALUE ? comma : more ? "a value" : what[j->expect];
	return SDP_JSON_FAULT;
}

enum sdp_json_kind sdp_json_wants_colon(struct sdp_json *j, const char *at)
{
	wants(j, at, "a colon");
	return j->wanted ? SDP_JSON_FAULT : SDP_JSON_MORE;
}

enum sdp_json_kind sdp_json_at_end(struct sdp_json *j)
{
	if (!j->final)
		return SDP_JSON_MORE;
	return j->expect == SDP_JSON_AT_TOP ? SDP_JSON_DONE : sdp_json_wants(j, end_of(j));
}

enum sdp_json_kind sdp_json_too_deep(struct sdp_json *j)
{
	fails(j, j->text + j->at, "nested more than 512 levels deep");
	return SDP_JSON_FAULT;
}

const char *sdp_json_describe(const struct sdp_json *j, char out[200])
{
	char quoted[64];
	const char *at = j->text + j->fault_at;
	size_t left = j->length > j->fault_at ? j->length - j->fault_at : 0;
	size_t n = left ? sdp_utf8_sequence(at, left) : 0;
	if (n == 0 && left)
		n = 1;
	sdp_quote(quoted, sizeof quoted, at, n);
	if (j->fault && n)
		snprintf(out, 200, "%s: %s", j->fault, quoted);
	else if (j->fault)
		snprintf(out, 200, "%s", j->fault);
	else if (n)
		snprintf(out, 200, "expected %s, not %s", j->wanted, quoted);
	else
		snprintf(out, 200, "the input ends where %s is expected", j->wanted);
	return out;
}

void sdp_json_count(struct sdp_json_line *place, const char *text, size_t length)
{
	const char *end = text + length, *line = text;
	for (const char *lf; (lf = memchr(line, '\n', (size_t)(end - line))); line = lf + 1) {
		place->line++;
		place->column = 1;
	}
	for (; line < end; line++)
		place->column += ((unsigned char)*line & 0xc0) != 0x80;
}

size_t sdp_json_skip(const char *text, size_t from, size_t length)
{
	while (from < length && memchr(" \t\r\n", text[from], 4))
		from++;
	return from;
}

/* The words of JSON, and those of some writers: refused in words, not read as CSV. */
static const char *const words[] = {"true", "false", "null", "NaN", "Infinity"};
enum { WORDS = sizeof words / sizeof *words };

bool sdp_json_looks(const char *text, size_t length)
{
	size_t i = sdp_json_skip(text, 0, length), next = sdp_json_skip(text, i + 1, length);
	if (next >= length || text[next] == '\0')
		return false;
	for (size_t k = 0; text[i] == '[' && k < WORDS; k++) {
		size_t n = strlen(words[k]);
		if (next + n < length && memcmp(text + next, words[k], n) == 0)
			return strchr(",] \t\r\n", text[next + n]) != NULL;
	}
	return (text[i] == '{' && strchr("\"}", text[next])) ||
	       (text[i] == '[' && strchr("{[\"]-0123456789", text[next]));
}

bool sdp_json_looks_may(const char *text, size_t length)
{
	size_t i = sdp_json_skip(text, 0, length), next = sdp_json_skip(text, i + 1, length),
	       left = next < length ? length - next : 0;
	for (size_t k = 0; left && text[i] == '[' && k < WORDS; k++) {
		size_t n = strlen(words[k]);
		if (left <= n && memcmp(text + next, words[k], left) == 0)
			return true;
	}
	return left == 0;
}

static const char *const kinds[] = {
	[SDP_JSON_OBJECT] = "an object", [SDP_JSON_ARRAY] = "an array",
	[SDP_JSON_STRING] = "a string",  [SDP_JSON_NUMBER] = "a number",
	[SDP_JSON_TRUE] = "true",        [SDP_JSON_FALSE] = "false",
	[SDP_JSON_NULL] = "null",        [SDP_JSON_NAN] = "NaN or Infinity",
};

const char *sdp_json_kind_name(enum sdp_json_kind kind)
{
	return kinds[kind];
}

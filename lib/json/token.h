/*
 * A tokenizer for JSON (RFC 8259).  Each call returns one token of a text that may still grow.
 *
 * It is strict: it checks UTF-8, escapes, surrogate pairs, numbers, control characters and the
 * nesting depth; at most NaN and Infinity are allowed on request.  It does not detect duplicate
 * keys of an object; the caller does.  Only this module knows the grammar.
 *
 * The text must be followed by SDP_JSON_PADDING zero bytes.  Most functions here are inline because
 * they are on the path of every token; callers use sdp_json_init and sdp_json_next.
 */
#ifndef SDP_JSON_TOKEN_H
#define SDP_JSON_TOKEN_H

#include "sdp/buf.h"

#include <stdbool.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	SDP_JSON_DEPTH = 512,  /* maximum nesting depth */
	SDP_JSON_PADDING = 64, /* zero bytes after a text */
};

/* What sdp_json_next found. */
enum sdp_json_kind {
	SDP_JSON_FAULT, /* an error, which sdp_json_describe describes */
	SDP_JSON_MORE,  /* the text ends within a token, or where a further token must follow */
	SDP_JSON_DONE,  /* the text ends after a complete value */
	SDP_JSON_OBJECT,
	SDP_JSON_ARRAY,
	SDP_JSON_CLOSE, /* the end of an object or array */
	SDP_JSON_KEY,   /* a key and its colon */
	SDP_JSON_STRING,
	SDP_JSON_NUMBER,
	SDP_JSON_TRUE,
	SDP_JSON_FALSE,
	SDP_JSON_NULL,
	SDP_JSON_NAN, /* NaN, Infinity or -Infinity */
};

/* What the grammar requires next. */
enum sdp_json_expect {
	SDP_JSON_AT_START,    /* the first value */
	SDP_JSON_AT_TOP,      /* the end of the text or, with many, another value */
	SDP_JSON_AT_VALUE,    /* a value of a key, or an element after a comma */
	SDP_JSON_AT_ELEMENT,  /* the first element of an array, or its end */
	SDP_JSON_AT_KEY,      /* a key after a comma */
	SDP_JSON_AT_MEMBER,   /* the first key of an object, or its end */
	SDP_JSON_AFTER_VALUE, /* a comma, or the end of the object or array */
};

/*
 * The state of the tokenizer.  The caller sets text, length and final, and may set partial_strings,
 * nan_fault and most.
 */
struct sdp_json {
	const char *text;  /* not owned; may move between calls, see sdp_json_next */
	size_t length, at; /* bytes of the text, and those that tokens were taken of */
	bool final;        /* the text will not grow */
	bool many;         /* several values may follow each other */
	/*
	 * A string that is not complete may be taken in parts: the call returns SDP_JSON_MORE, and
	 * at advances to what is not checked yet.  in_string: that has happened.
	 */
	bool partial_strings, in_string;
	/* The fault where NaN, Infinity or -Infinity is a value; NULL: they are numbers. */
	const char *nan_fault;
	enum sdp_json_expect expect;
	unsigned depth, most; /* of open containers: their number, and its maximum */
	/* Bit i is set if the container at depth i is an object. */
	uint64_t objects[SDP_JSON_DEPTH / 64 + 1];
	/*
	 * After an error, what was required or what is wrong, the other one being NULL; and the
	 * offset in the text.
	 */
	const char *wanted, *fault;
	size_t fault_at;
};

/* The text of a string, key or number. */
struct sdp_json_token {
	const char *start; /* of strings and keys, after the opening quote */
	size_t length;     /* without the quotes */
	bool escaped;      /* the text has escapes, which sdp_json_decode resolves */
};

/*
 * Initializes the tokenizer; the caller then sets the text.  many: several values may follow each
 * other.
 */
void sdp_json_init(struct sdp_json *json, bool many);

/*
 * The following functions are the slow paths of the inline functions below.  The first three parse
 * a token at start and return its end, or NULL after an error or if the text ends within the token.
 * Those that return a kind return SDP_JSON_FAULT, or SDP_JSON_MORE if the text ends there.
 */

/* Parses a string from after its opening quote. */
const char *sdp_json_string(struct sdp_json *json, const char *start, struct sdp_json_token *token);
const char *sdp_json_number(struct sdp_json *json, const char *start);
/* Parses true, false or null, as word says. */
const char *sdp_json_word(struct sdp_json *json, const char *start, const char *word);
/* Continues a string of which a part was taken (partial_strings). */
enum sdp_json_kind sdp_json_resume(struct sdp_json *json, struct sdp_json_token *token);
/* Parses NaN, Infinity or -Infinity, and takes it. */
enum sdp_json_kind sdp_json_nan(struct sdp_json *json, const char *start,
				struct sdp_json_token *token);
/* Returns SDP_JSON_DONE if the text may end here. */
enum sdp_json_kind sdp_json_at_end(struct sdp_json *json);
/* Sets the error that at does not have what the grammar requires. */
enum sdp_json_kind sdp_json_wants(struct sdp_json *json, const char *at);
enum sdp_json_kind sdp_json_wants_colon(struct sdp_json *json, const char *at);
enum sdp_json_kind sdp_json_too_deep(struct sdp_json *json);

/*
 * Writes the value of a string that was checked before, with its escapes resolved, to out, which
 * has space for length bytes and must not overlap text.  Returns its length.
 */
size_t sdp_json_decode(const char *text, size_t length, char *out);

/* Writes what the error is, without its place, into out.  Returns out. */
const char *sdp_json_describe(const struct sdp_json *json, char out[200]);

/* A place in a text: line and column from 1; a column is a character. */
struct sdp_json_line {
	uint64_t line, column;
};

/* Advances a place by length bytes of text. */
void sdp_json_count(struct sdp_json_line *place, const char *text, size_t length);

/* Returns whether the innermost open container is an object. */
static inline bool sdp_json_in_object(const struct sdp_json *j)
{
	return j->objects[j->depth / 64] >> j->depth % 64 & 1;
}

/* Returns the first byte from p on that is no white space. */
static inline const char *sdp_json_blanks(const char *p)
{
	while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
		p++;
	return p;
}

/*
 * Returns the first byte from p on that is a quote, a backslash, a control character or not ASCII;
 * all bytes before it are part of a string.
 */
static inline const char *sdp_json_plain(const char *p)
{
#ifdef __SSE2__
	for (;; p += 16) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')),
					    _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
		/* The comparison is signed, so bytes above 0x7f are also less than a blank. */
		stop = _mm_or_si128(stop, _mm_cmplt_epi8(b, _mm_set1_epi8(' ')));
		unsigned mask = (unsigned)_mm_movemask_epi8(stop);
		if (mask)
			return p + __builtin_ctz(mask);
	}
#else
	while (*p != '"' && *p != '\\' && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x80)
		p++;
	return p;
#endif
}

/* Parses a string from p, after its opening quote.  Returns its end, or NULL. */
static inline const char *sdp_json_take_string(struct sdp_json *j, const char *p,
					       struct sdp_json_token *t)
{
	const char *q = sdp_json_plain(p);
	if (*q != '"')
		return sdp_json_string(j, p, t);
	t->start = p;
	t->length = (size_t)(q - p);
	t->escaped = false;
	return q + 1;
}

static inline enum sdp_json_kind sdp_json_open(struct sdp_json *j, const char *p, bool object)
{
	if (j->depth == j->most)
		return sdp_json_too_deep(j);
	j->depth++;
	uint64_t bit = UINT64_C(1) << j->depth % 64, *word = &j->objects[j->depth / 64];
	*word = object ? *word | bit : *word & ~bit;
	j->at = (size_t)(p + 1 - j->text);
	j->expect = object ? SDP_JSON_AT_MEMBER : SDP_JSON_AT_ELEMENT;
	return object ? SDP_JSON_OBJECT : SDP_JSON_ARRAY;
}

static inline enum sdp_json_kind sdp_json_close(struct sdp_json *j, const char *p)
{
	j->depth--;
	j->at = (size_t)(p + 1 - j->text);
	j->expect = j->depth ? SDP_JSON_AFTER_VALUE : SDP_JSON_AT_TOP;
	return SDP_JSON_CLOSE;
}

static inline enum sdp_json_kind sdp_json_value(struct sdp_json *j, const char *p,
						struct sdp_json_token *t)
{
	enum sdp_json_kind kind;
	const char *end;
	switch (*p) {
	case '{':
		return sdp_json_open(j, p, true);
	case '[':
		return sdp_json_open(j, p, false);
	case '"':
		j->at = (size_t)(p - j->text);
		kind = SDP_JSON_STRING;
		end = sdp_json_take_string(j, p + 1, t);
		break;
	case 't':
		kind = SDP_JSON_TRUE;
		end = sdp_json_word(j, p, "true");
		break;
	case 'f':
		kind = SDP_JSON_FALSE;
		end = sdp_json_word(j, p, "false");
		break;
	case 'n':
		kind = SDP_JSON_NULL;
		end = sdp_json_word(j, p, "null");
		break;
	case '-':
		if (p[1] == 'I')
			return sdp_json_nan(j, p, t);
		/* fall through */
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		kind = SDP_JSON_NUMBER;
		end = sdp_json_number(j, p);
		t->start = p;
		t->length = end ? (size_t)(end - p) : 0;
		break;
	case 'N':
	case 'I':
		return sdp_json_nan(j, p, t);
	default:
		return sdp_json_wants(j, p);
	}
	if (!end)
		return j->wanted || j->fault ? SDP_JSON_FAULT : SDP_JSON_MORE;
	j->at = (size_t)(end - j->text);
	j->expect = j->depth ? SDP_JSON_AFTER_VALUE : SDP_JSON_AT_TOP;
	return kind;
}

static inline enum sdp_json_kind sdp_json_key(struct sdp_json *j, const char *p,
					      struct sdp_json_token *t)
{
	j->at = (size_t)(p - j->text);
	const char *end = sdp_json_take_string(j, p + 1, t);
	if (!end)
		return j->wanted || j->fault ? SDP_JSON_FAULT : SDP_JSON_MORE;
	end = sdp_json_blanks(end);
	if (*end != ':')
		return sdp_json_wants_colon(j, end);
	j->at = (size_t)(end + 1 - j->text);
	j->expect = SDP_JSON_AT_VALUE;
	return SDP_JSON_KEY;
}

/*
 * Returns the kind of the next token and sets *t to its text, if it is a string, a key, a number or
 * NaN.
 *
 * After SDP_JSON_MORE the caller appends to the text and calls again; it may drop the first at
 * bytes of the text if it then subtracts them from at and length.  After SDP_JSON_FAULT no further
 * call is allowed.
 */
static inline enum sdp_json_kind sdp_json_next(struct sdp_json *j, struct sdp_json_token *t)
{
	if (j->in_string)
		return sdp_json_resume(j, t);
	const char *p = sdp_json_blanks(j->text + j->at);
	if (j->expect == SDP_JSON_AFTER_VALUE && *p == ',') {
		j->at = (size_t)(p + 1 - j->text);
		j->expect = sdp_json_in_object(j) ? SDP_JSON_AT_KEY : SDP_JSON_AT_VALUE;
		p = sdp_json_blanks(p + 1);
	}
	j->at = (size_t)(p - j->text);
	if (j->at >= j->length)
		return sdp_json_at_end(j);
	switch (j->expect) {
	case SDP_JSON_AFTER_VALUE:
		if (*p == (sdp_json_in_object(j) ? '}' : ']'))
			return sdp_json_close(j, p);
		break;
	case SDP_JSON_AT_MEMBER:
		if (*p == '}')
			return sdp_json_close(j, p);
		/* fall through */
	case SDP_JSON_AT_KEY:
		if (*p == '"')
			return sdp_json_key(j, p, t);
		break;
	case SDP_JSON_AT_ELEMENT:
		if (*p == ']')
			return sdp_json_close(j, p);
		return sdp_json_value(j, p, t);
	case SDP_JSON_AT_TOP:
		if (!j->many)
			break;
		/* fall through */
	case SDP_JSON_AT_START:
	case SDP_JSON_AT_VALUE:
		return sdp_json_value(j, p, t);
	}
	return sdp_json_wants(j, p);
}

/*
 * Returns whether text looks like JSON: it begins with an object or array, of which also the second
 * token is possible.  (A header of CSV may begin with a bracket as well.)
 */
bool sdp_json_looks(const char *text, size_t length);

/* Returns whether more bytes could change what sdp_json_looks returns. */
bool sdp_json_looks_may(const char *text, size_t length);

/* Returns the offset, at least from, of the first byte that is no white space; length if none. */
size_t sdp_json_skip(const char *text, size_t from, size_t length);

/* Returns "an object", "a string", "null" and so on, for messages. */
const char *sdp_json_kind_name(enum sdp_json_kind kind);

#endif

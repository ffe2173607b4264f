/*
 * JSON by RFC 8259, a token a call, over a text that may still grow: the only place that knows the
 * grammar.  Strict: UTF-8, escapes, surrogate pairs, numbers, control characters, nesting.
 *
 * Keys given twice are for the caller to find, who knows the objects.
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
	SDP_JSON_DEPTH = 512,
	SDP_JSON_PADDING = 64, /* zero bytes behind a text */
};

enum sdp_json_kind {
	SDP_JSON_FAULT,
	SDP_JSON_MORE, /* the text ends within a token, or before one that has to come */
	SDP_JSON_DONE, /* it ends where it may */
	SDP_JSON_OBJECT,
	SDP_JSON_ARRAY,
	SDP_JSON_CLOSE,
	SDP_JSON_KEY, /* with its colon */
	SDP_JSON_STRING,
	SDP_JSON_NUMBER,
	SDP_JSON_TRUE,
	SDP_JSON_FALSE,
	SDP_JSON_NULL,
};

enum sdp_json_expect {
	SDP_JSON_AT_START, /* a value */
	SDP_JSON_AT_TOP,   /* nothing, or with many another value */
	SDP_JSON_AT_VALUE,
	SDP_JSON_AT_ELEMENT, /* the first of an array, or its end */
	SDP_JSON_AT_KEY,
	SDP_JSON_AT_MEMBER, /* the first key of an object, or its end */
	SDP_JSON_BEHIND,    /* a value: comma or end */
};

struct sdp_json {
	const char *text;
	size_t length, at;
	bool final;  /* nothing comes behind length */
	bool many;   /* values may follow each other */
	bool parts;  /* a long string may be taken in parts (MORE, at moved on) */
	bool within; /* such a one */
	enum sdp_json_expect expect;
	unsigned depth, most; /* most: that depth may become */
	/* bit i: the container at depth i is an object */
	uint64_t objects[SDP_JSON_DEPTH / 64 + 1];
	const char *wanted, *fault; /* of a fault, one of the two */
	size_t fault_at;
};

struct sdp_json_token {
	const char *start; /* of strings and keys behind the quote */
	size_t length;
	bool escaped;
};

/* Fresh: fills all but the text. */
void sdp_json_init(struct sdp_json *json, bool many);

/* The rest of a string that is not plain ASCII: behind its closing quote, NULL on fault or MORE. */
const char *sdp_json_string(struct sdp_json *json, const char *start, struct sdp_json_token *token);
const char *sdp_json_number(struct sdp_json *json, const char *start);
const char *sdp_json_word(struct sdp_json *json, const char *start, const char *word);
enum sdp_json_kind sdp_json_resume(struct sdp_json *json, struct sdp_json_token *token);
enum sdp_json_kind sdp_json_at_end(struct sdp_json *json);
enum sdp_json_kind sdp_json_wants(struct sdp_json *json, const char *at);
enum sdp_json_kind sdp_json_wants_colon(struct sdp_json *json, const char *at);
enum sdp_json_kind sdp_json_too_deep(struct sdp_json *json);

/* The value of a checked string; out has room for length bytes and may not overlap.  Its length. */
size_t sdp_json_decode(const char *text, size_t length, char *out);

/* What is wrong, without a place. */
const char *sdp_json_describe(const struct sdp_json *json, char out[200]);

/*
 * Lines and columns, both from 1, a column being a character: moves a place on behind these bytes.
 */
struct sdp_json_line {
	uint64_t line, column;
};
void sdp_json_count(struct sdp_json_line *place, const char *text, size_t length);

static inline bool sdp_json_in_object(const struct sdp_json *j)
{
	return j->objects[j->depth / 64] >> j->depth % 64 & 1;
}

static inline const char *sdp_json_blanks(const char *p)
{
	while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')
		p++;
	return p;
}

/*
 * To the first byte that is not simply part of a string: quote, backslash, control; or not ASCII.
 */
static inline const char *sdp_json_plain(const char *p)
{
#ifdef __SSE2__
	for (;; p += 16) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')),
					    _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
		/* Signed: bytes over 0x7f are below the blank, too. */
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

/* A string's rest from behind the quote: behind the closing one, or NULL. */
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
	j->expect = j->depth ? SDP_JSON_BEHIND : SDP_JSON_AT_TOP;
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
	default:
		return sdp_json_wants(j, p);
	}
	if (!end)
		return j->wanted || j->fault ? SDP_JSON_FAULT : SDP_JSON_MORE;
	j->at = (size_t)(end - j->text);
	j->expect = j->depth ? SDP_JSON_BEHIND : SDP_JSON_AT_TOP;
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

/* The next token.  After a fault no other may be asked for. */
static inline enum sdp_json_kind sdp_json_next(struct sdp_json *j, struct sdp_json_token *t)
{
	if (j->within)
		return sdp_json_resume(j, t);
	const char *p = sdp_json_blanks(j->text + j->at);
	if (j->expect == SDP_JSON_BEHIND && *p == ',') {
		j->at = (size_t)(p + 1 - j->text);
		j->expect = sdp_json_in_object(j) ? SDP_JSON_AT_KEY : SDP_JSON_AT_VALUE;
		p = sdp_json_blanks(p + 1);
	}
	j->at = (size_t)(p - j->text);
	if (j->at >= j->length)
		return sdp_json_at_end(j);
	switch (j->expect) {
	case SDP_JSON_BEHIND:
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
 * Does an object or array begin here, and go on as one can?  A header of CSV may begin with a
 * bracket, too.
 */
bool sdp_json_looks(const char *text, size_t length);

/* The first byte from there on that is no blank. */
size_t sdp_json_skip(const char *text, size_t from, size_t length);

/* Returns "an object", "a string", "null" and so on, for messages. */
const char *sdp_json_kind_name(enum sdp_json_kind kind);

#endif

/*
 * JSON as RFC 8259 has it, byte by byte in constant memory.  What strings hold is looked at for
 * escapes, surrogates and control bytes only.
 */
#include "sdp/mem.h"
#include "upload.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH = 1000 };

enum state {
	VALUE,       /* one must come */
	FIRST_VALUE, /* or ] */
	FIRST_KEY,   /* a key, or } */
	KEY,
	COLON,
	AFTER, /* a value: , ] } or, at the top, the end */
	STRING,
	ESCAPE,
	HEX,
	LITERAL,
	/* within a number; those from ZERO on may end it */
	MINUS,
	POINT,
	EXPONENT,
	EXPONENT_SIGN,
	ZERO,
	DIGITS,
	FRACTION,
	EXPONENT_DIGITS,
};

struct upload_json {
	const char *title;
	bool lines, key, any; /* key: the string is one; any: a value was seen (on this line) */
	enum state state;
	bool object[DEPTH];
	int depth, hex;
	unsigned code, high; /* of \uXXXX; high: a surrogate that waits for its second half */
	const char *literal;
	uint64_t line, column;
	int64_t rows;
	bool array; /* at the top */
	int mark;   /* bytes of a byte order mark */
};

struct upload_json *upload_json_new(const char *title, bool lines, struct sdp_err *err)
{
	struct upload_json *j = sdp_alloc(1, sizeof *j, err);
	if (j)
		*j = (struct upload_json){.title = title, .lines = lines, .state = VALUE, .line = 1};
	return j;
}

void upload_json_free(struct upload_json *json)
{
	free(json);
}

int64_t upload_json_rows(const struct upload_json *json)
{
	return json->lines || json->array ? json->rows : -1;
}

static int fail(const struct upload_json *j, const char *what, struct sdp_err *err)
{
	char column[24];
	snprintf(column, sizeof column, "%llu", (unsigned long long)j->column);
	return sdp_fail_at(err, (struct sdp_place){j->title, j->line, column}, "not JSON: %s", what);
}

static int unexpected(const struct upload_json *j, char c, const char *wanted, struct sdp_err *err)
{
	char quoted[32], what[128];
	snprintf(what, sizeof what, "%s where %s is wanted", sdp_quote(quoted, sizeof quoted, &c, 1), wanted);
	return fail(j, what, err);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A value has ended. */
static void ended(struct upload_json *j)
{
	j->state = AFTER;
	j->any = true;
	if (j->depth == 0 ? j->lines : j->depth == 1 && j->array)
		j->rows++;
}

static int enter(struct upload_json *j, bool object, struct sdp_err *err)
{
	if (j->depth == DEPTH)
		return fail(j, "nested more than 1000 deep", err);
	j->array = j->array || (j->depth == 0 && !object && !j->lines);
	j->object[j->depth++] = object;
	j->state = object ? FIRST_KEY : FIRST_VALUE;
	return 0;
}

static void leave(struct upload_json *j)
{
	j->depth--;
	ended(j);
}

static int begin_value(struct upload_json *j, char c, struct sdp_err *err)
{
	j->key = false;
	switch (c) {
	case '{':
	case '[':
		return enter(j, c == '{', err);
	case '"':
		j->state = STRING;
		return 0;
	case '-':
		j->state = MINUS;
		return 0;
	case 't':
	case 'f':
	case 'n':
		j->literal = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
		j->state = LITERAL;
		return 0;
	default:
		if (!is_digit(c))
			return unexpected(j, c, "a value", err);
		j->state = c == '0' ? ZERO : DIGITS;
		return 0;
	}
}

static int after_value(struct upload_json *j, char c, struct sdp_err *err)
{
	if (j->depth == 0)
		return unexpected(j, c, "the end", err);
	bool object = j->object[j->depth - 1];
	if (c == ',')
		j->state = object ? KEY : VALUE;
	else if (c == (object ? '}' : ']'))
		leave(j);
	else
		return unexpected(j, c, object ? "a comma or }" : "a comma or ]", err);
	return 0;
}

/* ---- strings ---- */

static int in_string(struct upload_json *j, char c, struct sdp_err *err)
{
	if ((unsigned char)c < 0x20)
		return fail(j, "a control byte in a string", err);
	if (j->high && c != '\\')
		return fail(j, "half of a surrogate pair", err);
	if (c == '\\') {
		j->state = ESCAPE;
	} else if (c == '"') {
		if (j->key)
			j->state = COLON;
		else
			ended(j);
	}
	return 0;
}

static int in_escape(struct upload_json *j, char c, struct sdp_err *err)
{
	if (j->high && c != 'u')
		return fail(j, "half of a surrogate pair", err);
	if (c == 'u') {
		j->state = HEX;
		j->hex = 0;
		j->code = 0;
		return 0;
	}
	j->state = STRING;
	return c && strchr("\"\\/bfnrt", c) ? 0 : fail(j, "a backslash before what it cannot escape", err);
}

static int in_hex(struct upload_json *j, char c, struct sdp_err *err)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	if (!at)
		return unexpected(j, c, "a hexadecimal digit", err);
	j->code = j->code << 4 | (unsigned)(at - digits);
	if (++j->hex < 4)
		return 0;
	bool low = j->code >= 0xdc00 && j->code <= 0xdfff;
	if (low != (j->high != 0))
		return fail(j, "half of a surrogate pair", err);
	j->high = j->code >= 0xd800 && j->code <= 0xdbff;
	j->state = STRING;
	return 0;
}

/* ---- numbers ---- */

/* 1: the number goes on with c; 0: it ended before it; -1. */
static int in_number(struct upload_json *j, char c, struct sdp_err *err)
{
	bool digit = is_digit(c);
	switch (j->state) {
	case MINUS:
		j->state = c == '0' ? ZERO : DIGITS;
		return digit ? 1 : unexpected(j, c, "a digit", err);
	case POINT:
		j->state = FRACTION;
		return digit ? 1 : unexpected(j, c, "a digit", err);
	case EXPONENT:
		if (c == '+' || c == '-')
			return j->state = EXPONENT_SIGN, 1;
		j->state = EXPONENT_DIGITS;
		return digit ? 1 : unexpected(j, c, "a digit", err);
	case EXPONENT_SIGN:
		j->state = EXPONENT_DIGITS;
		return digit ? 1 : unexpected(j, c, "a digit", err);
	default:
		break;
	}
	if (digit)
		return j->state == ZERO ? fail(j, "a leading zero", err) : 1;
	if (c == '.' && (j->state == ZERO || j->state == DIGITS))
		return j->state = POINT, 1;
	if ((c == 'e' || c == 'E') && j->state != EXPONENT_DIGITS)
		return j->state = EXPONENT, 1;
	ended(j);
	return 0;
}

/* ---- a byte ---- */

static int line_end(struct upload_json *j, struct sdp_err *err)
{
	if (!j->lines)
		return 0;
	if (j->depth || (j->state != AFTER && j->state != VALUE) || (j->state == VALUE && j->any))
		return fail(j, "the line ends within a value", err);
	j->state = VALUE;
	j->any = false;
	return 0;
}

static int between(struct upload_json *j, char c, struct sdp_err *err)
{
	if (is_blank(c))
		return c == '\n' ? line_end(j, err) : 0;
	switch (j->state) {
	case FIRST_VALUE:
		if (c == ']')
			return leave(j), 0;
		return begin_value(j, c, err);
	case VALUE:
		return begin_value(j, c, err);
	case FIRST_KEY:
	case KEY:
		if (c == '}' && j->state == FIRST_KEY)
			return leave(j), 0;
		if (c != '"')
			return unexpected(j, c, "a key in quotes", err);
		j->key = true;
		j->state = STRING;
		return 0;
	case COLON:
		j->state = VALUE;
		return c == ':' ? 0 : unexpected(j, c, "a colon", err);
	default:
		return after_value(j, c, err);
	}
}

static int add_byte(struct upload_json *j, char c, struct sdp_err *err)
{
	int rc;
	switch (j->state) {
	case STRING:
		return in_string(j, c, err);
	case ESCAPE:
		return in_escape(j, c, err);
	case HEX:
		return in_hex(j, c, err);
	case LITERAL:
		if (c != *j->literal++)
			return fail(j, "neither true, false nor null", err);
		if (!*j->literal)
			ended(j);
		return 0;
	case VALUE:
	case FIRST_VALUE:
	case FIRST_KEY:
	case KEY:
	case COLON:
	case AFTER:
		return between(j, c, err);
	default:
		rc = in_number(j, c, err);
		return rc == 0 ? between(j, c, err) : rc < 0 ? -1 : 0;
	}
}

int upload_json_add(struct upload_json *json, const char *bytes, size_t length, struct sdp_err *err)
{
	struct upload_json *j = json;
	for (size_t i = 0; i < length; i++) {
		char c = bytes[i];
		if (j->mark >= 0 && j->mark < 3 && c == "\xef\xbb\xbf"[j->mark]) {
			j->mark++;
			continue;
		}
		j->mark = -1;
		j->column++;
		if (add_byte(j, c, err) < 0)
			return -1;
		if (c == '\n') {
			j->line++;
			j->column = 0;
		}
	}
	return 0;
}

int upload_json_end(struct upload_json *json, struct sdp_err *err)
{
	struct upload_json *j = json;
	if (j->state >= ZERO)
		ended(j);
	if (j->depth == 0 && (j->state == AFTER || (j->lines && j->state == VALUE)))
		return 0;
	j->column++;
	return fail(j, j->any || j->depth || j->state != VALUE ? "it ends too early" : "it is empty", err);
}

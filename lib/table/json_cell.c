/* Writes the cells of a table as JSON values. */
#include "table/json_cell.h"

#include "json/quote.h"

#include <string.h>

/* A number of at most this many bytes without an exponent is less than the greatest double. */
enum { SURELY_FINITE = 300 };

/*
 * Returns whether s is -? (0 | [1-9] digits) (. digits+)?, which is a number both to sdp and to
 * JSON where the decimal point is a full stop.
 */
static bool is_plain_number(const char *s, size_t length)
{
	const char *end = s + length, *first;
	if (s < end && *s == '-')
		s++;
	for (first = s; s < end && sdp_is_digit(*s);)
		s++;
	if (s == first || (*first == '0' && s > first + 1))
		return false;
	if (s < end && *s == '.') {
		for (first = ++s; s < end && sdp_is_digit(*s);)
			s++;
		if (s == first)
			return false;
	}
	return s == end && length <= SURELY_FINITE;
}

/*
 * Writes a text that sdp takes for a number.  All bytes other than digits, signs, the point and the
 * letter of the exponent are separators or blanks.
 */
static char *put_number(char *p, const char *s, size_t length, char point)
{
	const char *end = s + length;
	while (s < end && !sdp_is_digit(*s) && *s != point) {
		if (*s == '-')
			*p++ = '-';
		s++;
	}
	/* Skips leading zeros. */
	const char *last = s;
	for (const char *q = s; q < end && *q != point && *q != 'e' && *q != 'E'; q++)
		last = sdp_is_digit(*q) ? q : last;
	while (s < last && (*s == '0' || !sdp_is_digit(*s)))
		s++;
	if (*s == point)
		*p++ = '0';
	for (; s < end; s++)
		if (*s != point) {
			if (sdp_is_digit(*s) || strchr("eE+-", *s))
				*p++ = *s;
		} else if (s + 1 < end && sdp_is_digit(s[1])) {
			*p++ = '.';
		}
	return p;
}

static bool is_number(const struct sdp_schema *schema, const char *s, size_t length)
{
	struct sdp_number number;
	sdp_number_parse_grouped(s, length, schema->decimal, schema->thousands, &number);
	return number.kind != SDP_NUMBER_NONE;
}

/* Returns whether the text is a number, perhaps with leading zeros, which --types allows. */
static bool is_padded_number(const struct sdp_schema *schema, const char *s, size_t length)
{
	struct sdp_number number;
	sdp_number_parse_padded(s, length, schema->decimal, schema->thousands, &number);
	return number.kind != SDP_NUMBER_NONE;
}

static char *put_text(char *p, const char *s, size_t length)
{
	memcpy(p, s, length);
	return p + length;
}

/* Writes a cell of a column whose type --types fixes; a cell of another type becomes a string. */
static char *put_typed(char *p, const struct sdp_schema *schema, enum sdp_type type, const char *s,
		       size_t length)
{
	enum sdp_class class = sdp_type_class(type);
	int flag = class == SDP_CLASS_BOOLEAN ? sdp_boolean_parse(s, length) : -1;
	if (flag >= 0)
		return flag ? put_text(p, "true", 4) : put_text(p, "false", 5);
	if (class == SDP_CLASS_NUMBER && is_padded_number(schema, s, length))
		return put_number(p, s, length, schema->decimal);
	return sdp_json_put_string(p, s, length);
}

static bool may_be_number(const struct sdp_schema *schema, char first)
{
	return sdp_is_digit(first) || first == schema->decimal || strchr("+-. \t", first);
}

char *sdp_json_put_cell(char *p, const struct sdp_schema *schema, const struct sdp_column *column,
			const char *s, size_t length)
{
	if (column && column->fixed)
		return put_typed(p, schema, column->type, s, length);
	if ((length == 4 && memcmp(s, "true", 4) == 0) ||
	    (length == 5 && memcmp(s, "false", 5) == 0))
		return put_text(p, s, length);
	if (length == 0 || !may_be_number(schema, *s))
		return sdp_json_put_string(p, s, length);
	if (schema->decimal == '.' && is_plain_number(s, length))
		return put_text(p, s, length);
	return is_number(schema, s, length) ? put_number(p, s, length, schema->decimal)
					    : sdp_json_put_string(p, s, length);
}

char *sdp_json_put_json_cell(char *p, const struct sdp_schema *schema,
			     const struct sdp_column *column, const char *s, size_t length,
			     bool quoted)
{
	bool text = column->fixed && (sdp_type_class(column->type) == SDP_CLASS_TEXT ||
				      sdp_type_class(column->type) == SDP_CLASS_TIME);
	if (quoted)
		return column->fixed ? put_typed(p, schema, column->type, s, length)
				     : sdp_json_put_string(p, s, length);
	return text ? sdp_json_put_string(p, s, length) : put_text(p, s, length);
}

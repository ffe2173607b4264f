/*
 * Parses a number.  One pass over the text finds its parts.  Of these, only the significant digits
 * (from the first to the last that is not 0) and the power of ten of the last one matter:
 *
 *	 -00012.3400e5      digits "1234", tens = 5 - 2 = 3:  -1234 × 10^3
 *
 * At most 19 digits with a power of ten in range are a decimal.  Other numbers of at most 19 digits
 * are rounded by base/nearest_double.h.  Everything else is converted by strtod, as digits and
 * exponent only, so that the decimal point and the locale do not matter.  The
 * midpoint between two doubles has at most 767 significant digits; so the first 800 digits of a
 * longer number, followed by a 1 in place of the rest, are rounded in the same way, and a buffer of
 * fixed size is enough for texts of any length.
 */
#define _GNU_SOURCE /* memmem */
#include "sdp/num.h"

#include "base/nearest_double.h"
#include "sdp/buf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEEP = 800,
	LEAST_POINT = -399, /* of 1e-400, as 0.1e-399 */
};

/* The parts of a text that follows the grammar. */
struct parts {
	bool negative, plain; /* plain: neither point nor exponent */
	bool scientific;      /* with an exponent */
	/* The significant digits, possibly with the point among them; NULL for zero. */
	const char *first, *last;
	const char *dot;  /* the point; the end of the digits if there is none */
	int64_t exponent; /* as written, held within ±10^17 */
	int64_t count;    /* number of significant digits */
	uint64_t value;   /* of these, if there are at most 19 */
	int64_t tens;     /* power of ten of the last one */
};

/*
 * Parses "e+12" up to end.  The exponent is held within ±10^17: no text has enough digits to
 * compensate for a larger one.
 */
static bool read_exponent(const char *p, const char *end, int64_t *exponent)
{
	bool negative = false;
	int64_t value = 0;

	p++;
	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!sdp_is_digit(*p))
			return false;
		if (value < INT64_C(10000000000000000))
			value = value * 10 + (*p - '0');
	}
	*exponent = negative ? -value : value;
	return true;
}

static bool split(const char *p, const char *end, char point, bool padded, struct parts *parts)
{
	int64_t digits = 0;
	uint64_t value = 0;
	const char *start;

	*parts = (struct parts){.plain = true};
	if (p < end && (*p == '-' || *p == '+'))
		parts->negative = *p++ == '-';
	start = p;
	for (; p < end; p++) {
		if (sdp_is_digit(*p)) {
			digits++;
			value = value * 10 + (uint64_t)(*p - '0');
			if (*p != '0') {
				parts->last = p;
				parts->value = value;
				if (!parts->first)
					parts->first = p;
			}
		} else if (*p == point && !parts->dot) {
			parts->dot = p;
			parts->plain = false;
		} else {
			break;
		}
	}
	if (digits == 0 || (!padded && digits > 1 && start[0] == '0' && sdp_is_digit(start[1])))
		return false;
	if (!parts->dot)
		parts->dot = p;
	if (p == end)
		return true;
	parts->plain = false;
	parts->scientific = true;
	return (*p == 'e' || *p == 'E') && read_exponent(p, end, &parts->exponent);
}

/*
 * Sets *out to the number (at most 19 digits, first … last) × 10^tens.  Returns whether it is a
 * decimal.
 */
static bool as_decimal(const struct parts *parts, int64_t tens, struct sdp_number *out)
{
	uint64_t value = parts->value;
	uint64_t limit = (uint64_t)INT64_MAX + parts->negative;

	for (; tens > 0; tens--)
		if (__builtin_mul_overflow(value, UINT64_C(10), &value))
			return false;
	if (value > limit)
		return false;
	out->kind = SDP_NUMBER_DECIMAL;
	out->scale = (int)-tens;
	out->mantissa = (int64_t)(parts->negative ? 0 - value : value);
	return true;
}

static double nearest(const struct parts *parts, int64_t count, int64_t tens)
{
	char text[KEEP + 32];
	int length = 0;
	double magnitude;

	if (count <= 19 && sdp_nearest_double(parts->value, tens, &magnitude))
		return parts->negative ? -magnitude : magnitude;

	/* A number this large or small is infinity or 0, which spares strtod huge exponents. */
	if (count + tens > 400)
		return HUGE_VAL;
	if (count + tens < -400)
		return 0;
	if (parts->negative)
		text[length++] = '-';
	int limit = length + KEEP;
	const char *p = parts->first;
	for (; p <= parts->last && length < limit; p++)
		if (p != parts->dot)
			text[length++] = *p;
	if (count > KEEP) {
		text[length++] = '1';
		tens += count - KEEP - 1;
	}
	snprintf(text + length, sizeof(text) - (size_t)length, "e%lld", (long long)tens);
	return strtod(text, NULL);
}

/* Splits a cell.  Returns whether it follows the grammar. */
static bool split_cell(const char *text, size_t length, char point, bool padded,
		       struct parts *parts)
{
	const char *end = text + length;

	while (text < end && sdp_is_blank(*text))
		text++;
	while (text < end && sdp_is_blank(end[-1]))
		end--;
	if (!split(text, end, point, padded, parts))
		return false;
	if (!parts->first)
		return true;
	/* The power of ten of the last digit, without the exponent: negative after the point. */
	int64_t place =
		parts->dot > parts->last ? parts->dot - parts->last - 1 : parts->dot - parts->last;
	parts->count = parts->last - parts->first + 1 -
		       (parts->first < parts->dot && parts->dot < parts->last);
	parts->tens = place + parts->exponent;
	return true;
}

static void parse(const char *text, size_t length, char point, bool padded, struct sdp_number *out)
{
	struct parts parts;

	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	if (!split_cell(text, length, point, padded, &parts))
		return;
	out->integer = parts.plain;
	if (!parts.first) {
		out->kind = SDP_NUMBER_DECIMAL;
		return;
	}

	int64_t count = parts.count, tens = parts.tens;
	if (count <= 19 && tens >= -SDP_SCALE_MAX && tens < 19 && as_decimal(&parts, tens, out)) {
		out->real = sdp_decimal_to_double(out->mantissa, out->scale);
		return;
	}
	if (count > SDP_DIGITS_MAX) {
		out->integer = false;
		return;
	}
	out->real = nearest(&parts, count, tens);
	if (!isfinite(out->real)) {
		out->real = 0;
		out->integer = false;
		return;
	}
	out->kind = SDP_NUMBER_REAL;
	out->more_digits = count > 17 || (parts.plain && count > 15);
	out->wide = count > 17 || fabs(out->real) >= 0x1p63 || (!parts.scientific && count <= 15) ||
		    (out->real == 0 && count + tens >= LEAST_POINT);
	if (sdp_decimal_from_double(out->real, &out->mantissa, &out->scale))
		out->kind = SDP_NUMBER_DECIMAL;
	if (out->real == 0)
		out->real = 0;
}

void sdp_number_parse(const char *text, size_t length, char point, struct sdp_number *out)
{
	parse(text, length, point, false, out);
}

/*
 * Copies the text without its separators to out.  Returns the length; 0 if the separators do not
 * make groups of three.
 */
static size_t ungroup(const char *text, size_t length, const char *group, char *out)
{
	size_t i = 0, n = 0, digits = 0, width = strlen(group);
	bool any = false;
	while (i < length && !sdp_is_digit(text[i]))
		out[n++] = text[i++];
	while (i < length) {
		if (sdp_is_digit(text[i])) {
			out[n++] = text[i++];
			digits++;
			continue;
		}
		if (length - i < width || memcmp(text + i, group, width) != 0)
			break;
		if (any ? digits != 3 : digits == 0 || digits > 3)
			return 0;
		any = true;
		digits = 0;
		i += width;
	}
	if (digits != 3)
		return 0;
	while (i < length)
		out[n++] = text[i++];
	return n;
}

enum { GROUPED = 500 };

/*
 * Removes the separators of a cell, into plain (GROUPED bytes).  Returns the text, or NULL if its
 * separators do not make groups.
 */
static const char *without_groups(const char *text, size_t *length, const char *group, char *plain)
{
	while (*length && sdp_is_blank(*text)) {
		text++;
		--*length;
	}
	while (*length && sdp_is_blank(text[*length - 1]))
		--*length;
	if (!group || *length == 0 || !memmem(text, *length, group, strlen(group)))
		return text;
	*length = *length <= GROUPED ? ungroup(text, *length, group, plain) : 0;
	/* A separator before the first digit or after the point was not removed. */
	return *length && !memmem(plain, *length, group, strlen(group)) ? plain : NULL;
}

static void parse_grouped(const char *text, size_t length, char point, const char *group,
			  bool padded, struct sdp_number *out)
{
	char plain[GROUPED];
	text = without_groups(text, &length, group, plain);
	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	if (text)
		parse(text, length, point, padded, out);
}

void sdp_number_parse_grouped(const char *text, size_t length, char point, const char *group,
			      struct sdp_number *out)
{
	parse_grouped(text, length, point, group, false, out);
}

void sdp_number_parse_padded(const char *text, size_t length, char point, const char *group,
			     struct sdp_number *out)
{
	parse_grouped(text, length, point, group, true, out);
}

int sdp_number_digits(const char *text, size_t length, char point, const char *group,
		      struct sdp_buf *digits, struct sdp_digits *out, struct sdp_err *err)
{
	char plain[GROUPED];
	struct parts parts;

	*out = (struct sdp_digits){.negative = false};
	text = without_groups(text, &length, group, plain);
	if (!text || !split_cell(text, length, point, true, &parts))
		SDP_BUG();
	if (!parts.first || parts.count + parts.tens < LEAST_POINT)
		return 0;
	if (sdp_buf_reserve(digits, (size_t)parts.count, err) < 0)
		return -1;
	for (const char *p = parts.first; p <= parts.last; p++)
		if (p != parts.dot)
			digits->data[digits->length++] = *p;
	digits->data[digits->length] = '\0';
	*out = (struct sdp_digits){parts.negative, (size_t)parts.count, parts.count + parts.tens};
	return 0;
}

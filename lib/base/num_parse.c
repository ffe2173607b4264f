/*
 * Reading a number: one walk over the text finds its parts, and of those only the significant
 * digits (first to last that is not 0) and the power of ten of the last one matter:
 *
 *	 -00012.3400e5      digits "1234", tens = 5 - 2 = 3:  -1234 × 10^3
 *
 * At most 19 digits and a fitting power make a decimal.  All else goes to strtod, as digits and
 * exponent only, so that point and locale do not matter.  A half-way point between doubles has at
 * most 767 significant digits; of a longer text 800 digits and a 1 for "and more" round alike, and
 * a buffer of fixed size will do for texts of any length.
 */
#include "sdp/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP = 800 };

/* The parts of a text that follows the grammar. */
struct parts {
	bool negative, plain; /* plain: neither point nor exponent */
	/* significant digits with the point perhaps between; NULL for zero */
	const char *first, *last;
	const char *dot;  /* the point; the digits' end if there is none */
	int64_t exponent; /* as written, held within ±10^17 */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Reads "e+12" up to end; a text ends somewhere, so no exponent past 10^17 can be made up for by
 * digits.
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
		if (!is_digit(*p))
			return false;
		if (value < INT64_C(10000000000000000))
			value = value * 10 + (*p - '0');
	}
	*exponent = negative ? -value : value;
	return true;
}

static bool split(const char *p, const char *end, char point, struct parts *parts)
{
	int64_t digits = 0;
	const char *start;

	*parts = (struct parts){.plain = true};
	if (p < end && (*p == '-' || *p == '+'))
		parts->negative = *p++ == '-';
	start = p;
	for (; p < end; p++) {
		if (is_digit(*p)) {
			digits++;
			if (*p != '0') {
				parts->last = p;
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
	if (digits == 0 || (digits > 1 && start[0] == '0' && is_digit(start[1])))
		return false;
	if (!parts->dot)
		parts->dot = p;
	if (p == end)
		return true;
	parts->plain = false;
	return (*p == 'e' || *p == 'E') && read_exponent(p, end, &parts->exponent);
}

/* At most 19 digits at first … last as an integer × 10^tens, if that is a decimal. */
static bool as_decimal(const struct parts *parts, int64_t tens, struct sdp_number *out)
{
	uint64_t value = 0;
	uint64_t limit = (uint64_t)INT64_MAX + parts->negative;

	for (const char *p = parts->first; p <= parts->last; p++)
		if (p != parts->dot)
			value = value * 10 + (uint64_t)(*p - '0');
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

	/* strtod's own exponent arithmetic is spared what is 0 or too large anyway. */
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

void sdp_number_parse(const char *text, size_t length, char point, struct sdp_number *out)
{
	const char *end = text + length;
	struct parts parts;

	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	while (text < end && is_blank(*text))
		text++;
	while (text < end && is_blank(end[-1]))
		end--;
	if (!split(text, end, point, &parts))
		return;
	if (!parts.first) {
		out->kind = SDP_NUMBER_DECIMAL;
		out->integer = parts.plain;
		return;
	}

	/* The place of the last digit: 0 is the units', below 0 behind the point. */
	int64_t place =
		parts.dot > parts.last ? parts.dot - parts.last - 1 : parts.dot - parts.last;
	int64_t count =
		parts.last - parts.first + 1 - (parts.first < parts.dot && parts.dot < parts.last);
	int64_t tens = place + parts.exponent;

	if (count <= 19 && tens >= -SDP_SCALE_MAX && tens < 19 && as_decimal(&parts, tens, out)) {
		out->integer = parts.plain;
		out->real = sdp_decimal_to_double(out->mantissa, out->scale);
		return;
	}
	out->real = nearest(&parts, count, tens);
	if (!isfinite(out->real)) {
		out->real = 0;
		return;
	}
	out->kind = SDP_NUMBER_REAL;
	if (sdp_decimal_from_double(out->real, &out->mantissa, &out->scale))
		out->kind = SDP_NUMBER_DECIMAL;
	if (out->real == 0)
		out->real = 0;
}

/* Copies the text without its separators: its length, 0 if they do not make groups of three. */
static size_t ungroup(const char *text, size_t length, char group, char *out)
{
	size_t i = 0, n = 0, digits = 0;
	bool any = false;
	while (i < length && !is_digit(text[i]))
		out[n++] = text[i++];
	for (; i < length && (is_digit(text[i]) || text[i] == group); i++) {
		if (text[i] != group) {
			out[n++] = text[i];
			digits++;
			continue;
		}
		if (any ? digits != 3 : digits == 0 || digits > 3)
			return 0;
		any = true;
		digits = 0;
	}
	if (digits != 3)
		return 0;
	while (i < length)
		out[n++] = text[i++];
	return n;
}

void sdp_number_parse_grouped(const char *text, size_t length, char point, char group,
			      struct sdp_number *out)
{
	char plain[500];
	while (length && is_blank(*text)) {
		text++;
		length--;
	}
	while (length && is_blank(text[length - 1]))
		length--;
	if (!group || length == 0 || !memchr(text, group, length)) {
		sdp_number_parse(text, length, point, out);
		return;
	}
	*out = (struct sdp_number){.kind = SDP_NUMBER_NONE};
	size_t n = length <= sizeof plain ? ungroup(text, length, group, plain) : 0;
	/* A separator in front, or behind the point, is still there. */
	if (n && !memchr(plain, group, n))
		sdp_number_parse(plain, n, point, out);
}

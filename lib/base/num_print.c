/*
 * Prints numbers, doubles with the fewest digits that read back as the same double.
 *
 * Decimals of up to 15 digits survive the conversion to a normal double and back.  So if a normal
 * double has a decimal of 15 or fewer digits, the nearest decimal of 15 digits is it, apart from
 * zeros at its end; otherwise 16 and then 17 digits are tried.  Subnormals have fewer digits, so
 * they start with 1.
 *
 * printf gives the candidate that is nearest to the double.  If it reads back as another double, no
 * other candidate with as many digits reads back right, except at a power of two, where the next
 * double below is half as far away as the next one above:
 *
 *	       c         v = 2^-44            c + 1
 *	-------|----[----|---------------------|---]----	[ ]: what reads back as v
 *
 * There the nearest candidate, below v, may fail while the next one above v succeeds, so that one
 * is tried as well.
 *
 * From 1e-10 to 1e16, which covers nearly all numbers, the same search is done in integers: v
 * scaled to 17 digits before the point is m × 5^k × 2^(e+k) with 5^k < 2^63, which is exact in 128
 * bits, as are the ends of the interval that reads back as v.  It takes some 80 ns; printf and
 * strtod take some 600.
 */
#include "sdp/num.h"

#include "sdp/err.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 17 };

__extension__ typedef unsigned __int128 uint128;

/* value = 0.d₁d₂d₃… × 10^point. */
struct digits {
	char digit[MOST + 1];
	int count, point;
};

static void round_to(double value, int count, struct digits *out)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*e", count - 1, value);
	out->digit[0] = text[0];
	memcpy(out->digit + 1, text + 2, (size_t)(count - 1));
	out->count = count;
	out->point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
}

static double read_back(const struct digits *d)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*se%d", d->count, d->digit, d->point - d->count);
	return strtod(text, NULL);
}

static void step_up(struct digits *d)
{
	int i = d->count - 1;

	while (i >= 0 && d->digit[i] == '9')
		d->digit[i--] = '0';
	if (i >= 0) {
		d->digit[i]++;
	} else {
		d->digit[0] = '1';
		d->point++;
	}
}

static bool is_power_of_two(double value)
{
	int exponent;

	return frexp(value, &exponent) == 0.5;
}

/*
 * A double scaled by 10^k, and the interval low … high that reads back as it, in units of 2^-shift.
 */
struct scaled {
	uint128 value, low, high;
	int shift;
	bool power; /* the double is a power of two: low is nearer than high */
};

static void scale_by(double value, int k, struct scaled *out)
{
	int exponent;
	uint64_t m = (uint64_t)(frexp(value, &exponent) * 0x1p53), five = 1;

	for (int i = 0; i < k; i++)
		five *= 5;
	out->power = m == UINT64_C(1) << 52;
	out->value = (uint128)(4 * m) * five;
	out->low = (uint128)(4 * m - (out->power ? 1 : 2)) * five;
	out->high = (uint128)(4 * m + 2) * five;
	out->shift = 55 - exponent - k;
	if (out->shift < 0) {
		out->value <<= -out->shift;
		out->low <<= -out->shift;
		out->high <<= -out->shift;
		out->shift = 0;
	}
}

/*
 * Returns whether a candidate reads back as the double.  It is never equal to an end of the
 * interval: an end is an odd number × 2^-j, so it has at least 17 digits, and candidates with 17
 * digits are inside.  (Above 2^53 an end has 16 digits, but so has the double, which then is the
 * candidate itself.)
 */
static bool reads_back(const struct scaled *s, uint64_t candidate)
{
	uint128 c = (uint128)candidate << s->shift;

	return c > s->low && c < s->high;
}

/* Returns the multiple of unit that is nearest to the double, ties to even. */
static uint64_t nearest_multiple(const struct scaled *s, uint64_t unit)
{
	uint64_t whole = (uint64_t)(s->value >> s->shift), quotient = whole / unit;
	uint128 rest = s->value - ((uint128)(quotient * unit) << s->shift),
		half = (uint128)unit << s->shift;

	if (2 * rest > half || (2 * rest == half && quotient % 2 == 1))
		quotient++;
	return quotient * unit;
}

static void set_digits(uint64_t number, int point, struct digits *d)
{
	char text[24];
	int at = sizeof(text);

	while (number % 10 == 0)
		number /= 10;
	for (; number > 0; number /= 10)
		text[--at] = (char)('0' + number % 10);
	d->count = (int)sizeof(text) - at;
	d->point = point;
	memcpy(d->digit, text + at, (size_t)d->count);
}

/* Finds the shortest digits of a value in 1e-10 ≤ value < 1e16. */
static void shortest_in_integers(double value, struct digits *d)
{
	const uint64_t least = UINT64_C(10000000000000000);
	uint64_t candidate = 0;
	struct scaled s;
	int exponent;

	frexp(value, &exponent);
	/* 30103 / 100000 is log10 2, so the guess is right or one too high. */
	int k = 16 - (exponent * 30103 - (exponent < 0 ? 99999 : 0)) / 100000;
	scale_by(value, k, &s);
	if (s.value >> s.shift < least)
		scale_by(value, ++k, &s);
	for (uint64_t unit = 100; unit > 0; unit /= 10) {
		candidate = nearest_multiple(&s, unit);
		if (reads_back(&s, candidate))
			break;
		if (s.power && reads_back(&s, candidate + unit)) {
			candidate += unit;
			break;
		}
	}
	set_digits(candidate, candidate < 10 * least ? 17 - k : 18 - k, d);
}

static void shortest(double value, struct digits *d)
{
	if (value >= 1e-10 && value < 1e16) {
		shortest_in_integers(value, d);
		return;
	}
	for (int count = value < 0x1p-1022 ? 1 : 15; count < MOST; count++) {
		round_to(value, count, d);
		double back = read_back(d);
		if (back == value)
			return;
		if (back < value && is_power_of_two(value)) {
			step_up(d);
			if (read_back(d) == value)
				return;
		}
	}
	round_to(value, MOST, d);
}

static size_t put(char *out, size_t at, const char *bytes, size_t count)
{
	memcpy(out + at, bytes, count);
	return at + count;
}

static size_t put_zeros(char *out, size_t at, size_t count)
{
	memset(out + at, '0', count);
	return at + count;
}

/*
 * Writes 0.d₁d₂… × 10^point in the format of Number::toString in ECMA-262, but without exponent up
 * to 10^largest.
 */
static size_t lay_out(char *out, bool negative, const char *digit, size_t count, int64_t point,
		      int64_t largest)
{
	size_t n = 0;

	while (count > 1 && digit[count - 1] == '0')
		count--;
	if (negative)
		out[n++] = '-';
	if (point > largest || point < -5) {
		out[n++] = digit[0];
		if (count > 1)
			out[n++] = '.';
		n = put(out, n, digit + 1, count - 1);
		return n + (size_t)snprintf(out + n, 24, "e%+lld", (long long)point - 1);
	}
	if (point <= 0) {
		n = put(out, n, "0.", 2);
		n = put_zeros(out, n, (size_t)-point);
		n = put(out, n, digit, count);
	} else if (point >= (int64_t)count) {
		n = put(out, n, digit, count);
		n = put_zeros(out, n, (size_t)point - count);
	} else {
		n = put(out, n, digit, (size_t)point);
		out[n++] = '.';
		n = put(out, n, digit + point, count - (size_t)point);
	}
	out[n] = '\0';
	return n;
}

size_t sdp_digits_print(char *out, bool negative, const char *digits, size_t count, int64_t point)
{
	for (; count && *digits == '0'; digits++, count--)
		point--;
	if (count == 0)
		return put(out, 0, "0", 2) - 1;
	while (digits[count - 1] == '0')
		count--;
	return lay_out(out, negative, digits, count, point, count > 19 ? (int64_t)count + 21 : 40);
}

size_t sdp_num_print(char out[32], double value)
{
	struct digits d;

	if (!isfinite(value))
		SDP_BUG();
	if (fabs(value) <= 0x1p53 && value == (double)(int64_t)value)
		return sdp_decimal_print(out, (int64_t)value, 0);
	shortest(fabs(value), &d);
	return lay_out(out, value < 0, d.digit, (size_t)d.count, d.point, 21);
}

size_t sdp_num_print_digits(char out[32], double value, int digits)
{
	struct digits d;

	if (!isfinite(value) || digits < 1 || digits > MOST)
		SDP_BUG();
	round_to(fabs(value), digits, &d);
	return lay_out(out, value < 0, d.digit, (size_t)d.count, d.point, 21);
}

size_t sdp_decimal_print_digits(char out[32], const char *number, int digits)
{
	bool negative = *number == '-', more = false, fraction = false;
	struct digits d = {.count = 0};
	char next = '0';

	if (digits < 1 || digits > MOST)
		SDP_BUG();
	for (number += negative; *number && *number != 'e'; number++) {
		fraction |= *number == '.';
		if (*number == '.')
			continue;
		bool first = d.count == 0 && *number == '0';
		d.point += fraction ? -first : !first;
		if (first)
			continue;
		if (d.count < digits)
			d.digit[d.count] = *number;
		else if (d.count == digits)
			next = *number;
		else
			more |= *number != '0';
		d.count++;
	}
	if (*number == 'e')
		d.point += (int)strtol(number + 1, NULL, 10);
	if (d.count == 0)
		return put(out, 0, "0", 2) - 1;
	if (d.count > digits)
		d.count = digits;
	bool odd = (d.digit[d.count - 1] - '0') % 2 == 1;
	if (next > '5' || (next == '5' && (more || odd)))
		step_up(&d);
	return lay_out(out, negative, d.digit, (size_t)d.count, d.point, 21);
}

size_t sdp_decimal_print_number(char out[32], int64_t mantissa, int scale)
{
	char text[24];
	uint64_t rest = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;

	if (scale < 7 || rest >= (uint64_t)sdp_pow10[scale - 6])
		return sdp_decimal_print(out, mantissa, scale);
	int count = snprintf(text, sizeof text, "%llu", (unsigned long long)rest);
	return sdp_digits_print(out, mantissa < 0, text, (size_t)count, count - scale);
}

size_t sdp_decimal_print(char out[32], int64_t mantissa, int scale)
{
	char text[24];
	int at = sizeof(text);
	uint64_t rest = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;
	size_t n = 0;

	if (scale < 0 || scale > SDP_SCALE_MAX)
		SDP_BUG();
	for (; scale > 0 && rest % 10 == 0; scale--)
		rest /= 10;
	for (int written = 0; rest > 0 || written <= scale; written++) {
		if (written == scale && scale > 0)
			text[--at] = '.';
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
	}
	if (mantissa < 0)
		out[n++] = '-';
	n = put(out, n, text + at, sizeof(text) - (size_t)at);
	out[n] = '\0';
	return n;
}

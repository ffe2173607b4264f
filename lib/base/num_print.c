/*
 * Shortest printing.  Of a normal double 15 digits are right or nothing shorter is: decimals of up
 * to 15 digits survive the way through a double.  So the candidates of 15, 16 and 17 digits are
 * tried, trailing zeros dropped; subnormals hold fewer digits and start at 1.
 *
 * printf gives the candidate nearest to the double.  If that one reads back as another double, no
 * other of as many digits does better, except above a power of two, where doubles below lie half
 * as far away as those above:
 *
 *	          c         v = 2^-44            c + 1
 *	----)-----|---[-----|---------]----------|      [ ]: what reads back as v
 *
 * A candidate below v may miss while the next one up hits, so that is tried too.
 */
#include "sdp/num.h"

#include "sdp/err.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 17 };

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

static void shortest(double value, struct digits *d)
{
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

static size_t put(char *out, size_t at, const char *bytes, int count)
{
	memcpy(out + at, bytes, (size_t)count);
	return at + (size_t)count;
}

static size_t put_zeros(char *out, size_t at, int count)
{
	memset(out + at, '0', (size_t)count);
	return at + (size_t)count;
}

/* ECMA-262, Number::toString. */
static size_t lay_out(char *out, bool negative, struct digits *d)
{
	size_t n = 0;

	while (d->count > 1 && d->digit[d->count - 1] == '0')
		d->count--;
	if (negative)
		out[n++] = '-';
	if (d->point > 21 || d->point < -5) {
		out[n++] = d->digit[0];
		if (d->count > 1)
			out[n++] = '.';
		n = put(out, n, d->digit + 1, d->count - 1);
		return n + (size_t)snprintf(out + n, 6, "e%+d", d->point - 1);
	}
	if (d->point <= 0) {
		n = put(out, n, "0.", 2);
		n = put_zeros(out, n, -d->point);
		n = put(out, n, d->digit, d->count);
	} else if (d->point >= d->count) {
		n = put(out, n, d->digit, d->count);
		n = put_zeros(out, n, d->point - d->count);
	} else {
		n = put(out, n, d->digit, d->point);
		out[n++] = '.';
		n = put(out, n, d->digit + d->point, d->count - d->point);
	}
	out[n] = '\0';
	return n;
}

size_t sdp_num_print(char out[32], double value)
{
	struct digits d;

	if (!isfinite(value))
		SDP_BUG();
	if (fabs(value) <= 0x1p53 && value == (double)(int64_t)value)
		return sdp_decimal_print(out, (int64_t)value, 0);
	shortest(fabs(value), &d);
	return lay_out(out, value < 0, &d);
}

size_t sdp_num_print_digits(char out[32], double value, int digits)
{
	struct digits d;

	if (!isfinite(value) || digits < 1 || digits > MOST)
		SDP_BUG();
	round_to(fabs(value), digits, &d);
	return lay_out(out, value < 0, &d);
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
	n = put(out, n, text + at, (int)sizeof(text) - at);
	out[n] = '\0';
	return n;
}

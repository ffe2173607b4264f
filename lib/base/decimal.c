/* Decimals: conversion to and from doubles, canonical form, comparison. */
#include "sdp/num.h"

#include "base/nearest_double.h"
#include "sdp/err.h"

#include <math.h>

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

const int64_t sdp_pow10[SDP_SCALE_MAX + 1] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

static void check_scale(int scale)
{
	if (scale < 0 || scale > SDP_SCALE_MAX)
		SDP_BUG();
}

double sdp_decimal_to_double(int64_t mantissa, int scale)
{
	const int64_t exact = INT64_C(1) << 53;

	check_scale(scale);
	/*
	 * Both operands are exact doubles (10^18 = 2^18 × 5^18, 42 bits), or there is no division:
	 * the result is rounded once.
	 */
	if ((mantissa <= exact && mantissa >= -exact) || scale == 0)
		return (double)mantissa / (double)sdp_pow10[scale];
	double result;
	if (sdp_nearest_double(sdp_magnitude(mantissa), -scale, &result))
		return mantissa < 0 ? -result : result;
	/*
	 * The quotient has 57 to 124 bits.  Cut to 64 bits, with the lowest bit set if anything was
	 * cut off, it is rounded as the whole would be.
	 */
	uint128 dividend = (uint128)sdp_magnitude(mantissa) << 64;
	uint64_t divisor = (uint64_t)sdp_pow10[scale];
	uint128 quotient = dividend / divisor;
	bool sticky = quotient * divisor != dividend;
	uint64_t high = (uint64_t)(quotient >> 64);
	int cut = high ? 64 - __builtin_clzll(high) : 0;
	uint64_t top = (uint64_t)(quotient >> cut);

	sticky |= (uint128)top << cut != quotient;
	result = ldexp((double)(top | sticky), cut - 64);
	return mantissa < 0 ? -result : result;
}

void sdp_decimal_canonical(int64_t *mantissa, int *scale)
{
	if (*mantissa == 0)
		*scale = 0;
	while (*scale > 0 && *mantissa % 10 == 0) {
		*mantissa /= 10;
		--*scale;
	}
}

/* Returns odd with value = odd × 2^exponent, |odd| < 2^53; value is finite and not 0. */
static int64_t odd_part(double value, int *exponent)
{
	int64_t m = (int64_t)(frexp(value, exponent) * 0x1p53);
	int zeros = __builtin_ctzll((uint64_t)m);

	*exponent += zeros - 53;
	return m / (INT64_C(1) << zeros);
}

bool sdp_decimal_from_double(double value, int64_t *mantissa, int *scale)
{
	int exponent;

	if (!isfinite(value) || value >= 0x1p63 || value < -0x1p63)
		return false;
	*mantissa = 0;
	*scale = 0;
	if (value == 0)
		return true;
	int64_t odd = odd_part(value, &exponent);
	if (exponent >= 0) {
		*mantissa = (int64_t)value;
		return true;
	}
	if (exponent < -SDP_SCALE_MAX)
		return false;
	/* odd / 2^k = odd × 5^k / 10^k; the numerator is odd, so it does not end in 0. */
	for (int k = exponent; k < 0; k++)
		if (__builtin_mul_overflow(odd, 5, &odd))
			return false;
	*mantissa = odd;
	*scale = -exponent;
	return true;
}

int sdp_decimal_compare(int64_t mantissa1, int scale1, int64_t mantissa2, int scale2)
{
	check_scale(scale1);
	check_scale(scale2);
	if (scale1 == scale2)
		return (mantissa1 > mantissa2) - (mantissa1 < mantissa2);
	int128 a = (int128)mantissa1 * sdp_pow10[scale2];
	int128 b = (int128)mantissa2 * sdp_pow10[scale1];

	return (a > b) - (a < b);
}

int sdp_decimal_compare_double(int64_t mantissa, int scale, double finite)
{
	int exponent;

	check_scale(scale);
	if (!isfinite(finite))
		SDP_BUG();
	if (finite == 0)
		return (mantissa > 0) - (mantissa < 0);
	if (fabs(finite) >= 0x1p64)
		return finite < 0 ? 1 : -1;

	/*
	 * Compare mantissa with finite × 10^scale, whose magnitude is below 2^124, by its floor and
	 * whether it has a fraction.
	 */
	int128 product = (int128)odd_part(finite, &exponent) * sdp_pow10[scale];
	int128 floored;
	bool fraction = false;

	if (exponent >= 0) {
		floored = product * ((int128)1 << exponent);
	} else if (exponent <= -120) {
		floored = product < 0 ? -1 : 0;
		fraction = true;
	} else {
		int128 unit = (int128)1 << -exponent;
		floored = product / unit;
		fraction = floored * unit != product;
		floored -= fraction && product < 0;
	}
	if (mantissa != floored)
		return mantissa > floored ? 1 : -1;
	return fraction ? -1 : 0;
}

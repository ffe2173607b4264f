/* Exact fixed-point sums of doubles whose range of magnitudes is known. */
#include "base/fixed_sum.h"

#include <math.h>

enum { LOWEST = -961 }; /* 2^(62-LOWEST) is a double */

bool sdp_fixed_sum_init(struct sdp_fixed_sum *fixed, double magnitude, double least)
{
	int exponent = LOWEST, lowest;
	if (magnitude > 0)
		frexp(magnitude, &exponent);
	if (exponent < LOWEST)
		exponent = LOWEST;
	fixed->exponent = exponent - 94;
	fixed->scale = ldexp(1, 62 - exponent);
	frexp(least, &lowest);
	return magnitude == 0 || lowest - 53 >= fixed->exponent;
}

double sdp_fixed_sum_mean(const struct sdp_fixed_sum *fixed, sdp_int128 sum, uint64_t count)
{
	sdp_uint128 magnitude = sum < 0 ? 0 - (sdp_uint128)sum : (sdp_uint128)sum;
	sdp_uint128 head = magnitude / count, rest = magnitude % count;
	int exponent = fixed->exponent;
	/*
	 * With at least 64 bits of the quotient, it only matters whether the remainder is 0.
	 */
	for (; rest && head >> 64 == 0; exponent--) {
		rest <<= 1;
		head = head << 1 | (rest >= count);
		rest -= rest >= count ? count : 0;
	}
	uint64_t high = (uint64_t)(head >> 64);
	int cut = high ? 64 - __builtin_clzll(high) : 0;
	uint64_t bits = (uint64_t)(head >> cut);
	bool sticky = rest != 0 || (sdp_uint128)bits << cut != head;
	double value = ldexp((double)(bits | sticky), exponent + cut);
	return sum < 0 ? -value : value;
}

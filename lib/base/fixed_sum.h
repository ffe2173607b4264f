/*
 * Exact sums of doubles whose magnitudes are known, in 16 bytes each: fixed-point integers.
 *
 * A window made for values below 2^e counts multiples of 2^(e-94), which all values of at least
 * 2^(e-42) are (12 decimal orders of magnitude).  Sums are plain integers: order-free, and what was
 * added can be taken away again.  They hold 2^32 values.  Nothing here fails or allocates.
 */
#ifndef SDP_BASE_FIXED_SUM_H
#define SDP_BASE_FIXED_SUM_H

#include "sdp/exact.h"

struct sdp_fixed_sum {
	int exponent; /* of the unit of sums: 2^exponent */
	double scale; /* brings a value to below 2^62 */
};

/*
 * For values of at most magnitude that are 0 or at least least in size; false if they span too
 * much, or are too small, for their sums to be exact.
 */
bool sdp_fixed_sum_init(struct sdp_fixed_sum *window, double magnitude, double least);

static inline sdp_int128 sdp_fixed_sum_of(const struct sdp_fixed_sum *window, double value)
{
	double scaled = value * window->scale;
	int64_t high = (int64_t)scaled;
	int64_t low = (int64_t)((scaled - (double)high) * 0x1p32); /* the difference is exact */

	return (sdp_int128)high * (INT64_C(1) << 32) + low;
}

/* The nearest double (ties to even, but for subnormals) of sum / count, count > 0. */
double sdp_fixed_sum_mean(const struct sdp_fixed_sum *window, sdp_int128 sum, uint64_t count);

#endif

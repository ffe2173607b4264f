/*
 * Exact sums of doubles whose range of magnitudes is known, in 16 bytes each, as fixed-point
 * integers.
 *
 * For values below 2^e in magnitude, a sum counts multiples of 2^(e-94).  Every value of at least
 * 2^(e-42) in magnitude (12 decimal orders below) is such a multiple.  Sums are plain integers:
 * they do not depend on the order of addition, and values can be subtracted again.  A sum holds up
 * to 2^32 values.  No function here fails or allocates memory.
 */
#ifndef SDP_BASE_FIXED_SUM_H
#define SDP_BASE_FIXED_SUM_H

#include "sdp/exact.h"

/* The parameters that all sums of one range have in common. */
struct sdp_fixed_sum {
	int exponent; /* sums count multiples of 2^exponent */
	double scale; /* a power of two that scales every value to below 2^62 */
};

/*
 * Sets the parameters for values that are 0 or have a magnitude between least and magnitude.
 * Returns whether sums of such values are exact; they are not if the range is too wide or its
 * values are too small.
 */
bool sdp_fixed_sum_init(struct sdp_fixed_sum *fixed, double magnitude, double least);

/* Returns a value as an integer, to be added to a sum. */
static inline sdp_int128 sdp_fixed_sum_of(const struct sdp_fixed_sum *fixed, double value)
{
	double scaled = value * fixed->scale;
	int64_t high = (int64_t)scaled;
	int64_t low = (int64_t)((scaled - (double)high) * 0x1p32); /* the difference is exact */

	return (sdp_int128)high * (INT64_C(1) << 32) + low;
}

/*
 * Returns the double nearest to sum / count (ties to even, except among subnormals); count > 0.
 */
double sdp_fixed_sum_mean(const struct sdp_fixed_sum *fixed, sdp_int128 sum, uint64_t count);

#endif

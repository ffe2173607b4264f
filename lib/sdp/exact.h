/*
 * Exact accumulators: sums that do not depend on who added what in which order.
 *
 * Each struct is plain bytes without pointers, may lie in shared memory and be copied; all-zero
 * bytes are an empty accumulator.  add and merge are exact, commutative and associative, and hold
 * for up to 2^63 values.  Rounding happens once, when a result is asked for.  No function here
 * fails (GMP aborts if memory ends).
 */
#ifndef SDP_EXACT_H
#define SDP_EXACT_H

#include "sdp/num.h"

__extension__ typedef __int128 sdp_int128;
__extension__ typedef unsigned __int128 sdp_uint128;

/* Count, sum and sum of squares of mantissas of one decimal scale, which the caller remembers. */
struct sdp_scaled_sum {
	sdp_int128 sum;
	uint64_t square[3]; /* least significant word first */
	uint64_t count;
};

void sdp_scaled_sum_add(struct sdp_scaled_sum *sum, const int64_t *mantissa, size_t n);
void sdp_scaled_sum_merge(struct sdp_scaled_sum *into, const struct sdp_scaled_sum *from);

/* Takes away what was added or merged before. */
void sdp_scaled_sum_remove(struct sdp_scaled_sum *from, const struct sdp_scaled_sum *part);

/*
 * The exact sum of any finite doubles, after R. M. Neal's small superaccumulator (Fast exact
 * summation using small and large superaccumulators, arXiv:1505.05571): the value is
 *
 *	limb[0] × 2^-1074 + limb[1] × 2^(32-1074) + … + limb[67] × 2^(67·32-1074)
 *
 * Limbs overlap (64 bits each, 32 apart), so carries wait; pending bounds what they may have grown
 * by: |limb| ≤ pending × 2^32.
 */
#define SDP_EXACT_LIMBS 68

struct sdp_exact_sum {
	uint64_t pending;
	int64_t limb[SDP_EXACT_LIMBS];
};

void sdp_exact_sum_add(struct sdp_exact_sum *sum, double finite);
void sdp_exact_sum_merge(struct sdp_exact_sum *into, const struct sdp_exact_sum *from);

/* Propagates carries; equal sums are then equal bytes. */
void sdp_exact_sum_normalise(struct sdp_exact_sum *sum);

/* The nearest double, ties to even; ±infinity beyond the range; an exact zero is +0. */
double sdp_exact_sum_value(const struct sdp_exact_sum *sum);

/* The same of sum / count, count > 0; below 2^-960 the last bit may be wrong. */
double sdp_exact_sum_mean(const struct sdp_exact_sum *sum, uint64_t count);

/* Count, exact sum and exact sum of squares of finite doubles. */
#define SDP_EXACT_SQUARE_LIMBS 136

struct sdp_real_sum {
	uint64_t count;
	struct sdp_exact_sum sum;
	uint64_t pending; /* of square, where limb i counts 2^(32·i-2148) */
	int64_t square[SDP_EXACT_SQUARE_LIMBS];
};

void sdp_real_sum_add(struct sdp_real_sum *sum, double finite);
void sdp_real_sum_merge(struct sdp_real_sum *into, const struct sdp_real_sum *from);
void sdp_real_sum_remove(struct sdp_real_sum *from, const struct sdp_real_sum *part);
void sdp_real_sum_normalise(struct sdp_real_sum *sum);

/*
 * The moments of a column: each figure is the exact value rounded once (nearest, ties to even,
 * subnormals too), ±infinity where that exceeds every double.
 */
struct sdp_moment_result {
	uint64_t count;
	double sum;  /* 0 for no values */
	double mean; /* NaN for no values */
	double variance; /* of the sample: Σ(x − mean)² / (n − 1); NaN for fewer than two values */
	double stddev;        /* the exact variance's square root, rounded once; NaN as variance */
	bool has_integer_sum; /* every value has scale 0 and the sum fits 64 bits */
	int64_t integer_sum;  /* 0 unless has_integer_sum */
};

/*
 * scaled[s] holds the mantissas of scale s, NULL if there were none; real the values that are no
 * decimals, NULL if none.  Takes about a microsecond when real is empty.
 */
void sdp_exact_moments(const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1],
		       const struct sdp_real_sum *real, struct sdp_moment_result *out);

#endif

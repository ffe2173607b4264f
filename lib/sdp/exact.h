/*
 * Exact accumulators: sums that do not depend on the order in which values are added, or on how
 * they are grouped.
 *
 * Each struct is plain bytes without pointers: it can be in shared memory and can be copied by
 * assignment.  All-zero bytes are an empty accumulator.  Adding and merging are exact, commutative
 * and associative, for up to 2^63 values.  A result is rounded once, when it is computed.
 *
 * No function here fails.  (GMP aborts the process if memory is exhausted.)
 */
#ifndef SDP_EXACT_H
#define SDP_EXACT_H

#include "sdp/num.h"

__extension__ typedef __int128 sdp_int128;
__extension__ typedef unsigned __int128 sdp_uint128;

/*
 * Count, sum and sum of squares of the mantissas of decimals that all have the same scale.  The
 * caller keeps track of the scale.
 */
struct sdp_scaled_sum {
	sdp_int128 sum;
	uint64_t square[3]; /* 192 bits, least significant word first */
	uint64_t count;
};

/* Adds n mantissas. */
void sdp_scaled_sum_add(struct sdp_scaled_sum *sum, const int64_t *mantissa, size_t n);
void sdp_scaled_sum_merge(struct sdp_scaled_sum *into, const struct sdp_scaled_sum *from);

/* Subtracts values that were added or merged before. */
void sdp_scaled_sum_remove(struct sdp_scaled_sum *from, const struct sdp_scaled_sum *part);

/*
 * The exact sum of any finite doubles, by the small superaccumulator of R. M. Neal, Fast exact
 * summation using small and large superaccumulators, arXiv:1505.05571.  The value is
 *
 *	limb[0] × 2^-1074 + limb[1] × 2^(32-1074) + … + limb[67] × 2^(67·32-1074)
 *
 * A limb has 64 bits, but weighs 2^32 times the limb before it, so limbs overlap and carries can be
 * propagated later.  pending bounds the limbs: |limb| ≤ pending × 2^32.
 */
#define SDP_EXACT_LIMBS 68

struct sdp_exact_sum {
	uint64_t pending;
	int64_t limb[SDP_EXACT_LIMBS];
};

/* Adds a double, which must be finite. */
void sdp_exact_sum_add(struct sdp_exact_sum *sum, double finite);
void sdp_exact_sum_merge(struct sdp_exact_sum *into, const struct sdp_exact_sum *from);

/* Propagates the carries.  Equal sums then consist of equal bytes. */
void sdp_exact_sum_normalise(struct sdp_exact_sum *sum);

/*
 * Returns the double nearest to the sum, ties to even; ±infinity if the sum exceeds every double.
 * An exact zero is +0.
 */
double sdp_exact_sum_value(const struct sdp_exact_sum *sum);

/*
 * Returns the double nearest to sum / count, count > 0, in the same way; below 2^-960 its last bit
 * may be wrong.
 */
double sdp_exact_sum_mean(const struct sdp_exact_sum *sum, uint64_t count);

#define SDP_EXACT_SQUARE_LIMBS 136

/* Count, exact sum and exact sum of squares of finite doubles. */
struct sdp_real_sum {
	uint64_t count;
	struct sdp_exact_sum sum;
	uint64_t pending; /* of the squares */
	/* Sum of squares; limb i weighs 2^(32·i-2148). */
	int64_t square[SDP_EXACT_SQUARE_LIMBS];
};

/* Adds a double, which must be finite. */
void sdp_real_sum_add(struct sdp_real_sum *sum, double finite);
void sdp_real_sum_merge(struct sdp_real_sum *into, const struct sdp_real_sum *from);

/* Subtracts values that were added or merged before. */
void sdp_real_sum_remove(struct sdp_real_sum *from, const struct sdp_real_sum *part);

/* Propagates the carries.  Equal sums then consist of equal bytes. */
void sdp_real_sum_normalise(struct sdp_real_sum *sum);

/*
 * Sum, mean, variance and standard deviation of a column.  Each is the exact value rounded once (to
 * nearest, ties to even, also to subnormals), ±infinity if it exceeds every double.
 */
struct sdp_moment_result {
	uint64_t count;
	double sum;  /* 0 for no values */
	double mean; /* NaN for no values */
	double variance; /* of the sample: Σ(x − mean)² / (n − 1); NaN for fewer than two values */
	double stddev;        /* square root of the exact variance, rounded once; NaN as variance */
	bool exact;           /* there are no reals, so that the sum is a decimal */
	bool has_decimal_sum; /* it is, and is sum_mantissa × 10^-sum_scale, canonical */
	int64_t sum_mantissa; /* 0 unless has_decimal_sum, as the scale */
	int sum_scale;
};

/*
 * Computes the statistics of the union of decimals and doubles.  scaled[s] has the decimals of
 * scale s, real the values that are no decimals; NULL means that there are none.  Takes about one
 * microsecond if there are no doubles.
 */
void sdp_exact_moments(const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1],
		       const struct sdp_real_sum *real, struct sdp_moment_result *out);

#endif

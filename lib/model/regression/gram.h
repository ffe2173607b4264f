/*
 * Exact sums of products of columns: the matrix [X y]ᵀ[X y], of integers.
 *
 * Columns come as limbs (base/limbs.h).  Products of limbs are summed in 64 bits over a tile, by
 * SIMD where there is any, and then in 128, which cannot overflow below 2^63 rows.  Nothing is ever
 * rounded, so the sums do not depend on order, instruction set or workers.
 */
#ifndef SDP_MODEL_REGRESSION_GRAM_H
#define SDP_MODEL_REGRESSION_GRAM_H

#include "base/limbs.h"
#include "sdp/err.h"

#include <stdbool.h>

/* Plain bytes; zeros and the number of limbs are an empty one. */
struct sdp_gram {
	size_t limbs;
	sdp_int128 sums[]; /* of limbs i ≤ j at j (j + 1) / 2 + i */
};

/* Which limbs a column has. */
struct sdp_gram_column {
	size_t limb, limbs;
};

static inline size_t sdp_gram_size(size_t limbs)
{
	return sizeof(struct sdp_gram) + limbs * (limbs + 1) / 2 * sizeof(sdp_int128);
}

/* Adds the first n rows of a tile, behind which there are zeros up to a multiple of 8. */
void sdp_gram_add(struct sdp_gram *gram, const int32_t *tile, size_t n);

void sdp_gram_merge(struct sdp_gram *into, const struct sdp_gram *from);

/*
 * Which columns are no linear combination of those before them: by elimination modulo 2^61 - 1 and,
 * where that finds a dependence, modulo another prime of 61 bits as well.  Independence so found is
 * certain; for a dependence both primes would have to divide an integer that has no reason to be
 * divisible.
 */
int sdp_gram_independent(const struct sdp_gram *gram, const struct sdp_gram_column *columns,
			 size_t count, bool *independent, struct sdp_err *err);

#endif

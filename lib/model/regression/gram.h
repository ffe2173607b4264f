/*
 * The Gram matrix [X y]ᵀ[X y] of integer columns: exact sums of products of columns.
 *
 * Columns are given as limbs (base/limbs.h).  Products of limbs are summed in 64-bit integers over
 * a tile, with SIMD instructions if the machine has them, and then in 128-bit integers, which
 * cannot overflow for fewer than 2^63 rows.  Nothing is rounded, so the sums do not depend on the
 * order of the rows, on the instruction set or on the number of workers.  A matrix contains no
 * pointers.
 */
#ifndef SDP_MODEL_REGRESSION_GRAM_H
#define SDP_MODEL_REGRESSION_GRAM_H

#include "base/gmp.h"
#include "base/limbs.h"
#include "sdp/err.h"

#include <stdbool.h>

/*
 * A matrix of sdp_gram_size bytes.  All-zero bytes with the number of limbs set are an empty
 * matrix.
 */
struct sdp_gram {
	size_t limbs;
	sdp_int128 sums[]; /* the sum for limbs i ≤ j is at j (j + 1) / 2 + i */
};

/* The limbs of a column: the first one and their number. */
struct sdp_gram_column {
	size_t limb, limbs;
};

/* Returns the bytes of a matrix for this number of limbs. */
static inline size_t sdp_gram_size(size_t limbs)
{
	return sizeof(struct sdp_gram) + limbs * (limbs + 1) / 2 * sizeof(sdp_int128);
}

/*
 * Adds the first n rows of a tile, which must contain zeros after them up to a multiple of 8 rows.
 */
void sdp_gram_add(struct sdp_gram *gram, const int32_t *tile, size_t n);

/* Adds the sums of `from` to `into`; both must have the same limbs. */
void sdp_gram_merge(struct sdp_gram *into, const struct sdp_gram *from);

/*
 * Determines which of count ≥ 1 columns are not linear combinations of the columns before them,
 * and, if zero is not NULL, which coefficients of those, other than the last one, are exactly 0
 * when least squares fit them to the last one.  Returns 0, or -1 if memory runs out.
 *
 * The method is Gaussian elimination modulo 2^61 - 1, and if that finds a dependence or a zero,
 * also modulo a second prime of 61 bits.  A column reported as independent is certainly
 * independent, and a coefficient that is not reported as 0 is not 0.  For a wrong report of
 * dependence or zero, both primes would have to divide a nonzero integer that depends on the data,
 * which is practically impossible.
 */
int sdp_gram_independent(const struct sdp_gram *gram, const struct sdp_gram_column *columns,
			 size_t count, bool *independent, bool *zero, struct sdp_err *err);

/* Computes Σ a × b over all rows, in units of the columns' integers.  out must be initialised. */
void sdp_gram_product(const struct sdp_gram *gram, const struct sdp_gram_column *a,
		      const struct sdp_gram_column *b, mpz_t out);

#endif

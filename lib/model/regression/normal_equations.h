/*
 * The normal equations of a regression, in MPFR: normal_equations.c solves them, and linreg.c
 * computes the statistics.
 */
#ifndef SDP_MODEL_REGRESSION_NORMAL_EQUATIONS_H
#define SDP_MODEL_REGRESSION_NORMAL_EQUATIONS_H

#include "base/gmp.h"
#include "model/regression/linreg.h"

#include <mpfr.h>

/*
 * The matrix [X y]ᵀ[X y] of the columns used, in units of their integers: its lower triangle by
 * rows, with the target as the last row.
 */
struct normal {
	size_t n; /* number of columns, without the target */
	mpz_t *products;
	bool *zero; /* for each column: its estimate is exactly 0 */
};

static inline size_t normal_at(size_t i, size_t j)
{
	return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/*
 * The factors L D Lᵀ = products, and W = L⁻¹, all at one precision.  L and W are lower triangles by
 * rows.
 */
struct factors {
	mpfr_prec_t precision;
	size_t n;
	mpfr_t *l; /* n + 1 rows; the last one, that of the target, is L⁻¹Xᵀy / D */
	mpfr_t *d; /* n + 1 values; the last is the sum of squared errors */
	mpfr_t *w; /* n rows */
};

/*
 * Returns count numbers, all 0, in one block of memory, which free releases; NULL if memory runs
 * out.
 */
mpfr_t *sdp_normal_numbers(size_t count, mpfr_prec_t precision, struct sdp_err *err);

void sdp_normal_factors_release(struct factors *f);

/*
 * Compute β_j (only rounding errors if it is 0) and C_jj, in units of the integers.  out must be
 * initialised.
 */
void sdp_normal_estimate(const struct factors *f, size_t j, mpfr_t out);
void sdp_normal_variance(const struct factors *f, size_t j, mpfr_t out);

/*
 * Factors the matrix at a precision that makes estimates, variances and the sum of squared errors
 * correct as doubles, according to a bound on their errors.  exact tells that the sum of squared
 * errors is 0.  Returns 0, or -1 with a message; release f on success.
 */
int sdp_normal_factor_adaptive(const struct normal *normal, bool exact, struct factors *f,
			       struct sdp_err *err);

#endif

/*
 * The normal equations of a regression, in MPFR: linreg_solve.c solves them, linreg.c makes
 * figures.
 */
#ifndef SDP_MODEL_REGRESSION_LINREG_PRIVATE_H
#define SDP_MODEL_REGRESSION_LINREG_PRIVATE_H

#include "model/regression/linreg.h"

#include <gmp.h>
#include <mpfr.h>

/* [X y]ᵀ[X y] of the columns used, in units of their integers: lower triangle, the target last. */
struct normal {
	size_t n; /* columns, without the target */
	mpz_t *products;
};

static inline size_t normal_at(size_t i, size_t j)
{
	return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/* L D Lᵀ = products and W = L⁻¹, at one precision; rows of lower triangles. */
struct factors {
	mpfr_prec_t precision;
	size_t n;
	mpfr_t *l; /* of n + 1 rows; the target's, the last, is L⁻¹Xᵀy / D */
	mpfr_t *d; /* n + 1; the last is the sum of squared errors */
	mpfr_t *w; /* of n rows */
};

int sdp_linreg_factor(const struct normal *normal, mpfr_prec_t precision, struct factors *f,
		      struct sdp_err *err);
void sdp_linreg_factors_release(struct factors *f);

/* β_j and C_jj, in units of the integers. */
void sdp_linreg_estimate(const struct factors *f, size_t j, mpfr_t out);
void sdp_linreg_variance(const struct factors *f, size_t j, mpfr_t out);

/*
 * Factors at a precision that is enough for estimates, variances and the error sum to be right as
 * doubles, found by a bound on their errors.  exact: the error sum is 0.
 */
int sdp_linreg_factor_surely(const struct normal *normal, bool exact, struct factors *f,
			     struct sdp_err *err);

/*
 * Is an estimate nothing but rounding, so that it is 0: below 2^-(precision / 2) of what C_jj Σ y²
 * allows?  Never at a low precision, where the data could be as small.
 */
bool sdp_linreg_is_noise(const struct normal *normal, const struct factors *f, mpfr_t estimate,
			 mpfr_t variance);

#endif

/*
 * Least squares from an exact Gram matrix (model/regression/gram.h).
 *
 * Which columns are dependent is found first, in integers, and they are left out.  The rest is
 * solved by the LDLᵀ decomposition of [X y]ᵀ[X y] in MPFR, at rising precision until a bound on the
 * rounding errors leaves the 53 bits of every figure alone, whatever the conditioning; so each
 * figure here is that of the columns' exact integers, with an error of a few units in the last
 * place.
 *
 * Definitions: with n rows, p coefficients, df = n - p, β = (XᵀX)⁻¹Xᵀy and C = (XᵀX)⁻¹
 *
 *	sse = Σ (y - Xβ)², sst = Σ (y - ȳ)² (Σ y² without intercept), r2 = 1 - sse/sst
 *	adjusted_r2 = 1 - (sse/df) / (sst/(n-1)), n instead of n-1 without intercept
 *	sigma² = sse/df, mse = sse/n, rmse = √mse, std_error_j = sigma √C_jj
 *	f = ((sst - sse)/k) / sigma², k = p - 1, or p without intercept
 *	log_likelihood = -n/2 (ln 2π + ln(sse/n) + 1), aic = -2 ℓ + 2p, bic = -2 ℓ + p ln n
 *	vif_j = C_jj Σ (x_j - x̄_j)², without intercept C_jj Σ x_j²
 *	condition_number = √(greatest eigenvalue of XᵀX × greatest eigenvalue of C)
 *
 * What has no value (df = 0, sse = 0 in a logarithm or a denominator) is NaN.
 */
#ifndef SDP_MODEL_REGRESSION_LINREG_H
#define SDP_MODEL_REGRESSION_LINREG_H

#include "model/regression/gram.h"

/* A column: value = integer × 10^-tens × 2^twos. */
struct sdp_linreg_column {
	struct sdp_gram_column limbs;
	int tens, twos;
};

struct sdp_linreg_problem {
	const struct sdp_gram *gram;
	const struct sdp_linreg_column *columns; /* count of them, then the target */
	size_t count;
	bool intercept; /* the first column is 1 in every row */
	uint64_t rows;
	double level; /* of the confidence intervals */
};

struct sdp_linreg_coefficient {
	bool dropped;  /* a combination of columns before it: all figures are NaN */
	bool constant; /* it is one because it does not vary */
	double estimate, std_error, t, p, ci_low, ci_high, vif;
};

enum { SDP_LINREG_WEIGHTS = 8 };

struct sdp_linreg_fit {
	uint64_t residual_df;
	size_t used; /* coefficients that are not dropped */
	bool exact;  /* there is no error; else sse may be 0 too, being less than any double */
	double sse, sst, r2, adjusted_r2, sigma, mse, rmse, f, f_p, log_likelihood, aic, bic,
		condition_number;
	/*
	 * Arrays of the caller: count coefficients; of each limb its weight in the residual,
	 *
	 *	residual = 2^exponent × Σ_k limb[k] × Σ_{m < depth} weights[8k + m] × 2^(27·m)
	 *
	 * with a depth of 4 or, where terms so cancel that a residual needs more digits, 8; and the
	 * rows of the factor of C by which leverage is a sum of squares (NULL: not wanted): xᵀCx =
	 * Σ_i (Σ_{j ≤ i} root[i (i + 1) / 2 + j] x_j)² over the columns used.
	 */
	struct sdp_linreg_coefficient *coefficients;
	int32_t *weights;
	int exponent, depth;
	double *root;
};

/* Fails for want of memory only. */
int sdp_linreg_solve(const struct sdp_linreg_problem *problem, struct sdp_linreg_fit *fit,
		     struct sdp_err *err);

/* The residuals of the first n rows of a tile of limbs columns, rounded once. */
void sdp_linreg_residuals(const struct sdp_linreg_fit *fit, size_t limbs, const int32_t *tile,
			  size_t n, double *residuals);

#endif

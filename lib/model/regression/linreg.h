/*
 * Linear regression by least squares, from an exact Gram matrix (model/regression/gram.h).
 *
 * Dependent columns are found first, in integer arithmetic, and are dropped.  The rest is solved
 * with the LDLᵀ decomposition of [X y]ᵀ[X y] in MPFR.  The precision is increased until a bound on
 * the rounding errors is small enough for 53 correct bits in every statistic, however
 * ill-conditioned the columns are.  Each statistic is therefore that of the exact integers of the
 * columns, with an error of a few units in the last place.
 *
 * Definitions: with n rows, p coefficients, df = n - p, β = (XᵀX)⁻¹Xᵀy and C = (XᵀX)⁻¹
 *
 *	sse = Σ (y - Xβ)², sst = Σ (y - ȳ)² (Σ y² without intercept), r2 = 1 - sse/sst
 *	adjusted_r2 = 1 - (sse/df) / (sst/(n-1)), n instead of n-1 without intercept
 *	sigma² = sse/df, mse = sse/n, rmse = √mse, std_error_j = sigma √C_jj
 *	f = ((sst - sse)/k) / sigma², k = p - 1, or p without intercept
 *	log_likelihood = -n/2 (ln 2π + ln(sse/n) + 1), aic = -2 ℓ + 2p, bic = -2 ℓ + p ln n
 *	vif_j = C_jj Σ (x_j - x̄_j)², without intercept C_jj Σ x_j²
 *	condition_number = √(largest eigenvalue of XᵀX × largest eigenvalue of C)
 *
 * A statistic that is undefined (df = 0, or sse = 0 in a logarithm or a denominator) is NaN.
 */
#ifndef SDP_MODEL_REGRESSION_LINREG_H
#define SDP_MODEL_REGRESSION_LINREG_H

#include "model/regression/gram.h"
#include "sdp/buf.h"
#include "sdp/spill.h"

/* The unit of a column: value = integer × 10^-tens × 2^twos. */
struct sdp_linreg_column {
	struct sdp_gram_column limbs;
	int tens, twos;
};

struct sdp_linreg_problem {
	const struct sdp_gram *gram;
	const struct sdp_linreg_column *columns; /* count columns, then the target */
	size_t count;
	bool intercept; /* whether the first column is 1 in every row */
	uint64_t rows;
	double level; /* confidence level of the intervals, between 0 and 1 */
	struct sdp_spill *spill;
};

struct sdp_linreg_coefficient {
	/* the column is a linear combination of columns before it; all statistics are NaN */
	bool dropped;
	bool constant; /* the column was dropped because all its values are equal */
	/* the estimate is not 0 but infinite or 0 as a double; its digits are correct */
	bool out_of_range;
	double estimate, std_error, t, p, ci_low, ci_high, vif;
};

enum { SDP_LINREG_WEIGHTS = 4 };

struct sdp_linreg_fit {
	uint64_t residual_df;
	size_t used; /* number of coefficients that were not dropped */
	/*
	 * whether all residuals are exactly 0; if not, sse may still be 0, if it is below the
	 * smallest double
	 */
	bool exact;
	double sse, sst, r2, adjusted_r2, sigma, mse, rmse, f, f_p, log_likelihood, aic, bic,
		condition_number;
	/*
	 * Arrays of the caller: count coefficients, and root.  In memory of the spill: the weights
	 * of the limbs in the residual.
	 *
	 *	residual = 2^exponent × Σ_k limb[k] × Σ_{m < depth} weight(k, m) × 2^(27·m)
	 *
	 * depth is 4, or a larger multiple of 4 if the terms cancel so much that a residual needs
	 * more digits.  weight(k, 4i + j) is weights[4 (limbs × i + k) + j].  root is the factor of
	 * C with which leverage is a sum of squares, or NULL if it is not wanted: xᵀCx =
	 * Σ_i (Σ_{j ≤ i} root[i (i + 1) / 2 + j] x_j)² over the columns that were not dropped.
	 */
	struct sdp_linreg_coefficient *coefficients;
	int32_t *weights;
	int exponent, depth;
	double *root;
	/*
	 * The coefficients that were not dropped and, if root is wanted, its entries, as decimals
	 * with as many digits as predictions need, each ended by a NUL.  The caller sets it to {0}
	 * and releases it.
	 */
	struct sdp_buf digits;
};

/*
 * Solves the problem.  Returns 0, or -1 if memory runs out or the columns are so nearly dependent
 * that the highest precision does not suffice.
 */
int sdp_linreg_solve(const struct sdp_linreg_problem *problem, struct sdp_linreg_fit *fit,
		     struct sdp_err *err);

/*
 * Computes the residuals of the first n rows of a tile of `limbs` columns of limbs, each rounded
 * once.  sums is scratch space for fit->depth × SDP_LINREG_LANES numbers.
 */
enum { SDP_LINREG_LANES = 8 };
void sdp_linreg_residuals(const struct sdp_linreg_fit *fit, size_t limbs, const int32_t *tile,
			  size_t n, sdp_int128 *sums, double *residuals);

#endif

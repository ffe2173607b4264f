/*
 * Solves the normal equations by LDLᵀ decomposition, at a precision that is raised until the error
 * bound suffices.
 */
#include "model/regression/normal_equations.h"

#include "sdp/mem.h"

/* Precisions in bits.  MPFR is fastest just below a whole number of 64-bit words. */
enum { FIRST_PRECISION = 127, HIGHEST_PRECISION = 1 << 16, SURE_BITS = 58 };

mpfr_t *sdp_normal_numbers(size_t count, mpfr_prec_t precision, struct sdp_err *err)
{
	size_t digits = mpfr_custom_get_size(precision);
	mpfr_t *numbers = sdp_alloc(count, sizeof *numbers + digits, err);
	for (size_t i = 0; numbers && i < count; i++) {
		char *at = (char *)(numbers + count) + i * digits;
		mpfr_custom_init(at, precision);
		mpfr_custom_init_set(numbers[i], MPFR_ZERO_KIND, 0, precision, at);
	}
	return numbers;
}

void sdp_normal_factors_release(struct factors *f)
{
	free(f->l);
	free(f->d);
	free(f->w);
	*f = (struct factors){0};
}

/* sum -= a b */
static void subtract_product(mpfr_t sum, mpfr_t a, mpfr_t b, mpfr_t term)
{
	mpfr_mul(term, a, b, MPFR_RNDN);
	mpfr_sub(sum, sum, term, MPFR_RNDN);
}

/* Computes row i of L, and D_i: v_ij = a_ij - Σ_k v_ik l_jk, l_ij = v_ij / d_j. */
static void factor_row(const struct normal *normal, struct factors *f, size_t i, mpfr_t *v,
		       mpfr_t term)
{
	mpfr_t *row = f->l + normal_at(i, 0);
	for (size_t j = 0; j <= i; j++) {
		mpfr_t *other = f->l + normal_at(j, 0);
		mpfr_set_z(v[j], normal->products[normal_at(i, j)], MPFR_RNDN);
		for (size_t k = 0; k < j; k++)
			subtract_product(v[j], v[k], other[k], term);
		if (j < i)
			mpfr_div(row[j], v[j], f->d[j], MPFR_RNDN);
	}
	mpfr_set(f->d[i], v[i], MPFR_RNDN);
}

/* w_ij = -l_ij - Σ_{j<k<i} l_ik w_kj */
static void invert_row(struct factors *f, size_t i, mpfr_t term)
{
	mpfr_t *l = f->l + normal_at(i, 0), *w = f->w + normal_at(i, 0);
	for (size_t j = 0; j < i; j++)
		mpfr_neg(w[j], l[j], MPFR_RNDN);
	for (size_t k = 1; k < i; k++)
		for (size_t j = 0; j < k; j++)
			subtract_product(w[j], l[k], f->w[normal_at(k, j)], term);
	mpfr_set_ui(w[i], 1, MPFR_RNDN);
}

/*
 * Factors the matrix at the given precision, in bits.  Returns 0, or -1 if memory runs out; release
 * f on success.
 */
static int factor(const struct normal *normal, mpfr_prec_t precision, struct factors *f,
		  struct sdp_err *err)
{
	size_t n = normal->n;
	mpfr_t *v = sdp_normal_numbers(n + 2, precision, err);
	*f = (struct factors){.precision = precision, .n = n};
	f->l = sdp_normal_numbers((n + 1) * (n + 2) / 2, precision, err);
	f->d = sdp_normal_numbers(n + 1, precision, err);
	f->w = sdp_normal_numbers(n * (n + 1) / 2, precision, err);
	int rc = v && f->l && f->d && f->w ? 0 : -1;
	for (size_t i = 0; rc == 0 && i <= n; i++)
		factor_row(normal, f, i, v, v[n + 1]);
	for (size_t i = 0; rc == 0 && i < n; i++)
		invert_row(f, i, v[n + 1]);
	free(v);
	if (rc < 0)
		sdp_normal_factors_release(f);
	return rc;
}

void sdp_normal_estimate(const struct factors *f, size_t j, mpfr_t out)
{
	mpfr_set_ui(out, 0, MPFR_RNDN);
	for (size_t k = j; k < f->n; k++)
		mpfr_fma(out, f->w[normal_at(k, j)], f->l[normal_at(f->n, k)], out, MPFR_RNDN);
}

void sdp_normal_variance(const struct factors *f, size_t j, mpfr_t out)
{
	mpfr_t term;
	mpfr_init2(term, f->precision);
	mpfr_set_ui(out, 0, MPFR_RNDN);
	for (size_t k = j; k < f->n; k++) {
		mpfr_sqr(term, f->w[normal_at(k, j)], MPFR_RNDN);
		mpfr_div(term, term, f->d[k], MPFR_RNDN);
		mpfr_add(out, out, term, MPFR_RNDN);
	}
	mpfr_clear(term);
}

/*
 * Returns whether the factors are precise enough.
 *
 * Rounding in L D Lᵀ has the effect of errors of less than n 2^-precision √(a_ii a_jj) in the
 * products a_ij (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 10.1).  Let c be the
 * inverse of the matrix of all products, including the target, and τ = Σ a_jj c_jj.  Then the
 * relative error of every c_jj and of every pivot is at most n² τ 2^-precision, the error of β_j is
 * at most n² τ 2^-precision √(C_jj Σ y²), and that of a residual at most n² τ^1.5 2^-precision
 * √sse.
 */
static bool is_precise_enough(const struct normal *normal, const struct factors *f, bool exact)
{
	size_t n = f->n;
	mpfr_t x, variance, estimate, tau, worst;
	mpfr_inits2(f->precision, x, variance, estimate, tau, worst, (mpfr_ptr)NULL);
	mpz_srcptr squares = normal->products[normal_at(n, n)];
	mpfr_set_ui(tau, 1, MPFR_RNDN);
	mpfr_set_ui(worst, 1, MPFR_RNDN);
	for (size_t j = 0; j < n; j++) {
		sdp_normal_variance(f, j, variance);
		sdp_normal_estimate(f, j, estimate);
		if (!normal->zero[j]) {
			mpfr_mul_z(x, variance, squares, MPFR_RNDN);
			mpfr_sqrt(x, x, MPFR_RNDN);
			mpfr_div(x, x, estimate, MPFR_RNDN);
			mpfr_abs(x, x, MPFR_RNDN);
			mpfr_max(worst, worst, x, MPFR_RNDN);
		}
		if (!exact) { /* the inverse that includes the target has C_jj + β_j² / sse here */
			mpfr_sqr(x, estimate, MPFR_RNDN);
			mpfr_div(x, x, f->d[n], MPFR_RNDN);
			mpfr_add(variance, variance, x, MPFR_RNDN);
		}
		mpfr_mul_z(variance, variance, normal->products[normal_at(j, j)], MPFR_RNDN);
		mpfr_abs(variance, variance, MPFR_RNDN);
		mpfr_add(tau, tau, variance, MPFR_RNDN);
	}
	mpfr_set_z(x, squares, MPFR_RNDN);
	mpfr_div(x, x, f->d[n], MPFR_RNDN);
	mpfr_abs(x, x, MPFR_RNDN);
	if (!exact)
		mpfr_add(tau, tau, x, MPFR_RNDN);
	mpfr_sqrt(x, tau, MPFR_RNDN);
	if (!exact)
		mpfr_max(worst, worst, x, MPFR_RNDN);
	mpfr_mul(x, tau, worst, MPFR_RNDN);
	mpfr_mul_ui(x, x, (n + 2) * (n + 2), MPFR_RNDN);
	bool enough = mpfr_number_p(x) && mpfr_get_exp(x) + SURE_BITS <= f->precision;
	mpfr_clears(x, variance, estimate, tau, worst, (mpfr_ptr)NULL);
	return enough;
}

int sdp_normal_factor_adaptive(const struct normal *normal, bool exact, struct factors *f,
			       struct sdp_err *err)
{
	mpfr_prec_t precision = FIRST_PRECISION;
	int rc;
	while ((rc = factor(normal, precision, f, err)) == 0 &&
	       !is_precise_enough(normal, f, exact)) {
		sdp_normal_factors_release(f);
		precision = 2 * precision + 1;
		if (precision > HIGHEST_PRECISION)
			return sdp_fail(
				err, SDP_DATA,
				"the columns are too nearly dependent to be told apart in %d bits",
				HIGHEST_PRECISION);
	}
	return rc;
}

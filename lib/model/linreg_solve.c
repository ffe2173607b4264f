#include "linreg_private.h"

#include "sdp/mem.h"

#include <math.h>
#include <string.h>

/* MPFR is fastest below a whole number of 64-bit words. */
enum { FIRST_PRECISION = 127, SECOND_PRECISION = 191, HIGHEST_PRECISION = 1 << 16 };

static mpfr_t *new_numbers(size_t count, mpfr_prec_t precision, struct sdp_err *err)
{
	mpfr_t *numbers = sdp_alloc(count, sizeof *numbers, err);
	for (size_t i = 0; numbers && i < count; i++)
		mpfr_init2(numbers[i], precision);
	return numbers;
}

static void free_numbers(mpfr_t *numbers, size_t count)
{
	for (size_t i = 0; numbers && i < count; i++)
		mpfr_clear(numbers[i]);
	free(numbers);
}

void linreg_factors_release(struct factors *f)
{
	free_numbers(f->l, (f->n + 1) * (f->n + 2) / 2);
	free_numbers(f->d, f->n + 1);
	free_numbers(f->w, f->n * (f->n + 1) / 2);
	*f = (struct factors){0};
}

/* sum -= a b */
static void subtract_product(mpfr_t sum, mpfr_t a, mpfr_t b, mpfr_t term)
{
	mpfr_mul(term, a, b, MPFR_RNDN);
	mpfr_sub(sum, sum, term, MPFR_RNDN);
}

/* Row i of L, and D_i: v_ij = a_ij - Σ_k v_ik l_jk, l_ij = v_ij / d_j. */
static void factor_row(const struct normal *normal, struct factors *f, size_t i, mpfr_t *v, mpfr_t term)
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

int linreg_factor(const struct normal *normal, mpfr_prec_t precision, struct factors *f, struct sdp_err *err)
{
	size_t n = normal->n;
	mpfr_t *v = new_numbers(n + 2, precision, err);
	*f = (struct factors){.precision = precision, .n = n};
	f->l = new_numbers((n + 1) * (n + 2) / 2, precision, err);
	f->d = new_numbers(n + 1, precision, err);
	f->w = new_numbers(n * (n + 1) / 2, precision, err);
	int rc = v && f->l && f->d && f->w ? 0 : -1;
	for (size_t i = 0; rc == 0 && i <= n; i++)
		factor_row(normal, f, i, v, v[n + 1]);
	for (size_t i = 0; rc == 0 && i < n; i++)
		invert_row(f, i, v[n + 1]);
	free_numbers(v, n + 2);
	if (rc < 0)
		linreg_factors_release(f);
	return rc;
}

void linreg_estimate(const struct factors *f, size_t j, mpfr_t out)
{
	mpfr_set_ui(out, 0, MPFR_RNDN);
	for (size_t k = j; k < f->n; k++)
		mpfr_fma(out, f->w[normal_at(k, j)], f->l[normal_at(f->n, k)], out, MPFR_RNDN);
}

void linreg_variance(const struct factors *f, size_t j, mpfr_t out)
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

bool linreg_is_noise(const struct normal *normal, const struct factors *f, mpfr_t estimate, mpfr_t variance)
{
	mpfr_t bound;
	mpfr_init2(bound, f->precision);
	mpfr_mul_z(bound, variance, normal->products[normal_at(f->n, f->n)], MPFR_RNDN);
	bool noise = mpfr_zero_p(estimate) || mpfr_sgn(bound) <= 0 ||
		     mpfr_get_exp(estimate) < mpfr_get_exp(bound) / 2 - (mpfr_exp_t)(f->precision / 2);
	mpfr_clear(bound);
	return noise;
}

/*
 * What must not change: 2 n + 1 doubles, each the leading 53 bits of its figure, the exponent apart
 * and checked with it.
 */
static void sketch(const struct normal *normal, const struct factors *f, bool exact, double *out, long *exponents)
{
	mpfr_t estimate, variance;
	mpfr_inits2(f->precision, estimate, variance, (mpfr_ptr)NULL);
	for (size_t j = 0; j < f->n; j++) {
		linreg_estimate(f, j, estimate);
		linreg_variance(f, j, variance);
		if (linreg_is_noise(normal, f, estimate, variance))
			mpfr_set_zero(estimate, 1);
		out[2 * j] = mpfr_get_d_2exp(&exponents[2 * j], estimate, MPFR_RNDN);
		out[2 * j + 1] = mpfr_get_d_2exp(&exponents[2 * j + 1], variance, MPFR_RNDN);
	}
	out[2 * f->n] = mpfr_get_d_2exp(&exponents[2 * f->n], f->d[f->n], MPFR_RNDN);
	if (exact) {
		out[2 * f->n] = 0;
		exponents[2 * f->n] = 0;
	}
	mpfr_clears(estimate, variance, (mpfr_ptr)NULL);
}

int linreg_factor_surely(const struct normal *normal, bool exact, struct factors *f, struct sdp_err *err)
{
	size_t count = 2 * normal->n + 1;
	double *now = sdp_alloc(2 * count, sizeof *now, err), *before = now ? now + count : NULL;
	long *exponents = sdp_alloc(2 * count, sizeof *exponents, err), *last = exponents ? exponents + count : NULL;
	mpfr_prec_t precision = FIRST_PRECISION;
	int rc = now && exponents ? linreg_factor(normal, precision, f, err) : -1;
	while (rc == 0) {
		memcpy(before, now, count * sizeof *now);
		memcpy(last, exponents, count * sizeof *last);
		sketch(normal, f, exact, now, exponents);
		if (precision > FIRST_PRECISION && memcmp(now, before, count * sizeof *now) == 0 &&
		    memcmp(exponents, last, count * sizeof *last) == 0)
			break;
		if (precision > HIGHEST_PRECISION)
			SDP_BUG();
		precision = precision == FIRST_PRECISION ? SECOND_PRECISION : 2 * precision;
		linreg_factors_release(f);
		rc = linreg_factor(normal, precision, f, err);
	}
	free(now);
	free(exponents);
	return rc;
}

/*
 * Tail probabilities of the t and the F distribution, by the continued fraction of the incomplete
 * beta function.
 */
#include "model/regression/distribution.h"

#include "base/gmp.h"
#include "base/portable_math.h"

#include <math.h>
#include <mpfr.h>

enum { PRECISION = 127, CONVERGED = 70, ROUNDS = 1000000 };

/*
 * Computes 1/(1 + d1/(1 + d2/(1 + …))) by Lentz's method, which converges fast if x < (a + 1)/(a +
 * b + 2).
 */
static void fraction(mpfr_t out, mpfr_t a, mpfr_t b, mpfr_t x)
{
	mpfr_t c, d, h, term, divisor, sum;
	mpfr_inits2(PRECISION, c, d, h, term, divisor, sum, (mpfr_ptr)NULL);
	mpfr_add(sum, a, b, MPFR_RNDN);
	mpfr_set_ui(c, 1, MPFR_RNDN);
	mpfr_set_ui(d, 1, MPFR_RNDN);
	mpfr_set_ui(h, 1, MPFR_RNDN);
	for (unsigned long i = 1; i < ROUNDS; i++) {
		unsigned long m = i / 2;
		if (i % 2) { /* d_{2m+1} = -(a + m)(a + b + m) x / ((a + 2m)(a + 2m + 1)) */
			mpfr_add_ui(term, a, m, MPFR_RNDN);
			mpfr_add_ui(out, sum, m, MPFR_RNDN);
			mpfr_mul(term, term, out, MPFR_RNDN);
			mpfr_neg(term, term, MPFR_RNDN);
		} else { /* d_{2m} = m (b - m) x / ((a + 2m - 1)(a + 2m)) */
			mpfr_sub_ui(term, b, m, MPFR_RNDN);
			mpfr_mul_ui(term, term, m, MPFR_RNDN);
		}
		mpfr_add_ui(divisor, a, i, MPFR_RNDN);
		mpfr_sub_ui(out, divisor, 1, MPFR_RNDN);
		mpfr_mul(divisor, divisor, out, MPFR_RNDN);
		mpfr_mul(term, term, x, MPFR_RNDN);
		mpfr_div(term, term, divisor, MPFR_RNDN);
		/* d = 1 / (1 + term d), c = 1 + term / c (its first is 1), h = h c d */
		mpfr_mul(d, d, term, MPFR_RNDN);
		mpfr_add_ui(d, d, 1, MPFR_RNDN);
		mpfr_ui_div(d, 1, d, MPFR_RNDN);
		if (i > 1) {
			mpfr_div(c, term, c, MPFR_RNDN);
			mpfr_add_ui(c, c, 1, MPFR_RNDN);
		}
		mpfr_mul(term, c, d, MPFR_RNDN);
		mpfr_mul(h, h, term, MPFR_RNDN);
		mpfr_sub_ui(term, term, 1, MPFR_RNDN);
		if (mpfr_zero_p(term) || mpfr_get_exp(term) < -CONVERGED)
			break;
	}
	mpfr_swap(out, h);
	mpfr_clears(c, d, h, term, divisor, sum, (mpfr_ptr)NULL);
}

/* Computes the fraction times x^a y^b / (a B(a, b)), where y = 1 - x. */
static void beta_part(mpfr_t out, mpfr_t a, mpfr_t b, mpfr_t x, mpfr_t y)
{
	mpfr_t log_sum, term;
	mpfr_inits2(PRECISION, log_sum, term, (mpfr_ptr)NULL);
	mpfr_add(term, a, b, MPFR_RNDN);
	mpfr_lngamma(log_sum, term, MPFR_RNDN);
	mpfr_lngamma(term, a, MPFR_RNDN);
	mpfr_sub(log_sum, log_sum, term, MPFR_RNDN);
	mpfr_lngamma(term, b, MPFR_RNDN);
	mpfr_sub(log_sum, log_sum, term, MPFR_RNDN);
	mpfr_log(term, x, MPFR_RNDN);
	mpfr_fma(log_sum, term, a, log_sum, MPFR_RNDN);
	mpfr_log(term, y, MPFR_RNDN);
	mpfr_fma(log_sum, term, b, log_sum, MPFR_RNDN);
	mpfr_exp(term, log_sum, MPFR_RNDN);
	fraction(out, a, b, x);
	mpfr_mul(out, out, term, MPFR_RNDN);
	mpfr_div(out, out, a, MPFR_RNDN);
	mpfr_clears(log_sum, term, (mpfr_ptr)NULL);
}

/* Returns I_x(alpha, beta) for x = p / (p + q); p and q are exact. */
static double incomplete_beta(double alpha, double beta, mpfr_t p, mpfr_t q)
{
	mpfr_t a, b, x, y, limit, value;
	mpfr_inits2(PRECISION, a, b, x, y, limit, value, (mpfr_ptr)NULL);
	mpfr_set_d(a, alpha, MPFR_RNDN);
	mpfr_set_d(b, beta, MPFR_RNDN);
	mpfr_add(limit, p, q, MPFR_RNDN);
	mpfr_div(x, p, limit, MPFR_RNDN);
	mpfr_div(y, q, limit, MPFR_RNDN);
	mpfr_set_d(limit, (alpha + 1) / (alpha + beta + 2), MPFR_RNDN);
	if (mpfr_cmp(x, limit) < 0) {
		beta_part(value, a, b, x, y);
	} else {
		beta_part(value, b, a, y, x);
		mpfr_ui_sub(value, 1, value, MPFR_RNDN);
	}
	double result = mpfr_get_d(value, MPFR_RNDN);
	mpfr_clears(a, b, x, y, limit, value, (mpfr_ptr)NULL);
	return result < 0 ? 0 : result;
}

double sdp_f_upper(double f, double d1, double d2)
{
	mpfr_t p, q;
	if (!(f > 0) || isinf(f))
		return isnan(f) ? NAN : f > 0 ? 0 : 1;
	mpfr_inits2(PRECISION, p, q, (mpfr_ptr)NULL);
	mpfr_set_d(p, d2, MPFR_RNDN);
	mpfr_set_d(q, d1, MPFR_RNDN);
	mpfr_mul_d(q, q, f, MPFR_RNDN);
	double result = incomplete_beta(d2 / 2, d1 / 2, p, q);
	mpfr_clears(p, q, (mpfr_ptr)NULL);
	return result;
}

double sdp_t_two_sided(double t, double df)
{
	mpfr_t p, q;
	if (t == 0 || !isfinite(t))
		return isnan(t) ? NAN : t == 0 ? 1 : 0;
	mpfr_inits2(PRECISION, p, q, (mpfr_ptr)NULL);
	mpfr_set_d(p, df, MPFR_RNDN);
	mpfr_set_d(q, t, MPFR_RNDN);
	mpfr_sqr(q, q, MPFR_RNDN);
	double result = incomplete_beta(df / 2, 0.5, p, q);
	mpfr_clears(p, q, (mpfr_ptr)NULL);
	return result;
}

static double t_density(double t, double df)
{
	double scale =
		exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * 3.14159265358979323846);
	return scale * exp(-(df + 1) / 2 * log1p(t * t / df));
}

/*
 * Newton's method on the logarithm of the tail probability as a function of ln t, which is nearly
 * linear for every df.  The start value, a normal quantile, is below the solution.
 */
double sdp_t_quantile(double level, double df)
{
	double tail = 1 - level, t = sdp_portable_normal(1 - tail / 2);
	if (level < 1e-8) /* 1 - level has too few digits of level */
		return level / (2 * t_density(0, df));
	for (int i = 0; i < 100; i++) {
		double p = sdp_t_two_sided(t, df), slope = 2 * t_density(t, df) * t / p;
		double step = log(p / tail) / slope;
		t *= exp(step > 2 ? 2 : step < -2 ? -2 : step);
		if (fabs(step) < 1e-15)
			break;
	}
	return t;
}

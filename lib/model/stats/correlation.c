/*
 * Correlations of a pair, from exact sums.
 *
 * With a = n Σxy - Σx Σy, b = n Σx² - (Σx)² and c = n Σy² - (Σy)², which are integers,
 *
 *	r = a / √(bc)	1 - r² = (bc - a²) / bc	covariance = a / (n (n - 1))
 *
 * are quotients of integers, or the root of one.
 */
#include "model/stats/correlation.h"

#include "base/library.h"
#include "base/rational.h"

#include <math.h>

static const double NORMAL_975 = 1.959963984540054; /* the quantile of 0.975 */
static const double PI = 3.14159265358979323846;

/*
 * Returns Γ(a + 1/2) / Γ(a) for a > 0: by the asymptotic series of its logarithm from 24 on, where
 * the first term left out is below 1e-17, and by the recurrence below it.
 */
static double gamma_ratio(double a)
{
	double factor = 1;
	for (; a < 24; a++)
		factor *= a / (a + 0.5);
	double u = 1 / a, v = u * u;
	double series =
		u * (-1.0 / 8 +
		     v * (1.0 / 192 + v * (-1.0 / 640 + v * (17.0 / 14336 + v * (-31.0 / 18432)))));
	return factor * sqrt(a) * exp(series);
}

/* The terms d(1), d(2), … of a continued fraction 1 / (1 + d(1) / (1 + d(2) / (1 + …))). */
typedef double terms(double i, double a, double x);

/* Computes the fraction by Lentz's method. */
static double fraction(terms *term, double a, double x)
{
	const double converged = 2.3e-16, rounds = 1e6;
	double c = 1, d = 1, h = 1;
	for (double i = 1; i < rounds; i++) {
		double t = term(i, a, x);
		d = 1 / (1 + t * d);
		c = i > 1 ? 1 + t / c : 1;
		h *= c * d;
		if (fabs(c * d - 1) < converged)
			break;
	}
	return h;
}

/* Those of the hypergeometric function F(1/2, 1; a + 1; -x), all positive (DLMF 15.7.5). */
static double far_term(double i, double a, double x)
{
	double m = floor(i / 2);
	return fmod(i, 2) != 0 ? (m + 0.5) * (a + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
			       : m * (a + m - 0.5) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

/* Those of the incomplete beta function I_x(1/2, a) (DLMF 8.17.22). */
static double near_term(double i, double a, double x)
{
	double m = floor(i / 2);
	return fmod(i, 2) != 0 ? -(m + 0.5) * (a + m + 0.5) * x / ((2 * m + 0.5) * (2 * m + 1.5))
			       : m * (a - m) * x / ((2 * m - 0.5) * (2 * m + 0.5));
}

/*
 * Returns P(|T| > |t|) for t = √(df y / x) with df > 0 degrees of freedom, the incomplete beta
 * function I_x(df / 2, 1 / 2).  x + y = 1, and both are given with all their digits: for a
 * correlation r, df = n - 2, x = 1 - r² and y = r².
 */
static double tail(double x, double y, double df)
{
	double a = df / 2;
	if (!(x > 0))
		return isnan(x) ? NAN : 0;
	if (!(y > 0))
		return isnan(y) ? NAN : 1;
	double power =
		exp(a * (y < 0.5 ? log1p(-y) : log(x))) * sqrt(y) * gamma_ratio(a) / sqrt(PI);
	/* F(a + 1/2, 1; a + 1; x) = F(1/2, 1; a + 1; -x / y) / y, where nothing cancels. */
	return x < (a + 1) / (a + 2.5) ? power * fraction(far_term, a, x / y) / a / y
				       : 1 - 2 * power * fraction(near_term, a, y);
}

/*
 * Sets the interval of Fisher's z for n > 3.  rest is 1 - r², with all its digits also if r is
 * rounded to 1.
 */
static void find_interval(double rest, struct sdp_correlation *out)
{
	double size = fabs(out->r), z = size < 0.5 ? atanh(size) : log((1 + size) / sqrt(rest)),
	       half = NORMAL_975 / sqrt((double)(out->n - 3));
	out->ci_low = out->r < 0 ? -tanh(z + half) : tanh(z - half);
	out->ci_high = out->r < 0 ? -tanh(z - half) : tanh(z + half);
}

/* Computes n Σxy - Σx Σy. */
static void centre(uint64_t n, const mpz_t xy, const mpz_t x, const mpz_t y, mpz_t out)
{
	mpz_mul_ui(out, xy, n);
	mpz_submul(out, x, y);
}

void sdp_correlation_pearson(const struct sdp_pair_total *t, struct sdp_correlation *out)
{
	mpz_t a, b, c;
	*out = (struct sdp_correlation){t->n, NAN, NAN, NAN, NAN};
	if (t->n < 3)
		return;
	mpz_inits(a, b, c, (mpz_ptr)NULL);
	centre(t->n, t->xy, t->x, t->y, a);
	centre(t->n, t->xx, t->x, t->x, b);
	centre(t->n, t->yy, t->y, t->y, c);
	int sign = mpz_sgn(a);
	mpz_mul(b, b, c);
	mpz_mul(a, a, a);
	if (mpz_sgn(b) != 0) {
		mpz_sub(c, b, a);
		double rest = sdp_quotient_round(c, b, 0, false);
		out->r = sign * sdp_quotient_round(a, b, 0, true);
		out->p = tail(rest, sdp_quotient_round(a, b, 0, false), (double)(t->n - 2));
		if (mpz_sgn(c) == 0)
			out->ci_low = out->ci_high = out->r;
		else if (t->n > 3)
			find_interval(rest, out);
	}
	mpz_clears(a, b, c, (mpz_ptr)NULL);
}

void sdp_correlation_covariance(const struct sdp_pair_total *t, struct sdp_correlation *out)
{
	mpz_t a, divisor;
	*out = (struct sdp_correlation){t->n, NAN, NAN, NAN, NAN};
	if (t->n < 2)
		return;
	mpz_inits(a, divisor, (mpz_ptr)NULL);
	centre(t->n, t->xy, t->x, t->y, a);
	mpz_ui_pow_ui(divisor, 10, (unsigned long)(t->x_tens + t->y_tens));
	mpz_mul_ui(divisor, divisor, t->n);
	mpz_mul_ui(divisor, divisor, t->n - 1);
	out->r = sdp_quotient_round(a, divisor, 0, false);
	mpz_clears(a, divisor, (mpz_ptr)NULL);
}

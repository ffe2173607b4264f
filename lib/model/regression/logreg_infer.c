/* Statistics of the coefficients and of the fit; see model/regression/logreg_fit.h. */
#include "model/regression/logreg_algebra.h"
#include "model/regression/logreg_fit.h"
#include "sdp/mem.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Returns the intercept for the original columns: the exact sum of exact products, rounded once. */
static double plain_intercept(const struct sdp_logreg_shape *s, const double *theta)
{
	struct sdp_exact_sum sum = {0};
	sdp_exact_sum_add(&sum, theta[0]);
	for (size_t j = 1; j < s->columns; j++) {
		double shift = -s->centre[j] * s->scale[j], product = theta[j] * shift;
		sdp_exact_sum_add(&sum, product);
		sdp_exact_sum_add(&sum, fma(theta[j], shift, -product));
	}
	return sdp_exact_sum_value(&sum);
}

static void estimate(const struct sdp_logreg_fit *f, struct sdp_logreg_coefficient *out)
{
	const struct sdp_logreg_shape *s = &f->shape;
	double mean = 0;
	for (size_t k = 0; k < s->sets; k++) {
		const double *theta = f->theta + k * s->columns;
		for (size_t j = 0; j < s->columns; j++)
			out[k * s->columns + j] = (struct sdp_logreg_coefficient){
				.estimate = s->intercept && j == 0 ? plain_intercept(s, theta)
								   : theta[j] * s->scale[j],
				.std_error = NAN,
				.z = NAN,
				.p = NAN,
				.low = NAN,
				.high = NAN,
			};
		mean += out[k * s->columns].estimate / (double)s->sets;
	}
	/*
	 * The intercepts of a symmetric softmax are determined up to a common shift; here their sum
	 * is 0.
	 */
	for (size_t k = 0; k < s->sets && s->intercept && s->sets == s->labels; k++)
		out[k * s->columns].estimate -= mean;
	for (size_t i = 0; i < sdp_logreg_parameters(s); i++)
		out[i].odds_ratio = exp(out[i].estimate);
}

/* Returns the standard error of coefficient j of set k; v is scratch space for a vector. */
static double standard_error(const struct sdp_logreg_shape *s, const struct logreg_factor *factor,
			     size_t k, size_t j, double *v)
{
	size_t at = k * s->columns;
	for (size_t i = 0; i < factor->n; i++)
		v[i] = 0;
	v[at + j] = 1;
	for (size_t i = 1; i < s->columns && s->intercept && j == 0; i++)
		v[at + i] = -s->centre[i] * s->scale[i];
	return s->scale[j] * sqrt(sdp_logreg_factor_form(factor, v));
}

int sdp_logreg_infer(const struct sdp_logreg_fit *f, const struct sdp_logreg_sums *sums,
		     double level, struct sdp_logreg_coefficient *out, struct sdp_err *err)
{
	const struct sdp_logreg_shape *s = &f->shape;
	size_t n = sdp_logreg_parameters(s);
	struct logreg_factor factor = {0};
	double loss, quantile = gsl_cdf_ugaussian_Pinv(0.5 + level / 2);
	estimate(f, out);
	if (f->ridge > 0 || f->parts != SDP_LOGREG_HESSIAN)
		return 0;
	double *hessian = sdp_alloc(n * n, sizeof *hessian, err);
	double *v = hessian ? sdp_alloc(2 * n, sizeof *v, err) : NULL;
	int rc = v ? 0 : -1;
	if (rc == 0) {
		sdp_logreg_read(s, f->parts, sums, &loss, v, v + n, NULL, hessian);
		rc = sdp_logreg_factor_init(&factor, hessian, n, err);
	}
	for (size_t i = 0; rc == 0 && factor.pivot > 0 && i < n; i++) {
		struct sdp_logreg_coefficient *c = &out[i];
		c->std_error = standard_error(s, &factor, i / s->columns, i % s->columns, v);
		c->z = c->estimate / c->std_error;
		c->p = 2 * gsl_cdf_ugaussian_Q(fabs(c->z));
		c->low = c->estimate - quantile * c->std_error;
		c->high = c->estimate + quantile * c->std_error;
	}
	sdp_logreg_factor_release(&factor);
	free(hessian);
	free(v);
	return rc;
}

void sdp_logreg_fitness(const struct sdp_logreg_fit *f, const uint64_t *counts,
			struct sdp_logreg_fitness *out)
{
	const struct sdp_logreg_shape *s = &f->shape;
	double n = 0, p = (double)sdp_logreg_parameters(s),
	       constants = s->intercept ? (double)s->sets : 0;
	for (size_t k = 0; k < s->labels; k++)
		n += (double)counts[k];
	*out = (struct sdp_logreg_fitness){.log_likelihood = -f->loss,
					   .deviance = 2 * f->loss,
					   .llr = NAN,
					   .llr_p = NAN,
					   .aic = NAN,
					   .bic = NAN};
	out->null = sdp_logreg_null(s, counts);
	out->mcfadden_r2 = 1 - out->log_likelihood / out->null;
	if (f->ridge > 0)
		return;
	out->llr = 2 * (out->log_likelihood - out->null);
	out->llr_p = p > constants ? gsl_cdf_chisq_Q(fmax(out->llr, 0), p - constants) : NAN;
	out->aic = 2 * f->loss + 2 * p;
	out->bic = 2 * f->loss + p * log(n);
}

/* Autocorrelations, and partial autocorrelations by the Durbin-Levinson recursion. */
#include "model/timeseries/correlogram.h"

#include "base/library.h"
#include "sdp/exact.h"
#include "sdp/mem.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_version.h>
#include <math.h>

SDP_LIBRARY(gsl, gsl_version);

static double mean_of(const double *x, size_t n)
{
	struct sdp_exact_sum sum = {0};
	bool constant = true;
	for (size_t i = 0; i < n; i++) {
		sdp_exact_sum_add(&sum, x[i]);
		constant &= x[i] == x[0];
	}
	/* A constant series must have no variance, not even one from rounding. */
	return constant ? x[0] : sdp_exact_sum_value(&sum) / (double)n;
}

/* Returns Σ (x_t - m)(x_{t-k} - m), m being the mean. */
static double covariance(const double *x, size_t n, size_t k, double mean)
{
	double sum = 0;
	for (size_t i = k; i < n; i++)
		sum += (x[i] - mean) * (x[i - k] - mean);
	return sum;
}

/*
 * Computes the partial autocorrelations.  phi has room for 2 (lags + 1) numbers: the coefficients
 * of the current order and of the order before.
 */
static void partial(struct sdp_correlation *out, size_t lags, double *phi)
{
	double *old = phi + lags + 1, error = 1;
	out[0].pacf = 1;
	for (size_t k = 1; k <= lags; k++) {
		double sum = out[k].acf;
		for (size_t j = 1; j < k; j++) {
			old[j] = phi[j];
			sum -= old[j] * out[k - j].acf;
		}
		phi[k] = out[k].pacf = sum / error;
		for (size_t j = 1; j < k; j++)
			phi[j] = old[j] - phi[k] * old[k - j];
		error *= 1 - phi[k] * phi[k];
	}
}

int sdp_correlogram(const double *x, size_t n, size_t lags, struct sdp_correlation *out,
		    struct sdp_err *err)
{
	const double quantile = 1.959963984540054; /* quantile 0.975 of the normal distribution */
	double *phi = sdp_alloc(2 * (lags + 1), sizeof *phi, err), size = (double)n;
	if (!phi)
		return -1;
	double mean = mean_of(x, n), variance = covariance(x, n, 0, mean), squares = 0,
	       weighted = 0;
	for (size_t k = 0; k <= lags; k++) {
		double r = covariance(x, n, k, mean) / variance;
		out[k] = (struct sdp_correlation){
			.acf = r,
			.acf_band = k ? quantile * sqrt((1 + 2 * squares) / size) : 0,
			.pacf_band = k ? quantile / sqrt(size) : 0,
			.q = NAN,
			.p = NAN,
		};
		if (k == 0)
			continue;
		squares += r * r;
		weighted += r * r / (size - (double)k);
		out[k].q = size * (size + 2) * weighted;
		if (isfinite(out[k].q))
			out[k].p = gsl_cdf_chisq_Q(out[k].q, (double)k);
	}
	if (variance == 0)
		for (size_t k = 0; k <= lags; k++)
			out[k].acf_band = NAN;
	partial(out, lags, phi);
	if (variance == 0)
		out[0].pacf = NAN;
	free(phi);
	return 0;
}

/* Autocorrelations and partial autocorrelations of a series of equally spaced values. */
#ifndef SDP_MODEL_TIMESERIES_CORRELOGRAM_H
#define SDP_MODEL_TIMESERIES_CORRELOGRAM_H

#include "sdp/err.h"

struct sdp_correlation {
	/* Σ (x_t - m)(x_{t-k} - m) / Σ (x_t - m)², where m is the mean of all n values */
	double acf;
	/* 1.96 standard errors of acf, if all autocorrelations from this lag on are 0 (Bartlett) */
	double acf_band;
	/*
	 * partial autocorrelation: Yule–Walker equations, solved by the Durbin-Levinson recursion
	 */
	double pacf;
	double pacf_band; /* 1.96 / √n */
	double q;         /* Ljung-Box statistic n (n + 2) Σ acf²/(n - k); NaN at lag 0 */
	double p;         /* p value of q: chi-squared with as many degrees of freedom as lags */
};

/*
 * Computes the lags 0 to lags < n into out, which has room for lags + 1.  For a constant series
 * everything is NaN except pacf_band.  Returns 0, or -1 if memory runs out.
 */
int sdp_correlogram(const double *x, size_t n, size_t lags, struct sdp_correlation *out,
		    struct sdp_err *err);

#endif

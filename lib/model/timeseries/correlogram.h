/*
 * Autocorrelation of a series of equally spaced values.
 */
#ifndef SDP_MODEL_TIMESERIES_CORRELOGRAM_H
#define SDP_MODEL_TIMESERIES_CORRELOGRAM_H

#include "sdp/err.h"

struct sdp_correlation {
	double acf; /* Σ (x_t - m)(x_{t-k} - m) / Σ (x_t - m)², over all n */
	/* 1.96 standard errors, were all correlations from this lag on 0 (Bartlett) */
	double acf_band;
	double pacf;      /* Yule–Walker, by Durbin and Levinson */
	double pacf_band; /* 1.96 / √n */
	double q;         /* Ljung and Box: n (n + 2) Σ acf²/(n - k); NaN at lag 0 */
	double p;         /* of q: chi-squared with as many degrees of freedom as lags */
};

/*
 * Lags 0 to lags < n into out.  A constant series has no correlations: NaN.  0, or -1 (memory).
 */
int sdp_correlogram(const double *x, size_t n, size_t lags, struct sdp_correlation *out,
		    struct sdp_err *err);

#endif

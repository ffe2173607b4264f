/*
 * Correlations of a pair of columns, their p-values and intervals; sdp(7) has the definitions.
 *
 * A statistic that is not defined is NaN.
 */
#ifndef SDP_MODEL_STATS_CORRELATION_H
#define SDP_MODEL_STATS_CORRELATION_H

#include "model/stats/pair_sums.h"

struct sdp_correlation {
	uint64_t n; /* rows in which both have a value */
	double r;   /* the coefficient, or the covariance */
	double p, ci_low, ci_high;
};

/* Pearson's r of the sums of a pair, with the interval of level 0.95. */
void sdp_correlation_pearson(const struct sdp_pair_total *total, struct sdp_correlation *out);

/* The covariance; p and the interval are NaN. */
void sdp_correlation_covariance(const struct sdp_pair_total *total, struct sdp_correlation *out);

#endif

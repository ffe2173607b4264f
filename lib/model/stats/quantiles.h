/*
 * The number of distinct values and the quantiles of a value store, exact and in bounded memory.
 * What does not fit into memory is processed in parts, by ranges of values; each part reads the
 * runs again.
 */
#ifndef SDP_MODEL_STATS_QUANTILES_H
#define SDP_MODEL_STATS_QUANTILES_H

#include "model/stats/value_store.h"

enum { SDP_QUANTILES_QUANTILES = 16 };

/* A probability p = numerator / denominator, 0 ≤ p ≤ 1. */
struct sdp_probability {
	uint64_t numerator, denominator;
};

struct sdp_quantiles_result {
	uint64_t values; /* number of values, repeated ones included */
	uint64_t unique;
	/*
	 * Type 7 of R. J. Hyndman and Y. Fan, Sample Quantiles in Statistical Packages, The
	 * American Statistician 50(4), 1996: with h = (n - 1) p, linear interpolation between the
	 * values of rank floor(h) and floor(h) + 1, counted from 0.  The exact value is rounded
	 * once.  NaN if there are no values or if the values are hashes of strings.
	 */
	double quantile[SDP_QUANTILES_QUANTILES];
};

/*
 * Fills result with the number of distinct values and the quantiles of count ≤
 * SDP_QUANTILES_QUANTILES probabilities.  memory is the number of bytes that the function may
 * allocate, taken as at least 1 MiB. Returns 0, or -1 if memory runs out or the spill cannot be
 * read.
 */
int sdp_quantiles_solve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			uint64_t memory, const struct sdp_probability *probabilities, size_t count,
			struct sdp_quantiles_result *result, struct sdp_err *err);

/*
 * Computes the place of quantile p of n ≥ 1 values: between the values of rank *rank and *rank + 1,
 * with the weights (d - *part) / d and *part / d, d being the denominator of p.
 */
void sdp_quantiles_place(uint64_t n, struct sdp_probability p, uint64_t *rank, uint64_t *part);

/* The values between which a quantile is: (low (of - part) + high part) / of. */
struct sdp_quantile_place {
	struct sdp_value low, high;
	uint64_t part, of;
};

/*
 * Does the same as sdp_quantiles_solve and, unless places is NULL, sets places of all quantiles. If
 * distinct is false, the distinct values are not counted, and unique is 0.
 */
int sdp_quantiles_solve_places(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			       uint64_t memory, bool distinct,
			       const struct sdp_probability *probabilities, size_t count,
			       struct sdp_quantile_place *places,
			       struct sdp_quantiles_result *result, struct sdp_err *err);

/*
 * Returns an estimate of the work of sdp_quantiles_solve, in arbitrary units, so that the most
 * expensive columns can be started first.
 */
uint64_t sdp_quantiles_cost(const struct sdp_value_store *keys);

#endif

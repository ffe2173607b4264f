/*
 * Distinct values and quantiles of a collection of keys, exact, in bounded memory: what does not
 * fit is sorted in parts by ranges of keys, each part reading the runs again.
 */
#ifndef SDP_MODEL_STATS_QUANTILES_H
#define SDP_MODEL_STATS_QUANTILES_H

#include "model/stats/value_store.h"

enum { SDP_QUANTILES_QUANTILES = 16 };

/* p = numerator / denominator, 0 ≤ p ≤ 1. */
struct sdp_probability {
	uint64_t numerator, denominator;
};

struct sdp_quantiles_result {
	uint64_t values; /* all, with repetitions */
	uint64_t unique;
	/*
	 * Type 7 of Hyndman and Fan (1996): with h = (n - 1) p, the value between the ones of rank
	 * floor(h) and floor(h) + 1, linearly.  The exact value rounded once.  NaN without values,
	 * and of hashes.
	 */
	double quantile[SDP_QUANTILES_QUANTILES];
};

/* memory: bytes that may be allocated meanwhile (at least 1 MiB is taken for granted). */
int sdp_quantiles_solve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			uint64_t memory, const struct sdp_probability *probabilities, size_t count,
			struct sdp_quantiles_result *result, struct sdp_err *err);

/* How much work a solve is, in arbitrary units: to take the costliest first. */
uint64_t sdp_quantiles_cost(const struct sdp_value_store *keys);

#endif

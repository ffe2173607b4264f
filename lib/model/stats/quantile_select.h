/*
 * Quantiles of doubles that can be made again: one pass counts them in buckets, the next collects
 * those in the buckets where wanted ranks lie, a small part unless many are equal, which a
 * dictionary takes up.  Counts are integers and merge in any order.
 */
#ifndef SDP_MODEL_STATS_QUANTILE_SELECT_H
#define SDP_MODEL_STATS_QUANTILE_SELECT_H

#include "model/stats/quantiles.h"

enum {
	SDP_QUANTILE_SELECT_BUCKET_BITS = 18,
	SDP_QUANTILE_SELECT_RANKS = 2 * SDP_QUANTILES_QUANTILES
};

/* Zeros are fresh. */
struct sdp_quantile_select_counts {
	uint64_t values;
	uint64_t buckets[1 << SDP_QUANTILE_SELECT_BUCKET_BITS]; /* of doubles in their order */
};

void sdp_quantile_select_count(struct sdp_quantile_select_counts *counts, const double *finite,
			       size_t n);
void sdp_quantile_select_merge(struct sdp_quantile_select_counts *into,
			       const struct sdp_quantile_select_counts *from);

/* What is wanted: quantiles of type 7 (order.h), and where they lie. */
struct sdp_quantile_select_plan {
	uint64_t values;
	const struct sdp_probability *probabilities;
	size_t count;
	uint32_t buckets[SDP_QUANTILE_SELECT_RANKS]; /* ascending, each once */
	uint64_t first[SDP_QUANTILE_SELECT_RANKS];   /* rank of a bucket's first value */
	uint64_t absent[SDP_QUANTILE_SELECT_RANKS];  /* how many below it are not collected */
	size_t bucket_count;
	uint64_t collected; /* values in these buckets */
};

void sdp_quantile_select_plan(const struct sdp_quantile_select_counts *counts,
			      const struct sdp_probability *probabilities, size_t count,
			      struct sdp_quantile_select_plan *plan);

/* Adds those of n ≤ 1024 values that lie in the plan's buckets. */
int sdp_quantile_select_collect(const struct sdp_quantile_select_plan *plan, const double *finite,
				size_t n, struct sdp_value_store *keys, struct sdp_spill *spill,
				struct sdp_err *err);

/* The quantiles, from all that was collected; NaN without values. */
int sdp_quantile_select_solve(const struct sdp_quantile_select_plan *plan,
			      const struct sdp_value_store *keys, const struct sdp_spill *spill,
			      uint64_t memory, double *quantiles, struct sdp_err *err);

#endif

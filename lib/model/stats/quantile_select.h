/*
 * Exact quantiles of doubles that the caller can compute twice, so that they need not be stored.
 *
 * The first pass counts the values in buckets, by the leading bits of the doubles.  The second pass
 * collects only the values of the buckets that contain a wanted rank: a small part, unless many
 * values are equal, and equal values share one entry of the value store's dictionary.  Counts are
 * integers, so they can be merged in any order.
 */
#ifndef SDP_MODEL_STATS_QUANTILE_SELECT_H
#define SDP_MODEL_STATS_QUANTILE_SELECT_H

#include "model/stats/quantiles.h"

enum {
	SDP_QUANTILE_SELECT_BUCKET_BITS = 18,
	SDP_QUANTILE_SELECT_RANKS = 2 * SDP_QUANTILES_QUANTILES
};

/* The counts of the first pass.  All-zero bytes are empty counts. */
struct sdp_quantile_select_counts {
	uint64_t values;
	/* a histogram over all doubles in ascending order */
	uint64_t buckets[1 << SDP_QUANTILE_SELECT_BUCKET_BITS];
};

/* Counts n finite values. */
void sdp_quantile_select_count(struct sdp_quantile_select_counts *counts, const double *finite,
			       size_t n);

/* Adds the counts of `from` to `into`. */
void sdp_quantile_select_merge(struct sdp_quantile_select_counts *into,
			       const struct sdp_quantile_select_counts *from);

/*
 * What the second pass has to collect: the buckets with the ranks of the wanted quantiles, which
 * are those of type 7 (model/stats/quantiles.h).  probabilities belongs to the caller.
 */
struct sdp_quantile_select_plan {
	uint64_t values;
	const struct sdp_probability *probabilities;
	size_t count;
	uint32_t buckets[SDP_QUANTILE_SELECT_RANKS]; /* ascending, without duplicates */
	uint64_t first[SDP_QUANTILE_SELECT_RANKS];   /* rank of each bucket's smallest value */
	/* values below each bucket that are not collected */
	uint64_t absent[SDP_QUANTILE_SELECT_RANKS];
	size_t bucket_count;
	uint64_t collected; /* number of values in these buckets */
};

/* Makes the plan for count quantiles.  probabilities must outlive the plan. */
void sdp_quantile_select_plan(const struct sdp_quantile_select_counts *counts,
			      const struct sdp_probability *probabilities, size_t count,
			      struct sdp_quantile_select_plan *plan);

/* Adds to keys those of n ≤ 1024 finite values that are in the plan's buckets.  Returns 0 or -1. */
int sdp_quantile_select_collect(const struct sdp_quantile_select_plan *plan, const double *finite,
				size_t n, struct sdp_value_store *keys, struct sdp_spill *spill,
				struct sdp_err *err);

/*
 * Computes the plan's quantiles from all collected values; they are NaN if there are no values.
 * The plan may have at most SDP_QUANTILES_QUANTILES / 2 quantiles.  memory is as for
 * sdp_quantiles_solve.  Returns 0 or -1.
 */
int sdp_quantile_select_solve(const struct sdp_quantile_select_plan *plan,
			      const struct sdp_value_store *keys, const struct sdp_spill *spill,
			      uint64_t memory, double *quantiles, struct sdp_err *err);

#endif

/*
 * Descriptive statistics of one column, as a mergeable summary.
 *
 * All-zero bytes are an empty summary.  What hangs on it belongs to the spill's owner.  Sums are
 * exact, so are extremes, and the keys hold every value; sdp_quantiles_solve and sdp_exact_moments
 * make figures of them.  Functions return 0 or -1 (memory or disk ended).
 */
#ifndef SDP_MODEL_STATS_COLUMN_SUMMARY_H
#define SDP_MODEL_STATS_COLUMN_SUMMARY_H

#include "model/stats/value_store.h"
#include "sdp/exact.h"

struct sdp_extreme_number {
	bool any;
	struct sdp_value value;
};

struct sdp_extreme_text {
	char *data; /* NULL: none yet */
	size_t length, capacity;
};

struct sdp_column_summary {
	uint64_t values, nulls;
	unsigned seen; /* what the cells looked like; the caller's business */
	struct sdp_value_store keys;
	/* Numbers. */
	struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	struct sdp_real_sum *real;
	struct sdp_extreme_number low, high;
	/* Strings: bytewise extremes, lengths in characters.  Times: the texts of low and high. */
	struct sdp_extreme_text least, greatest;
	uint64_t shortest, longest;
};

/* n decimals of one scale. */
int sdp_column_summary_add_decimals(struct sdp_column_summary *summary, struct sdp_spill *spill,
				    const int64_t *mantissas, size_t n, int scale,
				    struct sdp_err *err);

/* Finite doubles that are no decimals. */
int sdp_column_summary_add_reals(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const double *values, size_t n, struct sdp_err *err);

/*
 * Times as decimals of one scale, for which texts[i] of lengths[i] bytes stood; of equal times the
 * bytewise smaller text is kept.
 */
int sdp_column_summary_add_times(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const int64_t *mantissas, size_t n, int scale,
				 const char *const *texts, const size_t *lengths,
				 struct sdp_err *err);

/*
 * n strings (valid UTF-8).  limit: entries of the dictionary, which only decides how memory is
 * used.  hashes: scratch of 2 n words.
 */
int sdp_column_summary_add_texts(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const char *const *texts, const size_t *lengths, size_t n,
				 uint32_t limit, uint64_t *hashes, struct sdp_err *err);

/* from is used up. */
int sdp_column_summary_merge(struct sdp_column_summary *into, struct sdp_column_summary *from,
			     struct sdp_spill *spill, struct sdp_err *err);

#endif

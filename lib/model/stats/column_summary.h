/*
 * Descriptive statistics of one column, as a summary that can be merged.
 *
 * A summary keeps exact sums, exact extremes, and every value (in the value store).
 * sdp_exact_moments and sdp_quantiles_solve compute the statistics from it.  All-zero bytes are an
 * empty summary.  The memory to which a summary points belongs to the owner of the spill, so there
 * is nothing to free.  Functions return 0, or -1 if memory or disk space runs out.
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
	char *data; /* NULL if there is none yet */
	size_t length, capacity;
};

struct sdp_extreme_time {
	bool any;
	int64_t second;
	uint32_t nano;
};

/* What a summary leaves out. */
enum {
	SDP_SUMMARY_NO_KEYS = 1,     /* the values: keys and far_times stay empty */
	SDP_SUMMARY_NO_SUMS = 2,     /* scaled and real stay NULL */
	SDP_SUMMARY_NO_EXTREMES = 4, /* of times and strings, with the lengths */
};

struct sdp_column_summary {
	unsigned skip; /* SDP_SUMMARY_ bits; the caller sets them before it adds the first value */
	uint64_t values, nulls;
	unsigned seen; /* flags of the caller, which describe the cells seen; merging unites them */
	struct sdp_value_store keys;
	struct sdp_value_store far_times; /* hashes of the times that are not among keys */
	/* Numbers: one sum for each scale, NULL if no value has it; real may be NULL too. */
	struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	struct sdp_real_sum *real;
	struct sdp_extreme_number low, high;
	/*
	 * Strings: the smallest and the largest in byte order, and the lengths of the shortest and
	 * the longest in characters.  For times, least and greatest are the texts of first and
	 * last.
	 */
	struct sdp_extreme_time first, last;
	struct sdp_extreme_text least, greatest;
	uint64_t shortest, longest;
};

/* Adds n decimals of one scale: mantissas[i] × 10^-scale. */
int sdp_column_summary_add_decimals(struct sdp_column_summary *summary, struct sdp_spill *spill,
				    const int64_t *mantissas, size_t n, int scale,
				    struct sdp_err *err);

/* Adds n finite doubles that are not decimals of at most 18 digits after the point. */
int sdp_column_summary_add_reals(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const double *values, size_t n, struct sdp_err *err);

/*
 * Adds n times, given as decimals of one scale.  texts[i], of lengths[i] bytes, is time i as it is
 * in the input.  If the smallest or the largest time occurs with different texts, the first text in
 * byte order is kept.
 */
int sdp_column_summary_add_times(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const int64_t *mantissas, size_t n, int scale,
				 const char *const *texts, const size_t *lengths,
				 struct sdp_err *err);

/*
 * Adds n times whose decimals do not fit 64 bits, as seconds and nanoseconds.  The caller must add
 * equal times in the same way, by this function or by the one above.
 */
int sdp_column_summary_add_far_times(struct sdp_column_summary *summary, struct sdp_spill *spill,
				     const int64_t *seconds, const uint32_t *nanos, size_t n,
				     const char *const *texts, const size_t *lengths,
				     struct sdp_err *err);

/*
 * Adds n strings of valid UTF-8.  limit is the number of entries that the dictionary may have; it
 * affects only how much memory is used.  hashes is scratch space for 2 n words.
 */
int sdp_column_summary_add_texts(struct sdp_column_summary *summary, struct sdp_spill *spill,
				 const char *const *texts, const size_t *lengths, size_t n,
				 uint32_t limit, uint64_t *hashes, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
int sdp_column_summary_merge(struct sdp_column_summary *into, struct sdp_column_summary *from,
			     struct sdp_spill *spill, struct sdp_err *err);

#endif

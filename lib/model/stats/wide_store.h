/*
 * The values of a column of wide numbers (sdp/num.h), and its statistics: exact, in bounded memory.
 *
 * Each number is a key: bytes that memcmp orders as the numbers are ordered, and that are equal if
 * the numbers are equal.  The keys of a block are sorted, equal ones united with their count, and
 * kept as a run in the spill.  Merging all runs then shows the different numbers in order.
 *
 * All-zero bytes are an empty store.  Its memory belongs to the owner of the spill.  Functions that
 * return int return 0, or -1 if memory or disk space runs out.
 */
#ifndef SDP_MODEL_STATS_WIDE_STORE_H
#define SDP_MODEL_STATS_WIDE_STORE_H

#include "model/stats/quantiles.h"
#include "sdp/buf.h"
#include "sdp/exact.h"

struct sdp_wide_run;

struct sdp_wide_store {
	struct sdp_wide_run *runs, *last_run;
	uint64_t run_count, bytes;
};

/* The keys of a block.  {0} is empty. */
struct sdp_wide_batch {
	struct sdp_buf bytes, digits; /* digits: scratch space */
	size_t count;
};

/* Adds a cell that is a number, as for sdp_number_digits. */
int sdp_wide_batch_add(struct sdp_wide_batch *batch, const char *text, size_t length, char point,
		       const char *group, struct sdp_err *err);
void sdp_wide_batch_release(struct sdp_wide_batch *batch);

/* Keeps the numbers of a batch. */
int sdp_wide_store_add(struct sdp_wide_store *store, struct sdp_spill *spill,
		       const struct sdp_wide_batch *batch, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
void sdp_wide_store_merge(struct sdp_wide_store *into, struct sdp_wide_store *from);

/* The statistics; each is the exact value, rounded once unless it is printed in full. */
struct sdp_wide_result {
	struct sdp_quantiles_result order;
	struct sdp_moment_result moments;
	const char *low, *high, *sum; /* printed in full, in memory of the spill */
};

/*
 * Computes the statistics of values ≥ 1 numbers.  memory, p and count are as for
 * sdp_quantiles_solve.
 */
int sdp_wide_store_solve(const struct sdp_wide_store *store, struct sdp_spill *spill,
			 uint64_t memory, const struct sdp_probability *p, size_t count,
			 uint64_t values, struct sdp_wide_result *result, struct sdp_err *err);

/* Returns a copy in memory of this spill, or NULL if memory is exhausted. */
struct sdp_wide_result *sdp_wide_result_copy(const struct sdp_wide_result *result,
					     struct sdp_spill *spill, struct sdp_err *err);

#endif

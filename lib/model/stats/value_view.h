/*
 * The values of a store (value_store.h) as a stream of unsigned integers, for the functions that
 * compute distinct counts and quantiles.  Private to lib/model/stats.
 *
 * A view presents numbers as offsets from an origin: either decimals brought to one scale, or
 * ordered doubles.  The range of the offsets follows from the headers of the runs and from the
 * dictionary, without reading a run.
 */
#ifndef SDP_MODEL_STATS_VALUE_VIEW_H
#define SDP_MODEL_STATS_VALUE_VIEW_H

#include "model/stats/value_store.h"
#include "sdp/exact.h"

enum sdp_value_view_what {
	SDP_VALUE_VIEW_DECIMALS, /* value × 10^scale, which must fit 64 bits */
	SDP_VALUE_VIEW_REALS,    /* only numbers that are not decimals, as ordered doubles */
	SDP_VALUE_VIEW_DOUBLES,  /* decimals and reals, rounded to doubles and ordered */
};

struct sdp_value_view {
	const struct sdp_value_store *keys;
	const struct sdp_spill *spill;
	enum sdp_value_view_what what;
	int scale;       /* of SDP_VALUE_VIEW_DECIMALS */
	int64_t origin;  /* the smallest key; keys are shown as differences from it */
	uint64_t span;   /* the largest difference from the origin */
	uint64_t values; /* number of keys, with repetitions; if 0, origin and span are undefined */
};

/* What a store contains. */
struct sdp_value_view_content {
	uint64_t decimals, reals, rationals, hashes; /* numbers of values, with repetitions */
	int scale;                                   /* the largest scale of a decimal */
	bool fits; /* whether all decimals fit 64 bits at that scale */
};

/* Determines what a store contains, without reading a run. */
void sdp_value_view_describe(const struct sdp_value_store *keys,
			     struct sdp_value_view_content *content);

/*
 * Makes a view of a store.  scale is that of SDP_VALUE_VIEW_DECIMALS, at least the largest of the
 * store's decimals.  The store and the spill must outlive the view.
 */
void sdp_value_view_init(struct sdp_value_view *view, const struct sdp_value_store *keys,
			 const struct sdp_spill *spill, enum sdp_value_view_what what, int scale);

/*
 * Called with n numbers of one kind as they were added, each of which occurs weight times.  Returns
 * 0, or -1 to stop.
 */
typedef int sdp_value_visitor(void *context, int kind, const int64_t *values, size_t n,
			      uint64_t weight);

/*
 * Calls visit with all numbers of a store, batch after batch.  Returns 0, or -1 if visit or reading
 * fails.
 */
int sdp_value_view_values(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			  sdp_value_visitor *visit, void *context, struct sdp_err *err);

/* Called with n keys, each of which occurs weight times. */
typedef void sdp_value_view_visitor(void *context, const uint64_t *keys, size_t n, uint64_t weight);

/*
 * Calls visit with all keys of a view: those of runs in batches, with a weight of 1, and those of
 * the dictionary one by one, with their counts as the weight.  Returns 0, or -1 if reading fails.
 */
int sdp_value_view_visit(const struct sdp_value_view *view, sdp_value_view_visitor *visit,
			 void *context, struct sdp_err *err);

/*
 * A tie: among all numbers ordered as doubles, the number of this rank has this key (as
 * sdp_key_of_double returns it, not an offset).  Several numbers may round to this double; value is
 * the one that has the rank.
 */
struct sdp_tie {
	uint64_t rank;
	int64_t key;
	struct sdp_value value;
};

/*
 * Fills in the values of ties, which ascend by rank, in one pass over all numbers; in exact_rank.c.
 */
int sdp_exact_rank_resolve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			   struct sdp_tie *ties, size_t count, struct sdp_err *err);

/*
 * Calls visit with 128-bit keys of two words each, with weights as above: the hashes, or if
 * decimals is true the decimals.  The key of a decimal is a mixture of its value at scale 18; keys
 * are equal if and only if the values are equal.
 */
int sdp_value_view_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			 bool decimals, sdp_value_view_visitor *visit, void *context,
			 struct sdp_err *err);

/* Adds to *unique the number of different keys that sdp_value_view_pairs shows; in distinct.c. */
int sdp_distinct_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
		       bool decimals, uint64_t memory, uint64_t *unique, struct sdp_err *err);

#endif

/*
 * Between keys.c and the solvers: a collection's keys as a stream of unsigned integers.
 *
 * A view shows numbers as offsets from an origin: decimals brought to one scale, or everything as
 * ordered doubles.  Which it is, and the range of the keys, follows from the runs' headers and the
 * dictionary, without looking at a run.
 */
#ifndef SDP_MODEL_STATS_VALUE_VIEW_H
#define SDP_MODEL_STATS_VALUE_VIEW_H

#include "model/stats/value_store.h"
#include "sdp/exact.h"

enum sdp_value_view_what {
	SDP_VALUE_VIEW_DECIMALS, /* value × 10^scale, which must fit */
	SDP_VALUE_VIEW_REALS,    /* only what is no decimal, as ordered doubles */
	SDP_VALUE_VIEW_DOUBLES,  /* decimals and reals, rounded to doubles, ordered */
};

struct sdp_value_view {
	const struct sdp_value_store *keys;
	const struct sdp_spill *spill;
	enum sdp_value_view_what what;
	int scale;       /* of SDP_VALUE_VIEW_DECIMALS */
	int64_t origin;  /* subtracted from the keys: the smallest */
	uint64_t span;   /* the largest key */
	uint64_t values; /* with repetitions; 0: origin and span mean nothing */
};

/* What a collection holds. */
struct sdp_value_view_content {
	uint64_t decimals, reals, hashes; /* values, with repetitions */
	int scale;                        /* the largest */
	bool fits;                        /* all decimals fit 64 bits at that scale */
};

void sdp_value_view_look(const struct sdp_value_store *keys,
			 struct sdp_value_view_content *content);

void sdp_value_view_init(struct sdp_value_view *view, const struct sdp_value_store *keys,
			 const struct sdp_spill *spill, enum sdp_value_view_what what, int scale);

/* Calls see with all numbers as they were collected, batch by batch; it may fail. */
typedef int sdp_value_see(void *context, int kind, const int64_t *values, size_t n,
			  uint64_t weight);
int sdp_value_view_values(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			  sdp_value_see *see, void *context, struct sdp_err *err);

/*
 * Calls see with all keys in turn: from runs in batches, each key once (weight 1); from the
 * dictionary one by one with their counts.
 */
typedef void sdp_value_view_see(void *context, const uint64_t *keys, size_t n, uint64_t weight);
int sdp_value_view_visit(const struct sdp_value_view *view, sdp_value_view_see *see, void *context,
			 struct sdp_err *err);

/*
 * Ordered as doubles, the number of this rank has this key (as sdp_key_of_double, not an offset);
 * which number it is, is to be found: several may round to one double.
 */
struct sdp_tie {
	uint64_t rank;
	int64_t key;
	struct sdp_value value;
};

/* Finds the values of ties, ascending by rank, in one look at all numbers (ties.c). */
int sdp_exact_rank_resolve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			   struct sdp_tie *ties, size_t count, struct sdp_err *err);

/* (a (d - part) + b part) / d, rounded once. */
double sdp_value_between(struct sdp_value a, struct sdp_value b, uint64_t part, uint64_t d);

/*
 * Calls see with 128-bit keys, two words each (weight as above): the hashes, or decimals as
 * mixtures of their value at scale 18, equal only for equal values.
 */
int sdp_value_view_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			 bool decimals, sdp_value_view_see *see, void *context,
			 struct sdp_err *err);

/* How many different 128-bit keys sdp_value_view_pairs shows, added to *unique; in distinct.c. */
int sdp_distinct_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
		       bool decimals, uint64_t memory, uint64_t *unique, struct sdp_err *err);

#endif

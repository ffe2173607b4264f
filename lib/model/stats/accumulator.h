/*
 * Tallies: count, sums and extremes of some numbers, exact and mergeable, in as little memory as
 * the numbers allow: 96 bytes while they are decimals of one scale.
 *
 * All-zero bytes are an empty tally.  What hangs on it belongs to the spill's owner.
 */
#ifndef SDP_MODEL_STATS_ACCUMULATOR_H
#define SDP_MODEL_STATS_ACCUMULATOR_H

#include "model/stats/value_store.h"
#include "sdp/exact.h"

struct sdp_accumulator {
	struct sdp_scaled_sum sum;         /* of decimals of this scale */
	struct sdp_accumulator_more *more; /* of the others */
	struct sdp_value low, high;
	uint64_t count; /* of all */
	int scale;
};

/* n > 0 decimals of one scale, all between low and high. */
int sdp_accumulator_add_decimals(struct sdp_accumulator *tally, struct sdp_spill *spill,
				 const int64_t *mantissa, size_t n, int scale, int64_t low,
				 int64_t high, struct sdp_err *err);

/* A finite double that is no decimal. */
int sdp_accumulator_add_real(struct sdp_accumulator *tally, struct sdp_spill *spill, double value,
			     struct sdp_err *err);

/* from is used up. */
int sdp_accumulator_merge(struct sdp_accumulator *into, struct sdp_accumulator *from,
			  struct sdp_spill *spill, struct sdp_err *err);

void sdp_accumulator_moments(const struct sdp_accumulator *tally, struct sdp_moment_result *out);

/* The value as the nearest double; a - b, rounded once. */
double sdp_value_double(struct sdp_value value);
double sdp_value_difference(struct sdp_value a, struct sdp_value b);

#endif

/*
 * The count, the sums and the extremes of a set of numbers, exact and mergeable.  An accumulator
 * takes 96 bytes while all its numbers are decimals of one scale, and more if they are not.
 *
 * All-zero bytes are an empty accumulator.  The memory to which an accumulator points belongs to
 * the owner of the spill, so there is nothing to free.  Functions that return int return 0, or -1
 * if memory runs out.
 */
#ifndef SDP_MODEL_STATS_ACCUMULATOR_H
#define SDP_MODEL_STATS_ACCUMULATOR_H

#include "model/stats/exact_value.h"
#include "sdp/exact.h"

struct sdp_accumulator {
	struct sdp_scaled_sum sum; /* of the decimals of the scale below */
	/* the sums of the other scales and of reals; NULL if there are none */
	struct sdp_accumulator_more *more;
	struct sdp_value low, high;
	uint64_t count; /* of all numbers */
	int scale;
};

/* Adds n > 0 decimals of one scale, mantissa[i] × 10^-scale, all of them between low and high. */
int sdp_accumulator_add_decimals(struct sdp_accumulator *acc, struct sdp_spill *spill,
				 const int64_t *mantissa, size_t n, int scale, int64_t low,
				 int64_t high, struct sdp_err *err);

/* Adds a finite double that is not a decimal of at most 18 digits after the point. */
int sdp_accumulator_add_real(struct sdp_accumulator *acc, struct sdp_spill *spill, double value,
			     struct sdp_err *err);

/* Adds a decimal of any size, as sdp_value_of_decimal makes it. */
int sdp_accumulator_add_rational(struct sdp_accumulator *acc, struct sdp_spill *spill,
				 struct sdp_value value, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
int sdp_accumulator_merge(struct sdp_accumulator *into, struct sdp_accumulator *from,
			  struct sdp_spill *spill, struct sdp_err *err);

/* Computes the moments of all numbers (sdp/exact.h), each rounded once. */
void sdp_accumulator_moments(const struct sdp_accumulator *acc, struct sdp_moment_result *out);

/* Adds all numbers to empty totals. */
void sdp_accumulator_totals(const struct sdp_accumulator *acc, struct sdp_totals *out);

#endif

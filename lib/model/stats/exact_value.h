/*
 * Numbers of any kind (struct sdp_value), exactly: decimals, doubles, and rationals in shared
 * memory for what is neither (the mean of a bucket, numbers of more than 18 digits).
 */
#ifndef SDP_MODEL_STATS_EXACT_VALUE_H
#define SDP_MODEL_STATS_EXACT_VALUE_H

#include "base/rational.h"
#include "model/stats/value_store.h"

/* Compares two numbers.  Returns a value below 0, 0 or a value above 0. */
int sdp_value_compare(const struct sdp_value *a, const struct sdp_value *b);

/* Sets numerator / denominator to the value; the denominator is above 0. */
void sdp_value_get(struct sdp_value value, mpz_t numerator, mpz_t denominator);

/*
 * Sets *out to numerator × 10^-scale: as a decimal of 64 bits if it is one.  The memory belongs to
 * the owner of the spill.  Returns 0, or -1 if memory is exhausted.
 */
int sdp_value_of_decimal(struct sdp_value *out, struct sdp_spill *spill, const mpz_t numerator,
			 int64_t scale, struct sdp_err *err);

/* Sets *out to numerator / denominator: a rational with the scale -1, even if it is a decimal. */
int sdp_value_of_quotient(struct sdp_value *out, struct sdp_spill *spill, const mpz_t numerator,
			  const mpz_t denominator, struct sdp_err *err);

/* Sets *out to a cell that is a number, as for sdp_number_digits. */
int sdp_value_of_text(struct sdp_value *out, struct sdp_spill *spill, const char *text,
		      size_t length, char point, const char *group, struct sdp_err *err);

/* Returns the scale if the value is a decimal of any size, otherwise -1. */
int64_t sdp_value_scale(struct sdp_value value);

/* Returns the double nearest to the value. */
double sdp_value_double(struct sdp_value value);

/* Sets *out to a - b: a decimal if both are, otherwise the nearest double. */
int sdp_value_subtract(struct sdp_value *out, struct sdp_spill *spill, struct sdp_value a,
		       struct sdp_value b, struct sdp_err *err);

/* Returns (a - b) / b, rounded once; NaN if b is 0. */
double sdp_value_change(struct sdp_value a, struct sdp_value b);

/* Returns (a (d - part) + b part) / d, rounded once. */
double sdp_value_between(struct sdp_value a, struct sdp_value b, uint64_t part, uint64_t d);

/* Sets *out to the same, exactly. */
int sdp_value_mix(struct sdp_value *out, struct sdp_spill *spill, struct sdp_value a,
		  struct sdp_value b, uint64_t part, uint64_t d, struct sdp_err *err);

#endif

/*
 * A linear form Σ c_j x_j whose coefficients are decimals of any number of digits, as the document
 * of a model has them.
 *
 * It is evaluated in pairs of doubles (base/double_double.h), with a bound on the error.  If that
 * does not decide which double is nearest, it is evaluated again in integers.  So a value is always
 * the double nearest to the exact one, however much the terms cancel.
 */
#ifndef SDP_MODEL_REGRESSION_LINEAR_FORM_H
#define SDP_MODEL_REGRESSION_LINEAR_FORM_H

#include "base/double_double.h"
#include "base/gmp.h"
#include "sdp/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sdp_linear_form {
	size_t count;
	mpz_t *mantissas; /* coefficient j is mantissas[j] × 10^-scale */
	int64_t scale;
	struct sdp_pair *coefficients; /* the same, rounded to 106 bits */
	bool paired; /* whether all of them are 0 or in the range of pairs of doubles */
};

/*
 * Reads count decimals, [-]digits[.digits][e[+-]digits]; NULL is 0.  Returns 0, or -1 with
 * SDP_DATA if a text is no such number, has more than 20000 digits or an exponent beyond ±20000,
 * or with SDP_SYSTEM.
 * Release the form in any case; a form of zeros is empty.
 */
int sdp_linear_form_read(struct sdp_linear_form *form, const char *const *texts, size_t count,
			 struct sdp_err *err);
void sdp_linear_form_release(struct sdp_linear_form *form);

/* The most rows of a tile; its arrays have so many elements. */
enum { SDP_LINEAR_ROWS = 256 };

/*
 * For each row of a tile the sum of its terms, high + low, and the sum of their magnitudes, which
 * bounds the error.
 */
struct sdp_linear_sums {
	double high[SDP_LINEAR_ROWS], low[SDP_LINEAR_ROWS], size[SDP_LINEAR_ROWS];
};

/*
 * Adds the terms of one column of n rows, high[i] + low[i], to the sums.  Elements beyond n, up to
 * a multiple of 4, are read and may have any value.  A value that is beyond the range of pairs has
 * NaN as low.
 */
void sdp_linear_form_add(const struct sdp_linear_form *form, size_t column, const double *high,
			 const double *low, size_t n, struct sdp_linear_sums *sums);

/* Does the same in doubles: low is neither read nor set. */
void sdp_linear_form_add_plain(const struct sdp_linear_form *form, size_t column,
			       const double *high, size_t n, struct sdp_linear_sums *sums);

/* Returns a bound on the error of the sum of row i, high + low, or after add_plain, of high. */
double sdp_linear_form_error(const struct sdp_linear_form *form, const struct sdp_linear_sums *sums,
			     size_t i);
double sdp_linear_form_error_plain(const struct sdp_linear_form *form,
				   const struct sdp_linear_sums *sums, size_t i);

/*
 * Rounds the sum of all terms of row i: sets high to the double nearest to the exact sum, and low
 * to the rest.  Returns false if the pairs do not decide that.
 */
bool sdp_linear_form_round(const struct sdp_linear_form *form, struct sdp_linear_sums *sums,
			   size_t i);

/*
 * Computes the sum for x_j = values[j] × 10^-scale.  Returns the double nearest to it, which may be
 * infinite; sets *rest, if it is not NULL, to what is left, rounded.
 */
double sdp_linear_form_exact(const struct sdp_linear_form *form, mpz_t *values, int64_t scale,
			     double *rest);

#endif

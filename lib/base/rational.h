/*
 * Exact numbers of any size, with GMP: quotients that are rounded once, the totals of exact
 * accumulators, and decimals with any number of digits.
 *
 * The caller initializes and clears what it passes as mpz_t.  Functions that return int return 0,
 * or -1 if memory is exhausted, unless they say otherwise.
 */
#ifndef SDP_BASE_RATIONAL_H
#define SDP_BASE_RATIONAL_H

#include "base/gmp.h"
#include "sdp/buf.h"
#include "sdp/exact.h"
#include "sdp/num.h"

/*
 * Returns numerator / denominator × 2^exponent, or if root its square root, rounded once (to
 * nearest, ties to even, also to subnormals); ±infinity if it exceeds every double.  denominator >
 * 0; if root, numerator ≥ 0.
 */
double sdp_quotient_round(const mpz_t numerator, const mpz_t denominator, long exponent, bool root);

/*
 * Exact sums of any numbers: Σx = sum / d and Σx² = square / d² with d = 10^scale × 2^twos.
 */
struct sdp_totals {
	mpz_t sum, square;
	int64_t scale; /* at least 0 */
	long twos;     /* 0 if there are no reals, otherwise 1074 */
	uint64_t count;
};

void sdp_totals_init(struct sdp_totals *totals);
void sdp_totals_clear(struct sdp_totals *totals);

/* Add accumulators (see sdp_exact_moments). */
void sdp_totals_add_scaled(struct sdp_totals *totals,
			   const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1]);
void sdp_totals_add_real(struct sdp_totals *totals, const struct sdp_real_sum *real);

/* Adds count numbers with the sum sum × 10^-scale and the sum of squares square × 10^(-2 scale). */
void sdp_totals_add(struct sdp_totals *totals, const mpz_t sum, const mpz_t square, int64_t scale,
		    uint64_t count);

/* Sets d as above. */
void sdp_totals_denominator(const struct sdp_totals *totals, mpz_t d);

/* Computes the moments; all but the sum as a decimal, which is left empty. */
void sdp_totals_moments(const struct sdp_totals *totals, struct sdp_moment_result *out);

/*
 * Computes the moments of count numbers with Σx = sum / d and Σx² = square / d², in the same way.
 */
void sdp_moments_of(const mpz_t sum, const mpz_t square, const mpz_t d, uint64_t count,
		    struct sdp_moment_result *out);

/*
 * A rational number in one piece of memory, which can be shared.  If scale ≥ 0, it is the decimal
 * numerator × 10^-scale; otherwise scale is -1.
 */
struct sdp_rational {
	int64_t scale;
	int64_t numerator, denominator; /* numbers of limbs; negative for a negative number */
	mp_limb_t limbs[];
};

/* Returns the size of a rational in bytes. */
size_t sdp_rational_size(const mpz_t numerator, const mpz_t denominator);

/* Fills a rational of that size.  denominator > 0; for a decimal it is 10^scale. */
void sdp_rational_put(struct sdp_rational *to, const mpz_t numerator, const mpz_t denominator,
		      int64_t scale);
void sdp_rational_get(const struct sdp_rational *from, mpz_t numerator, mpz_t denominator);

/* Multiplies a number by 10^tens, tens ≥ 0. */
void sdp_times_tens(mpz_t number, int64_t tens);

/*
 * Sets mantissa to a number of which sdp_number_digits gave the digits, which end with a NUL.
 * Returns its scale, at least 0.
 */
int64_t sdp_rational_of_digits(mpz_t mantissa, const char *digits, const struct sdp_digits *number);

/* Appends mantissa × 10^-scale, as sdp_digits_print prints it. */
int sdp_exact_print(struct sdp_buf *out, const mpz_t mantissa, int64_t scale, struct sdp_err *err);

#endif

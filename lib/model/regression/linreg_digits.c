/*
 * The coefficients and the factor of the leverage as decimals, with the digits that predictions
 * need.
 *
 * The terms of a prediction may cancel: those of a polynomial of years are 10^26 times their sum.
 * So a coefficient is rounded such that its term, for a value as large as the root of the column's
 * sum of squares, is in error by at most 2^-117 of the root mean square of the target, or by 10^-20
 * of itself if that is less.  An entry of the factor of the leverage h is rounded to 2^-80 in the
 * same way, as the width of an interval depends on 1 + h.
 *
 * The factors are precise enough for the coefficients as doubles, not for all these digits.  They
 * are therefore refined: the residual of the normal equations, computed with more bits, is solved
 * with the same factors for a correction, until that is negligible.  Let T be the largest term and
 * τ as in normal_equations.c.  A residual of b bits has an error that changes a term by less than
 * n² τ 2^-b T, and the precision of the factors exceeds n² τ by 58 bits.  So the residual has as
 * many bits as the factors, and in addition those by which T exceeds the error that a term may
 * have; and each correction is less than 2^-58 of the one before.
 */
#include "model/regression/linreg_digits.h"

#include "sdp/mem.h"
#include "sdp/num.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	TERM_BITS = 117,
	ROOT_BITS = 80,
	LEAST_DIGITS = 20,
};

/* Returns the exponent of the root of the sum of squares of column j; the target is column n. */
static long size_of(const struct normal *normal, size_t j)
{
	return (long)(mpz_sizeinbase(normal->products[normal_at(j, j)], 2) + 1) / 2;
}

/* ---- refinement ---- */

/* Computes out = products[n][i] - Σ_j products[i][j] β_j with the precision of sum. */
static void residual_of(const struct normal *normal, mpfr_t *estimates, size_t i, mpfr_t out,
			mpfr_t sum, mpfr_t term)
{
	mpfr_set_z(sum, normal->products[normal_at(normal->n, i)], MPFR_RNDN);
	for (size_t j = 0; j < normal->n; j++) {
		mpfr_mul_z(term, estimates[j], normal->products[normal_at(i, j)], MPFR_RNDN);
		mpfr_sub(sum, sum, term, MPFR_RNDN);
	}
	mpfr_set(out, sum, MPFR_RNDN);
}

/*
 * Adds to the estimates the solution for the residual r: Wᵀ D⁻¹ W r.  Returns the largest exponent
 * of a correction times the size of its column.
 */
static long correct(const struct normal *normal, const struct factors *f, mpfr_t *estimates,
		    mpfr_t *r, mpfr_t sum)
{
	size_t n = normal->n;
	long largest = LONG_MIN;
	for (size_t k = n; k-- > 0;) {
		mpfr_set_ui(sum, 0, MPFR_RNDN);
		for (size_t j = 0; j <= k; j++)
			mpfr_fma(sum, f->w[normal_at(k, j)], r[j], sum, MPFR_RNDN);
		mpfr_div(r[k], sum, f->d[k], MPFR_RNDN);
	}
	for (size_t j = 0; j < n; j++) {
		mpfr_set_ui(sum, 0, MPFR_RNDN);
		for (size_t k = j; k < n; k++)
			mpfr_fma(sum, f->w[normal_at(k, j)], r[k], sum, MPFR_RNDN);
		mpfr_add(estimates[j], estimates[j], sum, MPFR_RNDN);
		if (!mpfr_zero_p(sum) && mpfr_get_exp(sum) + size_of(normal, j) > largest)
			largest = mpfr_get_exp(sum) + size_of(normal, j);
	}
	return largest;
}

/* Returns the exponent of the largest error that a term may have, in units of the target. */
static long term_error(const struct normal *normal, uint64_t rows)
{
	return size_of(normal, normal->n) - (long)ceil(log2((double)rows) / 2) - TERM_BITS;
}

mpfr_t *sdp_linreg_refine(const struct normal *normal, const struct factors *f, uint64_t rows,
			  struct sdp_err *err)
{
	size_t n = normal->n;
	long error = term_error(normal, rows), largest = error;
	mpfr_t first;
	mpfr_init2(first, f->precision);
	for (size_t j = 0; j < n; j++) {
		sdp_normal_estimate(f, j, first);
		if (!mpfr_zero_p(first) && mpfr_get_exp(first) + size_of(normal, j) > largest)
			largest = mpfr_get_exp(first) + size_of(normal, j);
	}
	mpfr_prec_t bits = (mpfr_prec_t)(largest - error) + f->precision;
	mpfr_t *estimates = sdp_normal_numbers(n + 2, bits, err);
	mpfr_t *r = sdp_normal_numbers(n + 1, f->precision, err);
	bool ready = estimates && r;
	for (size_t j = 0; ready && j < n; j++) {
		sdp_normal_estimate(f, j, first);
		mpfr_set(estimates[j], first, MPFR_RNDN);
	}
	mpfr_clear(first);
	long before = LONG_MAX;
	while (ready && before > error) {
		for (size_t i = 0; i < n; i++)
			residual_of(normal, estimates, i, r[i], estimates[n], estimates[n + 1]);
		largest = correct(normal, f, estimates, r, r[n]);
		if (largest >= before) {
			sdp_fail(err, SDP_DATA,
				 "the columns are too nearly dependent to be told apart");
			ready = false;
		}
		before = largest;
	}
	free(r);
	if (!ready) {
		free(estimates);
		return NULL;
	}
	return estimates;
}

/* ---- texts ---- */

/* Appends a number with count significant digits, and a NUL. */
static int put_number(struct sdp_buf *out, mpfr_t x, size_t count, struct sdp_err *err)
{
	mpfr_exp_t point;
	if (mpfr_zero_p(x))
		return sdp_buf_add(out, "0", 2, err);
	char *digits = mpfr_get_str(NULL, &point, 10, count, x, MPFR_RNDN);
	bool negative = digits && *digits == '-';
	size_t room = count + (point > 0 ? (size_t)point : 0) + 32;
	int rc = digits ? sdp_buf_reserve(out, room, err) : sdp_fail_memory(err);
	if (rc == 0)
		out->length += sdp_digits_print(out->data + out->length, negative,
						digits + negative, count, point) +
			       1;
	mpfr_free_str(digits);
	return rc;
}

/*
 * Returns the digits that a number needs if it is multiplied by a value of exponent size and the
 * error may be 2^error.
 */
static size_t digits_for(mpfr_t x, long size, long error)
{
	if (mpfr_zero_p(x))
		return 1;
	double digits = ceil((double)(mpfr_get_exp(x) + size - error) * log10(2)) + 1;
	return digits > LEAST_DIGITS ? (size_t)digits : LEAST_DIGITS;
}

int sdp_linreg_put_estimate(const struct normal *normal, uint64_t rows, size_t j, mpfr_t integer,
			    mpfr_t estimate, struct sdp_buf *out, struct sdp_err *err)
{
	return put_number(out, estimate,
			  digits_for(integer, size_of(normal, j), term_error(normal, rows)), err);
}

int sdp_linreg_put_root(const struct normal *normal, size_t j, mpfr_t integer, mpfr_t entry,
			struct sdp_buf *out, struct sdp_err *err)
{
	return put_number(out, entry, digits_for(integer, size_of(normal, j), -ROOT_BITS), err);
}

/*
 * Exact numbers of any size.
 *
 * To round a quotient, the numerator is shifted so that the integer part of the quotient has at
 * least 66 bits; these bits and whether the division has a remainder decide the rounding.  For a
 * square root the quotient gets 132 bits: ⌊√⌊x⌋⌋ = ⌊√x⌋, which is inexact if either step was.
 */
#include "base/rational.h"

#include "sdp/mem.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ULONG_MAX == UINT64_MAX, "GMP's unsigned long must hold 64 bits");

enum { QUOTIENT_BITS = 66 };

/*
 * Returns the double nearest to (whole + fraction) × 2^exponent, where whole ≥ 0.  sticky: there is
 * a fraction; then whole has at least 66 bits.
 */
static double round_integer(const mpz_t whole, bool sticky, long exponent)
{
	long unit = (long)mpz_sizeinbase(whole, 2) + exponent - 53;
	mpz_t rest;

	if (mpz_sgn(whole) == 0)
		return 0;
	if (unit > 1000)
		return HUGE_VAL;
	if (unit < -1074)
		unit = -1074;
	if (unit <= exponent)
		return ldexp((double)mpz_get_ui(whole), (int)exponent);

	/* Ties to even at the unit; ldexp only moves what fits. */
	mp_bitcnt_t cut = (mp_bitcnt_t)(unit - exponent);
	mpz_init(rest);
	mpz_tdiv_q_2exp(rest, whole, cut);
	uint64_t kept = mpz_get_ui(rest);
	mpz_clear(rest);
	bool half = mpz_tstbit(whole, cut - 1);
	bool more = sticky || mpz_scan1(whole, 0) < cut - 1;
	kept += half && (more || (kept & 1));
	return ldexp((double)kept, (int)unit);
}

double sdp_quotient_round(const mpz_t numerator, const mpz_t denominator, long exponent, bool root)
{
	mpz_t quotient, rest;
	int sign = mpz_sgn(numerator);
	long shift = (root ? 2 : 1) * QUOTIENT_BITS + 1;

	if (sign == 0)
		return 0;
	/* If both are exact doubles, their division also rounds once. */
	if (!root && exponent == 0 && mpz_sizeinbase(numerator, 2) <= DBL_MANT_DIG &&
	    mpz_sizeinbase(denominator, 2) <= DBL_MANT_DIG)
		return mpz_get_d(numerator) / mpz_get_d(denominator);
	shift += (long)mpz_sizeinbase(denominator, 2) - (long)mpz_sizeinbase(numerator, 2);
	if (shift < 0)
		shift = 0;
	if (root && (exponent - shift) % 2 != 0)
		shift++;
	exponent -= shift;
	mpz_inits(quotient, rest, (mpz_ptr)NULL);
	mpz_abs(quotient, numerator);
	mpz_mul_2exp(quotient, quotient, (mp_bitcnt_t)shift);
	mpz_tdiv_qr(quotient, rest, quotient, denominator);
	bool sticky = mpz_sgn(rest) != 0;
	if (root) {
		mpz_sqrtrem(quotient, rest, quotient);
		sticky |= mpz_sgn(rest) != 0;
		exponent /= 2;
	}
	double value = round_integer(quotient, sticky, exponent);
	mpz_clears(quotient, rest, (mpz_ptr)NULL);
	return sign < 0 ? -value : value;
}

size_t sdp_rational_size(const mpz_t numerator, const mpz_t denominator)
{
	return sizeof(struct sdp_rational) +
	       (mpz_size(numerator) + mpz_size(denominator)) * sizeof(mp_limb_t);
}

void sdp_rational_put(struct sdp_rational *to, const mpz_t numerator, const mpz_t denominator,
		      int64_t scale)
{
	size_t n = mpz_size(numerator), m = mpz_size(denominator);

	*to = (struct sdp_rational){scale, (int64_t)n * mpz_sgn(numerator), (int64_t)m};
	memcpy(to->limbs, mpz_limbs_read(numerator), n * sizeof *to->limbs);
	memcpy(to->limbs + n, mpz_limbs_read(denominator), m * sizeof *to->limbs);
}

void sdp_rational_get(const struct sdp_rational *from, mpz_t numerator, mpz_t denominator)
{
	mpz_t read;
	size_t n = (size_t)llabs(from->numerator);

	mpz_set(numerator, mpz_roinit_n(read, from->limbs, from->numerator));
	mpz_set(denominator, mpz_roinit_n(read, from->limbs + n, from->denominator));
}

void sdp_times_tens(mpz_t number, int64_t tens)
{
	mpz_t power;
	if (tens == 0 || mpz_sgn(number) == 0)
		return;
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)tens);
	mpz_mul(number, number, power);
	mpz_clear(power);
}

int64_t sdp_rational_of_digits(mpz_t mantissa, const char *digits, const struct sdp_digits *number)
{
	int64_t tens = number->count ? number->point - (int64_t)number->count : 0;
	mpz_set_ui(mantissa, 0);
	if (number->count)
		mpz_set_str(mantissa, digits, 10);
	if (number->negative)
		mpz_neg(mantissa, mantissa);
	if (tens > 0)
		sdp_times_tens(mantissa, tens);
	return tens < 0 ? -tens : 0;
}

int sdp_exact_print(struct sdp_buf *out, const mpz_t mantissa, int64_t scale, struct sdp_err *err)
{
	size_t most = mpz_sizeinbase(mantissa, 10) + 2, zeros = scale < 0 ? (size_t)-scale : 0;
	char *digits = sdp_alloc(most, 1, err);
	if (!digits || sdp_buf_reserve(out, most + zeros + 32, err) < 0) {
		free(digits);
		return -1;
	}
	mpz_get_str(digits, 10, mantissa);
	bool negative = *digits == '-';
	size_t count = strlen(digits + negative);
	out->length += sdp_digits_print(out->data + out->length, negative, digits + negative, count,
					(int64_t)count - scale);
	free(digits);
	return 0;
}

/*
 * Mean, variance and standard deviation from exact accumulators, rounded once.
 *
 * All sums are brought to a common denominator d = 10^k × 2^t, where k is the highest scale that
 * occurs and t is 1074 if there are reals, otherwise 0: Σx = s/d and Σx² = q/d² with integers s, q.
 * Then
 *
 *	mean = s / (n·d)	variance = (n·q - s²) / (n·(n-1)·d²)
 *
 * are quotients of integers.  The numerator is shifted so that the integer part of the quotient has
 * at least 66 bits; these bits and whether the division has a remainder decide the rounding.  For a
 * square root the quotient gets 132 bits: ⌊√⌊x⌋⌋ = ⌊√x⌋, which is inexact if either step was.
 */
#include "sdp/exact.h"

#include <float.h>
#include <gmp.h>
#include <limits.h>
#include <math.h>

_Static_assert(ULONG_MAX == UINT64_MAX, "GMP's unsigned long must hold 64 bits");

enum { QUOTIENT_BITS = 66, REAL_BITS = 1074 };

/* s, q and d as above; d = ten × 2^twos. */
struct totals {
	mpz_t sum, square, ten;
	long twos;
	uint64_t count;
};

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

/* Rounds numerator / denominator × 2^exponent, or its square root; denominator > 0. */
static double round_quotient(const mpz_t numerator, const mpz_t denominator, long exponent,
			     bool root)
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

static void set_int128(mpz_t out, sdp_int128 value)
{
	sdp_uint128 magnitude = value < 0 ? 0 - (sdp_uint128)value : (sdp_uint128)value;
	uint64_t words[2] = {(uint64_t)magnitude, (uint64_t)(magnitude >> 64)};

	mpz_import(out, 2, -1, sizeof(*words), 0, 0, words);
	if (value < 0)
		mpz_neg(out, out);
}

/* Sets out to Σ limb[i] × 2^(32·i). */
static void set_limbs(mpz_t out, const int64_t *limb, int limbs)
{
	mpz_set_ui(out, 0);
	for (int i = limbs - 1; i >= 0; i--) {
		mpz_mul_2exp(out, out, 32);
		if (limb[i] < 0)
			mpz_sub_ui(out, out, 0 - (uint64_t)limb[i]);
		else
			mpz_add_ui(out, out, (uint64_t)limb[i]);
	}
}

static void gather_scaled(struct totals *t, const struct sdp_scaled_sum *const scaled[],
			  int highest)
{
	mpz_t term;

	mpz_init(term);
	for (int s = 0; s <= highest; s++) {
		if (!scaled[s] || scaled[s]->count == 0)
			continue;
		uint64_t power = (uint64_t)sdp_pow10[highest - s];
		set_int128(term, scaled[s]->sum);
		mpz_addmul_ui(t->sum, term, power);
		mpz_import(term, 3, -1, sizeof(uint64_t), 0, 0, scaled[s]->square);
		mpz_mul_ui(term, term, power);
		mpz_addmul_ui(t->square, term, power);
		t->count += scaled[s]->count;
	}
	mpz_clear(term);
}

static void gather_real(struct totals *t, const struct sdp_real_sum *real)
{
	mpz_t term;

	mpz_init(term);
	t->twos = REAL_BITS;
	t->count += real->count;
	mpz_mul_2exp(t->sum, t->sum, REAL_BITS);
	set_limbs(term, real->sum.limb, SDP_EXACT_LIMBS);
	mpz_addmul(t->sum, term, t->ten);
	mpz_mul_2exp(t->square, t->square, 2 * REAL_BITS);
	set_limbs(term, real->square, SDP_EXACT_SQUARE_LIMBS);
	mpz_mul(term, term, t->ten);
	mpz_addmul(t->square, term, t->ten);
	mpz_clear(term);
}

static void finish(struct totals *t, struct sdp_moment_result *out)
{
	mpz_t numerator, denominator;

	out->sum = round_quotient(t->sum, t->ten, -t->twos, false);
	if (t->count == 0)
		return;
	mpz_inits(numerator, denominator, (mpz_ptr)NULL);
	mpz_mul_ui(denominator, t->ten, t->count);
	out->mean = round_quotient(t->sum, denominator, -t->twos, false);
	if (t->count > 1) {
		mpz_mul_ui(numerator, t->square, t->count);
		mpz_submul(numerator, t->sum, t->sum);
		mpz_mul_ui(denominator, denominator, t->count - 1);
		mpz_mul(denominator, denominator, t->ten);
		out->variance = round_quotient(numerator, denominator, -2 * t->twos, false);
		out->stddev = round_quotient(numerator, denominator, -2 * t->twos, true);
	}
	mpz_clears(numerator, denominator, (mpz_ptr)NULL);
}

void sdp_exact_moments(const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1],
		       const struct sdp_real_sum *real, struct sdp_moment_result *out)
{
	struct totals t = {.twos = 0};
	bool reals = real && real->count > 0;
	int highest = SDP_SCALE_MAX;

	while (highest > 0 && (!scaled[highest] || scaled[highest]->count == 0))
		highest--;
	mpz_inits(t.sum, t.square, (mpz_ptr)NULL);
	mpz_init_set_ui(t.ten, (uint64_t)sdp_pow10[highest]);
	gather_scaled(&t, scaled, highest);
	if (reals)
		gather_real(&t, real);
	*out = (struct sdp_moment_result){.count = t.count,
					  .mean = NAN,
					  .variance = NAN,
					  .stddev = NAN};
	finish(&t, out);
	out->has_integer_sum = highest == 0 && !reals && mpz_fits_slong_p(t.sum);
	if (out->has_integer_sum)
		out->integer_sum = mpz_get_si(t.sum);
	mpz_clears(t.sum, t.square, t.ten, (mpz_ptr)NULL);
}

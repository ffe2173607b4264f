/*
 * Mean, variance and standard deviation from exact accumulators, rounded once.
 *
 * All sums are brought to a common denominator d = 10^k × 2^t, where k is the highest scale that
 * occurs and t is 1074 if there are reals, otherwise 0: Σx = s/d and Σx² = q/d² with integers s, q.
 * Then
 *
 *	mean = s / (n·d)	variance = (n·q - s²) / (n·(n-1)·d²)
 *
 * are quotients of integers.
 */
#include "base/library.h"
#include "base/rational.h"

#include <math.h>

SDP_LIBRARY(gmp, gmp_version);

enum { REAL_BITS = 1074 };

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

void sdp_totals_init(struct sdp_totals *t)
{
	*t = (struct sdp_totals){.scale = 0};
	mpz_inits(t->sum, t->square, (mpz_ptr)NULL);
}

void sdp_totals_clear(struct sdp_totals *t)
{
	mpz_clears(t->sum, t->square, (mpz_ptr)NULL);
}

static void power_of_ten(mpz_t power, uint64_t tens)
{
	if (tens <= SDP_SCALE_MAX)
		mpz_set_ui(power, (uint64_t)sdp_pow10[tens]);
	else
		mpz_ui_pow_ui(power, 10, tens);
}

/* Brings the totals to a scale, unless theirs is greater. */
static void rescale(struct sdp_totals *t, int64_t scale, mpz_t power)
{
	if (scale <= t->scale)
		return;
	if (t->count) {
		power_of_ten(power, (uint64_t)(scale - t->scale));
		mpz_mul(t->sum, t->sum, power);
		mpz_mul(t->square, t->square, power);
		mpz_mul(t->square, t->square, power);
	}
	t->scale = scale;
}

void sdp_totals_add(struct sdp_totals *t, const mpz_t sum, const mpz_t square, int64_t scale,
		    uint64_t count)
{
	mpz_t power, term;

	mpz_inits(power, term, (mpz_ptr)NULL);
	rescale(t, scale, power);
	power_of_ten(power, (uint64_t)(t->scale - scale));
	mpz_mul_2exp(power, power, (mp_bitcnt_t)t->twos);
	mpz_addmul(t->sum, sum, power);
	mpz_mul(term, square, power);
	mpz_addmul(t->square, term, power);
	t->count += count;
	mpz_clears(power, term, (mpz_ptr)NULL);
}

void sdp_totals_add_scaled(struct sdp_totals *t,
			   const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1])
{
	mpz_t sum, square;

	mpz_inits(sum, square, (mpz_ptr)NULL);
	for (int s = SDP_SCALE_MAX; s >= 0; s--) {
		if (!scaled[s] || scaled[s]->count == 0)
			continue;
		set_int128(sum, scaled[s]->sum);
		mpz_import(square, 3, -1, sizeof(uint64_t), 0, 0, scaled[s]->square);
		if (t->count == 0) {
			mpz_swap(t->sum, sum);
			mpz_swap(t->square, square);
			t->scale = s;
			t->count = scaled[s]->count;
		} else {
			sdp_totals_add(t, sum, square, s, scaled[s]->count);
		}
	}
	mpz_clears(sum, square, (mpz_ptr)NULL);
}

void sdp_totals_add_real(struct sdp_totals *t, const struct sdp_real_sum *real)
{
	mpz_t term, power;

	mpz_inits(term, power, (mpz_ptr)NULL);
	power_of_ten(power, (uint64_t)t->scale);
	if (t->twos == 0) {
		mpz_mul_2exp(t->sum, t->sum, REAL_BITS);
		mpz_mul_2exp(t->square, t->square, 2 * REAL_BITS);
	}
	t->twos = REAL_BITS;
	t->count += real->count;
	set_limbs(term, real->sum.limb, SDP_EXACT_LIMBS);
	mpz_addmul(t->sum, term, power);
	set_limbs(term, real->square, SDP_EXACT_SQUARE_LIMBS);
	mpz_mul(term, term, power);
	mpz_addmul(t->square, term, power);
	mpz_clears(term, power, (mpz_ptr)NULL);
}

void sdp_totals_denominator(const struct sdp_totals *t, mpz_t d)
{
	power_of_ten(d, (uint64_t)t->scale);
	mpz_mul_2exp(d, d, (mp_bitcnt_t)t->twos);
}

/* As sdp_moments_of, with d × 2^twos as the denominator. */
static void finish(const mpz_t sum, const mpz_t square, const mpz_t d, long twos, uint64_t count,
		   struct sdp_moment_result *out)
{
	mpz_t numerator, denominator;

	*out = (struct sdp_moment_result){.count = count,
					  .mean = NAN,
					  .variance = NAN,
					  .stddev = NAN};
	out->sum = sdp_quotient_round(sum, d, -twos, false);
	if (count == 0)
		return;
	mpz_inits(numerator, denominator, (mpz_ptr)NULL);
	mpz_mul_ui(denominator, d, count);
	out->mean = sdp_quotient_round(sum, denominator, -twos, false);
	if (count > 1) {
		mpz_mul_ui(numerator, square, count);
		mpz_submul(numerator, sum, sum);
		mpz_mul_ui(denominator, denominator, count - 1);
		mpz_mul(denominator, denominator, d);
		out->variance = sdp_quotient_round(numerator, denominator, -2 * twos, false);
		out->stddev = sdp_quotient_round(numerator, denominator, -2 * twos, true);
	}
	mpz_clears(numerator, denominator, (mpz_ptr)NULL);
}

void sdp_moments_of(const mpz_t sum, const mpz_t square, const mpz_t d, uint64_t count,
		    struct sdp_moment_result *out)
{
	finish(sum, square, d, 0, count, out);
}

void sdp_totals_moments(const struct sdp_totals *t, struct sdp_moment_result *out)
{
	mpz_t power;

	mpz_init(power);
	power_of_ten(power, (uint64_t)t->scale);
	finish(t->sum, t->square, power, t->twos, t->count, out);
	out->exact = t->twos == 0;
	mpz_clear(power);
}

/* Finds the sum as a decimal, if there are no reals and it fits. */
static void find_decimal_sum(struct sdp_totals *t, struct sdp_moment_result *out)
{
	for (; t->scale > 0 && !mpz_fits_slong_p(t->sum) && mpz_divisible_ui_p(t->sum, 10);
	     t->scale--)
		mpz_divexact_ui(t->sum, t->sum, 10);
	if (!mpz_fits_slong_p(t->sum))
		return;
	out->has_decimal_sum = true;
	out->sum_mantissa = mpz_get_si(t->sum);
	out->sum_scale = (int)t->scale;
	sdp_decimal_canonical(&out->sum_mantissa, &out->sum_scale);
}

void sdp_exact_moments(const struct sdp_scaled_sum *const scaled[SDP_SCALE_MAX + 1],
		       const struct sdp_real_sum *real, struct sdp_moment_result *out)
{
	struct sdp_totals t;

	sdp_totals_init(&t);
	sdp_totals_add_scaled(&t, scaled);
	if (real && real->count > 0)
		sdp_totals_add_real(&t, real);
	sdp_totals_moments(&t, out);
	if (out->exact)
		find_decimal_sum(&t, out);
	sdp_totals_clear(&t);
}

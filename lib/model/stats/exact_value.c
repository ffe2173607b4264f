/* Exact arithmetic with numbers of any kind. */
#include "model/stats/exact_value.h"

#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <stdlib.h>

static const struct sdp_rational *rational_of(struct sdp_value v)
{
	return (const struct sdp_rational *)(intptr_t)v.value;
}

void sdp_value_get(struct sdp_value v, mpz_t numerator, mpz_t denominator)
{
	if (v.kind == SDP_KEY_RATIONAL) {
		sdp_rational_get(rational_of(v), numerator, denominator);
	} else if (v.kind == SDP_KEY_REAL) {
		int exponent;
		double part = frexp(sdp_key_to_double(v.value), &exponent);
		mpz_set_d(numerator, ldexp(part, 53));
		mpz_set_ui(denominator, 1);
		exponent -= 53;
		mpz_mul_2exp(exponent < 0 ? denominator : numerator,
			     exponent < 0 ? denominator : numerator, (mp_bitcnt_t)abs(exponent));
	} else {
		mpz_set_si(numerator, v.value);
		mpz_set_si(denominator, sdp_pow10[v.kind]);
	}
}

static int keep(struct sdp_value *out, struct sdp_spill *spill, const mpz_t numerator,
		const mpz_t denominator, int64_t scale, struct sdp_err *err)
{
	struct sdp_rational *r =
		sdp_spill_take(spill, sdp_rational_size(numerator, denominator), err);
	if (!r)
		return -1;
	sdp_rational_put(r, numerator, denominator, scale);
	*out = (struct sdp_value){SDP_KEY_RATIONAL, (intptr_t)r};
	return 0;
}

int sdp_value_of_decimal(struct sdp_value *out, struct sdp_spill *spill, const mpz_t numerator,
			 int64_t scale, struct sdp_err *err)
{
	mpz_t n, d;
	int rc = 0;
	mpz_init_set(n, numerator);
	for (; scale > 0 && mpz_divisible_ui_p(n, 10); scale--)
		mpz_divexact_ui(n, n, 10);
	if (scale <= SDP_SCALE_MAX && mpz_fits_slong_p(n)) {
		*out = (struct sdp_value){mpz_sgn(n) ? (int)scale : 0, mpz_get_si(n)};
	} else {
		mpz_init(d);
		mpz_ui_pow_ui(d, 10, (uint64_t)scale);
		rc = keep(out, spill, n, d, scale, err);
		mpz_clear(d);
	}
	mpz_clear(n);
	return rc;
}

int sdp_value_of_quotient(struct sdp_value *out, struct sdp_spill *spill, const mpz_t numerator,
			  const mpz_t denominator, struct sdp_err *err)
{
	mpz_t n, d, common;
	mpz_inits(n, d, common, (mpz_ptr)NULL);
	mpz_gcd(common, numerator, denominator);
	mpz_divexact(n, numerator, common);
	mpz_divexact(d, denominator, common);
	int rc = keep(out, spill, n, d, -1, err);
	mpz_clears(n, d, common, (mpz_ptr)NULL);
	return rc;
}

int sdp_value_of_text(struct sdp_value *out, struct sdp_spill *spill, const char *text,
		      size_t length, char point, const char *group, struct sdp_err *err)
{
	struct sdp_buf digits = {0};
	struct sdp_digits n;
	mpz_t m;
	mpz_init(m);
	int rc = sdp_number_digits(text, length, point, group, &digits, &n, err);
	if (rc == 0) {
		int64_t scale = sdp_rational_of_digits(m, digits.data, &n);
		rc = sdp_value_of_decimal(out, spill, m, scale, err);
	}
	mpz_clear(m);
	sdp_buf_release(&digits);
	return rc;
}

int64_t sdp_value_scale(struct sdp_value v)
{
	return v.kind == SDP_KEY_RATIONAL ? rational_of(v)->scale
	       : v.kind == SDP_KEY_REAL   ? -1
					  : v.kind;
}

double sdp_value_double(struct sdp_value v)
{
	mpz_t n, d;
	if (v.kind == SDP_KEY_REAL)
		return sdp_key_to_double(v.value);
	if (v.kind != SDP_KEY_RATIONAL)
		return sdp_decimal_to_double(v.value, v.kind);
	mpz_inits(n, d, (mpz_ptr)NULL);
	sdp_value_get(v, n, d);
	double result = sdp_quotient_round(n, d, 0, false);
	mpz_clears(n, d, (mpz_ptr)NULL);
	return result;
}

/* The numerators of two values over one denominator. */
struct pair {
	mpz_t a, b, d, e;
};

static void pair_init(struct pair *p, struct sdp_value a, struct sdp_value b)
{
	mpz_inits(p->a, p->b, p->d, p->e, (mpz_ptr)NULL);
	sdp_value_get(a, p->a, p->d);
	sdp_value_get(b, p->b, p->e);
	mpz_mul(p->a, p->a, p->e);
	mpz_mul(p->b, p->b, p->d);
	mpz_mul(p->d, p->d, p->e);
}

static void pair_clear(struct pair *p)
{
	mpz_clears(p->a, p->b, p->d, p->e, (mpz_ptr)NULL);
}

static int compare_rationals(const struct sdp_value *a, const struct sdp_value *b)
{
	struct pair p;
	pair_init(&p, *a, *b);
	int order = mpz_cmp(p.a, p.b);
	pair_clear(&p);
	return order;
}

int sdp_value_compare(const struct sdp_value *a, const struct sdp_value *b)
{
	bool real_a = a->kind == SDP_KEY_REAL, real_b = b->kind == SDP_KEY_REAL;
	if (a->kind == SDP_KEY_RATIONAL || b->kind == SDP_KEY_RATIONAL)
		return compare_rationals(a, b);
	if (real_a && real_b)
		return (a->value > b->value) - (a->value < b->value);
	if (real_a)
		return -sdp_decimal_compare_double(b->value, b->kind, sdp_key_to_double(a->value));
	if (real_b)
		return sdp_decimal_compare_double(a->value, a->kind, sdp_key_to_double(b->value));
	return sdp_decimal_compare(a->value, a->kind, b->value, b->kind);
}

/* Subtracts decimals of 64 bits.  Returns whether the result is one. */
static bool subtract_decimals(struct sdp_value *out, struct sdp_value a, struct sdp_value b)
{
	__extension__ typedef __int128 int128;
	if (a.kind > SDP_SCALE_MAX || b.kind > SDP_SCALE_MAX)
		return false;
	int scale = a.kind > b.kind ? a.kind : b.kind;
	int128 d = (int128)a.value * sdp_pow10[scale - a.kind] -
		   (int128)b.value * sdp_pow10[scale - b.kind];
	for (; scale > 0 && d % 10 == 0; scale--)
		d /= 10;
	*out = (struct sdp_value){scale, (int64_t)d};
	return d == (int64_t)d;
}

int sdp_value_subtract(struct sdp_value *out, struct sdp_spill *spill, struct sdp_value a,
		       struct sdp_value b, struct sdp_err *err)
{
	struct pair p;
	int rc = 0;
	int64_t scale_a = sdp_value_scale(a), scale_b = sdp_value_scale(b);
	if (subtract_decimals(out, a, b))
		return 0;
	pair_init(&p, a, b);
	mpz_sub(p.a, p.a, p.b);
	if (scale_a >= 0 && scale_b >= 0)
		rc = sdp_value_of_decimal(out, spill, p.a, scale_a + scale_b, err);
	else
		*out = (struct sdp_value){SDP_KEY_REAL,
					  sdp_key_of_double(
						  sdp_quotient_round(p.a, p.d, 0, false))};
	pair_clear(&p);
	return rc;
}

double sdp_value_change(struct sdp_value a, struct sdp_value b)
{
	struct pair p;
	pair_init(&p, a, b);
	mpz_sub(p.a, p.a, p.b);
	if (mpz_sgn(p.b) < 0) {
		mpz_neg(p.a, p.a);
		mpz_neg(p.b, p.b);
	}
	double result = mpz_sgn(p.b) ? sdp_quotient_round(p.a, p.b, 0, false) : NAN;
	pair_clear(&p);
	return result;
}

/* Sets p->a / p->d to (a (d - part) + b part) / d. */
static void mix(struct pair *p, uint64_t part, uint64_t d)
{
	mpz_mul_ui(p->a, p->a, d - part);
	mpz_addmul_ui(p->a, p->b, part);
	mpz_mul_ui(p->d, p->d, d);
}

double sdp_value_between(struct sdp_value a, struct sdp_value b, uint64_t part, uint64_t d)
{
	struct pair p;
	pair_init(&p, a, b);
	mix(&p, part, d);
	double result = sdp_quotient_round(p.a, p.d, 0, false);
	pair_clear(&p);
	return result;
}

int sdp_value_mix(struct sdp_value *out, struct sdp_spill *spill, struct sdp_value a,
		  struct sdp_value b, uint64_t part, uint64_t d, struct sdp_err *err)
{
	struct pair p;
	pair_init(&p, a, b);
	mix(&p, part, d);
	int rc = sdp_value_of_quotient(out, spill, p.a, p.d, err);
	pair_clear(&p);
	return rc;
}

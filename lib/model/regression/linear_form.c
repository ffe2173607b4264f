/* Linear forms with decimal coefficients, rounded once. */
#include "model/regression/linear_form.h"

#include "base/rational.h"
#include "sdp/mem.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

/*
 * A fit computes with at most 65536 bits, which bounds the digits of its coefficients.  Their
 * exponents are bounded by the range of its numbers and the degree of its terms.
 */
enum {
	DIGITS_MOST = 20000,
	EXPONENT_MOST = 20000,
	PAIR_BITS = 400,
	ROUND_BITS = 320, /* of what is rounded to the 106 bits of a pair */
};

/* ---- reading ---- */

static int not_a_decimal(const char *text, struct sdp_err *err)
{
	char quoted[64];
	return sdp_fail(err, SDP_DATA,
			"the model's coefficients: not a decimal of up to %d digits: %s",
			DIGITS_MOST, sdp_quote(quoted, sizeof quoted, text, strlen(text)));
}

/*
 * Copies the sign and the digits of a text to digits, which has room for them, and sets *scale.
 * Returns whether the text is a decimal.
 */
static bool take_digits(const char *text, char *digits, int64_t *scale)
{
	size_t count = 0;
	long exponent = 0;
	if (*text == '-')
		*digits++ = *text++;
	for (*scale = 0; sdp_is_digit(*text); count++)
		*digits++ = *text++;
	if (*text == '.' && count > 0)
		for (text++; sdp_is_digit(*text); count++, ++*scale)
			*digits++ = *text++;
	*digits = '\0';
	if (count > DIGITS_MOST)
		return false;
	if (count > 0 && (*text == 'e' || *text == 'E')) {
		const char *from = text + 1 + (text[1] == '+' || text[1] == '-');
		if (!sdp_is_digit(*from) || strlen(from) > 8)
			return false;
		char *end;
		exponent = strtol(text + 1, &end, 10);
		text = end;
	}
	*scale -= exponent;
	return count > 0 && *text == '\0' && labs(exponent) <= EXPONENT_MOST;
}

static int read_decimal(const char *text, mpz_t mantissa, int64_t *scale, struct sdp_err *err)
{
	char *digits = sdp_alloc(strlen(text) + 1, 1, err);
	if (!digits)
		return -1;
	int rc = take_digits(text, digits, scale) && mpz_set_str(mantissa, digits, 10) == 0
			 ? 0
			 : not_a_decimal(text, err);
	free(digits);
	return rc;
}

/* Returns mantissa × 10^-scale, rounded to a pair. */
static struct sdp_pair round_pair(const mpz_t mantissa, int64_t scale)
{
	struct sdp_pair pair;
	mpfr_t value, unit;
	mpfr_inits2(ROUND_BITS, value, unit, (mpfr_ptr)NULL);
	mpfr_set_ui(unit, 10, MPFR_RNDN);
	mpfr_pow_si(unit, unit, -(long)scale, MPFR_RNDN);
	mpfr_mul_z(value, unit, mantissa, MPFR_RNDN);
	pair.high = mpfr_get_d(value, MPFR_RNDN);
	mpfr_sub_d(value, value, pair.high, MPFR_RNDN);
	pair.low = mpfr_get_d(value, MPFR_RNDN);
	mpfr_clears(value, unit, (mpfr_ptr)NULL);
	return pair;
}

int sdp_linear_form_read(struct sdp_linear_form *form, const char *const *texts, size_t count,
			 struct sdp_err *err)
{
	int64_t *scales = sdp_alloc(count + 1, sizeof *scales, err);
	*form = (struct sdp_linear_form){.paired = true};
	form->mantissas = sdp_alloc(count + 1, sizeof *form->mantissas, err);
	form->coefficients = sdp_alloc(count + 1, sizeof *form->coefficients, err);
	int rc = scales && form->mantissas && form->coefficients ? 0 : -1;
	for (size_t j = 0; rc == 0 && j < count; j++) {
		mpz_init(form->mantissas[form->count++]);
		if (texts[j])
			rc = read_decimal(texts[j], form->mantissas[j], &scales[j], err);
		if (scales[j] > form->scale)
			form->scale = scales[j];
	}
	for (size_t j = 0; rc == 0 && j < count; j++) {
		struct sdp_pair *c = &form->coefficients[j];
		sdp_times_tens(form->mantissas[j], form->scale - scales[j]);
		*c = round_pair(form->mantissas[j], form->scale);
		int exponent = c->high != 0 && isfinite(c->high) ? ilogb(c->high) : 0;
		form->paired &= isfinite(c->high) && abs(exponent) <= PAIR_BITS &&
				(c->high != 0 || mpz_sgn(form->mantissas[j]) == 0);
	}
	free(scales);
	return rc;
}

void sdp_linear_form_release(struct sdp_linear_form *form)
{
	for (size_t j = 0; j < form->count; j++)
		mpz_clear(form->mantissas[j]);
	free(form->mantissas);
	free(form->coefficients);
	*form = (struct sdp_linear_form){0};
}

/* ---- in pairs ---- */

/*
 * Four rows at a time.  The functions are compiled for several instruction sets; each row is
 * computed in the same way by all of them.
 */
typedef double lanes __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t words __attribute__((vector_size(32), aligned(8), may_alias));

enum { LANES = 4 };

#define INLINE __attribute__((always_inline)) static inline

/* The product of Dekker and the sum of D. E. Knuth, as in base/double_double.h. */
INLINE void add_pairs(struct sdp_pair c, const double *high, const double *low, size_t n,
		      struct sdp_linear_sums *sums)
{
	double c1 = sdp_pair_upper(c.high), c2 = c.high - c1;
	for (size_t i = 0; i < n; i += LANES) {
		lanes x = *(const lanes *)(const void *)(high + i),
		      y = *(const lanes *)(const void *)(low + i);
		lanes *sum = (lanes *)(void *)(sums->high + i),
		      *rest = (lanes *)(void *)(sums->low + i),
		      *size = (lanes *)(void *)(sums->size + i);
		lanes p = x * c.high, shifted = x * 134217729, x1 = shifted - (shifted - x);
		lanes x2 = x - x1, error = ((x1 * c1 - p) + x2 * c1 + x1 * c2) + x2 * c2;
		lanes s = *sum + p, part = s - *sum;
		*rest += ((*sum - (s - part)) + (p - part)) + (error + (y * c.high + x * c.low));
		*size += (lanes)((words)p & INT64_MAX);
		*sum = s;
	}
}

INLINE void add_doubles(double c, const double *high, size_t n, struct sdp_linear_sums *sums)
{
	for (size_t i = 0; i < n; i += LANES) {
		lanes p = *(const lanes *)(const void *)(high + i) * c;
		*(lanes *)(void *)(sums->high + i) += p;
		*(lanes *)(void *)(sums->size + i) += (lanes)((words)p & INT64_MAX);
	}
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void add_pairs_avx2(struct sdp_pair c, const double *high,
							   const double *low, size_t n,
							   struct sdp_linear_sums *sums)
{
	add_pairs(c, high, low, n, sums);
}

__attribute__((target("avx2"))) static void add_doubles_avx2(double c, const double *high, size_t n,
							     struct sdp_linear_sums *sums)
{
	add_doubles(c, high, n, sums);
}

static bool has_avx2(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2");
}
#else
#define add_pairs_avx2   add_pairs
#define add_doubles_avx2 add_doubles

static bool has_avx2(void)
{
	return false;
}
#endif

void sdp_linear_form_add(const struct sdp_linear_form *form, size_t column, const double *high,
			 const double *low, size_t n, struct sdp_linear_sums *sums)
{
	struct sdp_pair c = form->coefficients[column];
	if (c.high == 0)
		return;
	if (has_avx2())
		add_pairs_avx2(c, high, low, n, sums);
	else
		add_pairs(c, high, low, n, sums);
}

void sdp_linear_form_add_plain(const struct sdp_linear_form *form, size_t column,
			       const double *high, size_t n, struct sdp_linear_sums *sums)
{
	double c = form->coefficients[column].high;
	if (c == 0)
		return;
	if (has_avx2())
		add_doubles_avx2(c, high, n, sums);
	else
		add_doubles(c, high, n, sums);
}

/*
 * A value and its products have errors below 2^-96 of a term; every addition adds one of 2^-53 of
 * low, which is at most 2^-52 of size for each term.
 */
double sdp_linear_form_error(const struct sdp_linear_form *form, const struct sdp_linear_sums *sums,
			     size_t i)
{
	double n = (double)form->count;
	return form->paired ? sums->size[i] * (0x1p-94 + n * n * 0x1p-103) : HUGE_VAL;
}

double sdp_linear_form_error_plain(const struct sdp_linear_form *form,
				   const struct sdp_linear_sums *sums, size_t i)
{
	return form->paired ? sums->size[i] * 0x1p-53 * (double)(form->count + 4) : HUGE_VAL;
}

bool sdp_linear_form_round(const struct sdp_linear_form *form, struct sdp_linear_sums *sums,
			   size_t i)
{
	double error = sdp_linear_form_error(form, sums, i);
	struct sdp_pair s = sdp_pair_sum(sums->high[i], sums->low[i]);
	sums->high[i] = s.high;
	sums->low[i] = s.low;
	return s.high + (s.low + error) == s.high + (s.low - error);
}

/* ---- in integers ---- */

/* Returns total / unit - nearest, rounded. */
static double rest_of(const mpz_t total, const mpz_t unit, double nearest)
{
	mpfr_t rest;
	mpfr_init2(rest, (mpfr_prec_t)mpz_sizeinbase(total, 2) + 256);
	mpfr_set_z(rest, total, MPFR_RNDN);
	mpfr_div_z(rest, rest, unit, MPFR_RNDN);
	mpfr_sub_d(rest, rest, nearest, MPFR_RNDN);
	double result = mpfr_get_d(rest, MPFR_RNDN);
	mpfr_clear(rest);
	return result;
}

double sdp_linear_form_exact(const struct sdp_linear_form *form, mpz_t *values, int64_t scale,
			     double *rest)
{
	mpz_t total, unit;
	mpz_inits(total, unit, (mpz_ptr)NULL);
	for (size_t j = 0; j < form->count; j++)
		mpz_addmul(total, form->mantissas[j], values[j]);
	mpz_ui_pow_ui(unit, 10, (unsigned long)(form->scale + scale));
	double nearest = sdp_quotient_round(total, unit, 0, false);
	if (rest)
		*rest = isfinite(nearest) ? rest_of(total, unit, nearest) : 0;
	mpz_clears(total, unit, (mpz_ptr)NULL);
	return nearest;
}

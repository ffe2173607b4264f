/*
 * The design of new rows beyond doubles: as pairs of doubles, which suffice for most rows, and as
 * exact decimals.
 */
#include "engine/design_private.h"

#include "base/double_double.h"
#include "base/rational.h"
#include "sdp/mem.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

/* ---- pairs ---- */

/* Magnitudes beyond 2^±BITS are left to sdp_design_exact, so that products remain in range. */
static bool in_range(double x)
{
	enum { BITS = 400 };
	return x == 0 || (fabs(x) > ldexp(1, -BITS) && fabs(x) < ldexp(1, BITS));
}

/*
 * Returns what a decimal of up to 18 digits and 19 to 40 places exceeds its nearest double by, and
 * NaN for other numbers. Programs print doubles near 0 with so many places.
 */
static double rest_of_places(const char *digits, const struct sdp_digits *number, double nearest)
{
	int64_t mantissa = 0, places = (int64_t)number->count - number->point;
	if (number->count > SDP_SCALE_MAX || places <= SDP_SCALE_MAX || places > 40)
		return NAN;
	for (size_t i = 0; i < number->count; i++)
		mantissa = 10 * mantissa + (digits[i] - '0');
	mantissa = number->negative ? -mantissa : mantissa;
	/* 10^places is the product of two doubles, 10^18 and more. */
	double more = 1, high = (double)mantissa, low = (double)(mantissa - (int64_t)high);
	for (int64_t i = SDP_SCALE_MAX; i < places; i++)
		more *= 10;
	struct sdp_pair part = sdp_pair_product(nearest, 1e18),
			whole = sdp_pair_product(part.high, more);
	double rest = ((high - whole.high) - whole.low) + (low - part.low * more);
	return rest / 1e18 / more;
}

/* Returns what a cell exceeds its nearest double by, or NaN. */
static double rest_of_cell(const struct sdp_block *block, size_t row, size_t column, double nearest,
			   struct sdp_buf *digits)
{
	const struct sdp_schema *schema = block->schema;
	struct sdp_digits number;
	struct sdp_err err;
	size_t length;
	const char *text = sdp_block_cell(block, row, column, &length);
	digits->length = 0;
	if (sdp_number_digits(text, length, schema->decimal, schema->thousands, digits, &number,
			      &err) < 0)
		return NAN;
	return rest_of_places(digits->data, &number, nearest);
}

void sdp_design_lows(const struct sdp_block *block, size_t column,
		     const struct sdp_number_column *n, const double *high, double *low)
{
	const int64_t most = INT64_C(1) << 53;
	struct sdp_buf digits = {0};
	for (size_t i = 0; i < n->rows; i++) {
		int64_t m = n->mantissa[i];
		low[i] = 0;
		if (n->scale[i] == 0 && m <= most && m >= -most)
			continue;
		if (n->scale[i] <= SDP_SCALE_MAX) {
			double unit = (double)sdp_pow10[n->scale[i]], nearest = (double)m;
			struct sdp_pair p = sdp_pair_product(high[i], unit);
			double rest = 0;
			if (m > most || m < -most)
				rest = (double)((sdp_int128)m - (sdp_int128)nearest);
			low[i] = ((nearest - p.high) - p.low + rest) / unit;
		} else if (n->scale[i] == SDP_CELL_REAL) {
			low[i] = rest_of_cell(block, i, column, high[i], &digits);
		}
	}
	sdp_buf_release(&digits);
}

/* Multiplies n pairs by the numbers x + y. */
static void multiply(double *high, double *low, const double *x, const double *y, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sdp_pair p = sdp_pair_times((struct sdp_pair){high[i], low[i]},
						   (struct sdp_pair){x[i], y[i]});
		high[i] = p.high;
		low[i] = in_range(p.high) ? p.low : NAN;
	}
}

/* Sets *x to 0 unless keep, without a branch. */
static inline void keep_if(double *x, bool keep)
{
	uint64_t bits;
	memcpy(&bits, x, sizeof bits);
	bits &= 0 - (uint64_t)keep;
	memcpy(x, &bits, sizeof bits);
}

void sdp_design_pairs(const struct sdp_design *d, const struct sdp_design_cells *cells,
		      size_t column, size_t from, size_t n, double *high, double *low)
{
	const struct sdp_design_column *c = &d->columns[column];
	const struct sdp_term *t = c->term;
	bool begun = false, function = t && sdp_term_is_function(t);
	for (size_t k = 0; t && k < t->degree; k++) {
		const double *x = cells->values[t->factor[k]] + from,
			     *y = cells->lows[t->factor[k]] + from;
		if (sdp_design_is_level(d->frame, t, k))
			continue;
		if (begun) {
			multiply(high, low, x, y, n);
			continue;
		}
		begun = true;
		memcpy(high, x, n * sizeof *high);
		memcpy(low, y, n * sizeof *low);
		for (size_t i = 0; function && i < n; i++) {
			high[i] = sdp_design_apply(t->kind, x[i]);
			low[i] = c->wide ? NAN : 0;
		}
	}
	for (size_t i = 0; !begun && i < n; i++) {
		high[i] = 1;
		low[i] = 0;
	}
	for (size_t k = 0; t && k < t->degree; k++) {
		const double *x = cells->values[t->factor[k]] + from, level = c->levels[k];
		if (!sdp_design_is_level(d->frame, t, k))
			continue;
		for (size_t i = 0; i < n; i++) {
			keep_if(&high[i], x[i] == level);
			keep_if(&low[i], x[i] == level);
		}
	}
}

/* ---- exact decimals ---- */

void sdp_design_exact_release(struct sdp_design_exact *e)
{
	for (size_t i = 0; i < e->count; i++)
		mpz_clear(e->values[i]);
	for (size_t i = 0; i < e->factor_count; i++)
		mpz_clear(e->factors[i]);
	free(e->values);
	free(e->factors);
	free(e->scales);
	*e = (struct sdp_design_exact){0};
}

static int prepare(struct sdp_design_exact *e, const struct sdp_design *d, struct sdp_err *err)
{
	size_t factors = d->frame->column_count;
	if (e->values)
		return 0;
	e->values = sdp_alloc(d->count + 1, sizeof *e->values, err);
	e->factors = sdp_alloc(factors, sizeof *e->factors, err);
	e->scales = sdp_alloc(factors + d->count, sizeof *e->scales, err);
	if (!e->values || !e->factors || !e->scales)
		return -1;
	while (e->count < d->count)
		mpz_init(e->values[e->count++]);
	while (e->factor_count < factors)
		mpz_init(e->factors[e->factor_count++]);
	return 0;
}

/* Makes out × 2^exponent a decimal out × 10^-scale, and returns the scale. */
static int64_t scale_binary(mpz_t out, int exponent)
{
	mpz_t power;
	if (exponent >= 0) {
		mpz_mul_2exp(out, out, (mp_bitcnt_t)exponent);
		return 0;
	}
	mpz_init(power);
	mpz_ui_pow_ui(power, 5, (unsigned long)-exponent);
	mpz_mul(out, out, power);
	mpz_clear(power);
	return -exponent;
}

/* Sets out × 10^-scale to a double and returns the scale. */
static int64_t set_double(mpz_t out, double x)
{
	int exponent;
	mpz_set_d(out, ldexp(frexp(x, &exponent), 53));
	return scale_binary(out, exponent - 53);
}

/* Reads a cell as the frame of a fit does: with all its digits. */
static int read_cell(const struct sdp_block *block, size_t row, size_t column, mpz_t out,
		     int64_t *scale, struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	struct sdp_buf digits = {0};
	struct sdp_digits number;
	size_t length;
	const char *text = sdp_block_cell(block, row, column, &length);
	int rc = sdp_number_digits(text, length, schema->decimal, schema->thousands, &digits,
				   &number, err);
	if (rc == 0)
		*scale = sdp_rational_of_digits(out, digits.data, &number);
	sdp_buf_release(&digits);
	return rc;
}

/* Sets out × 10^-scale to the function of factor × 10^-places in the unit of the column. */
static int64_t set_function(const struct sdp_design_column *c, const mpz_t factor, int64_t places,
			    mpz_t out)
{
	mpfr_t x, unit;
	mpfr_inits2((mpfr_prec_t)labs(c->twos) + 1300, x, unit, (mpfr_ptr)NULL);
	mpfr_set_ui(unit, 10, MPFR_RNDN);
	mpfr_pow_si(unit, unit, (long)places, MPFR_RNDN);
	mpz_set(out, factor);
	sdp_design_apply_exactly(c->term->kind, out, unit, c->twos, x);
	mpfr_clears(x, unit, (mpfr_ptr)NULL);
	return scale_binary(out, c->twos);
}

static void set_value(const struct sdp_design *d, const struct sdp_design_cells *cells,
		      size_t column, size_t row, struct sdp_design_exact *e)
{
	const struct sdp_design_column *c = &d->columns[column];
	const struct sdp_term *t = c->term;
	int64_t *scale = e->scales + e->factor_count + column;
	*scale = 0;
	mpz_set_ui(e->values[column], 1);
	if (t && sdp_term_is_function(t) && c->wide) {
		*scale = set_function(c, e->factors[t->factor[0]], e->scales[t->factor[0]],
				      e->values[column]);
		return;
	}
	if (t && sdp_term_is_function(t)) {
		double x = sdp_design_apply(t->kind, cells->values[t->factor[0]][row]);
		*scale = set_double(e->values[column], x);
		return;
	}
	for (size_t k = 0; t && k < t->degree; k++) {
		size_t factor = t->factor[k];
		if (!sdp_design_is_level(d->frame, t, k)) {
			mpz_mul(e->values[column], e->values[column], e->factors[factor]);
			*scale += e->scales[factor];
		} else if (cells->values[factor][row] != c->levels[k]) {
			mpz_set_ui(e->values[column], 0);
		}
	}
	if (mpz_sgn(e->values[column]) == 0)
		*scale = 0;
}

int sdp_design_exact(const struct sdp_design *d, const struct sdp_block *block,
		     const struct sdp_design_cells *cells, size_t row, struct sdp_design_exact *e,
		     struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	if (prepare(e, d, err) < 0)
		return -1;
	for (size_t i = 1; i < f->column_count; i++)
		if (f->columns[i].role == SDP_FRAME_NUMBER &&
		    read_cell(block, row, f->columns[i].index, e->factors[i], &e->scales[i], err) <
			    0)
			return -1;
	e->scale = 0;
	for (size_t c = 0; c < d->count; c++) {
		int64_t scale;
		set_value(d, cells, c, row, e);
		scale = e->scales[e->factor_count + c];
		e->scale = scale > e->scale ? scale : e->scale;
	}
	for (size_t c = 0; c < d->count; c++)
		sdp_times_tens(e->values[c], e->scale - e->scales[e->factor_count + c]);
	return 0;
}

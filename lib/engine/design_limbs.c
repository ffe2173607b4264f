/*
 * The columns of a design matrix as integers in limbs.
 *
 *	plan      chooses the unit of each column, which bounds its integers.
 *	narrow    Columns of at most 62 bits, and products of them of at most 124, are computed as
 *	          machine integers.
 *	wide      All others are computed limb by limb, products by multiplying limbs.
 *	function  Logarithms and roots are those of libm. But if numbers of many digits are so close
 *	          to each other that doubles do not tell their logarithms apart, MPFR computes them.
 */
#include "engine/design_private.h"

#include "base/library.h"

#include <limits.h>
#include <mpfr.h>
#include <string.h>

SDP_LIBRARY(gmp, gmp_version);
SDP_LIBRARY(mpfr, mpfr_get_version());

enum {
	FUNCTION_BITS = 89, /* bits of the integers of logarithms and square roots by libm */
	CLOSE_BITS = 10,    /* Numbers differ by less than 2^-10 of them. */
	MORE_BITS = 1024,   /* the most bits that those by MPFR have in addition */
	LOG_EXPONENT = 10,  /* |ln x| < 2^10 */
	TOTAL_LIMBS = 2000, /* If all columns need more, the widest ones are rounded. */
};

/* ---- units ---- */

static int bits_of(double log2_most)
{
	return (int)floor(log2_most) + 1;
}

static void need_room(struct sdp_design *d, int bits)
{
	size_t limbs = sdp_limbs_for(bits);
	d->room = d->room > limbs ? d->room : limbs;
}

/*
 * Chooses how many limbs of a product are dropped after each factor so that its integers stay below
 * 2^most. Returns their bits.
 */
static int plan_product(struct sdp_design *d, struct sdp_design_column *c, int most)
{
	const struct sdp_frame *f = d->frame;
	const struct sdp_term *t = c->term;
	double log2_most = 0;
	for (size_t k = 0; k < t->degree; k++) {
		const struct sdp_frame_column *column = &f->columns[t->factor[k]];
		if (sdp_design_is_level(f, t, k))
			continue;
		log2_most += column->log2_most;
		c->tens += column->tens;
		c->wide |= column->wide;
		for (; bits_of(log2_most) > most; log2_most -= SDP_LIMB_BITS) {
			c->drop[k]++;
			c->twos += SDP_LIMB_BITS;
		}
		need_room(d, sdp_frame_bits(column));
		need_room(d, bits_of(log2_most));
	}
	c->wide |= bits_of(log2_most) > SDP_LIMBS_WIDE_BITS;
	c->digits = c->twos ? (int)(log2_most * log10(2)) : 0;
	return bits_of(log2_most);
}

/* Chooses the unit of a logarithm or square root. Returns the bits of its integers. */
static int plan_function(struct sdp_design *d, struct sdp_design_column *c, int most)
{
	const struct sdp_frame_column *column = &d->frame->columns[c->term->factor[0]];
	int exponent = LOG_EXPONENT, bits = FUNCTION_BITS;
	if (c->term->kind == SDP_TERM_SQRT)
		exponent = bits_of((column->log2_most - column->tens * log2(10)) / 2);
	if (column->log2_most > SDP_DESIGN_SAFE_BITS &&
	    column->high - column->low < ldexp(column->high, -CLOSE_BITS)) {
		c->wide = true;
		bits += (int)fmin(column->log2_most, MORE_BITS);
		bits = bits < most ? bits : most;
		need_room(d, sdp_frame_bits(column));
	}
	c->twos = exponent + 1 - bits;
	return bits;
}

bool sdp_design_is_unit(enum sdp_term_kind kind, double twos)
{
	/* A logarithm has one exponent, and a root half of those of numbers: 2^-1329 to 2^1024. */
	double least = kind == SDP_TERM_LOG ? LOG_EXPONENT : -665,
	       most = kind == SDP_TERM_LOG ? LOG_EXPONENT : 513;
	return twos == rint(twos) && twos >= least + 1 - FUNCTION_BITS - MORE_BITS &&
	       twos <= most + 1 - SDP_LIMBS_WIDE_BITS;
}

/* Plans all columns for integers below 2^most. */
static void plan_columns(struct sdp_design *d, int most)
{
	const struct sdp_frame *f = d->frame;
	size_t columns = d->count + (f->columns[0].role == SDP_FRAME_NUMBER);
	d->limbs = d->room = 0;
	for (size_t i = 0; i < columns; i++) {
		struct sdp_design_column *c = &d->columns[i];
		int bits = 1;
		c->tens = c->twos = c->digits = 0;
		c->wide = false;
		memset(c->drop, 0, sizeof c->drop);
		if (c->term && sdp_term_is_function(c->term))
			bits = plan_function(d, c, most);
		else if (c->term && sdp_design_count_levels(f, c->term) < c->term->degree)
			bits = plan_product(d, c, most);
		c->limb = d->limbs;
		c->limbs = sdp_limbs_for(bits);
		d->limbs += c->limbs;
	}
}

void sdp_design_plan(struct sdp_design *d)
{
	static const int most[] = {INT_MAX, 2048, 1024, 512, 256, SDP_LIMBS_WIDE_BITS};
	for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
		plan_columns(d, most[i]);
		if (d->limbs <= TOTAL_LIMBS)
			break;
	}
}

/* ---- integers ---- */

/* Scratch memory: one tile of integers per column of the frame, and one tile of wide integers. */
struct integers {
	int64_t *columns;
	sdp_int128 *wide;
	int32_t *factor, *products[2]; /* tiles of design.room limbs */
};

size_t sdp_design_scratch(const struct sdp_design *d)
{
	size_t columns = d->frame->column_count;
	return SDP_TILE * (columns * sizeof(int64_t) + sizeof(sdp_int128) +
			   3 * d->room * sizeof(int32_t)) +
	       (columns * sizeof(void *) + 63) / 64 * 64;
}

/* Makes the integers 0 in rows without the levels of the column. */
static void select_levels(const struct sdp_frame *f, const struct sdp_design_column *c,
			  const struct integers *in, size_t n, int32_t *out)
{
	const struct sdp_term *t = c->term;
	for (size_t k = 0; k < t->degree; k++) {
		const int64_t *numbers = in->columns + t->factor[k] * SDP_TILE;
		for (size_t m = 0; sdp_design_is_level(f, t, k) && m < c->limbs; m++)
			for (size_t i = 0; i < n; i++)
				out[m * SDP_TILE + i] *= numbers[i] == c->levels[k];
	}
}

/* Computes the products of the numbers, of at most 124 bits. */
static void narrow_limbs(const struct sdp_frame *f, const struct sdp_design_column *c,
			 const struct integers *in, size_t n, int32_t *out)
{
	const struct sdp_term *t = c->term;
	bool begun = false; /* a factor has been multiplied in */
	for (size_t k = 0; k < t->degree; k++) {
		const int64_t *factor = in->columns + t->factor[k] * SDP_TILE;
		if (sdp_design_is_level(f, t, k))
			continue;
		for (size_t i = 0; i < n; i++)
			in->wide[i] = begun ? in->wide[i] * factor[i] : factor[i];
		begun = true;
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
	select_levels(f, c, in, n, out);
}

/* The same for products, or single columns, of any number of bits. */
static void wide_limbs(const struct sdp_frame *f, const struct sdp_design_column *c,
		       const struct sdp_frame_rows *rows, size_t from, const struct integers *in,
		       size_t n, int32_t *out)
{
	const struct sdp_term *t = c->term;
	struct sdp_limbs product = {NULL, 0};
	double log2_most = 0;
	for (size_t k = 0; k < t->degree; k++) {
		const struct sdp_frame_column *column = &f->columns[t->factor[k]];
		if (sdp_design_is_level(f, t, k))
			continue;
		size_t length = sdp_limbs_for(sdp_frame_bits(column)), drop = (size_t)c->drop[k];
		if (k == 0 || t->factor[k] != t->factor[k - 1])
			sdp_frame_limbs(f, rows, t->factor[k], from, n, in->factor);
		log2_most += column->log2_most - (double)drop * SDP_LIMB_BITS;
		size_t limbs = sdp_limbs_for(bits_of(log2_most));
		int32_t *to = in->products[product.tile == in->products[0]];
		if (!product.tile)
			memcpy(to, in->factor + drop * SDP_TILE, limbs * SDP_TILE * sizeof *to);
		else
			sdp_limbs_multiply(product, (struct sdp_limbs){in->factor, length}, n, drop,
					   limbs, to);
		product = (struct sdp_limbs){to, limbs};
	}
	memcpy(out, product.tile, c->limbs * SDP_TILE * sizeof *out);
	select_levels(f, c, in, n, out);
}

static void function_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
			   const struct sdp_frame_rows *rows, size_t from,
			   const struct integers *in, size_t n, int32_t *out)
{
	double x[64];
	for (size_t done = 0; done < n; done += 64) {
		size_t m = n - done < 64 ? n - done : 64;
		sdp_frame_doubles(d->frame, rows, c->term->factor[0], from + done, m, x);
		for (size_t i = 0; i < m; i++)
			in->wide[done + i] = (sdp_int128)rint(
				ldexp(sdp_design_apply(c->term->kind, x[i]), -c->twos));
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
}

/* The same with as many digits as the column has, and some more. */
static void wide_function_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
				const struct sdp_frame_rows *rows, size_t from,
				const struct integers *in, size_t n, int32_t *out)
{
	const struct sdp_frame_column *column = &d->frame->columns[c->term->factor[0]];
	size_t limbs = sdp_limbs_for(sdp_frame_bits(column));
	mpfr_t x, unit;
	mpz_t integer;
	mpfr_inits2((mpfr_prec_t)((c->limbs + 2) * SDP_LIMB_BITS), x, unit, (mpfr_ptr)NULL);
	mpz_init(integer);
	mpfr_set_ui(unit, 10, MPFR_RNDN);
	mpfr_pow_si(unit, unit, column->tens, MPFR_RNDN);
	sdp_frame_limbs(d->frame, rows, c->term->factor[0], from, n, in->factor);
	for (size_t i = 0; i < n; i++) {
		sdp_limbs_get(in->factor + i, limbs, integer);
		sdp_design_apply_exactly(c->term->kind, integer, unit, c->twos, x);
		sdp_limbs_put(integer, c->limbs, out + i);
	}
	mpz_clear(integer);
	mpfr_clears(x, unit, (mpfr_ptr)NULL);
	mpfr_free_cache();
}

static void level_limbs(const struct sdp_design_column *c, const struct integers *in, size_t n,
			int32_t *out)
{
	for (size_t k = 0; k < c->term->degree; k++) {
		const int64_t *numbers = in->columns + c->term->factor[k] * SDP_TILE,
			      level = c->levels[k];
		for (size_t i = 0; i < n; i++)
			out[i] = numbers[i] == level && (k == 0 || out[i]);
	}
}

static void column_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
			 const struct sdp_frame_rows *rows, size_t from, struct integers *in,
			 size_t n, int32_t *tile)
{
	int32_t *out = tile + c->limb * SDP_TILE;
	if (!c->term) {
		for (size_t i = 0; i < n; i++)
			out[i] = 1;
		return;
	}
	if (sdp_design_count_levels(d->frame, c->term) == c->term->degree)
		level_limbs(c, in, n, out);
	else if (sdp_term_is_function(c->term))
		(c->wide ? wide_function_limbs : function_limbs)(d, c, rows, from, in, n, out);
	else if (c->wide)
		wide_limbs(d->frame, c, rows, from, in, n, out);
	else if (c->term->kind == SDP_TERM_PRODUCT)
		narrow_limbs(d->frame, c, in, n, out);
	else
		sdp_limbs_cut(in->columns + c->term->factor[0] * SDP_TILE, n, c->limbs, out);
}

void sdp_design_limbs(const struct sdp_design *d, const struct sdp_frame_rows *rows, size_t from,
		      size_t n, int32_t *tile, void *scratch)
{
	const struct sdp_frame *f = d->frame;
	struct integers in = {.wide = scratch};
	size_t columns = d->count + (f->columns[0].role == SDP_FRAME_NUMBER);
	in.columns = (int64_t *)(void *)(in.wide + SDP_TILE);
	in.factor = (int32_t *)(void *)(in.columns + f->column_count * SDP_TILE);
	in.products[0] = in.factor + d->room * SDP_TILE;
	in.products[1] = in.products[0] + d->room * SDP_TILE;
	for (size_t i = 0; i < f->column_count; i++)
		if (f->columns[i].role == SDP_FRAME_LEVEL ||
		    (f->columns[i].role == SDP_FRAME_NUMBER && !f->columns[i].wide))
			sdp_frame_integers(f, rows, i, from, n, in.columns + i * SDP_TILE);
	for (size_t i = 0; i < columns; i++)
		column_limbs(d, &d->columns[i], rows, from, &in, n, tile);
	for (size_t k = 0; n < SDP_TILE && k < d->limbs; k++)
		memset(tile + k * SDP_TILE + n, 0, (SDP_TILE - n) * sizeof *tile);
}

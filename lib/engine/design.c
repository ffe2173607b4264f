/* The columns of a design matrix, and their values as integers in limbs and as doubles. */
#include "engine/design_private.h"

#include "base/limbs.h"
#include "sdp/buf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	WIDE_BITS = 124,
	FUNCTION_BITS = 89, /* bits of the integers of logarithms and square roots */
	LOG_EXPONENT = 10,  /* |ln x| < 2^10 */
};

/* ---- columns ---- */

static void set_limbs(struct sdp_design *d, struct sdp_design_column *c, int bits)
{
	c->limb = d->limbs;
	c->limbs = sdp_limbs_for(bits);
	d->limbs += c->limbs;
}

static int bits_of(double log2_most)
{
	return (int)floor(log2_most) + 1;
}

static bool is_level(const struct sdp_frame *f, const struct sdp_term *t, size_t k)
{
	return f->columns[t->factor[k]].role == SDP_FRAME_LEVEL;
}

/* Returns the number of factors with levels; the other factors are numbers. */
static size_t count_levels(const struct sdp_frame *f, const struct sdp_term *t)
{
	size_t count = 0;
	for (size_t k = 0; k < t->degree; k++)
		count += is_level(f, t, k);
	return count;
}

/*
 * Chooses the shift after each factor of a product so that its integers stay below 2^124. Returns
 * their bits.
 */
static int plan_product(const struct sdp_frame *f, struct sdp_design_column *c)
{
	const struct sdp_term *t = c->term;
	double log2_most = 0;
	for (size_t i = 0; i < t->degree; i++) {
		const struct sdp_frame_column *column = &f->columns[t->factor[i]];
		if (is_level(f, t, i))
			continue;
		log2_most += log2((double)column->most + 1);
		c->tens += column->tens;
		c->twos += column->twos;
		while (bits_of(log2_most) > WIDE_BITS) {
			log2_most--;
			c->shifts[i]++;
			c->twos++;
		}
	}
	return bits_of(log2_most);
}

/* Chooses tens, twos and shifts of a column of numbers. Returns the bits of its integers. */
static int plan_number(const struct sdp_frame *f, struct sdp_design_column *c)
{
	const struct sdp_frame_column *column = &f->columns[c->term->factor[0]];
	int exponent = LOG_EXPONENT;
	switch (c->term->kind) {
	case SDP_TERM_COLUMN:
	case SDP_TERM_PRODUCT:
		return plan_product(f, c);
	case SDP_TERM_SQRT:
		exponent = bits_of((log2((double)column->most + 1) -
				    log2((double)sdp_pow10[column->tens]) + column->twos) /
				   2);
		break;
	case SDP_TERM_LOG:
		break;
	}
	c->twos = exponent + 1 - FUNCTION_BITS;
	return FUNCTION_BITS;
}

double sdp_design_term_columns(const struct sdp_frame *f, const struct sdp_term *t)
{
	double count = 1;
	for (size_t k = 0; k < t->degree; k++)
		if (is_level(f, t, k))
			count *= fmax(0, (double)f->columns[t->factor[k]].level_count - 1);
	return count;
}

void sdp_design_first_levels(const struct sdp_frame *f, const struct sdp_term *t,
			     uint16_t levels[SDP_TERM_DEGREE])
{
	for (size_t k = 0; k < t->degree; k++)
		levels[k] = is_level(f, t, k) && f->columns[t->factor[k]].reference == 0;
}

bool sdp_design_next_levels(const struct sdp_frame *f, const struct sdp_term *t,
			    uint16_t levels[SDP_TERM_DEGREE])
{
	for (size_t k = 0; k < t->degree; k++) {
		const struct sdp_frame_column *c = &f->columns[t->factor[k]];
		if (!is_level(f, t, k))
			continue;
		levels[k]++;
		levels[k] = (uint16_t)(levels[k] + (levels[k] == c->reference));
		if (levels[k] < c->level_count)
			return true;
		levels[k] = c->reference == 0;
	}
	return false;
}

/*
 * Returns the name of a column: that of its term with the levels of the factors, as in
 * "a^2*species=Gentoo".
 */
static const char *column_name(const struct sdp_frame *f, const struct sdp_design_column *c,
			       struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_term *t = c->term;
	struct sdp_buf name = {0};
	int rc = 0;
	for (size_t k = 0, power; rc == 0 && k < t->degree; k += power) {
		const struct sdp_frame_column *column = &f->columns[t->factor[k]];
		for (power = 1; k + power < t->degree && t->factor[k + power] == t->factor[k];
		     power++)
			;
		rc = sdp_buf_format(&name, err, "%s%s", k ? "*" : "", column->name);
		if (rc == 0 && is_level(f, t, k))
			rc = sdp_buf_format(&name, err, "=%s", column->levels[c->levels[k]].data);
		else if (rc == 0 && power > 1)
			rc = sdp_buf_format(&name, err, "^%zu", power);
	}
	char *kept = rc == 0 ? sdp_spill_take(spill, name.length + 1, err) : NULL;
	if (kept)
		memcpy(kept, name.data, name.length);
	sdp_buf_release(&name);
	return kept;
}

static int add_term(struct sdp_design *d, const struct sdp_term *term, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	uint16_t levels[SDP_TERM_DEGREE];
	size_t level_count = count_levels(f, term);
	bool more = sdp_design_term_columns(f, term) > 0;
	for (sdp_design_first_levels(f, term, levels); more;
	     more = sdp_design_next_levels(f, term, levels)) {
		struct sdp_design_column *c = &d->columns[d->count++];
		c->term = term;
		memcpy(c->levels, levels, sizeof levels);
		c->name = level_count ? column_name(f, c, spill, err) : term->name;
		if (!c->name)
			return -1;
		set_limbs(d, c, level_count < term->degree ? plan_number(f, c) : 1);
	}
	return 0;
}

/* Adds the target as a column after the others, if it is a number. */
static int add_target(struct sdp_design *d, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_frame_column *y = d->frame->columns;
	struct sdp_term *term = sdp_spill_take(spill, sizeof *term, err);
	if (!term)
		return -1;
	if (y->role != SDP_FRAME_NUMBER)
		return 0;
	*term = (struct sdp_term){.degree = 1, .name = y->name};
	struct sdp_design_column *c = &d->columns[d->count];
	*c = (struct sdp_design_column){.name = y->name, .term = term};
	set_limbs(d, c, plan_product(d->frame, c));
	return 0;
}

struct sdp_design *sdp_design_new(const struct sdp_frame *frame, bool intercept,
				  struct sdp_spill *spill, struct sdp_err *err)
{
	double count = 0;
	for (size_t i = 0; i < frame->term_count; i++)
		count += sdp_design_term_columns(frame, &frame->terms[i]);
	if (count > SDP_DESIGN_COLUMNS) {
		sdp_fail(err, SDP_DATA, "the features make %.15g columns, %d at most", count,
			 SDP_DESIGN_COLUMNS);
		return NULL;
	}
	struct sdp_design *d = sdp_spill_take(spill, sizeof *d, err);
	if (!d ||
	    !(d->columns = sdp_spill_take(spill, ((size_t)count + 2) * sizeof *d->columns, err)))
		return NULL;
	d->frame = frame;
	d->intercept = intercept;
	if (intercept) {
		d->columns[0].name = "(intercept)";
		d->count = 1;
		set_limbs(d, &d->columns[0], 1);
	}
	for (size_t i = 0; i < frame->term_count; i++)
		if (add_term(d, &frame->terms[i], spill, err) < 0)
			return NULL;
	if (d->count == 0) {
		sdp_fail(err, SDP_DATA, "there is neither a feature nor an intercept");
		return NULL;
	}
	return add_target(d, spill, err) < 0 ? NULL : d;
}

/* ---- integers ---- */

/* Scratch memory: one tile of integers per column of the frame, and one tile of wide integers. */
struct integers {
	int64_t *columns;
	sdp_int128 *wide;
};

size_t sdp_design_scratch(const struct sdp_design *d)
{
	return SDP_TILE * (d->frame->column_count * sizeof(int64_t) + sizeof(sdp_int128)) +
	       (d->frame->column_count * sizeof(void *) + 63) / 64 * 64;
}

/* Returns a × b / 2^shift, rounded half away from zero. The result must be below 2^125. */
static sdp_int128 times(sdp_int128 a, int64_t b, int shift)
{
	bool negative = (a < 0) != (b < 0);
	sdp_uint128 m = a < 0 ? 0 - (sdp_uint128)a : (sdp_uint128)a;
	uint64_t k = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
	sdp_uint128 low = (sdp_uint128)(uint64_t)m * k,
		    high = (sdp_uint128)(uint64_t)(m >> 64) * k + (low >> 64);
	uint64_t tail = (uint64_t)low;
	sdp_uint128 result =
		shift ? (high << (64 - shift)) + (tail >> shift) + (tail >> (shift - 1) & 1)
		      : high << 64 | tail;
	return negative ? -(sdp_int128)result : (sdp_int128)result;
}

/* Computes the products of the numbers; they are 0 in rows without the levels of the column. */
static void product_limbs(const struct sdp_frame *f, const struct sdp_design_column *c,
			  struct integers *in, size_t n, int32_t *out)
{
	const struct sdp_term *t = c->term;
	bool begun = false; /* a factor has been multiplied in */
	for (size_t k = 0; k < t->degree; k++) {
		const int64_t *factor = in->columns + t->factor[k] * SDP_TILE;
		if (is_level(f, t, k))
			continue;
		for (size_t i = 0; i < n; i++)
			in->wide[i] =
				begun ? times(in->wide[i], factor[i], c->shifts[k]) : factor[i];
		begun = true;
	}
	for (size_t k = 0; k < t->degree; k++) {
		const int64_t *numbers = in->columns + t->factor[k] * SDP_TILE;
		for (size_t i = 0; is_level(f, t, k) && i < n; i++)
			in->wide[i] = numbers[i] == c->levels[k] ? in->wide[i] : 0;
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
}

static double apply(enum sdp_term_kind kind, double x)
{
	return kind == SDP_TERM_LOG ? log(x) : sqrt(x);
}

static void function_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
			   const struct sdp_frame_rows *rows, size_t from, struct integers *in,
			   size_t n, int32_t *out)
{
	double x[64];
	for (size_t done = 0; done < n; done += 64) {
		size_t m = n - done < 64 ? n - done : 64;
		sdp_frame_doubles(d->frame, rows, c->term->factor[0], from + done, m, x);
		for (size_t i = 0; i < m; i++)
			in->wide[done + i] =
				(sdp_int128)rint(ldexp(apply(c->term->kind, x[i]), -c->twos));
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
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
	if (count_levels(d->frame, c->term) == c->term->degree)
		level_limbs(c, in, n, out);
	else if (c->term->kind == SDP_TERM_LOG || c->term->kind == SDP_TERM_SQRT)
		function_limbs(d, c, rows, from, in, n, out);
	else if (c->term->kind == SDP_TERM_PRODUCT)
		product_limbs(d->frame, c, in, n, out);
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
	for (size_t i = 0; i < f->column_count; i++)
		if (f->columns[i].role != SDP_FRAME_OUT)
			sdp_frame_integers(f, rows, i, from, n, in.columns + i * SDP_TILE);
	for (size_t i = 0; i < columns; i++)
		column_limbs(d, &d->columns[i], rows, from, &in, n, tile);
	for (size_t k = 0; n < SDP_TILE && k < d->limbs; k++)
		memset(tile + k * SDP_TILE + n, 0, (SDP_TILE - n) * sizeof *tile);
}

/* ---- doubles ---- */

static void column_values(const struct sdp_design *d, const struct sdp_design_column *c,
			  const double *const *values, size_t from, size_t n, double *out)
{
	const struct sdp_term *t = c->term;
	if (!t) {
		for (size_t i = 0; i < n; i++)
			out[i] = 1;
		return;
	}
	bool begun = false;
	for (size_t k = 0; k < t->degree; k++) {
		const double *x = values[t->factor[k]] + from;
		if (is_level(d->frame, t, k))
			continue;
		for (size_t i = 0; i < n && (t->kind == SDP_TERM_LOG || t->kind == SDP_TERM_SQRT);
		     i++)
			out[i] = apply(t->kind, x[i]);
		for (size_t i = 0;
		     i < n && (t->kind == SDP_TERM_COLUMN || t->kind == SDP_TERM_PRODUCT); i++)
			out[i] = begun ? out[i] * x[i] : x[i];
		begun = true;
	}
	for (size_t k = 0; k < t->degree; k++) {
		const double *x = values[t->factor[k]] + from, level = c->levels[k];
		if (!is_level(d->frame, t, k))
			continue;
		for (size_t i = 0; i < n; i++)
			out[i] = x[i] != level ? 0 : begun ? out[i] : 1;
		begun = true;
	}
}

void sdp_design_values(const struct sdp_design *d, const struct sdp_design_cells *cells,
		       size_t from, size_t n, double *out, size_t stride)
{
	for (size_t i = 0; i < d->count; i++)
		column_values(d, &d->columns[i], cells->values, from, n, out + i * stride);
}

void sdp_design_doubles(const struct sdp_design *d, const struct sdp_frame_rows *rows, size_t from,
			size_t n, double *out, size_t stride, void *scratch)
{
	const struct sdp_frame *f = d->frame;
	double **columns = scratch;
	double *room = (double *)(void *)((char *)scratch +
					  (f->column_count * sizeof *columns + 63) / 64 * 64);
	for (size_t i = 1; i < f->column_count; i++) {
		columns[i] = room + i * SDP_TILE;
		if (f->columns[i].role == SDP_FRAME_NUMBER)
			sdp_frame_doubles(f, rows, i, from, n, columns[i]);
		if (f->columns[i].role != SDP_FRAME_LEVEL)
			continue;
		int64_t *numbers = (int64_t *)(void *)room;
		sdp_frame_integers(f, rows, i, from, n, numbers);
		for (size_t k = 0; k < n; k++)
			columns[i][k] = (double)numbers[k];
	}
	struct sdp_design_cells cells = {.values = (const double **)columns};
	sdp_design_values(d, &cells, 0, n, out, stride);
}

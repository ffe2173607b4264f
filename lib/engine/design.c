/* A frame's terms as columns of integers, in limbs, and of doubles. */
#include "sdp/design.h"

#include "sdp/limbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	WIDE_BITS = 124,
	FUNCTION_BITS = 89, /* of logarithms and roots */
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

/* How far a product's integers are shifted behind each factor, so that they stay below 2^124. */
static int plan_product(const struct sdp_frame *f, struct sdp_design_column *c)
{
	const struct sdp_term *t = c->term;
	double log2_most = 0;
	for (size_t i = 0; i < t->degree; i++) {
		const struct sdp_frame_column *column = &f->columns[t->factor[i]];
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

static int plan_number(const struct sdp_frame *f, struct sdp_design_column *c)
{
	const struct sdp_frame_column *column = &f->columns[c->term->factor[0]];
	int exponent = LOG_EXPONENT;
	switch (c->term->kind) {
	case SDP_TERM_COLUMN:
	case SDP_TERM_PRODUCT:
		return plan_product(f, c);
	case SDP_TERM_SQRT:
		exponent = bits_of((log2((double)column->most + 1) - log2((double)sdp_pow10[column->tens]) + column->twos) / 2);
		break;
	case SDP_TERM_LOG:
		break;
	}
	c->twos = exponent + 1 - FUNCTION_BITS;
	return FUNCTION_BITS;
}

static const char *level_name(const struct sdp_frame_column *column, size_t level, struct sdp_store *store,
			      struct sdp_err *err)
{
	size_t n = strlen(column->name) + 1 + column->levels[level].length + 1;
	char *name = sdp_store_take(store, n, err);
	if (name)
		snprintf(name, n, "%s=%s", column->name, column->levels[level].data);
	return name;
}

static int add_term(struct sdp_design *d, const struct sdp_term *term, struct sdp_store *store, struct sdp_err *err)
{
	const struct sdp_frame_column *column = &d->frame->columns[term->factor[0]];
	if (column->role == SDP_FRAME_NUMBER) {
		struct sdp_design_column *c = &d->columns[d->count++];
		c->term = term;
		c->name = term->name;
		set_limbs(d, c, plan_number(d->frame, c));
		return 0;
	}
	for (size_t level = 0; level < column->level_count; level++) {
		if (level == column->reference)
			continue;
		struct sdp_design_column *c = &d->columns[d->count++];
		c->term = term;
		c->level = level;
		c->name = level_name(column, level, store, err);
		if (!c->name)
			return -1;
		set_limbs(d, c, 1);
	}
	return 0;
}

static size_t count_columns(const struct sdp_frame *f)
{
	size_t count = 0;
	for (size_t i = 0; i < f->term_count; i++) {
		const struct sdp_frame_column *c = &f->columns[f->terms[i].factor[0]];
		count += c->role == SDP_FRAME_NUMBER ? 1 : c->level_count ? c->level_count - 1 : 0;
	}
	return count;
}

/* The target as a column of its own, if it is a number. */
static int add_target(struct sdp_design *d, struct sdp_store *store, struct sdp_err *err)
{
	const struct sdp_frame_column *y = d->frame->columns;
	struct sdp_term *term = sdp_store_take(store, sizeof *term, err);
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

struct sdp_design *sdp_design_new(const struct sdp_frame *frame, bool intercept, struct sdp_store *store,
				  struct sdp_err *err)
{
	size_t count = count_columns(frame);
	if (count > SDP_DESIGN_COLUMNS) {
		sdp_fail(err, SDP_DATA, "the features make %zu columns, %d at most", count, SDP_DESIGN_COLUMNS);
		return NULL;
	}
	struct sdp_design *d = sdp_store_take(store, sizeof *d, err);
	if (!d || !(d->columns = sdp_store_take(store, (count + 2) * sizeof *d->columns, err)))
		return NULL;
	d->frame = frame;
	d->intercept = intercept;
	if (intercept) {
		d->columns[0].name = "(intercept)";
		d->count = 1;
		set_limbs(d, &d->columns[0], 1);
	}
	for (size_t i = 0; i < frame->term_count; i++)
		if (add_term(d, &frame->terms[i], store, err) < 0)
			return NULL;
	if (d->count == 0) {
		sdp_fail(err, SDP_DATA, "there is neither a feature nor an intercept");
		return NULL;
	}
	return add_target(d, store, err) < 0 ? NULL : d;
}

/* ---- integers ---- */

/* Per column of the frame a tile of its integers, then one of wide integers. */
struct integers {
	int64_t *columns;
	sdp_int128 *wide;
};

size_t sdp_design_scratch(const struct sdp_design *d)
{
	return SDP_TILE * (d->frame->column_count * sizeof(int64_t) + sizeof(sdp_int128)) +
	       (d->frame->column_count * sizeof(void *) + 63) / 64 * 64;
}

/* a × b / 2^shift, rounded half away from zero; the result is below 2^125. */
static sdp_int128 times(sdp_int128 a, int64_t b, int shift)
{
	bool negative = (a < 0) != (b < 0);
	sdp_uint128 m = a < 0 ? 0 - (sdp_uint128)a : (sdp_uint128)a;
	uint64_t k = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
	sdp_uint128 low = (sdp_uint128)(uint64_t)m * k, high = (sdp_uint128)(uint64_t)(m >> 64) * k + (low >> 64);
	uint64_t tail = (uint64_t)low;
	sdp_uint128 result = shift ? (high << (64 - shift)) + (tail >> shift) + (tail >> (shift - 1) & 1)
				   : high << 64 | tail;
	return negative ? -(sdp_int128)result : (sdp_int128)result;
}


static void product_limbs(const struct sdp_design_column *c, struct integers *in, size_t n, int32_t *out)
{
	const struct sdp_term *t = c->term;
	const int64_t *first = in->columns + t->factor[0] * SDP_TILE;
	for (size_t i = 0; i < n; i++)
		in->wide[i] = first[i];
	for (size_t k = 1; k < t->degree; k++) {
		const int64_t *factor = in->columns + t->factor[k] * SDP_TILE;
		for (size_t i = 0; i < n; i++)
			in->wide[i] = times(in->wide[i], factor[i], c->shifts[k]);
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
}

static double apply(enum sdp_term_kind kind, double x)
{
	return kind == SDP_TERM_LOG ? log(x) : sqrt(x);
}

static void function_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
			   const struct sdp_frame_rows *rows, size_t from, struct integers *in, size_t n, int32_t *out)
{
	double x[64];
	for (size_t done = 0; done < n; done += 64) {
		size_t m = n - done < 64 ? n - done : 64;
		sdp_frame_doubles(d->frame, rows, c->term->factor[0], from + done, m, x);
		for (size_t i = 0; i < m; i++)
			in->wide[done + i] = (sdp_int128)rint(ldexp(apply(c->term->kind, x[i]), -c->twos));
	}
	sdp_limbs_cut_wide(in->wide, n, c->limbs, out);
}

static void level_limbs(const struct sdp_design_column *c, const int64_t *numbers, size_t n, int32_t *out)
{
	int64_t level = (int64_t)c->level;
	for (size_t i = 0; i < n; i++)
		out[i] = numbers[i] == level;
}

static void column_limbs(const struct sdp_design *d, const struct sdp_design_column *c,
			 const struct sdp_frame_rows *rows, size_t from, struct integers *in, size_t n, int32_t *tile)
{
	int32_t *out = tile + c->limb * SDP_TILE;
	if (!c->term) {
		for (size_t i = 0; i < n; i++)
			out[i] = 1;
		return;
	}
	size_t first = c->term->factor[0];
	const int64_t *values = in->columns + first * SDP_TILE;
	if (d->frame->columns[first].role == SDP_FRAME_LEVEL)
		level_limbs(c, values, n, out);
	else if (c->term->kind == SDP_TERM_LOG || c->term->kind == SDP_TERM_SQRT)
		function_limbs(d, c, rows, from, in, n, out);
	else if (c->term->kind == SDP_TERM_PRODUCT)
		product_limbs(c, in, n, out);
	else
		sdp_limbs_cut(values, n, c->limbs, out);
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
	const double *x = values[t->factor[0]] + from;
	double level = (double)c->level;
	if (d->frame->columns[t->factor[0]].role == SDP_FRAME_LEVEL) {
		for (size_t i = 0; i < n; i++)
			out[i] = x[i] == level;
	} else if (t->kind == SDP_TERM_LOG || t->kind == SDP_TERM_SQRT) {
		for (size_t i = 0; i < n; i++)
			out[i] = apply(t->kind, x[i]);
	} else {
		memcpy(out, x, n * sizeof *out);
		for (size_t k = 1; k < t->degree; k++) {
			const double *factor = values[t->factor[k]] + from;
			for (size_t i = 0; i < n; i++)
				out[i] *= factor[i];
		}
	}
}

void sdp_design_values(const struct sdp_design *d, const struct sdp_design_cells *cells, size_t from,
		       size_t n, double *out, size_t stride)
{
	for (size_t i = 0; i < d->count; i++)
		column_values(d, &d->columns[i], cells->values, from, n, out + i * stride);
}

void sdp_design_doubles(const struct sdp_design *d, const struct sdp_frame_rows *rows, size_t from,
			size_t n, double *out, size_t stride, void *scratch)
{
	const struct sdp_frame *f = d->frame;
	double **columns = scratch;
	double *room = (double *)(void *)((char *)scratch + (f->column_count * sizeof *columns + 63) / 64 * 64);
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

/* Loads the blocks that a frame kept, and their cells as integers and doubles. */
#include "engine/frame_private.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int sdp_frame_load(const struct sdp_frame *frame, size_t block, const struct sdp_spill *spill,
		   struct sdp_frame_rows *rows, struct sdp_err *err)
{
	const struct sdp_frame_block *b = frame->blocks[block];
	if (b->extent.spilled &&
	    sdp_grow(&rows->room, &rows->capacity, b->extent.length, 1, err) < 0)
		return -1;
	rows->rows = b->rows;
	rows->train = b->train;
	rows->bytes = sdp_spill_get(spill, &b->extent, 0, b->extent.length, rows->room, err);
	return rows->bytes ? 0 : -1;
}

/* Reads the bytes [from, to) of a block to their places in rows->room. */
static int load_range(const struct sdp_frame_block *b, uint64_t from, uint64_t to,
		      const struct sdp_spill *spill, struct sdp_frame_rows *rows,
		      struct sdp_err *err)
{
	return sdp_spill_get(spill, &b->extent, from, to - from, rows->room + from, err) ? 0 : -1;
}

int sdp_frame_load_numbers(const struct sdp_frame *frame, size_t block, size_t column,
			   const struct sdp_spill *spill, struct sdp_frame_rows *rows,
			   struct sdp_err *err)
{
	const struct sdp_frame_block *b = frame->blocks[block];
	size_t slot = frame->columns[column].slot;
	bool last = slot + 1 == frame->slots;
	if (!b->extent.spilled)
		return sdp_frame_load(frame, block, spill, rows, err);
	/* The bytes between those that are read cost address space only. */
	if (sdp_grow(&rows->room, &rows->capacity, b->extent.length, 1, err) < 0)
		return -1;
	rows->rows = b->rows;
	rows->train = b->train;
	rows->bytes = rows->room;
	if (load_range(b, slot * sizeof(struct cells), (slot + 2 - last) * sizeof(struct cells),
		       spill, rows, err) < 0)
		return -1;
	const struct cells *c = (const struct cells *)(const void *)rows->bytes + slot;
	uint64_t end = last                        ? b->extent.length
		       : c[1].kind == CELLS_LEVELS ? c[1].table
						   : c[1].offset;
	return load_range(b, c->offset, end, spill, rows, err);
}

int sdp_frame_bits(const struct sdp_frame_column *column)
{
	return (int)floor(column->log2_most) + 1;
}

static const struct cells *cells_of(const struct sdp_frame *frame,
				    const struct sdp_frame_rows *rows, size_t column)
{
	return (const struct cells *)(const void *)rows->bytes + frame->columns[column].slot;
}

/* Writes the mantissas of the rows [from, from + n) to out. */
static void widen(const struct cells *c, const char *bytes, size_t from, size_t n, int64_t *out)
{
	const char *at = bytes + c->offset + from * c->width;
	const uint8_t *one = (const uint8_t *)at;
	const uint16_t *two = (const uint16_t *)(const void *)at;
	const uint32_t *four = (const uint32_t *)(const void *)at;
	const uint64_t *eight = (const uint64_t *)(const void *)at;
	uint64_t base = (uint64_t)c->base;
	for (size_t i = 0; c->width == 1 && i < n; i++)
		out[i] = (int64_t)(base + one[i]);
	for (size_t i = 0; c->width == 2 && i < n; i++)
		out[i] = (int64_t)(base + two[i]);
	for (size_t i = 0; c->width == 4 && i < n; i++)
		out[i] = (int64_t)(base + four[i]);
	for (size_t i = 0; c->width == 8 && i < n; i++)
		out[i] = (int64_t)(base + eight[i]);
}

/*
 * Writes the same as doubles. The cells must have at most 32 bits and the base at most 52, so that
 * every mantissa is exact as a double and one division rounds it once.
 */
static void widen_small(const struct cells *c, const char *bytes, size_t from, size_t n,
			double *out)
{
	const char *at = bytes + c->offset + from * c->width;
	const uint8_t *one = (const uint8_t *)at;
	const uint16_t *two = (const uint16_t *)(const void *)at;
	const uint32_t *four = (const uint32_t *)(const void *)at;
	double base = (double)c->base, unit = (double)sdp_pow10[c->scale];
	for (size_t i = 0; c->width == 1 && i < n; i++)
		out[i] = (base + one[i]) / unit;
	for (size_t i = 0; c->width == 2 && i < n; i++)
		out[i] = (base + two[i]) / unit;
	for (size_t i = 0; c->width == 4 && i < n; i++)
		out[i] = (base + four[i]) / unit;
}

/* Returns mantissa × 10^(tens - scale), which is an integer of at most 62 bits. */
static int64_t fixed_point(const struct sdp_frame_column *c, int64_t mantissa, int scale)
{
	return mantissa == 0 ? 0 : mantissa * sdp_pow10[c->tens - scale];
}

/* Translates the level indices of a block into those of the column. */
static void level_numbers(const struct sdp_frame_column *column, const struct cells *c,
			  const char *bytes, int64_t *numbers)
{
	const uint32_t *ends = (const uint32_t *)(const void *)(bytes + c->table);
	size_t head = frame_aligned((frame_levels_limit(column) + 1) * sizeof *ends), from = 0;
	for (size_t i = 0; i < c->levels; i++) {
		bool found;
		numbers[i] = (int64_t)sdp_frame_level_find(column->levels, column->level_count,
							   bytes + c->table + head + from,
							   ends[i] - from, &found);
		if (!found)
			SDP_BUG();
		from = ends[i];
	}
}

static void levels(const struct sdp_frame_column *column, const struct cells *c, const char *bytes,
		   size_t from, size_t n, int64_t *out)
{
	int64_t numbers[SDP_FRAME_LEVELS_MAX];
	const uint16_t *codes = (const uint16_t *)(const void *)(bytes + c->offset) + from;
	level_numbers(column, c, bytes, numbers);
	for (size_t i = 0; i < n; i++)
		out[i] = numbers[codes[i]];
}

void sdp_frame_integers(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
			size_t column, size_t from, size_t n, int64_t *out)
{
	const struct sdp_frame_column *what = &frame->columns[column];
	const struct cells *c = cells_of(frame, rows, column);
	const struct mixed mixed = frame_mixed(rows->bytes, c, rows->rows);
	if (what->role == SDP_FRAME_NUMBER && what->wide)
		SDP_BUG();
	switch ((enum cells_kind)c->kind) {
	case CELLS_LEVELS:
		levels(what, c, rows->bytes, from, n, out);
		break;
	case CELLS_MIXED:
		for (size_t i = 0; i < n; i++)
			out[i] = fixed_point(what, mixed.value[from + i], mixed.scale[from + i]);
		break;
	case CELLS_DECIMAL:
		widen(c, rows->bytes, from, n, out);
		if (what->tens != c->scale)
			for (size_t i = 0; i < n; i++)
				out[i] = fixed_point(what, out[i], c->scale);
	}
}

/* ---- wide columns ---- */

/* A cell of any number: the mantissa is value, or big if there is one. */
struct cell {
	int64_t value;
	int scale;
	const struct big *big;
};

static struct cell cell_of(const char *bytes, const struct mixed *mixed, size_t row)
{
	struct cell cell = {mixed->value[row], mixed->scale[row], NULL};
	if (cell.scale == SCALE_BIG) {
		cell.big = (const struct big *)(const void *)(bytes + cell.value);
		cell.scale = (int)cell.big->scale;
	}
	return cell;
}

/* Returns mantissa × 10^tens, which has at most 124 bits. */
static sdp_int128 times_power(const struct cell *cell, int tens)
{
	sdp_int128 m = cell->value;
	if (cell->big) {
		const mp_limb_t *limbs = cell->big->limbs;
		sdp_uint128 high = llabs(cell->big->size) > 1 ? limbs[1] : 0;
		m = (sdp_int128)(high << 64 | limbs[0]);
		m = cell->big->size < 0 ? -m : m;
	}
	for (int step; m != 0 && tens > 0; tens -= step) {
		step = tens < SDP_SCALE_MAX ? tens : SDP_SCALE_MAX;
		m *= sdp_pow10[step];
	}
	return m;
}

/* The same with any number of bits; power is 10^tens. */
static void times_any_power(const struct cell *cell, const mpz_t power, mpz_t out)
{
	mpz_t big;
	if (cell->big)
		mpz_mul(out, power, mpz_roinit_n(big, cell->big->limbs, cell->big->size));
	else
		mpz_mul_si(out, power, cell->value);
}

/* Writes the limbs of cells of any size, one by one. */
static void cut_cells(const struct cell *cells, size_t n, int tens, size_t limbs, int32_t *out)
{
	mpz_t power, integer;
	int last = -1;
	mpz_inits(power, integer, (mpz_ptr)NULL);
	for (size_t i = 0; i < n; i++) {
		bool zero = cells[i].value == 0 && !cells[i].big;
		int needed = zero ? 0 : tens - cells[i].scale;
		if (needed != last)
			mpz_ui_pow_ui(power, 10, (unsigned long)needed);
		last = needed;
		times_any_power(&cells[i], power, integer);
		sdp_limbs_put(integer, limbs, out + i);
	}
	mpz_clears(power, integer, (mpz_ptr)NULL);
}

void sdp_frame_limbs(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		     size_t column, size_t from, size_t n, int32_t *out)
{
	const struct sdp_frame_column *what = &frame->columns[column];
	const struct cells *c = cells_of(frame, rows, column);
	const struct mixed mixed = frame_mixed(rows->bytes, c, rows->rows);
	int bits = sdp_frame_bits(what);
	size_t limbs = sdp_limbs_for(bits);
	int64_t values[SDP_TILE];
	struct cell cells[SDP_TILE];
	sdp_int128 wide[SDP_TILE];
	if (!what->wide) {
		sdp_frame_integers(frame, rows, column, from, n, values);
		sdp_limbs_cut(values, n, limbs, out);
		return;
	}
	if (c->kind == CELLS_DECIMAL)
		widen(c, rows->bytes, from, n, values);
	for (size_t i = 0; i < n; i++)
		cells[i] = c->kind == CELLS_DECIMAL ? (struct cell){values[i], c->scale, NULL}
						    : cell_of(rows->bytes, &mixed, from + i);
	if (bits > SDP_LIMBS_WIDE_BITS) {
		cut_cells(cells, n, what->tens, limbs, out);
		return;
	}
	for (size_t i = 0; i < n; i++)
		wide[i] = times_power(&cells[i], what->tens - cells[i].scale);
	sdp_limbs_cut_wide(wide, n, limbs, out);
}

void sdp_frame_doubles(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		       size_t column, size_t from, size_t n, double *out)
{
	enum { STRETCH = 256 };
	const struct cells *c = cells_of(frame, rows, column);
	const struct mixed mixed = frame_mixed(rows->bytes, c, rows->rows);
	int64_t values[STRETCH];
	if (c->kind == CELLS_DECIMAL && c->width <= 4 && c->base > -(INT64_C(1) << 52) &&
	    c->base < INT64_C(1) << 52) {
		widen_small(c, rows->bytes, from, n, out);
		return;
	}
	for (size_t i = 0, row = from; c->kind == CELLS_MIXED && i < n; i++, row++)
		out[i] = frame_is_decimal(mixed.scale[row])
				 ? sdp_decimal_to_double(mixed.value[row], mixed.scale[row])
				 : mixed.real[row];
	for (size_t done = 0, m; c->kind == CELLS_DECIMAL && done < n; done += m) {
		const int64_t exact = INT64_C(1) << 53;
		double unit = (double)sdp_pow10[c->scale];
		m = n - done < STRETCH ? n - done : STRETCH;
		widen(c, rows->bytes, from + done, m, values);
		for (size_t i = 0; i < m; i++)
			out[done + i] = values[i] <= exact && values[i] >= -exact
						? (double)values[i] / unit
						: sdp_decimal_to_double(values[i], c->scale);
	}
	if (c->kind == CELLS_LEVELS)
		SDP_BUG();
}

/* Loads the blocks that a frame kept, and their cells as integers and doubles. */
#include "engine/frame_private.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

#include <math.h>
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

static const struct cells *cells_of(const struct sdp_frame *frame,
				    const struct sdp_frame_rows *rows, size_t column)
{
	size_t used = 0;
	for (size_t i = 0; i < column; i++)
		used += frame->columns[i].role != SDP_FRAME_OUT;
	return (const struct cells *)(const void *)rows->bytes + used;
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

/*
 * Returns the integer nearest to mantissa × 10^-scale × 2^-twos, whose magnitude must be below
 * 2^62.
 */
static int64_t to_binary_unit(int64_t mantissa, int scale, int twos)
{
	sdp_uint128 m = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa,
		    unit = (uint64_t)sdp_pow10[scale];
	if (m == 0 || twos >= 64)
		return 0;
	if (twos > 0)
		unit <<= twos;
	else
		m <<= -twos;
	m = (m + unit / 2) / unit;
	return mantissa < 0 ? -(int64_t)m : (int64_t)m;
}

static int64_t fixed_point(const struct sdp_frame_column *c, int64_t value, int scale)
{
	double real;
	if (scale != SDP_CELL_REAL)
		return c->binary ? to_binary_unit(value, scale, c->twos)
				 : value * sdp_pow10[c->tens - scale];
	memcpy(&real, &value, sizeof real);
	return (int64_t)rint(ldexp(real, -c->twos));
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
	const struct mixed *mixed =
		(const struct mixed *)(const void *)(rows->bytes + c->offset) + from;
	switch ((enum cells_kind)c->kind) {
	case CELLS_LEVELS:
		levels(what, c, rows->bytes, from, n, out);
		break;
	case CELLS_MIXED:
		for (size_t i = 0; i < n; i++)
			out[i] = fixed_point(what, mixed[i].value, (int)mixed[i].scale);
		break;
	case CELLS_DECIMAL:
		widen(c, rows->bytes, from, n, out);
		if (what->binary || what->tens != c->scale)
			for (size_t i = 0; i < n; i++)
				out[i] = fixed_point(what, out[i], c->scale);
	}
}

void sdp_frame_doubles(const struct sdp_frame *frame, const struct sdp_frame_rows *rows,
		       size_t column, size_t from, size_t n, double *out)
{
	enum { STRETCH = 256 };
	const struct cells *c = cells_of(frame, rows, column);
	const struct mixed *mixed =
		(const struct mixed *)(const void *)(rows->bytes + c->offset) + from;
	int64_t values[STRETCH];
	if (c->kind == CELLS_DECIMAL && c->width <= 4 && c->base > -(INT64_C(1) << 52) &&
	    c->base < INT64_C(1) << 52) {
		widen_small(c, rows->bytes, from, n, out);
		return;
	}
	for (size_t i = 0; c->kind == CELLS_MIXED && i < n; i++) {
		memcpy(&out[i], &mixed[i].value, sizeof *out);
		if (mixed[i].scale != SDP_CELL_REAL)
			out[i] = sdp_decimal_to_double(mixed[i].value, (int)mixed[i].scale);
	}
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

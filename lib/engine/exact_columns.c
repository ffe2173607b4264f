/* Columns of a block as exact integers. */
#include "engine/exact_columns.h"

#include "base/rational.h"
#include "engine/frame_private.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

static const double TEN = 3.321928094887363; /* log2(10), rounded up */
static const double ERROR = 1e-6;            /* far more than that of the logarithms */

void sdp_exact_need_join(struct sdp_exact_need *a, const struct sdp_exact_need *b)
{
	if (!b->any)
		return;
	a->tens = a->any && a->tens > b->tens ? a->tens : b->tens;
	a->top = a->any && a->top > b->top ? a->top : b->top;
	a->any = true;
}

int sdp_exact_bits(const struct sdp_exact_need *need, int tens)
{
	double bits = need->any ? need->top + TEN * tens : 0;
	return bits > 0 ? (int)floor(bits) + 1 : 1;
}

static void need_decimal(struct sdp_exact_need *need, uint64_t most, int scale)
{
	struct sdp_exact_need own = {most > 0, scale, log2((double)most) - TEN * scale + ERROR};
	sdp_exact_need_join(need, &own);
}

/* ---- reading ---- */

/* Takes the cells of a block that are neither decimals nor null. */
static int take_odd(struct sdp_exact_column *c, const struct sdp_block *block, size_t index,
		    struct sdp_err *err)
{
	struct sdp_buf digits = {0};
	int rc = 0;
	for (size_t row = 0; rc == 0 && row < block->rows; row++) {
		struct sdp_digits number;
		size_t length;
		if (c->scale[row] != SDP_CELL_REAL)
			continue;
		const char *text = sdp_block_cell(block, row, index, &length);
		digits.length = 0;
		if ((rc = sdp_number_digits(text, length, block->schema->decimal,
					    block->schema->thousands, &digits, &number, err)) < 0 ||
		    (rc = sdp_grow(&c->odd, &c->odd_capacity, c->odd_count + 1, sizeof *c->odd,
				   err)) < 0)
			break;
		struct sdp_exact_odd *odd = &c->odd[c->odd_count++];
		odd->row = row;
		mpz_init(odd->mantissa);
		odd->scale = (int)sdp_rational_of_digits(odd->mantissa, digits.data, &number);
	}
	sdp_buf_release(&digits);
	return rc;
}

static void find_need(struct sdp_exact_column *c, size_t rows)
{
	c->need = (struct sdp_exact_need){0};
	uint64_t most[SDP_SCALE_MAX + 1] = {0};
	for (size_t i = 0; c->one_scale && i < rows; i++) {
		uint64_t m = sdp_magnitude(c->mantissa[i]);
		most[c->one] = m > most[c->one] ? m : most[c->one];
	}
	for (size_t i = 0; !c->one_scale && i < rows; i++) {
		uint64_t m = sdp_magnitude(c->mantissa[i]);
		if (c->scale[i] <= SDP_SCALE_MAX && m > most[c->scale[i]])
			most[c->scale[i]] = m;
	}
	for (int s = 0; s <= SDP_SCALE_MAX; s++)
		if (most[s])
			need_decimal(&c->need, most[s], s);
	for (size_t i = 0; i < c->odd_count; i++) {
		const struct sdp_exact_odd *odd = &c->odd[i];
		struct sdp_exact_need own = {mpz_sgn(odd->mantissa) != 0, odd->scale,
					     (double)mpz_sizeinbase(odd->mantissa, 2) -
						     TEN * odd->scale + ERROR};
		sdp_exact_need_join(&c->need, &own);
	}
}

static int read_column(struct sdp_exact_column *c, const struct sdp_block *block, size_t index,
		       struct sdp_number_column *n, struct sdp_err *err)
{
	if (sdp_block_numbers(block, index, n, err) < 0)
		return -1;
	c->seen = n->seen;
	c->nulls = n->nulls + n->others;
	if (n->wides > 0)
		sdp_frame_find_wide(block, index, n);
	bool aligned = sdp_number_column_align(n);
	c->one_scale = aligned && n->reals == 0;
	c->one = n->max_scale;
	memcpy(c->mantissa, n->mantissa, n->rows * sizeof *c->mantissa);
	memcpy(c->scale, n->scale, n->rows);
	for (size_t i = 0; c->nulls + n->reals && i < n->rows; i++) {
		if (c->scale[i] <= SDP_SCALE_MAX)
			continue;
		c->mantissa[i] = 0;
		c->scale[i] = c->scale[i] == SDP_CELL_REAL ? SDP_CELL_REAL : SDP_CELL_NULL;
	}
	if (n->reals && take_odd(c, block, index, err) < 0)
		return -1;
	find_need(c, n->rows);
	return 0;
}

static size_t table_size(size_t count)
{
	return frame_aligned(count * sizeof(struct sdp_exact_column));
}

static size_t column_size(size_t rows)
{
	return frame_aligned(rows * sizeof(int64_t)) + frame_aligned(rows);
}

int sdp_exact_columns_read(struct sdp_exact_columns *out, const struct sdp_block *block,
			   const size_t *indices, size_t count, size_t room, struct sdp_work *work,
			   sdp_exact_each *each, void *context, struct sdp_err *err)
{
	size_t rows = block->rows;
	*out = (struct sdp_exact_columns){.rows = rows};
	size_t kept = frame_aligned(rows * sizeof *out->kept);
	char *at = sdp_work_scratch(work,
				    frame_aligned(room) + kept + table_size(count) +
					    count * column_size(rows),
				    err);
	if (!at)
		return -1;
	out->room = at;
	out->kept = (uint32_t *)(void *)(at += frame_aligned(room));
	out->columns = (struct sdp_exact_column *)(void *)(at += kept);
	at += table_size(count);
	for (size_t i = 0; i < count; i++, at += column_size(rows)) {
		struct sdp_exact_column *c = &out->columns[i];
		*c = (struct sdp_exact_column){.mantissa = (int64_t *)(void *)at,
					       .scale = (uint8_t *)at +
							frame_aligned(rows * sizeof(int64_t))};
		out->count = i + 1;
		if (read_column(c, block, indices[i], &work->numbers, err) < 0 ||
		    (each && each(context, i, c, &work->numbers, err) < 0))
			return -1;
	}
	return 0;
}

void sdp_exact_columns_release(struct sdp_exact_columns *s)
{
	for (size_t i = 0; i < s->count; i++) {
		for (size_t k = 0; k < s->columns[i].odd_count; k++)
			mpz_clear(s->columns[i].odd[k].mantissa);
		free(s->columns[i].odd);
	}
	s->count = 0;
}

/* ---- rows without nulls ---- */

static void keep_rows(struct sdp_exact_column *c, const uint32_t *kept, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		c->mantissa[i] = c->mantissa[kept[i]];
		c->scale[i] = c->scale[kept[i]];
	}
	for (size_t k = 0, i = 0; k < c->odd_count; k++) {
		while (i < count && kept[i] < c->odd[k].row)
			i++;
		if (i == count || kept[i] != c->odd[k].row) {
			mpz_clear(c->odd[k].mantissa);
			continue;
		}
		c->odd[left] = c->odd[k];
		c->odd[left++].row = i;
	}
	c->odd_count = left;
	c->nulls = 0;
	find_need(c, count);
}

void sdp_exact_columns_drop_nulls(struct sdp_exact_columns *s)
{
	size_t count = 0;
	for (size_t row = 0; row < s->rows; row++) {
		bool null = false;
		for (size_t i = 0; !null && i < s->count; i++)
			null = s->columns[i].nulls && s->columns[i].scale[row] == SDP_CELL_NULL;
		if (!null)
			s->kept[count++] = (uint32_t)row;
	}
	for (size_t i = 0; count < s->rows && i < s->count; i++)
		keep_rows(&s->columns[i], s->kept, count);
	s->rows = count;
}

/* ---- integers ---- */

/* Calls use with the odd cells of the rows [from, from + n). */
#define FOR_ODD(c, from, n, odd)                                                                   \
	for (const struct sdp_exact_odd *odd = (c)->odd; odd < (c)->odd + (c)->odd_count; odd++)   \
		if (odd->row >= (from) && odd->row < (from) + (n))

static int64_t small(int64_t mantissa, int tens)
{
	return mantissa == 0 ? 0 : mantissa * sdp_pow10[tens];
}

static void cut_small(const struct sdp_exact_column *c, int tens, size_t limbs, size_t from,
		      size_t n, int32_t *out)
{
	int64_t values[SDP_TILE];
	const int64_t *m = c->mantissa + from;
	const uint8_t *s = c->scale + from;
	if (c->one_scale && c->one == tens) {
		sdp_limbs_cut(m, n, limbs, out);
		return;
	}
	for (size_t i = 0; i < n; i++)
		values[i] = m[i] ? small(m[i], tens - (c->one_scale ? c->one : s[i])) : 0;
	sdp_limbs_cut(values, n, limbs, out);
}

/* Returns mantissa × 10^tens, which has at most 124 bits. */
static sdp_int128 times_power(sdp_int128 m, int tens)
{
	for (int step; m != 0 && tens > 0; tens -= step) {
		step = tens < SDP_SCALE_MAX ? tens : SDP_SCALE_MAX;
		m *= sdp_pow10[step];
	}
	return m;
}

static sdp_int128 of_mpz(const mpz_t number)
{
	sdp_uint128 m = (sdp_uint128)(mpz_size(number) > 1 ? mpz_getlimbn(number, 1) : 0) << 64 |
			mpz_getlimbn(number, 0);
	return mpz_sgn(number) < 0 ? -(sdp_int128)m : (sdp_int128)m;
}

static void cut_wide(const struct sdp_exact_column *c, int tens, size_t limbs, size_t from,
		     size_t n, int32_t *out)
{
	sdp_int128 values[SDP_TILE];
	for (size_t i = 0; i < n; i++) {
		int64_t m = c->mantissa[from + i];
		values[i] = m ? times_power(m, tens - c->scale[from + i]) : 0;
	}
	FOR_ODD(c, from, n, odd)
	values[odd->row - from] = times_power(of_mpz(odd->mantissa), tens - odd->scale);
	sdp_limbs_cut_wide(values, n, limbs, out);
}

static void cut_any(const struct sdp_exact_column *c, int tens, size_t limbs, size_t from, size_t n,
		    int32_t *out)
{
	mpz_t value;
	mpz_init(value);
	for (size_t i = 0; i < n; i++) {
		int64_t m = c->mantissa[from + i];
		mpz_set_si(value, m);
		if (m)
			sdp_times_tens(value, tens - c->scale[from + i]);
		sdp_limbs_put(value, limbs, out + i);
	}
	FOR_ODD(c, from, n, odd)
	{
		mpz_set(value, odd->mantissa);
		if (mpz_sgn(value))
			sdp_times_tens(value, tens - odd->scale);
		sdp_limbs_put(value, limbs, out + (odd->row - from));
	}
	mpz_clear(value);
}

void sdp_exact_column_limbs(const struct sdp_exact_column *c, int tens, size_t limbs, size_t from,
			    size_t n, int32_t *out)
{
	int bits = sdp_exact_bits(&c->need, tens);
	if (bits <= 62 && c->odd_count == 0)
		cut_small(c, tens, limbs, from, n, out);
	else if (bits <= SDP_LIMBS_WIDE_BITS)
		cut_wide(c, tens, limbs, from, n, out);
	else
		cut_any(c, tens, limbs, from, n, out);
}

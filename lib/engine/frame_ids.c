/* Ids: the limits of all numbers of a column, and whether its integers are all different. */
#include "engine/frame_private.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>

void sdp_frame_note_limits(struct part *part, double low, double high)
{
	part->all_low = part->all ? fmin(part->all_low, low) : low;
	part->all_high = part->all ? fmax(part->all_high, high) : high;
	part->all = true;
}

void sdp_frame_note_all(struct part *part, const int64_t *values, const uint8_t *scales, int scale,
			size_t n)
{
	int64_t low = INT64_MAX, high = INT64_MIN;
	if (scale < 0) {
		for (size_t i = 0; i < n; i++) {
			if (scales[i] == SDP_CELL_NULL)
				continue;
			double x = sdp_frame_double(values[i], scales[i]);
			sdp_frame_note_limits(part, x, x);
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		bool null = scales && scales[i] == SDP_CELL_NULL;
		low = !null && values[i] < low ? values[i] : low;
		high = !null && values[i] > high ? values[i] : high;
	}
	if (low <= high)
		sdp_frame_note_limits(part, sdp_decimal_to_double(low, scale),
				      sdp_decimal_to_double(high, scale));
}

bool sdp_frame_more_than_differ(const struct sdp_frame *f, const struct sdp_frame_column *c,
				const struct part *part)
{
	const double rounding = 0x1p-51;
	double low = part->all ? fmin(c->low, part->all_low) : c->low,
	       high = part->all ? fmax(c->high, part->all_high) : c->high;
	double range = high - low + 1 + rounding * fmax(fabs(low), fabs(high));
	return f->used + f->tested < f->rows && (double)part->values > range;
}

/* A column of integers whose blocks are read one after the other. */
struct reading {
	const struct sdp_frame *frame;
	const struct sdp_spill *spill;
	size_t column;
	struct sdp_frame_rows rows;
	int64_t *values;
	size_t capacity;
	int64_t unit; /* of integers that fit 64 bits */
	/* Of others: their unit, what is subtracted from them, and memory for them. */
	mpz_t far_unit, base, integer;
	bool too_far; /* A difference from base does not fit 64 bits. */
	int32_t *limbs;
};

static int load(struct reading *r, size_t number, struct sdp_err *err)
{
	return sdp_frame_load_numbers(r->frame, number, r->column, r->spill, &r->rows, err) < 0
		       ? -1
		       : sdp_grow(&r->values, &r->capacity, r->rows.rows, sizeof *r->values, err);
}

static int read_block(void *context, size_t number, const int64_t **values, size_t *n,
		      struct sdp_err *err)
{
	struct reading *r = context;
	if (load(r, number, err) < 0)
		return -1;
	sdp_frame_integers(r->frame, &r->rows, r->column, 0, r->rows.rows, r->values);
	for (size_t i = 0; i < r->rows.rows; i++)
		r->values[i] *= r->unit;
	*values = r->values;
	*n = r->rows.rows;
	return 0;
}

/* Reads the integers of a block less base. */
static int read_far_block(void *context, size_t number, const int64_t **values, size_t *n,
			  struct sdp_err *err)
{
	struct reading *r = context;
	size_t limbs = sdp_limbs_for(sdp_frame_bits(&r->frame->columns[r->column])), m;
	if (load(r, number, err) < 0)
		return -1;
	for (size_t from = 0; from < r->rows.rows && !r->too_far; from += m) {
		m = r->rows.rows - from < SDP_TILE ? r->rows.rows - from : SDP_TILE;
		sdp_frame_limbs(r->frame, &r->rows, r->column, from, m, r->limbs);
		for (size_t i = 0; i < m; i++) {
			sdp_limbs_get(r->limbs + i, limbs, r->integer);
			mpz_mul(r->integer, r->integer, r->far_unit);
			mpz_sub(r->integer, r->integer, r->base);
			r->too_far |= !mpz_fits_slong_p(r->integer);
			r->values[from + i] = mpz_get_si(r->integer);
		}
	}
	*values = r->values;
	*n = r->too_far ? 0 : r->rows.rows;
	return 0;
}

/* Returns the text of base + offset in the spill. */
static const char *text_of(struct reading *r, int64_t offset, struct sdp_spill *spill,
			   struct sdp_err *err)
{
	mpz_set_si(r->integer, offset);
	mpz_add(r->integer, r->integer, r->base);
	char *text = sdp_spill_take(spill, mpz_sizeinbase(r->integer, 10) + 2, err);
	return text ? mpz_get_str(text, 10, r->integer) : NULL;
}

/* Does the work of sdp_frame_find_different for integers of any size. */
static int find_far(struct reading *r, struct sdp_integer_parts *parts, struct sdp_frame_column *c,
		    struct sdp_spill *spill, struct sdp_err *err)
{
	r->limbs = sdp_alloc(sdp_limbs_for(sdp_frame_bits(c)) * SDP_TILE, sizeof *r->limbs, err);
	if (!r->limbs)
		return -1;
	mpz_inits(r->far_unit, r->base, r->integer, (mpz_ptr)NULL);
	mpz_ui_pow_ui(r->far_unit, 10, (unsigned long)-c->tens);
	mpz_set_d(r->base, floor(c->low / 2 + c->high / 2));
	parts->read = read_far_block;
	int rc = sdp_all_different(parts, &c->different, err);
	c->different.different &= !r->too_far;
	if (rc == 0 && c->different.different) {
		c->id_low = text_of(r, c->different.low, spill, err);
		c->id_high = text_of(r, c->different.high, spill, err);
		rc = c->id_low && c->id_high ? 0 : -1;
	}
	mpz_clears(r->far_unit, r->base, r->integer, (mpz_ptr)NULL);
	free(r->limbs);
	return rc;
}

int sdp_frame_find_different(const struct sdp_frame *f, struct sdp_frame_column *c,
			     struct sdp_spill *spill, struct sdp_err *err)
{
	struct reading r = {.frame = f, .spill = spill, .column = (size_t)(c - f->columns)};
	struct sdp_integer_parts parts = {f->block_count, read_block, &r, spill->limit / 2};
	bool far = c->wide || c->low < -0x1p62 || c->high > 0x1p62;
	int rc = 0;
	c->different = (struct sdp_all_different){0};
	if (c->role != SDP_FRAME_NUMBER || c->typed.type != SDP_INTEGER_TYPE || c->tens > 0)
		return 0;
	if (far) {
		rc = find_far(&r, &parts, c, spill, err);
	} else if (c->tens >= -SDP_SCALE_MAX) {
		r.unit = sdp_pow10[-c->tens];
		rc = sdp_all_different(&parts, &c->different, err);
	}
	free(r.rows.room);
	free(r.values);
	return rc;
}

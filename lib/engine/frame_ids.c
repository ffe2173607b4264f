/* Ids of many digits: whether integers that may exceed 64 bits are all different. */
#include "engine/frame_private.h"

#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>

struct reading {
	const struct sdp_frame *frame;
	const struct sdp_spill *spill;
	size_t column;
	mpz_t unit, base, integer;
	bool far; /* A difference from base does not fit 64 bits. */
	struct sdp_frame_rows rows;
	int64_t *values;
	size_t capacity;
	int32_t *limbs;
};

/* Reads the integers of a block less base. */
static int read_block(void *context, size_t number, const int64_t **values, size_t *n,
		      struct sdp_err *err)
{
	struct reading *r = context;
	size_t limbs = sdp_limbs_for(sdp_frame_bits(&r->frame->columns[r->column])), m;
	if (sdp_frame_load(r->frame, number, r->spill, &r->rows, err) < 0 ||
	    sdp_grow(&r->values, &r->capacity, r->rows.rows, sizeof *r->values, err) < 0)
		return -1;
	for (size_t from = 0; from < r->rows.rows && !r->far; from += m) {
		m = r->rows.rows - from < SDP_TILE ? r->rows.rows - from : SDP_TILE;
		sdp_frame_limbs(r->frame, &r->rows, r->column, from, m, r->limbs);
		for (size_t i = 0; i < m; i++) {
			sdp_limbs_get(r->limbs + i, limbs, r->integer);
			mpz_mul(r->integer, r->integer, r->unit);
			mpz_sub(r->integer, r->integer, r->base);
			r->far |= !mpz_fits_slong_p(r->integer);
			r->values[from + i] = mpz_get_si(r->integer);
		}
	}
	*values = r->values;
	*n = r->far ? 0 : r->rows.rows;
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

int sdp_frame_find_far_different(const struct sdp_frame *f, struct sdp_frame_column *c,
				 struct sdp_spill *spill, struct sdp_err *err)
{
	struct reading r = {.frame = f, .spill = spill, .column = (size_t)(c - f->columns)};
	struct sdp_integer_parts parts = {f->block_count, read_block, &r, spill->limit / 2};
	size_t limbs = sdp_limbs_for(sdp_frame_bits(c));
	r.limbs = sdp_alloc(limbs * SDP_TILE, sizeof *r.limbs, err);
	if (!r.limbs)
		return -1;
	mpz_inits(r.unit, r.base, r.integer, (mpz_ptr)NULL);
	mpz_ui_pow_ui(r.unit, 10, (unsigned long)-c->tens);
	mpz_set_d(r.base, floor(c->low / 2 + c->high / 2));
	int rc = sdp_all_different(&parts, &c->different, err);
	c->different.different &= !r.far;
	if (rc == 0 && c->different.different) {
		c->id_low = text_of(&r, c->different.low, spill, err);
		c->id_high = text_of(&r, c->different.high, spill, err);
		rc = c->id_low && c->id_high ? 0 : -1;
	}
	mpz_clears(r.unit, r.base, r.integer, (mpz_ptr)NULL);
	free(r.rows.room);
	free(r.values);
	free(r.limbs);
	return rc;
}

/* Finds out whether the values of a column of integers are all different, as those of an id. */
#include "engine/frame_private.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

struct reading {
	const struct sdp_frame *frame;
	const struct sdp_spill *spill;
	size_t column;
	int64_t unit;
	struct sdp_frame_rows rows;
	int64_t *values;
	size_t capacity;
};

static int read_block(void *context, size_t number, const int64_t **values, size_t *n,
		      struct sdp_err *err)
{
	struct reading *r = context;
	if (sdp_frame_load(r->frame, number, r->spill, &r->rows, err) < 0 ||
	    sdp_grow(&r->values, &r->capacity, r->rows.rows, sizeof *r->values, err) < 0)
		return -1;
	sdp_frame_integers(r->frame, &r->rows, r->column, 0, r->rows.rows, r->values);
	for (size_t i = 0; i < r->rows.rows; i++)
		r->values[i] *= r->unit;
	*values = r->values;
	*n = r->rows.rows;
	return 0;
}

int sdp_frame_find_different(const struct sdp_frame *f, size_t column,
			     const struct sdp_spill *spill, struct sdp_all_different *result,
			     struct sdp_err *err)
{
	const struct sdp_frame_column *c = &f->columns[column];
	struct reading r = {.frame = f, .spill = spill, .column = column};
	struct sdp_integer_parts parts = {f->block_count, read_block, &r};
	*result = (struct sdp_all_different){0};
	if (c->role != SDP_FRAME_NUMBER || c->typed.type != SDP_INTEGER_TYPE || c->wide ||
	    c->tens > 0 || c->tens < -SDP_SCALE_MAX || c->low < -0x1p62 || c->high > 0x1p62)
		return 0;
	r.unit = sdp_pow10[-c->tens];
	int rc = sdp_all_different(&parts, result, err);
	free(r.rows.room);
	free(r.values);
	return rc;
}

/* Checks what a frame reads: cells that are not allowed, and integers that seem to be ids. */
#include "engine/frame_private.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

/*
 * Returns the term that requires the column of the schema to be a number, and what it uses it for
 * ("powers"); NULL if --types requires it, or if the column is the target.
 */
static const struct sdp_term *needing_number(const struct sdp_frame *f, size_t index,
					     const char **what)
{
	for (size_t t = 0; t < f->term_count; t++)
		for (size_t k = 0; k < f->terms[t].degree; k++) {
			const struct sdp_term *term = &f->terms[t];
			const struct sdp_frame_column *c = &f->columns[term->factor[k]];
			*what = term->kind == SDP_TERM_LOG    ? "logarithms"
				: term->kind == SDP_TERM_SQRT ? "roots"
							      : "powers";
			if (c->index == index && !c->typed.fixed && sdp_term_needs_number(term, k))
				return term;
		}
	return NULL;
}

int sdp_frame_refuse(const struct sdp_frame *f, const struct sdp_fault *fault, struct sdp_err *err)
{
	struct sdp_err why;
	const char *what;
	if (sdp_fault_fail(fault, &why) == 0)
		return 0;
	const struct sdp_term *term = needing_number(f, fault->column, &what);
	return term ? sdp_fail(err, why.code, "%.600s, and only numbers have %s: %.300s", why.text,
			       what, term->name)
		    : sdp_fail(err, why.code, "%s", why.text);
}

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
	if (sdp_frame_load_numbers(r->frame, number, r->column, r->spill, &r->rows, err) < 0 ||
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
	struct sdp_integer_parts parts = {f->block_count, read_block, &r, spill->limit / 2};
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

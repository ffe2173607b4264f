/* The columns of a design matrix, and their values as doubles. */
#include "engine/design_private.h"

#include "sdp/buf.h"

#include <math.h>
#include <string.h>

/* ---- columns ---- */

double sdp_design_term_columns(const struct sdp_frame *f, const struct sdp_term *t)
{
	double count = 1;
	for (size_t k = 0; k < t->degree; k++)
		if (sdp_design_is_level(f, t, k))
			count *= fmax(0, (double)f->columns[t->factor[k]].level_count - 1);
	return count;
}

void sdp_design_first_levels(const struct sdp_frame *f, const struct sdp_term *t,
			     uint16_t levels[SDP_TERM_DEGREE])
{
	for (size_t k = 0; k < t->degree; k++)
		levels[k] = sdp_design_is_level(f, t, k) && f->columns[t->factor[k]].reference == 0;
}

bool sdp_design_next_levels(const struct sdp_frame *f, const struct sdp_term *t,
			    uint16_t levels[SDP_TERM_DEGREE])
{
	for (size_t k = 0; k < t->degree; k++) {
		const struct sdp_frame_column *c = &f->columns[t->factor[k]];
		if (!sdp_design_is_level(f, t, k))
			continue;
		levels[k]++;
		levels[k] = (uint16_t)(levels[k] + (levels[k] == c->reference));
		if (levels[k] < c->level_count)
			return true;
		levels[k] = c->reference == 0;
	}
	return false;
}

int sdp_design_column_name(const struct sdp_frame *f, const struct sdp_design_column *c,
			   struct sdp_buf *name, struct sdp_err *err)
{
	const struct sdp_term *t = c->term;
	int rc = 0;
	if (!t || sdp_design_count_levels(f, t) == 0)
		return sdp_buf_format(name, err, "%s", t ? t->name : SDP_DESIGN_INTERCEPT);
	for (size_t k = 0, power; rc == 0 && k < t->degree; k += power) {
		const struct sdp_frame_column *column = &f->columns[t->factor[k]];
		for (power = 1; k + power < t->degree && t->factor[k + power] == t->factor[k];
		     power++)
			;
		rc = sdp_buf_format(name, err, "%s%s", k ? "*" : "", column->name);
		if (rc == 0 && sdp_design_is_level(f, t, k))
			rc = sdp_buf_format(name, err, "=%s", column->levels[c->levels[k]].data);
		else if (rc == 0 && power > 1)
			rc = sdp_buf_format(name, err, "^%zu", power);
	}
	return rc;
}

/* Returns the name of a column in the spill. */
static const char *keep_name(const struct sdp_frame *f, const struct sdp_design_column *c,
			     struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_buf name = {0};
	int rc = sdp_design_column_name(f, c, &name, err);
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
	size_t level_count = sdp_design_count_levels(f, term);
	bool more = sdp_design_term_columns(f, term) > 0;
	for (sdp_design_first_levels(f, term, levels); more;
	     more = sdp_design_next_levels(f, term, levels)) {
		struct sdp_design_column *c = &d->columns[d->count++];
		c->term = term;
		memcpy(c->levels, levels, sizeof levels);
		c->name = level_count ? keep_name(f, c, spill, err) : term->name;
		if (!c->name)
			return -1;
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
		d->columns[0].name = SDP_DESIGN_INTERCEPT;
		d->count = 1;
	}
	for (size_t i = 0; i < frame->term_count; i++)
		if (add_term(d, &frame->terms[i], spill, err) < 0)
			return NULL;
	if (d->count == 0) {
		sdp_fail(err, SDP_DATA, "there is neither a feature nor an intercept");
		return NULL;
	}
	if (add_target(d, spill, err) < 0)
		return NULL;
	sdp_design_plan(d);
	return d;
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
		if (sdp_design_is_level(d->frame, t, k))
			continue;
		for (size_t i = 0; i < n && sdp_term_is_function(t); i++)
			out[i] = sdp_design_apply(t->kind, x[i]);
		for (size_t i = 0;
		     i < n && (t->kind == SDP_TERM_COLUMN || t->kind == SDP_TERM_PRODUCT); i++)
			out[i] = begun ? out[i] * x[i] : x[i];
		begun = true;
	}
	for (size_t k = 0; k < t->degree; k++) {
		const double *x = values[t->factor[k]] + from, level = c->levels[k];
		if (!sdp_design_is_level(d->frame, t, k))
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

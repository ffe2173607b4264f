/*
 * The design in the document of a model: writing it, reading it back, and parsing new rows for it.
 */
#include "engine/design_private.h"

#include "base/limbs.h"
#include "engine/frame_private.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <string.h>

/* ---- writing ---- */

void sdp_design_put_rows(const struct sdp_design *d, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	cJSON *features = sdp_doc_array(doc, "features", err);
	for (size_t i = 0; i < f->term_count; i++)
		sdp_doc_text(features, NULL, f->terms[i].name, err);
	sdp_doc_count(doc, "rows", f->rows, err);
	sdp_doc_count(doc, "rows_used", f->used, err);
	sdp_doc_count(doc, "rows_dropped", f->dropped, err);
	if (f->test_fraction > 0)
		sdp_doc_count(doc, "rows_held_out", f->held, err);
}

static void put_levels(cJSON *input, const struct sdp_frame_column *c, struct sdp_err *err)
{
	if (c->role != SDP_FRAME_LEVEL) {
		sdp_doc_null(input, "levels", err);
		sdp_doc_null(input, "reference", err);
		return;
	}
	cJSON *levels = sdp_doc_array(input, "levels", err);
	for (size_t i = 0; i < c->level_count; i++)
		sdp_doc_text(levels, NULL, c->levels[i].data, err);
	sdp_doc_text(input, "reference", c->levels[c->reference].data, err);
}

void sdp_design_put_inputs(const struct sdp_design *d, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	sdp_doc_bool(doc, "intercept", d->intercept, err);
	cJSON *inputs = sdp_doc_array(doc, "inputs", err);
	for (size_t i = 1; i < f->column_count; i++) {
		const struct sdp_frame_column *c = &f->columns[i];
		if (c->role == SDP_FRAME_OUT)
			continue;
		cJSON *input = sdp_doc_row(inputs, err);
		sdp_doc_text(input, "name", c->name, err);
		sdp_doc_text(input, "type", sdp_type_name(c->typed.type), err);
		put_levels(input, c, err);
	}
	cJSON *warnings = sdp_doc_array(doc, "warnings", err);
	for (size_t i = 0; i < f->warning_count; i++)
		sdp_doc_text(warnings, NULL, f->warnings[i], err);
}

/* ---- reading ---- */

static int bad_model(struct sdp_err *err)
{
	return sdp_fail(
		err, SDP_DATA,
		"the model lacks something that predictions need: intercept, features, inputs");
}

static int read_levels(struct sdp_frame_column *c, const cJSON *input, struct sdp_err *err)
{
	const cJSON *levels = sdp_doc_member(input, "levels"), *level;
	const char *reference = sdp_doc_get_text(input, "reference");
	bool found = false;
	if (levels && !cJSON_IsNull(levels) && !cJSON_IsArray(levels))
		return bad_model(err);
	if (!cJSON_IsArray(levels)) {
		c->role = SDP_FRAME_NUMBER;
		c->typed.class = SDP_CLASS_NUMBER;
		return 0;
	}
	struct sdp_text *texts =
		sdp_alloc((size_t)cJSON_GetArraySize(levels) + 1, sizeof *texts, err);
	if (!texts)
		return -1;
	c->role = SDP_FRAME_LEVEL;
	c->levels = texts;
	cJSON_ArrayForEach(level, levels)
	{
		const char *text = cJSON_GetStringValue(level);
		if (!text)
			return bad_model(err);
		texts[c->level_count++] = (struct sdp_text){text, strlen(text)};
	}
	if (reference)
		c->reference = sdp_frame_level_find(texts, c->level_count, reference,
						    strlen(reference), &found);
	return found ? 0 : bad_model(err);
}

/*
 * Reads "inputs" as the columns of a frame. names becomes a schema of their names, in which the
 * terms are looked up.
 */
static int read_inputs(struct sdp_frame *f, struct sdp_schema *names, const cJSON *inputs,
		       const struct sdp_schema *schema, const char *file, struct sdp_err *err)
{
	const cJSON *input;
	size_t count = (size_t)cJSON_GetArraySize(inputs);
	f->columns = sdp_alloc(count + 1, sizeof *f->columns, err);
	names->columns = sdp_alloc(count + 1, sizeof *names->columns, err);
	if (!f->columns || !names->columns)
		return -1;
	f->column_count = 1; /* Column 0, the target, remains empty. */
	names->count = 1;
	names->columns[0].name = "";
	cJSON_ArrayForEach(input, inputs)
	{
		struct sdp_frame_column *c = &f->columns[f->column_count++];
		const char *type = sdp_doc_get_text(input, "type");
		c->name = sdp_doc_get_text(input, "name");
		if (!c->name || !type || !sdp_type_by_name(type, strlen(type), &c->typed.type))
			return bad_model(err);
		c->typed.class = sdp_type_class(c->typed.type);
		names->columns[names->count++].name = c->name;
		if (sdp_columns_of_model(schema, file, c->name, &c->index, err) < 0)
			return -1;
		if (read_levels(c, input, err) < 0)
			return -1;
	}
	return 0;
}

static int read_terms(struct sdp_frame *f, const struct sdp_schema *names, const cJSON *features,
		      struct sdp_err *err)
{
	const cJSON *feature;
	f->terms = sdp_alloc((size_t)cJSON_GetArraySize(features) + 1, sizeof *f->terms, err);
	if (!f->terms)
		return -1;
	cJSON_ArrayForEach(feature, features)
	{
		const char *text = cJSON_GetStringValue(feature);
		struct sdp_term *t = &f->terms[f->term_count];
		if (!text || sdp_term_parse(names, text, strlen(text), t, err) < 0)
			return text && err->code == SDP_SYSTEM ? -1 : bad_model(err);
		f->term_count++;
		for (size_t k = 0; k < t->degree; k++)
			if (t->factor[k] == 0 ||
			    (sdp_term_needs_number(t, k) &&
			     f->columns[t->factor[k]].role != SDP_FRAME_NUMBER))
				return bad_model(err);
	}
	return 0;
}

/* Makes the columns without names and limbs, which are not needed for doubles. */
static int make_columns(struct sdp_design *d, struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	double count = d->intercept;
	for (size_t i = 0; i < f->term_count; i++)
		count += sdp_design_term_columns(f, &f->terms[i]);
	if (count == 0)
		return sdp_fail(err, SDP_DATA, "the model has neither a feature nor an intercept");
	if (count > SDP_DESIGN_COLUMNS + 1)
		return bad_model(err);
	if (!(d->columns = sdp_alloc((size_t)count + 1, sizeof *d->columns, err)))
		return -1;
	d->count = d->intercept;
	for (size_t i = 0; i < f->term_count; i++) {
		const struct sdp_term *t = &f->terms[i];
		struct sdp_design_column column = {.term = t};
		bool more = sdp_design_term_columns(f, t) > 0;
		for (sdp_design_first_levels(f, t, column.levels); more;
		     more = sdp_design_next_levels(f, t, column.levels))
			d->columns[d->count++] = column;
	}
	return 0;
}

int sdp_design_check_rows(const struct sdp_design *d, const cJSON *rows, size_t times,
			  const char *what, struct sdp_err *err)
{
	const cJSON *row = cJSON_IsArray(rows) ? rows->child : NULL;
	size_t count = row ? (size_t)cJSON_GetArraySize(rows) : 0;
	struct sdp_buf name = {0};
	int rc = 0;
	if (count != d->count * times)
		return sdp_fail(err, SDP_DATA, "the model's %s do not match its columns", what);
	for (size_t i = 0; rc == 0 && i < count; i++, row = row->next) {
		const char *found = sdp_doc_get_text(row, "name");
		char quoted[64];
		name.length = 0;
		rc = sdp_design_column_name(d->frame, &d->columns[i % d->count], &name, err);
		if (rc == 0 && (!found || strcmp(found, name.data) != 0))
			rc = sdp_fail(err, SDP_DATA,
				      "the model's %s: row %zu is not that of column %s", what,
				      i + 1,
				      sdp_quote(quoted, sizeof quoted, name.data, name.length));
	}
	sdp_buf_release(&name);
	return rc;
}

/* Reads which logarithms and roots the fit has computed with more digits than doubles have. */
static int read_units(struct sdp_design *d, const cJSON *model, struct sdp_err *err)
{
	const cJSON *row = model ? model->child : NULL;
	for (size_t i = 0; row && i < d->count; i++, row = row->next) {
		const cJSON *unit = sdp_doc_member(row, "unit_exponent");
		struct sdp_design_column *c = &d->columns[i];
		if (!unit)
			continue;
		if (!cJSON_IsNumber(unit) || !c->term || !sdp_term_is_function(c->term) ||
		    !sdp_design_is_unit(c->term->kind, unit->valuedouble))
			return sdp_fail(err, SDP_DATA,
					"the model's coefficients (model): row %zu has a "
					"unit_exponent that no fit gives it",
					i + 1);
		c->wide = true;
		c->twos = (int)unit->valuedouble;
	}
	return 0;
}

struct sdp_design *sdp_design_read(const cJSON *doc, const struct sdp_schema *schema,
				   const char *file, struct sdp_err *err)
{
	const cJSON *intercept = sdp_doc_member(doc, "intercept");
	const cJSON *inputs = sdp_doc_member(doc, "inputs");
	const cJSON *features = sdp_doc_member(doc, "features");
	struct sdp_schema names = {0};
	struct sdp_design *d = sdp_alloc(1, sizeof *d, err);
	struct sdp_frame *f = sdp_alloc(1, sizeof *f, err);
	int rc = d && f ? 0 : -1;
	if (rc == 0 &&
	    (!cJSON_IsBool(intercept) || !cJSON_IsArray(inputs) || !cJSON_IsArray(features)))
		rc = bad_model(err);
	if (rc == 0) {
		d->frame = f;
		d->intercept = cJSON_IsTrue(intercept);
		rc = read_inputs(f, &names, inputs, schema, file, err) < 0 ||
				     read_terms(f, &names, features, err) < 0 ||
				     make_columns(d, err) < 0 ||
				     read_units(d, sdp_doc_member(doc, "model"), err) < 0
			     ? -1
			     : 0;
	}
	free(names.columns);
	if (rc == 0)
		return d;
	if (d && d->frame)
		sdp_design_free(d);
	else {
		free(d);
		free(f);
	}
	return NULL;
}

void sdp_design_free(struct sdp_design *d)
{
	if (!d)
		return;
	struct sdp_frame *f = (struct sdp_frame *)d->frame;
	for (size_t i = 0; f->columns && i < f->column_count; i++)
		free((void *)f->columns[i].levels);
	sdp_formula_free(f->terms, f->term_count);
	free(f->columns);
	free(f);
	free(d->columns);
	free(d);
}

/* ---- new rows ---- */

struct parsing {
	const struct sdp_block *block;
	struct sdp_work *work;
	uint8_t *null;
	struct sdp_fault fault;
};

static void note_fault(struct parsing *p, size_t row, size_t column, const char *subject,
		       const char *problem)
{
	sdp_fault_note(&p->fault, (struct sdp_fault){.block = p->block,
						     .row = row,
						     .column = column,
						     .subject = subject,
						     .problem = problem});
}

static int parse_numbers(struct parsing *p, const struct sdp_frame_column *c, double *out,
			 double *lows, struct sdp_err *err)
{
	struct sdp_number_column *n = &p->work->numbers;
	if (sdp_block_numbers(p->block, c->index, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n->rows; i++) {
		if (n->scale[i] <= SDP_SCALE_MAX)
			out[i] = sdp_decimal_to_double(n->mantissa[i], n->scale[i]);
		else if (n->scale[i] == SDP_CELL_REAL)
			out[i] = n->real[i];
		else if (n->scale[i] == SDP_CELL_NULL)
			p->null[i] = 1;
		else
			sdp_fault_note(&p->fault, (struct sdp_fault){.block = p->block,
								     .row = i,
								     .column = c->index,
								     .problem = "not a number: ",
								     .number = true});
	}
	if (lows)
		sdp_design_lows(p->block, c->index, n, out, lows);
	return 0;
}

static void parse_levels(struct parsing *p, const struct sdp_frame_column *c, double *out)
{
	const struct sdp_schema *schema = p->block->schema;
	for (size_t i = 0; i < p->block->rows; i++) {
		size_t length;
		char room[32];
		bool found;
		const char *text = sdp_block_cell(p->block, i, c->index, &length);
		if (sdp_is_null(&schema->nulls, text, length)) {
			p->null[i] = 1;
			continue;
		}
		text = sdp_frame_level_text(c->typed.class, schema, c->index, text, &length, room);
		out[i] = (double)sdp_frame_level_find(c->levels, c->level_count, text, length,
						      &found);
		if (!found)
			note_fault(p, i, c->index, NULL, "no level of the model: ");
	}
}

/* Notes the cells that have no logarithm or square root. */
static void check_domains(struct parsing *p, const struct sdp_frame *f, double *const *values)
{
	for (size_t t = 0; t < f->term_count; t++) {
		const struct sdp_term *term = &f->terms[t];
		bool log = term->kind == SDP_TERM_LOG;
		const double *x = values[term->factor[0]];
		for (size_t i = 0; (log || term->kind == SDP_TERM_SQRT) && i < p->block->rows; i++)
			if (!p->null[i] && (x[i] < 0 || (log && x[i] == 0)))
				note_fault(p, i, f->columns[term->factor[0]].index, term->name,
					   " has no value at ");
	}
}

int sdp_design_parse(const struct sdp_design *d, const struct sdp_block *block, bool lows,
		     struct sdp_work *work, struct sdp_design_cells *cells, struct sdp_err *err)
{
	const struct sdp_frame *f = d->frame;
	struct parsing p = {.block = block, .work = work};
	size_t parts = lows ? 2 : 1, rows = block->rows;
	size_t pointers = frame_aligned(parts * f->column_count * sizeof(double *));
	size_t tile = frame_aligned(parts * d->count * SDP_TILE * sizeof(double));
	char *room = sdp_work_scratch(work,
				      pointers + frame_aligned(rows) + tile +
					      (parts * f->column_count * rows + 1) * sizeof(double),
				      err);
	if (!room)
		return -1;
	double **values = (double **)(void *)room, **low = values + f->column_count;
	double *numbers = (double *)(void *)(room + pointers + frame_aligned(rows) + tile);
	p.null = memset(room + pointers, 0, rows);
	for (size_t i = 1; i < f->column_count; i++) {
		values[i] = numbers + i * rows;
		if (lows)
			low[i] = numbers + (f->column_count + i) * rows;
		if (f->columns[i].role == SDP_FRAME_LEVEL)
			parse_levels(&p, &f->columns[i], values[i]);
		else if (parse_numbers(&p, &f->columns[i], values[i], lows ? low[i] : NULL, err) <
			 0)
			return -1;
	}
	check_domains(&p, f, values);
	if (sdp_fault_fail(&p.fault, err) < 0)
		return -1;
	*cells = (struct sdp_design_cells){.null = p.null,
					   .values = (const double **)values,
					   .lows = lows ? (const double **)low : NULL,
					   .tile = (double *)(void *)(room + pointers +
								      frame_aligned(rows))};
	return 0;
}

/* --predict: prints rows with predictions, by the document of a model. */
#include "base/limbs.h"
#include "cli/model_file.h"
#include "logreg.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct model {
	struct sdp_design *design;
	struct sdp_logreg_shape shape;
	bool *dropped; /* one per column of the design */
	size_t *used;  /* the columns that were not dropped: as many as shape has */
	double *theta, *centres, *scales;
	const char *labels[SDP_LOGREG_LABELS];
	size_t label_lengths[SDP_LOGREG_LABELS];
	double threshold;
	char *names[SDP_LOGREG_LABELS];
	struct sdp_added_column added[SDP_LOGREG_LABELS + 1];
	size_t added_count;
};

/* ---- the document ---- */

static int bad(const char *what, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "the model lacks something that predictions need: %s", what);
}

static int read_labels(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *labels = sdp_doc_member(doc, "labels"),
		    *threshold = sdp_doc_member(doc, "threshold"), *label;
	int count = cJSON_IsArray(labels) ? cJSON_GetArraySize(labels) : 0;
	if (count < 2 || count > SDP_LOGREG_LABELS)
		return bad("labels", err);
	cJSON_ArrayForEach(label, labels)
	{
		const char *text = cJSON_GetStringValue(label);
		if (!text)
			return bad("labels", err);
		m->label_lengths[m->shape.labels] = strlen(text);
		m->labels[m->shape.labels++] = text;
	}
	if (count == 2 && !cJSON_IsNumber(threshold))
		return bad("threshold", err);
	m->threshold = count == 2 ? threshold->valuedouble : 0.5;
	if (!(m->threshold >= 0 && m->threshold <= 1))
		return bad("a threshold from 0 to 1", err);
	return 0;
}

/* Returns whether a document says in its warnings that the fit dropped this column. */
static bool was_dropped(const cJSON *doc, const char *name)
{
	const cJSON *warnings = sdp_doc_member(doc, "warnings"), *warning;
	char start[400];
	snprintf(start, sizeof start, "column '%s' is dropped: ", name ? name : "");
	cJSON_ArrayForEach(warning, warnings)
	{
		const char *text = cJSON_GetStringValue(warning);
		if (text && strncmp(text, start, strlen(start) < 390 ? strlen(start) : 390) == 0)
			return true;
	}
	return false;
}

/* Returns whether the fit dropped a column; row is that of its first coefficient. */
static bool is_dropped(const cJSON *doc, const cJSON *row, size_t column)
{
	const cJSON *model = sdp_doc_member(doc, "model");
	if (model)
		return cJSON_IsNull(
			sdp_doc_member(cJSON_GetArrayItem(model, (int)column), "coefficients"));
	return cJSON_IsNull(sdp_doc_member(row, "estimate")) &&
	       was_dropped(doc, sdp_doc_get_text(row, "name"));
}

/*
 * Checks the rows of the coefficients, one per set and column, and finds out how many sets there
 * are, and from the first set which columns were dropped.
 */
static int read_shape(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *rows = sdp_doc_member(doc, "coefficients"), *row;
	size_t columns = m->design->count,
	       count = cJSON_IsArray(rows) ? (size_t)cJSON_GetArraySize(rows) : 0, i = 0;
	m->shape.sets = count / columns;
	if (count % columns ||
	    (m->shape.sets + 1 != m->shape.labels && m->shape.sets != m->shape.labels) ||
	    (m->shape.labels == 2 && m->shape.sets == 2))
		return bad("as many coefficients as there are features and labels", err);
	if (sdp_design_check_rows(m->design, rows, m->shape.sets, "coefficients", err) < 0)
		return -1;
	m->dropped = sdp_alloc(columns, sizeof *m->dropped, err);
	m->used = sdp_alloc(columns, sizeof *m->used, err);
	if (!m->dropped || !m->used)
		return -1;
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *estimate = sdp_doc_member(row, "estimate");
		const char *label = sdp_doc_get_text(row, "label");
		size_t code = i / columns + m->shape.labels - m->shape.sets;
		if (!label || strcmp(label, m->labels[code]) != 0 ||
		    (!cJSON_IsNumber(estimate) && !cJSON_IsNull(estimate)))
			return bad("coefficients in the order of labels and features", err);
		if (i < columns) {
			m->dropped[i] = is_dropped(doc, row, i);
			if (m->dropped[i] && i < m->design->intercept)
				return bad("a coefficient of the intercept", err);
			if (!m->dropped[i])
				m->used[m->shape.columns++] = i;
		}
		i++;
	}
	if (m->shape.columns == 0)
		return bad("coefficients that were not dropped", err);
	return sdp_model_file_warn_dropped(rows, m->dropped, columns, err);
}

/* Reads a finite number that is a text of the row of a column; what names it in messages. */
static int read_text(const cJSON *item, const char *what, size_t column, double *out,
		     struct sdp_err *err)
{
	const char *text = cJSON_GetStringValue(item);
	struct sdp_number number = {.kind = SDP_NUMBER_NONE};
	if (text)
		sdp_number_parse(text, strlen(text), '.', &number);
	if (number.kind == SDP_NUMBER_NONE || !isfinite(number.real))
		return sdp_fail(err, SDP_DATA,
				"the model's coefficients (model): row %zu: its %s is not a finite "
				"number in a text",
				column + 1, what);
	*out = number.real;
	return 0;
}

/* Reads the coefficients of the columns as they were fitted: (x - centre) scale. */
static int read_model(struct model *m, const cJSON *model, struct sdp_err *err)
{
	const cJSON *row = model->child;
	size_t at = 0;
	if (sdp_design_check_rows(m->design, model, 1, "coefficients (model)", err) < 0)
		return -1;
	for (size_t c = 0; c < m->design->count; c++, row = row->next) {
		const cJSON *list = sdp_doc_member(row, "coefficients"),
			    *item = list ? list->child : NULL;
		if (m->dropped[c])
			continue;
		if (!cJSON_IsArray(list) || (size_t)cJSON_GetArraySize(list) != m->shape.sets)
			return bad("a coefficient in model for each label", err);
		for (size_t k = 0; k < m->shape.sets; k++, item = item->next)
			if (read_text(item, "coefficient", c, &m->theta[k * m->shape.columns + at],
				      err) < 0)
				return -1;
		if (read_text(sdp_doc_member(row, "centre"), "centre", c, &m->centres[at], err) <
			    0 ||
		    read_text(sdp_doc_member(row, "scale"), "scale", c, &m->scales[at], err) < 0)
			return -1;
		if (!(m->scales[at] > 0))
			return sdp_fail(err, SDP_DATA,
					"the model's coefficients (model): row %zu: its scale is "
					"not positive",
					c + 1);
		at++;
	}
	return 0;
}

/* Reads the estimates of a document without the member "model": those of the columns as they are.
 */
static int read_estimates(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *rows = sdp_doc_member(doc, "coefficients"), *row;
	size_t i = 0;
	double *theta = m->theta;
	for (size_t c = 0; c < m->shape.columns; c++)
		m->scales[c] = 1;
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *estimate = sdp_doc_member(row, "estimate");
		if (m->dropped[i++ % m->design->count])
			continue;
		if (!cJSON_IsNumber(estimate))
			return sdp_fail(err, SDP_DATA,
					"the model has null as a coefficient that was not dropped: "
					"it exceeded every double; fit the model again");
		*theta++ = estimate->valuedouble;
	}
	return 0;
}

static int read_coefficients(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *model = sdp_doc_member(doc, "model");
	if (read_shape(m, doc, err) < 0)
		return -1;
	m->theta = sdp_alloc(m->shape.sets * m->shape.columns + 1, sizeof *m->theta, err);
	m->centres = sdp_alloc(2 * m->shape.columns + 1, sizeof *m->centres, err);
	if (!m->theta || !m->centres)
		return -1;
	m->scales = m->centres + m->shape.columns;
	m->shape.intercept = m->design->intercept;
	m->shape.centre = m->centres;
	m->shape.scale = m->scales;
	return model ? read_model(m, model, err) : read_estimates(m, doc, err);
}

static int name_columns(struct model *m, struct sdp_err *err)
{
	size_t labels = m->shape.labels;
	m->added[m->added_count++] = (struct sdp_added_column){"prediction", SDP_ADDED_CELL};
	if (labels == 2) {
		m->added[m->added_count++] =
			(struct sdp_added_column){"probability", SDP_ADDED_NUMBER};
		return 0;
	}
	for (size_t k = 0; k < labels; k++) {
		size_t size = m->label_lengths[k] + sizeof "probability_";
		m->names[k] = sdp_alloc(size, 1, err);
		if (!m->names[k])
			return -1;
		snprintf(m->names[k], size, "probability_%s", m->labels[k]);
		m->added[m->added_count++] =
			(struct sdp_added_column){m->names[k], SDP_ADDED_NUMBER};
	}
	return 0;
}

static int make_model(struct model *m, const cJSON *doc, const struct sdp_schema *schema,
		      const char *file, struct sdp_err *err)
{
	m->design = sdp_design_read(doc, schema, file, err);
	if (!m->design || read_labels(m, doc, err) < 0 || read_coefficients(m, doc, err) < 0)
		return -1;
	return name_columns(m, err);
}

static void release_model(struct model *m)
{
	sdp_design_free(m->design);
	free(m->theta);
	free(m->centres);
	free(m->dropped);
	free(m->used);
	for (size_t k = 0; k < SDP_LOGREG_LABELS; k++)
		free(m->names[k]);
}

/* ---- rows ---- */

struct writing {
	const struct model *model;
	const struct sdp_block *block;
	struct logreg_far tile;
	struct sdp_added *added;
};

/* Returns whether the linear predictors of a row do not exceed the doubles. */
static bool is_finite(const struct sdp_logreg_shape *s, const struct sdp_logreg_tile *t, size_t row)
{
	bool finite = true;
	for (size_t k = s->labels - s->sets; k < s->labels; k++)
		finite &= isfinite(t->eta[k * t->stride + row]) != 0;
	return finite;
}

static int write_row(const struct writing *w, const struct sdp_logreg_tile *t, size_t row,
		     struct sdp_err *err)
{
	const struct model *m = w->model;
	const double *probability = t->probability + row;
	double far[SDP_LOGREG_LABELS];
	size_t labels = m->shape.labels, stride = t->stride,
	       of_block = w->tile.from + t->first + row;
	if (w->tile.cells->null[of_block]) {
		for (size_t i = 0; i < m->added_count; i++)
			if (sdp_added_null(w->added, err) < 0)
				return -1;
		return 0;
	}
	if (!is_finite(&m->shape, t, row)) {
		if (!logreg_far_probabilities(&w->tile, of_block, far))
			return logreg_far_fail(&w->tile, w->block, of_block, err);
		probability = far;
		stride = 1;
	}
	size_t label = sdp_logreg_decide(labels, m->threshold, probability, stride);
	if (sdp_added_text(w->added, m->labels[label], m->label_lengths[label], err) < 0)
		return -1;
	for (size_t k = labels == 2; k < labels; k++)
		if (sdp_added_real(w->added, probability[k * stride], err) < 0)
			return -1;
	return 0;
}

static int write_tile(void *context, const struct sdp_logreg_tile *t, struct sdp_err *err)
{
	for (size_t i = 0; i < t->rows; i++)
		if (write_row(context, t, i, err) < 0)
			return -1;
	return 0;
}

static int make(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		struct sdp_work *work, struct sdp_err *err)
{
	static const unsigned char codes[SDP_TILE];
	const struct model *m = plan;
	struct sdp_design_cells cells;
	size_t columns = m->shape.columns;
	if (sdp_design_parse(m->design, block, false, work, &cells, err) < 0)
		return -1;
	char *room = sdp_alloc(sdp_logreg_scratch(&m->shape, SDP_LOGREG_GRADIENT) + 64, 1, err);
	const double **x = sdp_alloc(columns, sizeof *x, err);
	int rc = room && x ? 0 : -1;
	for (size_t c = m->design->intercept; rc == 0 && c < columns; c++)
		x[c - m->design->intercept] = cells.tile + m->used[c] * SDP_TILE;
	for (size_t from = 0, n; rc == 0 && from < block->rows; from += n) {
		n = block->rows - from < SDP_TILE ? block->rows - from : SDP_TILE;
		sdp_design_values(m->design, &cells, from, n, cells.tile, SDP_TILE);
		struct sdp_logreg_rows rows = {n, x, codes};
		struct logreg_far tile = {m->design, &m->shape, m->used, m->theta, &cells, from};
		struct writing w = {m, block, tile, added};
		rc = sdp_logreg_add(&m->shape, m->theta, SDP_LOGREG_GRADIENT, &rows, NULL,
				    room + (64 - (uintptr_t)room % 64), write_tile, &w, err);
	}
	free(room);
	free(x);
	return rc;
}

int logreg_predict(const struct logreg_params *p, int count, char **operands, struct sdp_err *err)
{
	static const char fit[] = "target features categorical reference no-intercept collinear l2 "
				  "positive threshold level "
				  "test-fraction max-iterations keep";
	struct model m = {0};
	cJSON *doc = NULL;
	if (sdp_refuse_given(&p->common, fit,
			     "with --predict: target, features and threshold are the model's",
			     err) < 0)
		return -1;
	if (sdp_run_rows_check(&p->common, err) < 0 ||
	    sdp_model_file_read(p->predict, "logistic_regression", &doc, err) < 0)
		return -1;
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = source ? make_model(&m, doc, sdp_source_schema(source), sdp_source_name(source, 0),
				     err)
			: -1;
	if (rc == 0) {
		struct sdp_rows rows = {.plan = &m,
					.added = m.added,
					.added_count = m.added_count,
					.make = make};
		rc = sdp_run_rows_on(&p->common, &rows, source, err);
	}
	release_model(&m);
	sdp_source_free(source);
	cJSON_Delete(doc);
	return rc;
}

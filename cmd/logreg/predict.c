/* --predict: prints rows with predictions, by the document of a model. */
#include "base/limbs.h"
#include "cli/model_file.h"
#include "logreg.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct model {
	struct sdp_design *design;
	struct sdp_logreg_shape shape;
	double *theta, *ones, *zeros;
	const char *labels[SDP_LOGREG_LABELS];
	size_t label_lengths[SDP_LOGREG_LABELS];
	double threshold;
	char *names[SDP_LOGREG_LABELS];
	struct sdp_added_column added[SDP_LOGREG_LABELS + 1];
	size_t added_count;
};

/* ---- the document ---- */

static const cJSON *member(const cJSON *doc, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(doc, name);
}

static int bad(const char *what, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "the model's document lacks what a prediction needs: %s",
			what);
}

static int read_labels(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *labels = member(doc, "labels"), *threshold = member(doc, "threshold"), *label;
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
	return 0;
}

/*
 * Reads the coefficients: for each set one per column of the design. null means that the column was
 * dropped, and counts as 0.
 */
static int read_coefficients(struct model *m, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *rows = member(doc, "coefficients"), *row;
	size_t columns = m->design->count,
	       count = cJSON_IsArray(rows) ? (size_t)cJSON_GetArraySize(rows) : 0, i = 0;
	if (columns == 0)
		return bad("features", err);
	m->shape.sets = count / columns;
	if (count % columns ||
	    (m->shape.sets + 1 != m->shape.labels && m->shape.sets != m->shape.labels) ||
	    (m->shape.labels == 2 && m->shape.sets == 2))
		return bad("as many coefficients as there are features and labels", err);
	m->theta = sdp_alloc(count, sizeof *m->theta, err);
	if (!m->theta)
		return -1;
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *estimate = member(row, "estimate");
		const char *label = cJSON_GetStringValue(member(row, "label"));
		size_t code = i / columns + m->shape.labels - m->shape.sets;
		if (!label || strcmp(label, m->labels[code]) != 0 ||
		    (!cJSON_IsNumber(estimate) && !cJSON_IsNull(estimate)))
			return bad("coefficients in the order of labels and features", err);
		m->theta[i++] = cJSON_IsNumber(estimate) ? estimate->valuedouble : 0;
	}
	return 0;
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
	m->ones = sdp_alloc(m->design->count, sizeof *m->ones, err);
	m->zeros = sdp_alloc(m->design->count, sizeof *m->zeros, err);
	if (!m->ones || !m->zeros)
		return -1;
	for (size_t i = 0; i < m->design->count; i++)
		m->ones[i] = 1;
	m->shape.columns = m->design->count;
	m->shape.intercept = m->design->intercept;
	m->shape.centre = m->zeros;
	m->shape.scale = m->ones;
	return name_columns(m, err);
}

static void release_model(struct model *m)
{
	sdp_design_free(m->design);
	free(m->theta);
	free(m->ones);
	free(m->zeros);
	for (size_t k = 0; k < SDP_LOGREG_LABELS; k++)
		free(m->names[k]);
}

/* ---- rows ---- */

struct writing {
	const struct model *model;
	const uint8_t *null; /* of the current rows */
	struct sdp_added *added;
};

static int write_row(const struct writing *w, const struct sdp_logreg_tile *t, size_t row,
		     struct sdp_err *err)
{
	const struct model *m = w->model;
	const double *probability = t->probability + row;
	size_t labels = m->shape.labels;
	if (w->null[t->first + row]) {
		for (size_t i = 0; i < m->added_count; i++)
			if (sdp_added_null(w->added, err) < 0)
				return -1;
		return 0;
	}
	size_t label = sdp_logreg_decide(labels, m->threshold, probability, t->stride);
	if (sdp_added_text(w->added, m->labels[label], m->label_lengths[label], err) < 0)
		return -1;
	for (size_t k = labels == 2; k < labels; k++)
		if (sdp_added_real(w->added, probability[k * t->stride], err) < 0)
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
	size_t columns = m->design->count;
	if (sdp_design_parse(m->design, block, work, &cells, err) < 0)
		return -1;
	char *room = sdp_alloc(sdp_logreg_scratch(&m->shape, SDP_LOGREG_GRADIENT) + 64, 1, err);
	const double **x = sdp_alloc(columns, sizeof *x, err);
	int rc = room && x ? 0 : -1;
	for (size_t c = m->design->intercept; rc == 0 && c < columns; c++)
		x[c - m->design->intercept] = cells.tile + c * SDP_TILE;
	for (size_t from = 0, n; rc == 0 && from < block->rows; from += n) {
		n = block->rows - from < SDP_TILE ? block->rows - from : SDP_TILE;
		sdp_design_values(m->design, &cells, from, n, cells.tile, SDP_TILE);
		struct sdp_logreg_rows rows = {n, x, codes};
		struct writing w = {m, cells.null + from, added};
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

/*
 * sdp-linreg --predict: prints rows with predictions and their intervals.
 *
 * A prediction is the double nearest to the exact value of the linear form in the document's
 * decimals (model/regression/linear_form.h).  An interval is prediction ± t sigma √(1 + h) with the
 * leverage h = xᵀCx, a sum of squares of such forms (model/regression/linreg.h).  h is first
 * computed in doubles; if its error might change the width, again in pairs, and then exactly.
 */
#include "linreg.h"

#include "cli/model_file.h"
#include "model/regression/distribution.h"
#include "model/regression/linear_form.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "sdp/run.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
	ROWS = SDP_LINEAR_ROWS,
	STRIDE = ROWS + 8, /* no power of two, so that columns do not share lines of the cache */
};

struct predictor {
	const struct sdp_design *design;
	bool *dropped; /* one per column */
	size_t used;
	struct sdp_linear_form form;
	bool interval;
	/* Of --interval: a form per column that was not dropped, each of that column and those
	 * before it; and t sigma. */
	struct sdp_linear_form root[ROOT_COLUMNS + 1];
	size_t root_count;
	double scale;
};

/* ---- the document ---- */

static int bad_model(const char *what, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "the model's %s do not match its columns", what);
}

/*
 * Sets *text to a number of the document: a text with all digits or, in a document without the
 * member "model", a number, which is printed to room.  Returns false if it is neither.
 */
static bool text_of(const cJSON *item, char room[32], const char **text)
{
	*text = cJSON_GetStringValue(item);
	if (!*text && cJSON_IsNumber(item) && isfinite(item->valuedouble)) {
		sdp_num_print(room, item->valuedouble);
		*text = room;
	}
	return *text;
}

/*
 * Returns whether the coefficient of a column is null because the column was dropped. In a document
 * without the member "model" its vif is null then, too. The intercept is never dropped.
 */
static bool was_dropped(const struct predictor *p, const cJSON *row, bool model, size_t column)
{
	return !(p->design->intercept && column == 0) &&
	       (model || !cJSON_IsNumber(sdp_doc_member(row, "vif")));
}

/*
 * Returns what keeps an estimate of a document without the member "model" from being a coefficient,
 * or NULL.
 */
static const char *fault_of_estimate(const cJSON *row, const cJSON *estimate)
{
	double x = cJSON_IsNumber(estimate) ? fabs(estimate->valuedouble) : NAN;
	double t = sdp_doc_get_number(row, "t", NAN);
	if (cJSON_IsNull(estimate))
		return "a null coefficient for a column that was not dropped: it exceeded every "
		       "double";
	if (x < DBL_MIN && (x > 0 || fabs(t) > 0))
		return "a coefficient that is too close to 0 for a double";
	return NULL;
}

/* Reads the coefficient of column n from its row. */
static int read_coefficient(struct predictor *p, const cJSON *row, bool model, size_t n,
			    char room[32], const char **text, struct sdp_err *err)
{
	const cJSON *item = sdp_doc_member(row, model ? "coefficient" : "estimate");
	p->dropped[n] = cJSON_IsNull(item) && was_dropped(p, row, model, n);
	const char *fault = model || p->dropped[n] ? NULL : fault_of_estimate(row, item);
	if (fault)
		return sdp_fail(err, SDP_DATA, "the model has %s; fit the model again", fault);
	if (!p->dropped[n] && !text_of(item, room, text))
		return bad_model("coefficients", err);
	p->used += !p->dropped[n];
	return 0;
}

static int read_coefficients(struct predictor *p, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *model = sdp_doc_member(doc, "model");
	const cJSON *rows = model ? model : sdp_doc_member(doc, "coefficients"), *row;
	size_t count = p->design->count, n = 0;
	char(*rooms)[32] = sdp_alloc(count, sizeof *rooms, err);
	const char **texts = sdp_alloc(count, sizeof *texts, err);
	p->dropped = sdp_alloc(count, sizeof *p->dropped, err);
	int rc = rooms && texts && p->dropped ? 0 : -1;
	if (rc == 0)
		rc = sdp_design_check_rows(p->design, sdp_doc_member(doc, "coefficients"), 1,
					   "coefficients", err);
	if (rc == 0 && model)
		rc = sdp_design_check_rows(p->design, model, 1, "coefficients (model)", err);
	for (row = rows ? rows->child : NULL; rc == 0 && row; row = row->next, n++)
		rc = read_coefficient(p, row, model, n, rooms[n], &texts[n], err);
	if (rc == 0)
		rc = sdp_linear_form_read(&p->form, texts, count, err);
	if (rc == 0)
		rc = sdp_model_file_warn_dropped(rows, p->dropped, count, err);
	free(texts);
	free(rooms);
	return rc;
}

/* Reads the row of the root for a column; cells are its entries. */
static int read_root_row(struct predictor *p, const cJSON *cells, size_t column,
			 struct sdp_err *err)
{
	const char **texts = sdp_alloc(column + 1, sizeof *texts, err);
	char(*rooms)[32] = sdp_alloc(column + 1, sizeof *rooms, err);
	const cJSON *cell = cells ? cells->child : NULL;
	int rc = texts && rooms ? 0 : -1;
	if (rc == 0 &&
	    (!cJSON_IsArray(cells) || (size_t)cJSON_GetArraySize(cells) != p->root_count + 1))
		rc = bad_model("values for intervals (leverage_root)", err);
	for (size_t c = 0; rc == 0 && c <= column; c++) {
		if (p->dropped[c])
			continue;
		if (!text_of(cell, rooms[c], &texts[c]))
			rc = bad_model("values for intervals (leverage_root)", err);
		cell = cell->next;
	}
	if (rc == 0)
		rc = sdp_linear_form_read(&p->root[p->root_count++], texts, column + 1, err);
	free(texts);
	free(rooms);
	return rc;
}

/*
 * Returns sigma with all its digits or, of a document without it, as --digits left it in the
 * metrics.  NaN: there is none; infinite: it is no number.
 */
static double read_sigma(const cJSON *doc)
{
	const cJSON *item = sdp_doc_member(doc, "model_sigma");
	const char *text = cJSON_GetStringValue(item);
	struct sdp_number number = {.kind = SDP_NUMBER_NONE};
	if (!item)
		return sdp_doc_get_number(sdp_doc_member(doc, "metrics"), "sigma", NAN);
	if (text)
		sdp_number_parse(text, strlen(text), '.', &number);
	if (cJSON_IsNull(item))
		return NAN;
	return number.kind == SDP_NUMBER_NONE ? HUGE_VAL : number.real;
}

/* Checks what the width of an interval depends on; NaN is a null of the document. */
static int check_spread(double residual_df, double sigma, struct sdp_err *err)
{
	if (residual_df == 0 || isnan(residual_df) || isnan(sigma))
		return sdp_fail(err, SDP_DATA,
				"--interval: the model has no residual degrees of freedom");
	bool counts = residual_df >= 1 && residual_df <= 0x1p53 && residual_df == rint(residual_df);
	if (!counts || !(sigma >= 0) || isinf(sigma))
		return sdp_fail(
			err, SDP_DATA,
			"--interval: the model's residual_df is not an integer up to 2^53, or its "
			"sigma is not a finite number of at least 0");
	return 0;
}

/* Sets *level to --level if it was given, or to the level of the document, 0.95 in old ones. */
static int find_level(const struct params *params, const cJSON *doc, double *level,
		      struct sdp_err *err)
{
	const cJSON *item = sdp_doc_member(doc, "level");
	*level = params->level; /* by default 0.95 */
	if (!item || sdp_given(&params->common, "level"))
		return 0;
	*level = cJSON_IsNumber(item) ? item->valuedouble : NAN;
	return *level > 0 && *level < 1
		       ? 0
		       : sdp_fail(err, SDP_DATA,
				  "--interval: the model's level is not a number between 0 and 1; "
				  "--level sets another");
}

static int read_interval(struct predictor *p, const cJSON *doc, double level, struct sdp_err *err)
{
	const cJSON *model = sdp_doc_member(doc, "model"),
		    *metrics = sdp_doc_member(doc, "metrics");
	const cJSON *rows = model ? model : sdp_doc_member(doc, "leverage_root");
	const cJSON *row = rows ? rows->child : NULL;
	double df = sdp_doc_get_number(metrics, "residual_df", NAN), sigma = read_sigma(doc);
	if (p->used > ROOT_COLUMNS || cJSON_IsNull(rows))
		return sdp_fail(err, SDP_DATA,
				"--interval: the model has more than %d coefficients",
				ROOT_COLUMNS);
	if (!model && (!cJSON_IsArray(rows) || (size_t)cJSON_GetArraySize(rows) != p->used))
		return bad_model("values for intervals (leverage_root)", err);
	for (size_t c = 0; c < p->design->count; c++) {
		if (!p->dropped[c] &&
		    read_root_row(p, model ? sdp_doc_member(row, "leverage_root") : row, c, err) <
			    0)
			return -1;
		if (model || !p->dropped[c])
			row = row->next;
	}
	if (check_spread(df, sigma, err) < 0)
		return -1;
	p->scale = sdp_t_quantile(level, df) * sigma;
	return 0;
}

/* ---- rows ---- */

/*
 * The rows that are being predicted, and their memory. The pairs of row i are high[c × STRIDE + i]
 * and low[c × STRIDE + i].
 */
struct rows {
	const struct sdp_block *block;
	const struct sdp_design_cells *cells;
	size_t from, count;
	double *high, *low;
	double leverage[ROWS];
	bool certain[ROWS];          /* whether the error of the leverage is small enough */
	struct sdp_linear_sums sums; /* of the predictions */
	struct sdp_linear_sums root; /* of a row of the root */
	struct sdp_design_exact exact;
	size_t exact_row; /* the row that exact has, plus 1 */
};

/*
 * The largest error of the leverage h, relative to 1 + h: a quarter of the last digit of a double.
 */
static const double LEVERAGE_ERROR = 0x1p-55;

/* An infinite bound says nothing, also of a leverage that is infinite as a double. */
static bool is_certain(double error, double leverage)
{
	return isfinite(error) && error <= LEVERAGE_ERROR * (1 + leverage);
}

/* Computes the exact values of row i, once. */
static int need_exact(const struct predictor *p, struct rows *rows, size_t i, struct sdp_err *err)
{
	size_t row = rows->from + i;
	if (rows->exact_row == row + 1)
		return 0;
	rows->exact_row = row + 1;
	return sdp_design_exact(p->design, rows->block, rows->cells, row, &rows->exact, err);
}

/* Computes the leverage of all rows in doubles. */
static void leverage_plain(const struct predictor *p, struct rows *rows)
{
	double errors[ROWS] = {0};
	memset(rows->leverage, 0, sizeof rows->leverage);
	for (size_t k = 0; k < p->root_count; k++) {
		const struct sdp_linear_form *form = &p->root[k];
		memset(&rows->root, 0, sizeof rows->root);
		for (size_t c = 0; c < form->count; c++)
			sdp_linear_form_add_plain(form, c, rows->high + c * STRIDE, rows->count,
						  &rows->root);
		for (size_t i = 0; i < rows->count; i++) {
			double value = rows->root.high[i],
			       error = sdp_linear_form_error_plain(form, &rows->root, i);
			rows->leverage[i] += value * value;
			errors[i] += error * (2 * fabs(value) + error);
		}
	}
	for (size_t i = 0; i < rows->count; i++) {
		double h = rows->leverage[i], rounding = h * 0x1p-53 * (double)(p->root_count + 1);
		rows->certain[i] = is_certain(errors[i] + rounding, h);
	}
}

/* Computes the leverage of a row exactly, up to the rounding of the squares. */
static int leverage_exact(const struct predictor *p, struct rows *rows, size_t i,
			  struct sdp_err *err)
{
	struct sdp_pair total = {0, 0};
	if (need_exact(p, rows, i, err) < 0)
		return -1;
	for (size_t k = 0; k < p->root_count; k++) {
		double value = sdp_linear_form_exact(&p->root[k], rows->exact.values,
						     rows->exact.scale, NULL);
		struct sdp_pair next = sdp_pair_sum(total.high, value * value);
		total = (struct sdp_pair){next.high, total.low + next.low};
	}
	rows->leverage[i] = total.high + total.low;
	return 0;
}

/* Computes in pairs the leverage of those rows that are not certain, and if need be exactly. */
static int leverage_pairs(const struct predictor *p, struct rows *rows, struct sdp_err *err)
{
	struct sdp_pair totals[ROWS] = {{0, 0}};
	double errors[ROWS] = {0};
	for (size_t k = 0; k < p->root_count; k++) {
		const struct sdp_linear_form *form = &p->root[k];
		memset(&rows->root, 0, sizeof rows->root);
		for (size_t c = 0; c < form->count; c++)
			sdp_linear_form_add(form, c, rows->high + c * STRIDE,
					    rows->low + c * STRIDE, rows->count, &rows->root);
		for (size_t i = 0; i < rows->count; i++) {
			double value = rows->root.high[i] + rows->root.low[i],
			       error = sdp_linear_form_error(form, &rows->root, i);
			struct sdp_pair next = sdp_pair_sum(totals[i].high, value * value);
			totals[i] = (struct sdp_pair){next.high, totals[i].low + next.low};
			errors[i] += error * (2 * fabs(value) + error);
		}
	}
	for (size_t i = 0; i < rows->count; i++) {
		double h = totals[i].high + totals[i].low;
		if (rows->certain[i] || rows->cells->null[rows->from + i])
			continue;
		rows->leverage[i] = h;
		if (!is_certain(errors[i], h) && leverage_exact(p, rows, i, err) < 0)
			return -1;
	}
	return 0;
}

static int find_leverages(const struct predictor *p, struct rows *rows, struct sdp_err *err)
{
	leverage_plain(p, rows);
	for (size_t i = 0; i < rows->count; i++)
		if (!rows->certain[i])
			return leverage_pairs(p, rows, err);
	return 0;
}

static int too_large(const struct rows *rows, size_t i, struct sdp_err *err)
{
	struct sdp_place place = sdp_block_place(rows->block, rows->from + i, 0);
	place.column = NULL;
	return sdp_fail_at(err, place, "the prediction or its interval exceeds every double");
}

/* Adds the cells of row i. */
static int add_row(const struct predictor *p, struct rows *rows, size_t i, struct sdp_added *added,
		   struct sdp_err *err)
{
	double half = p->interval ? p->scale * sqrt(1 + rows->leverage[i]) : 0;
	double rest;
	if (sdp_linear_form_round(&p->form, &rows->sums, i)) {
		rest = rows->sums.low[i];
	} else {
		if (need_exact(p, rows, i, err) < 0)
			return -1;
		rows->sums.high[i] = sdp_linear_form_exact(&p->form, rows->exact.values,
							   rows->exact.scale, &rest);
	}
	double nearest = rows->sums.high[i];
	struct sdp_pair lower = sdp_pair_sum(nearest, -half), upper = sdp_pair_sum(nearest, half);
	double ends[] = {lower.high + (lower.low + rest), upper.high + (upper.low + rest)};
	if (!isfinite(nearest) || !isfinite(ends[0]) || !isfinite(ends[1]))
		return too_large(rows, i, err);
	if (sdp_added_real(added, nearest, err) < 0)
		return -1;
	for (int k = 0; p->interval && k < 2; k++)
		if (sdp_added_real(added, ends[k], err) < 0)
			return -1;
	return 0;
}

static int add_nothing(const struct predictor *p, struct sdp_added *added, struct sdp_err *err)
{
	for (int i = 0; i < (p->interval ? 3 : 1); i++)
		if (sdp_added_null(added, err) < 0)
			return -1;
	return 0;
}

static int add_tile(const struct predictor *p, struct rows *rows, struct sdp_added *added,
		    struct sdp_err *err)
{
	memset(&rows->sums, 0, sizeof rows->sums);
	for (size_t c = 0; c < p->design->count; c++) {
		double *high = rows->high + c * STRIDE, *low = rows->low + c * STRIDE;
		if (p->dropped[c])
			continue;
		sdp_design_pairs(p->design, rows->cells, c, rows->from, rows->count, high, low);
		sdp_linear_form_add(&p->form, c, high, low, rows->count, &rows->sums);
	}
	if (p->interval && find_leverages(p, rows, err) < 0)
		return -1;
	for (size_t i = 0; i < rows->count; i++)
		if ((rows->cells->null[rows->from + i] ? add_nothing(p, added, err)
						       : add_row(p, rows, i, added, err)) < 0)
			return -1;
	return 0;
}

static int make(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		struct sdp_work *work, struct sdp_err *err)
{
	const struct predictor *p = plan;
	struct sdp_design_cells cells;
	if (sdp_design_parse(p->design, block, true, work, &cells, err) < 0)
		return -1;
	struct rows *rows = sdp_alloc(1, sizeof *rows, err);
	int rc = rows ? 0 : -1;
	for (size_t from = 0; rc == 0 && from < block->rows; from += ROWS) {
		rows->block = block;
		rows->cells = &cells;
		rows->from = from;
		rows->count = block->rows - from < ROWS ? block->rows - from : ROWS;
		rows->high = cells.tile;
		rows->low = cells.tile + p->design->count * STRIDE;
		rc = add_tile(p, rows, added, err);
	}
	if (rows)
		sdp_design_exact_release(&rows->exact);
	free(rows);
	return rc;
}

int linreg_predict(const struct params *params, const cJSON *doc, struct sdp_source *source,
		   struct sdp_err *err)
{
	static const struct sdp_added_column columns[] = {{"prediction", SDP_ADDED_NUMBER},
							  {"lower", SDP_ADDED_NUMBER},
							  {"upper", SDP_ADDED_NUMBER}};
	struct predictor p = {.interval = params->interval};
	struct sdp_rows rows = {.plan = &p,
				.added = columns,
				.added_count = params->interval ? 3 : 1,
				.make = make};
	struct sdp_design *design =
		sdp_design_read(doc, sdp_source_schema(source), sdp_source_name(source, 0), err);
	int rc = design ? 0 : -1;
	double level = 0;
	p.design = design;
	if (rc == 0)
		rc = read_coefficients(&p, doc, err);
	if (rc == 0 && params->interval)
		rc = find_level(params, doc, &level, err);
	if (rc == 0 && params->interval)
		rc = read_interval(&p, doc, level, err);
	if (rc == 0)
		rc = sdp_run_rows_on(&params->common, &rows, source, err);
	sdp_linear_form_release(&p.form);
	for (size_t i = 0; i < p.root_count; i++)
		sdp_linear_form_release(&p.root[i]);
	sdp_design_free(design);
	free(p.dropped);
	return rc;
}

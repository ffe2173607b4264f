/* sdp-linreg --predict: prints rows with predictions and their intervals. */
#include "linreg.h"

#include "model/regression/distribution.h"
#include "sdp/mem.h"
#include "sdp/run.h"

#include <math.h>
#include <string.h>

struct predictor {
	const struct sdp_design *design;
	double *coefficients; /* one per column; 0 if the model dropped it */
	bool *dropped;
	bool interval;
	double *root; /* factor of the leverage: rows of a lower triangle of used columns */
	size_t used;
	double sigma, quantile;
};

static int bad_model(const char *what, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA, "the model's %s are not what its columns need", what);
}

static double number_of(const cJSON *object, const char *name)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
	return cJSON_IsNumber(number) ? number->valuedouble : NAN;
}

static int read_coefficients(struct predictor *p, const cJSON *doc, struct sdp_err *err)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(doc, "coefficients"), *row;
	size_t count = p->design->count, n = 0;
	p->coefficients = sdp_alloc(count, sizeof *p->coefficients, err);
	p->dropped = sdp_alloc(count, sizeof *p->dropped, err);
	if (!p->coefficients || !p->dropped)
		return -1;
	if ((size_t)cJSON_GetArraySize(rows) != count)
		return bad_model("coefficients", err);
	cJSON_ArrayForEach(row, rows)
	{
		const cJSON *estimate = cJSON_GetObjectItemCaseSensitive(row, "estimate");
		p->dropped[n] = cJSON_IsNull(estimate);
		if (!p->dropped[n] && !cJSON_IsNumber(estimate))
			return bad_model("coefficients", err);
		p->coefficients[n] = p->dropped[n] ? 0 : estimate->valuedouble;
		p->used += !p->dropped[n++];
	}
	return 0;
}

static int read_interval(struct predictor *p, const cJSON *doc, double level, struct sdp_err *err)
{
	const cJSON *rows = cJSON_GetObjectItemCaseSensitive(doc, "leverage_root"), *row, *cell;
	const cJSON *metrics = cJSON_GetObjectItemCaseSensitive(doc, "metrics");
	double df = number_of(metrics, "residual_df");
	size_t n = 0, i = 0;
	if (cJSON_IsNull(rows))
		return sdp_fail(err, SDP_DATA,
				"--interval: the model has more than %d coefficients",
				ROOT_COLUMNS);
	if (!(p->root = sdp_alloc(p->used * (p->used + 1) / 2, sizeof *p->root, err)))
		return -1;
	if ((size_t)cJSON_GetArraySize(rows) != p->used)
		return bad_model("figures for intervals (leverage_root)", err);
	cJSON_ArrayForEach(row, rows)
	{
		if ((size_t)cJSON_GetArraySize(row) != ++i)
			return bad_model("figures for intervals (leverage_root)", err);
		cJSON_ArrayForEach(cell, row) p->root[n++] = cell->valuedouble;
	}
	p->sigma = number_of(metrics, "sigma");
	if (!(df > 0) || !isfinite(p->sigma))
		return sdp_fail(err, SDP_DATA,
				"--interval: the model has no residual degrees of freedom");
	p->quantile = sdp_t_quantile(level, df);
	return 0;
}

/*
 * Returns half the width of the interval, t sigma √(1 + xᵀCx). x has the columns of a row, stride
 * apart.
 */
static double half_width(const struct predictor *p, const double *x, size_t stride)
{
	double leverage = 0, used[ROOT_COLUMNS + 1];
	const double *root = p->root;
	size_t n = 0;
	for (size_t c = 0; c < p->design->count; c++)
		if (!p->dropped[c])
			used[n++] = x[c * stride];
	for (size_t i = 0; i < n; root += ++i) {
		double sum = 0;
		for (size_t k = 0; k <= i; k++)
			sum += root[k] * used[k];
		leverage += sum * sum;
	}
	return p->quantile * p->sigma * sqrt(1 + leverage);
}

static int add_row(const struct predictor *p, const double *x, double prediction,
		   struct sdp_added *added, struct sdp_err *err)
{
	if (sdp_added_real(added, prediction, err) < 0)
		return -1;
	if (!p->interval)
		return 0;
	double half = half_width(p, x, SDP_TILE);
	return sdp_added_real(added, prediction - half, err) < 0
		       ? -1
		       : sdp_added_real(added, prediction + half, err);
}

static int add_nothing(const struct predictor *p, struct sdp_added *added, struct sdp_err *err)
{
	for (int i = 0; i < (p->interval ? 3 : 1); i++)
		if (sdp_added_null(added, err) < 0)
			return -1;
	return 0;
}

static int make(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		struct sdp_work *work, struct sdp_err *err)
{
	const struct predictor *p = plan;
	struct sdp_design_cells cells;
	if (sdp_design_parse(p->design, block, work, &cells, err) < 0)
		return -1;
	for (size_t from = 0; from < block->rows; from += SDP_TILE) {
		size_t n = block->rows - from < SDP_TILE ? block->rows - from : SDP_TILE;
		double sums[SDP_TILE] = {0};
		sdp_design_values(p->design, &cells, from, n, cells.tile, SDP_TILE);
		for (size_t c = 0; c < p->design->count; c++)
			for (size_t i = 0; i < n && !p->dropped[c]; i++)
				sums[i] += p->coefficients[c] * cells.tile[c * SDP_TILE + i];
		for (size_t i = 0; i < n; i++)
			if ((cells.null[from + i]
				     ? add_nothing(p, added, err)
				     : add_row(p, cells.tile + i, sums[i], added, err)) < 0)
				return -1;
	}
	return 0;
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
	p.design = design;
	if (rc == 0)
		rc = read_coefficients(&p, doc, err);
	if (rc == 0 && params->interval)
		rc = read_interval(&p, doc, params->level, err);
	if (rc == 0)
		rc = sdp_run_rows_on(&params->common, &rows, source, err);
	sdp_design_free(design);
	free(p.coefficients);
	free(p.dropped);
	free(p.root);
	return rc;
}

/* --assign and --predict: prints the input's rows with a column of their clusters. */
#include "kmeans.h"

#include "cli/model_file.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "table/numeric_columns.h"

struct model {
	size_t k, count, *columns;    /* in the schema */
	double *centers, *deviations; /* standard deviations; NULL unless standardized */
};

static void model_release(struct model *m)
{
	free(m->columns);
	free(m->centers);
	free(m->deviations);
}

static int model_read(struct model *m, const cJSON *doc, struct sdp_source *source,
		      struct sdp_err *err)
{
	const struct sdp_schema *schema = sdp_source_schema(source);
	const cJSON *exact = sdp_doc_member(doc, "unrounded"), *from = exact ? exact : doc;
	const cJSON *centers = sdp_doc_member(from, "centers"), *center,
		    *deviations = sdp_doc_member(from, "deviations");
	m->k = cJSON_IsArray(centers) ? (size_t)cJSON_GetArraySize(centers) : 0;
	if (m->k == 0)
		return sdp_fail(err, SDP_DATA, "the model has no centers");
	if (sdp_model_file_columns(doc, "features", source, &m->columns, &m->count, err) < 0)
		return -1;
	for (size_t i = 0; i < m->count; i++) {
		const struct sdp_column *c = &schema->columns[m->columns[i]];
		if (c->fixed && sdp_type_class(c->type) != SDP_CLASS_NUMBER)
			return sdp_fail(err, SDP_DATA,
					"column '%s' is not numeric: --types makes it a %s",
					c->name, sdp_type_name(c->type));
	}
	double *values = m->centers = sdp_alloc(m->k * m->count, sizeof *m->centers, err);
	if (!m->centers)
		return -1;
	cJSON_ArrayForEach(center, centers)
	{
		if (sdp_model_file_reals(center, "centers", values, m->count, err) < 0)
			return -1;
		values += m->count;
	}
	if (!deviations || cJSON_IsNull(deviations))
		return 0;
	m->deviations = sdp_alloc(m->count, sizeof *m->deviations, err);
	return m->deviations ? sdp_model_file_reals(deviations, "deviations", m->deviations,
						    m->count, err)
			     : -1;
}

/* Warns of columns that the model cannot standardize, as the fit did. */
static void warn_of_constants(const struct model *m, const struct sdp_schema *schema)
{
	for (size_t i = 0; m->deviations && i < m->count; i++)
		if (m->deviations[i] == 0)
			sdp_warn("column '%s' was constant in the fit: it cannot be standardized "
				 "and is ignored",
				 schema->columns[m->columns[i]].name);
}

static int label_block(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		       struct sdp_work *work, struct sdp_err *err)
{
	const struct model *m = plan;
	size_t rows = block->rows, cells = rows * m->count,
	       nearest = sdp_kmeans_nearest_scratch(m->count);
	char *scratch =
		sdp_work_scratch(work, nearest + (cells + rows) * sizeof(double) + rows, err);
	if (!scratch)
		return -1;
	double *values = (double *)(void *)(scratch + nearest);
	uint32_t *labels = (uint32_t *)(void *)(values + cells);
	struct sdp_numeric_columns read = {.columns = m->columns,
					   .count = m->count,
					   .required = true,
					   .values = values,
					   .missing = (unsigned char *)(labels + rows)};
	if (sdp_numeric_columns_read(&read, block, &work->numbers, err) < 0)
		return -1;
	sdp_kmeans_nearest(m->centers, m->k, m->count, m->deviations, values, read.used, labels,
			   scratch);
	int rc = 0;
	for (size_t row = 0, n = 0; rc == 0 && row < rows; row++)
		rc = read.missing[row] ? sdp_added_null(added, err)
				       : sdp_added_integer(added, labels[n++], err);
	return rc;
}

int kmeans_label_rows(const struct sdp_common *common, const cJSON *doc, bool fitted_before,
		      struct sdp_source *source, struct sdp_err *err)
{
	static const struct sdp_added_column column = {"cluster", SDP_ADDED_NUMBER};
	struct model model = {0};
	struct sdp_rows rows = {.plan = &model,
				.added = &column,
				.added_count = 1,
				.make = label_block};
	int rc = model_read(&model, doc, source, err);
	if (rc == 0 && fitted_before)
		warn_of_constants(&model, sdp_source_schema(source));
	if (rc == 0)
		rc = sdp_run_rows_on(common, &rows, source, err);
	model_release(&model);
	return rc;
}

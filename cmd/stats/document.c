/* Makes the document of the finished summaries. */
#include "sdp/doc.h"
#include "stats.h"

#include <math.h>

/* Computes the moments. They are NaN if the column is not numeric, or if nothing needs them. */
static void compute_moments(const struct stats_list *list, struct stats_finished *f)
{
	f->moments =
		(struct sdp_moment_result){.mean = NAN, .sum = NAN, .variance = NAN, .stddev = NAN};
	if (!(list->needs & STATS_NEEDS_SUMS) || !f->summary->values ||
	    sdp_type_class(f->column->typed.type) != SDP_CLASS_NUMBER)
		return;
	if (f->sorted->wide)
		f->moments = f->sorted->wide->moments;
	else
		sdp_exact_moments((const struct sdp_scaled_sum *const *)f->summary->scaled,
				  f->summary->real, &f->moments);
}

static void put_column(cJSON *columns, const struct stats_list *list, struct stats_finished *f,
		       struct sdp_err *err)
{
	cJSON *row = sdp_doc_row(columns, err);
	sdp_doc_text(row, "name", f->column->name, err);
	sdp_doc_text(row, "type", sdp_type_name(f->column->typed.type), err);
	compute_moments(list, f);
	for (size_t i = 0; i < list->count; i++) {
		const struct stats_list_item *item = &list->items[i];
		item->what->put(row, item->name, f, item->quantile, err);
		sdp_doc_copy_key(row, err); /* the list does not outlive the document */
	}
}

static int warn_of_misfits(const struct stats_plan *plan, const struct stats_state *s,
			   struct sdp_err *err)
{
	size_t found = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (sdp_warn_misfits(NULL, &s->misfits[i], plan->schema, plan->columns[i].index,
				     "is a string", &found, err) < 0)
			return -1;
	return sdp_warn_more_misfits(NULL, found, err);
}

int stats_emit(const void *opaque, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct stats_plan *plan = opaque;
	const struct stats_state *s = root;
	sdp_doc_count(doc, "rows", s->rows, err);
	cJSON *columns = sdp_doc_array(doc, "columns", err);
	if (warn_of_misfits(plan, s, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		struct stats_finished f = {.column = &plan->columns[i],
					   .summary = &s->columns[i],
					   .sorted = &s->sorted[i],
					   .rows = s->rows};
		put_column(columns, &plan->list, &f, err);
	}
	return sdp_err_result(err);
}

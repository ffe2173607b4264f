/* Makes the document of the finished summaries. */
#include "base/rational.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "stats.h"

#include <math.h>
#include <string.h>

static int put_extreme(cJSON *row, const char *key, enum sdp_type type,
		       const struct sdp_extreme_number *number, const struct sdp_extreme_text *text,
		       const char *wide, struct sdp_err *err)
{
	if (wide)
		return sdp_doc_decimal(row, key, wide, err);
	if (text->data) {
		char *copy = sdp_strndup(text->data, text->length, err);
		int rc = copy ? sdp_doc_text(row, key, copy, err) : -1;
		free(copy);
		return rc;
	}
	if (!number->any)
		return sdp_doc_null(row, key, err);
	struct sdp_value v = number->value;
	if (type == SDP_BOOLEAN)
		return sdp_doc_text(row, key, v.value ? "true" : "false", err);
	if (v.kind == SDP_KEY_REAL)
		return sdp_doc_real(row, key, sdp_key_to_double(v.value), err);
	char decimal[32];
	sdp_decimal_print_number(decimal, v.value, v.kind);
	return sdp_doc_decimal(row, key, decimal, err);
}

/* Writes the sum; all its digits if it is a decimal. */
static int put_sum(cJSON *row, const struct sdp_column_summary *s,
		   const struct stats_sorted *sorted, const struct sdp_moment_result *m,
		   struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct sdp_totals t;
	if (sorted->wide)
		return sdp_doc_decimal(row, "sum", sorted->wide->sum, err);
	if (!m->exact)
		return sdp_doc_real(row, "sum", m->sum, err);
	sdp_totals_init(&t);
	sdp_totals_add_scaled(&t, (const struct sdp_scaled_sum *const *)s->scaled);
	int rc = sdp_exact_print(&text, t.sum, t.scale, err);
	if (rc == 0)
		rc = sdp_doc_decimal(row, "sum", text.data, err);
	sdp_buf_release(&text);
	sdp_totals_clear(&t);
	return rc;
}

/* Writes the sum, the moments and the quartiles. They are null if the column is not numeric. */
static void put_moments(cJSON *row, const struct stats_column *c,
			const struct sdp_column_summary *s, const struct stats_sorted *sorted,
			struct sdp_err *err)
{
	struct sdp_moment_result m = {.mean = NAN, .sum = NAN, .variance = NAN, .stddev = NAN};
	double q[STATS_QUARTILES] = {NAN, NAN, NAN};
	if (sdp_type_class(c->typed.type) == SDP_CLASS_NUMBER && s->values) {
		if (sorted->wide)
			m = sorted->wide->moments;
		else
			sdp_exact_moments((const struct sdp_scaled_sum *const *)s->scaled, s->real,
					  &m);
		memcpy(q, sorted->order.quantile, sizeof q);
		if (isinf(m.variance))
			sdp_warn("column '%s': the variance exceeds every double and is printed as "
				 "null",
				 c->name);
	}
	sdp_doc_real(row, "mean", m.mean, err);
	put_sum(row, s, sorted, &m, err);
	SDP_DOC_REALS(row, err, {"stddev", m.stddev}, {"variance", m.variance}, {"q1", q[0]},
		      {"median", q[1]}, {"q3", q[2]});
}

static void put_column(cJSON *columns, const struct stats_column *c,
		       const struct sdp_column_summary *s, const struct stats_sorted *sorted,
		       uint64_t rows, struct sdp_err *err)
{
	const struct sdp_wide_result *wide = sorted->wide;
	enum sdp_type type = c->typed.type;
	cJSON *row = sdp_doc_row(columns, err);
	sdp_doc_text(row, "name", c->name, err);
	sdp_doc_text(row, "type", sdp_type_name(type), err);
	sdp_doc_count(row, "count", s->values, err);
	sdp_doc_count(row, "nulls", s->nulls, err);
	sdp_doc_real(row, "null_percent", rows ? (double)s->nulls * 100 / (double)rows : NAN, err);
	sdp_doc_count(row, "unique", sorted->order.unique, err);
	put_extreme(row, "min", type, &s->low, &s->least, wide ? wide->low : NULL, err);
	put_extreme(row, "max", type, &s->high, &s->greatest, wide ? wide->high : NULL, err);
	put_moments(row, c, s, sorted, err);
	if (type == SDP_STRING && s->values) {
		sdp_doc_count(row, "min_length", s->shortest, err);
		sdp_doc_count(row, "max_length", s->longest, err);
	} else {
		sdp_doc_null(row, "min_length", err);
		sdp_doc_null(row, "max_length", err);
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
	for (size_t i = 0; i < plan->count; i++)
		put_column(columns, &plan->columns[i], &s->columns[i], &s->sorted[i], s->rows, err);
	return sdp_err_result(err);
}

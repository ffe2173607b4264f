/* The table of the statistics, how each is printed, and the list that --agg gives. */
#include "statistics.h"

#include "base/names.h"
#include "base/rational.h"
#include "base/text.h"
#include "model/stats/statistic_names.h"
#include "sdp/mem.h"
#include "stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Each of these is the put of a statistic. */
#define PUT(name)                                                                                  \
	static void put_##name(cJSON *row, const char *key, const struct stats_finished *f,        \
			       size_t quantile, struct sdp_err *err)

PUT(count)
{
	(void)quantile;
	sdp_doc_count(row, key, f->summary->values, err);
}

PUT(nulls)
{
	(void)quantile;
	sdp_doc_count(row, key, f->summary->nulls, err);
}

PUT(null_percent)
{
	(void)quantile;
	sdp_doc_real(row, key, f->rows ? (double)f->summary->nulls * 100 / (double)f->rows : NAN,
		     err);
}

PUT(unique)
{
	(void)quantile;
	sdp_doc_count(row, key, f->sorted->order.unique, err);
}

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

/* Writes the sum of decimals with all its digits. */
static int put_decimal_sum(cJSON *row, const char *key, const struct stats_finished *f,
			   struct sdp_err *err)
{
	struct sdp_buf text = {0};
	struct sdp_totals t;
	sdp_totals_init(&t);
	sdp_totals_add_scaled(&t, (const struct sdp_scaled_sum *const *)f->summary->scaled);
	int rc = sdp_exact_print(&text, t.sum, t.scale, err);
	if (rc == 0)
		rc = sdp_doc_decimal(row, key, text.data, err);
	sdp_buf_release(&text);
	sdp_totals_clear(&t);
	return rc;
}

PUT(min)
{
	(void)quantile;
	put_extreme(row, key, f->column->typed.type, &f->summary->low, &f->summary->least,
		    f->sorted->wide ? f->sorted->wide->low : NULL, err);
}

PUT(max)
{
	(void)quantile;
	put_extreme(row, key, f->column->typed.type, &f->summary->high, &f->summary->greatest,
		    f->sorted->wide ? f->sorted->wide->high : NULL, err);
}

PUT(mean)
{
	(void)quantile;
	sdp_doc_real(row, key, f->moments.mean, err);
}

PUT(sum)
{
	(void)quantile;
	if (f->sorted->wide)
		sdp_doc_decimal(row, key, f->sorted->wide->sum, err);
	else if (f->moments.exact)
		put_decimal_sum(row, key, f, err);
	else
		sdp_doc_real(row, key, f->moments.sum, err);
}

PUT(stddev)
{
	(void)quantile;
	sdp_doc_real(row, key, f->moments.stddev, err);
}

PUT(variance)
{
	(void)quantile;
	if (isinf(f->moments.variance))
		sdp_warn("column '%s': the variance exceeds every double and is printed as null",
			 f->column->name);
	sdp_doc_real(row, key, f->moments.variance, err);
}

/* Only numbers have quantiles; of other columns, the solver found none. */
PUT(quantile)
{
	bool number = sdp_type_class(f->column->typed.type) == SDP_CLASS_NUMBER;
	double value = number && f->summary->values ? f->sorted->order.quantile[quantile] : NAN;
	sdp_doc_real(row, key, value, err);
}

static void put_length(cJSON *row, const char *key, const struct stats_finished *f, uint64_t length,
		       struct sdp_err *err)
{
	if (f->column->typed.type == SDP_STRING && f->summary->values)
		sdp_doc_count(row, key, length, err);
	else
		sdp_doc_null(row, key, err);
}

PUT(min_length)
{
	(void)quantile;
	put_length(row, key, f, f->summary->shortest, err);
}

PUT(max_length)
{
	(void)quantile;
	put_length(row, key, f, f->summary->longest, err);
}

/* The order is that of the document without --agg. */
static const struct stats_statistic table[] = {
	{"count", 0, put_count, {0}},
	{"nulls", 0, put_nulls, {0}},
	{"null_percent", 0, put_null_percent, {0}},
	{"unique", STATS_NEEDS_DISTINCT, put_unique, {0}},
	{"min", STATS_NEEDS_EXTREMES, put_min, {0}},
	{"max", STATS_NEEDS_EXTREMES, put_max, {0}},
	{"mean", STATS_NEEDS_SUMS, put_mean, {0}},
	{"sum", STATS_NEEDS_SUMS, put_sum, {0}},
	{"stddev", STATS_NEEDS_SUMS, put_stddev, {0}},
	{"variance", STATS_NEEDS_SUMS, put_variance, {0}},
	{"q1", STATS_NEEDS_QUANTILES, put_quantile, {1, 4}},
	{"median", STATS_NEEDS_QUANTILES, put_quantile, {1, 2}},
	{"q3", STATS_NEEDS_QUANTILES, put_quantile, {3, 4}},
	{"min_length", STATS_NEEDS_EXTREMES, put_min_length, {0}},
	{"max_length", STATS_NEEDS_EXTREMES, put_max_length, {0}},
};
enum { STATISTICS = sizeof table / sizeof *table };

static const struct stats_statistic percentile = {"qP", STATS_NEEDS_QUANTILES, put_quantile, {0}};

const char *stats_statistic_name(size_t i)
{
	return i < STATISTICS ? table[i].name : NULL;
}

/* ---- the list ---- */

static int add(struct stats_list *list, const struct stats_statistic *what, const char *name,
	       size_t length, struct sdp_probability p, struct sdp_err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (sdp_text_is(name, length, list->items[i].name))
			return 0;
	bool quantile = what->needs & STATS_NEEDS_QUANTILES;
	if (quantile && list->quantiles == SDP_QUANTILES_QUANTILES)
		return sdp_fail(err, SDP_USAGE, "--agg: more than %d quantiles",
				SDP_QUANTILES_QUANTILES);
	struct stats_list_item *item = &list->items[list->count++];
	item->what = what;
	snprintf(item->name, sizeof item->name, "%.*s", (int)length, name);
	list->needs |= what->needs;
	if (quantile) {
		item->quantile = list->quantiles;
		list->probabilities[list->quantiles++] = p;
	}
	return 0;
}

static int add_named(struct stats_list *list, const char *name, size_t length, struct sdp_err *err)
{
	bool all = sdp_text_is(name, length, "default") || sdp_text_is(name, length, "all");
	bool known = all;
	struct sdp_probability p;
	for (size_t i = 0; i < STATISTICS; i++) {
		if (!all && !sdp_text_is(name, length, table[i].name))
			continue;
		known = true;
		if (add(list, &table[i], table[i].name, strlen(table[i].name), table[i].p, err) < 0)
			return -1;
	}
	if (known)
		return 0;
	if (length > 1 && length < sizeof list->items->name && *name == 'q' &&
	    sdp_percentage_parse(name + 1, length - 1, &p))
		return add(list, &percentile, name, length, p, err);
	if (sdp_statistic_translate(name, length, err) < 0)
		return -1;
	char quoted[128];
	struct sdp_names names = sdp_names_for(name, length);
	for (size_t i = 0; i < STATISTICS; i++)
		sdp_names_add(&names, table[i].name);
	sdp_names_add(&names, "q10 (any percentage from 0 to 100)");
	sdp_names_add(&names, "default");
	sdp_names_add(&names, "all");
	sdp_quote(quoted, sizeof quoted, name, length);
	return sdp_fail(err, SDP_USAGE, "--agg: there is no statistic %s%s", quoted,
			sdp_names_help(&names));
}

int stats_list_init(struct stats_list *list, const char *text, struct sdp_err *err)
{
	*list = (struct stats_list){0};
	for (text = text ? text : "default";;) {
		size_t length = strcspn(text, ",");
		if (add_named(list, text, length, err) < 0)
			return -1;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

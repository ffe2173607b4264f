/*
 * Sparklines of the buckets of a time series.
 *
 * A series is the buckets that agree in the members before the time and in "value". Its statistic
 * is "mean" if the buckets have one, otherwise the first number after the time. If there are more
 * points than columns, a bar is the mean of its points.
 */
#include "document/sparkline.h"

#include "base/map.h"
#include "document/flatten.h"
#include "document/text_table.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES = 12, LABEL = 24, LEAST = 10, MARGIN = 34 };

struct spark {
	struct sdp_buf label;
	double *points;
	size_t count, capacity;
};

static bool is_time(const cJSON *item)
{
	static const char *const names[] = {"start", "end", "hour", "weekday", "month"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(item->string, names[i]) == 0)
			return true;
	return false;
}

/* Reads the label of the series of a row, and its statistic; NaN: null. */
static int read_row(const cJSON *row, struct sdp_buf *label, double *statistic, struct sdp_err *err)
{
	const cJSON *item = row->child, *chosen = NULL;
	bool after_time = false;
	int width = 0;
	label->length = 0;
	sdp_buf_add(label, "", 0, err);
	for (; item; item = item->next) {
		struct sdp_buf text = {0};
		bool time = !after_time && is_time(item),
		     named = after_time && strcmp(item->string, "value") == 0;
		if ((!after_time && !time) || named) {
			sdp_buf_add(label, " ", label->length > 0, err);
			sdp_doc_value(item, 6, &text, err);
			if (text.length)
				sdp_text_table_clean(label, text.data, text.length, LABEL, &width,
						     err);
		} else if (after_time && (sdp_doc_is_number(item) || cJSON_IsNull(item)) &&
			   (!chosen || strcmp(item->string, "mean") == 0)) {
			chosen = item;
		}
		after_time |= time;
		sdp_buf_release(&text);
	}
	*statistic = !chosen || cJSON_IsNull(chosen) ? NAN
		     : cJSON_IsRaw(chosen)           ? strtod(chosen->valuestring, NULL)
						     : chosen->valuedouble;
	return sdp_err_result(err);
}

static int add_point(struct spark *s, double x, struct sdp_err *err)
{
	if (sdp_grow(&s->points, &s->capacity, s->count + 1, sizeof *s->points, err) < 0)
		return -1;
	s->points[s->count++] = x;
	return 0;
}

/*
 * Collects the statistics of the rows by series. There are *count of them, at most SERIES; *more:
 * others were ignored.
 */
static int collect(const cJSON *rows, struct spark *sparks, size_t *count, bool *more,
		   struct sdp_err *err)
{
	struct sdp_map map = {.size = 0};
	struct sdp_buf label = {0};
	const cJSON *row;
	int rc = 0;
	cJSON_ArrayForEach(row, rows)
	{
		double statistic;
		rc = read_row(row, &label, &statistic, err);
		if (rc < 0)
			break;
		size_t *place = sdp_map_find(&map, label.data, label.length);
		if (!place && *count == SERIES) {
			*more = true;
			continue;
		}
		size_t index = place ? *place : *count;
		if (!place &&
		    (sdp_map_add(&map, label.data, label.length, index, err) < 0 ||
		     sdp_buf_add(&sparks[(*count)++].label, label.data, label.length, err) < 0))
			rc = -1;
		if (rc < 0 || (rc = add_point(&sparks[index], statistic, err)) < 0)
			break;
	}
	sdp_buf_release(&label);
	sdp_map_release(&map);
	return rc;
}

/* Returns the mean of the points of bar i of n, or NaN if none of them has a value. */
static double bar(const struct spark *s, size_t i, size_t n)
{
	size_t from = i * s->count / n, end = (i + 1) * s->count / n, values = 0;
	double sum = 0;
	for (size_t k = from; k < end; k++)
		if (!isnan(s->points[k])) {
			sum += s->points[k];
			values++;
		}
	return values ? sum / (double)values : NAN;
}

static void add_number(struct sdp_buf *out, double x, int digits, struct sdp_err *err)
{
	cJSON item = {.type = cJSON_Number, .valuedouble = x};
	sdp_buf_add(out, " ", 1, err);
	sdp_doc_value(&item, digits, out, err);
}

static void print_one(const struct spark *s, int digits, size_t columns, int label,
		      struct sdp_buf *out, struct sdp_err *err)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	size_t n = s->count < columns ? s->count : columns;
	double low = INFINITY, high = -INFINITY;
	int width = 0;
	sdp_text_table_clean(out, s->label.data, s->label.length, LABEL, &width, err);
	sdp_text_table_pad(out, label - width + 2, err);
	for (size_t i = 0; i < n; i++) {
		low = fmin(low, bar(s, i, n));
		high = fmax(high, bar(s, i, n));
	}
	for (size_t i = 0; i < n; i++) {
		double x = bar(s, i, n);
		int level = high > low ? (int)((x - low) / (high - low) * 7.999) : 0;
		sdp_buf_add_text(out, isnan(x) ? " " : bars[level], err);
	}
	low = INFINITY;
	high = -INFINITY;
	for (size_t i = 0; i < s->count; i++) {
		low = fmin(low, s->points[i]);
		high = fmax(high, s->points[i]);
	}
	if (low <= high) {
		add_number(out, low, digits, err);
		sdp_buf_add_text(out, " to", err);
		add_number(out, high, digits, err);
	}
	sdp_buf_add(out, "\n", 1, err);
}

int sdp_sparkline_print(const cJSON *rows, int digits, int width, struct sdp_buf *out,
			struct sdp_err *err)
{
	struct spark sparks[SERIES] = {{{0}, NULL, 0, 0}};
	size_t count = 0;
	bool more = false;
	int label = 0;
	if (!rows->string || strcmp(rows->string, "buckets") != 0 || !rows->child ||
	    !rows->child->next)
		return 0;
	int rc = collect(rows, sparks, &count, &more, err);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct sdp_buf ignored = {0};
		int w = 0;
		sdp_text_table_clean(&ignored, sparks[i].label.data, sparks[i].label.length, LABEL,
				     &w, err);
		label = w > label ? w : label;
		sdp_buf_release(&ignored);
	}
	int columns = width - label - MARGIN;
	for (size_t i = 0; rc == 0 && i < count; i++)
		print_one(&sparks[i], digits, (size_t)(columns < LEAST ? LEAST : columns), label,
			  out, err);
	if (rc == 0 && more)
		sdp_buf_add_text(out, "…\n", err);
	for (size_t i = 0; i < count; i++) {
		sdp_buf_release(&sparks[i].label);
		free(sparks[i].points);
	}
	return rc < 0 ? -1 : sdp_err_result(err);
}

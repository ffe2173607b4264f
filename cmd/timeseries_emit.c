/* sdp-timeseries: the document. */
#include "timeseries.h"

#include "sdp/calendar.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int put_figure(cJSON *row, const char *key, struct sdp_figure f, struct sdp_err *err)
{
	if (f.kind == SDP_FIGURE_INTEGER)
		return sdp_doc_integer(row, key, f.of.integer, err);
	return f.kind == SDP_FIGURE_REAL ? sdp_doc_real(row, key, f.of.real, err) : sdp_doc_null(row, key, err);
}

static int put_cell(cJSON *row, const char *key, struct timeseries_cell cell, bool integer, struct sdp_err *err)
{
	struct sdp_number number;
	if (!cell.text)
		return sdp_doc_null(row, key, err);
	if (integer) {
		sdp_number_parse(cell.text, cell.length, '.', &number);
		return sdp_doc_integer(row, key, number.mantissa, err);
	}
	char *copy = sdp_strndup(cell.text, cell.length, err);
	int rc = copy ? sdp_doc_text(row, key, copy, err) : -1;
	free(copy);
	return rc;
}

/* The local time of an instant, with what of its zone is known. */
static int put_time(cJSON *row, const char *key, const struct timeseries_job *j, unsigned seen, int64_t second,
		    uint32_t nano, struct sdp_err *err)
{
	char text[SDP_TIME_TEXT];
	size_t i = sdp_zone_find(j->zone, second, 0);
	bool utc = j->zone_name ? strcmp(j->zone_name, "UTC") == 0 : seen & SDP_TIMES_ZONED;
	enum sdp_time_zone_style style = utc ? SDP_TIME_UTC : j->zone_name ? SDP_TIME_OFFSET : SDP_TIME_LOCAL;
	sdp_time_print(text, second, nano, j->zone->stretches[i].offset, style);
	return sdp_doc_text(row, key, text, err);
}

static int put_start(cJSON *row, const struct timeseries_job *j, unsigned seen, const struct sdp_timeline_row *r,
		     struct sdp_err *err)
{
	size_t stretch = 0;
	if (j->profile)
		return sdp_doc_integer(row, timeseries_profiles[j->profile], r->start, err);
	if (!j->label_end || j->plan.samples)
		return put_time(row, "start", j, seen, r->start, r->nano, err);
	return put_time(row, "end", j, seen, sdp_edges_from(&j->edges, r->start + 1, &stretch), 0, err);
}

static int put_group(cJSON *row, const struct timeseries_job *j, const struct timeseries_state *s, uint32_t group,
		     struct sdp_err *err)
{
	const char *key = j->by_count ? s->series.groups.list[group].key : NULL;
	for (size_t i = 0; i < j->by_count; i++)
		if (put_cell(row, j->by[i].name, timeseries_key_cell(&key), j->integer[i], err) < 0 ||
		    sdp_doc_copy_key(row, err) < 0)
			return -1;
	return 0;
}

static int put_figures(cJSON *row, const struct timeseries_job *j, size_t index, size_t column, struct sdp_err *err)
{
	const struct sdp_timeline *t = &j->timeline;
	const struct sdp_figure_list *list = &j->figures;
	const struct sdp_figure *figures = t->rows[index].figures + column * t->stride;
	const char *const *names;
	if (j->plan.samples && put_figure(row, "x", figures[0], err) < 0)
		return -1;
	for (size_t i = 0; i < list->count && !j->plan.samples; i++)
		if (put_figure(row, sdp_figure_label(list, i), figures[i], err) < 0 ||
		    (!list->figures[i].name && sdp_doc_copy_key(row, err) < 0))
			return -1;
	size_t n = sdp_derive_names(&j->derive, &names);
	for (size_t i = 0; i < n; i++)
		if (put_figure(row, names[i], t->derived[(index * t->columns + column) * n + i], err) < 0)
			return -1;
	return 0;
}

static int put_row(cJSON *rows, const struct timeseries_job *j, const struct timeseries_state *s, size_t index,
		   size_t column, struct sdp_err *err)
{
	const struct sdp_timeline_row *r = &j->timeline.rows[index];
	cJSON *row = sdp_doc_row(rows, err);
	if (!row || put_group(row, j, s, r->group, err) < 0 || put_start(row, j, s->seen, r, err) < 0)
		return -1;
	if (j->counting)
		return sdp_doc_count(row, "count", r->rows, err);
	return sdp_doc_text(row, "value", j->values[column].name, err) < 0 ? -1 : put_figures(row, j, index, column, err);
}

static int put_rows(cJSON *doc, const struct timeseries_job *j, const struct timeseries_state *s, struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(doc, "buckets", err);
	if (!rows)
		return -1;
	for (size_t i = 0; i < j->timeline.count; i++)
		for (size_t c = 0; c < (j->counting ? 1 : j->value_count); c++)
			if (put_row(rows, j, s, i, c, err) < 0)
				return -1;
	return 0;
}

static int put_correlation(cJSON *rows, const struct timeseries_job *j, const struct timeseries_state *s,
			   uint32_t group, size_t column, size_t lag, const struct sdp_correlation *c,
			   struct sdp_err *err)
{
	cJSON *row = sdp_doc_row(rows, err);
	if (!row || put_group(row, j, s, group, err) < 0 ||
	    sdp_doc_text(row, "value", j->values[column].name, err) < 0 || sdp_doc_count(row, "lag", lag, err) < 0 ||
	    sdp_doc_real(row, "acf", c->acf, err) < 0 || sdp_doc_real(row, "acf_band", c->acf_band, err) < 0 ||
	    sdp_doc_real(row, "pacf", c->pacf, err) < 0 || sdp_doc_real(row, "pacf_band", c->pacf_band, err) < 0 ||
	    sdp_doc_real(row, "ljung_box", c->q, err) < 0)
		return -1;
	return sdp_doc_real(row, "p", c->p, err);
}

static int put_correlations(cJSON *doc, const struct timeseries_job *j, const struct timeseries_state *s,
			    struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(doc, "acf", err);
	const struct sdp_correlation *at = j->correlations;
	if (!rows)
		return -1;
	for (size_t row = 0; row < j->timeline.count; row += sdp_timeline_group(&j->timeline, row))
		for (size_t c = 0; c < j->value_count; c++)
			for (size_t lag = 0; lag <= j->lags; lag++, at++)
				if (put_correlation(rows, j, s, j->timeline.rows[row].group, c, lag, at, err) < 0)
					return -1;
	return 0;
}

static int put_warning(cJSON *warnings, uint64_t count, const char *what, struct sdp_err *err)
{
	char text[200];
	if (count == 0)
		return 0;
	snprintf(text, sizeof text, "%s: %" PRIu64, what, count);
	return sdp_doc_text(warnings, NULL, text, err);
}

static int put_warnings(cJSON *doc, const struct timeseries_state *s, struct sdp_err *err)
{
	cJSON *warnings = sdp_doc_array(doc, "warnings", err);
	if (!warnings)
		return -1;
	return put_warning(warnings, s->twice, "local times that the clock showed twice, taken for the first", err) < 0 ||
			       put_warning(warnings, s->never,
					   "local times that the clock left out, taken for as much later as it was put forward", err) < 0
		       ? -1
		       : 0;
}

/* What the times count, where they are numbers. */
static const char *unit_of(const struct timeseries_job *j, unsigned seen)
{
	static const char *const units[] = {"s", "ms", "us", "ns"};
	if (j->format.kind == SDP_TIMES_NUMBER)
		return units[j->format.digits / 3];
	return units[seen & SDP_TIMES_NS ? 3 : seen & SDP_TIMES_US ? 2 : seen & SDP_TIMES_MS ? 1 : 0];
}

int timeseries_emit(const void *job, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct timeseries_job *j = job;
	const struct timeseries_state *s = root;
	const char *zone = j->zone_name ? j->zone_name : s->seen & SDP_TIMES_ZONED ? "UTC" : NULL;
	if (sdp_doc_text(doc, "every", j->every, err) < 0 ||
	    (j->profile && sdp_doc_text(doc, "profile", timeseries_profiles[j->profile], err) < 0) ||
	    sdp_doc_text(doc, "timezone", zone, err) < 0 ||
	    sdp_doc_text(doc, "time", j->time.name, err) < 0 || sdp_doc_count(doc, "rows", s->rows, err) < 0 ||
	    sdp_doc_count(doc, "rows_used", s->used, err) < 0 ||
	    sdp_doc_count(doc, "rows_dropped", s->rows - s->used, err) < 0)
		return -1;
	if (s->seen & SDP_TIMES_COUNTED && sdp_doc_text(doc, "time_unit", unit_of(j, s->seen), err) < 0)
		return -1;
	if (sdp_doc_count(doc, "duplicates", j->duplicates, err) < 0)
		return -1;
	if (j->every && sdp_doc_count(doc, "gaps", j->gaps, err) < 0)
		return -1;
	if (j->lags && put_correlations(doc, j, s, err) < 0)
		return -1;
	return put_rows(doc, j, s, err) < 0 ? -1 : put_warnings(doc, s, err);
}

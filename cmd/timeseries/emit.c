/* Writes the document of sdp-timeseries. */
#include "timeseries.h"

#include "base/calendar.h"
#include "cli/misfit_warnings.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- buckets ---- */

struct timeseries_output {
	const struct timeseries_plan *plan;
	const struct timeseries_state *state;
	enum sdp_time_zone_style style;
	struct sdp_lazy_rows buckets, acf;
	const char **values;          /* names of the value columns */
	uint32_t *groups;             /* in the order of the document, for --acf */
	size_t stretch, edge_stretch; /* of the zone, at the previous row; a hint */
	char text[SDP_TIME_TEXT];     /* time of the current row */
	struct sdp_buf *texts;        /* decimals of the current row */
	size_t text_count;
};

/* Prints a decimal of any size to a text of the row, which is kept until the next row. */
static int print_rational(struct sdp_buf *text, const struct sdp_rational *r, struct sdp_err *err)
{
	mpz_t n, d;
	mpz_inits(n, d, (mpz_ptr)NULL);
	sdp_rational_get(r, n, d);
	text->length = 0;
	int rc = sdp_exact_print(text, n, r->scale, err);
	mpz_clears(n, d, (mpz_ptr)NULL);
	return rc;
}

static int aggregate_value(struct sdp_aggregate f, struct sdp_buf *text, struct sdp_lazy_value *out,
			   struct sdp_err *err)
{
	*out = (struct sdp_lazy_value){.kind = SDP_LAZY_NULL};
	switch (f.kind) {
	case SDP_AGGREGATE_NONE:
		return 0;
	case SDP_AGGREGATE_REAL:
		*out = sdp_lazy_real(f.of.real);
		return 0;
	case SDP_AGGREGATE_DECIMAL:
		*out = sdp_lazy_integer(f.of.integer);
		if (f.scale == 0)
			return 0;
		if (sdp_buf_reserve(text, 32, err) < 0)
			return -1;
		text->length = sdp_decimal_print_number(text->data, f.of.integer, f.scale);
		break;
	case SDP_AGGREGATE_RATIONAL:
		if (f.of.rational->scale < 0) {
			*out = sdp_lazy_real(sdp_value_double(sdp_aggregate_number(f)));
			return 0;
		}
		if (print_rational(text, f.of.rational, err) < 0)
			return -1;
		break;
	}
	*out = sdp_lazy_decimal(text->data, text->length);
	return 0;
}

/* Integers are numbers, and true and false in lower case booleans; all else is text. */
static struct sdp_lazy_value of_cell(struct timeseries_cell cell, enum sdp_type type)
{
	if (!cell.text)
		return (struct sdp_lazy_value){.kind = SDP_LAZY_NULL};
	if (type == SDP_BOOLEAN && cell.length == 4 && memcmp(cell.text, "true", 4) == 0)
		return sdp_lazy_boolean(true);
	if (type == SDP_BOOLEAN && cell.length == 5 && memcmp(cell.text, "false", 5) == 0)
		return sdp_lazy_boolean(false);
	return type == SDP_INTEGER_TYPE ? sdp_lazy_decimal(cell.text, cell.length)
					: sdp_lazy_text(cell.text, cell.length);
}

static struct sdp_lazy_value *add_group(const struct timeseries_plan *j,
					const struct timeseries_state *s, uint32_t group,
					struct sdp_lazy_value *at)
{
	const char *key = j->by_count ? s->series.groups.entries[group].key : NULL;
	for (size_t i = 0; i < j->by_count; i++)
		*at++ = of_cell(timeseries_key_cell(&key), j->by_types[i]);
	return at;
}

/* Formats a point in time as local time, with as much of its zone as is known. */
static struct sdp_lazy_value of_time(struct timeseries_output *o, const struct sdp_timeline_row *r)
{
	const struct timeseries_plan *j = o->plan;
	int64_t second = r->start;
	if (j->profile)
		return sdp_lazy_integer(r->start);
	if (j->label_end && !j->plan.samples)
		second = sdp_time_buckets_from(&j->edges, r->start + 1, &o->edge_stretch);
	o->stretch = sdp_tz_find(j->zone, second, o->stretch);
	return sdp_lazy_text(o->text,
			     sdp_time_print(o->text, second, r->nano,
					    j->zone->stretches[o->stretch].offset, o->style));
}

static int bucket_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		      struct sdp_err *err)
{
	struct timeseries_output *o = context;
	const struct timeseries_plan *j = o->plan;
	const struct sdp_timeline *t = &j->timeline;
	size_t columns = j->counting ? 1 : j->value_count, index = number / columns,
	       column = number % columns;
	const struct sdp_timeline_row *r = &t->rows[index];
	struct sdp_lazy_value *at = add_group(j, o->state, r->group, values);
	struct sdp_buf *text = o->texts;
	*at++ = of_time(o, r);
	if (j->counting) {
		*at = sdp_lazy_count(r->rows);
		return 0;
	}
	const struct sdp_aggregate *aggregates = r->aggregates + column * t->stride;
	*at++ = sdp_lazy_word((uint32_t)column);
	for (size_t i = 0, n = j->plan.samples ? 1 : j->aggregates.count; i < n; i++)
		if (aggregate_value(aggregates[i], text++, at++, err) < 0)
			return -1;
	size_t derived = (index * t->columns + column) * t->derived_stride;
	for (size_t i = 0; i < t->derived_stride; i++)
		if (aggregate_value(t->derived[derived + i], text++, at++, err) < 0)
			return -1;
	return 0;
}

static void release_texts(void *context)
{
	struct timeseries_output *o = context;
	for (size_t i = 0; i < o->text_count; i++)
		sdp_buf_release(&o->texts[i]);
}

static size_t name_members(const struct timeseries_plan *j, struct sdp_lazy_member *members)
{
	const char *const *names;
	size_t n = 0, derived = sdp_window_function_names(&j->derive, &names);
	for (size_t i = 0; i < j->by_count; i++)
		members[n++].name = j->by[i].name;
	members[n++].name = j->profile                         ? timeseries_profiles[j->profile]
			    : j->label_end && !j->plan.samples ? "end"
							       : "start";
	members[n++].name = j->counting ? "count" : "value";
	if (j->counting)
		return n;
	for (size_t i = 0; i < j->aggregates.count && !j->plan.samples; i++)
		members[n++].name = sdp_aggregate_label(&j->aggregates, i);
	if (j->plan.samples)
		members[n++].name = "x";
	for (size_t i = 0; i < derived; i++)
		members[n++].name = names[i];
	return n;
}

static int prepare_buckets(struct timeseries_output *o, struct sdp_work *work, struct sdp_err *err)
{
	const struct timeseries_plan *j = o->plan;
	const char *const *names;
	size_t most = j->by_count + 3 + j->aggregates.count +
		      sdp_window_function_names(&j->derive, &names);
	struct sdp_lazy_member *members = sdp_spill_take(&work->spill, most * sizeof *members, err);
	o->texts = sdp_spill_take(&work->spill, most * sizeof *o->texts, err);
	if (!members || !o->texts)
		return -1;
	o->text_count = most;
	o->buckets = (struct sdp_lazy_rows){.members = members,
					    .member_count = name_members(j, members),
					    .words = o->values,
					    .word_count = j->value_count,
					    .rows = j->timeline.count *
						    (j->counting ? 1 : j->value_count),
					    .row = bucket_row,
					    .release = release_texts,
					    .context = o};
	return 0;
}

/* ---- autocorrelations ---- */

enum { ACF_MEMBERS = 8 };

static int acf_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		   struct sdp_err *err)
{
	struct timeseries_output *o = context;
	const struct timeseries_plan *j = o->plan;
	const struct sdp_correlation *c = &j->correlations[number];
	uint64_t series = number / (j->lags + 1), lag = number % (j->lags + 1);
	struct sdp_lazy_value *at =
		add_group(j, o->state, o->groups[series / j->value_count], values);
	(void)err;
	*at++ = sdp_lazy_word((uint32_t)(series % j->value_count));
	*at++ = sdp_lazy_count(lag);
	*at++ = sdp_lazy_real(c->acf);
	*at++ = sdp_lazy_real(c->acf_band);
	*at++ = sdp_lazy_real(c->pacf);
	*at++ = sdp_lazy_real(c->pacf_band);
	*at++ = sdp_lazy_real(c->q);
	*at = sdp_lazy_real(c->p);
	return 0;
}

static int prepare_acf(struct timeseries_output *o, struct sdp_work *work, struct sdp_err *err)
{
	static const char *const names[ACF_MEMBERS] = {"value",     "lag",  "acf",
						       "acf_band",  "pacf", "pacf_band",
						       "ljung_box", "p"};
	const struct timeseries_plan *j = o->plan;
	const struct sdp_timeline *t = &j->timeline;
	size_t count = 0;
	o->groups = sdp_spill_take(&work->spill, (t->count + 1) * sizeof *o->groups, err);
	struct sdp_lazy_member *members =
		sdp_spill_take(&work->spill, (j->by_count + ACF_MEMBERS) * sizeof *members, err);
	if (!o->groups || !members)
		return -1;
	for (size_t row = 0; row < t->count; row += sdp_timeline_group(t, row))
		o->groups[count++] = t->rows[row].group;
	for (size_t i = 0; i < j->by_count; i++)
		members[i].name = j->by[i].name;
	for (size_t i = 0; i < ACF_MEMBERS; i++)
		members[j->by_count + i].name = names[i];
	o->acf = (struct sdp_lazy_rows){.members = members,
					.member_count = j->by_count + ACF_MEMBERS,
					.words = o->values,
					.word_count = j->value_count,
					.rows = count * j->value_count * (j->lags + 1),
					.row = acf_row,
					.context = o};
	return 0;
}

/*
 * Returns whether times are printed as dates: all cells are dates, which have no zone, and if there
 * are buckets, they begin at midnight.  --tz or --types COL=datetime ask for times.
 */
static bool are_dates(const struct timeseries_plan *j, const struct timeseries_state *s)
{
	enum { DAY = 86400 };
	const struct sdp_column *column = &j->schema->columns[j->time.index];
	bool whole = j->edges.step.months || j->edges.step.count % DAY == 0;
	if (!(s->seen & SDP_TIMES_WRITTEN) || s->seen & (SDP_TIMES_CLOCK | SDP_TIMES_COUNTED) ||
	    j->zone_name || (column->fixed && column->type == SDP_DATETIME))
		return false;
	return !j->every || (whole && sdp_floor_mod(j->edges.anchor, DAY) == 0);
}

static enum sdp_time_zone_style style_of(const struct timeseries_plan *j,
					 const struct timeseries_state *s)
{
	bool utc = j->zone_name ? strcmp(j->zone_name, "UTC") == 0 : s->seen & SDP_TIMES_ZONED;
	return utc               ? SDP_TIME_UTC
	       : j->zone_name    ? SDP_TIME_OFFSET
	       : are_dates(j, s) ? SDP_TIME_DATE
				 : SDP_TIME_LOCAL;
}

int timeseries_prepare_output(struct timeseries_plan *j, const struct timeseries_state *s,
			      struct sdp_work *work, struct sdp_err *err)
{
	struct timeseries_output *o = sdp_spill_take(&work->spill, sizeof *o, err);
	if (!o)
		return -1;
	*o = (struct timeseries_output){.plan = j, .state = s, .style = style_of(j, s)};
	o->values = sdp_spill_take(&work->spill, (j->value_count + 1) * sizeof *o->values, err);
	if (!o->values)
		return -1;
	for (size_t i = 0; i < j->value_count; i++)
		o->values[i] = j->values[i].name;
	j->output = o;
	return prepare_buckets(o, work, err) < 0 ? -1 : j->lags ? prepare_acf(o, work, err) : 0;
}

void timeseries_release_output(struct timeseries_plan *j)
{
	release_texts(j->output);
}

struct sdp_lazy_rows *timeseries_lazy_rows(struct timeseries_plan *j, int which)
{
	return which ? &j->output->acf : &j->output->buckets;
}

/* ---- the document ---- */

static void put_warning(cJSON *warnings, uint64_t count, const char *what, struct sdp_err *err)
{
	char text[200];
	snprintf(text, sizeof text, "%s: %" PRIu64, what, count);
	if (count)
		sdp_doc_text(warnings, NULL, text, err);
}

/* Warns of columns that are not used because of a few cells or because they begin with nulls. */
static int warn_of_watched(cJSON *warnings, const struct timeseries_plan *j,
			   const struct timeseries_state *s, struct sdp_err *err)
{
	size_t found = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < j->watched_count; i++) {
		const struct sdp_misfits *m = &s->watched[i];
		char word[SDP_COLUMNS_WORD];
		if (m->values && m->count == 0)
			rc = sdp_warn_in(warnings, err,
					 "column '%s' is not used: it has numbers, but no value in "
					 "the first rows; --value %s uses it",
					 j->schema->columns[j->watched[i]].name,
					 sdp_columns_word(j->schema, j->watched[i], "", word));
		else
			rc = sdp_warn_misfits(warnings, m, j->schema, j->watched[i], "is not used",
					      &found, err);
	}
	return rc == 0 ? sdp_warn_more_misfits(warnings, found, err) : -1;
}

static int put_warnings(cJSON *doc, const struct timeseries_plan *j,
			const struct timeseries_state *s, struct sdp_err *err)
{
	cJSON *warnings = sdp_doc_array(doc, "warnings", err);
	put_warning(warnings, s->twice,
		    "ambiguous local times (the clock was set back), read as the earlier time",
		    err);
	put_warning(warnings, s->never,
		    "nonexistent local times (the clock was set forward), moved forward by the "
		    "same amount",
		    err);
	return warn_of_watched(warnings, j, s, err);
}

/* Returns the unit of times that are numbers. */
static const char *unit_of(const struct timeseries_plan *j, unsigned seen)
{
	if (j->format.kind == SDP_TIMES_NUMBER)
		return sdp_time_units[j->format.digits / 3];
	return sdp_time_units[seen & SDP_TIMES_NS   ? 3
			      : seen & SDP_TIMES_US ? 2
			      : seen & SDP_TIMES_MS ? 1
						    : 0];
}

int timeseries_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct timeseries_plan *j = plan;
	const struct timeseries_state *s = root;
	const char *zone = j->zone_name ? j->zone_name : s->seen & SDP_TIMES_ZONED ? "UTC" : NULL;
	sdp_doc_text(doc, "every", j->every, err);
	if (j->profile)
		sdp_doc_text(doc, "profile", timeseries_profiles[j->profile], err);
	sdp_doc_text(doc, "timezone", zone, err);
	sdp_doc_text(doc, "time", j->time.name, err);
	sdp_doc_count(doc, "rows", s->rows, err);
	sdp_doc_count(doc, "rows_used", s->used, err);
	sdp_doc_count(doc, "rows_dropped", s->rows - s->used, err);
	if (s->seen & SDP_TIMES_COUNTED)
		sdp_doc_text(doc, "time_unit", unit_of(j, s->seen), err);
	sdp_doc_count(doc, "duplicates", j->duplicates, err);
	if (j->every)
		sdp_doc_count(doc, "gaps", j->gaps, err);
	if (j->lags)
		sdp_lazy_rows(doc, "acf", &j->output->acf, err);
	sdp_lazy_rows(doc, "buckets", &j->output->buckets, err);
	return put_warnings(doc, j, s, err);
}

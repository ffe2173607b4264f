/* Turns the options of sdp-timeseries into a plan. */
#include "timeseries.h"

#include "base/names.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/output.h"
#include "table/tz_load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *const timeseries_profiles[] =
	{[PROFILE_HOUR] = "hour", [PROFILE_WEEKDAY] = "weekday", [PROFILE_MONTH] = "month"};

/* Fails because no column has dates or datetimes; -t also takes other times. */
static int fail_time(const struct sdp_schema *schema, struct sdp_err *err)
{
	struct sdp_names names = {0};
	for (size_t i = 0; i < schema->count; i++)
		sdp_names_add(&names, schema->columns[i].name);
	return sdp_fail(err, SDP_USAGE,
			"no column has dates or datetimes: -t names the column of times, which "
			"may be months (1949-01) or counts since 1970; the columns are %s",
			sdp_names_end(&names));
}

static int choose_time(struct timeseries_plan *j, const struct sdp_schema *schema, const char *name,
		       struct sdp_err *err)
{
	size_t index = 0;
	bool seen = false;
	const char *nearly = NULL;
	if (name && sdp_columns_find(schema, name, strlen(name), &index, err) < 0)
		return -1;
	while (!name && index < schema->count) {
		const struct sdp_column *c = &schema->columns[index];
		if ((c->fixed ? sdp_type_class(c->type) : c->guess) == SDP_CLASS_TIME)
			break;
		seen |= c->guess != SDP_CLASS_NONE;
		if (c->guess == SDP_CLASS_TEXT && c->nearly == SDP_CLASS_TIME && !nearly)
			nearly = c->name;
		index++;
	}
	if (index == schema->count && !seen)
		return sdp_fail(
			err, SDP_USAGE,
			"the first rows have no values to find the column of times by: --time "
			"names it");
	if (index == schema->count && nearly)
		return sdp_fail(
			err, SDP_USAGE,
			"no column has only dates or datetimes; '%s' nearly does: --time '%s' "
			"reports its first other cell",
			nearly, nearly);
	if (index == schema->count)
		return fail_time(schema, err);
	j->time = (struct timeseries_column){index, schema->columns[index].name};
	return 0;
}

static int take_columns(struct timeseries_column **columns, size_t *count,
			const struct sdp_schema *schema, const char *list, struct sdp_work *work,
			struct sdp_err *err)
{
	size_t *indices;
	if (!list)
		return 0;
	if (sdp_columns_select(schema, list, &indices, count, err) < 0)
		return -1;
	*columns = sdp_spill_take(&work->spill, (*count + 1) * sizeof **columns, err);
	for (size_t i = 0; *columns && i < *count; i++)
		(*columns)[i] =
			(struct timeseries_column){indices[i], schema->columns[indices[i]].name};
	free(indices);
	return *columns ? 0 : -1;
}

static bool is_used(const struct timeseries_plan *j, size_t index)
{
	bool used = index == j->time.index;
	for (size_t i = 0; i < j->by_count; i++)
		used |= j->by[i].index == index;
	for (size_t i = 0; i < j->value_count; i++)
		used |= j->values[i].index == index;
	return used;
}

/*
 * Chooses the value columns: those of --value, otherwise all numeric columns without another role.
 */
static int choose_values(struct timeseries_plan *j, const struct timeseries_params *p,
			 const struct sdp_schema *schema, struct sdp_work *work,
			 struct sdp_err *err)
{
	if (p->value)
		return take_columns(&j->values, &j->value_count, schema, p->value, work, err);
	if (p->agg && strcmp(p->agg, "count") == 0) {
		j->counting = true;
		return 0;
	}
	struct timeseries_column *values =
		sdp_spill_take(&work->spill, (schema->count + 1) * sizeof *values, err);
	size_t count = 0;
	if (!values)
		return -1;
	for (size_t i = 0; i < schema->count; i++) {
		const struct sdp_column *c = &schema->columns[i];
		if ((c->fixed ? sdp_type_class(c->type) : c->guess) == SDP_CLASS_NUMBER &&
		    !is_used(j, i))
			values[count++] = (struct timeseries_column){i, c->name};
	}
	j->values = values;
	j->value_count = count;
	j->counting = count == 0;
	return 0;
}

/*
 * Finds the columns that are not chosen by default, but would be without a few cells or if they had
 * a value in the first rows.
 */
static int choose_watched(struct timeseries_plan *j, const struct timeseries_params *p,
			  const struct sdp_schema *schema, struct sdp_work *work,
			  struct sdp_err *err)
{
	bool values = !p->value && !(j->counting && !j->needs_value && p->agg);
	j->schema = schema;
	j->watched = sdp_spill_take(&work->spill, (schema->count + 1) * sizeof *j->watched, err);
	for (size_t i = 0; j->watched && i < schema->count; i++) {
		const struct sdp_column *c = &schema->columns[i];
		bool time = c->nearly == SDP_CLASS_TIME && !p->time && i < j->time.index,
		     value = c->nearly == SDP_CLASS_NUMBER && values;
		if (c->guess != c->nearly && (time || value) && !is_used(j, i))
			j->watched[j->watched_count++] = i;
	}
	return j->watched ? 0 : -1;
}

int timeseries_check_values(const struct timeseries_plan *j, const struct timeseries_state *root,
			    struct sdp_err *err)
{
	char text[SDP_MISFITS_TEXT];
	size_t found = 0;
	if (!j->counting || !j->needs_value)
		return 0;
	for (size_t i = 0; root && i < j->watched_count; i++)
		if (root->watched[i].class == SDP_CLASS_NUMBER &&
		    sdp_misfits_warning(&root->watched[i], j->schema, j->watched[i], "is a string",
					&found, text))
			return sdp_fail_at(err, sdp_misfits_place(&root->watched[i]),
					   "no numeric column to %s: %s", j->needs_value, text);
	return sdp_fail(err, SDP_USAGE, "no numeric column to %s: --value names one",
			j->needs_value);
}

static struct sdp_tz *read_zone(const char *name, struct sdp_err *err)
{
	return name ? sdp_tz_load(name, err) : sdp_tz_utc(err);
}

/* Copies the time zone to shared memory, where workers see it. */
static int share_zone(struct timeseries_plan *j, const char *name, struct sdp_work *work,
		      struct sdp_err *err)
{
	struct sdp_tz *zone = read_zone(name, err), *copy;
	if (!zone)
		return -1;
	copy = sdp_spill_take(&work->spill, zone->size, err);
	if (copy)
		memcpy(copy, zone, zone->size);
	free(zone);
	j->zone = copy;
	return copy ? 0 : -1;
}

/*
 * Parses a time on the command line, in the format of the cells or as ISO 8601. It is local if it
 * has no zone.
 */
static int read_bound(struct timeseries_plan *j, const char *option, const char *text,
		      struct timeseries_bound *bound, struct sdp_err *err)
{
	struct sdp_time_format any = {.kind = SDP_TIMES_ANY};
	enum sdp_tz_local how;
	char quoted[128];
	if (!text)
		return 0;
	unsigned seen = sdp_instant_parse(text, strlen(text), &j->format, '.', &bound->second,
					  &bound->nano);
	if (!seen && j->format.kind != SDP_TIMES_ANY)
		seen = sdp_instant_parse(text, strlen(text), &any, '.', &bound->second,
					 &bound->nano) &
		       ~(unsigned)SDP_TIMES_COUNTED;
	if (seen & SDP_TIMES_COUNTED)
		j->counted = option;
	if (!(seen & (SDP_TIMES_WRITTEN | SDP_TIMES_COUNTED)))
		return sdp_fail(err, SDP_USAGE, "%s: not a time: %s", option,
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	bound->given = true;
	if (seen & SDP_TIMES_WRITTEN && seen & SDP_TIMES_ZONED)
		j->zoned = option;
	if (seen & SDP_TIMES_LOCAL)
		bound->second = sdp_tz_instant(j->zone, bound->second, &how);
	return 0;
}

/*
 * Fails for a text of --every that is not a step; of words such as "hour" and "15 minutes" the
 * message names the step.
 */
static int fail_every(const char *text, struct sdp_err *err)
{
	static const char *const units[][2] =
		{{"s", "s"},        {"seconds", "s"},   {"secs", "s"},     {"minutes", "m"},
		 {"mins", "m"},     {"h", "h"},         {"hours", "h"},    {"hrs", "h"},
		 {"hourly", "h"},   {"d", "d"},         {"days", "d"},     {"daily", "d"},
		 {"w", "w"},        {"weeks", "w"},     {"weekly", "w"},   {"mo", "mo"},
		 {"months", "mo"},  {"mos", "mo"},      {"monthly", "mo"}, {"q", "q"},
		 {"quarters", "q"}, {"quarterly", "q"}, {"y", "y"},        {"years", "y"},
		 {"yearly", "y"},   {"annually", "y"}};
	struct sdp_step step;
	size_t digits = strspn(text, "0123456789");
	const char *word = text + digits + strspn(text + digits, " ");
	char quoted[128], meant[32];
	sdp_quote(quoted, sizeof quoted, text, strlen(text));
	for (size_t i = 0; i < sizeof units / sizeof *units && digits < 10; i++) {
		size_t length = strlen(units[i][0]); /* the "s" of a plural may be missing */
		bool plural = length > 2 && units[i][0][length - 1] == 's';
		if (strcasecmp(word, units[i][0]) != 0 &&
		    !(plural && strlen(word) == length - 1 &&
		      strncasecmp(word, units[i][0], length - 1) == 0))
			continue;
		snprintf(meant, sizeof meant, "%.*s%s", digits ? (int)digits : 1,
			 digits ? text : "1", units[i][1]);
		if (sdp_step_parse(meant, &step))
			return sdp_fail(err, SDP_USAGE,
					"--every: not a length of buckets: %s, did you mean %s?",
					quoted, meant);
	}
	return sdp_fail(err, SDP_USAGE,
			"--every: not a whole number of s, m, h, d, w, mo, q or y, at least 1: %s",
			quoted);
}

static int set_edges(struct timeseries_plan *j, const struct timeseries_params *p,
		     struct sdp_err *err)
{
	struct sdp_step step;
	struct timeseries_bound origin = {0};
	if (!p->every)
		return p->profile ? sdp_refuse_given(&p->common, "origin label closed fill",
						     "with --profile", err)
				  : sdp_refuse_given(&p->common, "origin label closed fill agg",
						     "without --every, which makes buckets", err);
	if (!sdp_step_parse(p->every, &step))
		return fail_every(p->every, err);
	if (read_bound(j, "--origin", p->origin, &origin, err) < 0)
		return -1;
	int64_t anchor =
		origin.second + j->zone->stretches[sdp_tz_find(j->zone, origin.second, 0)].offset;
	if (!sdp_time_buckets_init(&j->edges, j->zone, step, origin.given ? &anchor : NULL) ||
	    origin.nano)
		return sdp_fail(err, SDP_USAGE, "--origin: %s",
				origin.nano ? "must be a whole second"
					    : "months must begin by the 28th");
	j->every = p->every;
	return 0;
}

/* Parses --window: a number of points or a span of time. */
static int set_window(struct sdp_window_function *d, const char *text, struct sdp_err *err)
{
	struct sdp_number n;
	struct sdp_step step;
	char quoted[128];
	sdp_number_parse(text, strlen(text), '.', &n);
	if (n.integer && n.mantissa > 0 && n.mantissa <= 1000000000) {
		d->points = (size_t)n.mantissa;
		return 0;
	}
	if (!sdp_step_parse(text, &step))
		return sdp_fail(err, SDP_USAGE,
				"--window: not a count or a span like 12h, at least 1: %s",
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	if (step.months)
		return sdp_fail(
			err, SDP_USAGE,
			"--window: months differ in length; a span is a number of s, m, h, d or w");
	d->seconds = step.count;
	return 0;
}

/* Sets the window function or --acf. Only one of them can be given. */
static int set_derive(struct timeseries_plan *j, const struct timeseries_params *p,
		      struct sdp_err *err)
{
	const struct {
		bool given;
		enum sdp_window_function_kind kind;
		int64_t points;
	} kinds[] = {
		{p->window != NULL, SDP_WINDOW_WINDOW, 0},
		{p->ewma > 0, SDP_WINDOW_EWMA, 0},
		{p->lag > 0, SDP_WINDOW_LAG, p->lag},
		{p->diff > 0, SDP_WINDOW_DIFF, p->diff},
		{p->pct_change > 0, SDP_WINDOW_PCT_CHANGE, p->pct_change},
		{p->cumulative, SDP_WINDOW_CUMULATIVE, 0},
		{p->decompose == DECOMPOSE_ADDITIVE, SDP_WINDOW_ADDITIVE, p->period},
		{p->decompose == DECOMPOSE_MULTIPLICATIVE, SDP_WINDOW_MULTIPLICATIVE, p->period},
	};
	struct sdp_window_function *d = &j->derive;
	int given = p->acf > 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].given) {
			*d = (struct sdp_window_function){.kind = kinds[i].kind,
							  .points = (size_t)kinds[i].points};
			given++;
		}
	if (given > 1)
		return sdp_fail(err, SDP_USAGE,
				"only one of --window, --ewma, --lag, --diff, --pct-change, "
				"--cumulative, --decompose and --acf can be given");
	if ((p->center || p->min_periods) && !p->window)
		return sdp_fail(err, SDP_USAGE, "--center and --min-periods need --window");
	if (!p->decompose != !p->period)
		return sdp_fail(err, SDP_USAGE, "--decompose and --period need each other");
	j->lags = (size_t)p->acf;
	d->alpha = p->ewma;
	d->center = p->center;
	if (!p->window)
		return 0;
	if (set_window(d, p->window, err) < 0)
		return -1;
	if (d->points && (size_t)p->min_periods > d->points)
		return sdp_fail(err, SDP_USAGE,
				"--min-periods: %" PRId64 " is more than --window %zu",
				p->min_periods, d->points);
	d->min_periods = p->min_periods ? (size_t)p->min_periods : d->seconds ? 1 : d->points;
	return 0;
}

/* Chooses the aggregate that window functions use: the first of --agg, otherwise the mean. */
static void choose_aggregate(struct timeseries_plan *j, const struct timeseries_params *p)
{
	bool series = j->derive.kind != SDP_WINDOW_NOT || j->lags;
	while (!p->agg && j->aggregates.items[j->aggregate].what != SDP_AGGREGATE_MEAN)
		j->aggregate++;
	/* Window functions count positions, so empty buckets must be there, too. */
	if (series && p->every && j->fill.kind == SDP_FILL_NOT)
		j->fill.kind = SDP_FILL_NULL;
	j->aggregates.exact = j->derive.kind != SDP_WINDOW_NOT || j->fill.kind == SDP_FILL_LINEAR;
}

/* Sets everything that does not depend on columns. The plan has its zone already. */
static int set_options(struct timeseries_plan *j, const struct timeseries_params *p,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	if (set_derive(j, p, err) < 0)
		return -1;
	j->plan.samples = !p->every && !p->profile;
	if (p->every && p->profile)
		return sdp_fail(err, SDP_USAGE, "only one of --every and --profile can be given");
	if (j->plan.samples && j->derive.kind == SDP_WINDOW_NOT && !j->lags)
		return sdp_fail(err, SDP_USAGE,
				"one of --every (length of buckets) and --profile must be given");
	if (p->profile && (j->derive.kind != SDP_WINDOW_NOT || j->lags))
		return sdp_fail(err, SDP_USAGE,
				"--profile cannot be combined with an option that needs a series");
	j->profile = p->profile;
	j->zone_name = p->tz;
	j->right_closed = p->closed == CLOSED_RIGHT;
	j->label_end = p->label == LABEL_END;
	if (sdp_time_format_init(&j->format, p->time_format, err) < 0 || set_edges(j, p, err) < 0 ||
	    read_bound(j, "--from", p->from, &j->from, err) < 0 ||
	    read_bound(j, "--to", p->to, &j->to, err) < 0 ||
	    sdp_fill_init(&j->fill, p->fill, spill, err) < 0)
		return -1;
	if (j->from.given && j->to.given &&
	    (j->from.second > j->to.second ||
	     (j->from.second == j->to.second && j->from.nano > j->to.nano)))
		return sdp_fail(err, SDP_USAGE, "--from is later than --to");
	if (sdp_aggregate_list_init(&j->aggregates, p->agg, err) < 0)
		return -1;
	choose_aggregate(j, p);
	return 0;
}

/* Returns whether a column of this name would hide a member of the rows. */
static bool hides_field(const struct timeseries_plan *j, const char *name)
{
	static const char *const fields[] = {"value",    "count", "x",         "lag",       "acf",
					     "acf_band", "pacf",  "pacf_band", "ljung_box", "p"};
	const char *time = j->profile     ? timeseries_profiles[j->profile]
			   : j->label_end ? "end"
					  : "start";
	const char *const *names;
	size_t n = sdp_window_function_names(&j->derive, &names),
	       common = j->lags ? sizeof fields / sizeof *fields : 3;
	bool found = strcmp(time, name) == 0;
	for (size_t i = 0; i < common; i++)
		found |= strcmp(fields[i], name) == 0;
	for (size_t i = 0; i < j->aggregates.count; i++)
		found |= strcmp(sdp_aggregate_label(&j->aggregates, i), name) == 0;
	for (size_t i = 0; i < n; i++)
		found |= strcmp(names[i], name) == 0;
	return found;
}

/* Refuses columns of --by whose names would hide other members of the rows. */
static int check_by_names(const struct timeseries_plan *j, struct sdp_err *err)
{
	for (size_t i = 0; i < j->by_count; i++) {
		if (hides_field(j, j->by[i].name))
			return sdp_fail(err, SDP_USAGE,
					"--by: column '%s' would hide the field of the same name",
					j->by[i].name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(j->by[k].name, j->by[i].name) == 0)
				return sdp_fail(err, SDP_DATA,
						"--by: two columns are named '%s': rename one",
						j->by[i].name);
	}
	return 0;
}

int timeseries_check(const struct timeseries_params *p, struct sdp_err *err)
{
	struct sdp_tz *zone = read_zone(p->tz, err);
	struct timeseries_plan j = {.zone = zone};
	int rc = zone ? set_options(&j, p, NULL, err) : -1;
	free(zone);
	return rc;
}

int timeseries_open(const struct timeseries_params *p, const struct sdp_schema *schema,
		    struct sdp_work *work, struct timeseries_plan *j, struct sdp_err *err)
{
	enum sdp_doc_format format;
	if (share_zone(j, p->tz, work, err) < 0 || set_options(j, p, &work->spill, err) < 0 ||
	    choose_time(j, schema, p->time, err) < 0 ||
	    take_columns(&j->by, &j->by_count, schema, p->by, work, err) < 0 ||
	    choose_values(j, p, schema, work, err) < 0)
		return -1;
	if (j->derive.kind != SDP_WINDOW_NOT || j->lags)
		j->needs_value = "make a series of";
	else if (p->agg && strcmp(p->agg, "count") != 0)
		j->needs_value = "aggregate";
	if (check_by_names(j, err) < 0 || choose_watched(j, p, schema, work, err) < 0 ||
	    (j->watched_count == 0 && timeseries_check_values(j, NULL, err) < 0))
		return -1;
	j->by_types = sdp_spill_take(&work->spill, (j->by_count + 1) * sizeof *j->by_types, err);
	j->wide = sdp_spill_take(&work->spill, j->value_count + 1, err);
	if (!j->by_types || !j->wide || sdp_output_format(&p->common, &format, err) < 0)
		return -1;
	j->table = format == SDP_DOC_TABLE;
	j->plan.columns = j->value_count;
	j->plan.ends = j->aggregates.ends;
	j->plan.keys = j->aggregates.keys;
	j->plan.step =
		p->every ? (uint64_t)j->edges.step.count * (j->edges.step.months ? 30 * 86400 : 1)
			 : 1;
	j->plan.memory = p->common.max_memory ? p->common.max_memory : UINT64_MAX;
	return 0;
}

/* sdp-timeseries: aggregates values over buckets of time. */
#include "timeseries.h"

#include "sdp/run.h"

#include <stddef.h>
#include <string.h>

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	struct timeseries_plan *j = sdp_spill_take(&work->spill, sizeof *j, err);
	if (!j || timeseries_open(params, schema, work, j, err) < 0)
		return -1;
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading", .share = 0.8};
	*plan = j;
	return 0;
}

static size_t state_size(const void *plan)
{
	const struct timeseries_plan *j = plan;
	return sizeof(struct timeseries_state) + j->watched_count * sizeof(struct sdp_misfits) +
	       j->by_count * sizeof(unsigned) + j->value_count;
}

static int init(const void *plan, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct timeseries_plan *j = plan;
	struct timeseries_state *s = state;
	(void)work;
	(void)err;
	s->watched = (struct sdp_misfits *)(void *)(s + 1);
	s->by_seen = (unsigned *)(void *)(s->watched + j->watched_count);
	s->wide = (bool *)(s->by_seen + j->by_count);
	return 0;
}

static void merge_look(struct timeseries_look *a, const struct timeseries_look *b)
{
	uint64_t count = a->count + b->count;
	if (a->count == 0 || (b->count && b->chunk < a->chunk))
		*a = *b;
	a->count = count;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct timeseries_plan *j = plan;
	struct timeseries_state *a = into, *b = from;
	a->rows += b->rows;
	a->used += b->used;
	a->no_time += b->no_time;
	a->outside += b->outside;
	a->twice += b->twice;
	a->never += b->never;
	a->seen |= b->seen;
	for (int i = 0; i < SDP_TIME_LOOKS; i++)
		merge_look(&a->looks[i], &b->looks[i]);
	for (size_t i = 0; i < j->by_count; i++)
		a->by_seen[i] |= b->by_seen[i];
	for (size_t i = 0; i < j->watched_count; i++)
		sdp_misfits_merge(&a->watched[i], &b->watched[i]);
	for (size_t i = 0; i < j->value_count; i++)
		a->wide[i] |= b->wide[i];
	while (b->parts) {
		struct timeseries_part *next = b->parts->next;
		b->parts->next = a->parts;
		a->parts = b->parts;
		b->parts = next;
	}
	sdp_duplicate_times_merge(&a->repeats, &b->repeats);
	a->distinct += b->distinct;
	a->placed += b->placed;
	a->hash_most = a->hash_most > b->hash_most ? a->hash_most : b->hash_most;
	a->hash_least = a->hash_least > b->hash_least ? a->hash_least : b->hash_least;
	a->full |= b->full;
	if (sdp_value_store_merge(&a->times, &b->times, &work->spill, err) < 0)
		return -1;
	/* A series that does not fit is read again. */
	return a->full ? 0
		       : sdp_bucket_table_merge(&a->series, &b->series, &j->plan, &work->spill,
						err);
}

static int item(const void *plan, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct timeseries_plan *j = plan;
	struct timeseries_state *s = state;
	if (j->times && number-- == 0) {
		struct sdp_quantiles_result order;
		int rc = sdp_quantiles_solve(j->times, &work->spill, work->memory, NULL, 0, &order,
					     err);
		s->distinct = order.unique;
		return rc;
	}
	size_t from = number * TIMESERIES_ITEM, end = from + TIMESERIES_ITEM < j->slot_count
							      ? from + TIMESERIES_ITEM
							      : j->slot_count;
	size_t stride = j->aggregates.count + 1;
	struct timeseries_part *part = sdp_spill_take(&work->spill, sizeof *part, err);
	if (!part)
		return -1;
	part->aggregates =
		sdp_spill_take(&work->spill,
			       (end - from) * j->value_count * stride * sizeof *part->aggregates,
			       err);
	if (!part->aggregates)
		return -1;
	struct sdp_aggregate *out = part->aggregates;
	for (size_t i = from; i < end; i++)
		for (size_t c = 0; c < j->value_count; c++, out += stride)
			if (sdp_aggregates_make(&j->aggregates, &j->plan, j->slots[i], c,
						&work->spill, work->memory, out, err) < 0)
				return -1;
	part->item = number;
	part->next = s->parts;
	s->parts = part;
	return 0;
}

/* Sets up a pass. Its items are the counting of the times, if necessary, and ranges of slots. */
static void next_items(const struct timeseries_plan *j, struct sdp_pass *next)
{
	size_t items = (j->slot_count + TIMESERIES_ITEM - 1) / TIMESERIES_ITEM + (j->times != NULL);
	*next = (struct sdp_pass){items ? SDP_PASS_ITEMS : SDP_PASS_DONE, items, "figures", false,
				  0};
}

/*
 * If columns turned out to have wide numbers, forgets what was read and notes these columns, so
 * that everything is read again.  Returns whether there are any.
 */
static bool read_wide(struct timeseries_plan *j, struct timeseries_state *s, struct sdp_work *work)
{
	bool again = false;
	for (size_t i = 0; i < j->value_count; i++) {
		again |= s->wide[i];
		j->wide[i] |= s->wide[i];
		s->wide[i] = false;
	}
	if (!again)
		return false;
	timeseries_forget(j, s, work);
	memset(s->by_seen, 0, j->by_count * sizeof *s->by_seen);
	memset(s->watched, 0, j->watched_count * sizeof *s->watched);
	*s = (struct timeseries_state){.watched = s->watched,
				       .by_seen = s->by_seen,
				       .wide = s->wide};
	return true;
}

/* After the rows were read: orders them, unless they are read again. */
static int begin_figures(struct timeseries_plan *j, struct timeseries_state *s,
			 struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	if (!s->full && timeseries_order(j, s, work, err) < 0)
		return -1;
	next_items(j, next);
	return 0;
}

/* After the first pass over the rows. */
static int after_reading(struct timeseries_plan *j, struct timeseries_state *s,
			 struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	if (timeseries_check_values(j, s, err) < 0 || timeseries_check_times(j, s, err) < 0)
		return -1;
	int sorted = sdp_duplicate_times_count(&s->repeats, &j->duplicates, err);
	if (sorted < 0)
		return -1;
	if (s->full)
		timeseries_forget(j, s, work);
	if (sorted)
		return begin_figures(j, s, work, next, err);
	j->counting_times = true;
	*next = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "counting times", false, 0.7};
	return 0;
}

/* After the figures: makes the rows, of all groups or of a part of them. */
static int end_figures(struct timeseries_plan *j, struct timeseries_state *s, struct sdp_work *work,
		       struct sdp_pass *next, struct sdp_err *err)
{
	if (j->times)
		j->duplicates = s->used - s->distinct;
	j->times = NULL;
	int rc = s->full ? sdp_bucket_table_fail(&j->plan, err),
	    1            : timeseries_finish(j, s, work, err);
	return rc < 0 || (rc == 0 && !j->part.on)
		       ? rc
		       : timeseries_next_part(j, s, rc > 0, work, next, err);
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct timeseries_plan *j = plan;
	struct timeseries_state *s = root;
	bool read = next->kind == SDP_PASS_CHUNKS;
	if (read && read_wide(j, s, work)) {
		*next = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "reading again", false, 0.8};
		return 0;
	}
	next->kind = SDP_PASS_DONE;
	int rc = 0;
	if (read && j->counting_times) {
		j->counting_times = false;
		j->times = &s->times;
		rc = begin_figures(j, s, work, next, err);
	} else if (read) {
		rc = j->part.on ? begin_figures(j, s, work, next, err)
				: after_reading(j, s, work, next, err);
	}
	return rc < 0 || next->kind != SDP_PASS_DONE ? rc : end_figures(j, s, work, next, err);
}

static const struct sdp_task task = {
	.name = "time_series",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = timeseries_update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = timeseries_emit,
};

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	if (timeseries_check(params, err) < 0)
		return -1;
	struct sdp_source *source = sdp_run_open(params, count, operands, err);
	int rc = source ? sdp_run_document_on(&task, params, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

#define AT(member) offsetof(struct timeseries_params, member)

static const struct sdp_option options[] = {
	{'t', "time", SDP_TEXT, AT(time), "COL", NULL, NULL, 0, 0,
	 "column of times; by default the first column of dates or datetimes"},
	{0, "time-format", SDP_TEXT, AT(time_format), "FORMAT", NULL, NULL, 0, 0,
	 "s, ms, us or ns since 1970, or a strptime pattern; strptime(3)"},
	{0, "tz", SDP_TEXT, AT(tz), "ZONE", NULL, NULL, 0, 0,
	 "time zone, such as Europe/Berlin; of buckets and of times without a zone"},
	{0, "value", SDP_TEXT, AT(value), "LIST", NULL, NULL, 0, 0,
	 "columns of numbers; by default all numeric columns"},
	{0, "by", SDP_TEXT, AT(by), "LIST", NULL, NULL, 0, 0, "columns whose values form groups"},
	{0, "every", SDP_TEXT, AT(every), "STEP", NULL, NULL, 0, 0,
	 "length of a bucket: 30s, 5m, 1h, 1d, 1w, 1mo, 1q, 1y"},
	{0, "origin", SDP_TEXT, AT(origin), "TIME", NULL, NULL, 0, 0,
	 "a time at which a bucket begins"},
	{0, "label", SDP_CHOICE, AT(label), "start|end", NULL, "start", 0, 0,
	 "which end of a bucket is printed"},
	{0, "closed", SDP_CHOICE, AT(closed), "left|right", NULL, "left", 0, 0,
	 "which end belongs to a bucket"},
	{0, "agg", SDP_TEXT, AT(agg), "LIST", NULL, NULL, 0, 0,
	 "statistics of each bucket; by default count,mean,min,max,sum,stddev"},
	{0, "profile", SDP_CHOICE, AT(profile), "hour|weekday|month", NULL, NULL, PROFILE_HOUR, 0,
	 "buckets by hour of day, day of week or month"},
	{0, "from", SDP_TEXT, AT(from), "TIME", NULL, NULL, 0, 0,
	 "use only rows from this time on"},
	{0, "to", SDP_TEXT, AT(to), "TIME", NULL, NULL, 0, 0, "use only rows before this time"},
	{0, "fill", SDP_TEXT, AT(fill), "HOW", NULL, NULL, 0, 0,
	 "empty buckets: null, zero, previous, next, linear, N; they are printed with this value"},
	{0, "window", SDP_TEXT, AT(window), "N|SPAN", NULL, NULL, 0, 0,
	 "statistics of the last N buckets or a span: 12, 7d"},
	{0, "center", SDP_FLAG, AT(center), NULL, NULL, NULL, 0, 0,
	 "center each window on its point"},
	{0, "min-periods", SDP_INTEGER, AT(min_periods), "N", "values", NULL, 1, 1e9,
	 "minimum number of values in a window; by default N, or 1 for a span"},
	{0, "ewma", SDP_REAL, AT(ewma), "ALPHA", NULL, NULL, 1e-9, 1,
	 "exponentially weighted moving average"},
	{0, "lag", SDP_INTEGER, AT(lag), "N", "points", NULL, 1, 1e9,
	 "the value N buckets or rows earlier"},
	{0, "diff", SDP_INTEGER, AT(diff), "N", "points", NULL, 1, 1e9,
	 "difference from the value N buckets or rows earlier"},
	{0, "pct-change", SDP_INTEGER, AT(pct_change), "N", "points", NULL, 1, 1e9,
	 "the same difference as a fraction of that value"},
	{0, "cumulative", SDP_FLAG, AT(cumulative), NULL, NULL, NULL, 0, 0, "the running sum"},
	{0, "acf", SDP_INTEGER, AT(acf), "LAGS", NULL, NULL, 1, 100000,
	 "autocorrelations up to lag LAGS; with partial ones and the Ljung-Box test"},
	{0, "decompose", SDP_CHOICE, AT(decompose), "additive|multiplicative", NULL, NULL,
	 DECOMPOSE_ADDITIVE, 0, "trend, seasonal and residual components; by moving averages"},
	{0, "period", SDP_INTEGER, AT(period), "N", "points", NULL, 2, 1e9,
	 "length of the season, for --decompose"},
	{0},
};

static const char *const examples[] = {
	"sdp-sample flights | sdp-timeseries -t time_hour --value dep_delay --every 1d",
	"sdp-timeseries --every 1mo --agg sum --decompose additive --period 12 sales.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"series", "time value by tz time-format from to"},
	{"buckets", "every agg fill profile origin label closed"},
	{"windows", "window center min-periods ewma cumulative"},
	{"changes", "lag diff pct-change"},
	{"structure", "acf decompose period"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "buckets acf warnings"},
	{"agg",
	 "count mean min max sum stddev variance first last range median unique q10 q90 ohlc"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-timeseries",
	.summary = "aggregate and analyse time series",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_MEMORY |
		  SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct timeseries_params),
	.task = &task,
	.run = run,
};

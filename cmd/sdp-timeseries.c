/* sdp-timeseries: figures by buckets of time. */
#include "timeseries.h"

#include "sdp/calendar.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "sdp/zoneinfo.h"

#include <stddef.h>
#include <string.h>

enum {
	ITEM = 512,     /* slots */
	ROW_BYTES = 256, /* of the document's row, and of each figure in it: about what they take */
	FIGURE_BYTES = 192,
};

/* ---- opening ---- */

static int choose_time(struct timeseries_job *j, const struct sdp_schema *schema, const char *name,
		       struct sdp_err *err)
{
	size_t index = 0;
	if (name && sdp_columns_find(schema, name, strlen(name), &index, err) < 0)
		return -1;
	while (!name && index < schema->count) {
		const struct sdp_column *c = &schema->columns[index];
		if ((c->fixed ? sdp_type_class(c->type) : c->guess) == SDP_CLASS_TIME)
			break;
		index++;
	}
	if (index == schema->count)
		return sdp_fail(err, SDP_USAGE, "no column looks like times: --time names it");
	j->time = (struct timeseries_column){index, schema->columns[index].name};
	return 0;
}

static int take_columns(struct timeseries_column **columns, size_t *count, const struct sdp_schema *schema,
			const char *list, struct sdp_work *work, struct sdp_err *err)
{
	size_t *indices;
	if (!list)
		return 0;
	if (sdp_columns_select(schema, list, &indices, count, err) < 0)
		return -1;
	*columns = sdp_store_take(&work->store, (*count + 1) * sizeof **columns, err);
	for (size_t i = 0; *columns && i < *count; i++)
		(*columns)[i] = (struct timeseries_column){indices[i], schema->columns[indices[i]].name};
	free(indices);
	return *columns ? 0 : -1;
}

static bool is_used(const struct timeseries_job *j, size_t index)
{
	bool used = index == j->time.index;
	for (size_t i = 0; i < j->by_count; i++)
		used |= j->by[i].index == index;
	for (size_t i = 0; i < j->value_count; i++)
		used |= j->values[i].index == index;
	return used;
}

/* Without --value every column of numbers that is not something else. */
static int choose_values(struct timeseries_job *j, const struct timeseries_params *p, const struct sdp_schema *schema,
			 struct sdp_work *work, struct sdp_err *err)
{
	if (p->value)
		return take_columns(&j->values, &j->value_count, schema, p->value, work, err);
	if (p->agg && strcmp(p->agg, "count") == 0) {
		j->counting = true;
		return 0;
	}
	struct timeseries_column *values = sdp_store_take(&work->store, (schema->count + 1) * sizeof *values, err);
	size_t count = 0;
	if (!values)
		return -1;
	for (size_t i = 0; i < schema->count; i++) {
		const struct sdp_column *c = &schema->columns[i];
		if ((c->fixed ? sdp_type_class(c->type) : c->guess) == SDP_CLASS_NUMBER && !is_used(j, i))
			values[count++] = (struct timeseries_column){i, c->name};
	}
	j->values = values;
	j->value_count = count;
	j->counting = count == 0;
	return 0;
}

static int list_used(struct timeseries_job *j, const struct sdp_schema *schema, struct sdp_work *work,
		     struct sdp_err *err)
{
	j->used = sdp_store_take(&work->store, (schema->count + 1) * sizeof *j->used, err);
	for (size_t i = 0; j->used && i < schema->count; i++)
		if (is_used(j, i))
			j->used[j->used_count++] = i;
	return j->used ? 0 : -1;
}

static int load_zone(struct timeseries_job *j, const char *name, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_zone *zone = name ? sdp_zoneinfo_load(name, err) : sdp_zone_utc(err), *copy;
	if (!zone)
		return -1;
	copy = sdp_store_take(&work->store, zone->size, err);
	if (copy)
		memcpy(copy, zone, zone->size);
	free(zone);
	j->zone = copy;
	j->zone_name = name;
	return copy ? 0 : -1;
}

/* A time on the command line, local where it has no zone. */
static int read_bound(const struct timeseries_job *j, const char *option, const char *text,
		      struct timeseries_bound *bound, struct sdp_err *err)
{
	struct sdp_time_format any = {.kind = SDP_TIMES_ANY};
	enum sdp_zone_local how;
	char quoted[128];
	if (!text)
		return 0;
	unsigned seen = sdp_instant_parse(text, strlen(text), &any, '.', &bound->second, &bound->nano);
	if (!seen)
		return sdp_fail(err, SDP_USAGE, "%s: not a time: %s", option,
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	bound->given = true;
	if (seen & SDP_TIMES_LOCAL)
		bound->second = sdp_zone_instant(j->zone, bound->second, &how);
	return 0;
}

static int set_edges(struct timeseries_job *j, const struct timeseries_params *p, struct sdp_err *err)
{
	struct sdp_step step;
	struct timeseries_bound origin = {0};
	char quoted[128];
	if (!p->every)
		return p->origin || p->fill ? sdp_fail(err, SDP_USAGE, "--origin and --fill need --every") : 0;
	if (!sdp_step_parse(p->every, &step))
		return sdp_fail(err, SDP_USAGE, "--every: not a number of s, m, h, d, w, mo, q or y: %s",
				sdp_quote(quoted, sizeof quoted, p->every, strlen(p->every)));
	if (read_bound(j, "--origin", p->origin, &origin, err) < 0)
		return -1;
	int64_t anchor = origin.second + j->zone->stretches[sdp_zone_find(j->zone, origin.second, 0)].offset;
	if (!sdp_edges_init(&j->edges, j->zone, step, origin.given ? &anchor : NULL) || origin.nano)
		return sdp_fail(err, SDP_USAGE, "--origin: %s", origin.nano ? "a whole second, please"
									   : "months cannot begin after the 28th");
	j->every = p->every;
	return 0;
}

static int set_options(struct timeseries_job *j, const struct timeseries_params *p, struct sdp_work *work,
		       struct sdp_err *err)
{
	static const char *const profiles[] = {
		[PROFILE_HOUR] = "hour", [PROFILE_WEEKDAY] = "weekday", [PROFILE_MONTH] = "month"};
	if (!p->every == !p->profile)
		return sdp_fail(err, SDP_USAGE, "either --every says how long buckets are, or --profile what they are");
	for (int i = PROFILE_HOUR; p->profile && i <= PROFILE_MONTH; i++)
		if (strcmp(p->profile, profiles[i]) == 0)
			j->profile = (enum timeseries_profile)i;
	j->right_closed = strcmp(p->closed, "right") == 0;
	j->label_end = strcmp(p->label, "end") == 0;
	if (sdp_time_format_init(&j->format, p->time_format, err) < 0 || load_zone(j, p->tz, work, err) < 0 ||
	    set_edges(j, p, err) < 0 || read_bound(j, "--from", p->from, &j->from, err) < 0 ||
	    read_bound(j, "--to", p->to, &j->to, err) < 0 || sdp_fill_init(&j->fill, p->fill, err) < 0)
		return -1;
	return sdp_figure_list_init(&j->figures, p->agg, err);
}

static int open_job(const void *params, const struct sdp_schema *schema, struct sdp_work *work, void **job,
		    struct sdp_pass *first, struct sdp_err *err)
{
	const struct timeseries_params *p = params;
	struct timeseries_job *j = sdp_store_take(&work->store, sizeof *j, err);
	if (!j || set_options(j, p, work, err) < 0 || choose_time(j, schema, p->time, err) < 0 ||
	    take_columns(&j->by, &j->by_count, schema, p->by, work, err) < 0 ||
	    choose_values(j, p, schema, work, err) < 0 || list_used(j, schema, work, err) < 0)
		return -1;
	j->integer = sdp_store_take(&work->store, j->by_count + 1, err);
	if (!j->integer)
		return -1;
	j->plan = (struct sdp_series_plan){
		.columns = j->value_count, .ends = j->figures.ends, .keys = j->figures.keys,
		.step = j->profile ? 1 : (uint64_t)j->edges.step.count * (j->edges.step.months ? 30 * 86400 : 1),
		.memory = 4 * (uint64_t)work->workers * work->memory,
	};
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading"};
	*job = j;
	return 0;
}

/* ---- states ---- */

static size_t state_size(const void *job)
{
	const struct timeseries_job *j = job;
	return sizeof(struct timeseries_state) + j->by_count * sizeof(unsigned);
}

static int init(const void *job, void *state, struct sdp_work *work, struct sdp_err *err)
{
	struct timeseries_state *s = state;
	(void)job;
	(void)work;
	(void)err;
	s->by_seen = (unsigned *)(void *)(s + 1);
	return 0;
}

static int merge(const void *job, void *into, void *from, struct sdp_work *work, struct sdp_err *err)
{
	const struct timeseries_job *j = job;
	struct timeseries_state *a = into, *b = from;
	a->rows += b->rows;
	a->used += b->used;
	a->no_time += b->no_time;
	a->outside += b->outside;
	a->twice += b->twice;
	a->never += b->never;
	a->seen |= b->seen;
	for (size_t i = 0; i < j->by_count; i++)
		a->by_seen[i] |= b->by_seen[i];
	while (b->parts) {
		struct timeseries_part *next = b->parts->next;
		b->parts->next = a->parts;
		a->parts = b->parts;
		b->parts = next;
	}
	return sdp_series_merge(&a->series, &b->series, &j->plan, &work->store, err);
}

static int item(const void *job, void *state, size_t number, struct sdp_work *work, struct sdp_err *err)
{
	const struct timeseries_job *j = job;
	struct timeseries_state *s = state;
	size_t from = number * ITEM, end = from + ITEM < j->slot_count ? from + ITEM : j->slot_count;
	size_t stride = j->figures.count + 1;
	struct timeseries_part *part = sdp_store_take(&work->store, sizeof *part, err);
	if (!part)
		return -1;
	part->figures = sdp_store_take(&work->store, (end - from) * j->value_count * stride * sizeof *part->figures, err);
	if (!part->figures)
		return -1;
	struct sdp_figure *out = part->figures;
	for (size_t i = from; i < end; i++)
		for (size_t c = 0; c < j->value_count; c++, out += stride)
			if (sdp_figures_make(&j->figures, &j->plan, j->slots[i], c, &work->store, work->memory, out, err) < 0)
				return -1;
	part->item = number;
	part->next = s->parts;
	s->parts = part;
	return 0;
}

/* ---- after reading ---- */

/* Do the times of the whole column go together? */
static int judge_times(const struct timeseries_job *j, unsigned seen, struct sdp_err *err)
{
	const char *name = j->time.name;
	unsigned units = seen & (SDP_TIMES_S | SDP_TIMES_MS | SDP_TIMES_US | SDP_TIMES_NS);
	bool counted = seen & SDP_TIMES_COUNTED;
	if (seen & SDP_TIMES_LOCAL && seen & SDP_TIMES_ZONED && !counted && !j->zone_name)
		return sdp_fail(err, SDP_DATA,
				"column '%s': times with and without a zone cannot be compared; --tz says where the latter are",
				name);
	if (counted && seen & SDP_TIMES_WRITTEN)
		return sdp_fail(err, SDP_DATA, "column '%s': some times are numbers and some are not; --time-format?", name);
	if (!counted || j->format.kind != SDP_TIMES_ANY)
		return 0;
	if (units & (units - 1))
		return sdp_fail(err, SDP_DATA,
				"column '%s': numbers of too different size to tell what they count; --time-format s, ms, us or ns says it",
				name);
	if (!(seen & SDP_TIMES_NOT_YEAR))
		return sdp_fail(err, SDP_DATA, "column '%s': are these numbers years (--time-format %%Y) or seconds (s)?", name);
	if (!(seen & SDP_TIMES_NOT_DATE))
		return sdp_fail(err, SDP_DATA, "column '%s': are these numbers dates (--time-format %%Y%%m%%d) or seconds (s)?",
				name);
	return 0;
}

/* The order of groups: by columns; nulls last; integers by value. */
static int compare_cells(struct timeseries_cell a, struct timeseries_cell b, bool integer)
{
	if (!a.text || !b.text)
		return !a.text - !b.text;
	size_t n = a.length < b.length ? a.length : b.length;
	int bytes = memcmp(a.text, b.text, n);
	if (bytes == 0)
		bytes = (a.length > b.length) - (a.length < b.length);
	struct sdp_number x, y;
	sdp_number_parse(a.text, integer ? a.length : 0, '.', &x);
	sdp_number_parse(b.text, integer ? b.length : 0, '.', &y);
	return x.mantissa != y.mantissa ? (x.mantissa > y.mantissa ? 1 : -1) : bytes;
}

struct ranked {
	const struct timeseries_job *job;
	const char *key;
	uint32_t group;
};

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const char *k = x->key, *l = y->key;
	int order = 0;
	for (size_t i = 0; order == 0 && i < x->job->by_count; i++)
		order = compare_cells(timeseries_key_cell(&k), timeseries_key_cell(&l), x->job->integer[i]);
	return order;
}

static int by_place(const void *a, const void *b)
{
	const struct sdp_slot *const *x = a, *const *y = b;
	if ((*x)->mark != (*y)->mark)
		return (*x)->mark > (*y)->mark ? 1 : -1;
	return ((*x)->start > (*y)->start) - ((*x)->start < (*y)->start);
}

/* Slots in the document's order; their marks become the ranks of their groups. */
static int sort_slots(struct timeseries_job *j, const struct timeseries_state *s, struct sdp_work *work,
		      struct sdp_err *err)
{
	const struct sdp_groups *groups = &s->series.groups;
	struct ranked *ranked = sdp_alloc(groups->count, sizeof *ranked, err);
	uint32_t *rank = sdp_alloc((size_t)groups->count + 1, sizeof *rank, err);
	j->slots = sdp_store_take(&work->store, (s->series.count + 1) * sizeof *j->slots, err);
	int rc = ranked && rank && j->slots ? 0 : -1;
	bool sorted = true;
	for (uint32_t i = 0; rc == 0 && i < groups->count; i++)
		ranked[i] = (struct ranked){j, groups->list[i].key, i};
	if (rc == 0)
		qsort(ranked, groups->count, sizeof *ranked, by_key);
	for (uint32_t i = 0; rc == 0 && i < groups->count; i++)
		rank[ranked[i].group] = i;
	for (size_t i = 0; rc == 0 && i < s->series.capacity; i++) {
		struct sdp_slot *slot = s->series.table[i];
		if (slot) {
			slot->mark = rank[slot->group];
			j->slots[j->slot_count++] = slot;
		}
	}
	for (size_t i = 1; i < j->slot_count && sorted; i++)
		sorted = by_place(&j->slots[i - 1], &j->slots[i]) < 0;
	if (rc == 0 && !sorted)
		qsort(j->slots, j->slot_count, sizeof *j->slots, by_place);
	free(ranked);
	free(rank);
	return rc;
}

/* The figures that the workers made, in order. */
static int make_timeline(struct timeseries_job *j, const struct timeseries_state *s, struct sdp_work *work,
			 struct sdp_err *err)
{
	struct sdp_timeline *t = &j->timeline;
	*t = (struct sdp_timeline){j->slot_count, j->value_count, j->figures.count + 1, NULL};
	t->rows = sdp_store_take(&work->store, (t->count + 1) * sizeof *t->rows, err);
	if (!t->rows)
		return -1;
	for (const struct timeseries_part *p = s->parts; p; p = p->next) {
		size_t from = p->item * ITEM, end = from + ITEM < t->count ? from + ITEM : t->count;
		for (size_t i = from; i < end; i++) {
			const struct sdp_slot *slot = j->slots[i];
			t->rows[i] = (struct sdp_timeline_row){slot->start, slot->group, slot->rows,
							       p->figures + (i - from) * t->columns * t->stride};
		}
	}
	return 0;
}

static int fill(struct timeseries_job *j, struct sdp_work *work, struct sdp_err *err)
{
	size_t stretch = 0, row_bytes = ROW_BYTES + j->value_count * (ROW_BYTES + j->figures.count * FIGURE_BYTES);
	size_t limit = j->plan.memory / row_bytes;
	int64_t from = 0, to = 0;
	if (j->timeline.count > limit)
		return sdp_fail(err, SDP_SYSTEM, "a document of %zu buckets is more than --max-memory holds: longer ones, or more memory",
				j->timeline.count);
	if (j->fill.kind == SDP_FILL_NOT)
		return 0;
	if (j->from.given)
		from = sdp_edges_around(&j->edges, j->from.second, &stretch).start;
	if (j->to.given)
		to = j->to.second + (j->to.nano > 0);
	return sdp_timeline_fill(&j->timeline, &j->figures, &j->edges, &j->fill, j->from.given ? &from : NULL,
				 j->to.given ? &to : NULL, limit, &work->store, err);
}

static int step(void *job, void *root, struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	struct timeseries_job *j = job;
	struct timeseries_state *s = root;
	if (next->kind == SDP_PASS_CHUNKS) {
		for (size_t i = 0; i < j->by_count; i++)
			j->integer[i] = sdp_type_of(s->by_seen[i]) == SDP_INTEGER_TYPE;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, 0, "figures", false};
		if (judge_times(j, s->seen, err) < 0 || sort_slots(j, s, work, err) < 0)
			return -1;
		next->items = (j->slot_count + ITEM - 1) / ITEM;
		if (next->items > 0)
			return 0;
	}
	next->kind = SDP_PASS_DONE;
	return make_timeline(j, s, work, err) < 0 ? -1 : fill(j, work, err);
}

static const struct sdp_task task = {
	.name = "time_series", .open = open_job, .state_size = state_size, .init = init,
	.update = timeseries_update, .item = item, .merge = merge, .step = step, .emit = timeseries_emit,
};

#define AT(member) offsetof(struct timeseries_params, member)

static const struct sdp_option options[] = {
	{'t', "time", SDP_TEXT, AT(time), "COL", NULL, NULL, 0, 0, "the column of times; by default the first that looks like it"},
	{0, "time-format", SDP_TEXT, AT(time_format), "FORMAT", NULL, NULL, 0, 0, "what times are: s, ms, us, ns since 1970, or a pattern of strptime(3)"},
	{0, "tz", SDP_TEXT, AT(tz), "ZONE", NULL, NULL, 0, 0, "time zone of buckets, and of times without one: Europe/Berlin"},
	{0, "value", SDP_TEXT, AT(value), "LIST", NULL, NULL, 0, 0, "columns of numbers; by default all"},
	{0, "by", SDP_TEXT, AT(by), "LIST", NULL, NULL, 0, 0, "columns whose values make groups"},
	{0, "every", SDP_TEXT, AT(every), "STEP", NULL, NULL, 0, 0, "length of a bucket: 30s, 5m, 1h, 1d, 1w, 1mo, 1q, 1y"},
	{0, "origin", SDP_TEXT, AT(origin), "TIME", NULL, NULL, 0, 0, "a time at which a bucket begins"},
	{0, "label", SDP_CHOICE, AT(label), "start|end", NULL, "start", 0, 0, "which end of a bucket is printed"},
	{0, "closed", SDP_CHOICE, AT(closed), "left|right", NULL, "left", 0, 0, "which end belongs to a bucket"},
	{0, "agg", SDP_TEXT, AT(agg), "LIST", NULL, NULL, 0, 0, "figures, by default count,mean,min,max,sum,stddev"},
	{0, "profile", SDP_CHOICE, AT(profile), "hour|weekday|month", NULL, NULL, 0, 0, "buckets by the hour of the day, the day of the week, the month"},
	{0, "from", SDP_TEXT, AT(from), "TIME", NULL, NULL, 0, 0, "leave out what is before"},
	{0, "to", SDP_TEXT, AT(to), "TIME", NULL, NULL, 0, 0, "leave out this time and what is after it"},
	{0, "fill", SDP_TEXT, AT(fill), "HOW", NULL, NULL, 0, 0, "show empty buckets: null, zero, previous, next, linear or a number"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-timeseries",
	.summary = "figures by buckets of time",
	.operands = "[FILE...]",
	.options = options,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct timeseries_params),
	.task = &task,
};

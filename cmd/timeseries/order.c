/* Orders groups and buckets after reading, and makes the timeline of them. */
#include "timeseries.h"

#include "sdp/mem.h"
#include "table/time_guess.h"

#include <inttypes.h>
#include <string.h>

/*
 * Approximate size of a row, of an aggregate in it and of a rational, and the additional size of
 * the first two in a table, which holds all rows in memory.
 */
enum {
	ROW_BYTES = 128,
	AGGREGATE_BYTES = 32,
	RATIONAL_BYTES = 128,
	TABLE_ROW_BYTES = 256,
	TABLE_AGGREGATE_BYTES = 192
};

/* Checks that the numbers of the column count one thing, and hardly look like anything else. */
static int check_numbers(const struct timeseries_look *looks, char decimal, struct sdp_err *err)
{
	static const char *const units[] = {"seconds", "milliseconds", "microseconds",
					    "nanoseconds"};
	const struct timeseries_look *a = NULL, *b = NULL, *compact = &looks[SDP_TIME_COMPACT];
	uint64_t all = 0;
	for (int i = 0; i < SDP_TIME_UNITS; i++) {
		all += looks[i].count;
		if (looks[i].count == 0)
			continue;
		b = a ? &looks[i] : NULL;
		a = a ? a : &looks[i];
		bool apart = b && b->place.file != a->place.file;
		if (b)
			return sdp_fail_at(err, b->place,
					   "%s looks like %s since 1970, but %s in record %" PRIu64
					   "%s%s like %s; --time-format s, ms, us or ns decides",
					   b->text, units[i], a->text, a->place.record,
					   apart ? " of " : "", apart ? a->place.file : "",
					   units[a - looks]);
	}
	if (all == 0 || compact->count < all - compact->count)
		return 0;
	/* The text is quoted. */
	char formats[SDP_TIME_GUESS_TEXT];
	sdp_time_guess_formats(formats, compact->text + 1, strlen(compact->text) - 2, decimal);
	return sdp_fail_at(err, compact->place,
			   "is %s %s, or does it count %s since 1970 (--time-format %s)?",
			   compact->text, *formats ? formats : "a date", units[a - looks],
			   sdp_time_units[a - looks]);
}

/* Checks that the times of the whole column are of one kind. */
static int check_times(const struct timeseries_plan *j, const struct timeseries_state *s,
		       struct sdp_err *err)
{
	const char *name = j->time.name;
	unsigned seen = s->seen;
	bool counted = seen & SDP_TIMES_COUNTED;
	if (seen & SDP_TIMES_LOCAL && seen & SDP_TIMES_ZONED && !counted && !j->zone_name)
		return sdp_fail(err, SDP_DATA,
				"column '%s': times with and without a zone cannot be compared; "
				"--tz gives the zone of times without one",
				name);
	if (counted && seen & SDP_TIMES_WRITTEN)
		return sdp_fail(err, SDP_DATA,
				"column '%s' mixes numbers and other times (--time-format?)", name);
	if (j->counted && seen & SDP_TIMES_WRITTEN)
		return sdp_fail(err, SDP_USAGE,
				"%s: a number, but the times of column '%s' are not numbers",
				j->counted, name);
	if (j->zoned && seen & SDP_TIMES_LOCAL && !j->zone_name)
		return sdp_fail(err, SDP_USAGE,
				"%s: a time with a zone, but the times of column '%s' have none; "
				"--tz gives their zone",
				j->zoned, name);
	return counted && j->format.kind == SDP_TIMES_ANY
		       ? check_numbers(s->looks, j->schema->decimal, err)
		       : 0;
}

/*
 * Compares cells of a --by column. Nulls come last. Integers, which are digits without a sign or
 * after a minus sign, are compared by value.
 */
static int compare_cells(struct timeseries_cell a, struct timeseries_cell b, bool integer)
{
	if (!a.text || !b.text)
		return !a.text - !b.text;
	size_t n = a.length < b.length ? a.length : b.length;
	int bytes = memcmp(a.text, b.text, n),
	    longer = (a.length > b.length) - (a.length < b.length);
	bool below = integer && *a.text == '-';
	if (integer && below != (*b.text == '-'))
		return below ? -1 : 1;
	if (!integer)
		return bytes ? bytes : longer;
	return (longer ? longer : bytes) * (below ? -1 : 1);
}

struct ranked {
	const struct timeseries_plan *plan;
	const char *key;
	uint32_t group;
};

int timeseries_compare_keys(const struct timeseries_plan *j, const char *a, const char *b)
{
	int order = 0;
	for (size_t i = 0; order == 0 && i < j->by_count; i++)
		order = compare_cells(timeseries_key_cell(&a), timeseries_key_cell(&b),
				      j->by_types[i] == SDP_INTEGER_TYPE);
	return order;
}

static int by_key(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	return timeseries_compare_keys(x->plan, x->key, y->key);
}

static int by_place(const void *a, const void *b)
{
	const struct sdp_slot *const *x = a, *const *y = b;
	if ((*x)->mark != (*y)->mark)
		return (*x)->mark > (*y)->mark ? 1 : -1;
	return ((*x)->start > (*y)->start) - ((*x)->start < (*y)->start);
}

/* Returns the rank of each group in the document, or NULL. The caller frees it. */
static uint32_t *rank_groups(const struct timeseries_plan *j, const struct timeseries_state *s,
			     struct sdp_err *err)
{
	const struct sdp_map *groups = &s->series.groups;
	struct ranked *ranked = sdp_alloc(groups->count, sizeof *ranked, err);
	uint32_t *ranks = sdp_alloc((size_t)groups->count + 1, sizeof *ranks, err);
	if (ranked && ranks) {
		for (uint32_t i = 0; i < groups->count; i++)
			ranked[i] = (struct ranked){j, groups->entries[i].key, i};
		qsort(ranked, groups->count, sizeof *ranked, by_key);
		for (uint32_t i = 0; i < groups->count; i++)
			ranks[ranked[i].group] = i;
	} else {
		free(ranks);
		ranks = NULL;
	}
	free(ranked);
	return ranks;
}

/*
 * Sorts the slots into the order of the document. Sets the mark of each slot to the rank of its
 * group.
 */
static int sort_slots(struct timeseries_plan *j, const struct timeseries_state *s,
		      const uint32_t *ranks, struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_slot *const *table = s->series.table;
	bool sorted = true;
	size_t least = 0;
	j->slots = sdp_spill_take(&work->spill, (s->series.count + 1) * sizeof *j->slots, err);
	if (!j->slots)
		return -1;
	for (size_t i = 0; i < s->series.capacity; i++) {
		if (!table[i])
			continue;
		table[i]->mark = ranks[table[i]->group];
		if (!table[least] || by_place(&table[i], &table[least]) < 0)
			least = i;
	}
	/*
	 * The buckets of a group mostly follow each other in the table, which is circular. Starting
	 * at the first one makes the list nearly sorted.
	 */
	for (size_t i = 0; i < s->series.capacity; i++) {
		struct sdp_slot *slot = table[(least + i) & (s->series.capacity - 1)];
		if (slot)
			j->slots[j->slot_count++] = slot;
	}
	for (size_t i = 1; i < j->slot_count && sorted; i++)
		sorted = by_place(&j->slots[i - 1], &j->slots[i]) < 0;
	if (!sorted)
		qsort(j->slots, j->slot_count, sizeof *j->slots, by_place);
	return 0;
}

int timeseries_check_times(struct timeseries_plan *j, const struct timeseries_state *s,
			   struct sdp_err *err)
{
	for (size_t i = 0; i < j->by_count; i++)
		j->by_types[i] = sdp_type_of(s->by_seen[i]);
	return check_times(j, s, err);
}

int timeseries_order(struct timeseries_plan *j, const struct timeseries_state *s,
		     struct sdp_work *work, struct sdp_err *err)
{
	uint32_t *ranks = rank_groups(j, s, err);
	if (!ranks)
		return -1;
	int rc = j->plan.samples ? sdp_timeline_of_samples(&j->timeline, &s->series, j->value_count,
							   ranks, &work->spill, err)
				 : sort_slots(j, s, ranks, work, err);
	free(ranks);
	return rc;
}

/* Makes the timeline of the aggregates that the workers computed, in the order of the slots. */
static int make_timeline(struct timeseries_plan *j, const struct timeseries_state *s,
			 struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_timeline *t = &j->timeline;
	*t = (struct sdp_timeline){.count = j->slot_count,
				   .columns = j->value_count,
				   .stride = j->aggregates.count + 1};
	t->rows = sdp_spill_take(&work->spill, (t->count + 1) * sizeof *t->rows, err);
	if (!t->rows)
		return -1;
	for (const struct timeseries_part *p = s->parts; p; p = p->next) {
		size_t from = p->item * TIMESERIES_ITEM;
		for (size_t i = from; i < t->count && i < from + TIMESERIES_ITEM; i++) {
			const struct sdp_slot *slot = j->slots[i];
			t->rows[i] =
				(struct sdp_timeline_row){.start = slot->start,
							  .group = slot->group,
							  .rows = slot->rows,
							  .aggregates = p->aggregates +
									(i - from) * t->columns *
										t->stride};
		}
	}
	return 0;
}

static int fill(struct timeseries_plan *j, size_t limit, struct sdp_work *work, struct sdp_err *err)
{
	size_t stretch = 0;
	int64_t from = 0, to = 0;
	if (j->fill.kind == SDP_FILL_NOT)
		return 0;
	if (j->from.given)
		from = sdp_time_buckets_around(&j->edges, j->from.second, &stretch).start;
	if (j->to.given)
		to = j->to.second + (j->to.nano > 0);
	return sdp_timeline_fill(&j->timeline, &j->aggregates, &j->edges, &j->fill,
				 j->derive.kind != SDP_WINDOW_NOT, j->from.given ? &from : NULL,
				 j->to.given ? &to : NULL, limit, &work->spill, err);
}

static int correlate_one(struct timeseries_plan *j, size_t row, size_t n, size_t column,
			 struct sdp_point *points, double *x, struct sdp_correlation *out,
			 struct sdp_err *err)
{
	const char *name = j->values[column].name;
	if (j->lags >= n)
		return sdp_fail(err, SDP_DATA, "column '%s': %zu point%s too few for %zu lag%s",
				name, n, n == 1 ? " is" : "s are", j->lags,
				j->lags == 1 ? "" : "s");
	sdp_timeline_points(&j->timeline, row, n, column, j->aggregate, points);
	for (size_t i = 0; i < n; i++) {
		if (points[i].x.kind == SDP_NO_VALUE)
			return sdp_fail(err, SDP_DATA,
					"column '%s': point %zu has no value (--fill?)", name,
					i + 1);
		x[i] = sdp_value_double(points[i].x);
	}
	return sdp_correlogram(x, n, j->lags, out, err);
}

static int correlate(struct timeseries_plan *j, size_t groups, struct sdp_work *work,
		     struct sdp_err *err)
{
	struct sdp_timeline *t = &j->timeline;
	size_t each = j->lags + 1, at = 0;
	struct sdp_point *points = sdp_alloc(t->count, sizeof *points, err);
	double *x = sdp_alloc(t->count, sizeof *x, err);
	j->correlations =
		sdp_spill_take(&work->spill,
			       (groups * t->columns * each + 1) * sizeof *j->correlations, err);
	int rc = points && x && j->correlations ? 0 : -1;
	for (size_t row = 0, n; rc == 0 && row < t->count; row += n) {
		n = sdp_timeline_group(t, row);
		for (size_t c = 0; rc == 0 && c < t->columns; c++, at += each)
			rc = correlate_one(j, row, n, c, points, x, j->correlations + at, err);
	}
	free(points);
	free(x);
	return rc;
}

size_t timeseries_most_rows(const struct timeseries_plan *j, bool table)
{
	const char *const *names;
	bool rationals = j->aggregates.exact;
	for (size_t i = 0; i < j->value_count; i++)
		rationals |= j->wide[i];
	size_t aggregates = (j->plan.samples ? 1 : j->aggregates.count) +
			    sdp_window_function_names(&j->derive, &names);
	size_t row = ROW_BYTES + (table ? TABLE_ROW_BYTES : 0),
	       aggregate = AGGREGATE_BYTES + (table ? TABLE_AGGREGATE_BYTES : 0) +
			   (rationals ? RATIONAL_BYTES : 0);
	return j->plan.memory / (row + j->value_count * (row + aggregates * aggregate));
}

int timeseries_finish(struct timeseries_plan *j, const struct timeseries_state *s,
		      struct sdp_work *work, struct sdp_err *err)
{
	size_t limit = timeseries_most_rows(j, j->table && !j->part.on);
	uint64_t gaps = 0;
	struct sdp_err why;
	if (!j->plan.samples && make_timeline(j, s, work, err) < 0)
		return -1;
	if (j->timeline.count > limit)
		return sdp_bucket_table_fail(&j->plan, err), 1;
	if (j->every)
		gaps = sdp_timeline_gaps(&j->timeline, &j->edges);
	if (j->every && fill(j, limit, work, err) < 0)
		return err->code == SDP_SYSTEM ? 1 : -1;
	j->gaps += gaps;
	if (sdp_timeline_derive(&j->timeline, &j->derive, j->aggregate, &work->spill, &why) < 0)
		return sdp_fail(err, why.code, "%s%s", why.code == SDP_DATA ? "--decompose: " : "",
				why.text);
	if (j->lags && correlate(j, s->series.groups.count + 1, work, err) < 0)
		return -1;
	return timeseries_prepare_output(j, s, work, err);
}

/* Computes the edges of time buckets, in a time zone. */
#include "model/timeseries/time_buckets.h"

#include "base/calendar.h"

#include <string.h>

enum { DAY = 86400, MONTHS_MAX = 120000 };

/* 2000-01-03, a Monday, and 2000-01-01: the origins of DuckDB's time_bucket. */
#define MONDAY  (INT64_C(10959) * DAY)
#define JANUARY (INT64_C(10957) * DAY)

bool sdp_step_parse(const char *text, struct sdp_step *step)
{
	static const struct {
		const char *name;
		int64_t count;
		bool months;
	} units[] = {
		{"s", 1, false},    {"m", 60, false},  {"min", 60, false},
		{"h", 3600, false}, {"d", DAY, false}, {"w", 7 * DAY, false},
		{"mo", 1, true},    {"q", 3, true},    {"y", 12, true},
	};
	int64_t n = 0;
	const char *s = text;
	for (; *s >= '0' && *s <= '9' && n < 1000000000; s++)
		n = n * 10 + (*s - '0');
	if (s == text || n == 0)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(s, units[i].name) == 0) {
			*step = (struct sdp_step){units[i].months, n * units[i].count};
			return step->count <=
			       (step->months ? MONTHS_MAX : MONTHS_MAX * INT64_C(30) * DAY);
		}
	return false;
}

/*
 * Returns the months since 0000-01 of a local time, and in *rest the seconds since the start of the
 * month.
 */
static int64_t split_month(int64_t local, int64_t *rest)
{
	int64_t days = sdp_floor_div(local, DAY);
	struct sdp_date date = sdp_date_of_days(days);
	*rest = local - (days - (date.day - 1)) * DAY;
	return (int64_t)date.year * 12 + date.month - 1;
}

static int64_t join_month(int64_t month, int64_t rest)
{
	struct sdp_date date = {(int)sdp_floor_div(month, 12), (int)sdp_floor_mod(month, 12) + 1,
				1};
	return sdp_days_of_date(date) * DAY + rest;
}

bool sdp_time_buckets_init(struct sdp_time_buckets *e, const struct sdp_tz *zone,
			   struct sdp_step step, const int64_t *anchor)
{
	*e = (struct sdp_time_buckets){zone, step,
				       anchor        ? *anchor
				       : step.months ? JANUARY
						     : MONDAY,
				       0, 0};
	e->anchor_month = split_month(e->anchor, &e->anchor_rest);
	return !step.months || e->anchor_rest < 28 * DAY;
}

/* Returns the last grid time at or before a local time. */
static int64_t grid_floor(const struct sdp_time_buckets *e, int64_t local)
{
	if (!e->step.months)
		return local - sdp_floor_mod(local - e->anchor, e->step.count);
	int64_t rest, month = split_month(local, &rest);
	month -= rest < e->anchor_rest;
	return join_month(month - sdp_floor_mod(month - e->anchor_month, e->step.count),
			  e->anchor_rest);
}

/* Returns the grid time after a grid time. */
static int64_t grid_next(const struct sdp_time_buckets *e, int64_t grid)
{
	if (!e->step.months)
		return grid + e->step.count;
	int64_t rest, month = split_month(grid, &rest);
	return join_month(month + e->step.count, e->anchor_rest);
}

/*
 * Returns the time that the clock would show at the beginning of stretch i if it had not been
 * changed.
 */
static int64_t unchanged(const struct sdp_tz *zone, size_t i)
{
	return zone->stretches[i].from + zone->stretches[i - 1].offset;
}

/*
 * Returns whether the clock shows this local time for the second time, in stretch i, and the step
 * is a day or longer, so that the time is not an edge.
 */
static bool repeated(const struct sdp_time_buckets *e, size_t i, int64_t local)
{
	bool long_step = e->step.months || e->step.count >= DAY;
	return long_step && i > 0 && local < unchanged(e->zone, i);
}

static int64_t edge_before(const struct sdp_time_buckets *e, int64_t instant, size_t i)
{
	for (;; i--) {
		const struct sdp_tz_stretch *s = &e->zone->stretches[i];
		int64_t grid = grid_floor(e, instant + s->offset), edge = grid - s->offset;
		if (i == 0 || (edge >= s->from && !repeated(e, i, grid)))
			return edge;
		if (edge < s->from && grid >= unchanged(e->zone, i))
			return s->from;
		instant = s->from - 1;
	}
}

int64_t sdp_time_buckets_from(const struct sdp_time_buckets *e, int64_t instant, size_t *stretch)
{
	size_t i = *stretch = sdp_tz_find(e->zone, instant, *stretch);
	for (;; i++) {
		const struct sdp_tz_stretch *s = &e->zone->stretches[i];
		int64_t until = sdp_tz_until(e->zone, i), local = instant + s->offset;
		int64_t grid = grid_floor(e, local);
		/* The clock jumped to the grid time or over it. */
		if (i > 0 && instant == s->from && grid >= unchanged(e->zone, i))
			return instant;
		if (grid < local)
			grid = grid_next(e, grid);
		while (grid - s->offset < until && repeated(e, i, grid))
			grid = grid_next(e, grid);
		if (grid - s->offset < until)
			return grid - s->offset;
		instant = until;
	}
}

struct sdp_bucket sdp_time_buckets_around(const struct sdp_time_buckets *e, int64_t instant,
					  size_t *stretch)
{
	*stretch = sdp_tz_find(e->zone, instant, *stretch);
	int64_t start = edge_before(e, instant, *stretch);
	return (struct sdp_bucket){start, sdp_time_buckets_from(e, instant + 1, stretch)};
}

uint64_t sdp_time_buckets_between(const struct sdp_time_buckets *e, int64_t after, int64_t before)
{
	uint64_t count = 0;
	size_t i = 0;
	for (int64_t edge = sdp_time_buckets_from(e, after + 1, &i); edge < before; count++) {
		/*
		 * Edges at equal steps of seconds are counted by a division.  An edge at a change
		 * of the clock is not one of them.
		 */
		i = sdp_tz_find(e->zone, edge, i);
		int64_t until = sdp_tz_until(e->zone, i);
		if (!e->step.months && edge > e->zone->stretches[i].from) {
			int64_t steps =
				((until < before ? until : before) - 1 - edge) / e->step.count;
			count += (uint64_t)steps;
			edge += steps * e->step.count;
		}
		edge = sdp_time_buckets_from(e, edge + 1, &i);
	}
	return count;
}

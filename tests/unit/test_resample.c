/* Tests the filling of empty buckets, and the options --fill and --agg. */
#include "model/timeseries/resample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600 };

struct world {
	struct sdp_shared_arena *arena;
	struct sdp_spill store;
	struct sdp_tz *utc;
	struct sdp_time_buckets edges;
	struct sdp_aggregate_list list;
	struct sdp_timeline timeline;
};

/* Two groups of hours, figures mean and the count behind it; mean 0 stands for no value. */
static double as_double(struct sdp_aggregate f)
{
	return f.kind == SDP_AGGREGATE_NONE ? NAN : sdp_value_double(sdp_aggregate_number(f));
}

static void open_world(struct world *w)
{
	static const struct {
		int64_t hour;
		uint32_t group;
		int64_t mean;
	} rows[] = {{0, 0, 10}, {1, 0, 0}, {4, 0, 50}, {2, 1, 7}, {3, 1, 8}};
	struct sdp_err err;
	*w = (struct world){.arena = sdp_shared_arena_new(1, &err), .utc = sdp_tz_utc(&err)};
	assert_int_equal(sdp_spill_init(&w->store, w->arena, -1, "", 0, &err), 0);
	assert_true(sdp_time_buckets_init(&w->edges, w->utc, (struct sdp_step){false, HOUR}, NULL));
	assert_int_equal(sdp_aggregate_list_init(&w->list, "mean,count", &err), 0);
	w->timeline = (struct sdp_timeline){.count = 5, .columns = 1, .stride = 3};
	w->timeline.rows = sdp_spill_take(&w->store, 5 * sizeof *w->timeline.rows, &err);
	for (size_t i = 0; i < 5; i++) {
		struct sdp_aggregate *f = sdp_spill_take(&w->store, 3 * sizeof *f, &err);
		if (rows[i].mean)
			f[0] = sdp_aggregate_integer(rows[i].mean);
		f[1] = f[2] = sdp_aggregate_integer(rows[i].mean != 0);
		w->timeline.rows[i] = (struct sdp_timeline_row){.start = rows[i].hour * HOUR,
								.group = rows[i].group,
								.rows = 1,
								.aggregates = f};
	}
}

static void close_world(struct world *w)
{
	sdp_shared_arena_free(w->arena);
	free(w->utc);
}

/* The means as text, "-" for none, groups apart by "|". */
static void check(const char *how, const int64_t *from, const int64_t *to, const char *want)
{
	struct world w;
	struct sdp_err err;
	struct sdp_fill fill;
	char text[200] = "";
	size_t n = 0;
	open_world(&w);
	assert_int_equal(sdp_fill_init(&fill, how, NULL, &err), 0);
	assert_int_equal(sdp_timeline_fill(&w.timeline, &w.list, &w.edges, &fill, false, from, to,
					   100, &w.store, &err),
			 0);
	for (size_t i = 0; i < w.timeline.count; i++) {
		const struct sdp_timeline_row *row = &w.timeline.rows[i];
		bool follows = i > 0 && row[-1].group == row->group;
		if (follows)
			assert_int_equal(row->start, row[-1].start + HOUR);
		n += (size_t)snprintf(text + n, sizeof text - n,
				      i == 0    ? ""
				      : follows ? " "
						: " | ");
		if (row->aggregates[0].kind == SDP_AGGREGATE_NONE)
			n += (size_t)snprintf(text + n, sizeof text - n, "-");
		else
			n += (size_t)snprintf(text + n, sizeof text - n, "%g",
					      as_double(row->aggregates[0]));
		assert_int_equal(row->aggregates[1].kind, SDP_AGGREGATE_DECIMAL);
	}
	assert_string_equal(text, want);
	close_world(&w);
}

static void fills(void **state)
{
	(void)state;
	int64_t from = -HOUR, to = 6 * HOUR - 1;
	check("null", NULL, NULL, "10 - - - 50 | 7 8");
	check("zero", NULL, NULL, "10 0 0 0 50 | 7 8");
	check("-2.5", NULL, NULL, "10 -2.5 -2.5 -2.5 50 | 7 8");
	check("previous", NULL, NULL, "10 10 10 10 50 | 7 8");
	check("next", NULL, NULL, "10 50 50 50 50 | 7 8");
	check("linear", NULL, NULL, "10 20 30 40 50 | 7 8");
	check("previous", &from, &to, "- 10 10 10 10 50 50 | - - - 7 8 8 8");
	check("next", &from, &to, "10 10 50 50 50 50 - | 7 7 7 7 8 - -");
	check("linear", &from, &to, "- 10 20 30 40 50 - | - - - 7 8 - -");
}

static void limits(void **state)
{
	(void)state;
	struct world w;
	struct sdp_err err;
	struct sdp_fill fill = {.kind = SDP_FILL_NULL};
	open_world(&w);
	assert_int_equal(sdp_timeline_gaps(&w.timeline, &w.edges), 2);
	assert_int_equal(sdp_timeline_fill(&w.timeline, &w.list, &w.edges, &fill, false, NULL, NULL,
					   6, &w.store, &err),
			 -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_int_equal(sdp_timeline_fill(&w.timeline, &w.list, &w.edges, &fill, false, NULL, NULL,
					   7, &w.store, &err),
			 0);
	assert_int_equal(w.timeline.count, 7);
	assert_int_equal(sdp_timeline_gaps(&w.timeline, &w.edges), 0);
	assert_int_equal(sdp_fill_init(&fill, "nothing", NULL, &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	close_world(&w);
}

static void series_are_of_groups(void **state)
{
	(void)state;
	struct world w;
	struct sdp_err err;
	struct sdp_window_function lag = {.kind = SDP_WINDOW_LAG, .points = 1};
	static const int64_t want[] = {0, 10, 0, 0, 7}; /* 0: none */
	open_world(&w);
	assert_int_equal(sdp_timeline_group(&w.timeline, 0), 3);
	assert_int_equal(sdp_timeline_group(&w.timeline, 3), 2);
	assert_int_equal(sdp_timeline_derive(&w.timeline, &lag, 0, &w.store, &err), 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(w.timeline.derived[i].kind,
				 want[i] ? SDP_AGGREGATE_DECIMAL : SDP_AGGREGATE_NONE);
		assert_int_equal(w.timeline.derived[i].of.integer, want[i]);
	}
	close_world(&w);
}

static void lists(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_aggregate_list list;
	assert_int_equal(sdp_aggregate_list_init(&list, "ohlc,q2.5,median,q2.5,mean", &err), 0);
	static const char *const want[] = {"open", "high",   "low", "close",
					   "q2.5", "median", "mean"};
	assert_int_equal(list.count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(sdp_aggregate_label(&list, i), want[i]);
	assert_int_equal(list.quantiles, 2);
	assert_int_equal(list.probabilities[0].numerator * 1000,
			 list.probabilities[0].denominator * 25);
	assert_true(list.ends && list.keys);
	assert_int_equal(sdp_aggregate_list_init(
				 &list,
				 "q1,q2,q3,q4,q5,q6,q7,q8,q9,q10,q11,q12,q13,q14,q15,q16,q17",
				 &err),
			 -1);
	assert_int_equal(sdp_aggregate_list_init(&list, "q00.001", &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills),
		cmocka_unit_test(limits),
		cmocka_unit_test(series_are_of_groups),
		cmocka_unit_test(lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Compares bucket boundaries and time zone changes with Python's zoneinfo.
 * tests/judges/timeseries.py has many more cases.
 */
#include "model/timeseries/time_buckets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

/* New York in 2013: 10 March 7:00 UTC to 3 November 6:00 UTC. */
static struct sdp_tz *york(void)
{
	struct sdp_tz *zone = malloc(sizeof *zone + 3 * sizeof *zone->stretches);
	zone->count = 3;
	zone->stretches[0] = (struct sdp_tz_stretch){INT64_MIN, -18000};
	zone->stretches[1] = (struct sdp_tz_stretch){1362898800, -14400};
	zone->stretches[2] = (struct sdp_tz_stretch){1383458400, -18000};
	return zone;
}

static struct sdp_time_buckets edges_of(const struct sdp_tz *zone, const char *every)
{
	struct sdp_step step;
	struct sdp_time_buckets edges;
	assert_true(sdp_step_parse(every, &step));
	assert_true(sdp_time_buckets_init(&edges, zone, step, NULL));
	return edges;
}

static void check(const char *every, int64_t instant, int64_t start, int64_t end)
{
	struct sdp_tz *zone = york();
	struct sdp_time_buckets edges = edges_of(zone, every);
	size_t stretch = 0;
	struct sdp_bucket b = sdp_time_buckets_around(&edges, instant, &stretch);
	assert_int_equal(b.start, start);
	assert_int_equal(b.end, end);
	for (int64_t t = b.start; t < b.end; t += 1 + (b.end - b.start) / 100) {
		stretch = (size_t)(t % 3);
		struct sdp_bucket again = sdp_time_buckets_around(&edges, t, &stretch);
		assert_int_equal(again.start, start);
		assert_int_equal(again.end, end);
	}
	free(zone);
}

static void days_of_23_and_25_hours(void **state)
{
	(void)state;
	check("1d", 1362900000, 1362891600, 1362891600 + 23 * 3600);
	check("1d", 1383460000, 1383451200, 1383451200 + 25 * 3600);
	check("1w", 1362900000, 1362373200, 1362373200 + 7 * 86400 - 3600);
	check("1mo", 1362900000, 1362114000, 1364788800);
	check("1q", 1383460000, 1380600000, 1388552400);
	check("1y", 1383460000, 1357016400, 1388552400);
}

static void hours_through_changes(void **state)
{
	(void)state;
	check("1h", 1362898799, 1362895200, 1362898800);
	check("1h", 1362898800, 1362898800, 1362902400);
	check("1h", 1383456600, 1383454800, 1383458400); /* 1:30 EDT */
	check("1h", 1383460200, 1383458400, 1383462000); /* 1:30 EST */
	check("6h", 1383460200, 1383451200, 1383476400); /* 7 hours */
	check("6h", 1362900000, 1362891600, 1362909600); /* 5 hours */
	check("2h", 1362900000, 1362898800, 1362902400); /* the clock jumps over its beginning */
}

static void other_origins(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_tz *utc = sdp_tz_utc(&err);
	struct sdp_time_buckets edges;
	size_t stretch = 0;
	int64_t origin = 14 * 86400 + 3600; /* 1970-01-15 1:00 */
	assert_true(sdp_time_buckets_init(&edges, utc, (struct sdp_step){true, 1}, &origin));
	struct sdp_bucket b = sdp_time_buckets_around(&edges, 0, &stretch);
	assert_int_equal(b.start, -17 * 86400 + 3600);
	assert_int_equal(b.end, origin);
	assert_int_equal(sdp_time_buckets_from(&edges, origin, &stretch), origin);
	assert_int_equal(sdp_time_buckets_from(&edges, origin + 1, &stretch), origin + 31 * 86400);
	origin = 28 * 86400;
	assert_false(sdp_time_buckets_init(&edges, utc, (struct sdp_step){true, 1}, &origin));
	origin = 100;
	assert_true(sdp_time_buckets_init(&edges, utc, (struct sdp_step){false, 3600}, &origin));
	b = sdp_time_buckets_around(&edges, -1, &stretch);
	assert_int_equal(b.start, -3500);
	assert_int_equal(b.end, 100);
	free(utc);
}

static void counting(void **state)
{
	(void)state;
	static const char *const steps[] = {"7m", "30m", "1h", "2h", "5h", "1d", "1mo"};
	struct sdp_tz *zone = york();
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct sdp_time_buckets edges = edges_of(zone, steps[i]);
		size_t stretch = 0;
		int64_t start = sdp_time_buckets_from(&edges, 1362700000, &stretch), edge = start;
		for (uint64_t n = 0; n < 600; n++) {
			assert_int_equal(sdp_time_buckets_between(&edges, start, edge),
					 n ? n - 1 : 0);
			edge = sdp_time_buckets_from(&edges, edge + 1, &stretch);
		}
	}
	free(zone);
}

static void steps(void **state)
{
	(void)state;
	struct sdp_step step;
	static const char *const bad[] = {"",      "h",   "0h",   "1",   "-1h",
					  "1x",    "1h ", "1.5h", "1hh", "99999999999s",
					  "10001y"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(sdp_step_parse(bad[i], &step));
	assert_true(sdp_step_parse("2q", &step));
	assert_true(step.months);
	assert_int_equal(step.count, 6);
	assert_true(sdp_step_parse("90m", &step));
	assert_false(step.months);
	assert_int_equal(step.count, 5400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_of_23_and_25_hours),
		cmocka_unit_test(hours_through_changes),
		cmocka_unit_test(other_origins),
		cmocka_unit_test(counting),
		cmocka_unit_test(steps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

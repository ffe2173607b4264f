/* Tests timestamps as text, in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timestamp.h"

#include <math.h>
#include <string.h>

/* Seconds as `date -u -d TEXT +%s` has them. */
static const struct {
	const char *text;
	time_t seconds;
	long nanoseconds;
} known[] = {
	{"1970-01-01T00:00:00.000Z", 0, 0},
	{"2000-02-29T23:59:59.999Z", 951868799, 999999999},
	{"2026-11-22T20:29:06.123Z", 1795379346, 123456789},
	{"2100-03-01T00:00:00.001Z", 4107542400, 1000000},
};

static void both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		char text[SDP_TIMESTAMP_SIZE];
		struct timespec t = {known[i].seconds, known[i].nanoseconds};
		sdp_timestamp_print(text, &t);
		assert_string_equal(text, known[i].text);
		double wanted =
			(double)known[i].seconds + (double)(known[i].nanoseconds / 1000000) / 1e3;
		assert_true(sdp_timestamp_seconds(text) == wanted);
	}
}

static void others_are_none(void **state)
{
	static const char *const bad[] = {"",
					  "2026-11-22",
					  "2026-11-22T20:29:06Z",
					  "2026-11-22T20:29:06.123",
					  "2026-13-22T20:29:06.123Z",
					  "2026-11-22T20:29:06.123Zx",
					  "2026-1-22T20:29:06.123Z"};
	(void)state;
	assert_true(isnan(sdp_timestamp_seconds(NULL)));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_true(isnan(sdp_timestamp_seconds(bad[i])));
}

static void now_is_between(void **state)
{
	char text[SDP_TIMESTAMP_SIZE];
	struct timespec before, after; /* time(2) may lag behind this clock by a tick */
	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	sdp_timestamp_now(text);
	clock_gettime(CLOCK_REALTIME, &after);
	double now = sdp_timestamp_seconds(text);
	assert_true((double)before.tv_sec - 1 < now && now < (double)after.tv_sec + 1);
}

static void ranges(void **state)
{
	static const char *const bad[] = {
		"2026-01-99T99:99:99.999Z", "2026-00-10T10:10:10.000Z", "2026-01-00T10:10:10.000Z",
		"2026-01-32T10:10:10.000Z", "2026-04-31T10:10:10.000Z", "2026-02-29T10:10:10.000Z",
		"1900-02-29T10:10:10.000Z", "2000-02-30T10:10:10.000Z", "2026-01-10T24:00:00.000Z",
		"2026-01-10T10:60:10.000Z", "2026-01-10T10:10:60.000Z", "2026-01-10T-1:10:10.000Z",
		"2026-01-10T10:-1:10.000Z", "2026-01-10T10:10:+1.000Z", "2026-01- 1T10:10:10.000Z",
		"2026-01-10T10:10:10.+11Z", "-026-01-10T10:10:10.000Z",
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (!isnan(sdp_timestamp_seconds(bad[i])))
			fail_msg("%s is accepted", bad[i]);
	assert_true(sdp_timestamp_seconds("2024-02-29T00:00:00.000Z") == 1709164800);
	assert_true(sdp_timestamp_seconds("2025-12-31T23:59:59.999Z") == 1767225599.999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(others_are_none),
		cmocka_unit_test(now_is_between),
		cmocka_unit_test(ranges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

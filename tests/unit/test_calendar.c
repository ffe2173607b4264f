/* Tests the conversion between days and dates, leap years and printed times. */
#include "base/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void days_and_dates_agree(void **state)
{
	(void)state;
	assert_int_equal(sdp_days_of_date((struct sdp_date){1970, 1, 1}), 0);
	assert_int_equal(sdp_days_of_date((struct sdp_date){2000, 2, 29}), 11016);
	assert_int_equal(sdp_days_of_date((struct sdp_date){0, 1, 1}) * 86400, SDP_FIRST_SECOND);
	assert_int_equal(sdp_days_of_date((struct sdp_date){9999, 12, 31}) * 86400 + 86399,
			 SDP_LAST_SECOND);
	int64_t days = sdp_days_of_date((struct sdp_date){-401, 1, 1});
	for (struct sdp_date d = {-401, 1, 1}; d.year < 2401; days++) {
		struct sdp_date got = sdp_date_of_days(days);
		assert_true(sdp_date_valid(d));
		assert_int_equal(got.year, d.year);
		assert_int_equal(got.month, d.month);
		assert_int_equal(got.day, d.day);
		assert_int_equal(sdp_days_of_date(d), days);
		if (sdp_date_valid((struct sdp_date){d.year, d.month, d.day + 1}))
			d.day++;
		else
			d = (struct sdp_date){d.year + (d.month == 12), d.month % 12 + 1, 1};
	}
}

static void leap_years(void **state)
{
	(void)state;
	assert_true(sdp_date_valid((struct sdp_date){2000, 2, 29}));
	assert_false(sdp_date_valid((struct sdp_date){1900, 2, 29}));
	assert_true(sdp_date_valid((struct sdp_date){2024, 2, 29}));
	assert_false(sdp_date_valid((struct sdp_date){2023, 2, 29}));
	assert_false(sdp_date_valid((struct sdp_date){2023, 0, 1}));
	assert_false(sdp_date_valid((struct sdp_date){2023, 13, 1}));
	assert_false(sdp_date_valid((struct sdp_date){2023, 4, 31}));
}

static void times_print(void **state)
{
	(void)state;
	char text[SDP_TIME_TEXT];
	sdp_time_print(text, 0, 0, 0, SDP_TIME_UTC);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	sdp_time_print(text, -1, 500000000, 0, SDP_TIME_LOCAL);
	assert_string_equal(text, "1969-12-31T23:59:59.5");
	sdp_time_print(text, 1383458400, 0, -18000, SDP_TIME_OFFSET);
	assert_string_equal(text, "2013-11-03T01:00:00-05:00");
	sdp_time_print(text, SDP_FIRST_SECOND - 1, 0, 0, SDP_TIME_LOCAL);
	assert_string_equal(text, "-0001-12-31T23:59:59");
	sdp_time_print(text, SDP_LAST_SECOND + 1, 0, 0, SDP_TIME_LOCAL);
	assert_string_equal(text, "10000-01-01T00:00:00");
	sdp_time_print(text, 0, 1, -17762, SDP_TIME_OFFSET);
	assert_string_equal(text, "1969-12-31T19:03:58.000000001-04:56:02");
	assert_int_equal(sdp_time_print(text, -1, 500000000, 0, SDP_TIME_DATE), 10);
	assert_string_equal(text, "1969-12-31");
	sdp_time_print(text, SDP_LAST_SECOND + 1, 0, 0, SDP_TIME_DATE);
	assert_string_equal(text, "10000-01-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_dates_agree),
		cmocka_unit_test(leap_years),
		cmocka_unit_test(times_print),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

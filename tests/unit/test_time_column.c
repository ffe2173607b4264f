/* Tests the parsing of times: ISO 8601, numbers, and the patterns of --time-format. */
#include "table/time_column.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static void check(const char *format, const char *text, unsigned seen, int64_t second,
		  uint32_t nano)
{
	struct sdp_err err;
	struct sdp_time_format f;
	int64_t s = 0;
	uint32_t n = 0;
	assert_int_equal(sdp_time_format_init(&f, format, &err), 0);
	unsigned got = sdp_instant_parse(text, strlen(text), &f, '.', &s, &n);
	assert_int_equal(got & (SDP_TIMES_LOCAL | SDP_TIMES_ZONED | SDP_TIMES_S | SDP_TIMES_MS |
				SDP_TIMES_US | SDP_TIMES_NS),
			 seen);
	if (seen == 0)
		return;
	assert_int_equal(s, second);
	assert_int_equal(n, nano);
}

static void iso(void **state)
{
	(void)state;
	check(NULL, "2013-01-31", SDP_TIMES_LOCAL, 1359590400, 0);
	check(NULL, "2013-01", SDP_TIMES_LOCAL, 1356998400, 0);
	check(NULL, "2013-01-31T10:00:00.5+01:00", SDP_TIMES_ZONED, 1359622800, 500000000);
	check(NULL, "1969-12-31 23:59:59.999999999Z", SDP_TIMES_ZONED, -1, 999999999);
	check(NULL, "2013-13", 0, 0, 0);
	check(NULL, "2013-02-29", 0, 0, 0);
	check(NULL, "noon", 0, 0, 0);
}

static void numbers(void **state)
{
	(void)state;
	const unsigned z = SDP_TIMES_ZONED;
	check(NULL, "0", z, 0, 0);
	check(NULL, "-1.25", z | SDP_TIMES_S, -2, 750000000);
	check(NULL, "1700000000", z | SDP_TIMES_S, 1700000000, 0);
	check(NULL, "1700000000123", z | SDP_TIMES_MS, 1700000000, 123000000);
	check(NULL, "1700000000123456", z | SDP_TIMES_US, 1700000000, 123456000);
	check(NULL, "-1700000000123456789", z | SDP_TIMES_NS, -1700000001, 876543211);
	check("ms", "-1", z, -1, 999000000);
	check("ns", "5", z, 0, 5);
	check("us", "0.0005", z, 0, 0);
	check("s", "1e30", 0, 0, 0);
	check("s", "253402300800", 0, 0, 0);
	check("s", "253402300799", z, 253402300799, 0);
	check("s", "2013-01-31", 0, 0, 0);
}

static void patterns(void **state)
{
	(void)state;
	check("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", SDP_TIMES_ZONED, 971211336, 0);
	check("%d.%m.%Y %H:%M:%S.%f", "31.12.1999 23:59:59.25", SDP_TIMES_LOCAL, 946684799,
	      250000000);
	check("%Y%m%d", "20130131", SDP_TIMES_LOCAL, 1359590400, 0);
	check("%Y", "1871", SDP_TIMES_LOCAL, -3124137600, 0);
	check("%I:%M %p", "12:30 AM", SDP_TIMES_LOCAL, 1800, 0);
	check("%Y %j", "2012 366", SDP_TIMES_LOCAL, 1356912000, 0);
	check("%H:%M:%S.%f%z", "00:00:01.5+0100", SDP_TIMES_ZONED, -3599, 500000000);
	check("%Y-%m-%d", "2013-02-31", 0, 0, 0);
	check("%Y-%m-%d", "2013-02-03x", 0, 0, 0);
	check("%H:%M:%S.%f", "00:00:01.", 0, 0, 0);
	check("%S", "60", 0, 0, 0);
}

static void bad_formats(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_time_format f;
	static const char *const bad[] = {"",   "seconds", "%",    "%Y%", "%s",
					  "%Z", "%G-%V",   "%f%f", "%Ey", "%Q"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(sdp_time_format_init(&f, bad[i], &err), -1);
		assert_int_equal(err.code, SDP_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso),
		cmocka_unit_test(numbers),
		cmocka_unit_test(patterns),
		cmocka_unit_test(bad_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

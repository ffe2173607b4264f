/* Tests the parsing of times: ISO 8601, numbers, and the patterns of --time-format. */
#include "table/time_column.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

/* The expected seconds are Python's. */
static void check(const char *format, const char *text, unsigned seen, int64_t second,
		  uint32_t nano)
{
	struct sdp_err err;
	struct sdp_time_format f;
	int64_t s = 0;
	uint32_t n = 0;
	assert_int_equal(sdp_time_format_init(&f, format, &err), 0);
	unsigned got = sdp_instant_parse(text, strlen(text), &f, '.', &s, &n);
	got &= SDP_TIMES_LOCAL | SDP_TIMES_ZONED | SDP_TIMES_S | SDP_TIMES_MS | SDP_TIMES_US |
	       SDP_TIMES_NS;
	if (got != seen || (seen && (s != second || n != nano)))
		fail_msg("%s of '%s': %u, %lld.%09u", format ? format : "any", text, got,
			 (long long)s, n);
}

static void iso(void **state)
{
	(void)state;
	check(NULL, "2013-01-31", SDP_TIMES_LOCAL, 1359590400, 0);
	check(NULL, "2013-01", SDP_TIMES_LOCAL, 1356998400, 0);
	check(NULL, "2013-01-31T10:00:00.5+01:00", SDP_TIMES_ZONED, 1359622800, 500000000);
	check(NULL, "1969-12-31 23:59:59.999999999Z", SDP_TIMES_ZONED, -1, 999999999);
	check(NULL, "9999-12-31T23:59:59.999999999Z", SDP_TIMES_ZONED, 253402300799, 999999999);
	check(NULL, "0000-01-01 00:00:00.00000001 UTC", SDP_TIMES_ZONED, -62167219200, 10);
	check(NULL, "2020-01-01 10:00:00 +0530", SDP_TIMES_ZONED, 1577853000, 0);
	check(NULL, "2013-13", 0, 0, 0);
	check(NULL, "2013-02-29", 0, 0, 0);
	check(NULL, "noon", 0, 0, 0);
}

static void numbers(void **state)
{
	(void)state;
	const unsigned z = SDP_TIMES_ZONED;
	check(NULL, "315532800", z | SDP_TIMES_S, 315532800, 0);
	check(NULL, "1700000000", z | SDP_TIMES_S, 1700000000, 0);
	check(NULL, "1577836800.5", z | SDP_TIMES_S, 1577836800, 500000000);
	check(NULL, "1.7e9", z | SDP_TIMES_S, 1700000000, 0);
	check(NULL, "2840140799.999999999", z | SDP_TIMES_S, 2840140799, 999999999);
	check(NULL, "1700000000123", z | SDP_TIMES_MS, 1700000000, 123000000);
	check(NULL, "1700000000123.25", z | SDP_TIMES_MS, 1700000000, 123250000);
	check(NULL, "1700000000123456", z | SDP_TIMES_US, 1700000000, 123456000);
	check(NULL, "1700000000123456789", z | SDP_TIMES_NS, 1700000000, 123456789);
	/* Digits beyond those of a decimal are cut, not rounded. */
	check(NULL, "1577836800.1234567899999999", z | SDP_TIMES_S, 1577836800, 123456789);
	check(NULL, " 1577836800123.4567899999999", z | SDP_TIMES_MS, 1577836800, 123456789);
	check("us", "99999999999999999999", 0, 0, 0);
	check("s", "-1577836800.1234567899999999", z, -1577836801, 876543210);
	check("s", "1.5778368001234567890123e9", 0, 0, 0);
	check("s", "-1.25", z, -2, 750000000);
	check("ms", "-1", z, -1, 999000000);
	check("ns", "5", z, 0, 5);
	check("ns", "-1700000000123456789", z, -1700000001, 876543211);
	check("us", "0.0005", z, 0, 0);
	check("s", "1e30", 0, 0, 0);
	check("s", "18446744073709551616.5", 0, 0, 0);
	check("s", "-18446744073709551616.00000000000000000001", 0, 0, 0);
	check("s", "253402300800", 0, 0, 0);
	check("s", "253402300799", z, 253402300799, 0);
	check("s", "2013-01-31", 0, 0, 0);
}

/* Numbers that are more likely something else than counts since 1970. */
static void no_counts(void **state)
{
	static const char *const texts[] = {
		"0",
		"1",
		"-1700000000",
		"-1",
		"930",
		"2359",
		"2020",
		"2020.0417",
		"20001",
		"43831",
		"43831.5",
		"58849",
		"200101",
		"202001",
		"202053",
		"2020001",
		"2020W01",
		"2458849.5",
		"20200131",
		"31012020",
		"99991231",
		"99991231.5",
		"93000000",
		"235959999",
		"315532799.9",
		"2840140800",
		"4102444800",
		"9999999999",
		"10000000000",
		"202001011200",
		"209912312359",
		"311220201200",
		"315532799999",
		"2840140800000",
		"20200101120000",
		"20991231235959",
		"202001011200001",
		"315532799999999",
		"2840140800000000",
		"20200101120000123",
		"132223104000000000",
		"202001011200001234",
		"315532799999999999",
		"2840140800000000000",
		"9223372036854775807",
		"20200101120000123456",
		"1e300",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check(NULL, texts[i], 0, 0, 0);
}

/* Numbers that count since 1970 unless most of the column looks like this. */
static void compact(void **state)
{
	static const struct {
		const char *text;
		bool compact;
	} cases[] = {
		{"2020010112", true},          {"2020010124", true},
		{"2020013212", false},         {"2023022900", false},
		{"1231202012", true},          {"2812202023", true},
		{"2001010930", true},          {"2001012460", false},
		{"1700000000", false},         {"1577836800", false},
		{"991231235959", true},        {"991231236000", false},
		{"1700000000000", false},      {"2020010112000050", true},
		{"1700000000123456", false},   {"637134336000000000", true},
		{"2020010112000012345", true}, {"1700000000123456789", false},
		{"1577836800.5", false},       {"2020013112.0", true},
		{"2020013112.5", false},       {"2020013125", false},
		{"1215201430", true},          {"1512201430", true},
		{"1215551430", false},         {"1850010100", true},
		{"2500010100", true},          {"2020031120000", true},
		{"2020366235959", true},       {"2021366235959", false},
		{"2020031120000.5", true},     {"990131120000123", true},
		{"990131120000123456", true},  {"990131120000.5", true},
		{"990131240000", true},        {"990131240001", false},
		{"1701010120000", false},      {"1700001000000", false},
		{"2020031120000123", true},    {"2020031120000123456", true},
		{"1701010120000000", false},   {"1701010120000000000", false},
	};
	struct sdp_time_format any;
	struct sdp_err err;
	int64_t second;
	uint32_t nano;
	(void)state;
	assert_int_equal(sdp_time_format_init(&any, NULL, &err), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text = cases[i].text;
		unsigned seen = sdp_instant_parse(text, strlen(text), &any, '.', &second, &nano);
		if (!(seen & SDP_TIMES_COUNTED) || !(seen & SDP_TIMES_COMPACT) == cases[i].compact)
			fail_msg("%s: %u", text, seen);
	}
}

static void patterns(void **state)
{
	const unsigned l = SDP_TIMES_LOCAL, z = SDP_TIMES_ZONED;
	(void)state;
	check("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", z, 971211336, 0);
	check("%d.%m.%Y %H:%M:%S.%f", "31.12.1999 23:59:59.25", l, 946684799, 250000000);
	check("%Y%m%d", "20130131", l, 1359590400, 0);
	check("%Y", "1871", l, -3124137600, 0);
	check("%I:%M %p", "12:30 AM", l, 1800, 0);
	check("%I:%M %p", "12:30 pm", l, 45000, 0);
	check("%l%p", " 1Pm", l, 46800, 0);
	check("%Y %j", "2012 366", l, 1356912000, 0);
	check("%Y %j", "2013 366", 0, 0, 0);
	check("%H:%M:%S.%f%z", "00:00:01.5+0100", z, -3599, 500000000);
	check("%A, %d %B %Y", "thursday, 31 JANUARY 2013", l, 1359590400, 0);
	check("%a %d %b %Y", "Thu 31 Jan 2013", l, 1359590400, 0);
	check("%d %b %Y", "5 May 2013", l, 1367712000, 0);
	check("%F%n%T", "2013-01-31 10:00:01", l, 1359626401, 0);
	check("%D %R", "01/31/13 10:00", l, 1359626400, 0);
	check("%e/%m/%y", " 1/2/68", l, 3095280000, 0);
	check("%e/%m/%y", " 1/2/69", l, -28857600, 0);
	check("100%% %Y", "100% 1970", l, 0, 0);
	check("%Y-%m-%d", "9999-12-31", l, 253402214400, 0);
	check("%Y-%m-%d", "0000-01-01", l, -62167219200, 0);
	check("%Y-%m-%d", "2013-02-31", 0, 0, 0);
	check("%Y-%m-%d", "2013-02-03x", 0, 0, 0);
	check("%Y-%m-%d", "2013-02-", 0, 0, 0);
	check("%Y-%m-%d", "", 0, 0, 0);
	check("%Y-%m-%d", "13-02-03", 0, 0, 0);
	check("%H:%M:%S.%f", "00:00:01.", 0, 0, 0);
	check("%H:%M:%S.%f", "00:00:01.1234567891", 0, 0, 0);
	check("%H:%M:%S.%f", "00:00:01.123456789000", l, 1, 123456789);
	check("%S", "60", 0, 0, 0);
	check("%H", "24", 0, 0, 0);
	check("%I %p", "13 PM", 0, 0, 0);
	check("%I %p", "0 AM", 0, 0, 0);
}

/* Without anything between them, numbers have all their digits; the first may lack its zero. */
static void sequences(void **state)
{
	const unsigned l = SDP_TIMES_LOCAL;
	(void)state;
	check("%Y%m", "202001", l, 1577836800, 0);
	check("%Y%m", "20201", 0, 0, 0);
	check("%Y%m", "2020010", 0, 0, 0);
	check("%Y%m%d", "2020011", 0, 0, 0);
	check("%Y%m%d", "202001", 0, 0, 0);
	check("%d%m%Y", "31012020", l, 1580428800, 0);
	check("%d%m%Y", "1022020", l, 1580515200, 0);
	check("%d%m%Y", "122020", 0, 0, 0);
	check("%H%M", "0930", l, 34200, 0);
	check("%H%M", "930", l, 34200, 0);
	check("%H%M", "45", 0, 0, 0);
	check("%H%M", "5", 0, 0, 0);
	check("%y%m%d", "90101", l, 1230768000, 0);
	check("%Y%j", "2020001", l, 1577836800, 0);
	check("%Y%j", "202001", 0, 0, 0);
	check("%Y%m%d%H%M%S%f", "20200101120000123", l, 1577880000, 123000000);
	check("%Y%m%d%H%M%S%f", "20200101120000", 0, 0, 0);
	check("%S%f", "1", 0, 0, 0);
	check("%Y%m%d%H%M%S", "20200101120000", l, 1577880000, 0);
	check("%G%V", "202001", l, 1577664000, 0);
}

/* Dates as Python's date.fromisocalendar has them. */
static void weeks(void **state)
{
	static const char f[] = "%G-W%V-%u";
	const unsigned l = SDP_TIMES_LOCAL;
	(void)state;
	check(f, "2020-W01-1", l, 1577664000, 0);
	check(f, "2020-W53-7", l, 1609632000, 0);
	check(f, "2021-W53-1", 0, 0, 0);
	check(f, "2019-W53-1", 0, 0, 0);
	check(f, "2015-W53-5", l, 1451606400, 0);
	check(f, "2020-W00-1", 0, 0, 0);
	check(f, "2020-W54-1", 0, 0, 0);
	check(f, "2020-W01-0", 0, 0, 0);
	check(f, "2020-W01-8", 0, 0, 0);
	check(f, "1970-W01-4", l, 0, 0);
	check(f, "0001-W01-1", l, -62135596800, 0);
	check(f, "9999-W52-5", l, 253402214400, 0);
	check(f, "9999-W52-6", 0, 0, 0); /* the year 10000 */
	check("%G-W%V", "2020-W10", l, 1583107200, 0);
	check("%G-W%V-%u %H:%M", "1970-W01-4 10:30", l, 37800, 0);
}

static void epochs_and_zones(void **state)
{
	const unsigned z = SDP_TIMES_ZONED;
	(void)state;
	check("%s", "1577836800", z, 1577836800, 0);
	check("%s", "-1", z, -1, 0);
	check("%s", "0", z, 0, 0);
	check("%s", "5", z, 5, 0);
	check("[%s.%f]", "[1577836800.25]", z, 1577836800, 250000000);
	check("%s.%f", "-1.25", z, -2, 750000000);
	check("%s.%f", "-1.0", z, -1, 0);
	check("%s", "253402300800", 0, 0, 0);
	check("%s", "99999999999999999999", 0, 0, 0);
	check("%s", "", 0, 0, 0);
	check("%s", "-", 0, 0, 0);
	check("%s", "1.5", 0, 0, 0);
	check("%H:%M %Z", "01:00 UTC", z, 3600, 0);
	check("%H:%M %Z", "01:00 GMT", z, 3600, 0);
	check("%H:%M%Z", "01:00Z", z, 3600, 0);
	check("%H:%M %Z", "01:00 CET", 0, 0, 0);
	check("%H:%M %Z", "01:00 +0100", 0, 0, 0);
	check("%H:%M %Z", "01:00 UTC+1", 0, 0, 0);
	check("(%Z) %H:%M", "(UTC) 01:00", z, 3600, 0);
	check("%H:%M %z", "01:00 +01:00", z, 0, 0);
	check("%H:%M %z", "01:00 -0530", z, 23400, 0);
	check("%H:%M%z", "01:00Z", z, 3600, 0);
	check("%H:%M%z", "01:00+1", 0, 0, 0);
	check("%H:%M %z", "01:00 ", 0, 0, 0);
}

static void bad_formats(void **state)
{
	struct sdp_err err;
	struct sdp_time_format f;
	static const char *const bad[] = {
		"",         "seconds",  "%",      "%Y%",       "%Ey",      "%Q",        "%f%f",
		"%H %p",    "%k:%M %p", "%T %p",  "%R%p",      "%I:%M",    "%l:%M",     "%p",
		"%M %p",    "%H %I %p", "%H %I",  "%Y %y",     "%d %e",    "%m %b",     "%F %Y",
		"%T %M",    "%s %Y",    "%s %z",  "%s%s",      "%s %H",    "%G-%V %Y",  "%G",
		"%V",       "%u",       "%Y-W%V", "%Y-W%V-%u", "%G-W%u",   "%G-W%V %m", "%G-%V %j",
		"%Y %m %j", "%Y %d %j", "%z %Z",  "%Z%Z",      "%H:%M %f", "%f",        "%_d",
		"%U",       "%c",       "%x",     "%r",
	};
	char longest[SDP_TIME_PATTERN_MAX + 1];
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (sdp_time_format_init(&f, bad[i], &err) != -1)
			fail_msg("'%s' is accepted", bad[i]);
		assert_int_equal(err.code, SDP_USAGE);
	}
	memset(longest, 'x', sizeof longest);
	memcpy(longest, "%Y", 2);
	longest[SDP_TIME_PATTERN_MAX] = '\0';
	assert_int_equal(sdp_time_format_init(&f, longest, &err), -1);
	longest[SDP_TIME_PATTERN_MAX - 1] = '\0';
	assert_int_equal(sdp_time_format_init(&f, longest, &err), 0);
}

static bool has_clock(const char *format, const char *text)
{
	struct sdp_err err;
	struct sdp_time_format f;
	int64_t second;
	uint32_t nano;
	assert_int_equal(sdp_time_format_init(&f, format, &err), 0);
	unsigned seen = sdp_instant_parse(text, strlen(text), &f, '.', &second, &nano);
	assert_true(seen & SDP_TIMES_WRITTEN);
	return seen & SDP_TIMES_CLOCK;
}

static void clocks(void **state)
{
	(void)state;
	assert_false(has_clock(NULL, "2013-01-31"));
	assert_false(has_clock(NULL, "2013-01"));
	assert_true(has_clock(NULL, "2013-01-31T00:00"));
	assert_true(has_clock(NULL, "2013-01-31 00:00:00Z"));
	assert_false(has_clock("%d.%m.%Y", "31.01.2013"));
	assert_false(has_clock("%G-W%V-%u", "2013-W01-1"));
	assert_false(has_clock("%Y %j %a", "2013 31 Mon"));
	assert_true(has_clock("%F %H", "2013-01-31 00"));
	assert_true(has_clock("%F %l%p", "2013-01-31 12AM"));
	assert_true(has_clock("%F %Z", "2013-01-31 Z"));
	assert_true(has_clock("%s", "0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iso),         cmocka_unit_test(numbers),
		cmocka_unit_test(no_counts),   cmocka_unit_test(compact),
		cmocka_unit_test(patterns),    cmocka_unit_test(sequences),
		cmocka_unit_test(weeks),       cmocka_unit_test(epochs_and_zones),
		cmocka_unit_test(bad_formats), cmocka_unit_test(clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests time zones that are built byte by byte. tests/judges/timeseries.py tests those of the
 * system.
 */
#include "base/tz.h"
#include "table/tz_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOOTER = 2 * 44 + 2 * 6 + 2 };

static void put_header(unsigned char *at, char version)
{
	memset(at, 0, 44);
	memcpy(at, "TZif", 4);
	at[4] = (unsigned char)version;
	at[39] = 1; /* one type of one character, whose offset is 0 */
	at[43] = 1;
	memset(at + 44, 0, 7);
}

/* No transitions: what holds is the footer. */
static struct sdp_tz *with_rule(const char *rule, struct sdp_err *err)
{
	unsigned char bytes[400];
	put_header(bytes, '2');
	put_header(bytes + 51, '2');
	int n = snprintf((char *)bytes + FOOTER, sizeof bytes - FOOTER, "\n%s\n", rule);
	return sdp_tzif_parse(bytes, FOOTER + (size_t)n, err);
}

static int offset_at(const char *rule, int64_t instant)
{
	struct sdp_err err;
	struct sdp_tz *zone = with_rule(rule, &err);
	assert_non_null(zone);
	int offset = zone->stretches[sdp_tz_find(zone, instant, 3)].offset;
	free(zone);
	return offset;
}

static void rules_of_footers(void **state)
{
	(void)state;
	/* 2013: 10 March 7:00 UTC to 3 November 6:00 UTC. */
	const char *york = "EST5EDT,M3.2.0,M11.1.0";
	assert_int_equal(offset_at(york, 1362898799), -18000);
	assert_int_equal(offset_at(york, 1362898800), -14400);
	assert_int_equal(offset_at(york, 1383458399), -14400);
	assert_int_equal(offset_at(york, 1383458400), -18000);
	/*
	 * The southern summer, times of day other than 2:00, an offset of its own, names in
	 * brackets.
	 */
	assert_int_equal(offset_at("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1388534400), 39600);
	assert_int_equal(offset_at("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1372636800), 37800);
	assert_int_equal(offset_at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846799), -7200);
	assert_int_equal(offset_at("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846800), -3600);
	/* Days of the year: 60 is 1 March with J, in leap years 29 February's next without. */
	assert_int_equal(offset_at("AAA0BBB,J60/0,J365/0", 1709251199), 0);
	assert_int_equal(offset_at("AAA0BBB,J60/0,J365/0", 1709251200), 3600);
	assert_int_equal(offset_at("AAA0BBB,59/0,364/0", 1709164799), 0);
	assert_int_equal(offset_at("AAA0BBB,59/0,364/0", 1709164800), 3600);
	/* Summer all the year. */
	for (int64_t day = 0; day < 800; day++)
		assert_int_equal(offset_at("XXX3EDT4,0/0,J365/23", 1700000000 + day * 86400),
				 -14400);
	assert_int_equal(offset_at("JST-9", 0), 32400);
}

static void bad_files(void **state)
{
	(void)state;
	struct sdp_err err;
	static const char *const rules[] = {"EST",
					    "E5",
					    "EST5EDT",
					    "EST5EDT,M3.2.0",
					    "EST5EDT,M13.2.0,M11.1.0",
					    "EST5EDT,M3.6.0,M11.1.0",
					    "EST5EDT,M3.2.7,M11.1.0",
					    "EST5EDT,J366,J1",
					    "<EST5",
					    "EST5EDT,M3.2.0,M11.1.0x",
					    "EST168",
					    "EST5:60"};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		assert_null(with_rule(rules[i], &err));
		assert_int_equal(err.code, SDP_SYSTEM);
	}
	unsigned char bytes[400];
	put_header(bytes, '2');
	put_header(bytes + 51, '2');
	memcpy(bytes + FOOTER, "\nJST-9\n", 7);
	for (size_t n = 0; n < FOOTER + 7; n++)
		assert_null(sdp_tzif_parse(bytes, n, &err));
	bytes[51 + 31] = 1; /* a leap second */
	assert_null(sdp_tzif_parse(bytes, FOOTER + 7, &err));
	assert_null(sdp_tzif_parse("abcd", 4, &err));
}

static unsigned char *put_number(unsigned char *at, int64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)((uint64_t)value >> (bytes - 1 - i) * 8);
	return at + bytes;
}

/* Transitions between offsets 0 and this one, to which the first leads, and a footer. */
static struct sdp_tz *with_times(const int64_t *times, size_t count, int32_t offset,
				 const char *footer, struct sdp_err *err)
{
	unsigned char bytes[400], *p = bytes + 51 + 44;
	put_header(bytes, '2');
	put_header(bytes + 51, '2');
	bytes[51 + 35] = (unsigned char)count;
	bytes[51 + 39] = 2;
	for (size_t i = 0; i < count; i++)
		p = put_number(p, times[i], 8);
	for (size_t i = 0; i < count; i++)
		*p++ = i % 2 == 0;
	p = put_number(put_number(put_number(p, 0, 6), offset, 4), 0, 3);
	memcpy(p, footer, strlen(footer));
	return sdp_tzif_parse(bytes, (size_t)(p - bytes) + strlen(footer), err);
}

static void damaged_times(void **state)
{
	(void)state;
	struct sdp_err err;
	static const int32_t offsets[] = {93600, -93600, INT32_MAX, INT32_MIN};
	const int64_t now[] = {0}, mixed[] = {10, 5};
	for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
		assert_null(with_times(now, 1, offsets[i], "\n\n", &err));
		assert_non_null(strstr(err.text, "damaged: an offset"));
	}
	assert_null(with_times(mixed, 2, 3600, "\n\n", &err));
	assert_non_null(strstr(err.text, "not in order"));
	assert_null(with_times(now, 1, 3600, "\nAAA100BBB,M3.2.0,M11.1.0\n", &err));
}

/* What lies before or behind the years of times is no reason to walk there. */
static void far_times(void **state)
{
	(void)state;
	struct sdp_err err;
	static const int64_t early[] = {INT64_MIN, INT64_MIN + 1, -(INT64_C(1) << 59),
					-62200000000},
			     late[] = {INT64_MAX, INT64_C(1) << 59, 253500000000};
	for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
		struct sdp_tz *zone =
			with_times(&early[i], 1, 3600, "\nCET-1CEST,M3.5.0,M10.5.0/3\n", &err);
		assert_non_null(zone);
		assert_int_equal(zone->stretches[0].offset, 3600);
		assert_int_equal(zone->stretches[sdp_tz_find(zone, 1720000000, 0)].offset, 7200);
		free(zone);
	}
	for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
		struct sdp_tz *zone =
			with_times(&late[i], 1, 3600, "\nCET-1CEST,M3.5.0,M10.5.0/3\n", &err);
		assert_non_null(zone);
		assert_int_equal(zone->stretches[sdp_tz_find(zone, 253402300799, 0)].offset, 0);
		free(zone);
	}
}

/* The rule begins behind the last transition, also one that changes no offset. */
static void rule_after_the_last(void **state)
{
	(void)state;
	struct sdp_err err;
	const int64_t times[] = {0, 1720000000};
	struct sdp_tz *zone = with_times(times, 2, 0, "\nAAA0BBB,M1.1.0,M12.1.0\n", &err);
	assert_non_null(zone);
	assert_int_equal(zone->stretches[sdp_tz_find(zone, 1600000000, 0)].offset, 0);
	assert_int_equal(zone->stretches[sdp_tz_find(zone, 1750000000, 0)].offset, 3600);
	free(zone);
}

static void versions(void **state)
{
	(void)state;
	struct sdp_err err;
	unsigned char bytes[60];
	put_header(bytes, '\0');
	bytes[46] = 0x0e; /* an offset of 0xe10 */
	bytes[47] = 0x10;
	struct sdp_tz *zone = sdp_tzif_parse(bytes, 51, &err);
	assert_non_null(zone);
	assert_int_equal(zone->count, 1);
	assert_int_equal(zone->stretches[0].offset, 3600);
	free(zone);
}

static void local_times(void **state)
{
	(void)state;
	struct sdp_err err;
	enum sdp_tz_local how;
	struct sdp_tz *zone = with_rule("EST5EDT,M3.2.0,M11.1.0", &err);
	assert_non_null(zone);
	/* 2013-03-10 2:30 never was: 3:30 EDT. */
	assert_int_equal(sdp_tz_instant(zone, 1362882600, &how), 1362900600);
	assert_int_equal(how, SDP_LOCAL_NEVER);
	assert_int_equal(sdp_tz_instant(zone, 1362880800, &how), 1362898800);
	assert_int_equal(how, SDP_LOCAL_NEVER);
	assert_int_equal(sdp_tz_instant(zone, 1362884400, &how), 1362898800);
	assert_int_equal(how, SDP_LOCAL_ONCE);
	/* 2013-11-03 1:30 was twice: the first is EDT. */
	assert_int_equal(sdp_tz_instant(zone, 1383442200, &how), 1383456600);
	assert_int_equal(how, SDP_LOCAL_TWICE);
	assert_int_equal(sdp_tz_instant(zone, 1383444000, &how), 1383462000);
	assert_int_equal(how, SDP_LOCAL_ONCE);
	free(zone);
}

static void names(void **state)
{
	(void)state;
	struct sdp_err err;
	static const char *const unknown[] =
		{"", "Europe/Berl", "../etc/passwd", "/etc/localtime", "Europe", "a//b", "UTC/"};
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		assert_null(sdp_tz_load(unknown[i], &err));
		assert_int_equal(err.code, SDP_USAGE);
	}
	assert_null(sdp_tz_load("zone.tab", &err));
	setenv("TZDIR", "/nowhere", 1);
	assert_null(sdp_tz_load("Europe/Berlin", &err));
	assert_int_equal(err.code, SDP_SYSTEM);
	struct sdp_tz *zone = sdp_tz_load("UTC", &err);
	assert_non_null(zone);
	assert_int_equal(zone->count, 1);
	free(zone);
	unsetenv("TZDIR");
	zone = sdp_tz_load("Europe/Berlin", &err);
	assert_non_null(zone);
	assert_int_equal(zone->stretches[sdp_tz_find(zone, 1372636800, 0)].offset, 7200);
	assert_int_equal(zone->stretches[sdp_tz_find(zone, 32503680000, 0)].offset, 3600);
	free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_footers),    cmocka_unit_test(bad_files),
		cmocka_unit_test(damaged_times),       cmocka_unit_test(far_times),
		cmocka_unit_test(rule_after_the_last), cmocka_unit_test(versions),
		cmocka_unit_test(local_times),         cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

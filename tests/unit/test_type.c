/* Tests the types of cells and columns, times and nulls. */
#define _DEFAULT_SOURCE
#include "base/rng.h"
#include "sdp/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ALL = 128 };

/* ---- types ---- */

/* The definition in sdp-csv.5, as rules from narrow to wide. */
static enum sdp_type expected_type(unsigned seen)
{
	bool zoned = seen & SDP_SEEN_ZONED, number = seen & (SDP_SEEN_INTEGER | SDP_SEEN_REAL);
	bool time = seen & (SDP_SEEN_DATE | SDP_SEEN_LOCAL | SDP_SEEN_ZONED);
	bool boolean = seen & SDP_SEEN_BOOLEAN;
	if (seen == 0 || seen & SDP_SEEN_STRING || boolean + number + time > 1)
		return SDP_STRING;
	if (boolean)
		return SDP_BOOLEAN;
	if (number)
		return seen & SDP_SEEN_REAL ? SDP_REAL_TYPE : SDP_INTEGER_TYPE;
	if (zoned)
		return seen == SDP_SEEN_ZONED ? SDP_DATETIME : SDP_STRING;
	return seen & SDP_SEEN_LOCAL ? SDP_DATETIME : SDP_DATE;
}

static void test_types(void **state)
{
	(void)state;
	for (unsigned seen = 0; seen < ALL; seen++) {
		enum sdp_type type = sdp_type_of(seen);
		assert_int_equal(type, expected_type(seen));
		/* What a type was made of it admits. */
		assert_int_equal(seen & ~sdp_type_admits(type), 0);
		/* Joining two parts is an OR; a part is never wider than the whole. */
		for (unsigned more = 0; more < ALL; more++)
			if (sdp_type_of(seen | more) != SDP_STRING && seen)
				assert_int_equal(sdp_type_class(sdp_type_of(seen | more)),
						 sdp_type_class(type));
	}
}

static void test_type_names(void **state)
{
	static const char *const names[] = {"string", "boolean", "integer",
					    "real",   "date",    "datetime"};
	static const enum sdp_class classes[] = {SDP_CLASS_TEXT,   SDP_CLASS_BOOLEAN,
						 SDP_CLASS_NUMBER, SDP_CLASS_NUMBER,
						 SDP_CLASS_TIME,   SDP_CLASS_TIME};
	enum sdp_type type;
	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_string_equal(sdp_type_name((enum sdp_type)i), names[i]);
		assert_true(sdp_type_by_name(names[i], strlen(names[i]), &type));
		assert_int_equal(type, i);
		assert_int_equal(sdp_type_class(type), classes[i]);
		assert_false(sdp_type_by_name(names[i], strlen(names[i]) - 1, &type));
	}
	assert_false(sdp_type_by_name("int", 3, &type));
	assert_false(sdp_type_by_name("", 0, &type));
	assert_true(sdp_type_by_name("datetimes", 8, &type));
	assert_int_equal(type, SDP_DATETIME);
	assert_true(sdp_type_by_name("dates", 4, &type));
	assert_int_equal(type, SDP_DATE);
}

static unsigned seen(const char *cell)
{
	return sdp_cell_seen(cell, strlen(cell), '.', 0);
}

static void test_cells(void **state)
{
	(void)state;
	assert_int_equal(seen("TRUE"), SDP_SEEN_BOOLEAN);
	assert_int_equal(seen("-7"), SDP_SEEN_INTEGER);
	assert_int_equal(seen(" 7\t"), SDP_SEEN_INTEGER);
	assert_int_equal(seen("9223372036854775807"), SDP_SEEN_INTEGER);
	assert_int_equal(seen("9223372036854775808"), SDP_SEEN_INTEGER);
	assert_int_equal(seen("7."), SDP_SEEN_REAL);
	assert_int_equal(seen("1e3"), SDP_SEEN_REAL);
	assert_int_equal(seen("007"), SDP_SEEN_STRING);
	assert_int_equal(seen("inf"), SDP_SEEN_STRING);
	assert_int_equal(seen("0x1"), SDP_SEEN_STRING);
	assert_int_equal(seen("2024-02-29"), SDP_SEEN_DATE);
	assert_int_equal(seen("2023-02-29"), SDP_SEEN_STRING);
	assert_int_equal(seen("2024-02-29 10:00"), SDP_SEEN_LOCAL);
	assert_int_equal(seen("2024-02-29T10:00Z"), SDP_SEEN_ZONED);
	assert_int_equal(seen(""), SDP_SEEN_STRING);
	assert_int_equal(seen("x"), SDP_SEEN_STRING);
	assert_int_equal(sdp_cell_seen("1,5", 3, ',', 0), SDP_SEEN_REAL);
	assert_int_equal(sdp_cell_seen("1.5", 3, ',', 0), SDP_SEEN_STRING);
}

static void test_booleans(void **state)
{
	static const char *const none[] = {"",    "t",      "1",    "0",     "yes",  "truee",
					   "tru", "falsee", "fals", " true", "true "};
	(void)state;
	/* Every way to write them in small and large letters. */
	for (unsigned mask = 0; mask < 32; mask++) {
		char yes[] = "true", no[] = "false";
		for (unsigned i = 0; i < 4; i++)
			yes[i] = (char)(yes[i] - (mask >> i & 1 ? 32 : 0));
		for (unsigned i = 0; i < 5; i++)
			no[i] = (char)(no[i] - (mask >> i & 1 ? 32 : 0));
		assert_int_equal(sdp_boolean_parse(yes, 4), 1);
		assert_int_equal(sdp_boolean_parse(no, 5), 0);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(sdp_boolean_parse(none[i], strlen(none[i])), -1);
}

/* ---- times ---- */

static void time_is(const char *text, unsigned want, int64_t seconds, int64_t fraction, int digits)
{
	int64_t second = 1, part = -1;
	int scale = -1;
	char exact[64];
	size_t n = strlen(text);
	/* Not terminated: nothing behind the cell may matter. */
	memset(exact, '9', sizeof exact);
	memcpy(exact, text, n);
	unsigned got = sdp_time_parse(exact, n, &second, &part, &scale);
	if (got != want)
		fail_msg("'%s': %u, not %u", text, got, want);
	if (!want)
		return;
	assert_in_range(scale, 0, 9);
	/* The fraction is that of the second before a time. */
	if (fraction < 0) {
		seconds--;
		fraction += sdp_pow10[digits];
	}
	if (second != seconds || part >= sdp_pow10[scale] ||
	    sdp_decimal_compare(part, scale, fraction, digits) != 0)
		fail_msg("'%s': %lld + %lld / 10^%d", text, (long long)second, (long long)part,
			 scale);
}

static void none(const char *text)
{
	time_is(text, 0, 0, 0, 0);
}

enum { D = SDP_SEEN_DATE, L = SDP_SEEN_LOCAL, Z = SDP_SEEN_ZONED };

static void test_dates(void **state)
{
	(void)state;
	time_is("1970-01-01", D, 0, 0, 0);
	time_is("1969-12-31", D, -86400, 0, 0);
	time_is("2000-02-29", D, INT64_C(951782400), 0, 0);
	time_is("1900-02-28", D, INT64_C(-2203977600), 0, 0);
	time_is("0000-01-01", D, INT64_C(-62167219200), 0, 0);
	time_is("0000-02-29", D, INT64_C(-62162121600), 0, 0);
	time_is("9999-12-31", D, INT64_C(253402214400), 0, 0);
	none("1900-02-29");
	none("2100-02-29");
	none("2023-02-29");
	none("2024-02-30");
	none("2024-04-31");
	none("2024-00-01");
	none("2024-13-01");
	none("2024-01-00");
	none("2024-01-32");
	none("2024-1-1");
	none("24-01-01");
	none("20240101");
	none("2024/01/01");
	none("2024-01-01 ");
	none(" 2024-01-01");
	none("2024-01-0x");
	none("-024-01-01");
	none("");
	none("2024-01");
}

static void test_datetimes(void **state)
{
	(void)state;
	time_is("1970-01-01T00:00", L, 0, 0, 0);
	time_is("1970-01-01 01:02", L, 3720, 0, 0);
	time_is("1970-01-01t01:02:03", L, 3723, 0, 0);
	time_is("1969-12-31T23:59:59", L, -1, 0, 0);
	time_is("9999-12-31 23:59:59", L, INT64_C(253402300799), 0, 0);
	none("1970-01-01T24:00");
	none("1970-01-01T23:60");
	none("1970-01-01T23:59:60");
	none("1970-01-01T");
	none("1970-01-01T1");
	none("1970-01-01T10");
	none("1970-01-01T10:0");
	none("1970-01-01T10x00");
	none("1970-01-01T10:00x00");
	none("1970-01-01T1:00");
	none("1970-01-01T10:00:");
	none("1970-01-01T10:00:0");
	none("1970-01-01T10:00 ");
	none("1970-01-01_10:00");
	none("1970-01-01  10:00");
	none("1970-01-01T10:00PM");
	none("1970-01-01T-1:00");
	none("1970-01-01T10:00:00x");
}

static void test_fractions(void **state)
{
	(void)state;
	time_is("1970-01-01T00:00:00.5", L, 0, 5, 1);
	time_is("1970-01-01T00:00:01.123456789", L, 1, 123456789, 9);
	time_is("1970-01-01T00:00:00.000", L, 0, 0, 0);
	time_is("1970-01-01T00:00:00.120000000000000", L, 0, 12, 2);
	time_is("1970-01-01T00:00:00.123456789000", L, 0, 123456789, 9);
	time_is("1969-12-31T23:59:59.75", L, 0, -25, 2);
	time_is("1970-01-01 00:00:00.25Z", Z, 0, 25, 2);
	time_is("1970-01-01 00:00:00.25+01:00", Z, -3600, 25, 2);
	time_is("9999-12-31T23:59:59.9999999", L, INT64_C(253402300799), 9999999, 7);
	/* Zeros that say nothing make no number too large. */
	time_is("9999-12-31T23:59:59.000000000", L, INT64_C(253402300799), 0, 0);
	time_is("0000-01-01T00:00:00.500000000", L, INT64_C(-62167219200), 5, 1);
	time_is("2024-01-01T00:00:00.999999999", L, INT64_C(1704067200), 999999999, 9);
	none("1970-01-01T00:00:00.");
	none("1970-01-01T00:00:00.Z");
	none("1970-01-01T00:00:00.+01");
	none("1970-01-01T00:00:00,5");
	none("1970-01-01T00:00.5");
	none("1970-01-01T00:00:00.1234567891");
	none("1970-01-01T00:00:00.0000000001");
	none("1970-01-01T00:00:00.12345678900001");
	none("1970-01-01T00:00:00.5.5");
	time_is("9999-12-31T23:59:59.123456789", L, INT64_C(253402300799), 123456789, 9);
	time_is("9999-12-31T23:59:59.99999999", L, INT64_C(253402300799), 99999999, 8);
	time_is("0000-01-01T00:00:00.000000001", L, INT64_C(-62167219200), 1, 9);
}

static void test_zones(void **state)
{
	(void)state;
	time_is("1970-01-01T00:00Z", Z, 0, 0, 0);
	time_is("1970-01-01T00:00:00z", Z, 0, 0, 0);
	time_is("1970-01-01T00:00+01", Z, -3600, 0, 0);
	time_is("1970-01-01T00:00-0130", Z, 5400, 0, 0);
	time_is("1970-01-01T00:00:00+05:45", Z, -20700, 0, 0);
	time_is("1970-01-01T00:00:00-23:59", Z, 86340, 0, 0);
	time_is("0000-01-01T00:00:00+23:59", Z, INT64_C(-62167219200) - 86340, 0, 0);
	time_is("1970-01-01T00:00:00-04:56:02", Z, 17762, 0, 0);
	none("1970-01-01T00:00+1");
	none("1970-01-01T00:00+04:56:60");
	none("1970-01-01T00:00+04:56-02");
	none("1970-01-01T00:00+04:5602");
	none("1970-01-01T00:00+1:00");
	none("1970-01-01T00:00+24:00");
	none("1970-01-01T00:00+00:60");
	none("1970-01-01T00:00+01:0");
	none("1970-01-01T00:00+01:000");
	none("1970-01-01T00:00+01-00");
	none("1970-01-01T00:00ZZ");
	none("1970-01-01T00:00:00+0x");
	none("1970-01-01Z");
	none("1970-01-01 UTC");
}

/* As BigQuery, Ruby, git and date(1) write zones. */
static void test_zone_names(void **state)
{
	static const char *const zones[] = {" UTC", "UTC", " GMT", "GMT",
					    " Z",   "Z",   " +00", " +00:00"};
	static const char *const bad[] = {"  UTC", " UTC ", " utc", " CET", " UTC+1",
					  " UTCZ", " ",     " U",   " +",   "  +01:00",
					  "\tUTC", " Z ",   " EST", " -0",  "GMT0"};
	char text[64];
	(void)state;
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
		snprintf(text, sizeof text, "1970-01-01 00:01%s", zones[i]);
		time_is(text, Z, 60, 0, 0);
		snprintf(text, sizeof text, "1970-01-01T00:00:02.25%s", zones[i]);
		time_is(text, Z, 2, 25, 2);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "1970-01-01 00:01:00%s", bad[i]);
		none(text);
	}
	time_is("1970-01-01 00:00:00 +0530", Z, -19800, 0, 0);
	time_is("1970-01-01 00:00 -04:56:02", Z, 17762, 0, 0);
}

static void test_times_against_timegm(void **state)
{
	(void)state;
	for (int year = 0; year < 10000; year++)
		for (int k = 0; k < 24; k++) {
			uint64_t r = sdp_rng(9, (uint64_t)year, (uint64_t)k);
			struct tm tm = {.tm_year = year - 1900,
					.tm_mon = k / 2,
					.tm_mday = k % 2 ? 1 + (int)(r % 32) : 31,
					.tm_hour = (int)(r >> 8) % 24,
					.tm_min = (int)(r >> 16 & 63) % 60,
					.tm_sec = (int)(r >> 24 & 63) % 60};
			char text[64];
			struct tm back = tm;
			snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", year,
				 tm.tm_mon + 1, tm.tm_mday, abs(tm.tm_hour), tm.tm_min, tm.tm_sec);
			tm.tm_hour = back.tm_hour = abs(tm.tm_hour);
			int64_t want = timegm(&back), second, part;
			int scale;
			/* timegm carries days that a month does not have into the next. */
			bool real = back.tm_mday == tm.tm_mday;
			assert_int_equal(sdp_time_parse(text, 19, &second, &part, &scale),
					 real ? L : 0);
			assert_true(!real || second == want);
			assert_int_equal(sdp_time_parse(text, 10, &second, &part, &scale),
					 real ? D : 0);
		}
}

/* Any byte changed in a good time: good or not, but never read past its end. */
static void test_damaged_times(void **state)
{
	static const char good[] = "2024-02-29T12:34:56.789+01:30";
	static const char bytes[] = "09:-+TZ. x,\xff";
	(void)state;
	for (size_t n = 0; n < sizeof good; n++)
		for (size_t at = 0; at < n; at++)
			for (size_t b = 0; b < sizeof bytes; b++) {
				char *text = test_malloc(n);
				int64_t second, part;
				int scale;
				memcpy(text, good, n);
				text[at] = bytes[b];
				unsigned got = sdp_time_parse(text, n, &second, &part, &scale);
				assert_true(got == 0 || got == D || got == L || got == Z);
				assert_true(got != D || n == 10);
				test_free(text);
			}
}

/* ---- nulls ---- */

static bool null(const struct sdp_nulls *nulls, const char *text)
{
	return sdp_is_null(nulls, text, strlen(text));
}

static void test_nulls(void **state)
{
	static const char *const standard[] = {"", "NA", "N/A", "NaN", "nan", "null", "NULL"};
	struct sdp_nulls nulls;
	struct sdp_err err;
	(void)state;
	assert_int_equal(sdp_nulls_init(&nulls, NULL, '.', &err), 0);
	assert_int_equal(nulls.count, 7);
	assert_false(nulls.numeric);
	for (size_t i = 0; i < 7; i++)
		assert_true(null(&nulls, standard[i]));
	assert_false(null(&nulls, "na"));
	assert_false(null(&nulls, "N"));
	assert_false(null(&nulls, "NULLS"));
	assert_false(null(&nulls, " NA"));
	assert_false(null(&nulls, "Null"));
	assert_int_equal(sdp_nulls_init(&nulls, "", '.', &err), 0);
	assert_int_equal(nulls.count, 0);
	assert_false(null(&nulls, ""));
	assert_false(null(&nulls, "NA"));
	assert_int_equal(sdp_nulls_init(&nulls, "-,?", '.', &err), 0);
	assert_true(null(&nulls, "-") && null(&nulls, "?"));
	assert_false(null(&nulls, ""));
	assert_false(null(&nulls, "NA"));
	assert_int_equal(sdp_nulls_init(&nulls, "x,", '.', &err), 0);
	assert_true(nulls.empty && null(&nulls, "") && null(&nulls, "x"));
	assert_int_equal(sdp_nulls_init(&nulls, "x,-999", '.', &err), 0);
	assert_true(nulls.numeric && null(&nulls, "-999"));
	assert_int_equal(sdp_nulls_init(&nulls, "1;5", ';', &err), 0);
	assert_true(nulls.numeric);
	assert_int_equal(sdp_nulls_init(&nulls, "1;5", '.', &err), 0);
	assert_false(nulls.numeric);
}

static void test_null_limits(void **state)
{
	struct sdp_nulls nulls;
	struct sdp_err err;
	/* 33 texts, then 32 of them. */
	char many[66];
	(void)state;
	memset(many, ',', sizeof many);
	for (int i = 0; i < 33; i++)
		many[2 * i] = 'a';
	many[63] = '\0';
	assert_int_equal(sdp_nulls_init(&nulls, many, '.', &err), 0);
	assert_int_equal(nulls.count, 32);
	many[63] = ',';
	many[65] = '\0';
	assert_int_equal(sdp_nulls_init(&nulls, many, '.', &err), -1);
	assert_int_equal(err.code, SDP_USAGE);
	assert_string_equal(err.text, "--na: more than 32 texts");
	assert_int_equal(sdp_nulls_init(&nulls, "x,1234567890123456789012345678901234567890", '.',
					&err),
			 0);
	assert_true(null(&nulls, "1234567890123456789012345678901234567890"));
	assert_int_equal(sdp_nulls_init(&nulls, "12345678901234567890123456789012345678901", '.',
					&err),
			 -1);
	assert_string_equal(
		err.text,
		"--na: longer than 40 bytes: '12345678901234567890123456789012345678901'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),         cmocka_unit_test(test_type_names),
		cmocka_unit_test(test_cells),         cmocka_unit_test(test_booleans),
		cmocka_unit_test(test_dates),         cmocka_unit_test(test_datetimes),
		cmocka_unit_test(test_fractions),     cmocka_unit_test(test_zones),
		cmocka_unit_test(test_zone_names),    cmocka_unit_test(test_times_against_timegm),
		cmocka_unit_test(test_damaged_times), cmocka_unit_test(test_nulls),
		cmocka_unit_test(test_null_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the texts of sizes and durations, above all where rounding leads to the next unit. */
#include "base/human.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static void expect_bytes(double bytes, int digits, const char *text)
{
	char out[SDP_HUMAN_TEXT];
	assert_int_equal(sdp_human_bytes(out, bytes, digits), strlen(text));
	assert_string_equal(out, text);
}

static void expect_seconds(double seconds, int digits, const char *text)
{
	char out[SDP_HUMAN_TEXT];
	assert_int_equal(sdp_human_seconds(out, seconds, digits), strlen(text));
	assert_string_equal(out, text);
}

static void bytes(void **state)
{
	(void)state;
	expect_bytes(0, 3, "0 B");
	expect_bytes(1, 3, "1 B");
	expect_bytes(999, 3, "999 B");
	expect_bytes(999.4, 3, "999 B");
	expect_bytes(999.6, 3, "1.00 kB");
	expect_bytes(1000, 3, "1.00 kB");
	expect_bytes(1234, 3, "1.23 kB");
	expect_bytes(12345, 3, "12.3 kB");
	expect_bytes(999499, 3, "999 kB");
	expect_bytes(999500, 3, "1.00 MB");
	expect_bytes(999500, 5, "999.50 kB");
	expect_bytes(25.3e9, 3, "25.3 GB");
	expect_bytes(0x1p63, 3, "9.22 EB");
	expect_bytes(0x1p64 * 1000, 3, "18447 EB");
	expect_bytes(123456789, 9, "123.456789 MB");
	expect_bytes(123456789, 1, "123 MB");
}

static void seconds(void **state)
{
	(void)state;
	expect_seconds(0, 3, "0 s");
	expect_seconds(-0.0, 3, "0 s");
	expect_seconds(1, 3, "1.00 s");
	expect_seconds(0.5, 3, "500 ms");
	expect_seconds(0.9994, 3, "999 ms");
	expect_seconds(0.9996, 3, "1.00 s");
	expect_seconds(12e-6, 3, "12.0 µs");
	expect_seconds(1e-9, 3, "1.00 ns");
	expect_seconds(1e-12, 3, "0.00100 ns");
	expect_seconds(59.94, 3, "59.9 s");
	expect_seconds(59.96, 3, "1 min 0 s");
	expect_seconds(65.4, 3, "1 min 5 s");
	expect_seconds(119.6, 3, "2 min 0 s");
	expect_seconds(3599.4, 3, "59 min 59 s");
	expect_seconds(3599.6, 3, "1 h 0 min");
	expect_seconds(7265, 3, "2 h 1 min");
	expect_seconds(86399, 3, "1 d 0 h");
	expect_seconds(360000, 3, "4 d 4 h");
	expect_seconds(75.25, 4, "1 min 15.25 s");
	expect_seconds(7265, 6, "2 h 1 min 5.00 s");
	expect_seconds(3600, 5, "1 h 0 min");
	expect_seconds(302400, 5, "3 d 12 h");
	expect_seconds(-302417, 5, "-3 d 12 h 0 min 20 s");
	expect_seconds(302407, 6, "3 d 12 h 0 min 7 s");
	expect_seconds(300, 4, "5 min 0 s");
	expect_seconds(86400.5, 17, "1 d 0 h 0 min 0.500000000000 s");
	expect_seconds(59.99996, 5, "1 min 0 s");
	expect_seconds(119.9996, 5, "2 min 0 s");
	expect_seconds(5.04, 2, "5.0 s");
	expect_seconds(12.4, 2, "12 s");
	expect_seconds(-1.5, 3, "-1.50 s");
	expect_seconds(-90, 3, "-1 min 30 s");
	expect_seconds(1e-300, 3, "1.00e-291 ns");
}

/* A text that does not fit is cut, and its length is that of what is there. */
static void cut(void **state)
{
	static const double values[] = {1e22, 1e40, 1e300, 1.7e308, -1e300, 1e-300, 5e-324};
	char out[SDP_HUMAN_TEXT];
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		for (int digits = 1; digits <= 17; digits++) {
			size_t length = sdp_human_seconds(out, values[i], digits);
			assert_int_equal(length, strlen(out));
			length = sdp_human_bytes(out, fabs(values[i]), digits);
			assert_int_equal(length, strlen(out));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bytes), cmocka_unit_test(seconds),
					   cmocka_unit_test(cut)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

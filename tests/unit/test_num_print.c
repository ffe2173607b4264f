/*
 * Tests the printing of numbers: doubles with the fewest digits that give the same value, and
 * decimals.
 */
#include "base/rng.h"
#include "sdp/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg(__VA_ARGS__);                                                     \
	} while (0)

static void expect_print(double value, const char *text)
{
	char out[32];
	size_t length = sdp_num_print(out, value);

	CHECK(length == strlen(text) && strcmp(out, text) == 0, "%.17g: %s, not %s", value, out,
	      text);
}

static void shortest_hard_cases(void **state)
{
	(void)state;
	expect_print(0, "0");
	expect_print(-0.0, "0");
	expect_print(1, "1");
	expect_print(-100, "-100");
	expect_print(0.1, "0.1");
	expect_print(0.1 + 0.2, "0.30000000000000004");
	expect_print(1e20, "100000000000000000000");
	expect_print(123456789012345680000., "123456789012345680000");
	expect_print(999999999999999900000., "999999999999999900000");
	expect_print(1e21, "1e+21");
	expect_print(1e23, "1e+23");
	expect_print(1.5e300, "1.5e+300");
	expect_print(0.00001, "0.00001");
	expect_print(0.000001, "0.000001");
	expect_print(0.00000123, "0.00000123");
	expect_print(1e-7, "1e-7");
	expect_print(-1.5e-10, "-1.5e-10");
	expect_print(5e-324, "5e-324");
	expect_print(1e-323, "1e-323");
	expect_print(2.2250738585072011e-308, "2.225073858507201e-308");
	expect_print(DBL_MIN, "2.2250738585072014e-308");
	expect_print(DBL_MAX, "1.7976931348623157e+308");
	expect_print(5.684341886080802e-14, "5.684341886080802e-14");
	expect_print(0x1p-44, "5.684341886080802e-14");
	expect_print(9007199254740991., "9007199254740991");
	expect_print(9007199254740992., "9007199254740992");
	expect_print(9007199254740994., "9007199254740994");
	expect_print(0x1p63, "9223372036854776000");
	expect_print(-0x1p63, "-9223372036854776000");
	expect_print(0x1p64, "18446744073709552000");
	expect_print(9.5367431640625e-7, "9.5367431640625e-7");
	expect_print(2.98023223876953125e-8, "2.9802322387695312e-8");
	expect_print(4.4501477170144028e-308, "4.450147717014403e-308");
	expect_print(9.007199254740993e15, "9007199254740992");
	expect_print(1.0000000000000002, "1.0000000000000002");
	expect_print(0.99999999999999989, "0.9999999999999999");
	expect_print(2.0e-3, "0.002");
	expect_print(-1.2345678901234567e-6, "-0.0000012345678901234567");
}

/* Strips a printed number to its digits; returns how many without trailing zeros. */
static int digits_of(const char *text, char *digits)
{
	int n = 0;

	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0'))
			digits[n++] = *text;
	while (n > 0 && digits[n - 1] == '0')
		n--;
	digits[n] = 0;
	return n;
}

/* A candidate of printf's moved by step units of its last digit. */
static double neighbour(double value, int count, int step)
{
	char text[40], moved[60], digits[40];

	snprintf(text, sizeof(text), "%.*e", count - 1, value);
	int exponent = atoi(strchr(text, 'e') + 1);
	digits[0] = text[0];
	memcpy(digits + 1, text + 2, (size_t)(count - 1));
	digits[count] = 0;
	snprintf(moved, sizeof(moved), "%llde%d", atoll(digits) + step, exponent - count + 1);
	return strtod(moved, NULL);
}

static void check_shortest(double value)
{
	char out[32], digits[40], text[40], nearest[40];

	size_t length = sdp_num_print(out, value);
	CHECK(length == strlen(out) && length < 26, "%a: %s", value, out);
	CHECK(strtod(out, NULL) == value, "%a: %s reads back otherwise", value, out);
	value = fabs(value);
	int count = digits_of(out, digits);
	for (int step = -1; step <= 1 && count > 1; step++)
		CHECK(neighbour(value, count - 1, step) != value, "%a: %s is not the shortest",
		      value, out);
	snprintf(text, sizeof(text), "%.*e", count - 1, value);
	digits_of(text, nearest);
	CHECK(strcmp(digits, nearest) == 0 || strtod(text, NULL) != value,
	      "%a: %s is not the nearest", value, out);
}

static void random_doubles_print_shortest(void **state)
{
	(void)state;
	for (int e = -1074; e < 1024; e++) {
		double v = ldexp(1, e);
		check_shortest(v);
		check_shortest(nextafter(v, 0) == 0 ? v : nextafter(v, 0));
		check_shortest(nextafter(v, HUGE_VAL));
		check_shortest(e < 1023 ? -3 * v : v);
	}
	for (uint64_t i = 0; i < 250000; i++) {
		uint64_t bits = sdp_rng(4, i, 0);
		double v;

		memcpy(&v, &bits, sizeof(v));
		if (isfinite(v) && v != 0)
			check_shortest(v);
		if (i % 64 == 0)
			check_shortest(ldexp((double)(bits >> 12 | 1), -1074));
		check_shortest(sdp_rng_unit(4, i, 1));
		check_shortest((double)(bits >> 20) / 1000 + 1);
		check_shortest((double)(bits | 1));
	}
}

static void digits_agree_with_printf(void **state)
{
	(void)state;
	char out[32], text[40], a[40], b[40];

	assert_int_equal(sdp_num_print_digits(out, 1234.5678, 6), 7);
	assert_string_equal(out, "1234.57");
	sdp_num_print_digits(out, 1e21, 3);
	assert_string_equal(out, "1e+21");
	sdp_num_print_digits(out, 9.99, 2);
	assert_string_equal(out, "10");
	sdp_num_print_digits(out, 123456, 2);
	assert_string_equal(out, "120000");
	sdp_num_print_digits(out, -0.0, 5);
	assert_string_equal(out, "0");
	sdp_num_print_digits(out, 2.5, 1);
	assert_string_equal(out, "2");
	for (uint64_t i = 0; i < 200000; i++) {
		uint64_t bits = sdp_rng(5, i, 0);
		double v;
		int count = 1 + (int)(i % 17);

		memcpy(&v, &bits, sizeof(v));
		if (i % 2)
			v = sdp_rng_unit(5, i, 0) * 1e6;
		if (!isfinite(v))
			continue;
		sdp_num_print_digits(out, v, count);
		snprintf(text, sizeof(text), "%.*e", count - 1, v);
		digits_of(out, a);
		digits_of(text, b);
		CHECK(strcmp(a, b) == 0 && (strtod(out, NULL) == strtod(text, NULL)), "%a %d: %s",
		      v, count, out);
	}
}

static void decimals_print_plainly(void **state)
{
	(void)state;
	static const struct {
		int64_t mantissa;
		int scale;
		const char *text;
	} cases[] = {{0, 0, "0"},
		     {0, 18, "0"},
		     {1, 18, "0.000000000000000001"},
		     {-1, 18, "-0.000000000000000001"},
		     {INT64_MAX, 18, "9.223372036854775807"},
		     {INT64_MIN, 18, "-9.223372036854775808"},
		     {INT64_MIN, 0, "-9223372036854775808"},
		     {1000, 0, "1000"},
		     {1000, 3, "1"},
		     {1500, 3, "1.5"},
		     {-25, 2, "-0.25"},
		     {10, 2, "0.1"},
		     {100000001, 1, "10000000.1"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char out[32];
		assert_int_equal(sdp_decimal_print(out, cases[i].mantissa, cases[i].scale),
				 strlen(cases[i].text));
		assert_string_equal(out, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shortest_hard_cases),
		cmocka_unit_test(random_doubles_print_shortest),
		cmocka_unit_test(digits_agree_with_printf),
		cmocka_unit_test(decimals_print_plainly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the parsing of numbers to exact decimals or doubles, and their comparison. */
#include "base/rng.h"
#include "sdp/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <float.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg(__VA_ARGS__);                                                     \
	} while (0)

static struct sdp_number parse(const char *text)
{
	struct sdp_number n;

	sdp_number_parse(text, strlen(text), '.', &n);
	return n;
}

static void expect(const char *text, enum sdp_number_kind kind, bool integer, int64_t mantissa,
		   int scale, double real)
{
	struct sdp_number n = parse(text);

	CHECK(n.kind == kind && n.integer == integer && n.mantissa == mantissa &&
		      n.scale == scale && n.real == real && !(n.real == 0 && signbit(n.real)),
	      "'%s': kind %d integer %d %lld scale %d %.17g", text, (int)n.kind, n.integer,
	      (long long)n.mantissa, n.scale, n.real);
}

static void decimals_are_canonical(void **state)
{
	(void)state;
	const enum sdp_number_kind D = SDP_NUMBER_DECIMAL;
	expect("0", D, true, 0, 0, 0);
	expect("-0", D, true, 0, 0, 0);
	expect("-0.000", D, false, 0, 0, 0);
	expect("0e999999999999999999999", D, false, 0, 0, 0);
	expect("0e-99999999999999999999", D, false, 0, 0, 0);
	expect("+17", D, true, 17, 0, 17);
	expect(" \t42\t ", D, true, 42, 0, 42);
	expect("5.", D, false, 5, 0, 5);
	expect(".5", D, false, 5, 1, .5);
	expect("-.5E0", D, false, -5, 1, -.5);
	expect("1e3", D, false, 1000, 0, 1000);
	expect("1e0003", D, false, 1000, 0, 1000);
	expect("1.00000000000000000000000", D, false, 1, 0, 1);
	expect("1200e-2", D, false, 12, 0, 12);
	expect("12.300", D, false, 123, 1, 12.3);
	expect("10000000.1", D, false, 100000001, 1, 10000000.1);
	expect("1e-18", D, false, 1, 18, 1e-18);
	expect("10e-19", D, false, 1, 18, 1e-18);
	expect("1e18", D, false, INT64_C(1000000000000000000), 0, 1e18);
	expect("9223372036854775807", D, true, INT64_MAX, 0, 0x1p63);
	expect("-9223372036854775807", D, true, -INT64_MAX, 0, -0x1p63);
	expect("-9223372036854775808", D, true, INT64_MIN, 0, -0x1p63);
	expect("9.223372036854775807", D, false, INT64_MAX, 18, 9.223372036854775807);
	expect("9007199254740993", D, true, INT64_C(9007199254740993), 0, 9007199254740992.);
	expect("9007199254740993.5", D, false, INT64_C(90071992547409935), 1, 9007199254740994.);
	expect("0.000000000000000000000000000001e30", D, false, 1, 0, 1);
	expect("1000000000000000000000000000000e-30", D, false, 1, 0, 1);
}

static void other_numbers_are_doubles(void **state)
{
	(void)state;
	const enum sdp_number_kind R = SDP_NUMBER_REAL;
	expect("9223372036854775808", R, true, 0, 0, 0x1p63);
	expect("-9223372036854775809", SDP_NUMBER_DECIMAL, true, INT64_MIN, 0, -0x1p63);
	expect("9223372036854775809e-1", SDP_NUMBER_DECIMAL, false, INT64_C(922337203685477632), 0,
	       922337203685477580.9);
	expect("9223372036854775.809e-13", R, false, 0, 0, 922.3372036854775809);
	expect("18446744073709551616", R, true, 0, 0, 0x1p64);
	expect("123456789012345678901", R, true, 0, 0, 123456789012345678901.);
	expect("1e19", R, false, 0, 0, 1e19);
	expect("1e-19", R, false, 0, 0, 1e-19);
	expect("1.00000000000000000000001", SDP_NUMBER_DECIMAL, false, 1, 0, 1);
	expect("0.50000000000000000000001", SDP_NUMBER_DECIMAL, false, 5, 1, .5);
	expect("0.10000000000000000000001", R, false, 0, 0, .1);
	expect("1e308", R, false, 0, 0, 1e308);
	expect("1.7976931348623158e308", R, false, 0, 0, DBL_MAX);
	expect("-1.7976931348623158079e308", R, false, 0, 0, -DBL_MAX);
	expect("2.2250738585072011e-308", R, false, 0, 0, 2.2250738585072011e-308);
	expect("4.9e-324", R, false, 0, 0, 0x1p-1074);
	expect("2.5e-324", R, false, 0, 0, 0x1p-1074);
	expect("2.4703282292062328e-324", R, false, 0, 0, 0x1p-1074);
	expect("2.4703282292062327e-324", SDP_NUMBER_DECIMAL, false, 0, 0, 0);
	expect("-1e-400", SDP_NUMBER_DECIMAL, false, 0, 0, 0);
	expect("1e-99999999999999999999", SDP_NUMBER_DECIMAL, false, 0, 0, 0);
}

static void the_rest_is_text(void **state)
{
	(void)state;
	static const char *const texts[] = {"",
					    " ",
					    ".",
					    "-",
					    "+",
					    "-.",
					    "e5",
					    ".e5",
					    "1e",
					    "1e+",
					    "1e5.0",
					    "1e5 5",
					    "1 2",
					    "- 1",
					    "+-1",
					    "--1",
					    "1..2",
					    "1.2.3",
					    "00",
					    "00123",
					    "-01",
					    "+00.5",
					    "01e5",
					    "0x10",
					    "0x1p3",
					    "inf",
					    "-inf",
					    "Infinity",
					    "nan",
					    "NaN",
					    "1_000",
					    "1,5",
					    "1,000",
					    "1e400",
					    "-1e400",
					    "1.7976931348623159e308",
					    "1e99999999999999999999",
					    "1a",
					    "a1",
					    "1f",
					    "1L",
					    "\n1",
					    "1\n",
					    "1e5e5",
					    "٣",
					    "1\xc2\xa0",
					    "$1",
					    "1%"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct sdp_number n = parse(texts[i]);
		CHECK(n.kind == SDP_NUMBER_NONE && !n.integer && n.mantissa == 0 && n.scale == 0,
		      "'%s'", texts[i]);
	}
	struct sdp_number n;
	sdp_number_parse("1\0", 2, '.', &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
	sdp_number_parse("123456", 3, '.', &n);
	assert_int_equal(n.mantissa, 123);
	sdp_number_parse("-1,25e1", 7, ',', &n);
	assert_int_equal(n.mantissa, -125);
	assert_int_equal(n.scale, 1);
	sdp_number_parse("1.25", 4, ',', &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
}

static void long_texts(void **state)
{
	(void)state;
	const size_t size = 100000;
	char *text = malloc(size + 50);
	struct sdp_number n;

	memset(text, '9', size);
	sdp_number_parse(text, size, '.', &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
	sdp_number_parse(text, 300, '.', &n);
	assert_true(n.kind == SDP_NUMBER_REAL && n.real == 1e300);
	memcpy(text + size, "e-100000", 8);
	sdp_number_parse(text, size + 8, '.', &n);
	assert_true(n.kind == SDP_NUMBER_NONE && !n.integer);
	memset(text, '0', size);
	text[1] = '.';
	memcpy(text + size, "25e99998", 8);
	sdp_number_parse(text, size + 8, '.', &n);
	assert_true(n.kind == SDP_NUMBER_DECIMAL && n.mantissa == 25 && n.scale == 2);
	/*
	 * Half-way between 1 and its neighbour, and a last digit that decides 1,000 places later.
	 */
	int length =
		snprintf(text, size, "1.00000000000000011102230246251565404236316680908203125");
	text[length] = '0';
	sdp_number_parse(text, SDP_DIGITS_MAX + 1, '.', &n);
	assert_true(n.real == 1);
	text[SDP_DIGITS_MAX] = '1';
	sdp_number_parse(text, SDP_DIGITS_MAX + 1, '.', &n);
	assert_true(n.kind == SDP_NUMBER_REAL && n.real == 1 + DBL_EPSILON);
	free(text);
}

/* The decimal by definition: the least scale at which the exact value is an integer. */
static bool oracle(const char *text, int64_t *mantissa, int *scale)
{
	mpq_t value;
	char digits[100];
	size_t n = 0;
	long tens = 0, fits = 0;
	const char *p = text;
	bool point = false;

	if (*p == '-')
		digits[n++] = *p++;
	for (; *p && *p != 'e'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		tens -= point;
		digits[n++] = *p;
	}
	digits[n] = 0;
	if (*p == 'e')
		tens += strtol(p + 1, NULL, 10);
	mpq_init(value);
	mpz_set_str(mpq_numref(value), digits, 10);
	mpz_t power;
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)labs(tens));
	if (tens > 0)
		mpz_mul(mpq_numref(value), mpq_numref(value), power);
	else
		mpz_set(mpq_denref(value), power);
	mpq_canonicalize(value);
	mpz_set_ui(power, 1);
	for (*scale = 0; *scale <= 18 && !fits; ++*scale) {
		if (mpz_divisible_p(power, mpq_denref(value))) {
			mpz_divexact(power, power, mpq_denref(value));
			mpz_mul(power, power, mpq_numref(value));
			if (mpz_fits_slong_p(power))
				fits = 1;
			break;
		}
		mpz_mul_ui(power, power, 10);
	}
	*mantissa = fits ? mpz_get_si(power) : 0;
	mpq_clear(value);
	mpz_clear(power);
	return fits;
}

static size_t random_text(char *text, uint64_t record)
{
	uint64_t draw = 0;
	size_t n = 0;
	int digits = 1 + (int)sdp_rng_below(sdp_rng_below(2, 1, record, 90) ? 40 : 20, 1, record,
					    draw++);
	int point = (int)sdp_rng_below(40, 1, record, draw++);
	bool zeros = sdp_rng_below(3, 1, record, draw++) == 0;

	if (sdp_rng_below(2, 1, record, draw++))
		text[n++] = '-';
	for (int i = 0; i < digits; i++) {
		if (i == point)
			text[n++] = '.';
		char digit = (char)('0' + sdp_rng_below(10, 1, record, draw++));
		if (zeros && sdp_rng_below(4, 1, record, draw++))
			digit = '0';
		if (i == 0 && point != 1 && digit == '0')
			digit = '1';
		text[n++] = digit;
	}
	switch (sdp_rng_below(4, 1, record, draw++)) {
	case 0:
		n += (size_t)sprintf(text + n, "e%d",
				     (int)sdp_rng_below(50, 1, record, draw++) - 25);
		break;
	case 1:
		n += (size_t)sprintf(text + n, "e%d",
				     (int)sdp_rng_below(700, 1, record, draw++) - 350);
		break;
	default:
		break;
	}
	text[n] = 0;
	return n;
}

static void random_texts_agree_with_strtod(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000000; i++) {
		char text[100];
		struct sdp_number n;
		int64_t mantissa;
		int scale;

		sdp_number_parse(text, random_text(text, i), '.', &n);
		double real = strtod(text, NULL);
		if (!isfinite(real)) {
			CHECK(n.kind == SDP_NUMBER_NONE, "%s", text);
			continue;
		}
		CHECK(n.kind != SDP_NUMBER_NONE && n.real == real, "%s: %.17g", text, n.real);
		if (i % 8)
			continue;
		if (!oracle(text, &mantissa, &scale) &&
		    sdp_decimal_from_double(real, &mantissa, &scale))
			CHECK(n.kind == SDP_NUMBER_DECIMAL && n.mantissa == mantissa &&
				      n.scale == scale,
			      "%s", text);
		else if (oracle(text, &mantissa, &scale))
			CHECK(n.kind == SDP_NUMBER_DECIMAL && n.mantissa == mantissa &&
				      n.scale == scale,
			      "%s", text);
		else
			CHECK(n.kind == SDP_NUMBER_REAL, "%s", text);
	}
}

/* Mantissas of all lengths, one in eight next to a half-way point of doubles. */
static int64_t random_mantissa(uint64_t record)
{
	int64_t m = (int64_t)sdp_rng(2, record, 0) >> sdp_rng_below(63, 2, record, 1);

	if (record % 8 == 0)
		m = (int64_t)((sdp_rng(2, record, 0) >> 10 | 1)
			      << sdp_rng_below(10, 2, record, 1)) +
		    (int64_t)sdp_rng_below(3, 2, record, 2) - 1;
	return m;
}

static void decimals_to_doubles_and_back(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000000; i++) {
		int64_t m = random_mantissa(i), back;
		int scale = (int)sdp_rng_below(19, 2, i, 3), back_scale;
		char text[40];

		snprintf(text, sizeof(text), "%llde-%d", (long long)m, scale);
		double value = sdp_decimal_to_double(m, scale);
		CHECK(value == strtod(text, NULL), "%s: %.17g", text, value);

		/* Printing and reading back gives the canonical form. */
		struct sdp_number n;
		size_t length = sdp_decimal_print(text, m, scale);
		sdp_number_parse(text, length, '.', &n);
		back = m;
		back_scale = scale;
		sdp_decimal_canonical(&back, &back_scale);
		CHECK(strlen(text) == length && n.kind == SDP_NUMBER_DECIMAL &&
			      n.mantissa == back && n.scale == back_scale,
		      "%lld %d: %s", (long long)m, scale, text);
		CHECK(sdp_decimal_compare(m, scale, back, back_scale) == 0, "%s", text);
		if (sdp_decimal_from_double(value, &back, &back_scale)) {
			CHECK(sdp_decimal_compare_double(back, back_scale, value) == 0, "%.17g",
			      value);
			CHECK(sdp_decimal_compare_double(m, scale, value) ==
				      sdp_decimal_compare(m, scale, back, back_scale),
			      "%.17g", value);
		}
	}
	assert_true(sdp_decimal_to_double(INT64_MIN, 0) == -0x1p63);
	assert_true(sdp_decimal_to_double(INT64_MIN, 18) == -9.223372036854775808);
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void comparison_is_exact(void **state)
{
	(void)state;
	mpq_t a, b;

	mpq_inits(a, b, (mpq_ptr)NULL);
	for (uint64_t i = 0; i < 200000; i++) {
		int64_t m = random_mantissa(i);
		int scale = (int)sdp_rng_below(19, 3, i, 0);
		double d = sdp_decimal_to_double(m, scale);
		uint64_t bits = sdp_rng(3, i, 1);

		switch (sdp_rng_below(4, 3, i, 2)) {
		case 0:
			d = nextafter(d, -HUGE_VAL);
			break;
		case 1:
			d = nextafter(d, HUGE_VAL);
			break;
		case 2:
			memcpy(&d, &bits, sizeof(d));
			break;
		default:
			break;
		}
		if (!isfinite(d))
			continue;
		mpq_set_si(a, m, (unsigned long)sdp_pow10[scale]);
		mpq_canonicalize(a);
		mpq_set_d(b, d);
		CHECK(sdp_decimal_compare_double(m, scale, d) == sign(mpq_cmp(a, b)),
		      "%lld %d %.17g", (long long)m, scale, d);

		int64_t m2 = i % 2 ? random_mantissa(i + 1)
				   : m / sdp_pow10[scale / 2] + (int64_t)(i / 2 % 3) - 1;
		int scale2 = scale - scale / 2;
		mpq_set_si(b, m2, (unsigned long)sdp_pow10[scale2]);
		mpq_canonicalize(b);
		CHECK(sdp_decimal_compare(m, scale, m2, scale2) == sign(mpq_cmp(a, b)), "%lld %d",
		      (long long)m, scale);
	}
	mpq_clears(a, b, (mpq_ptr)NULL);
	assert_int_equal(sdp_decimal_compare_double(INT64_MIN, 0, -0x1p63), 0);
	assert_int_equal(sdp_decimal_compare_double(INT64_MAX, 0, 0x1p63), -1);
	assert_int_equal(sdp_decimal_compare_double(INT64_MIN, 0, -DBL_MAX), 1);
	assert_int_equal(sdp_decimal_compare_double(0, 0, 0x1p-1074), -1);
	assert_int_equal(sdp_decimal_compare_double(0, 0, -0x1p-1074), 1);
	assert_int_equal(sdp_decimal_compare_double(0, 0, -0.0), 0);
	assert_int_equal(sdp_decimal_compare_double(1, 1, 0.1), -1);
	assert_int_equal(sdp_decimal_compare_double(3, 1, 0.3), 1);
	assert_int_equal(sdp_decimal_compare_double(5, 1, 0.5), 0);
}

static void test_groups(void **state)
{
	static const struct {
		const char *text;
		int64_t mantissa;
		int scale;
		bool integer;
	} good[] = {
		{"1,234", 1234, 0, true},           {"-12,345.5", -123455, 1, false},
		{" 1,234,567 ", 1234567, 0, true},  {"123,456e-2", 123456, 2, false},
		{"+1,000", 1000, 0, true},          {"17", 17, 0, true},
		{"999,999.25", 99999925, 2, false},
	};
	static const char *const bad[] = {
		"1,23",    ",123",        "1,,234",  "1234,567", "1,2345", "0,123",
		"1,234,5", "1.5,000",     "1e1,000", "1,234,",   ",",      "",
		"-,123",   "1,234.5,678", "a,123",   "1,234x",   "00,123",
	};
	struct sdp_number n;
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		sdp_number_parse_grouped(good[i].text, strlen(good[i].text), '.', ",", &n);
		assert_int_equal(n.kind, SDP_NUMBER_DECIMAL);
		assert_int_equal(n.mantissa, good[i].mantissa);
		assert_int_equal(n.scale, good[i].scale);
		assert_int_equal(n.integer, good[i].integer);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		sdp_number_parse_grouped(bad[i], strlen(bad[i]), '.', ",", &n);
		assert_int_equal(n.kind, SDP_NUMBER_NONE);
	}
	sdp_number_parse_grouped("1,234", 5, '.', NULL, &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
	sdp_number_parse_grouped("1\xe2\x80\xaf"
				 "234,5",
				 9, ',', "\xe2\x80\xaf", &n);
	assert_true(n.mantissa == 12345 && n.scale == 1);
	sdp_number_parse_grouped("1\xe2\x80"
				 "234",
				 6, ',', "\xe2\x80\xaf", &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
}

static void leading_zeros(void **state)
{
	static const struct {
		const char *text;
		int64_t mantissa;
		int scale;
		bool integer;
	} good[] = {{"0001", 1, 0, true}, {" -007 ", -7, 0, true},   {"+00.50", 5, 1, false},
		    {"000", 0, 0, true},  {"0012e1", 120, 0, false}, {"00,123", 123, 0, true}};
	struct sdp_number n;
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		sdp_number_parse_padded(good[i].text, strlen(good[i].text), '.', ",", &n);
		assert_int_equal(n.kind, SDP_NUMBER_DECIMAL);
		assert_int_equal(n.mantissa, good[i].mantissa);
		assert_int_equal(n.scale, good[i].scale);
		assert_int_equal(n.integer, good[i].integer);
	}
	sdp_number_parse_padded("0x1", 3, '.', NULL, &n);
	assert_int_equal(n.kind, SDP_NUMBER_NONE);
}

static void wide_numbers(void **state)
{
	static const char *const wide[] = {"9223372036854775808",
					   "-9223372036854775809",
					   "1234567890123456789012",
					   "1.00000000000000000000001",
					   "0.0000000000000000001",
					   "0.123456789012345678901",
					   "123456789012345678e-30",
					   "100000000000000000000",
					   "1e20",
					   "-1.5e300",
					   "1e-330",
					   "-2.4703282292062327e-324"},
				 *const narrow[] = {"9223372036854775807",
						    "1.5e-30",
						    "-9.223372036854775808e18",
						    "0.00012345678901234567",
						    "1.23456789012345678",
						    "1.2345678901234567e-30",
						    "0",
						    "1e-401",
						    "2.5e-324",
						    "2e-308",
						    "9.2e18",
						    "922337203685477580e1"};
	(void)state;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
		assert_true(parse(wide[i]).wide);
		assert_false(parse(narrow[i]).wide);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_canonical),
		cmocka_unit_test(other_numbers_are_doubles),
		cmocka_unit_test(the_rest_is_text),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(random_texts_agree_with_strtod),
		cmocka_unit_test(decimals_to_doubles_and_back),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(leading_zeros),
		cmocka_unit_test(wide_numbers),
		cmocka_unit_test(comparison_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

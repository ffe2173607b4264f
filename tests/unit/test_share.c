/* Tests the parser of shares and percentages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/share.h"

#include <string.h>

static double share(const char *text)
{
	struct sdp_number number;
	bool percent;
	return sdp_share_parse(text, &number, &percent) ? number.real : -1;
}

static void test_shares(void **state)
{
	static const struct {
		const char *text;
		double share;
	} cases[] = {
		{"0", 0},         {"-0", 0},         {"1", 1},
		{"+.5", 0.5},     {"00.5", 0.5},     {"1e-1", 0.1},
		{"1e-30", 1e-30}, {"20%", 0.2},      {"020%", 0.2},
		{"99.9%", 0.999}, {"0.07%", 0.0007}, {"2e1%", 0.2},
		{"0%", 0},        {"100%", 1},       {"0.1234567890123456%", 0.001234567890123456},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (share(cases[i].text) != cases[i].share)
			fail_msg("%s: %.17g", cases[i].text, share(cases[i].text));
}

static void test_other_texts(void **state)
{
	static const char *const texts[] = {"",     "%",      "x",   "-0.1", "1.1",
					    "90",   "100.1%", "-1%", "20 %", " 0.2",
					    "0.2 ", "20%%",   "5%5", "inf",  "nan",
					    "0x1",  "1e400",  "%5",  "1_0",  "1e-30%"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (share(texts[i]) != -1)
			fail_msg("%s: %.17g", texts[i], share(texts[i]));
}

static void test_number_that_is_no_share(void **state)
{
	struct sdp_number number;
	bool percent;
	(void)state;
	assert_false(sdp_share_parse("100", &number, &percent));
	assert_true(number.integer && number.mantissa == 100 && !percent);
	assert_true(sdp_share_parse("1", &number, &percent) && number.integer && !percent);
	assert_true(sdp_share_parse("1%", &number, &percent) && percent);
	assert_int_equal(number.kind, SDP_NUMBER_DECIMAL);
	assert_int_equal(number.mantissa, 1);
	assert_int_equal(number.scale, 2);
}

static void test_messages(void **state)
{
	static const char *const cases[][2] = {
		{"90", "--level: not a number between 0 and 1: '90', did you mean 90%?"},
		{"2", "--level: not a number between 0 and 1: '2', did you mean 2%?"},
		{"1.5", "--level: not a number between 0 and 1, such as 0.2 or 20%: '1.5'"},
		{"101", "--level: not a number between 0 and 1, such as 0.2 or 20%: '101'"},
		{"200%", "--level: not a number between 0 and 1, such as 0.2 or 20%: '200%'"},
		{"x", "--level: not a number between 0 and 1, such as 0.2 or 20%: 'x'"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sdp_err err = {0};
		assert_int_equal(sdp_share_fail("level", cases[i][0], &err), -1);
		assert_int_equal(err.code, SDP_USAGE);
		assert_string_equal(err.text, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_other_texts),
		cmocka_unit_test(test_number_that_is_no_share),
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

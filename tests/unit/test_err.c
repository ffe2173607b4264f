/* Messages are valid UTF-8 wherever long names and texts are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "sdp/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const characters[] = {"x", "\u00e9", "\u20ac", "\U0001f600", "e\u0301"};
enum { CHARACTERS = sizeof characters / sizeof *characters, LONGEST = 1300 };

/* Fills out with start ASCII bytes and then count times the character. */
static void repeat(char *out, size_t start, const char *character, size_t count)
{
	memset(out, 'a', start);
	for (out += start; count > 0; count--)
		out = strcpy(out, character) + strlen(character);
	*out = '\0';
}

static void assert_whole(const char *text, size_t most)
{
	size_t length = strlen(text);
	assert_in_range(length, 0, most);
	assert_int_equal(sdp_utf8_valid(text, length), length);
	assert_null(strchr(text, '?'));
}

static void check(const char *name)
{
	struct sdp_err err = {0};
	char quoted[64];
	sdp_fail(&err, SDP_DATA, "%s", name);
	assert_whole(err.text, sizeof err.text - 1);
	if (strlen(name) >= sizeof err.text)
		assert_in_range(strlen(err.text), sizeof err.text - 4, sizeof err.text - 1);
	errno = ENOENT;
	sdp_fail_errno(&err, "%s", name);
	assert_whole(err.text, sizeof err.text - 1);
	sdp_fail_at(&err, (struct sdp_place){name, 12, name}, "%s", name);
	assert_whole(err.text, sizeof err.text - 1);
	sdp_fail_at(&err, (struct sdp_place){NULL, 0, name}, "short");
	assert_whole(err.text, 250 + strlen(": short"));
	assert_string_equal(err.text + strlen(err.text) - 7, ": short");
	for (size_t size = 8; size <= sizeof quoted; size++)
		assert_whole(sdp_quote(quoted, size, name, strlen(name)), size - 1);
}

static void test_cut_at_every_offset(void **state)
{
	char name[LONGEST + 8];
	(void)state;
	for (size_t c = 0; c < CHARACTERS; c++)
		for (size_t start = 0; start < 8; start++)
			for (size_t bytes = 0; bytes < LONGEST - start; bytes += 5) {
				repeat(name, start, characters[c], bytes / strlen(characters[c]));
				check(name);
			}
}

static void test_prefix(void **state)
{
	(void)state;
	assert_int_equal(sdp_utf8_prefix("", 0), 0);
	assert_int_equal(sdp_utf8_prefix("abc", 5), 3);
	assert_int_equal(sdp_utf8_prefix("abc", 3), 3);
	assert_int_equal(sdp_utf8_prefix("abc", 2), 2);
	assert_int_equal(sdp_utf8_prefix("a\u20ac", 4), 4);
	assert_int_equal(sdp_utf8_prefix("a\u20ac", 3), 1);
	assert_int_equal(sdp_utf8_prefix("a\u20ac", 2), 1);
	assert_int_equal(sdp_utf8_prefix("a\u20ac", 1), 1);
	assert_int_equal(sdp_utf8_prefix("\U0001f600\U0001f600", 7), 4);
	assert_int_equal(sdp_utf8_prefix("\U0001f600\U0001f600", 3), 0);
	/* What is no UTF-8 is cut anywhere. */
	assert_int_equal(sdp_utf8_prefix("\xe9\xe9\xe9", 2), 2);
	assert_int_equal(sdp_utf8_prefix("\x80\x80\x80\x80\x80", 4), 4);
}

/* Names need not be UTF-8, and a precision may cut a character. */
static void test_other_bytes(void **state)
{
	struct sdp_err err = {0};
	(void)state;
	sdp_fail_at(&err, (struct sdp_place){"caf\xe9.csv", 2, "\xff"}, "%.2s|", "a\u20ac");
	assert_string_equal(err.text, "caf?.csv:2:?: a?|");
	sdp_fail(&err, SDP_DATA, "%s", "\xc3");
	assert_string_equal(err.text, "?");
}

/* A terminal would obey control characters; U+0080 to U+009F are such, too. */
static void test_shown(void **state)
{
	char quoted[64];
	(void)state;
	assert_int_equal(sdp_utf8_shown("\xc2\x9b", 2), 0);
	assert_int_equal(sdp_utf8_shown("\xc2\x80", 2), 0);
	assert_int_equal(sdp_utf8_shown("\xc2\xa0", 2), 2);
	assert_int_equal(sdp_utf8_shown("\xe2\x82\xac", 3), 3);
	assert_int_equal(sdp_utf8_shown("\xe2\x82\xac", 2), 0);
	assert_int_equal(sdp_utf8_shown("\u034f", 2), 0);
	assert_int_equal(sdp_utf8_shown("\u0301", 2), 2);
	assert_int_equal(sdp_utf8_shown("\u3164", 3), 0);
	assert_int_equal(sdp_utf8_shown("\ufe0d", 3), 0);
	assert_int_equal(sdp_utf8_shown("\U000e0100", 4), 0);
	assert_int_equal(sdp_utf8_shown("\U0001f600", 4), 4);
	assert_int_equal(sdp_utf8_shown("\x7f", 1), 0);
	assert_int_equal(sdp_utf8_shown("\x1f", 1), 0);
	assert_int_equal(sdp_utf8_shown("~", 1), 1);
	assert_true(sdp_utf8_all_shown("", 0));
	assert_true(sdp_utf8_all_shown("\u00a0a\u20ac", 6));
	assert_false(sdp_utf8_all_shown("a\xc2\x9f", 3));
	assert_false(sdp_utf8_all_shown("a\n", 2));
	sdp_quote(quoted, sizeof quoted, "a\xc2\x9b\x1b[m\u00e9", 8);
	assert_string_equal(quoted, "'a\\xc2\\x9b\\x1b[m\u00e9'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_at_every_offset),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_other_bytes),
		cmocka_unit_test(test_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a terminal is given: characters that it shows, whatever the pieces in which text arrives. */
#include "base/utf8.h"
#include "cli/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sdp_err err;

/* Characters that are shown, and characters that are not. */
static void test_shown(void **state)
{
	static const char *const yes[] = {" ",
					  "~",
					  "\xc2\xa0",
					  "\xc3\xa4",
					  "\xe2\x80\x90",
					  "\xe2\x82\xac",
					  "\xef\xb8\x8f",
					  "\xf0\x9f\x98\x80"};
	static const char *const no[] = {"\x01",
					 "\x1b",
					 "\x7f",
					 "\xc2\x80",
					 "\xc2\x9f",
					 "\xc2\xad",
					 "\xd8\x9c",
					 "\xe1\xa0\x8e",
					 "\xe2\x80\x8b",
					 "\xe2\x80\x8f",
					 "\xe2\x80\xa8",
					 "\xe2\x80\xae",
					 "\xe2\x81\xa6",
					 "\xe2\x81\xaf",
					 "\xef\xbb\xbf",
					 "\xef\xbf\xb9",
					 "\xf3\xa0\x81\x81",
					 "\xc3",
					 "\xed\xa0\x80",
					 "\xff"};
	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_int_equal(sdp_utf8_shown(yes[i], strlen(yes[i])), strlen(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_int_equal(sdp_utf8_shown(no[i], strlen(no[i])), 0);
}

static void test_clean(void **state)
{
	char text[] = "a\033[1m\xe2\x80\xae\tb\n\xff\xc3\xa4";
	(void)state;
	text[sdp_utf8_clean(text, strlen(text), "\n")] = '\0';
	assert_string_equal(text, "a?[1m??b\n?\xc3\xa4");
}

/* The text in two pieces, cut at every place, gives the same. */
static void test_pieces(void **state)
{
	static const char text[] =
		"a\r\nb\rc\t" SDP_BOLD "d" SDP_PLAIN "\033[2J\xe2\x80\xae\xe2\x82\xac\xe2\x82"
		"e\xf0\x9f\x98\x80\x07\xc3";
	static const char wanted[] = "a\r\nb\\x0dc\t" SDP_BOLD "d" SDP_PLAIN
				     "\\x1b[2J\\xe2\\x80\\xae\xe2\x82\xac\\xe2\\x82"
				     "e\xf0\x9f\x98\x80\\x07\\xc3";
	const size_t length = sizeof text - 1;
	(void)state;
	for (size_t cut = 0; cut <= length; cut++) {
		struct sdp_buf out = {0};
		ssize_t n = sdp_terminal_add(&out, text, cut, false, &err);
		assert_in_range(n, 0, cut);
		assert_in_range(cut - (size_t)n, 0, 3);
		assert_int_equal(sdp_terminal_add(&out, text + n, length - (size_t)n, true, &err),
				 length - (size_t)n);
		assert_string_equal(out.data, wanted);
		sdp_buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

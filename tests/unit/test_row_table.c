/* Tests tables of rows that come one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "document/row_table.h"

#include <stdio.h>
#include <string.h>

/* Appends a row of words; those that begin with a digit are numbers, and "-" is null. */
static void row(struct sdp_row_table *t, const char *words, struct sdp_buf *out)
{
	struct sdp_err err;
	for (size_t n; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		enum sdp_text_kind kind = n == 1 && *words == '-' ? SDP_TEXT_NULL
					  : *words <= '9'         ? SDP_TEXT_NUMBER
								  : SDP_TEXT_OTHER;
		assert_int_equal(sdp_row_table_add(t, kind, words, n, &err), 0);
	}
	assert_int_equal(sdp_row_table_end_row(t, out, &err), 0);
}

static void end(struct sdp_row_table *t, struct sdp_buf *out, const char *want)
{
	struct sdp_err err;
	assert_int_equal(sdp_row_table_end(t, out, &err), 0);
	if (want)
		assert_string_equal(out->data, want);
	sdp_row_table_release(t);
	sdp_buf_release(out);
}

static void few(void **state)
{
	struct sdp_row_table t = {0};
	struct sdp_buf out = {0};
	(void)state;
	row(&t, "n s", &out);
	row(&t, "10 word", &out);
	row(&t, "- -", &out);
	row(&t, "7 x", &out);
	assert_int_equal(out.length, 0);
	end(&t, &out, " n  s\n10  word\n -  -\n 7  x\n");
}

static void none(void **state)
{
	struct sdp_row_table t = {.width = 5, .bold = true};
	struct sdp_buf out = {0};
	(void)state;
	row(&t, "long names", &out);
	end(&t, &out, "\033[1mlong\033[0m\n\033[1mnames\033[0m\n");
	t = (struct sdp_row_table){0};
	out = (struct sdp_buf){0};
	struct sdp_err err;
	assert_int_equal(sdp_row_table_end(&t, &out, &err), 0);
	assert_int_equal(out.length, 0);
}

/* After 1,000 rows each row is printed at once, and a wide cell moves what follows it. */
static void many(void **state)
{
	struct sdp_row_table t = {0};
	struct sdp_buf out = {0};
	(void)state;
	row(&t, "n s v", &out);
	for (int i = 0; i < 999; i++)
		row(&t, "1 word 10", &out);
	assert_int_equal(out.length, 0);
	row(&t, "1 word 10", &out);
	assert_int_equal(out.length, 1001 * strlen("1  word  10\n"));
	assert_int_equal(t.held.count, 3);
	out.length = 0;
	row(&t, "12345 x 1", &out);
	row(&t, "1 longer 100", &out);
	end(&t, &out, "12345  x      1\n1  longer  100\n");
}

/* A late text is cut where its line would be wider than the terminal, a number is not. */
static void late(void **state)
{
	struct sdp_row_table t = {.width = 20};
	struct sdp_buf out = {0};
	(void)state;
	row(&t, "n s v", &out);
	for (int i = 0; i < 1000; i++)
		row(&t, "1 word word", &out);
	out.length = 0;
	row(&t, "1 word_of_many_letters word", &out);
	row(&t, "1 longer longer_words", &out);
	row(&t, "12345678901234567890 longer w", &out);
	end(&t, &out,
	    "1  word_of_ma…  word\n"
	    "1  longer  longer_w…\n"
	    "12345678901234567890  lon…  w\n");
}

/* Rows wider than the terminal come in panels of 1,000 rows. */
static void wide(void **state)
{
	struct sdp_row_table t = {.width = 12};
	struct sdp_buf out = {0};
	(void)state;
	row(&t, "id first second", &out);
	for (int i = 0; i < 1001; i++) {
		char text[64];
		snprintf(text, sizeof text, "%d first%d second", 1000 + i, i % 10);
		row(&t, text, &out);
	}
	static const char panels[] = "  id  first\n1000  first0\n";
	assert_memory_equal(out.data, panels, sizeof panels - 1);
	assert_non_null(strstr(out.data, "\n1999  first9\n\n  id  second\n1000  second\n"));
	out.length = 0;
	end(&t, &out, "\nid      2000\nfirst   fir…\nsecond  sec…\n");
}

/* A mebibyte is as good as 1,000 rows, and empty cells count. */
static void large(void **state)
{
	struct sdp_row_table t = {0};
	struct sdp_buf out = {0};
	static char line[1 << 18];
	struct sdp_err err;
	(void)state;
	memset(line, 'x', sizeof line - 1);
	row(&t, "name", &out);
	for (int i = 0; i < 5; i++) {
		assert_true(i == 4 || out.length == 0);
		row(&t, line, &out);
	}
	assert_true(out.length > 5 * sizeof line);
	end(&t, &out, NULL);
	t = (struct sdp_row_table){0};
	out = (struct sdp_buf){0};
	for (int i = 0; i < 20000; i++)
		assert_int_equal(sdp_row_table_add(&t, SDP_TEXT_OTHER, "", 0, &err), 0);
	assert_int_equal(sdp_row_table_end_row(&t, &out, &err), 0);
	for (int i = 0; i < 7 * 20000; i++) {
		assert_int_equal(sdp_row_table_add(&t, SDP_TEXT_OTHER, "", 0, &err), 0);
		if (i % 20000 == 19999)
			assert_int_equal(sdp_row_table_end_row(&t, &out, &err), 0);
	}
	assert_int_equal(t.held.count, 20000);
	assert_true(out.length > 0);
	end(&t, &out, NULL);
}

/* A cell of 3,000 does not make all lines that long. */
static void widest(void **state)
{
	struct sdp_row_table t = {0};
	struct sdp_buf out = {0};
	struct sdp_err err;
	char words[3003];
	(void)state;
	memset(words, 'x', 3000);
	memcpy(words + 3000, " 1", 3);
	row(&t, "a b", &out);
	row(&t, words, &out);
	for (int i = 0; i < 1100; i++)
		row(&t, "y 2", &out);
	assert_int_equal(sdp_row_table_end(&t, &out, &err), 0);
	assert_int_equal(out.length, 1004 + 3004 + 1100 * 1004);
	end(&t, &out, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few),    cmocka_unit_test(none), cmocka_unit_test(many),
		cmocka_unit_test(wide),   cmocka_unit_test(late), cmocka_unit_test(large),
		cmocka_unit_test(widest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the counts of cells that are not what nearly all cells of their column are. */
#define _DEFAULT_SOURCE
#include "table/misfits.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inputs.h"
#include "table/chunk_reader.h"

#include <stdio.h>
#include <string.h>

struct counting {
	struct sdp_misfits misfits;
	uint64_t chunk;
};

static int count_block(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	struct counting *c = context;
	struct sdp_block numbered = *block;
	struct sdp_number_column numbers = {0};
	numbered.chunk = c->chunk;
	int rc = sdp_misfits_read(&c->misfits, &numbered, 0, SDP_CLASS_NUMBER, &numbers, err);
	c->misfits.file = "in.csv";
	sdp_number_column_release(&numbers);
	return rc;
}

/* Counts the cells of column 0 of a CSV text as those of a chunk. */
static struct sdp_misfits count(const char *text, uint64_t chunk)
{
	static const struct sdp_source_options plain = {.max_record = 4 * MIB, .decimal = '.'};
	struct sdp_err err;
	struct counting c = {.chunk = chunk};
	write_text("in.csv", text);
	struct sdp_source *s = open_one("in.csv", &plain);
	assert_int_equal(sdp_chunk_each(s, count_block, &c, &err), 0);
	sdp_source_free(s);
	return c.misfits;
}

static const char *const parts[] = {"a\n1\n2\n", "a\n3\n\"1,200\"\nn/a\n", "a\n", "a\nx\n4\n5\n?\n",
				    "a\n-\n6\n7\n8\n9\n\"2,5\"\n"};

/* Every grouping and order of the parts gives the same counts, first misfit and texts. */
static void test_merging(void **state)
{
	enum { PARTS = sizeof parts / sizeof *parts };
	static const size_t orders[][PARTS] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {3, 0, 4, 2, 1}};
	(void)state;
	for (size_t o = 0; o < 3; o++) {
		struct sdp_misfits all = {0}, half = {0};
		for (size_t i = 0; i < PARTS; i++) {
			struct sdp_misfits one = count(parts[orders[o][i]], orders[o][i]);
			sdp_misfits_merge(i < 2 ? &half : &all, &one);
		}
		sdp_misfits_merge(&all, &half);
		assert_int_equal(all.values, 15);
		assert_int_equal(all.count, 6);
		assert_int_equal(all.unread, 4);
		assert_int_equal(all.read[0], 1); /* --thousands , */
		assert_int_equal(all.read[1], 2); /* --decimal , */
		assert_int_equal(all.chunk, 1);
		assert_int_equal(all.record, 3);
		assert_string_equal(all.first, "'1,200'");
		assert_int_equal(all.text_count, 4);
		assert_memory_equal(all.texts[0].text, "-", 1);
		assert_memory_equal(all.texts[3].text, "x", 1);
		assert_false(all.code);
	}
}

static void test_few(void **state)
{
	static const struct {
		const char *text;
		bool few;
	} cases[] = {
		{"a\n1\n2\n", false}, /* no misfit */
		{"a\n1\nx\n", false}, /* one number is not many */
		{"a\n1\n2\nx\n", true},
		{"a\n1\n2\n3\nx\ny\n", true},
		{"a\n1\n2\nx\ny\n", false},                        /* not fewer */
		{"a\n1\n2\n3\n4\nx\ny\nz\n", false},               /* more than two and a quarter */
		{"a\n1\n2\n3\n4\n5\n6\n7\n8\n9\nx\ny\nz\n", true}, /* a quarter */
		{"a\n1\n2\n3\n4\nx\nx\nx\n", true},                /* all the same */
		{"a\n\"1,5\"\n\"2,5\"\n", true},                   /* numbers by --decimal */
		{"a\n10001\n94110\n73301\n02134\n", false},        /* a code */
		{"a\n\n\n\n", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sdp_misfits m = count(cases[i].text, 0);
		assert_int_equal(is_few(&m), cases[i].few);
	}
}

static void test_warning(void **state)
{
	struct sdp_misfits m = count("a\n1\n2\n\"i,s\"\n", 0);
	struct sdp_column column = {.name = "a"};
	struct sdp_schema schema = {.columns = &column, .count = 1, .decimal = '.'};
	struct sdp_err err;
	char text[SDP_MISFITS_TEXT];
	size_t found = 0;
	(void)state;
	assert_int_equal(sdp_nulls_init(&schema.nulls, "-,NA", '.', &err), 0);
	assert_true(sdp_misfits_warning(&m, &schema, 0, "is left out", &found, text));
	assert_string_equal(text, "column 'a' is left out: 1 of 3 values is not a number, first "
				  "'i,s' in record 4; --types 'a=real' makes it an error");
	m = count("a\n1\n2\n?\n?\n3\n", 0);
	assert_true(sdp_misfits_warning(&m, &schema, 0, "is a string", &found, text));
	assert_string_equal(text, "column 'a' is a string: 2 of 5 values are not numbers, first "
				  "'?' in record 4; --na '-,NA,?' reads them as null");
	found = 5;
	assert_false(sdp_misfits_more(found, text));
	assert_false(sdp_misfits_warning(&m, &schema, 0, "is a string", &found, text));
	assert_true(sdp_misfits_more(found, text));
	assert_string_equal(text, "and 1 more column like these");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merging),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_warning),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}

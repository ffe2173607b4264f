/* Tests that lazy rows are printed like the same rows in a tree, at once or in parts. */
#include "sdp/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 5, MEMBERS = 8 };

static struct sdp_err err;
static const char *const words[WORDS] = {"plain", "a, \"b\"", "tab\tnewline\n", "  blank",
					 "\xc3\xa9\\\x01"};
static const struct sdp_lazy_member members[MEMBERS] =
	{{"items"},         {"count"},    {"to"},   {"share"},
	 {"steps, signed"}, {"\"text\""}, {"word"}, {"any"}};

/* Row number i. */
static int make_row(void *context, uint64_t i, struct sdp_lazy_value *values, struct sdp_err *e)
{
	static uint32_t left[4], right[1];
	const double reals[] = {0.1, 1.0 / 3, 12, NAN, INFINITY, 1e-300, -2.3456789e22};
	const int64_t steps[] = {0, -1, INT64_MIN, INT64_MAX};
	const char *text = words[(i + 3) % WORDS];
	(void)context, (void)e;
	for (uint32_t k = 0; k < 4; k++)
		left[k] = (uint32_t)(i + k) % WORDS;
	right[0] = (uint32_t)(i * 3) % WORDS;
	values[0] = sdp_lazy_words(left, i == 2 ? 4 : (size_t)(i % 4));
	values[1] = sdp_lazy_count(i == 5 ? UINT64_MAX : i * i);
	values[2] = sdp_lazy_words(right, i % 2);
	values[3] = sdp_lazy_real(reals[i % 7]);
	values[4] = sdp_lazy_integer(steps[i % 4]);
	values[5] = sdp_lazy_text(text, i % 3 ? strlen(text) : 0);
	values[6] = sdp_lazy_word((uint32_t)i % WORDS);
	values[7] = i % 3 == 0   ? sdp_lazy_integer(7)
		    : i % 3 == 1 ? sdp_lazy_real(0.5)
				 : (struct sdp_lazy_value){.kind = SDP_LAZY_NULL};
	return 0;
}

static void add_texts(cJSON *row, const char *key, const struct sdp_lazy_value *v)
{
	cJSON *array = sdp_doc_array(row, key, &err);
	for (size_t k = 0; k < v->of.words.count; k++)
		assert_int_equal(sdp_doc_text(array, NULL, words[v->of.words.numbers[k]], &err), 0);
}

static void add_row(cJSON *row, uint64_t i)
{
	struct sdp_lazy_value v[MEMBERS];
	char text[32] = "";
	make_row(NULL, i, v, &err);
	memcpy(text, v[5].of.text.start, v[5].of.text.length);
	add_texts(row, "items", &v[0]);
	assert_int_equal(sdp_doc_count(row, "count", v[1].of.count, &err), 0);
	add_texts(row, "to", &v[2]);
	assert_int_equal(sdp_doc_real(row, "share", v[3].of.real, &err), 0);
	assert_int_equal(sdp_doc_integer(row, "steps, signed", v[4].of.integer, &err), 0);
	assert_int_equal(sdp_doc_text(row, "\"text\"", text, &err), 0);
	assert_int_equal(sdp_doc_text(row, "word", words[v[6].of.word], &err), 0);
	if (i % 3 == 0)
		assert_int_equal(sdp_doc_integer(row, "any", 7, &err), 0);
	else if (i % 3 == 1)
		assert_int_equal(sdp_doc_real(row, "any", 0.5, &err), 0);
	else
		assert_int_equal(sdp_doc_null(row, "any", &err), 0);
}

/* The document, with a long array or (rows NULL) with the tree of it. */
static cJSON *make_doc(struct sdp_lazy_rows *rows, uint64_t count)
{
	cJSON *doc = cJSON_CreateObject();
	assert_int_equal(sdp_doc_text(doc, "task", "some", &err), 0);
	assert_int_equal(sdp_doc_real(doc, "share", 0.123456789, &err), 0);
	if (rows) {
		assert_int_equal(sdp_lazy_rows(doc, "sets", rows, &err), 0);
	} else {
		cJSON *array = sdp_doc_array(doc, "sets", &err);
		for (uint64_t i = 0; i < count; i++)
			add_row(sdp_doc_row(array, &err), i);
	}
	cJSON *row = sdp_doc_row(sdp_doc_array(doc, "more", &err), &err);
	assert_int_equal(sdp_doc_count(row, "n", 7, &err), 0);
	return doc;
}

static int collect(void *context, const void *text, size_t length, struct sdp_err *e)
{
	return sdp_buf_add(context, text, length, e);
}

static void check(uint64_t count, const struct sdp_doc_style *style)
{
	struct sdp_lazy_rows rows = {.members = members,
				     .member_count = MEMBERS,
				     .words = words,
				     .word_count = WORDS,
				     .rows = count,
				     .row = make_row};
	struct sdp_buf wanted = {0}, got = {0}, pieces = {0};
	struct sdp_doc_sink sink = {collect, &pieces};
	cJSON *tree = make_doc(NULL, count), *doc = make_doc(&rows, count);
	int rc = sdp_doc_print(tree, style, &wanted, &err);
	assert_int_equal(sdp_doc_print(doc, style, &got, &err), rc);
	assert_int_equal(sdp_doc_write(doc, style, &sink, &err), rc);
	if (rc == 0) {
		assert_int_equal(got.length, wanted.length);
		assert_int_equal(pieces.length, wanted.length);
		assert_true(wanted.length == 0 ||
			    memcmp(got.data, wanted.data, wanted.length) == 0);
		assert_true(wanted.length == 0 ||
			    memcmp(pieces.data, wanted.data, wanted.length) == 0);
	}
	cJSON_Delete(tree);
	cJSON_Delete(doc);
	sdp_buf_release(&wanted);
	sdp_buf_release(&got);
	sdp_buf_release(&pieces);
}

static void test_same_as_a_tree(void **state)
{
	static const char *const parts[] = {NULL, "sets", "more", "task", "none"};
	(void)state;
	for (int format = SDP_DOC_JSON; format <= SDP_DOC_TABLE; format++)
		for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
			for (int digits = 0; digits <= 17; digits += 3)
				for (uint64_t count = 3; count < 12; count++) {
					enum sdp_doc_format f = (enum sdp_doc_format)format;
					check(count, &(struct sdp_doc_style){.format = f,
									     .digits = digits,
									     .print = parts[part]});
					check(count, &(struct sdp_doc_style){.format = f,
									     .digits = digits,
									     .rows = parts[part]});
				}
	check(5000, &(struct sdp_doc_style){.format = SDP_DOC_JSON});
	check(5000, &(struct sdp_doc_style){.format = SDP_DOC_CSV});
}

/*
 * Without rows the array is empty, and the first for CSV all the same, which then has a header
 * only.
 */
static void test_no_rows(void **state)
{
	struct sdp_lazy_rows rows = {.members = members, .member_count = MEMBERS, .row = make_row};
	struct sdp_buf out = {0};
	cJSON *doc = make_doc(&rows, 0);
	(void)state;
	assert_int_equal(sdp_doc_print(doc, &(struct sdp_doc_style){.format = SDP_DOC_JSON}, &out,
				       &err),
			 0);
	assert_string_equal(
		out.data,
		"{\"task\":\"some\",\"share\":0.123456789,\"sets\":[],\"more\":[{\"n\":7}]}\n");
	out.length = 0;
	assert_int_equal(sdp_doc_print(doc, &(struct sdp_doc_style){.format = SDP_DOC_CSV}, &out,
				       &err),
			 0);
	assert_string_equal(out.data, "items,count,to,share,\"steps, "
				      "signed\",\"\"\"text\"\"\",word,any\n");
	cJSON_Delete(doc);
	sdp_buf_release(&out);
}

static int fail_at_two(void *context, uint64_t i, struct sdp_lazy_value *values, struct sdp_err *e)
{
	return i == 2 ? sdp_fail(e, SDP_SYSTEM, "gone") : make_row(context, i, values, e);
}

static int fail_to_write(void *context, const void *text, size_t length, struct sdp_err *e)
{
	(void)context, (void)text, (void)length;
	return sdp_fail(e, SDP_SYSTEM, "full");
}

static void test_failures(void **state)
{
	struct sdp_lazy_rows rows = {.members = members,
				     .member_count = MEMBERS,
				     .words = words,
				     .word_count = WORDS,
				     .rows = 3000,
				     .row = fail_at_two};
	struct sdp_buf out = {0};
	cJSON *doc = make_doc(&rows, 0);
	(void)state;
	for (int format = SDP_DOC_JSON; format <= SDP_DOC_TABLE; format++) {
		struct sdp_doc_style style = {.format = (enum sdp_doc_format)format};
		rows.row = fail_at_two;
		assert_int_equal(sdp_doc_print(doc, &style, &out, &err), -1);
		assert_string_equal(err.text, "gone");
		rows.row = make_row;
		assert_int_equal(sdp_doc_write(doc, &style,
					       &(struct sdp_doc_sink){fail_to_write, NULL}, &err),
				 -1);
		assert_string_equal(err.text, "full");
	}
	cJSON_Delete(doc);
	sdp_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_a_tree),
		cmocka_unit_test(test_no_rows),
		cmocka_unit_test(test_failures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

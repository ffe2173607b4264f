/*
 * Compares rows written as text with a byte-by-byte walk by the grammar of CSV, or by that of JSON.
 * Cells are unchanged.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/csv_cell.h"
#include "base/rng.h"
#include "inputs.h"
#include "sdp/row_writer.h"

#include <math.h>

static const struct sdp_added_column one[] = {{"new", SDP_ADDED_NUMBER}};

/* in.csv, all of it one chunk, as rows with cell text added (NULL: none). */
static void convert_with(const struct sdp_source_options *options, enum sdp_row_format format,
			 const char *cell, struct sdp_buf *out)
{
	struct sdp_source *s = open_one("in.csv", options);
	struct sdp_row_writer rt;
	struct sdp_added added = {0};
	struct cutter cutter = {0};
	struct sdp_chunk chunk;
	struct sdp_block block;
	struct sdp_err err = {0};
	assert_int_equal(sdp_row_writer_init(&rt, format, "in.csv", sdp_source_schema(s), NULL, one,
					     cell != NULL, &err),
			 0);
	out->length = 0;
	assert_int_equal(sdp_row_writer_header(&rt, out, &err), 0);
	while (next_chunk(&cutter, s, &chunk, &err) == 1) {
		if (sdp_reader_block(&cutter.reader, s, sdp_source_schema(s), &chunk, &block,
				     &err) < 0)
			fail_msg("%s", err.text);
		added.count = added.text.length = 0;
		for (size_t i = 0; cell && i < block.rows; i++)
			assert_int_equal(sdp_added_text(&added, cell, strlen(cell), &err), 0);
		assert_int_equal(sdp_row_writer_block(&rt, &block, &added, out, &err), 0);
	}
	sdp_added_release(&added);
	sdp_row_writer_release(&rt);
	sdp_reader_release(&cutter.reader);
	sdp_source_free(s);
}

static void convert(enum sdp_row_format format, const char *cell, struct sdp_buf *out)
{
	const struct sdp_source_options options = {.max_record = 4 * MIB};
	convert_with(&options, format, cell, out);
}

/* Each line end outside quotes, CR and all, becomes end. */
static void expected(const char *text, size_t n, const char *end, struct sdp_buf *out)
{
	enum { START, PLAIN, INSIDE, CLOSED } w = START;
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (w == INSIDE) {
			w = c == '"' ? CLOSED : INSIDE;
		} else if (c == '\n') {
			add(out, text + from, i - from - (i > from && text[i - 1] == '\r'));
			add(out, end, strlen(end));
			from = i + 1;
			w = START;
		} else {
			w = c == ',' ? START : c == '"' && w != PLAIN ? INSIDE : PLAIN;
		}
	}
}

static void test_as_they_stood(void **state)
{
	struct sdp_buf text = {0}, got = {0}, want = {0};
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		text.length = want.length = 0;
		random_rows(&text, 3000 * seed, seed);
		write_text("in.csv", "a,\"b, c\"\n");
		write_bytes("in.csv", "a", text.data, text.length);
		convert(SDP_ROW_CSV, "12.5", &got);
		add(&want, "a,\"b, c\",new\n", 13);
		expected(text.data, text.length, ",12.5\n", &want);
		assert_int_equal(got.length, want.length);
		assert_memory_equal(got.data, want.data, want.length);
	}
	sdp_buf_release(&text);
	sdp_buf_release(&got);
	sdp_buf_release(&want);
}

/* What comes out without added cells is the same table: through it once more, nothing changes. */
static void test_twice(void **state)
{
	struct sdp_buf text = {0}, first = {0}, second = {0};
	(void)state;
	random_rows(&text, 20000, 7);
	add(&text, "x,cr\r\r\n", 7);
	write_text("in.csv", "a,b\n");
	write_bytes("in.csv", "a", text.data, text.length);
	convert(SDP_ROW_CSV, NULL, &first);
	assert_non_null(strstr(first.data, "x,\"cr\r\"\n"));
	write_bytes("in.csv", "w", first.data, first.length);
	convert(SDP_ROW_CSV, NULL, &second);
	assert_string_equal(first.data, second.data);
	sdp_buf_release(&text);
	sdp_buf_release(&first);
	sdp_buf_release(&second);
}

static void expect(const char *input, enum sdp_row_format format, const char *cell,
		   const char *want)
{
	struct sdp_buf got = {0};
	write_text("in.csv", input);
	convert(format, cell, &got);
	assert_string_equal(got.data, want);
	sdp_buf_release(&got);
}

/* A record of three cells, as CSV; the texts are such as a TSV reader could mistake. */
static void random_record(struct sdp_buf *b, uint64_t seed, uint64_t row)
{
	static const char *const parts[] = {"a",    "7", " ",   "\t", "\n", "\r",   "\"",
					    "\"\"", ",", "\\t", "\\", "é",  "\"x\""};
	enum { PARTS = sizeof parts / sizeof *parts };
	for (uint64_t c = 0; c < 3; c++) {
		char cell[64] = "";
		struct sdp_err err;
		for (uint64_t n = sdp_rng_below(5, seed, row, c); n > 0; n--)
			strcat(cell, parts[sdp_rng_below(PARTS, seed, row, 10 * c + n + 3)]);
		assert_int_equal(sdp_csv_add_cell(b, cell, strlen(cell), ',', &err), 0);
		add(b, c < 2 ? "," : "\n", 1);
	}
}

/*
 * CSV becomes TSV, and that becomes the same CSV.  The first record has a cell of two lines,
 * without which quotes might be taken for text.
 */
static void test_through_tsv(void **state)
{
	struct sdp_buf csv = {0}, tsv = {0}, back = {0};
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		csv.length = 0;
		add(&csv, "a,b,c\n\"x\ny\",1,2\n", 16);
		for (uint64_t row = 0; row < seed % 40; row++)
			random_record(&csv, seed, row);
		write_bytes("in.csv", "w", csv.data, csv.length);
		convert(SDP_ROW_TSV, NULL, &tsv);
		write_bytes("in.csv", "w", tsv.data, tsv.length);
		convert(SDP_ROW_CSV, NULL, &back);
		assert_string_equal(back.data, csv.data);
		convert(SDP_ROW_TSV, NULL, &back);
		assert_string_equal(back.data, tsv.data);
	}
	sdp_buf_release(&csv);
	sdp_buf_release(&tsv);
	sdp_buf_release(&back);
}

static void test_formats(void **state)
{
	(void)state;
	expect("a;b\n1;x,y\n2;\"q\"\"\"\n", SDP_ROW_CSV, "a,b",
	       "a,b,new\n1,\"x,y\",\"a,b\"\n2,\"q\"\"\",\"a,b\"\n");
	expect("a\n\nx\n\"\"\n", SDP_ROW_CSV, "0", "a,new\n,0\nx,0\n\"\",0\n");
	expect("a;\n;\n", SDP_ROW_CSV, NULL, "a,c2\n,\n");
	expect("a,b\n\"x\ty\",\\\n\"l\r\nf\",\r\n", SDP_ROW_TSV, "c\td",
	       "a\tb\tnew\n\"x\ty\"\t\\\t\"c\td\"\n\"l\r\nf\"\t\"\"\t\"c\td\"\n");
	expect("a\tb\n\"x\ty\"\t\\\n", SDP_ROW_TSV, "0", "a\tb\tnew\n\"x\ty\"\t\\\t0\n");
	expect("a,\"\"\"b\"\"\"\n1,NA\n", SDP_ROW_NDJSON, "",
	       "{\"a\":1,\"\\\"b\\\"\":null,\"new\":null}\n");
	expect("a,a\n1,2\n", SDP_ROW_NDJSON, "7", "{\"a\":1,\"a_2\":2,\"new\":7}\n");
	expect("a,a,a_2,a,new_2\n1,2,3,4,5\n", SDP_ROW_NDJSON, "7",
	       "{\"a\":1,\"a_3\":2,\"a_2\":3,\"a_4\":4,\"new_2\":5,\"new\":7}\n");
	expect("\xef\xbb\xbf"
	       "a,b\nx,\xc3\xa4\n",
	       SDP_ROW_NDJSON, "1", "{\"a\":\"x\",\"b\":\"\xc3\xa4\",\"new\":1}\n");
}

/* Cells for programs that lay out rows: "-" null, "0" a number, "a" another, ";" a row's end. */
static void test_cells(void **state)
{
	struct sdp_buf got = {0}, shown = {0};
	struct sdp_err err;
	(void)state;
	write_text("in.csv", "n,s,\n1.50,\"a,\"\"b\",\nNA,007,true\n");
	convert(SDP_ROW_CELLS, "", &got);
	for (const char *p = got.data, *end = p + got.length; p < end;) {
		struct sdp_row_cell cell;
		p = sdp_row_cell_next(p, &cell);
		add(&shown, &"-0a;"[cell.kind], 1);
		if (cell.kind != SDP_ROW_CELL_END)
			add(&shown, cell.text, cell.length);
	}
	assert_int_equal(sdp_buf_add(&shown, "", 0, &err), 0);
	assert_string_equal(shown.data, "anasac3anew;01.50aa,\"b--;-NAa007atrue-;");
	sdp_buf_release(&got);
	sdp_buf_release(&shown);
}

/* in.csv with options comes out as these rows of NDJSON. */
static void expect_rows(const struct sdp_source_options *options, const char *input,
			const char *want)
{
	struct sdp_buf got = {0};
	write_text("in.csv", input);
	convert_with(options, SDP_ROW_NDJSON, NULL, &got);
	assert_string_equal(got.data, want);
	sdp_buf_release(&got);
}

/* A cell is a number if it is one to sdp; it is written as RFC 8259 writes its value. */
static void test_json_cells(void **state)
{
	static const char *const numbers[][2] = {
		{"0", "0"},
		{"-0", "-0"},
		{"10", "10"},
		{"1.0", "1.0"},
		{"-1.50e+10", "-1.50e+10"},
		{"1E5", "1E5"},
		{"0.1e-2", "0.1e-2"},
		{"12345678901234567890123", "12345678901234567890123"},
		{"+1", "1"},
		{"1.", "1"},
		{"-1.e3", "-1e3"},
		{".5", "0.5"},
		{"-.5", "-0.5"},
		{"+.5E-07", "0.5E-07"},
		{"1 ", "1"},
		{"\t -1", "-1"},
	};
	static const char *const others[][2] = {
		{"01", "\"01\""},
		{"-", "\"-\""},
		{"1e", "\"1e\""},
		{"1e+", "\"1e+\""},
		{"0x1", "\"0x1\""},
		{"1,5", "\"1,5\""},
		{"Infinity", "\"Infinity\""},
		{"inf", "\"inf\""},
		{"1e999", "\"1e999\""},
		{"-01", "\"-01\""},
		{"1.5.2", "\"1.5.2\""},
		{"1e5.5", "\"1e5.5\""},
		{".", "\".\""},
		{"--1", "\"--1\""},
		{"+ 1", "\"+ 1\""},
		{" ", "\" \""},
		{"a\\b", "\"a\\\\b\""},
		{"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
		{"\b\f\t/", "\"\\b\\f\\t/\""},
		{"true", "true"},
		{"false", "false"},
		{"TRUE", "\"TRUE\""},
		{" true", "\" true\""},
		{"NaN", "null"},
		{"", "null"},
	};
	const struct sdp_source_options options = {.max_record = 4 * MIB};
	struct sdp_buf text = {0}, want = {0};
	size_t count = sizeof numbers / sizeof *numbers;
	(void)state;
	for (size_t i = 0; i < count + sizeof others / sizeof *others; i++) {
		const char *const *pair = i < count ? numbers[i] : others[i - count];
		text.length = want.length = 0;
		sdp_buf_format(&text, &(struct sdp_err){0}, "a;b\n\"%s\";\n", pair[0]);
		sdp_buf_format(&want, &(struct sdp_err){0}, "{\"a\":%s,\"b\":null}\n", pair[1]);
		expect_rows(&options, text.data, want.data);
	}
	sdp_buf_release(&text);
	sdp_buf_release(&want);
}

/* --decimal and --thousands decide what is a number; --types decides before them. */
static void test_json_options(void **state)
{
	struct sdp_source_options options = {.max_record = 4 * MIB,
					     .decimal = ',',
					     .thousands = "."};
	static const char input[] = "a;b\n1.234;x\n-1.234,50;,5\n12.34;1,e3\n1.5;007\n";
	(void)state;
	expect_rows(&options, input,
		    "{\"a\":1234,\"b\":\"x\"}\n{\"a\":-1234.50,\"b\":0.5}\n"
		    "{\"a\":\"12.34\",\"b\":1e3}\n{\"a\":\"1.5\",\"b\":\"007\"}\n");
	options.thousands = NULL;
	expect_rows(&options, "a;b\n1.234;1,5\n", "{\"a\":\"1.234\",\"b\":1.5}\n");
	options = (struct sdp_source_options){.max_record = 4 * MIB,
					      .types = "a=string,b=boolean,c=real,d=date"};
	expect_rows(&options, "a,b,c,d\n1,TRUE,1,2020-01-01\ntrue,false,+.5,\n",
		    "{\"a\":\"1\",\"b\":true,\"c\":1,\"d\":\"2020-01-01\"}\n"
		    "{\"a\":\"true\",\"b\":false,\"c\":0.5,\"d\":null}\n");
}

static void test_added(void **state)
{
	struct sdp_added added = {0};
	struct sdp_err err;
	(void)state;
	assert_int_equal(sdp_added_integer(&added, INT64_MIN, &err), 0);
	assert_int_equal(sdp_added_real(&added, 0.1, &err), 0);
	assert_int_equal(sdp_added_real(&added, (double)NAN, &err), 0);
	assert_int_equal(sdp_added_real(&added, (double)-INFINITY, &err), 0);
	assert_int_equal(sdp_added_null(&added, &err), 0);
	assert_int_equal(sdp_added_text(&added, "x", 1, &err), 0);
	assert_int_equal(added.count, 6);
	assert_string_equal(added.text.data, "-92233720368547758080.1x");
	assert_int_equal(added.ends[0], 20);
	assert_int_equal(added.ends[4], 23);
	sdp_added_release(&added);
}

static void test_name_taken(void **state)
{
	const struct sdp_source_options options = {.max_record = 4 * MIB};
	struct sdp_row_writer rt;
	struct sdp_err err = {0};
	(void)state;
	write_text("in.csv", "a,new\n1,2\n");
	struct sdp_source *s = open_one("in.csv", &options);
	assert_int_equal(sdp_row_writer_init(&rt, SDP_ROW_CSV, "in.csv", sdp_source_schema(s), NULL,
					     one, 1, &err),
			 -1);
	assert_int_equal(err.code, SDP_DATA);
	assert_string_equal(err.text, "in.csv:1:new: the input already has a column with the name "
				      "of the added one: rename or drop it first");
	sdp_source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_they_stood), cmocka_unit_test(test_twice),
		cmocka_unit_test(test_cells),         cmocka_unit_test(test_formats),
		cmocka_unit_test(test_through_tsv),   cmocka_unit_test(test_json_cells),
		cmocka_unit_test(test_json_options),  cmocka_unit_test(test_added),
		cmocka_unit_test(test_name_taken),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}

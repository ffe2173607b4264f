/*
 * Compares the slow CSV parser with libcsv on random records. Also tests its errors, UTF-8 and the
 * writing of cells.
 */
#include "base/csv_cell.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "table/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include <csv.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"a", "b", "c"};

static const char *name_of(const void *list, size_t column)
{
	return ((const char *const *)list)[column];
}

static struct sdp_csv_context context_of(size_t columns, char delimiter)
{
	return (struct sdp_csv_context){.file = "in.csv",
					.first_record = 10,
					.dialect = {delimiter, '"', '\0'},
					.columns = columns,
					.column_name = name_of,
					.names = names};
}

/* The value of cell i, as csv.h says that it is found; last: of its record. */
static const char *value(const struct sdp_cells *cells, size_t i, bool last, size_t *length)
{
	size_t start = i ? cells->ends[i - 1] + 1 : 0;
	const char *s = cells->text.data + start;
	*length = cells->ends[i] - start;
	if (last && *length && s[*length - 1] == '\r')
		--*length;
	if (*length && *s == '"') {
		s++;
		*length -= 2;
	}
	return s;
}

/* ---- libcsv ---- */

struct libcsv {
	struct sdp_buf text; /* cells, a zero byte behind each, \1 behind a record */
	size_t cells, rows;
};

static void on_cell(void *text, size_t length, void *context)
{
	struct libcsv *l = context;
	struct sdp_err err;
	assert_int_equal(sdp_buf_add(&l->text, text, length, &err), 0);
	assert_int_equal(sdp_buf_add(&l->text, "", 1, &err), 0);
	l->cells++;
}

static void on_record(int c, void *context)
{
	struct libcsv *l = context;
	struct sdp_err err;
	(void)c;
	assert_int_equal(sdp_buf_add(&l->text, "\1", 1, &err), 0);
	l->rows++;
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void libcsv_parse(struct libcsv *l, const char *text, size_t length, char delimiter)
{
	struct csv_parser p;
	assert_int_equal(csv_init(&p, CSV_STRICT | CSV_STRICT_FINI), 0);
	csv_set_delim(&p, (unsigned char)delimiter);
	csv_set_space_func(&p, no_space);
	assert_int_equal(csv_parse(&p, text, length, on_cell, on_record, l), length);
	assert_int_equal(csv_fini(&p, on_cell, on_record, l), 0);
	csv_free(&p);
}

/* ---- random records ---- */

static void add(struct sdp_buf *b, const char *text, size_t length)
{
	struct sdp_err err;
	assert_int_equal(sdp_buf_add(b, text, length, &err), 0);
}

static void random_cell(struct sdp_buf *b, uint64_t seed, uint64_t cell)
{
	static const char *const plain[] = {"a", "bc", " ", "7", "\xc3\xa9"};
	static const char *const quoted[] = {"a", "\"\"", "\n", "\r\n",    ",",
					     ";", "\r",   " ",  "\"\"\"\""};
	bool quotes = sdp_rng_below(3, seed, cell, 0) == 0;
	size_t parts = (size_t)sdp_rng_below(5, seed, cell, 1);
	if (quotes)
		add(b, "\"", 1);
	for (size_t i = 0; i < parts; i++) {
		uint64_t r = sdp_rng(seed, cell, 2 + i);
		const char *s = quotes ? quoted[r % 9] : plain[r % 5];
		add(b, s, strlen(s));
	}
	/* Quotes within a plain cell are plain; libcsv's strict mode has no such thing. */
	if (quotes)
		add(b, "\"", 1);
	else if (parts == 0 && sdp_rng_below(2, seed, cell, 9))
		add(b, "x", 1);
}

static void random_records(struct sdp_buf *b, uint64_t seed, size_t columns, char delimiter)
{
	size_t rows = 1 + (size_t)sdp_rng_below(20, seed, 0, 20);
	b->length = 0;
	for (size_t row = 0; row < rows; row++) {
		for (size_t c = 0; c < columns; c++) {
			if (c)
				add(b, &delimiter, 1);
			random_cell(b, seed, row * columns + c);
		}
		bool last = row + 1 == rows;
		uint64_t end = sdp_rng_below(last ? 3 : 2, seed, row, 21);
		add(b, "\r\n", end == 0 ? 2 : 0);
		add(b, "\n", end == 1 ? 1 : 0);
		if (!last && sdp_rng_below(10, seed, row, 22) == 0)
			add(b, "\n\r\n", 3);
	}
}

static void compare(const struct sdp_cells *cells, const struct libcsv *l, size_t columns)
{
	const char *p = l->text.data;
	assert_int_equal(cells->rows, l->rows);
	assert_int_equal(cells->count, l->cells);
	assert_int_equal(cells->count, cells->rows * columns);
	for (size_t i = 0; i < cells->count; i++) {
		size_t length;
		const char *s = value(cells, i, (i + 1) % columns == 0, &length);
		assert_int_equal(length, strlen(p));
		assert_memory_equal(s, p, length);
		p += length + 1;
		if ((i + 1) % columns == 0)
			assert_int_equal(*p++, '\1');
	}
}

static void test_libcsv_agrees(void **state)
{
	struct sdp_buf text = {0};
	struct sdp_cells cells = {0};
	struct libcsv l = {0};
	struct sdp_err err;
	(void)state;
	for (uint64_t seed = 0; seed < 4000; seed++) {
		char delimiter = seed % 2 ? ',' : ';';
		size_t columns = 2 + seed % 2;
		random_records(&text, seed, columns, delimiter);
		l.text.length = l.cells = l.rows = 0;
		libcsv_parse(&l, text.data, text.length, delimiter);
		struct sdp_csv_context context = context_of(columns, delimiter);
		assert_int_equal(sdp_csv_parse(&context, text.data, text.length, &cells, &err), 0);
		compare(&cells, &l, columns);
	}
	sdp_buf_release(&text);
	sdp_buf_release(&l.text);
	sdp_cells_release(&cells);
}

/* ---- records and their numbers ---- */

/* A copy with quotes behind it, which are not the parser's business. */
static char *among_quotes(const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 8);
	assert_non_null(copy);
	memset(copy, '"', n + 8);
	return memcpy(copy, text, n);
}

static void check_values(const char *text, size_t columns, size_t count, const char *const *want)
{
	struct sdp_cells cells = {0};
	struct sdp_err err;
	struct sdp_csv_context context = context_of(columns, ',');
	char *copy = among_quotes(text);
	assert_int_equal(sdp_csv_parse(&context, copy, strlen(text), &cells, &err), 0);
	free(copy);
	assert_int_equal(cells.count, count);
	for (size_t i = 0; i < count; i++) {
		size_t length;
		const char *s = value(&cells, i, (i + 1) % columns == 0, &length);
		assert_int_equal(length, strlen(want[i]));
		assert_memory_equal(s, want[i], length);
	}
	sdp_cells_release(&cells);
}

static void test_values(void **state)
{
	(void)state;
	check_values("", 2, 0, NULL);
	check_values("a,b", 2, 2, (const char *const[]){"a", "b"});
	check_values("a\"b,\"c\"\"\"", 2, 2, (const char *const[]){"a\"b", "c\""});
	check_values("a,\r\n", 2, 2, (const char *const[]){"a", ""});
	check_values(",\n", 2, 2, (const char *const[]){"", ""});
	check_values("a,", 2, 2, (const char *const[]){"a", ""});
	/* Blanks around a quoted cell are no part of it. */
	check_values(" \"a, \" ,b\n", 2, 2, (const char *const[]){"a, ", "b"});
	check_values("a,\t\"\"\t\r\n", 2, 2, (const char *const[]){"a", ""});
	check_values("\"a\"\r\n", 1, 1, (const char *const[]){"a"});
	check_values("\"a\"\r", 1, 1, (const char *const[]){"a"});
	check_values("a\rb,c\n", 2, 2, (const char *const[]){"a\rb", "c"});
	check_values("a\r,c\n", 2, 2, (const char *const[]){"a\r", "c"});
	/* An empty line is an empty cell where there is one column. */
	check_values("a\n\n\r\nb\n", 1, 4, (const char *const[]){"a", "", "", "b"});
	check_values("\"\"\n", 1, 1, (const char *const[]){""});
	check_values("\"\"\"\"", 1, 1, (const char *const[]){"\""});
	/* Only the CR right before LF belongs to the record's end. */
	check_values("a,b\r\r\n", 2, 2, (const char *const[]){"a", "b\r"});
	check_values("a,\"b\r\"\r\n", 2, 2, (const char *const[]){"a", "b\r"});
}

static void test_record_numbers(void **state)
{
	static const char text[] = "a,b\n\n\r\nc,\"d\n\n\"\n\ne,f";
	struct sdp_cells cells = {0};
	struct sdp_err err;
	struct sdp_csv_context context = context_of(2, ',');
	(void)state;
	assert_int_equal(sdp_csv_parse(&context, text, strlen(text), &cells, &err), 0);
	assert_int_equal(cells.rows, 3);
	assert_int_equal(cells.records[0], 10);
	assert_int_equal(cells.records[1], 13);
	assert_int_equal(cells.records[2], 15);
	/* Used again, it is emptied first. */
	assert_int_equal(sdp_csv_parse(&context, "x,y", 3, &cells, &err), 0);
	assert_int_equal(cells.rows, 1);
	assert_int_equal(cells.count, 2);
	sdp_cells_release(&cells);
}

static void test_ragged(void **state)
{
	static const char text[] = "a,b\n\nc\nd,e\n\"f\"\r\ng,";
	struct sdp_cells cells = {0};
	struct sdp_err err;
	struct sdp_csv_context context = context_of(2, ',');
	(void)state;
	context.pad = "\"?";
	context.pad_length = 2;
	context.ragged = SDP_RAGGED_PAD;
	assert_int_equal(sdp_csv_parse(&context, text, strlen(text), &cells, &err), 0);
	assert_int_equal(cells.rows, 5);
	assert_int_equal(cells.count, 10);
	assert_int_equal(cells.ragged, 2);
	assert_int_equal(cells.first_ragged, 12);
	static const char *const padded[] = {"a", "b", "c", "\"?", "d", "e", "f", "\"?", "g", ""};
	for (size_t i = 0; i < 10; i++) {
		size_t length;
		const char *s = value(&cells, i, i % 2, &length);
		assert_int_equal(length, strlen(padded[i]));
		assert_memory_equal(s, padded[i], length);
	}
	assert_int_equal(sdp_csv_parse(&context, "1,2,3\n", 6, &cells, &err), -1);
	context.ragged = SDP_RAGGED_SKIP;
	assert_int_equal(sdp_csv_parse(&context, "1,2,3\n4\n5,6\n7,8,9,0", 20, &cells, &err), 0);
	assert_int_equal(cells.rows, 1);
	assert_int_equal(cells.count, 2);
	assert_int_equal(cells.records[0], 12);
	assert_int_equal(cells.ragged, 3);
	assert_int_equal(cells.first_ragged, 10);
	sdp_cells_release(&cells);
}

static void fails(const char *text, size_t columns, const char *message)
{
	struct sdp_cells cells = {0};
	struct sdp_err err = {0};
	struct sdp_csv_context context = context_of(columns, ',');
	char *copy = among_quotes(text);
	assert_int_equal(sdp_csv_parse(&context, copy, strlen(text), &cells, &err), -1);
	free(copy);
	assert_string_equal(err.text, message);
	assert_int_equal(err.code, SDP_DATA);
	sdp_cells_release(&cells);
}

static void test_errors(void **state)
{
	(void)state;
	fails("a,\"b\nc,d\n", 2, "in.csv:10:b: a quoted cell is not closed (--quote none?)");
	fails("a,b\n\n\"", 2, "in.csv:12:a: a quoted cell is not closed (--quote none?)");
	fails("a,\"b\"\"", 2, "in.csv:10:b: a quoted cell is not closed (--quote none?)");
	fails("a,b\n\"a\"x,b\n", 2,
	      "in.csv:11:a: text after the closing quote of a cell: '\"a\"x,b' (--quote none?)");
	fails("\"a\" x,b\n", 2,
	      "in.csv:10:a: text after the closing quote of a cell: '\"a\" x,b' (--quote none?)");
	fails("\"a\"\rb,c\n", 2,
	      "in.csv:10:a: text after the closing quote of a cell: '\"a\"\\x0db,c' (--quote "
	      "none?)");
	fails("\"a\"\"b\"c", 1,
	      "in.csv:10:a: text after the closing quote of a cell: '\"a\"\"b\"c' (--quote none?)");
	fails("a,b,c\n", 2, "in.csv:10: 3 cells where the header has 2");
	fails("a\n", 2, "in.csv:10: 1 cell where the header has 2");
	fails("a,b\na,b,\n", 2, "in.csv:11: 3 cells where the header has 2");
	/* A cell past the last column has no name. */
	fails("a,b,\"c\n", 2, "in.csv:10: a quoted cell is not closed (--quote none?)");
}

/* ---- UTF-8 ---- */

static void valid_to(const char *text, size_t length, size_t valid)
{
	/* At every place among the eight bytes that are looked at together. */
	for (size_t before = 0; before < 10; before++)
		for (size_t behind = 0; behind < 10; behind += 9) {
			char buffer[64];
			size_t want = valid == length ? before + length + behind : before + valid;
			memset(buffer, 'x', sizeof buffer);
			memcpy(buffer + before, text, length);
			char *exact = malloc(before + length + behind + 1);
			assert_non_null(exact);
			memcpy(exact, buffer, before + length + behind);
			assert_int_equal(sdp_utf8_valid(exact, before + length + behind), want);
			free(exact);
		}
}

#define GOOD(s)   valid_to(s, sizeof(s) - 1, sizeof(s) - 1)
#define BAD(s, n) valid_to(s, sizeof(s) - 1, n)

/* After Kuhn, UTF-8 decoder capability and stress test. */
static void test_utf8(void **state)
{
	(void)state;
	GOOD("");
	GOOD("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5");
	/* First and last of each length. */
	GOOD("\xc2\x80");
	GOOD("\xe0\xa0\x80");
	GOOD("\xf0\x90\x80\x80");
	GOOD("\x7f");
	GOOD("\xdf\xbf");
	GOOD("\xef\xbf\xbf");
	GOOD("\xf4\x8f\xbf\xbf");
	/* About the surrogates, U+FFFD, past the last. */
	GOOD("\xed\x9f\xbf");
	GOOD("\xee\x80\x80");
	GOOD("\xef\xbf\xbd");
	BAD("\xf4\x90\x80\x80", 0);
	BAD("\xf5\x80\x80\x80", 0);
	BAD("\xf8\x88\x80\x80\x80", 0);
	BAD("\xfc\x84\x80\x80\x80\x80", 0);
	BAD("\xfe", 0);
	BAD("\xff", 0);
	/* Stray continuations, lonely starts. */
	BAD("\x80", 0);
	BAD("\xbf", 0);
	BAD("\xc3 ", 0);
	BAD("\xc3", 0);
	BAD("\xe2\x82", 0);
	BAD("\xe2\x82 ", 0);
	BAD("\xf0\x9f\x92", 0);
	BAD("\xf0\x9f", 0);
	BAD("\xf0\x9f\x92x", 0);
	BAD("\xe2\xc3\xa9", 0);
	BAD("\xc3\xa9\xc3\xa9\xa9", 4);
	/* Overlong. */
	BAD("\xc0\xaf", 0);
	BAD("\xc1\xbf", 0);
	BAD("\xe0\x80\xaf", 0);
	BAD("\xe0\x9f\xbf", 0);
	BAD("\xf0\x80\x80\xaf", 0);
	BAD("\xf0\x8f\xbf\xbf", 0);
	BAD("\xc0\x80", 0);
	/* Surrogates, alone and in pairs. */
	BAD("\xed\xa0\x80", 0);
	BAD("\xed\xad\xbf", 0);
	BAD("\xed\xbf\xbf", 0);
	BAD("\xed\xa0\x80\xed\xb0\x80", 0);
}

/* Every code point, and every sequence of three bytes, by the arithmetic definition. */
static size_t encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00 >> n & 0xff) | c);
	return n;
}

/* As Unicode's East Asian Width (W and F) and general categories (Mn, Me) have it. */
static void test_utf8_width(void **state)
{
	static const struct {
		const char *text;
		int width;
	} cases[] = {
		{"a", 1},      {"ä", 1},      {"ß", 1},          {"Ж", 1},          {"\u00ad", 1},
		{"\u0301", 0}, {"\u20dd", 0}, {"\u200d", 0},     {"日", 2},         {"ー", 2},
		{"한", 2},     {"Ａ", 2},     {"\u3000", 2},     {"ｱ", 1},          {"…", 1},
		{"😀", 2},      {"𠮷", 2},     {"\U000e0100", 0}, {"\U0010ffff", 1}, {"\ue000", 1},
		{"\u2028", 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(sdp_utf8_width(cases[i].text, strlen(cases[i].text)),
				 cases[i].width);
}

static void test_utf8_code_points(void **state)
{
	char text[4];
	(void)state;
	for (uint32_t c = 0; c < 0x120000; c++) {
		size_t n = encode(c, text);
		bool good = c < 0xd800 || (c > 0xdfff && c < 0x110000);
		assert_int_equal(sdp_utf8_valid(text, n), good ? n : 0);
		if (n > 1)
			assert_int_equal(sdp_utf8_valid(text, n - 1), 0);
	}
}

/* ---- written cells ---- */

static void test_written_cells_read_back(void **state)
{
	static const char alphabet[] = "ab ,;\"\n\r\t";
	struct sdp_buf out = {0};
	struct sdp_cells cells = {0};
	struct sdp_err err;
	(void)state;
	for (uint64_t seed = 0; seed < 5000; seed++) {
		char texts[3][8], delimiter = seed % 2 ? ',' : ';';
		size_t lengths[3];
		out.length = 0;
		for (size_t c = 0; c < 3; c++) {
			lengths[c] = (size_t)sdp_rng_below(8, seed, c, 0);
			for (size_t i = 0; i < lengths[c]; i++)
				texts[c][i] = alphabet[sdp_rng_below(sizeof alphabet - 1, seed, c,
								     1 + i)];
			assert_int_equal(sdp_csv_add_cell(&out, texts[c], lengths[c], delimiter,
							  &err),
					 0);
			add(&out, c == 2 ? "\n" : &delimiter, 1);
		}
		struct sdp_csv_context context = context_of(3, delimiter);
		assert_int_equal(sdp_csv_parse(&context, out.data, out.length, &cells, &err), 0);
		assert_int_equal(cells.rows, 1);
		for (size_t c = 0; c < 3; c++) {
			size_t length;
			const char *s = value(&cells, c, c == 2, &length);
			assert_int_equal(length, lengths[c]);
			assert_memory_equal(s, texts[c], length);
		}
	}
	sdp_buf_release(&out);
	sdp_cells_release(&cells);
}

static void writes(const char *cell, const char *want)
{
	struct sdp_buf out = {0};
	struct sdp_err err;
	assert_int_equal(sdp_csv_add_cell(&out, cell, strlen(cell), ',', &err), 0);
	add(&out, "", 1);
	assert_string_equal(out.data, want);
	sdp_buf_release(&out);
}

static void test_written_cells(void **state)
{
	(void)state;
	writes("", "");
	writes("plain text", "plain text");
	writes("a;b", "a;b");
	writes("a,b", "\"a,b\"");
	writes("say \"x\"", "\"say \"\"x\"\"\"");
	writes("\"", "\"\"\"\"");
	writes("a\nb", "\"a\nb\"");
	writes("a\r", "\"a\r\"");
	writes(" a", "\" a\"");
	writes("a\t", "\"a\t\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_libcsv_agrees),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_record_numbers),
		cmocka_unit_test(test_ragged),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_utf8_code_points),
		cmocka_unit_test(test_utf8_width),
		cmocka_unit_test(test_written_cells_read_back),
		cmocka_unit_test(test_written_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

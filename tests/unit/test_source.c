/*
 * Tests the cutting of chunks: they depend on the bytes alone, not on the kind of input. A second
 * cutter, written from the grammar byte by byte, says where the chunks should be.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inputs.h"
#include "table/input.h"

enum { CHUNKS = 64 };

static const struct sdp_source_options plain = {.max_record = 4 * MIB};
/* ---- what ought to come out ---- */

struct table {
	struct sdp_chunk chunks[CHUNKS];
	size_t count;
};

/* Offsets behind all record ends; the text's end is one. */
static size_t record_ends(const char *text, size_t n, size_t *ends)
{
	enum { START, PLAIN, INSIDE, CLOSED } w = START;
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		if (w == INSIDE) {
			w = c == '"' ? CLOSED : INSIDE;
		} else if (c == '\n') {
			ends[count++] = i + 1;
			w = START;
		} else if (c == ',') {
			w = START;
		} else {
			w = c == '"' && w != PLAIN ? INSIDE : PLAIN;
		}
	}
	if (count == 0 || ends[count - 1] < n)
		ends[count++] = n;
	return count;
}

static void expected_chunks(const char *text, size_t n, size_t start, uint64_t record,
			    struct table *t)
{
	size_t *ends = malloc((n + 1) * sizeof *ends), first = 0;
	assert_non_null(ends);
	size_t count = start < n ? record_ends(text + start, n - start, ends) : 0;
	t->count = 0;
	for (size_t at = 0; first < count; at = ends[first - 1]) {
		size_t last = first;
		while (last + 1 < count && ends[last + 1] - at <= MIB)
			last++;
		t->chunks[t->count++] = (struct sdp_chunk){.offset = start + at,
							   .first_record = record + first,
							   .length = (uint32_t)(ends[last] - at),
							   .records = (uint32_t)(last - first + 1)};
		first = last + 1;
	}
	free(ends);
}

static int read_ahead; /* chunks that were there before they were cut */

/* The cells that were found when it was cut are those that are found in its bytes alone. */
static void same_cells(const struct sdp_reader *cut, struct sdp_source *s,
		       const struct sdp_chunk *chunk)
{
	struct sdp_reader fresh = {0};
	struct sdp_err ignored;
	assert_int_equal(sdp_reader_read(&fresh, s, chunk, &ignored), 0);
	sdp_reader_end_record(&fresh);
	assert_int_equal(sdp_reader_scan(&fresh, sdp_source_schema(s), &ignored), 0);
	assert_int_equal(cut->fields.fields, fresh.fields.fields);
	assert_int_equal(cut->fields.records, fresh.fields.records);
	assert_int_equal(fresh.fields.flags & ~cut->fields.flags, 0);
	assert_memory_equal(cut->ends, fresh.ends, (fresh.fields.fields + 1) * sizeof *fresh.ends);
	sdp_reader_release(&fresh);
}

/*
 * Before a chunk is cut what it may be made of is read ahead, as by a worker that waits while
 * others cut up to three before.
 */
static void collect(struct sdp_source *s, struct table *t, const char *text)
{
	struct sdp_err err;
	struct sdp_chunk chunk;
	struct cutter cutter = {0};
	struct sdp_chunk before[3];
	int rc;
	t->count = 0;
	while ((rc = next_chunk(&cutter, s, &chunk, &err)) > 0) {
		read_ahead += cutter.reader.text != cutter.reader.room;
		char *bytes = malloc(chunk.length);
		assert_non_null(bytes);
		uint64_t offset = sdp_source_offset(s, &chunk);
		assert_memory_equal(cutter.reader.text, text + offset, chunk.length);
		assert_int_equal(sdp_source_read(s, &chunk, bytes, &err), 0);
		assert_memory_equal(bytes, text + offset, chunk.length);
		free(bytes);
		same_cells(&cutter.reader, s, &chunk);
		before[t->count % 3] = chunk;
		size_t back = t->count % 4;
		if (back > 0 && back <= t->count)
			sdp_chunk_prefetch(&cutter.reader, s, sdp_source_schema(s),
					   &before[(t->count - back) % 3], (unsigned)back);
		chunk.offset = offset;
		t->chunks[t->count++] = chunk;
	}
	assert_int_equal(rc, 0);
	sdp_reader_release(&cutter.reader);
	assert_int_equal(sdp_source_unchanged(s, &err), 0);
}

static void same_table(const struct table *a, const struct table *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->chunks[i].offset, b->chunks[i].offset);
		assert_int_equal(a->chunks[i].length, b->chunks[i].length);
		assert_int_equal(a->chunks[i].first_record, b->chunks[i].first_record);
		assert_int_equal(a->chunks[i].records, b->chunks[i].records);
	}
}

static void check_one(const char *name, const struct sdp_source_options *options, const char *text,
		      const struct table *want)
{
	struct table got;
	struct sdp_source *s = open_one(name, options);
	collect(s, &got, text);
	same_table(&got, want);
	sdp_source_free(s);
}

/* The same table from a file, a pipe, gzip of two members, and gzip through a pipe. */
static void check_all_ways(const char *text, size_t n, size_t start,
			   const struct sdp_source_options *options)
{
	struct table want;
	expected_chunks(text, n, start, options->no_header ? 1 : 2, &want);
	write_bytes("in.csv", "w", text, n);
	check_one("in.csv", options, text, &want);
	pid_t pid = start_writer(text, n, n);
	check_one("-", options, text, &want);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	write_gzip("in.gz", "wb1", text, n / 3);
	write_gzip("in.gz", "ab1", text + n / 3, n - n / 3);
	check_one("in.gz", options, text, &want);
	char *zipped = malloc(2 * n + 1000);
	FILE *f = fopen("in.gz", "r");
	assert_true(zipped && f);
	size_t length = fread(zipped, 1, 2 * n + 1000, f);
	fclose(f);
	pid = start_writer(zipped, length, n + 1);
	check_one("-", options, text, &want);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	free(zipped);
}

/* ---- chunks ---- */

static void test_chunks(void **state)
{
	struct sdp_buf b = {0};
	(void)state;
	add(&b, "a,b\n", 4);
	random_rows(&b, 15 * MIB / 2, 1);
	check_all_ways(b.data, b.length, 4, &plain);
	assert_true(read_ahead > 0);
	sdp_buf_release(&b);
}

static void test_long_records(void **state)
{
	static const size_t lengths[] = {MIB - 4, MIB - 3, MIB - 2, MIB, 2 * MIB + 5, 300000};
	struct sdp_buf b = {0};
	(void)state;
	add(&b, "a,b\r\n", 5);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		long_record(&b, lengths[i], i % 2);
		if (i % 3 == 0)
			random_rows(&b, b.length + 100, i);
	}
	check_all_ways(b.data, b.length, 5, &plain);
	/* The last record ends nowhere. */
	check_all_ways(b.data, b.length - 1, 5, &plain);
	long_record(&b, 3 * MIB, true);
	check_all_ways(b.data, b.length - 1, 5, &plain);
	sdp_buf_release(&b);
}

static void test_small_inputs(void **state)
{
	static const struct {
		const char *text;
		size_t start;
	} inputs[] = {
		{"a,b\n", 4},
		{"a,b", 3},
		{"a,b\r\n", 5},
		{"a,b\n1,2", 4},
		{"a,b\n1,2\n", 4},
		{"a,b\n1,2\n3,4", 4},
		{"a,b\r\n1,2\r\n", 5},
		{"\xef\xbb\xbf"
		 "a,b\n1,2\n",
		 7},
		{"\xef\xbb\xbf\"a\",b\n", 9},
		{"\"a\n1\",b\n1,2\n\n\n3,4\n", 8},
		{"a,b\n\n\n", 4},
		{"\"a\"\r\n1", 5},
	};
	struct sdp_source_options bare = plain;
	(void)state;
	bare.no_header = true;
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
		const char *text = inputs[i].text;
		check_all_ways(text, strlen(text), inputs[i].start, &plain);
		check_all_ways(text, strlen(text), *text == '\xef' ? 3 : 0, &bare);
	}
}

static void names_are(const char *text, bool no_header, size_t count, const char *const *want)
{
	struct sdp_source_options options = plain;
	options.no_header = no_header;
	write_text("in.csv", text);
	struct sdp_source *s = open_one("in.csv", &options);
	const struct sdp_schema *schema = sdp_source_schema(s);
	assert_int_equal(schema->count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(schema->columns[i].name, want[i]);
	sdp_source_free(s);
}

static void test_headers(void **state)
{
	(void)state;
	names_are("a,b\n", false, 2, (const char *const[]){"a", "b"});
	names_are("\xef\xbb\xbf"
		  "a,\"b\"\"c\"\r\n1,2",
		  false, 2, (const char *const[]){"a", "b\"c"});
	names_are("a,,a,\"\"\n", false, 4, (const char *const[]){"a", "c2", "a", "c4"});
	names_are("\"a\nb\",\"c,d\"", false, 2, (const char *const[]){"a\nb", "c,d"});
	names_are("a,b\n", true, 2, (const char *const[]){"c1", "c2"});
	names_are("\xef\xbb\xbf"
		  "x\n",
		  true, 1, (const char *const[]){"c1"});
	names_are("a, b \n", false, 2, (const char *const[]){"a", "b"});
	names_are("a,\" b \"\n", false, 2, (const char *const[]){"a", " b "});
}

static void test_padded_gzip(void **state)
{
	static const char text[] = "a,b\n1,2\n3,4\n5,6\n";
	(void)state;
	/* Zeros behind it, as tapes have. */
	write_gzip("in.gz", "wb", text, sizeof text - 1);
	write_bytes("in.gz", "a", "\0\0\0\0", 4);
	struct table want;
	expected_chunks(text, sizeof text - 1, 4, 2, &want);
	check_one("in.gz", &plain, text, &want);
}

/* ---- several inputs ---- */

static struct sdp_source *open_two(const char *first, const char *second, struct sdp_err *err)
{
	char *names[] = {"1.csv", "2.csv"};
	write_text("1.csv", first);
	write_text("2.csv", second);
	return sdp_source_open(&plain, 2, names, err);
}

static void test_two_files(void **state)
{
	struct sdp_err err = {0};
	struct sdp_chunk c;
	struct cutter cutter = {0};
	(void)state;
	struct sdp_source *s = open_two("a,b\n1,2", "\xef\xbb\xbf\"a\",b\r\n3,4\n5,6\n", &err);
	assert_non_null(s);
	assert_int_equal(sdp_source_size(s), 7 + 18);
	assert_int_equal(next_chunk(&cutter, s, &c, &err), 1);
	assert_int_equal(c.input, 0);
	assert_int_equal(c.first_record, 2);
	assert_int_equal(c.length, 3);
	assert_int_equal(next_chunk(&cutter, s, &c, &err), 1);
	assert_int_equal(c.input, 1);
	assert_int_equal(c.first_record, 2);
	assert_int_equal(sdp_source_offset(s, &c), 12 - 2);
	assert_memory_equal(cutter.reader.text, "3,4\n5,6\n", 8);
	assert_string_equal(sdp_source_name(s, 1), "2.csv");
	assert_int_equal(next_chunk(&cutter, s, &c, &err), 0);
	sdp_reader_release(&cutter.reader);
	sdp_source_free(s);
}

/* Of a file that is rewritten meanwhile, the decompressor sees a mixture of two contents. */
static void test_changed_gzip(void **state)
{
	struct sdp_input input;
	struct sdp_err err;
	static char text[MIB];
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('!' + sdp_rng(1, i, 0) % 90);
	write_gzip("in.gz", "wb", text, sizeof text);
	assert_int_equal(sdp_input_open(&input, "in.gz", NULL, &err), 0);
	assert_true(sdp_input_read(&input, text, 1000, &err) > 0);
	assert_int_equal(sdp_input_unchanged(&input, &err), 0);
	memset(text, 'x', sizeof text);
	write_bytes("in.gz", "w", text, sizeof text);
	assert_int_equal(sdp_input_unchanged(&input, &err), -1);
	err = (struct sdp_err){0};
	while (sdp_input_read(&input, text, sizeof text, &err) > 0)
		continue;
	assert_string_equal(err.text, "in.gz: the file changed while it was read");
	sdp_input_close(&input);
}

static void test_gzip_behind_a_file(void **state)
{
	struct sdp_err err = {0};
	struct sdp_chunk c[3];
	struct cutter cutter = {0};
	static const char *const lines[] = {"1\n", "22\n", "333\n"};
	char *names[] = {"1.csv", "2.gz", "3.gz"}, text[8];
	(void)state;
	write_text("1.csv", "a\n1\n");
	write_gzip("2.gz", "wb", "a\n22\n", 5);
	write_gzip("3.gz", "wb", "a\n333\n", 6);
	struct sdp_source *s = sdp_source_open(&plain, 3, names, &err);
	assert_non_null(s);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(next_chunk(&cutter, s, &c[i], &err), 1);
	/* In any order, as workers do. */
	for (size_t i = 3; i-- > 0;) {
		assert_int_equal(c[i].length, i + 2);
		assert_int_equal(sdp_source_offset(s, &c[i]), 2);
		assert_int_equal(sdp_source_read(s, &c[i], text, &err), 0);
		assert_memory_equal(text, lines[i], i + 2);
	}
	sdp_reader_release(&cutter.reader);
	sdp_source_free(s);
}

static void two_fail(const char *first, const char *second, const char *message)
{
	struct sdp_err err = {0};
	assert_null(open_two(first, second, &err));
	assert_string_equal(err.text, message);
}

static void test_unequal_headers(void **state)
{
	(void)state;
	two_fail("a,b\n1,2\n", "a,c\n", "2.csv:1: column 2 is 'c' where 1.csv has 'b'");
	two_fail("a,b\n1,2\n", "a\n", "2.csv:1: 1 column where 1.csv has 2");
	two_fail("a,b\n", "b,a\n", "2.csv:1: column 1 is 'b' where 1.csv has 'a'");
	two_fail("a\n", "", "2.csv: the input is empty: not even a header");
}

/* ---- types ---- */

static void test_fixed_types(void **state)
{
	struct sdp_source_options options = plain;
	struct sdp_err err = {0};
	char *names[] = {"in.csv"};
	(void)state;
	write_text("in.csv", "a,b=c,d,d\n");
	options.types = "a=integer,b=c=date";
	struct sdp_source *s = open_one("in.csv", &options);
	const struct sdp_column *columns = sdp_source_schema(s)->columns;
	assert_true(columns[0].fixed && columns[1].fixed && !columns[2].fixed);
	assert_int_equal(columns[0].type, SDP_INTEGER_TYPE);
	assert_int_equal(columns[1].type, SDP_DATE);
	assert_int_equal(columns[1].guess, SDP_CLASS_TIME);
	sdp_source_free(s);
	static const char *const bad[][2] = {
		{"x=integer", "--types: no column 'x' among the 4: a, b=c, d, d"},
		{"d=real", "--types: 2 columns are named 'd'"},
		{"a=number",
		 "--types: not COLUMN=boolean|integer|real|date|datetime|string: 'a=number'"},
		{"a", "--types: not COLUMN=boolean|integer|real|date|datetime|string: 'a'"},
	};
	for (size_t i = 0; i < 4; i++) {
		options.types = bad[i][0];
		assert_null(sdp_source_open(&options, 1, names, &err));
		assert_string_equal(err.text, bad[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunks),          cmocka_unit_test(test_long_records),
		cmocka_unit_test(test_small_inputs),    cmocka_unit_test(test_headers),
		cmocka_unit_test(test_padded_gzip),     cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_changed_gzip),    cmocka_unit_test(test_gzip_behind_a_file),
		cmocka_unit_test(test_unequal_headers), cmocka_unit_test(test_fixed_types),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}

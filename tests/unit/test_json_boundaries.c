/*
 * Tests chunks of JSON: the scan of brackets, the cutting of files and pipes, and rows that cross
 * chunk borders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inputs.h"
#include "sdp/engine.h"
#include "json/boundaries.h"

/* ---- the scan ---- */

/* The same, a byte at a time. */
static size_t walk(const char *text, size_t length, unsigned depth, size_t most,
		   struct sdp_json_ends *ends)
{
	bool inside = false;
	uint64_t now = depth;
	*ends = (struct sdp_json_ends){0};
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (inside && c == '\\') {
			i++;
		} else if (c == '"') {
			inside = !inside;
		} else if (!inside && (c == '{' || c == '[')) {
			now++;
		} else if (!inside && (c == '}' || c == ']')) {
			if (now == depth && depth > 0) {
				ends->closed = true;
				return i;
			}
			now -= now > depth;
			if (now == depth) {
				ends->last_end = i + 1;
				if (++ends->records == most)
					return i;
			}
		}
	}
	return length;
}

static void test_scan(void **state)
{
	static const char letters[] = "{}[]\"\\a ,{[\"";
	enum { LENGTH = 700 };
	char text[LENGTH];
	(void)state;
	for (uint64_t trial = 0; trial < 4000; trial++) {
		size_t length = (size_t)sdp_rng_below(LENGTH, 1, trial, 0);
		for (size_t i = 0; i < length; i++)
			/* Backslashes within strings only, as in JSON. */
			text[i] = letters[sdp_rng_below(trial % 3 ? 12 : 6, 2, trial, i)];
		bool inside = false;
		for (size_t i = 0; i < length; i++) {
			if (text[i] == '\\' && inside)
				i++;
			else if (text[i] == '\\')
				text[i] = 'b';
			else
				inside ^= text[i] == '"';
		}
		unsigned depth = (unsigned)(trial % 3);
		size_t most = trial % 5 == 0 ? 3 : SIZE_MAX;
		struct sdp_json_ends wanted, got, first, second;
		walk(text, length, depth, most, &wanted);
		struct sdp_json_boundaries scan = {.depth = depth};
		sdp_json_boundaries(&scan, text, length, depth, most, &got);
		assert_memory_equal(&got, &wanted, sizeof got);
		/* In two parts. */
		size_t split = length / 3;
		scan = (struct sdp_json_boundaries){.depth = depth};
		sdp_json_boundaries(&scan, text, split, depth, SIZE_MAX, &first);
		if (first.closed || most != SIZE_MAX)
			continue;
		sdp_json_boundaries(&scan, text + split, length - split, depth, SIZE_MAX, &second);
		assert_int_equal(first.records + second.records, wanted.records);
		assert_int_equal(second.closed, wanted.closed);
		assert_int_equal(second.records ? split + second.last_end : first.last_end,
				 wanted.last_end);
	}
}

/* ---- chunks ---- */

/* Records with brackets, quotes and backslashes in strings, some of them longer than a chunk. */
static size_t random_records(struct sdp_buf *b, size_t bytes, bool array, uint64_t seed)
{
	static const char *const strings[] = {"x",    "}]",        "{[",       "\\\"",
					      "\\\\", "\\\\\\\"]", "\xc3\xa9", ""};
	static const char *const blanks[] = {"", "\n", " ", "\r\n\t "};
	struct sdp_err err;
	size_t rows = 0;
	add(b, array ? "[" : "", array);
	for (; b->length < bytes; rows++) {
		uint64_t r = sdp_rng(seed, rows, 0);
		const char *between = array ? rows ? "," : "" : "\n";
		size_t times = r % 40000 == 0 ? 600000 : r % 50;
		sdp_buf_format(b, &err, "%s%s{%s\"n\":%zu,\"s\":\"", between, blanks[r >> 8 & 3],
			       blanks[r >> 10 & 3], rows);
		for (size_t i = 0; i < times; i++)
			add(b, strings[((r >> 12) + i) & 7], strlen(strings[((r >> 12) + i) & 7]));
		sdp_buf_format(b, &err, "\"%s,\"l\":[[%u],{\"k\":[]}]%s}", blanks[r >> 16 & 3],
			       (unsigned)(r >> 20 & 255), blanks[r >> 18 & 3]);
	}
	add(b, array ? "\n]" : "\n", array ? 2 : 1);
	return rows;
}

struct cuts {
	struct sdp_chunk chunks[64];
	size_t count, rows;
};

static void cut_all(struct sdp_source *s, struct cuts *cuts)
{
	struct cutter c = {0};
	struct sdp_chunk chunk;
	struct sdp_err err = {0};
	int rc;
	*cuts = (struct cuts){.count = 0};
	while ((rc = next_chunk(&c, s, &chunk, &err)) > 0) {
		assert_true(cuts->count < 64);
		cuts->chunks[cuts->count++] = chunk;
		cuts->rows += chunk.records;
	}
	if (rc < 0)
		fail_msg("%s", err.text);
	sdp_reader_release(&c.reader);
}

/* The cell of the first column is the row's number, whatever chunk it is in. */
static void read_rows(struct sdp_source *s, const struct cuts *cuts)
{
	struct sdp_reader reader = {0};
	struct sdp_block block;
	struct sdp_err err = {0};
	size_t row = 0;
	for (size_t i = 0; i < cuts->count; i++) {
		if (sdp_reader_load(&reader, s, sdp_source_schema(s), &cuts->chunks[i], &block,
				    &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(block.rows, cuts->chunks[i].records);
		for (size_t k = 0; k < block.rows; k++, row++) {
			char number[32];
			size_t length;
			const char *cell = sdp_block_cell(&block, k, 0, &length);
			snprintf(number, sizeof number, "%zu", row);
			assert_int_equal(length, strlen(number));
			assert_memory_equal(cell, number, length);
			assert_int_equal(sdp_block_record(&block, k), row + 1);
			assert_true(sdp_block_cell(&block, k, 2, &length) && length > 0);
		}
	}
	assert_int_equal(row, cuts->rows);
	sdp_reader_release(&reader);
}

static void test_chunks(void **state)
{
	struct sdp_source_options options = {.max_record = 1 << 28, .decimal = '.'};
	struct sdp_engine_options engine = {.workers = 2, .max_memory = 64 << 20};
	(void)state;
	for (uint64_t trial = 0; trial < 6; trial++) {
		struct sdp_buf b = {0};
		struct sdp_err err = {0};
		struct cuts file, pipe, again;
		size_t rows = random_records(&b, 9 * MIB, trial % 2, trial);
		write_bytes("in.csv", "w", b.data, b.length);
		struct sdp_source *s = open_one("in.csv", &options);
		cut_all(s, &file);
		assert_int_equal(file.rows, rows);
		if (sdp_discover_columns(s, &engine, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(sdp_source_schema(s)->count, 3);
		cut_all(s, &again);
		assert_int_equal(again.count, file.count);
		read_rows(s, &again);
		sdp_source_free(s);
		pid_t writer = start_writer(b.data, b.length, trial);
		s = open_one("-", &options);
		cut_all(s, &pipe);
		sdp_source_free(s);
		waitpid(writer, NULL, 0);
		assert_int_equal(pipe.count, file.count);
		for (size_t i = 0; i < file.count; i++) {
			assert_int_equal(pipe.chunks[i].length, file.chunks[i].length);
			assert_int_equal(pipe.chunks[i].records, file.chunks[i].records);
			assert_int_equal(pipe.chunks[i].first_record, file.chunks[i].first_record);
		}
		sdp_buf_release(&b);
	}
}

/* Every length of what stands before and behind records, around a chunk's end. */
static void test_borders(void **state)
{
	struct sdp_source_options options = {.max_record = 1 << 28, .decimal = '.'};
	struct sdp_engine_options engine = {.workers = 1, .max_memory = 64 << 20};
	(void)state;
	for (int shift = -4; shift <= 4; shift++)
		for (int array = 0; array < 2; array++) {
			struct sdp_buf b = {0};
			struct sdp_err err = {0};
			struct cuts cuts;
			sdp_buf_format(&b, &err, "%s{\"n\":0,\"s\":\"%*s\",\"l\":1}",
				       array ? "[" : "", MIB - 27 + shift, "");
			sdp_buf_format(&b, &err, "%s{\"n\":1,\"s\":2,\"l\":3}%s",
				       array ? "," : "\n", array ? "]" : "");
			write_bytes("in.csv", "w", b.data, b.length);
			struct sdp_source *s = open_one("in.csv", &options);
			if (sdp_discover_columns(s, &engine, &err) < 0)
				fail_msg("%s", err.text);
			cut_all(s, &cuts);
			assert_int_equal(cuts.rows, 2);
			read_rows(s, &cuts);
			sdp_source_free(s);
			sdp_buf_release(&b);
		}
}

/* A block of very many columns keeps only the cells of those that occur in it. */
static void test_wide(void **state)
{
	struct sdp_source_options options = {.max_record = 1 << 28, .decimal = '.'};
	struct sdp_engine_options engine = {.workers = 2, .max_memory = 64 << 20};
	struct sdp_buf b = {0};
	struct sdp_err err = {0};
	struct cuts before;
	(void)state;
	for (size_t i = 0; i < 20000; i++)
		sdp_buf_format(&b, &err, "{\"n\":%zu,\"k\":0,\"l\":7,\"c%zu\":1}\n", i, i);
	write_bytes("in.csv", "w", b.data, b.length);
	struct sdp_source *s = open_one("in.csv", &options);
	cut_all(s, &before);
	assert_int_equal(before.count, 1);
	if (sdp_discover_columns(s, &engine, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(sdp_source_schema(s)->count, 20003);
	struct cutter c = {0};
	struct sdp_chunk chunk;
	size_t rows = 0;
	while (next_chunk(&c, s, &chunk, &err) > 0) {
		struct sdp_block block;
		assert_int_equal(sdp_reader_block(&c.reader, s, sdp_source_schema(s), &chunk,
						  &block, &err),
				 0);
		assert_non_null(block.starts);
		assert_true(block.starts[block.rows] < block.rows * (block.rows + 8));
		rows += block.rows;
	}
	assert_int_equal(rows, 20000);
	sdp_reader_release(&c.reader);
	sdp_source_free(s);
	sdp_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_wide),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}

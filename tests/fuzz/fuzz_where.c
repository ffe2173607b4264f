/*
 * Reads the first line as an expression of --where over the columns a, b, c and d, and the rest as
 * rows of CSV. Filters the rows as one block and as blocks of one row, which must select the same
 * rows and find the same fault; and no row may be selected by an expression and by "not" of it.
 */
#include "base/cells.h"
#include "base/utf8.h"
#include "sdp/mem.h"
#include "table/csv.h"
#include "table/where.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

enum { COLUMNS = 4, ROWS_MOST = 64, BYTES_MOST = 4096, AFTER = 64 };

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_where.c:%d: not so: %s\n", line, what);
	abort();
}

struct table {
	struct sdp_column columns[COLUMNS];
	struct sdp_schema schema;
	struct sdp_cells cells;
};

/* What a filter selects, and the fault that ended it. */
struct result {
	size_t rows;
	uint64_t records[ROWS_MOST];
	int rc;
	struct sdp_err err;
};

/* Parses the rows. Returns whether they are in order. */
static bool read_table(struct table *t, const char *text, size_t length)
{
	static const char *const names[COLUMNS] = {"a", "b", "c", "d"};
	struct sdp_err err;
	for (size_t i = 0; i < COLUMNS; i++)
		t->columns[i].name = names[i];
	t->schema = (struct sdp_schema){.columns = t->columns,
					.count = COLUMNS,
					.format = SDP_FORMAT_DELIMITED,
					.dialect = {',', '"', '\0'},
					.decimal = '.'};
	struct sdp_csv_context context = {.file = "f",
					  .first_record = 2,
					  .dialect = t->schema.dialect,
					  .columns = COLUMNS,
					  .ragged = SDP_RAGGED_PAD,
					  .pad = "",
					  .most = ROWS_MOST};
	CHECK(sdp_nulls_init(&t->schema.nulls, NULL, '.', &err) == 0);
	return sdp_utf8_valid(text, length) == length && !memchr(text, '\0', length) &&
	       sdp_csv_parse(&context, text, length, &t->cells, &err) == 0 && t->cells.rows > 0;
}

/*
 * Copies the rows from first to first + rows - 1 as a block, to *text and *ends, which the caller
 * frees. As the reader's, the text can be read for some bytes after its end.
 */
static struct sdp_block copy_rows(const struct table *t, size_t first, size_t rows, char **text,
				  uint32_t **ends)
{
	struct sdp_err err;
	struct sdp_block block = {.schema = &t->schema,
				  .file = "f",
				  .rows = rows,
				  .columns = COLUMNS,
				  .first_record = 2 + first};
	size_t from = first ? t->cells.ends[first * COLUMNS - 1] + (size_t)1 : 0;
	size_t length = t->cells.text.length - from;
	*text = sdp_alloc(length + AFTER, 1, &err);
	*ends = sdp_alloc(rows * COLUMNS + 1, sizeof **ends, &err);
	CHECK(*text && *ends);
	memcpy(*text, t->cells.text.data + from, length);
	(*ends)[0] = UINT32_MAX;
	for (size_t i = 0; i < rows * COLUMNS; i++)
		(*ends)[i + 1] = t->cells.ends[first * COLUMNS + i] - (uint32_t)from;
	block.text = *text;
	block.ends = *ends + 1;
	sdp_block_quote(&block, '"');
	return block;
}

/* Filters rows, and adds the result to r. */
static void filter(const struct table *t, const struct sdp_where *where,
		   struct sdp_where_scratch **scratch, size_t first, size_t rows, struct result *r)
{
	char *text;
	uint32_t *ends;
	struct sdp_block block = copy_rows(t, first, rows, &text, &ends);
	r->rc = sdp_where_filter(where, scratch, &block, &r->err);
	CHECK(r->rc == 0 || (r->err.code == SDP_DATA && r->err.text[0]));
	CHECK(block.rows <= rows);
	for (size_t row = 0; row < block.rows; row++) {
		uint64_t record = sdp_block_record(&block, row);
		CHECK(record >= 2 + first && record < 2 + first + rows);
		CHECK(r->rows == 0 || record > r->records[r->rows - 1]);
		for (size_t column = 0; column < COLUMNS; column++) {
			size_t m, n;
			char *whole_text;
			uint32_t *whole_ends;
			struct sdp_block whole =
				copy_rows(t, (size_t)record - 2, 1, &whole_text, &whole_ends);
			const char *was = sdp_block_cell(&whole, 0, column, &m),
				   *is = sdp_block_cell(&block, row, column, &n);
			CHECK(m == n && memcmp(was, is, n) == 0);
			free(whole_text);
			free(whole_ends);
		}
		r->records[r->rows++] = record;
	}
	free(text);
	free(ends);
}

/* Parses and binds an expression; NULL if it is none, or does not fit the columns. */
static struct sdp_where *read_where(const struct table *t, const char *text)
{
	struct sdp_err err = {0};
	struct sdp_where *where = sdp_where_parse(text, &err);
	const struct sdp_block none = {0};
	CHECK(where || (err.code == SDP_USAGE && err.text[0]));
	if (!where || sdp_where_bind(where, &t->schema, &none, &err) == 0)
		return where;
	CHECK((err.code == SDP_DATA || err.code == SDP_USAGE) && err.text[0]);
	sdp_where_free(where);
	return NULL;
}

/* No row may be selected by the expression, whose result is r, and by its negation. */
static void check_negation(const struct table *t, const char *text, const struct result *r)
{
	struct sdp_where_scratch *scratch = NULL;
	struct result opposite = {0};
	size_t size = strlen(text) + 8;
	char *negated = malloc(size);
	CHECK(negated);
	snprintf(negated, size, "not (%s)", text);
	struct sdp_where *where = read_where(t, negated);
	if (where)
		filter(t, where, &scratch, 0, t->cells.rows, &opposite);
	for (size_t i = 0, k = 0; where && i < r->rows; i++) {
		while (k < opposite.rows && opposite.records[k] < r->records[i])
			k++;
		CHECK(k == opposite.rows || opposite.records[k] != r->records[i]);
	}
	CHECK(!where || opposite.rc == r->rc);
	sdp_where_scratch_free(scratch);
	sdp_where_free(where);
	free(negated);
}

static void check(const struct table *t, const char *text)
{
	struct sdp_where_scratch *scratch = NULL, *another = NULL;
	struct result all = {0}, single = {0};
	struct sdp_where *where = read_where(t, text);
	if (!where)
		return;
	filter(t, where, &scratch, 0, t->cells.rows, &all);
	for (size_t row = 0; single.rc == 0 && row < t->cells.rows; row++)
		filter(t, where, &another, row, 1, &single);
	CHECK(all.rc == single.rc && all.rows == single.rows);
	CHECK(memcmp(all.records, single.records, all.rows * sizeof *all.records) == 0);
	CHECK(all.rc == 0 || strcmp(all.err.text, single.err.text) == 0);
	sdp_where_scratch_free(scratch);
	sdp_where_scratch_free(another);
	sdp_where_free(where);
	check_negation(t, text, &all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size && size <= BYTES_MOST ? memchr(text, '\n', size) : NULL;
	struct table t = {0};
	if (!end)
		return 0;
	char *expression = strndup(text, (size_t)(end - text));
	CHECK(expression);
	if (read_table(&t, end + 1, size - (size_t)(end + 1 - text))) {
		char *rows;
		uint32_t *ends;
		struct sdp_block block = copy_rows(&t, 0, t.cells.rows, &rows, &ends);
		sdp_schema_guess(&t.schema, &block);
		free(rows);
		free(ends);
		check(&t, expression);
	}
	sdp_cells_release(&t.cells);
	free(expression);
	return 0;
}

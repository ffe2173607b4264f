/* Writes rows as CSV, TSV, JSON lines or cells, with added cells. */
#include "sdp/row_writer.h"

#include "base/csv_cell.h"
#include "base/map.h"
#include "sdp/buf.h"
#include "sdp/mem.h"
#include "sdp/num.h"
#include "table/csv.h"
#include "table/json_cell.h"
#include "json/quote.h"

#include <stddef.h>
#include <string.h>

/* ---- added cells ---- */

void sdp_added_release(struct sdp_added *added)
{
	sdp_buf_release(&added->text);
	free(added->ends);
	*added = (struct sdp_added){0};
}

int sdp_added_text(struct sdp_added *added, const char *text, size_t length, struct sdp_err *err)
{
	if (length > UINT32_MAX - added->text.length)
		return sdp_fail(err, SDP_SYSTEM, "the added cells of a chunk exceed 4 GiB");
	if (sdp_grow(&added->ends, &added->capacity, added->count + 1, sizeof *added->ends, err) <
		    0 ||
	    sdp_buf_add(&added->text, text, length, err) < 0)
		return -1;
	added->ends[added->count++] = (uint32_t)added->text.length;
	return 0;
}

int sdp_added_null(struct sdp_added *added, struct sdp_err *err)
{
	return sdp_added_text(added, "", 0, err);
}

int sdp_added_integer(struct sdp_added *added, int64_t value, struct sdp_err *err)
{
	char text[32];
	return sdp_added_text(added, text, sdp_decimal_print(text, value, 0), err);
}

int sdp_added_real(struct sdp_added *added, double value, struct sdp_err *err)
{
	char text[32];
	if (value != value || value - value != 0)
		return sdp_added_null(added, err);
	return sdp_added_text(added, text, sdp_num_print(text, value), err);
}

static const char *added_cell(const struct sdp_added *added, size_t i, size_t *length)
{
	uint32_t start = i ? added->ends[i - 1] : 0;
	*length = added->ends[i] - start;
	return added->text.data + start;
}

/* ---- columns and header ---- */

static size_t count_of(const struct sdp_row_writer *rt)
{
	return rt->column_count + rt->added_count;
}

static const char *name_of(const struct sdp_row_writer *rt, size_t i)
{
	size_t columns = rt->column_count;
	return i < columns ? rt->schema->columns[rt->columns[i]].name : rt->added[i - columns].name;
}

/*
 * The names of the keys.  Of several columns with one name, the second becomes NAME_2 and so on,
 * unless another column has that name: a, a, a, a_2 become a, a_3, a_4, a_2.
 */
struct keys {
	struct sdp_map taken, next; /* all names; the next number of those that occur twice */
	struct sdp_buf name;        /* the new name of the current column */
};

static void release_keys(struct keys *k)
{
	sdp_map_release(&k->taken);
	sdp_map_release(&k->next);
	sdp_buf_release(&k->name);
}

/* Returns the name of the key of the next column, valid until the next call; NULL on failure. */
static const char *next_key(struct keys *k, const char *name, struct sdp_err *err)
{
	int added = sdp_map_add(&k->next, name, strlen(name), 2, err);
	if (added)
		return added < 0 ? NULL : name;
	size_t *number = sdp_map_find(&k->next, name, strlen(name));
	for (added = 0; added == 0;) {
		k->name.length = 0;
		if (sdp_buf_format(&k->name, err, "%s_%zu", name, (*number)++) < 0)
			return NULL;
		added = sdp_map_add(&k->taken, k->name.data, k->name.length, 0, err);
	}
	return added < 0 ? NULL : k->name.data;
}

static int add_key(struct sdp_row_writer *rt, size_t i, const char *key, struct sdp_buf *out,
		   struct sdp_err *err)
{
	size_t length = strlen(key);
	if (sdp_buf_reserve(out, SDP_JSON_STRING(length) + 2, err) < 0)
		return -1;
	char *p = out->data + out->length;
	*p++ = i ? ',' : '{';
	p = sdp_json_put_string(p, key, length);
	*p++ = ':';
	out->length = rt->key_ends[i] = (size_t)(p - out->data);
	if (key == name_of(rt, i) || rt->renamed.length)
		return 0;
	char old[64], new[64];
	return sdp_buf_format(&rt->renamed, err,
			      "several columns are named %s: the second becomes %s",
			      sdp_quote(old, sizeof old, name_of(rt, i), strlen(name_of(rt, i))),
			      sdp_quote(new, sizeof new, key, length));
}

static int make_keys(struct sdp_row_writer *rt, struct sdp_err *err)
{
	struct sdp_buf out = {0};
	struct keys keys = {0};
	size_t count = count_of(rt);
	rt->key_ends = sdp_alloc(count, sizeof *rt->key_ends, err);
	int rc = rt->key_ends ? 0 : -1;
	for (size_t i = 0; rc >= 0 && i < count; i++)
		rc = sdp_map_add(&keys.taken, name_of(rt, i), strlen(name_of(rt, i)), 0, err);
	for (size_t i = 0; rc >= 0 && i < count; i++) {
		const char *key = next_key(&keys, name_of(rt, i), err);
		rc = key ? add_key(rt, i, key, &out, err) : -1;
	}
	rt->keys = out.data;
	release_keys(&keys);
	return rc < 0 ? -1 : 0;
}

/* Sets the chosen columns, and the runs of them that are adjacent in the input. */
static int choose(struct sdp_row_writer *rt, const struct sdp_row_columns *choice,
		  struct sdp_err *err)
{
	rt->column_count = choice ? choice->count : rt->schema->count;
	rt->columns = sdp_alloc(rt->column_count, sizeof *rt->columns, err);
	rt->runs = sdp_alloc(rt->column_count, sizeof *rt->runs, err);
	if (!rt->columns || !rt->runs)
		return -1;
	for (size_t i = 0; i < rt->column_count; i++) {
		size_t column = rt->columns[i] = choice ? choice->columns[i] : i;
		if (i == 0 || column != rt->columns[i - 1] + 1)
			rt->runs[rt->run_count++].first = column;
		rt->runs[rt->run_count - 1].last = column;
	}
	return 0;
}

int sdp_row_writer_init(struct sdp_row_writer *rt, enum sdp_row_format format, const char *file,
			const struct sdp_schema *schema, const struct sdp_row_columns *choice,
			const struct sdp_added_column *added, size_t added_count,
			struct sdp_err *err)
{
	*rt = (struct sdp_row_writer){.format = format,
				      .schema = schema,
				      .added = added,
				      .added_count = added_count};
	int rc = choose(rt, choice, err);
	for (size_t i = 0; rc == 0 && i < added_count; i++)
		for (size_t k = 0; rc == 0 && k < rt->column_count; k++)
			if (strcmp(added[i].name, name_of(rt, k)) == 0)
				rc = sdp_fail_at(err, (struct sdp_place){file, 1, added[i].name},
						 "the input already has a column with the name of "
						 "the added one: rename or drop it first");
	if (rc == 0 && format == SDP_ROW_NDJSON)
		rc = make_keys(rt, err);
	if (rc < 0)
		sdp_row_writer_release(rt);
	return rc;
}

void sdp_row_writer_release(struct sdp_row_writer *rt)
{
	free(rt->columns);
	free(rt->runs);
	free(rt->keys);
	free(rt->key_ends);
	sdp_buf_release(&rt->renamed);
	*rt = (struct sdp_row_writer){0};
}

/*
 * Returns a byte of the text that a reader of TSV with one column could take for the delimiter, or
 * NULL. Such a cell is quoted.
 */
static const char *other_delimiter(const char *text, size_t length)
{
	const char *found = NULL;
	for (const char *d = ",;|"; *d && !found; d++)
		found = memchr(text, *d, length);
	return found;
}

/* Appends the i-th cell of a CSV or TSV record; quote: also if it needs no quotes. */
static int add_value(const struct sdp_row_writer *rt, struct sdp_buf *out, size_t i, const char *s,
		     size_t length, bool quote, struct sdp_err *err)
{
	bool tsv = rt->format == SDP_ROW_TSV;
	char delimiter = tsv ? '\t' : ',';
	if (i && sdp_buf_add(out, &delimiter, 1, err) < 0)
		return -1;
	if (quote || (length == 0 && count_of(rt) == 1)) /* so that the line is not empty */
		return sdp_csv_quote_cell(out, s, length, err);
	const char *other = tsv && count_of(rt) == 1 ? other_delimiter(s, length) : NULL;
	return sdp_csv_add_cell(out, s, length, other ? *other : delimiter, err);
}

static const char *header_name(const void *context, size_t i)
{
	return name_of(context, i);
}

/* ---- cells for programs that lay out rows themselves ---- */

/* A cell is its kind, its length and its text; the end of a row is a kind alone. */
enum { CELL_HEAD = 1 + sizeof(uint32_t) };

static int add_cell(struct sdp_buf *out, enum sdp_row_cell_kind kind, const char *text,
		    size_t length, struct sdp_err *err)
{
	uint32_t n = (uint32_t)length;
	if (sdp_buf_reserve(out, CELL_HEAD + length, err) < 0)
		return -1;
	char *p = out->data + out->length;
	*p = (char)kind;
	memcpy(p + 1, &n, sizeof n);
	if (length)
		memcpy(p + CELL_HEAD, text, length);
	out->length += CELL_HEAD + length;
	return 0;
}

static int end_row(struct sdp_buf *out, struct sdp_err *err)
{
	const char end = SDP_ROW_CELL_END;
	return sdp_buf_add(out, &end, 1, err);
}

const char *sdp_row_cell_next(const char *p, struct sdp_row_cell *cell)
{
	uint32_t n;
	*cell = (struct sdp_row_cell){.kind = (enum sdp_row_cell_kind) * p};
	if (cell->kind == SDP_ROW_CELL_END)
		return p + 1;
	memcpy(&n, p + 1, sizeof n);
	cell->text = p + CELL_HEAD;
	cell->length = n;
	return p + CELL_HEAD + n;
}

static int add_header_cells(const struct sdp_row_writer *rt, struct sdp_buf *out,
			    struct sdp_err *err)
{
	for (size_t i = 0; i < count_of(rt); i++)
		if (add_cell(out, SDP_ROW_CELL_OTHER, name_of(rt, i), strlen(name_of(rt, i)), err) <
		    0)
			return -1;
	return end_row(out, err);
}

int sdp_row_writer_header(const struct sdp_row_writer *rt, struct sdp_buf *out, struct sdp_err *err)
{
	const struct sdp_csv_names names = {header_name, rt, count_of(rt)};
	if (rt->format == SDP_ROW_NDJSON)
		return 0;
	if (rt->format == SDP_ROW_CELLS)
		return add_header_cells(rt, out, err);
	return sdp_csv_add_header(out, &names, rt->format == SDP_ROW_TSV ? '\t' : ',', err);
}

/* ---- cells with unchanged text ---- */

/* Returns whether this text of the input can be copied, because the output is written like it. */
static bool can_copy(const struct sdp_row_writer *rt, const char *text, size_t length)
{
	const struct sdp_dialect *d = &rt->schema->dialect;
	bool tsv = rt->format == SDP_ROW_TSV;
	if (d->delimiter != (tsv ? '\t' : ',') || d->escape)
		return false;
	if (tsv && count_of(rt) == 1 && other_delimiter(text, length))
		return false;
	return d->quote == '"' || (d->quote == '\n' && !memchr(text, '"', length));
}

/* Copies length bytes; 16 bytes must be readable and writable in any case. */
static char *put(char *p, const char *s, size_t length)
{
	memcpy(p, s, 16);
	if (length > 16)
		memcpy(p, s, length);
	return p + length;
}

/*
 * Copies the chosen cells of a row of a block that is the text of the input. p must have room for
 * them.
 */
static char *put_raw_cells(const struct sdp_row_writer *rt, const struct sdp_block *block,
			   size_t row, char *p)
{
	const uint32_t *ends = block->ends + row * block->columns;
	char *start = p;
	for (size_t i = 0; i < rt->run_count; i++) {
		const struct sdp_row_writer_run *run = &rt->runs[i];
		const char *s = block->text + (uint32_t)(ends[(ptrdiff_t)run->first - 1] + 1),
			   *e = block->text + ends[run->last];
		if (run->last + 1 == block->columns && e > s && e[-1] == '\r')
			e--;
		if (i)
			*p++ = rt->schema->dialect.delimiter;
		p = put(p, s, (size_t)(e - s));
	}
	if (p == start && block->columns > 1 && count_of(rt) == 1)
		p = put(p, "\"\"              ", 2); /* as in add_value */
	return p;
}

/* Returns a cell as it is in the text of the block, with its quotes and the blanks around it. */
static const char *raw_cell(const struct sdp_block *block, size_t row, size_t column,
			    size_t *length)
{
	const uint32_t *end = sdp_block_end(block, row, column);
	const char *s = block->text + (uint32_t)(end[-1] + 1);
	*length = (size_t)(block->text + *end - s);
	if (column + 1 == block->columns && *length && s[*length - 1] == '\r')
		--*length;
	return s;
}

/*
 * Appends a cell of the careful parser with its original quotes; csv.h says how the parser changes
 * them.
 */
static int add_unchanged(struct sdp_buf *out, const struct sdp_block *block, size_t row,
			 size_t column, struct sdp_err *err)
{
	size_t length;
	const char *s = raw_cell(block, row, column, &length);
	if (length == 0 || *s != block->quote)
		return sdp_buf_add(out, s, length, err);
	s = sdp_block_cell(block, row, column, &length);
	return sdp_csv_quote_cell(out, s, length, err);
}

/* Returns the length that a cell has in CSV and TSV, where null is empty. */
static size_t text_length(const char *s, size_t length)
{
	return length == 1 && *s == *SDP_NULL_CELL ? 0 : length;
}

/* quote: quotes all cells, none is copied. */
static int add_input_cells(const struct sdp_row_writer *rt, const struct sdp_block *block,
			   size_t row, bool may_copy, bool quote, struct sdp_buf *out,
			   struct sdp_err *err)
{
	char delimiter = rt->schema->dialect.delimiter;
	for (size_t i = 0; i < rt->column_count; i++) {
		size_t length;
		const char *s = raw_cell(block, row, rt->columns[i], &length);
		bool as_is = may_copy && !quote && can_copy(rt, s, length) &&
			     (length || count_of(rt) > 1 || block->columns == 1);
		if (!as_is)
			s = sdp_block_cell(block, row, rt->columns[i], &length);
		int rc = as_is && i ? sdp_buf_add(out, &delimiter, 1, err) : 0;
		if (rc == 0)
			rc = as_is ? add_unchanged(out, block, row, rt->columns[i], err)
				   : add_value(rt, out, i, s, text_length(s, length), quote, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/*
 * Returns whether a cell of a record of TSV spans lines.  Then all its cells are quoted, which
 * tells the reader that quotes are no plain text, even if each line has as many tabs as the header.
 * cell: the first of its added cells.
 */
static bool spans_lines(const struct sdp_row_writer *rt, const struct sdp_block *block, size_t row,
			const struct sdp_added *added, size_t cell)
{
	size_t length;
	if (rt->format != SDP_ROW_TSV || count_of(rt) == 1)
		return false;
	for (size_t i = 0; i < rt->column_count; i++) {
		const char *s = sdp_block_cell(block, row, rt->columns[i], &length);
		if (memchr(s, '\n', length))
			return true;
	}
	for (size_t i = 0; i < rt->added_count; i++) {
		const char *s = added_cell(added, cell + i, &length);
		if (length && memchr(s, '\n', length))
			return true;
	}
	return false;
}

/*
 * Returns whether the last byte of the record would be taken for part of the line end that follows.
 */
static bool ends_in_cr(const struct sdp_row_writer *rt, const struct sdp_block *block, size_t row)
{
	size_t length;
	const char *s = sdp_block_cell(block, row, rt->columns[rt->column_count - 1], &length);
	return rt->added_count == 0 && length && s[length - 1] == '\r';
}

static int add_cells(const struct sdp_row_writer *rt, const struct sdp_block *block,
		     const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	for (size_t row = 0, cell = 0; row < block->rows; row++) {
		const uint32_t *ends = sdp_block_end(block, row, 0);
		size_t start = (uint32_t)(ends[-1] + 1);
		bool cr = ends_in_cr(rt, block, row),
		     quote = spans_lines(rt, block, row, added, cell),
		     as_is = !cr && !quote && !block->starts &&
			     can_copy(rt, block->text + start, ends[block->columns - 1] - start);
		if (as_is && !block->changed) {
			size_t length = ends[block->columns - 1] - start + 1;
			if (sdp_buf_reserve(out, length + 16, err) < 0)
				return -1;
			out->length =
				(size_t)(put_raw_cells(rt, block, row, out->data + out->length) -
					 out->data);
		} else if (add_input_cells(rt, block, row, !cr, quote, out, err) < 0) {
			return -1;
		}
		for (size_t i = 0; i < rt->added_count; i++) {
			size_t length;
			const char *s = added_cell(added, cell++, &length);
			if (add_value(rt, out, rt->column_count + i, s, length, quote, err) < 0)
				return -1;
		}
		if (sdp_buf_add(out, "\n", 1, err) < 0)
			return -1;
	}
	return 0;
}

/* Returns whether this text of so many rows of TSV has cells that span lines. */
static bool has_lines_in_cells(const struct sdp_row_writer *rt, const char *text, size_t length,
			       size_t rows)
{
	size_t lines = 0;
	if (rt->format != SDP_ROW_TSV || rt->schema->dialect.quote == '\n' ||
	    !memchr(text, rt->schema->dialect.quote, length))
		return false;
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines > rows;
}

/*
 * Appends a whole block at once if its rows are the text of the input, the chosen cells are
 * unchanged, and no cells are added, as in most blocks. *done becomes whether it could.
 */
static int add_block(const struct sdp_row_writer *rt, const struct sdp_block *block,
		     struct sdp_buf *out, bool *done, struct sdp_err *err)
{
	size_t length = block->rows && !block->starts
				? block->ends[block->rows * block->columns - 1] + 1
				: 0;
	*done = length && !block->changed && rt->added_count == 0 &&
		can_copy(rt, block->text, length) && !memchr(block->text, '\r', length) &&
		!has_lines_in_cells(rt, block->text, length, block->rows);
	if (!*done)
		return 0;
	/*
	 * No cell is chosen twice, so the output is no longer than the text, except for the quotes
	 * of empty cells.
	 */
	if (sdp_buf_reserve(out, length + block->rows + 16, err) < 0)
		return -1;
	char *p = out->data + out->length;
	if (rt->run_count == 1 && rt->column_count == block->columns) {
		memcpy(p, block->text, length);
		p += length;
	} else {
		for (size_t row = 0; row < block->rows; row++) {
			p = put_raw_cells(rt, block, row, p);
			*p++ = '\n';
		}
	}
	*p = '\0';
	out->length = (size_t)(p - out->data);
	return 0;
}

/* Writes an added cell, of which an empty one is null, whatever --na says. */
static char *put_added(const struct sdp_row_writer *rt, size_t i, char *p, const char *s,
		       size_t length)
{
	if (length == 0)
		return (char *)memcpy(p, "null", 4) + 4;
	if (rt->added[i].kind == SDP_ADDED_NUMBER)
		return (char *)memcpy(p, s, length) + length;
	if (rt->added[i].kind == SDP_ADDED_STRING)
		return sdp_json_put_string(p, s, length);
	return sdp_json_put_cell(p, rt->schema, NULL, s, length);
}

/*
 * Writes a cell of the input.  Values of JSON keep their types: only null is null, unless --na was
 * given.
 */
static char *put_input(const struct sdp_row_writer *rt, const struct sdp_block *block, size_t row,
		       size_t i, char *p, const char *s, size_t length)
{
	const struct sdp_schema *schema = rt->schema;
	const struct sdp_column *column = &schema->columns[rt->columns[i]];
	bool json = schema->format == SDP_FORMAT_JSON,
	     quoted = json && sdp_block_cell_is_quoted(block, row, rt->columns[i], s);
	if ((json && length == 0 && !quoted) ||
	    ((!json || schema->nulls.given) && sdp_is_null(&schema->nulls, s, length)))
		return (char *)memcpy(p, "null", 4) + 4;
	return json ? sdp_json_put_json_cell(p, schema, column, s, length, quoted)
		    : sdp_json_put_cell(p, schema, column, s, length);
}

static int add_objects(const struct sdp_row_writer *rt, const struct sdp_block *block,
		       const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	size_t count = count_of(rt);
	for (size_t row = 0, cell = 0; row < block->rows; row++) {
		for (size_t i = 0; i < count; i++) {
			size_t length, key = i ? rt->key_ends[i - 1] : 0,
				       key_length = rt->key_ends[i] - key;
			bool input = i < rt->column_count;
			const char *s = input ? sdp_block_cell(block, row, rt->columns[i], &length)
					      : added_cell(added, cell++, &length);
			if (sdp_buf_reserve(out, key_length + SDP_JSON_CELL(length), err) < 0)
				return -1;
			char *p = out->data + out->length;
			memcpy(p, rt->keys + key, key_length);
			p += key_length;
			p = input ? put_input(rt, block, row, i, p, s, length)
				  : put_added(rt, i - rt->column_count, p, s, length);
			out->length = (size_t)(p - out->data);
		}
		if (sdp_buf_add(out, "}\n", 2, err) < 0)
			return -1;
	}
	return 0;
}

/* Returns what a cell is by its value in JSON. */
static enum sdp_row_cell_kind kind_of(char first)
{
	return first == 'n'                          ? SDP_ROW_CELL_NULL
	       : first == '-' || sdp_is_digit(first) ? SDP_ROW_CELL_NUMBER
						     : SDP_ROW_CELL_OTHER;
}

static int add_laid_out(const struct sdp_row_writer *rt, const struct sdp_block *block,
			const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	size_t count = count_of(rt);
	for (size_t row = 0, cell = 0; row < block->rows; row++) {
		for (size_t i = 0; i < count; i++) {
			size_t length;
			bool input = i < rt->column_count;
			const char *s = input ? sdp_block_cell(block, row, rt->columns[i], &length)
					      : added_cell(added, cell++, &length);
			if (sdp_buf_reserve(out, SDP_JSON_CELL(length), err) < 0)
				return -1;
			/* The value is only looked at. */
			char *json = out->data + out->length;
			if (input)
				put_input(rt, block, row, i, json, s, length);
			else
				put_added(rt, i - rt->column_count, json, s, length);
			if (add_cell(out, kind_of(*json), s, length, err) < 0)
				return -1;
		}
		if (end_row(out, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_row_writer_block(const struct sdp_row_writer *rt, const struct sdp_block *block,
			 const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err)
{
	bool done = false;
	if (added->count != block->rows * rt->added_count)
		SDP_BUG();
	if (rt->format == SDP_ROW_NDJSON)
		return add_objects(rt, block, added, out, err);
	if (rt->format == SDP_ROW_CELLS)
		return add_laid_out(rt, block, added, out, err);
	if (add_block(rt, block, out, &done, err) < 0)
		return -1;
	return done ? 0 : add_cells(rt, block, added, out, err);
}

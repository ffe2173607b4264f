/* Lays out the cells of a block in the order of the columns of the table. */
#include "table/relayout.h"

#include "base/utf8.h"
#include "sdp/mem.h"

#include <string.h>

/* Bytes after the text that may be read. */
enum { PADDING = 64 };

/*
 * The fewest columns of a table with sparse blocks of delimited text; an input with such blocks has
 * at most one in SPARSE_SHARE of them.
 */
enum { SPARSE_COLUMNS = 64, SPARSE_SHARE = 4 };

void sdp_relayout_release(struct sdp_relayout *r)
{
	sdp_buf_release(&r->text);
	sdp_buf_release(&r->label);
	free(r->ends);
	free(r->starts);
	free(r->slots);
	free(r->cells);
	*r = (struct sdp_relayout){0};
}

/* Returns whether a text would not be read as it is if it were a cell without quotes. */
static bool needs_quotes(const char *text, size_t length, char quote, char delimiter)
{
	return sdp_is_blank(text[0]) || sdp_is_blank(text[length - 1]) ||
	       memchr(text, quote, length) || memchr(text, '\n', length) ||
	       memchr(text, '\r', length) || (delimiter && memchr(text, delimiter, length));
}

int sdp_relayout_check_labels(const struct sdp_source *source, const struct sdp_schema *schema,
			      struct sdp_err *err)
{
	bool json = schema->format == SDP_FORMAT_JSON;
	struct sdp_dialect dialect = schema->dialect;
	for (uint32_t i = 0; i < sdp_source_inputs(source); i++) {
		const char *text = sdp_source_label(source, i);
		size_t length = strlen(text);
		struct sdp_place place = {.file = sdp_source_name(source, i)};
		if (sdp_utf8_valid(text, length) < length)
			return sdp_fail_at(err, place,
					   "--source: the name of the file is not valid UTF-8");
		if (!json && dialect.quote == '\n' &&
		    needs_quotes(text, length, dialect.quote, dialect.delimiter))
			return sdp_fail_at(err, place,
					   "--source: the name of the file needs quotes, but those "
					   "of this table are plain text (--quote?)");
	}
	return 0;
}

/* Makes the cell of --source: quoted if it would otherwise not be read as it is. */
static int make_label(struct sdp_relayout *r, const struct sdp_source *source,
		      const struct sdp_block *block, struct sdp_err *err)
{
	const char *text = sdp_source_label(source, block->input);
	size_t length = text ? strlen(text) : 0;
	char delimiter = block->schema->dialect.delimiter;
	r->label.length = 0;
	if (!text)
		return 0;
	bool odd = needs_quotes(text, length, block->quote, delimiter),
	     quoted = block->quote != '\n' && (odd || block->schema->format == SDP_FORMAT_JSON);
	int rc = quoted ? sdp_buf_add(&r->label, &block->quote, 1, err) : 0;
	if (rc == 0)
		rc = sdp_buf_add(&r->label, text, length, err);
	return rc == 0 && quoted ? sdp_buf_add(&r->label, &block->quote, 1, err) : rc;
}

/* Appends a cell, with one more CR if cr, and the byte after it. Room has been reserved. */
static void put_cell(struct sdp_relayout *r, size_t *n, const char *text, size_t length, char after,
		     bool cr)
{
	char *out = r->text.data + r->text.length;
	memcpy(out, text, length);
	out[length] = '\r';
	length += cr;
	out[length] = after;
	r->ends[++*n] = (uint32_t)(r->text.length + length);
	r->text.length += length + 1;
}

/* Returns the text of cell number i of the input in a row, without the CR of the record's end. */
static const char *cell_of(const struct sdp_block *block, size_t cells, size_t row, size_t i,
			   size_t *length)
{
	const uint32_t *end = block->ends + row * cells + i;
	const char *text = block->text + (uint32_t)(end[-1] + 1);
	*length = (size_t)(block->text + *end - text);
	if (i + 1 == cells && *length && text[*length - 1] == '\r')
		--*length;
	return text;
}

/* Finds for each column of the table the cell that it has in this input. */
static int find_cells(struct sdp_relayout *r, const struct sdp_source *source,
		      const struct sdp_block *block, struct sdp_err *err)
{
	size_t columns = block->schema->count, cells = sdp_source_cells(source, block->input);
	if (sdp_grow(&r->cells, &r->cell_capacity, columns, sizeof *r->cells, err) < 0)
		return -1;
	memset(r->cells, 0xff, columns * sizeof *r->cells);
	for (size_t i = 0; i < cells; i++)
		r->cells[sdp_source_cell_column(source, block->input, i)] = i;
	return 0;
}

/* Makes room for rows × columns cells, of which the block has the text of some. */
static int make_room(struct sdp_relayout *r, size_t cells, uint64_t bytes, struct sdp_err *err)
{
	if (bytes > UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "the cells of a chunk exceed 4 GiB");
	r->text.length = 0;
	return sdp_buf_reserve(&r->text, bytes + PADDING, err) < 0 ||
			       sdp_grow(&r->ends, &r->ends_capacity, cells + 1, sizeof *r->ends,
					err) < 0
		       ? -1
		       : 0;
}

static int dense(struct sdp_relayout *r, const struct sdp_source *source, struct sdp_block *block,
		 struct sdp_err *err)
{
	const struct sdp_schema *schema = block->schema;
	const struct sdp_null_text *null = &schema->nulls.texts[0];
	size_t cells = block->columns, columns = schema->count, rows = block->rows, n = 0,
	       missing = schema->nulls.empty ? 0 : null->length,
	       label = r->label.length ? columns - 1 : SIZE_MAX;
	uint64_t text = rows ? block->ends[rows * cells - 1] + UINT64_C(1) : 0,
		 most = text + (uint64_t)rows * (columns * (missing + 2) + r->label.length);
	if (find_cells(r, source, block, err) < 0 || make_room(r, rows * columns, most, err) < 0)
		return -1;
	r->ends[0] = UINT32_MAX;
	for (size_t row = 0; row < rows; row++)
		for (size_t c = 0; c < columns; c++) {
			size_t length = missing;
			bool last = c + 1 == columns;
			const char *s = null->text;
			if (c == label) {
				s = r->label.data;
				length = r->label.length;
			} else if (r->cells[c] != SIZE_MAX) {
				s = cell_of(block, cells, row, r->cells[c], &length);
			}
			/* One CR at the end of a record is not part of it. */
			bool cr = last && length && s[length - 1] == '\r';
			put_cell(r, &n, s, length, last ? '\n' : schema->dialect.delimiter, cr);
		}
	block->columns = columns;
	return 0;
}

bool sdp_relayout_is_sparse(const struct sdp_source *source, const struct sdp_schema *schema,
			    uint32_t input)
{
	const struct sdp_null_text *null = &schema->nulls.texts[0];
	/* In the last column, a CR at the end of the null cell would be that of a line. */
	bool ends_line = !schema->nulls.empty && memchr(null->text, '\r', null->length);
	return schema->format == SDP_FORMAT_DELIMITED && schema->count >= SPARSE_COLUMNS &&
	       !ends_line && sdp_source_cells(source, input) <= schema->count / SPARSE_SHARE;
}

/* Finds the slots of the columns, behind that of the label if there is one. */
static void find_slots(struct sdp_relayout *r, const struct sdp_source *source,
		       const struct sdp_block *block, bool label)
{
	size_t columns = block->schema->count;
	memset(r->slots, 0xff, columns * sizeof *r->slots);
	for (size_t c = 0; block->slots && c < columns; c++)
		if (block->slots[c] != UINT32_MAX)
			r->slots[c] = block->slots[c] + label;
	for (size_t i = 0; !block->slots && i < block->columns; i++)
		r->slots[sdp_source_cell_column(source, block->input, i)] = (uint32_t)(i + label);
	if (label)
		r->slots[columns - 1] = 0;
}

/*
 * Makes a sparse block: of another one, by putting the label before the cells of each row; or of
 * the cells of an input that has few of the columns.
 */
static int sparse(struct sdp_relayout *r, const struct sdp_source *source, struct sdp_block *block,
		  struct sdp_err *err)
{
	const struct sdp_null_text *null = &block->schema->nulls.texts[0];
	const uint32_t *starts = block->starts;
	size_t rows = block->rows, columns = block->schema->count, cells = block->columns, n = 0,
	       label = r->label.length, missing = block->schema->nulls.empty ? 0 : null->length,
	       all = starts ? starts[rows] : rows * cells;
	uint64_t most = (all ? block->ends[all - 1] + UINT64_C(1) : 0) + missing + 1 +
			rows * (label + UINT64_C(2));
	if (make_room(r, all + rows + 1, most, err) < 0 ||
	    sdp_grow(&r->starts, &r->starts_capacity, rows + 1, sizeof *r->starts, err) < 0 ||
	    sdp_grow(&r->slots, &r->slots_capacity, columns, sizeof *r->slots, err) < 0)
		return -1;
	find_slots(r, source, block, label);
	r->ends[0] = UINT32_MAX;
	if (!starts)
		put_cell(r, &n, null->text, missing, '\n', false);
	for (size_t i = 0, row = 0; row <= rows; row++) {
		/* The null cell of a sparse block precedes its rows. */
		size_t end = starts ? starts[row] : row * cells;
		for (; i < end; i++) {
			const char *s = block->text + (uint32_t)(block->ends[(ptrdiff_t)i - 1] + 1);
			size_t length = (size_t)(block->text + block->ends[i] - s);
			/* One CR at the end of a record is not part of it. */
			bool ends = !starts && i + 1 == end && length && s[length - 1] == '\r';
			length -= ends;
			put_cell(r, &n, s, length, '\n',
				 !starts && length && s[length - 1] == '\r' &&
					 r->slots[columns - 1] == i + label - (end - cells));
		}
		r->starts[row] = (uint32_t)n;
		if (label && row < rows)
			put_cell(r, &n, r->label.data, label, '\n', false);
	}
	block->starts = r->starts;
	block->slots = r->slots;
	block->columns = columns;
	return 0;
}

int sdp_relayout_block(struct sdp_relayout *r, const struct sdp_source *source,
		       struct sdp_block *block, struct sdp_err *err)
{
	if (!sdp_source_relayouts(source, block->input))
		return 0;
	bool few = sdp_relayout_is_sparse(source, block->schema, block->input);
	if (make_label(r, source, block, err) < 0 ||
	    (few || block->starts ? sparse : dense)(r, source, block, err) < 0) {
		block->rows = 0;
		return -1;
	}
	block->text = r->text.data;
	block->ends = r->ends + 1;
	block->changed = true;
	return 0;
}

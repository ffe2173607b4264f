/*
 * Makes a block from the scanned bytes of a chunk. If the scan set a flag, the careful parser of
 * csv.h reads the chunk again.
 */
#include "table/reader.h"

#include "base/utf8.h"
#include "sdp/mem.h"
#include "table/encoding.h"
#include "table/json_rows.h"

#include <string.h>

/* Returns the name of the column that a cell of a record belongs to. */
static const char *column_name(const void *names, size_t cell)
{
	const struct sdp_reader *r = names;
	size_t column = sdp_source_cell_column(r->parsing.source, r->parsing.input, cell);
	return column == SIZE_MAX ? NULL : r->parsing.schema->columns[column].name;
}

static struct sdp_csv_context context_of(struct sdp_reader *r, const struct sdp_source *source,
					 const struct sdp_schema *schema,
					 const struct sdp_chunk *chunk)
{
	const struct sdp_null_text *pad = &schema->nulls.texts[0];
	r->parsing.source = source;
	r->parsing.schema = schema;
	r->parsing.input = chunk->input;
	return (struct sdp_csv_context){
		.file = sdp_source_name(source, chunk->input),
		.first_record = chunk->first_record,
		.dialect = schema->dialect,
		.quotes = schema->quotes,
		.columns = sdp_source_cells(source, chunk->input),
		.column_name = column_name,
		.names = r,
		.ragged = schema->ragged,
		.pad = pad->text,
		.pad_length = schema->nulls.empty ? 0 : pad->length,
		.comment = schema->comment,
		.most = r->most,
	};
}

/*
 * Fails with the record and column of a faulty byte of the chunk, unless an earlier record has a
 * fault.
 */
static int fail_at_byte(struct sdp_reader *r, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *chunk, size_t at,
			struct sdp_err *err)
{
	const char *text = r->text;
	struct sdp_scan_state state = {0};
	struct sdp_scan_count count;
	sdp_scan_records(&state, text, at, schema->dialect, &count);
	struct sdp_csv_context context = context_of(r, source, schema, chunk);
	if (sdp_csv_parse(&context, text, count.last_end, &r->cells, err) < 0)
		return -1;
	size_t column = 0;
	state = (struct sdp_scan_state){0};
	for (size_t i = count.last_end; i < at; i++)
		column += sdp_scan_byte(&state, text[i], schema->dialect) != SDP_SCAN_WITHIN;
	struct sdp_place place = {context.file, chunk->first_record + count.records,
				  column_name(r, column)};
	unsigned long long offset = sdp_source_offset(source, chunk) + at;
	if (text[at] == '\0')
		return sdp_fail_at(err, place, "NUL byte at offset %llu", offset);
	return sdp_fail_at(err, place,
			   "invalid UTF-8: byte 0x%02x at offset %llu" SDP_ENCODING_HINT,
			   (unsigned char)text[at], offset);
}

/* Returns the offset of the first byte that is not allowed in text, or length if there is none. */
static size_t bad_byte(const char *text, size_t length, unsigned flags)
{
	size_t bad = length;
	if (flags & SDP_SCAN_HIGH)
		bad = sdp_utf8_valid(text, length);
	const char *nul = flags & SDP_SCAN_NUL ? memchr(text, '\0', length) : NULL;
	if (nul && (size_t)(nul - text) < bad)
		bad = (size_t)(nul - text);
	return bad;
}

/* Returns whether every record has as many cells as the table has columns. */
static bool regular(const struct sdp_reader *r, size_t columns)
{
	const struct sdp_scan_fields *fields = &r->fields;
	if (r->comments || fields->flags & (SDP_SCAN_ESCAPED | SDP_SCAN_JUNK) ||
	    fields->fields != fields->records * columns)
		return false;
	const uint32_t *end = r->ends + 1;
	for (size_t i = columns - 1; i < fields->fields; i += columns)
		if (r->text[end[i]] != '\n')
			return false;
	return true;
}

/*
 * Makes the block from the rows of the careful parser, which end before a fault if there was one.
 */
static int use_cells(struct sdp_reader *r, struct sdp_block *block, struct sdp_err *err)
{
	size_t count = r->cells.rows * block->columns;
	/* One more entry: ends[-1]. */
	if (sdp_grow(&r->ends, &r->ends_capacity, count + 1, sizeof *r->ends, err) < 0 ||
	    sdp_buf_reserve(&r->cells.text, SDP_READER_PADDING, err) < 0)
		return -1;
	r->ends[0] = UINT32_MAX;
	if (count)
		memcpy(r->ends + 1, r->cells.ends, count * sizeof *r->ends);
	block->rows = r->cells.rows;
	block->text = r->cells.text.data;
	block->changed = true;
	block->ends = r->ends + 1;
	block->records = r->cells.records;
	block->odd[SDP_ODD_RAGGED] = (struct sdp_oddity){r->cells.ragged, r->cells.first_ragged};
	return 0;
}

/*
 * Counts the records that have a cell that begins with a quote, up to the most that are wanted.
 * Blanks may stand before it.
 */
static struct sdp_oddity count_quotes(const struct sdp_reader *r, const struct sdp_chunk *chunk)
{
	struct sdp_oddity odd = {0};
	const char *text = r->text;
	uint64_t record = chunk->first_record, counted = 0;
	if (!memchr(text, '"', chunk->length))
		return odd;
	for (size_t i = 0, at = 0; i < r->fields.fields; at = r->ends[++i] + 1) {
		size_t end = r->ends[i + 1];
		while (at < end && text[at] == ' ')
			at++;
		if (at < end && text[at] == '"' && counted != record) {
			odd.first = odd.count++ ? odd.first : record;
			counted = record;
		}
		record += text[end] == '\n';
		if (r->most && record - chunk->first_record >= r->most)
			break;
	}
	return odd;
}

void sdp_reader_release(struct sdp_reader *reader)
{
	free(reader->room);
	free(reader->ends);
	sdp_cells_release(&reader->cells);
	sdp_json_rows_free(reader->json);
	sdp_relayout_release(&reader->relayout);
	*reader = (struct sdp_reader){0};
}

int sdp_csv_block(struct sdp_reader *r, const struct sdp_source *source,
		  const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		  struct sdp_block *block, struct sdp_err *err)
{
	size_t cells = sdp_source_cells(source, chunk->input);
	*block = (struct sdp_block){
		.schema = schema,
		.file = sdp_source_name(source, chunk->input),
		.input = chunk->input,
		.columns = cells,
		.first_record = chunk->first_record,
	};
	sdp_block_quote(block, schema->dialect.quote);
	if (schema->quotes == SDP_QUOTES_UNSEEN)
		block->odd[SDP_ODD_QUOTES] = count_quotes(r, chunk);
	size_t bad = bad_byte(r->text, chunk->length, r->fields.flags);
	if (bad == chunk->length && regular(r, cells)) {
		block->rows = r->fields.records;
		block->text = r->text;
		block->ends = r->ends + 1;
		return 0;
	}
	struct sdp_csv_context context = context_of(r, source, schema, chunk);
	int rc = bad < chunk->length ? fail_at_byte(r, source, schema, chunk, bad, err)
				     : sdp_csv_parse(&context, r->text, r->length, &r->cells, err);
	struct sdp_err ignored;
	return use_cells(r, block, rc < 0 ? &ignored : err) < 0 ? -1 : rc;
}

int sdp_csv_load(struct sdp_reader *r, const struct sdp_source *source,
		 const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		 struct sdp_err *err)
{
	if (sdp_reader_read(r, source, chunk, err) < 0)
		return -1;
	sdp_reader_end_record(r);
	return sdp_reader_scan(r, schema, err);
}

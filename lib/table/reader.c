/* Reads the bytes of a chunk and scans them for cells, with prefetching. */
#include "table/reader.h"

#include "sdp/mem.h"

#include <string.h>

int sdp_reader_read(struct sdp_reader *r, const struct sdp_source *source,
		    const struct sdp_chunk *chunk, struct sdp_err *err)
{
	bool there = chunk->input == r->ahead.input && chunk->offset >= r->ahead.offset &&
		     chunk->offset + chunk->length <= r->ahead.offset + r->ahead.length;
	r->ahead.length = 0;
	r->length = chunk->length;
	if (there) {
		r->text = r->room + (chunk->offset - r->ahead.offset);
		return 0;
	}
	if (sdp_grow(&r->room, &r->room_size, r->length + 1 + SDP_READER_PADDING, 1, err) < 0)
		return -1;
	r->text = r->room;
	r->ahead.scanned = 0;
	return sdp_source_read(source, chunk, r->text, err);
}

/*
 * The start of the first record in the range is a guess, because the first LF may be quoted. When
 * the start of the chunk is known, the guess is right if a record ends there: from there on, the
 * grammar does not depend on what came before.
 */
void sdp_reader_ahead(struct sdp_reader *r, const struct sdp_source *source,
		      const struct sdp_schema *schema, const struct sdp_chunk *range)
{
	struct sdp_err ignored;
	r->ahead.length = 0;
	if (sdp_reader_read(r, source, range, &ignored) < 0)
		return;
	r->ahead.input = range->input;
	r->ahead.offset = range->offset;
	r->ahead.length = range->length;
	/* Comments must be hidden before the scan. */
	const char *end = schema->format != SDP_FORMAT_JSON && !schema->comment
				  ? memchr(r->text, '\n', r->length)
				  : NULL;
	size_t begin = end ? (size_t)(end + 1 - r->text) : 0;
	if (begin == 0)
		return;
	r->text += begin;
	r->length -= begin;
	if (sdp_reader_scan(r, schema, &ignored) == 0)
		r->ahead.scanned = begin;
}

bool sdp_reader_scanned(struct sdp_reader *r)
{
	size_t from = r->ahead.scanned, begin = (size_t)(r->text - r->room);
	r->ahead.scanned = 0;
	if (from == 0 || begin < from)
		return false;
	const char *text = r->room + from;
	size_t skip = begin - from, first = 0, last = r->fields.fields, records = r->fields.records;
	uint32_t *ends = r->ends + 1;
	while (first < last && ends[first] < skip)
		records -= text[ends[first++]] == '\n';
	if (skip && (first == 0 || ends[first - 1] + 1 != skip || text[skip - 1] != '\n'))
		return false;
	while (last > first && ends[last - 1] >= skip + r->length)
		records -= text[ends[--last]] == '\n';
	if (records == 0)
		return false;
	for (size_t i = first; i < last; i++)
		ends[i - first] = ends[i] - (uint32_t)skip;
	r->fields.fields = last - first;
	r->fields.records = records;
	return true;
}

void sdp_reader_end_record(struct sdp_reader *r)
{
	if (r->text[r->length - 1] != '\n')
		r->text[r->length++] = '\n';
}

int sdp_reader_scan(struct sdp_reader *r, const struct sdp_schema *schema, struct sdp_err *err)
{
	/*
	 * Room for ends[-1] and for one cell per byte; pages that are never touched cost nothing.
	 */
	if (sdp_grow(&r->ends, &r->ends_capacity, 1 + r->length + SDP_SCAN_ROOM, sizeof *r->ends,
		     err) < 0)
		return -1;
	memset(r->text + r->length, 0, SDP_READER_PADDING);
	r->ahead.scanned = 0;
	r->ends[0] = UINT32_MAX;
	r->comments = schema->comment &&
		      sdp_scan_hide_comments(r->text, r->length, schema->dialect, schema->comment);
	sdp_scan_cells(r->text, r->length, schema->dialect, r->ends + 1, &r->fields);
	return 0;
}

size_t sdp_reader_trim(struct sdp_reader *r)
{
	const uint32_t *end = r->ends + 1;
	while (r->fields.fields && r->text[end[r->fields.fields - 1]] != '\n')
		r->fields.fields--;
	if (r->fields.fields == 0)
		return 0;
	r->length = end[r->fields.fields - 1] + 1;
	return r->length;
}

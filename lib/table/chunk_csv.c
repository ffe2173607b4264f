/* Cuts CSV and lines of text into chunks. */
#include "table/chunk_private.h"
#include "table/relayout.h"
#include "table/scan.h"

#include <string.h>

/*
 * Cuts a first record that does not end within the target; state is that of the scan after the
 * target. It continues in steps that do not depend on how the bytes arrive, so that the messages do
 * not either.
 */
static enum sdp_chunk_status cut_long(struct sdp_reader *r, const struct sdp_source *source,
				      const struct sdp_schema *schema, bool patient,
				      struct sdp_scan_state state, struct sdp_chunk *chunk,
				      struct sdp_err *err)
{
	struct sdp_input_state there;
	uint64_t target = sdp_chunk_target(source, chunk), seen = target,
		 most = sdp_source_max_record(source), end = 0;
	/* In a comment, quotes have no meaning. */
	struct sdp_dialect dialect =
		schema->comment && r->text[0] == schema->comment ? SDP_SCAN_LINES : schema->dialect;
	for (;;) {
		if (seen > most)
			return sdp_csv_too_long(sdp_chunk_place(source, chunk), state.inside, most,
						err);
		if (!sdp_chunk_wait(source, chunk->input, chunk->offset + seen + target, patient,
				    &there))
			return SDP_CHUNK_WAIT;
		uint64_t left = there.end - chunk->offset - seen;
		if (left == 0 && !there.complete)
			return SDP_CHUNK_END;
		if (left == 0 && (state.inside || state.escaped))
			return sdp_csv_not_closed(sdp_chunk_place(source, chunk), state.inside,
						  err);
		struct sdp_chunk step = *chunk;
		step.offset += seen;
		step.length = (uint32_t)(left < target ? left : target);
		if (sdp_reader_read(r, source, &step, err) < 0)
			return SDP_CHUNK_FAILED;
		if (left)
			end = sdp_scan_first_end(&state, r->text, step.length, dialect);
		if (end && seen + end > most)
			return sdp_csv_too_long(sdp_chunk_place(source, chunk), false, most, err);
		seen += end ? end : step.length;
		if (end || left == 0)
			break;
	}
	chunk->length = (uint32_t)seen;
	chunk->records = 1;
	if (sdp_reader_read(r, source, chunk, err) < 0)
		return SDP_CHUNK_FAILED;
	if (!end && r->text[r->length - 1] == '\n')
		return sdp_csv_not_closed(sdp_chunk_place(source, chunk), false, err);
	sdp_reader_end_record(r);
	return sdp_reader_scan(r, schema, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

/*
 * Drops records from the end of the chunk, so that its cells do not take too much memory when
 * missing ones are added. Returns the remaining number of bytes.
 */
static size_t leave_room_to_pad(struct sdp_reader *r, const struct sdp_source *source,
				const struct sdp_schema *schema, uint32_t input)
{
	enum { ROOM = 1 << 26, QUOTES = 2, END = 1 + 2 * sizeof *r->ends };
	const struct sdp_nulls *nulls = &schema->nulls;
	size_t cell = END + (nulls->empty ? 0 : nulls->texts[0].length + QUOTES), records = 0,
	       i = 0;
	const char *label = sdp_source_label(source, input);
	size_t cells = sdp_relayout_is_sparse(source, schema, input)
			       ? sdp_source_cells(source, input)
			       : schema->count,
	       most = ROOM / (cell * (cells + 1) + (label ? strlen(label) : 0)) + 1;
	bool grows = schema->ragged == SDP_RAGGED_PAD || sdp_source_relayouts(source, input);
	if (!grows || r->fields.records <= most)
		return r->length;
	for (const uint32_t *end = r->ends + 1; records < most; i++)
		records += r->text[end[i]] == '\n';
	r->fields.fields = i;
	r->fields.records = records;
	r->length = r->ends[i] + 1;
	return r->length;
}

enum sdp_chunk_status sdp_chunk_csv(struct sdp_reader *r, const struct sdp_source *source,
				    const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				    const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				    struct sdp_err *err)
{
	struct sdp_chunk_begun begun;
	enum sdp_chunk_status found =
		sdp_chunk_begin(r, source, manner, previous, chunk, &begun, err);
	if (found != SDP_CHUNK_READY)
		return found;
	if (begun.last)
		sdp_reader_end_record(r);
	if ((begun.last || !sdp_reader_scanned(r)) && sdp_reader_scan(r, schema, err) < 0)
		return SDP_CHUNK_FAILED;
	size_t whole = sdp_reader_trim(r);
	if (whole == 0 && begun.short_of)
		return begun.there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	if (whole == 0 && begun.last)
		return sdp_csv_not_closed(sdp_chunk_place(source, chunk), r->fields.state.inside,
					  err);
	if (whole == 0)
		return cut_long(r, source, schema, manner == SDP_CHUNK_PATIENT, r->fields.state,
				chunk, err);
	whole = leave_room_to_pad(r, source, schema, chunk->input);
	if (whole < chunk->length)
		chunk->length = (uint32_t)whole;
	chunk->records = (uint32_t)r->fields.records;
	return SDP_CHUNK_READY;
}

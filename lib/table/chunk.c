/* Cuts CSV and lines of text into chunks, and chunks of JSON by calling chunk_json.c. */
#define _GNU_SOURCE
#include "table/chunk.h"

#include "table/chunk_private.h"
#include "table/scan.h"

#include <time.h>

static struct sdp_place place_of(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	return (struct sdp_place){sdp_source_name(source, chunk->input), chunk->first_record, NULL};
}

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
	uint64_t target = sdp_source_chunk_target(source), seen = target,
		 most = sdp_source_max_record(source);
	/* In a comment, quotes have no meaning. */
	char delimiter =
		schema->comment && r->text[0] == schema->comment ? '\n' : schema->delimiter;
	for (;;) {
		if (seen > most)
			return sdp_csv_too_long(place_of(source, chunk), state.inside, most, err);
		if (!sdp_chunk_wait(source, chunk->input, chunk->offset + seen + target, patient,
				    &there))
			return SDP_CHUNK_WAIT;
		uint64_t left = there.end - chunk->offset - seen;
		if (left == 0 && !there.complete)
			return SDP_CHUNK_END;
		if (left == 0 && state.inside)
			return sdp_csv_not_closed(place_of(source, chunk), err);
		struct sdp_chunk step = *chunk;
		step.offset += seen;
		step.length = (uint32_t)(left < target ? left : target);
		if (sdp_reader_read(r, source, &step, err) < 0)
			return SDP_CHUNK_FAILED;
		uint64_t end =
			left == 0 ? 0 : sdp_scan_first_end(&state, r->text, step.length, delimiter);
		if (end && seen + end > most)
			return sdp_csv_too_long(place_of(source, chunk), false, most, err);
		seen += end ? end : step.length;
		if (end || left == 0)
			break;
	}
	chunk->length = (uint32_t)seen;
	chunk->records = 1;
	if (sdp_reader_read(r, source, chunk, err) < 0)
		return SDP_CHUNK_FAILED;
	sdp_reader_end_record(r);
	return sdp_reader_scan(r, schema, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

/* How much of a chunk must be there before it is cut. */
enum manner { ALL, ALL_PATIENTLY, WHOLE_RECORDS };

static enum sdp_chunk_status cut(struct sdp_reader *r, const struct sdp_source *source,
				 const struct sdp_schema *schema, enum manner manner,
				 const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				 struct sdp_err *err)
{
	if (!schema->delimiter)
		return sdp_chunk_json(r, source, schema, manner != ALL, previous, chunk, err);
	struct sdp_input_state there;
	enum sdp_chunk_status found = sdp_chunk_start(source, previous, chunk, &there);
	if (found != SDP_CHUNK_READY)
		return found;
	uint64_t left = there.end - chunk->offset, target = sdp_source_chunk_target(source);
	bool last = left <= target && there.complete;
	/* Bytes that just fit into a chunk may be the last ones, too. */
	bool short_of = left <= target && !last;
	if (short_of && manner != WHOLE_RECORDS)
		return there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	chunk->length = (uint32_t)(left < target ? left : target);
	if (sdp_reader_read(r, source, chunk, err) < 0)
		return SDP_CHUNK_FAILED;
	if (last)
		sdp_reader_end_record(r);
	if ((last || !sdp_reader_scanned(r)) && sdp_reader_scan(r, schema, err) < 0)
		return SDP_CHUNK_FAILED;
	size_t whole = sdp_reader_trim(r);
	if (whole == 0 && short_of)
		return there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	if (whole == 0 && last)
		return sdp_csv_not_closed(place_of(source, chunk), err);
	if (whole == 0)
		return cut_long(r, source, schema, manner != ALL, r->fields.state, chunk, err);
	if (whole < chunk->length)
		chunk->length = (uint32_t)whole;
	chunk->records = (uint32_t)r->fields.records;
	return SDP_CHUNK_READY;
}

enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err)
{
	return cut(r, source, schema, patient ? ALL_PATIENTLY : ALL, previous, chunk, err);
}

bool sdp_chunk_prefetch(struct sdp_reader *r, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *previous,
			unsigned count)
{
	/* A chunk may be shorter than the target by about a record. */
	uint32_t target = sdp_source_chunk_target(source), slack = target / 64;
	struct sdp_chunk range = {.input = previous->input,
				  .length = target + count * slack,
				  .offset = previous->offset + previous->length +
					    (uint64_t)count * (target - slack)};
	struct sdp_input_state there;
	sdp_source_input_state(source, range.input, &there);
	if (range.offset >= there.end ||
	    (range.input == r->ahead.input && range.offset == r->ahead.offset && r->ahead.length))
		return false;
	uint64_t left = there.end - range.offset;
	if (left < range.length && !there.complete)
		return false;
	range.length = left < range.length ? (uint32_t)left : range.length;
	sdp_reader_ahead(r, source, schema, &range);
	return true;
}

enum sdp_chunk_status sdp_chunk_available(struct sdp_reader *r, const struct sdp_source *source,
					  const struct sdp_schema *schema,
					  const struct sdp_chunk *previous, struct sdp_chunk *chunk,
					  struct sdp_err *err)
{
	return cut(r, source, schema, WHOLE_RECORDS, previous, chunk, err);
}

int sdp_chunk_each(struct sdp_source *source,
		   int (*each)(void *context, const struct sdp_block *block, struct sdp_err *err),
		   void *context, struct sdp_err *err)
{
	const struct sdp_schema *schema = sdp_source_schema(source);
	struct sdp_reader reader = {0};
	struct sdp_chunk before, chunk;
	struct sdp_block block;
	enum sdp_chunk_status found = SDP_CHUNK_READY;
	int rc = 0;
	for (size_t n = 0; rc == 0 && found == SDP_CHUNK_READY; n++, before = chunk) {
		found = sdp_chunk_next(&reader, source, schema, false, n ? &before : NULL, &chunk,
				       err);
		if (found == SDP_CHUNK_READY)
			rc = sdp_reader_block(&reader, source, schema, &chunk, &block, err);
		if (found == SDP_CHUNK_READY && rc == 0)
			rc = each(context, &block, err);
	}
	sdp_reader_release(&reader);
	return rc == 0 && found == SDP_CHUNK_END ? 0 : -1;
}

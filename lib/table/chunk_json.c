/*
 * Chunks of JSON: whole records, by their brackets alone (json_scan.h); whoever parses a chunk
 * finds what is wrong in it.  So the cut is right up to the first fault, and no chunk behind that
 * matters.
 *
 * Behind the records of an array comes one chunk without any: what is left of the document.
 */
#include "table/chunk_private.h"
#include "table/json_rows.h"
#include "json/boundaries.h"

#include <inttypes.h>

enum {
	TARGET = SDP_CHUNK_TARGET,
	CELLS = 1 << 22, /* of a block, at most, unless one record has more */
	REST = 1 << 30,  /* bytes of a document behind its records */
};

static struct sdp_place place_of(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	return (struct sdp_place){sdp_source_name(source, chunk->input), chunk->first_record, NULL};
}

/* It goes on too long; or it is damaged, so that its end is not seen. */
static enum sdp_chunk_status too_long(const struct sdp_source *source,
				      const struct sdp_chunk *chunk, uint64_t seen,
				      struct sdp_err *err)
{
	if (sdp_json_validator_rest(source, chunk, seen, chunk->first_record == 1, false, err) < 0)
		return SDP_CHUNK_FAILED;
	return sdp_fail_at(err, place_of(source, chunk),
			   "the record is longer than %" PRIu64 " bytes",
			   sdp_source_max_record(source));
}

/* From the chunk's start to the end of the input, all of which is there. */
static enum sdp_chunk_status cut_rest(struct sdp_reader *r, const struct sdp_source *source,
				      struct sdp_chunk *chunk, const struct sdp_input_there *there,
				      struct sdp_err *err)
{
	uint64_t left = there->end - chunk->offset;
	struct sdp_chunk start = *chunk;
	if (!there->complete)
		return there->broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	if (left > REST)
		return sdp_fail_at(err,
				   (struct sdp_place){
					   .file = sdp_source_name(source, chunk->input)},
				   "more than 1 GiB behind the records");
	chunk->length = (uint32_t)left;
	chunk->records = 0;
	/* The parser looks at its start only. */
	start.length = left < TARGET ? (uint32_t)left : TARGET;
	return sdp_reader_read(r, source, &start, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

/* The first record does not end within the target; scan stands behind that. */
static enum sdp_chunk_status cut_long(struct sdp_reader *r, const struct sdp_source *source,
				      bool patient, struct sdp_json_boundaries *scan,
				      struct sdp_chunk *chunk, struct sdp_err *err)
{
	struct sdp_input_there there;
	struct sdp_json_ends ends = {0};
	uint64_t seen = TARGET, most = sdp_source_max_record(source);
	while (!ends.records) {
		if (seen > most)
			return too_long(source, chunk, seen, err);
		/* One byte more: a chunk that ends with what is there is known to be the last. */
		if (!sdp_chunk_wait(source, chunk->input, chunk->offset + seen + TARGET + 1,
				    patient, &there))
			return SDP_CHUNK_WAIT;
		uint64_t left = there.end - chunk->offset - seen;
		if (left == 0 && !there.complete)
			return SDP_CHUNK_END;
		if (left == 0)
			break;
		struct sdp_chunk step = *chunk;
		step.offset += seen;
		step.length = left < TARGET ? (uint32_t)left : TARGET;
		if (sdp_reader_read(r, source, &step, err) < 0)
			return SDP_CHUNK_FAILED;
		sdp_json_boundaries(scan, r->text, step.length, there.base, 1, &ends);
		if (ends.closed)
			break; /* what was seen holds no record; the rest begins behind it */
		seen += ends.records ? ends.last_end : step.length;
	}
	if (seen > most)
		return too_long(source, chunk, seen, err);
	chunk->length = (uint32_t)seen;
	chunk->records = (uint32_t)ends.records;
	return sdp_reader_read(r, source, chunk, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

enum sdp_chunk_status sdp_chunk_json(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err)
{
	struct sdp_input_there there;
	struct sdp_json_ends ends;
	enum sdp_chunk_status found = sdp_chunk_start(source, previous, chunk, &there);
	if (found != SDP_CHUNK_READY)
		return found;
	uint64_t left = there.end - chunk->offset;
	bool last = left <= TARGET && there.complete;
	if (left <= TARGET && !last)
		return there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	chunk->length = left < TARGET ? (uint32_t)left : TARGET;
	if (sdp_reader_read(r, source, chunk, err) < 0)
		return SDP_CHUNK_FAILED;
	struct sdp_json_boundaries scan = {.depth = there.base};
	size_t most = schema->count ? CELLS / schema->count + 1 : SIZE_MAX;
	sdp_json_boundaries(&scan, r->text, chunk->length, there.base, most, &ends);
	if (ends.records == 0 && ends.closed)
		return cut_rest(r, source, chunk, &there, err);
	if (ends.records == 0 && !last)
		return cut_long(r, source, patient, &scan, chunk, err);
	/* What is behind the last record of all belongs to it; it may be half a record. */
	if (!last || ends.closed || ends.records == most)
		chunk->length = (uint32_t)ends.last_end;
	r->length = chunk->length;
	chunk->records = (uint32_t)ends.records;
	return SDP_CHUNK_READY;
}

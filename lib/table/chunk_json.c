/*
 * Cuts JSON into chunks of whole records, by their brackets alone (json/boundaries.h). Parsing a
 * chunk finds the faults in it. So the chunks are right up to the first fault, and those after it
 * do not matter.
 *
 * After the records of an array comes a chunk without records: the rest of the document.
 */
#include "table/chunk_private.h"
#include "table/json_rows.h"
#include "json/boundaries.h"

#include <inttypes.h>

enum {
	/* The most cells of a block, per byte of the target, unless a single record has more. */
	CELLS = 4,
	REST = 1 << 30, /* the most bytes of a document after its records */
};

/* Fails for a record that is too long, or that is damaged so that its end is not found. */
static enum sdp_chunk_status too_long(const struct sdp_source *source,
				      const struct sdp_chunk *chunk, uint64_t seen,
				      struct sdp_err *err)
{
	if (sdp_json_validator_rest(source, chunk, seen, chunk->first_record == 1, false, err) < 0)
		return SDP_CHUNK_FAILED;
	return sdp_fail_at(err, sdp_chunk_place(source, chunk),
			   "the record is longer than %" PRIu64 " bytes",
			   sdp_source_max_record(source));
}

/* Cuts the rest of the input from the start of the chunk; all of it must be there. */
static enum sdp_chunk_status cut_rest(struct sdp_reader *r, const struct sdp_source *source,
				      struct sdp_chunk *chunk, const struct sdp_input_state *there,
				      struct sdp_err *err)
{
	uint64_t left = there->end - chunk->offset, target = sdp_chunk_target(source, chunk);
	struct sdp_chunk start = *chunk;
	if (!there->complete)
		return there->broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	if (left > REST)
		return sdp_fail_at(err,
				   (struct sdp_place){
					   .file = sdp_source_name(source, chunk->input)},
				   "more than 1 GiB after the records");
	chunk->length = (uint32_t)left;
	chunk->records = 0;
	/* The parser needs only its start. */
	start.length = (uint32_t)(left < target ? left : target);
	return sdp_reader_read(r, source, &start, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

/* Cuts a first record that does not end within the target; scan is the state after the target. */
static enum sdp_chunk_status cut_long(struct sdp_reader *r, const struct sdp_source *source,
				      bool patient, struct sdp_json_boundaries *scan,
				      struct sdp_chunk *chunk, struct sdp_err *err)
{
	struct sdp_input_state there;
	struct sdp_json_ends ends = {0};
	uint64_t target = sdp_chunk_target(source, chunk), seen = target,
		 most = sdp_source_max_record(source);
	while (!ends.records) {
		if (seen > most)
			return too_long(source, chunk, seen, err);
		/*
		 * One more byte shows whether a chunk that ends with the last byte so far is the
		 * last one.
		 */
		if (!sdp_chunk_wait(source, chunk->input, chunk->offset + seen + target + 1,
				    patient, &there))
			return SDP_CHUNK_WAIT;
		uint64_t left = there.end - chunk->offset - seen;
		if (left == 0 && !there.complete)
			return SDP_CHUNK_END;
		if (left == 0)
			break;
		struct sdp_chunk step = *chunk;
		step.offset += seen;
		step.length = (uint32_t)(left < target ? left : target);
		if (sdp_reader_read(r, source, &step, err) < 0)
			return SDP_CHUNK_FAILED;
		sdp_json_boundaries(scan, r->text, step.length, there.base, 1, &ends);
		if (ends.closed)
			/*
			 * there is no record in what was scanned; the rest of the document starts
			 * after it
			 */
			break;
		seen += ends.records ? ends.last_end : step.length;
	}
	if (seen > most)
		return too_long(source, chunk, seen, err);
	chunk->length = (uint32_t)seen;
	chunk->records = (uint32_t)ends.records;
	return sdp_reader_read(r, source, chunk, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

/*
 * Returns the most records of a chunk. A sparse block has fewer cells than rows × columns: a column
 * that no record of the chunk has costs nothing.
 */
static size_t most_records(const struct sdp_schema *schema, uint64_t target)
{
	enum { SPARSE = 256 };
	if (schema->count == 0)
		return SIZE_MAX;
	size_t dense = CELLS * target / schema->count + 1;
	return schema->count > SDP_JSON_DENSE && dense < SPARSE ? SPARSE : dense;
}

static enum sdp_chunk_status cut(struct sdp_reader *r, const struct sdp_source *source,
				 const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				 const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				 struct sdp_err *err)
{
	struct sdp_chunk_begun begun;
	struct sdp_json_ends ends;
	enum sdp_chunk_status found =
		sdp_chunk_begin(r, source, manner, previous, chunk, &begun, err);
	if (found != SDP_CHUNK_READY)
		return found;
	struct sdp_json_boundaries scan = {.depth = begun.there.base};
	size_t most = most_records(schema, begun.target);
	sdp_json_boundaries(&scan, r->text, chunk->length, begun.there.base, most, &ends);
	if (ends.records == 0 && ends.closed)
		return cut_rest(r, source, chunk, &begun.there, err);
	if (ends.records == 0 && begun.short_of)
		return begun.there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	if (ends.records == 0 && !begun.last)
		return cut_long(r, source, manner == SDP_CHUNK_PATIENT, &scan, chunk, err);
	/*
	 * What follows the last record of the input belongs to its chunk; it may be an unfinished
	 * record.
	 */
	if (!begun.last || ends.closed || ends.records == most)
		chunk->length = (uint32_t)ends.last_end;
	r->length = chunk->length;
	chunk->records = (uint32_t)ends.records;
	return SDP_CHUNK_READY;
}

enum sdp_chunk_status sdp_chunk_json(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err)
{
	enum sdp_chunk_status found = cut(r, source, schema, manner, previous, chunk, err);
	if (found == SDP_CHUNK_READY && sdp_source_follows(source) &&
	    sdp_json_set_place(source, previous, r->text, chunk, err) < 0)
		return SDP_CHUNK_FAILED;
	return found;
}

/* Cuts inputs into chunks, whatever their format. */
#include "table/chunk.h"

#include "table/chunk_private.h"
#include "table/format.h"

static enum sdp_chunk_status cut(struct sdp_reader *r, const struct sdp_source *source,
				 const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				 const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				 struct sdp_err *err)
{
	return sdp_formats[schema->format].cut(r, source, schema, manner, previous, chunk, err);
}

enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err)
{
	return cut(r, source, schema, patient ? SDP_CHUNK_PATIENT : SDP_CHUNK_WHOLE, previous,
		   chunk, err);
}

bool sdp_chunk_prefetch(struct sdp_reader *r, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *previous,
			unsigned count)
{
	/* A chunk may be shorter than the target by about a record. */
	uint64_t target = sdp_chunk_target(source, previous), slack = target / 64;
	struct sdp_chunk range = {.input = previous->input,
				  .length = (uint32_t)(target + count * slack),
				  .offset = previous->offset + previous->length +
					    count * (target - slack)};
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
	return cut(r, source, schema, SDP_CHUNK_RECORDS, previous, chunk, err);
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

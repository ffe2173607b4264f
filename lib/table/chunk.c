/* Cuts inputs into chunks, whatever their format. */
#include "table/chunk.h"

#include "table/chunk_private.h"
#include "table/format.h"

enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err)
{
	return sdp_formats[schema->format].cut(r, source, schema, manner, previous, chunk, err);
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

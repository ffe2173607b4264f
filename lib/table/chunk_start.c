/* Finds the start of the next chunk, reads its bytes, and waits until enough has arrived. */
#define _GNU_SOURCE
#include "table/chunk_private.h"

#include <time.h>

struct sdp_place sdp_chunk_place(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	return (struct sdp_place){sdp_source_name(source, chunk->input), chunk->first_record, NULL};
}

/*
 * Sets *chunk to the start of the chunk after previous, and *there to the state of that input.
 * Returns SDP_CHUNK_READY if at least one byte of the chunk has arrived.
 */
static enum sdp_chunk_status start(const struct sdp_source *source,
				   const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				   struct sdp_input_state *there)
{
	*chunk = (struct sdp_chunk){0};
	if (previous) {
		chunk->input = previous->input;
		chunk->offset = previous->offset + previous->length;
		chunk->first_record = previous->first_record + previous->records;
	}
	for (bool fresh = !previous;; chunk->input++, fresh = true) {
		if (chunk->input == sdp_source_inputs(source))
			return SDP_CHUNK_END;
		sdp_source_input_state(source, chunk->input, there);
		if (!there->begun)
			return there->broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
		if (fresh) {
			chunk->offset = there->start;
			chunk->first_record = there->first_record;
		}
		if (chunk->offset < there->end)
			return SDP_CHUNK_READY;
		if (!there->complete)
			return there->broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	}
}

uint64_t sdp_chunk_target(const struct sdp_source *source, const struct sdp_chunk *chunk)
{
	enum { GROWTH = 256, LARGEST = 1 << 20 };
	struct sdp_input_state there;
	sdp_source_input_state(source, chunk->input, &there);
	uint64_t target = sdp_source_chunk_target(source) + (chunk->offset - there.start) / GROWTH;
	return target < LARGEST ? target : LARGEST;
}

enum sdp_chunk_status sdp_chunk_begin(struct sdp_reader *r, const struct sdp_source *source,
				      enum sdp_chunk_manner manner,
				      const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				      struct sdp_chunk_begun *begun, struct sdp_err *err)
{
	enum sdp_chunk_status found = start(source, previous, chunk, &begun->there);
	if (found != SDP_CHUNK_READY)
		return found;
	uint64_t left = begun->there.end - chunk->offset;
	begun->target = sdp_chunk_target(source, chunk);
	begun->last = left <= begun->target && begun->there.complete;
	/* Bytes that just fit into a chunk may be the last ones, too. */
	begun->short_of = left <= begun->target && !begun->last;
	if (begun->short_of && manner != SDP_CHUNK_RECORDS)
		return begun->there.broken ? SDP_CHUNK_END : SDP_CHUNK_WAIT;
	chunk->length = (uint32_t)(left < begun->target ? left : begun->target);
	return sdp_reader_read(r, source, chunk, err) < 0 ? SDP_CHUNK_FAILED : SDP_CHUNK_READY;
}

bool sdp_chunk_wait(const struct sdp_source *source, uint32_t input, uint64_t end, bool patient,
		    struct sdp_input_state *there)
{
	for (int times = 0;; times++) {
		struct timespec pause = {0, times < 1000 ? 200000 : 10000000};
		sdp_source_input_state(source, input, there);
		if (there->end >= end || there->complete || there->broken)
			return true;
		if (!patient)
			return false;
		nanosleep(&pause, NULL);
	}
}

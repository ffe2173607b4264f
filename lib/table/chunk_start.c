/* Finds the start of the next chunk, and waits until enough of it has arrived. */
#define _GNU_SOURCE
#include "table/chunk_private.h"

#include <time.h>

enum sdp_chunk_status sdp_chunk_start(const struct sdp_source *source,
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

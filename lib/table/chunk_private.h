/* Between cut.c and cut_json.c. */
#ifndef SDP_TABLE_CHUNK_PRIVATE_H
#define SDP_TABLE_CHUNK_PRIVATE_H

#include "table/chunk.h"

enum { SDP_CHUNK_TARGET = 1 << 20 };

/* Where the next chunk starts, and what is there behind it. */
enum sdp_chunk_status sdp_chunk_start(const struct sdp_source *source,
				      const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				      struct sdp_input_there *there);

/*
 * The rest of a record that is longer than the target is on its way: waits in small steps, since
 * starting over for every piece that a pipe gives would take quadratic time.
 */
bool sdp_chunk_wait(const struct sdp_source *source, uint32_t input, uint64_t end, bool patient,
		    struct sdp_input_there *there);

/* sdp_chunk_next for JSON. */
enum sdp_chunk_status sdp_chunk_json(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);

#endif

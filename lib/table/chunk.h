/*
 * Cuts inputs into chunks that end where a record ends, and numbers the records.
 *
 * A chunk ends at the last record end within 1 MiB (sdp_source_chunk_target) of its start. A longer
 * record is a chunk of its own, and the last chunk takes what is left. So the chunks depend on the
 * bytes alone, and each chunk follows from the one before it. Cutting is sequential, but any
 * process may cut the next chunk. It has to read and scan the chunk for that, which parsing then
 * need not do again.
 *
 * In JSON, records end at their closing brackets. A table with many columns has fewer records per
 * chunk, so the chunks then depend on the columns, too. The rest of a document after its records is
 * a chunk of its own.
 */
#ifndef SDP_TABLE_CHUNK_H
#define SDP_TABLE_CHUNK_H

#include "table/reader.h"

enum sdp_chunk_status {
	SDP_CHUNK_FAILED = -1,
	SDP_CHUNK_END, /* there are no more chunks */
	SDP_CHUNK_READY,
	SDP_CHUNK_WAIT, /* more input must be taken in first */
};

/*
 * Cuts the chunk after previous (NULL: the first) and loads it into reader, so that
 * sdp_reader_block can parse it. Fails if a record is too long or a quoted cell is not closed.
 *
 * patient decides what happens if the rest of a record longer than 1 MiB has not arrived yet: true
 * waits for it, in a worker while the parent takes in the input; false returns SDP_CHUNK_WAIT, and
 * the next call starts over.
 */
enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *reader, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);

/*
 * Prefetches the chunk after the next count chunks that follow previous, while other processes cut
 * these, so that it can be cut quickly. Returns whether it read anything.
 */
bool sdp_chunk_prefetch(struct sdp_reader *reader, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *previous,
			unsigned count);

/*
 * Cuts the next chunk as sdp_chunk_next does, but if the rest of a chunk has not arrived yet, the
 * whole records that are there become a chunk. This does not hold for a record longer than 1 MiB.
 */
enum sdp_chunk_status sdp_chunk_available(struct sdp_reader *reader,
					  const struct sdp_source *source,
					  const struct sdp_schema *schema,
					  const struct sdp_chunk *previous, struct sdp_chunk *chunk,
					  struct sdp_err *err);

#endif

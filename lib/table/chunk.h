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

/* How much of a chunk must be there before it is cut. */
enum sdp_chunk_manner {
	SDP_CHUNK_WHOLE, /* all of it */
	/*
	 * All of it. The rest of a record longer than 1 MiB is waited for, in a worker while the
	 * parent takes in the input, because with each call cutting starts over.
	 */
	SDP_CHUNK_PATIENT,
	/* Whole records, as many as there are. This does not hold for one longer than 1 MiB. */
	SDP_CHUNK_RECORDS,
};

/*
 * Cuts the chunk after previous (NULL: the first) and loads it into reader, so that
 * sdp_reader_block can parse it. Returns SDP_CHUNK_WAIT if less has arrived than manner asks for.
 * Fails if a record is too long or a quoted cell is not closed.
 */
enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *reader, const struct sdp_source *source,
				     const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);

/*
 * Prefetches the chunk after the next count chunks that follow previous, while other processes cut
 * these, so that it can be cut quickly. Returns whether it read anything.
 */
bool sdp_chunk_prefetch(struct sdp_reader *reader, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *previous,
			unsigned count);

#endif

/*
 * Cutting inputs into chunks at record ends, numbering the records.
 *
 * A chunk ends at the last record end within 1 MiB of its start; a longer record is a chunk of its
 * own; the last one takes what is left.  So chunks depend on the bytes alone, and each follows
 * from the one before it.  Whoever cuts a chunk has it read and scanned when it is cut: cutting is
 * sequential, but each chunk may be cut by another process, and costs nothing beside parsing.
 *
 * Of JSON, records end at their brackets; with many columns a chunk has fewer of them, so chunks
 * then depend on the columns, too.  The rest of a document behind its records is a chunk of its
 * own.
 */
#ifndef SDP_TABLE_CHUNK_H
#define SDP_TABLE_CHUNK_H

#include "table/reader.h"

enum sdp_chunk_status {
	SDP_CHUNK_FAILED = -1,
	SDP_CHUNK_END, /* there is no further chunk */
	SDP_CHUNK_READY,
	SDP_CHUNK_WAIT, /* the pump has to take in more first */
};

/*
 * The chunk after previous (NULL: the first), loaded into reader: sdp_reader_block makes it a
 * block.  Fails where a record is too long or a quoted cell is not closed.
 *
 * patient: of a record longer than 1 MiB that is still on its way the rest is waited for, in a
 * worker while the parent pumps; else the answer is SDP_CHUNK_WAIT and the next call starts over.
 */
enum sdp_chunk_status sdp_chunk_next(struct sdp_reader *reader, const struct sdp_source *source,
				     const struct sdp_schema *schema, bool patient,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);

/*
 * For who waits while other processes cut the chunks behind previous: reads what the one behind the
 * next count of them is likely to be made of, so that cutting it will be quick.  Did it read
 * anything?
 */
bool sdp_chunk_prefetch(struct sdp_reader *reader, const struct sdp_source *source,
			const struct sdp_schema *schema, const struct sdp_chunk *previous,
			unsigned count);

/*
 * As sdp_chunk_next, for who passes the input on as it comes: where that waits for the rest of a
 * chunk, the whole records that are there make one.  Not of a record longer than 1 MiB.
 */
enum sdp_chunk_status sdp_chunk_available(struct sdp_reader *reader,
					  const struct sdp_source *source,
					  const struct sdp_schema *schema,
					  const struct sdp_chunk *previous, struct sdp_chunk *chunk,
					  struct sdp_err *err);

/*
 * Hands on all blocks one after the other, in this process; the input is all there.  Ends with the
 * first that each answers with -1.
 */
int sdp_chunk_each(struct sdp_source *source,
		   int (*each)(void *context, const struct sdp_block *block, struct sdp_err *err),
		   void *context, struct sdp_err *err);

/*
 * What sdp_discover_columns (engine.h) does, in this process alone: for small inputs, all of which is
 * there.
 */
int sdp_json_find_columns(struct sdp_source *source, struct sdp_err *err);

#endif

/*
 * Reads the chunks of a source by their numbers: cuts the next one, or loads one that was cut
 * earlier. The passes of a task and the streams of rows read their input in this way.
 *
 * The process that cuts a chunk usually parses it next; its bytes are then still in the reader and
 * are neither read nor scanned again.
 */
#ifndef SDP_TABLE_CHUNK_READER_H
#define SDP_TABLE_CHUNK_READER_H

#include "table/chunk.h"
#include "table/keep_rows.h"
#include "table/where.h"

/* {0} with a source is a new one; each process has its own. Release it when done. */
struct sdp_chunk_reader {
	struct sdp_source *source;
	struct sdp_reader reader;
	struct sdp_where_scratch *wanted;
	uint8_t *chosen; /* of struct sdp_row_choice */
	size_t chosen_capacity;
	struct sdp_kept_rows kept;
	struct sdp_block all; /* the last block, before rows were removed; without its cells */
	uint64_t loaded;      /* 1 + the number of the chunk that the reader holds; 0: none */
};

void sdp_chunk_reader_release(struct sdp_chunk_reader *r);

/* Cuts the chunk with this number after previous (NULL: number is 0), as sdp_chunk_next does. */
enum sdp_chunk_status sdp_chunk_reader_cut(struct sdp_chunk_reader *r, uint64_t number,
					   enum sdp_chunk_manner manner,
					   const struct sdp_chunk *previous,
					   struct sdp_chunk *chunk, struct sdp_err *err);

/* Prefetches as sdp_chunk_prefetch does. */
bool sdp_chunk_reader_prefetch(struct sdp_chunk_reader *r, const struct sdp_chunk *previous,
			       unsigned count);

/*
 * Parses a chunk as sdp_reader_load does, and sets its number in the block and its oddities in
 * the chunk.
 */
int sdp_chunk_reader_load(struct sdp_chunk_reader *r, uint64_t number, struct sdp_chunk *chunk,
			  struct sdp_block *block, struct sdp_err *err);

typedef int sdp_chunk_use(void *context, const struct sdp_block *block, struct sdp_err *err);

/*
 * Parses a chunk and calls use with its block. Only the first most rows are wanted (UINT64_MAX:
 * all); what follows them is ignored, also if it is faulty. Before a fault, use is called with the
 * rows before it, because the error must name the lowest faulty record, and use may find a fault in
 * one of these. Returns 0 or -1.
 */
int sdp_chunk_reader_apply(struct sdp_chunk_reader *r, uint64_t number, struct sdp_chunk *chunk,
			   uint64_t most, sdp_chunk_use *use, void *context, struct sdp_err *err);

/*
 * Calls use with all blocks in order, in this process; all of the input must be there. Stops at the
 * first call that returns -1.
 */
int sdp_chunk_each(struct sdp_source *source, sdp_chunk_use *use, void *context,
		   struct sdp_err *err);

#endif

/* The formats of inputs: what is done with each of them, selected by enum sdp_format. */
#ifndef SDP_TABLE_FORMAT_H
#define SDP_TABLE_FORMAT_H

#include "table/chunk_private.h"
#include "table/input.h"

struct sdp_format_steps {
	/*
	 * Begins an input whose format is known: reads its header, or finds its records. *start
	 * becomes the offset of the first record from the origin of the input. Sets head->later if
	 * the input cannot begin yet.
	 */
	int (*begin)(struct sdp_source *s, uint32_t number, struct sdp_head *head, uint64_t *start,
		     struct sdp_err *err);
	/* Cuts the chunk after previous and loads it, as sdp_chunk_next does. */
	enum sdp_chunk_status (*cut)(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);
	/* Loads a chunk that was cut before, so that block can parse it. */
	int (*load)(struct sdp_reader *r, const struct sdp_source *source,
		    const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		    struct sdp_err *err);
	/* Makes the block of a loaded chunk, as sdp_reader_block does. */
	int (*block)(struct sdp_reader *r, const struct sdp_source *source,
		     const struct sdp_schema *schema, const struct sdp_chunk *chunk,
		     struct sdp_block *block, struct sdp_err *err);
};

/* The steps of each format; the index is an enum sdp_format. */
extern const struct sdp_format_steps sdp_formats[];

#endif

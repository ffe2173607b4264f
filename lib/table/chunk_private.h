/* Declarations shared by the files that cut chunks. */
#ifndef SDP_TABLE_CHUNK_PRIVATE_H
#define SDP_TABLE_CHUNK_PRIVATE_H

#include "table/chunk.h"

/* A chunk whose first bytes, at most target, are in the reader. */
struct sdp_chunk_begun {
	struct sdp_input_state there; /* of its input */
	uint64_t target;              /* sdp_chunk_target */
	bool last;                    /* these bytes are the rest of the input */
	bool short_of;                /* they are fewer than wanted, and more may come */
};

/*
 * Sets *chunk to the start of the chunk after previous (input, offset and first record) with a
 * length of at most the target, and reads its bytes. Returns SDP_CHUNK_READY if at least one byte
 * has arrived and manner does not ask for more.
 */
enum sdp_chunk_status sdp_chunk_begin(struct sdp_reader *r, const struct sdp_source *source,
				      enum sdp_chunk_manner manner,
				      const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				      struct sdp_chunk_begun *begun, struct sdp_err *err);

/* Returns the place of the first record of a chunk, for messages. */
struct sdp_place sdp_chunk_place(const struct sdp_source *source, const struct sdp_chunk *chunk);

/*
 * Returns about how many bytes a chunk with this start has. It is 1 MiB; but if SDP_TEST_CHUNK is
 * set, chunks grow from that size, so that large inputs do not become millions of chunks.
 */
uint64_t sdp_chunk_target(const struct sdp_source *source, const struct sdp_chunk *chunk);

/*
 * Waits for the rest of a record longer than the target, up to offset end of the input, if patient
 * is true. It waits in small steps, because starting over for every piece that arrives through a
 * pipe would take quadratic time. Returns true if that much is there or if no more will come; false
 * if it would have to wait.
 */
bool sdp_chunk_wait(const struct sdp_source *source, uint32_t input, uint64_t end, bool patient,
		    struct sdp_input_state *there);

/* These cut a chunk of a format (struct sdp_format_steps). */
enum sdp_chunk_status sdp_chunk_csv(struct sdp_reader *r, const struct sdp_source *source,
				    const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				    const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				    struct sdp_err *err);
enum sdp_chunk_status sdp_chunk_json(struct sdp_reader *r, const struct sdp_source *source,
				     const struct sdp_schema *schema, enum sdp_chunk_manner manner,
				     const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				     struct sdp_err *err);

#endif

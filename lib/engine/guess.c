/* Reads the first rows of the input, to guess the types of the columns that --where names. */
#include "engine/guess.h"

#include "table/chunk_reader.h"

/*
 * Takes in more of the input; in a record that is longer than a chunk, twice as much as there is,
 * since a cut starts over. Returns 1 while there may be more, 0 or -1.
 */
static int take_more(struct sdp_source *source, struct sdp_err *err)
{
	uint64_t have = sdp_source_spooled(source);
	bool is_long = have > sdp_source_chunk_target(source);
	return sdp_source_take_in(source, is_long ? 2 * have : 0, err);
}

/* Cuts and parses the first chunk, or its records that are there. */
static enum sdp_chunk_status first_block(struct sdp_chunk_reader *reader,
					 enum sdp_chunk_manner manner, struct sdp_block *block,
					 struct sdp_err *err)
{
	struct sdp_chunk chunk;
	struct sdp_err fault;
	enum sdp_chunk_status found = sdp_chunk_reader_cut(reader, 0, manner, NULL, &chunk, err);
	*block = (struct sdp_block){0};
	if (found == SDP_CHUNK_READY)
		sdp_chunk_reader_load(reader, 0, &chunk, block, &fault);
	return found;
}

static int guess(struct sdp_chunk_reader *reader, struct sdp_err *err)
{
	struct sdp_source *source = reader->source;
	struct sdp_block block;
	int more = 1;
	for (;;) {
		enum sdp_chunk_status found = first_block(reader, SDP_CHUNK_WHOLE, &block, err);
		if (found == SDP_CHUNK_FAILED)
			return -1;
		if (found != SDP_CHUNK_WAIT || more <= 0)
			return sdp_source_guess(source, &block, err);
		if (first_block(reader, SDP_CHUNK_RECORDS, &block, err) == SDP_CHUNK_READY &&
		    (block.rows >= SDP_GUESS_ROWS || (block.rows && sdp_source_caught_up(source))))
			return sdp_source_guess(source, &block, err);
		more = take_more(source, err);
		if (more < 0)
			return -1;
	}
}

int sdp_guess_for_where(struct sdp_source *source, struct sdp_err *err)
{
	struct sdp_where *where = sdp_source_where(source);
	struct sdp_block none = {0};
	if (!where || sdp_where_is_bound(where))
		return 0;
	if (sdp_where_is_typed(where, sdp_source_schema(source)))
		return sdp_source_guess(source, &none, err);
	struct sdp_chunk_reader reader = {.source = source};
	sdp_source_usual_chunks(source, true);
	int rc = guess(&reader, err);
	sdp_source_usual_chunks(source, false);
	sdp_chunk_reader_release(&reader);
	return rc;
}

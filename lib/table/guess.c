/* Guesses the types of columns from the first rows, and binds the expression of --where. */
#include "table/input.h"

int sdp_source_guess(struct sdp_source *source, struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_where *where = source->where;
	if (where && sdp_where_is_bound(where))
		return 0;
	if (block->rows > SDP_GUESS_ROWS)
		block->rows = SDP_GUESS_ROWS;
	if (block->rows) {
		sdp_schema_forget(&source->schema);
		sdp_schema_guess(&source->schema, block);
	}
	return where && !sdp_source_columns_unknown(source)
		       ? sdp_where_bind(where, &source->schema, block, err)
		       : 0;
}

bool sdp_source_guess_wanted(struct sdp_source *source, struct sdp_block *block,
			     struct sdp_guess *guess)
{
	if (guess->chunks == 0)
		sdp_schema_forget(&source->schema);
	if (block->rows > SDP_GUESS_ROWS - guess->rows)
		block->rows = SDP_GUESS_ROWS - guess->rows;
	guess->rows += block->rows;
	guess->chunks++;
	guess->chunks_of_rows += guess->rows > 0;
	return !(block->rows && sdp_schema_guess(&source->schema, block)) &&
	       guess->rows < SDP_GUESS_ROWS && guess->chunks_of_rows < SDP_GUESS_CHUNKS;
}

/* Guesses the types of columns from the first rows, and binds the expression of --where. */
#include "sdp/mem.h"
#include "table/input.h"

/* Guesses from the wanted ones among the rows of a block. */
static int guess_wanted(struct sdp_source *source, struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_schema *schema = &source->schema;
	struct sdp_where_scratch *scratch = NULL;
	struct sdp_err fault;
	struct sdp_column *all = sdp_alloc(schema->count, sizeof *all, err);
	if (!all)
		return -1;
	for (size_t i = 0; i < schema->count; i++)
		all[i] = schema->columns[i];
	/* The pass reports a fault, because it also finds those before it. */
	sdp_where_filter(source->where, &scratch, block, &fault);
	if (block->rows)
		sdp_schema_guess(schema, block);
	/* It has the record numbers of the wanted rows. */
	sdp_where_scratch_free(scratch);
	for (size_t i = 0; i < schema->count; i++)
		if (block->rows && schema->columns[i].guess == SDP_CLASS_NONE)
			schema->columns[i] = all[i];
	free(all);
	return 0;
}

int sdp_source_guess(struct sdp_source *source, struct sdp_block *block, struct sdp_err *err)
{
	struct sdp_where *where = source->where;
	if (where && sdp_where_is_bound(where))
		return 0;
	if (block->rows > SDP_GUESS_ROWS)
		block->rows = SDP_GUESS_ROWS;
	if (block->rows)
		sdp_schema_guess(&source->schema, block);
	if (!where || sdp_source_columns_unknown(source))
		return 0;
	if (sdp_where_bind(where, &source->schema, err) < 0)
		return -1;
	return block->rows ? guess_wanted(source, block, err) : 0;
}

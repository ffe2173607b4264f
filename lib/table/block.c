/*
 * The cells of a block: their places, their forms, and the first one that does not fit its fixed
 * type.
 */
#include "sdp/block.h"

struct sdp_place sdp_block_place(const struct sdp_block *block, size_t row, size_t column)
{
	return (struct sdp_place){block->file, sdp_block_record(block, row),
				  block->schema->columns[column].name};
}

unsigned sdp_block_seen(const struct sdp_block *block, size_t column)
{
	const struct sdp_schema *schema = block->schema;
	unsigned seen = 0;
	for (size_t row = 0; row < block->rows && !(seen & SDP_SEEN_STRING); row++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, column, &length);
		if (!sdp_is_null(&schema->nulls, s, length))
			seen |= sdp_cell_seen(s, length, schema->decimal, schema->thousands);
	}
	return seen;
}

static bool admits(const struct sdp_schema *schema, enum sdp_type type, const char *text,
		   size_t length)
{
	return sdp_is_null(&schema->nulls, text, length) ||
	       sdp_cell_seen(text, length, schema->decimal, schema->thousands) &
		       sdp_type_admits(type);
}

size_t sdp_block_refused(const struct sdp_block *block, const size_t *columns, size_t count,
			 size_t *row)
{
	for (size_t cell = 0; cell < block->rows * count; cell++) {
		size_t index = columns[cell % count], length;
		const struct sdp_column *c = &block->schema->columns[index];
		*row = cell / count;
		const char *s = sdp_block_cell(block, *row, index, &length);
		if (c->fixed && !admits(block->schema, c->type, s, length))
			return cell % count;
	}
	SDP_BUG();
}

int sdp_block_refuse(const struct sdp_block *block, const size_t *columns, size_t count,
		     struct sdp_err *err)
{
	static const char *const not [] = {
		[SDP_STRING] = "a string",
		[SDP_BOOLEAN] = "a boolean",
		[SDP_INTEGER_TYPE] = "an integer",
		[SDP_REAL_TYPE] = "a number",
		[SDP_DATE] = "a date",
		[SDP_DATETIME] = "a datetime",
	};
	size_t row, index = columns[sdp_block_refused(block, columns, count, &row)], length;
	const char *s = sdp_block_cell(block, row, index, &length);
	char quoted[64];
	return sdp_fail_at(err, sdp_block_place(block, row, index), "not %s: %s",
			   not [block->schema->columns[index].type],
			   sdp_quote(quoted, sizeof quoted, s, length));
}

void sdp_schema_guess(struct sdp_schema *schema, const struct sdp_block *block)
{
	for (size_t i = 0; i < schema->count; i++) {
		struct sdp_column *column = &schema->columns[i];
		if (column->fixed)
			continue;
		unsigned seen = sdp_block_seen(block, i);
		column->guess = seen ? sdp_type_class(sdp_type_of(seen)) : SDP_CLASS_NONE;
	}
}

/* The cells of a block: their places, their forms, and the first one that cannot be used. */
#include "sdp/block.h"

#include "table/misfits.h"

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
			seen |= sdp_schema_seen(schema, column, s, length);
	}
	return seen;
}

unsigned sdp_schema_seen(const struct sdp_schema *schema, size_t column, const char *text,
			 size_t length)
{
	const struct sdp_column *c = &schema->columns[column];
	unsigned seen = sdp_cell_seen(text, length, schema->decimal, schema->thousands);
	if (seen != SDP_SEEN_STRING || !c->padded)
		return seen;
	struct sdp_number number;
	sdp_number_parse_padded(text, length, schema->decimal, schema->thousands, &number);
	return number.kind == SDP_NUMBER_NONE ? seen
	       : number.integer               ? SDP_SEEN_INTEGER
					      : SDP_SEEN_REAL;
}

void sdp_fault_note(struct sdp_fault *first, struct sdp_fault other)
{
	if (!first->block || other.row < first->row ||
	    (other.row == first->row && other.column < first->column))
		*first = other;
}

void sdp_fault_find(struct sdp_fault *first, const struct sdp_block *block, size_t column,
		    enum sdp_type type)
{
	static const char *const problems[] = {
		[SDP_STRING] = "not a string: ",
		[SDP_BOOLEAN] = "not a boolean: ",
		[SDP_INTEGER_TYPE] = "not an integer: ",
		[SDP_REAL_TYPE] = "not a number: ",
		[SDP_DATE] = "not a date: ",
		[SDP_DATETIME] = "not a datetime: ",
	};
	const struct sdp_schema *schema = block->schema;
	size_t end = first->block ? first->row + 1 : block->rows;
	for (size_t row = 0; row < end; row++) {
		size_t length;
		const char *s = sdp_block_cell(block, row, column, &length);
		if (sdp_is_null(&schema->nulls, s, length) ||
		    sdp_schema_seen(schema, column, s, length) & sdp_type_admits(type))
			continue;
		sdp_fault_note(first, (struct sdp_fault){.block = block,
							 .row = row,
							 .column = column,
							 .problem = problems[type],
							 .number = type == SDP_REAL_TYPE});
		return;
	}
}

void sdp_fault_check_type(struct sdp_fault *first, const struct sdp_block *block, size_t column,
			  unsigned seen)
{
	const struct sdp_column *c = &block->schema->columns[column];
	if (c->fixed && seen & ~sdp_type_admits(c->type))
		sdp_fault_find(first, block, column, c->type);
}

int sdp_fault_fail(const struct sdp_fault *f, struct sdp_err *err)
{
	char quoted[64], text[SDP_MISFITS_HINT];
	size_t length;
	if (!f->block)
		return 0;
	const char *s = sdp_block_cell(f->block, f->row, f->column, &length), *hint = f->hint;
	if (f->number)
		hint = sdp_misfits_hint(f->block->schema, f->column, s, length, text);
	return sdp_fail_at(err, sdp_block_place(f->block, f->row, f->column), "%s%s%s%s",
			   f->subject ? f->subject : "", f->problem,
			   sdp_quote(quoted, sizeof quoted, s, length), hint ? hint : "");
}

void sdp_schema_forget(struct sdp_schema *schema)
{
	for (size_t i = 0; i < schema->count; i++)
		if (!schema->columns[i].fixed) {
			schema->columns[i].guess = SDP_CLASS_NONE;
			schema->columns[i].nearly = SDP_CLASS_NUMBER;
		}
}

bool sdp_schema_guess(struct sdp_schema *schema, const struct sdp_block *block)
{
	bool all = true;
	for (size_t i = 0; i < schema->count; i++) {
		struct sdp_column *column = &schema->columns[i];
		if (column->fixed || column->guess != SDP_CLASS_NONE)
			continue;
		unsigned seen = sdp_block_seen(block, i);
		all &= seen != 0;
		if (!seen)
			continue;
		column->guess = sdp_type_class(sdp_type_of(seen));
		column->nearly = column->guess == SDP_CLASS_TEXT ? sdp_misfits_guess(block, i, NULL)
								 : column->guess;
	}
	return all;
}

/*
 * Warns of a column of an expression of --where that is compared as a string only because a few of
 * its first cells are no numbers or times, with a text that looks like one: of dates in which a
 * cell is 'unknown', at >= '2024-03-01' otherwise compares the texts without a word.
 */
#include "table/where_private.h"

#include "sdp/messages.h"
#include "table/misfits.h"

/* Returns whether a text is a time, or a number that has to be greater or less. */
static bool looks_like(const struct sdp_where_node *text, enum sdp_where_type type, bool ordered)
{
	struct sdp_number number;
	int64_t second, fraction;
	int scale;
	if (type == SDP_WHERE_TYPE_TIME)
		return sdp_time_parse(text->text, text->text_length, &second, &fraction, &scale);
	sdp_number_parse_padded(text->text, text->text_length, '.', NULL, &number);
	return type == SDP_WHERE_TYPE_NUMBER && ordered && number.kind != SDP_NUMBER_NONE;
}

void sdp_where_doubt(struct sdp_where_node *node, struct sdp_where_node *column,
		     enum sdp_where_type nearly)
{
	/* A code like 'A12' among numbers is found by == as it is meant. */
	bool ordered = node->kind != SDP_WHERE_EQUAL && node->kind != SDP_WHERE_UNEQUAL &&
		       node->kind != SDP_WHERE_IN;
	for (size_t i = 0; i < node->count; i++)
		column->doubtful |= node->operands[i]->kind == SDP_WHERE_STRING &&
				    looks_like(node->operands[i], nearly, ordered);
}

void sdp_where_warn(const struct sdp_where *where, const struct sdp_block *block)
{
	size_t found = 0;
	for (size_t i = 0; i < where->count && block->rows; i++) {
		const struct sdp_where_node *node = where->nodes[i];
		struct sdp_misfits m = {0};
		char text[SDP_MISFITS_TEXT];
		struct sdp_err placed;
		bool told = !node->doubtful;
		for (size_t k = 0; k < i && !told; k++)
			told = where->nodes[k]->doubtful && where->nodes[k]->column == node->column;
		if (told)
			continue;
		sdp_misfits_guess(block, node->column, &m);
		if (!sdp_misfits_warning(&m, block->schema, node->column,
					 "is compared as a string by --where, going by its first "
					 "rows",
					 &found, text))
			continue;
		sdp_fail_at(&placed, sdp_misfits_place(&m), "%s", text);
		sdp_warn("%s", placed.text);
	}
}

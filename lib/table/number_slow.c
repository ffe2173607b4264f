/* Reads one cell of any form as a number: the slow path of number_column.c. */
#include "table/number_column_private.h"

void sdp_number_long_way(struct sdp_number_column *n, const struct sdp_schema *schema, size_t row,
			 const char *text, size_t length)
{
	n->mantissa[row] = 0;
	if (sdp_is_null(&schema->nulls, text, length)) {
		n->scale[row] = SDP_CELL_NULL;
		n->nulls++;
		return;
	}
	struct sdp_number number;
	(n->padded ? sdp_number_parse_padded
		   : sdp_number_parse_grouped)(text, length, schema->decimal, schema->thousands,
					       &number);
	n->wides += number.wide;
	if (number.kind == SDP_NUMBER_DECIMAL && !number.wide) {
		n->mantissa[row] = number.mantissa;
		n->scale[row] = (uint8_t)number.scale;
	} else if (number.kind != SDP_NUMBER_NONE) {
		n->real[row] = number.real;
		n->scale[row] = SDP_CELL_REAL;
		n->reals++;
	} else {
		n->scale[row] = SDP_CELL_OTHER;
		n->others++;
		n->seen |= sdp_cell_seen(text, length, schema->decimal, schema->thousands);
		return;
	}
	n->seen |= number.integer ? SDP_SEEN_INTEGER : SDP_SEEN_REAL;
}

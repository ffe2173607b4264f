/* Between numbers.c and its SIMD kernel. */
#ifndef SDP_TABLE_NUMBER_COLUMN_PRIVATE_H
#define SDP_TABLE_NUMBER_COLUMN_PRIVATE_H

#include "sdp/block.h"

/* Reads the column into numbers' arrays; false where the machine or the build has no kernel. */
bool sdp_number_column_x86(const struct sdp_block *block, size_t column,
			   struct sdp_number_column *numbers);

/* One cell, whatever it is. */
void sdp_number_long_way(struct sdp_number_column *n, const struct sdp_schema *schema, size_t row,
			 const char *text, size_t length);

#endif

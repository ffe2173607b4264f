/* The SIMD kernel that reads columns of numbers, and the slow path for single cells. */
#ifndef SDP_TABLE_NUMBER_COLUMN_PRIVATE_H
#define SDP_TABLE_NUMBER_COLUMN_PRIVATE_H

#include "sdp/block.h"

/*
 * Reads a column into the arrays of numbers. Returns false if the machine or the build has no such
 * kernel.
 */
bool sdp_number_column_x86(const struct sdp_block *block, size_t column,
			   struct sdp_number_column *numbers);

/* Reads one cell of any form. */
void sdp_number_long_way(struct sdp_number_column *n, const struct sdp_schema *schema, size_t row,
			 const char *text, size_t length);

#endif

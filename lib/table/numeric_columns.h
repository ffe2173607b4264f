/* Columns of a block as doubles, for models that compute with them. */
#ifndef SDP_TABLE_NUMERIC_COLUMNS_H
#define SDP_TABLE_NUMERIC_COLUMNS_H

#include "sdp/block.h"

/*
 * Reads columns (indices in the schema) of the rows that have a value in each of them:
 *
 *	values[i × used + row]	of columns[i], row < used; room for count × block->rows
 *	missing[row]		1 if the row is not used, else 0; block->rows bytes
 *	seen[i]			the SDP_SEEN_ bits of the cells of the column are added
 *
 * *used becomes the number of rows used. A cell that is not a number, or not one of the type that
 * --types gives, counts as missing; if required is true, the first such cell, in the order of
 * records, is an error with its place and text. numbers is scratch memory. Returns 0 or -1.
 */
int sdp_numeric_columns_read(const struct sdp_block *block, const size_t *columns, size_t count,
			     bool required, struct sdp_number_column *numbers, double *values,
			     unsigned char *missing, unsigned *seen, size_t *used,
			     struct sdp_err *err);

#endif

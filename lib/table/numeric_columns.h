/*
 * Numeric features: columns of a block as doubles, for models that compute with them.
 */
#ifndef SDP_TABLE_NUMERIC_COLUMNS_H
#define SDP_TABLE_NUMERIC_COLUMNS_H

#include "sdp/block.h"

/*
 * Reads columns (indices in the schema) of the rows that have a value in each:
 *
 *	values[i × used + row]	of columns[i], row < used; room for count × block->rows
 *	missing[row]		1 where a row is not used; block->rows bytes
 *	seen[i]			the type bits of the column's cells are added
 *
 * A cell that is no number (or none that --types admits) counts as missing; if numbers are
 * required, the first such cell by records fails, with its place and text.  numbers is scratch.
 */
int sdp_numeric_columns_read(const struct sdp_block *block, const size_t *columns, size_t count,
			     bool required, struct sdp_number_column *numbers, double *values,
			     unsigned char *missing, unsigned *seen, size_t *used,
			     struct sdp_err *err);

#endif

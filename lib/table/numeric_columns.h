/* Columns of a block as doubles, for models that compute with them. */
#ifndef SDP_TABLE_NUMERIC_COLUMNS_H
#define SDP_TABLE_NUMERIC_COLUMNS_H

#include "table/misfits.h"

/* The columns to read, and where to. */
struct sdp_numeric_columns {
	const size_t *columns; /* count indices in the schema */
	size_t count;
	/* Whether a cell that is not a number is an error; if not, it counts as missing. */
	bool required;
	/* The value of columns[i] is values[i × used + row], row < used; room for all rows. */
	double *values;
	size_t used;            /* Set to the number of rows that have a value in each column. */
	unsigned char *missing; /* One byte per row: set to 1 if the row is not used, else to 0. */
	/* One per column of the schema, to which the cells of the columns are added; or NULL. */
	struct sdp_misfits *misfits;
};

/*
 * Reads columns of a block as doubles. A cell that is not one of the type that --types gives is an
 * error; the message names the first faulty cell. numbers is scratch memory. Returns 0 or -1.
 */
int sdp_numeric_columns_read(struct sdp_numeric_columns *columns, const struct sdp_block *block,
			     struct sdp_number_column *numbers, struct sdp_err *err);

#endif

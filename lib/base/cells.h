/*
 * A table of cells: one text, and the offset of the end of each cell in it.  Cell i is the bytes
 * from ends[i-1] + 1 to ends[i]; the byte between two cells is a delimiter.  {0} is an empty table.
 */
#ifndef SDP_BASE_CELLS_H
#define SDP_BASE_CELLS_H

#include "sdp/buf.h"

struct sdp_cells {
	struct sdp_buf text;
	uint32_t *ends; /* ends[0] is the end of the first cell; owned */
	size_t count, ends_capacity;
	uint64_t *records; /* the record number of each row; owned */
	size_t rows, records_capacity;
	/* records padded or skipped, and the number of the first of them */
	uint64_t ragged, first_ragged;
};

/* Frees the arrays of cells, not the structure, which is then empty. */
void sdp_cells_release(struct sdp_cells *cells);

#endif

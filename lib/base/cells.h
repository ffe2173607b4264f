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

/* Appends a cell with this text and a line feed after it.  Returns 0 or -1. */
int sdp_cells_add(struct sdp_cells *cells, const char *text, size_t length, struct sdp_err *err);

/* Ends the cell whose text was just added to the end of cells->text.  Returns 0 or -1. */
int sdp_cells_end(struct sdp_cells *cells, struct sdp_err *err);

/* Returns the text of cell i, without a NUL. */
const char *sdp_cells_text(const struct sdp_cells *cells, size_t i, size_t *length);

/* Frees the arrays of cells, not the structure, which is then empty. */
void sdp_cells_release(struct sdp_cells *cells);

#endif

/* Removes rows from a block. */
#ifndef SDP_TABLE_KEEP_ROWS_H
#define SDP_TABLE_KEEP_ROWS_H

#include "sdp/block.h"

/* The record numbers of the rows that are kept; {0} is empty. The owner frees records. */
struct sdp_kept_rows {
	uint64_t *records;
	size_t capacity;
};

/*
 * Keeps the rows of a block for which wanted is 1, and moves their cells to the front of the
 * block's text and ends, which therefore must be the reader's own. Afterwards records points into
 * kept, unless all rows are kept. Returns 0, or -1 if memory is exhausted.
 */
int sdp_keep_rows(struct sdp_block *block, const uint8_t *wanted, struct sdp_kept_rows *kept,
		  struct sdp_err *err);

#endif

/*
 * Lays out the cells of a block anew, in the order of the table's columns: those that its input
 * lacks are null, and the column of --source has the name of the file.
 */
#ifndef SDP_TABLE_RELAYOUT_H
#define SDP_TABLE_RELAYOUT_H

#include "sdp/block.h"
#include "table/source.h"

/* The memory of a process; {0} is a new one. */
struct sdp_relayout {
	struct sdp_buf text, label; /* label: the cell of --source */
	uint32_t *ends, *starts, *slots;
	size_t ends_capacity, starts_capacity, slots_capacity;
	size_t *cells; /* of each column of the table the cell of the input; SIZE_MAX: none */
	size_t cell_capacity;
};

void sdp_relayout_release(struct sdp_relayout *r);

/*
 * Fails with SDP_DATA if the name of a file cannot be a cell of the column of --source, which there
 * is.
 */
int sdp_relayout_check_labels(const struct sdp_source *source, const struct sdp_schema *schema,
			      struct sdp_err *err);

/*
 * Returns whether the blocks of an input that needs it are laid out as sparse ones (sdp/block.h):
 * those of delimited text that has few of the columns, so that a missing cell costs nothing.
 */
bool sdp_relayout_is_sparse(const struct sdp_source *source, const struct sdp_schema *schema,
			    uint32_t input);

/*
 * Replaces the cells of a block, if its input needs it (sdp_source_relayouts). The block then
 * points into r. Returns 0, or -1 if memory is exhausted or the cells exceed 4 GiB.
 */
int sdp_relayout_block(struct sdp_relayout *r, const struct sdp_source *source,
		       struct sdp_block *block, struct sdp_err *err);

#endif

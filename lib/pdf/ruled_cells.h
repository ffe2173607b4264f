/*
 * The texts of the cells of one ruled table, and what may be wrong with them.  It is used by
 * ruled.c only.
 */
#ifndef SDP_PDF_RULED_CELLS_H
#define SDP_PDF_RULED_CELLS_H

#include "pdf/lattice.h"

/* A table that is being made of a lattice. */
struct sdp_ruled {
	const struct sdp_glyph *glyphs; /* of the page */
	const struct sdp_lattice *lattice;
	struct sdp_table table;
	const struct sdp_rule *runs; /* of text, of the page */
	size_t run_count;
	struct sdp_glyph *scratch; /* room for all glyphs of the page */
	struct sdp_page page;      /* of the glyphs of a cell, or of the table */
};

/*
 * Makes the table.  Returns 1, or 0 if the lines do not tell its cells or rows, or -1 if there is
 * no memory.  The caller releases the table and the page.
 */
int sdp_ruled_cells(struct sdp_ruled *ruled, struct sdp_err *err);

/* Does the same if only the rows are told by lines. */
int sdp_ruled_bands(struct sdp_ruled *ruled, struct sdp_err *err);

#endif

/*
 * The cells between the lines of a group.  It is used by ruled.c only.
 *
 *	xs[0]   xs[1]      xs[2]
 *	  +-------+----------+ ys[0]     The lines divide their bounds into boxes.  Boxes without a
 *	  |       |          |           line between them are one cell: the lower row is a merged
 *	  +-------+----------+ ys[1]     cell over two columns.
 *	  |                  |
 *	  +------------------+ ys[2]
 *
 * Spaces between the frames of cells, and between the two lines of a double line, are no cells.
 */
#ifndef SDP_PDF_LATTICE_H
#define SDP_PDF_LATTICE_H

#include "pdf/page.h"
#include "pdf/rules.h"
#include "pdf/tables.h"

struct sdp_lattice_cell {
	size_t row, rows, column, columns; /* its place in the table */
	struct sdp_rectangle at;
	size_t first, count; /* its glyphs: count elements of the order, from first on */
	bool odd;            /* its boxes are no rectangle */
};

struct sdp_lattice {
	struct sdp_lattice_cell *cells; /* by row, then by column */
	size_t count, rows, columns;
	size_t *order;                   /* indices of the glyphs in cells */
	struct sdp_table_column *places; /* of the columns */
};

/*
 * Finds the cells of a group, and the glyphs whose centres are in each.  Returns 0, or -1 if there
 * is no memory.  A group that is no table has no cells.  The caller releases the lattice, which
 * need not be initialized.
 */
int sdp_lattice_find(struct sdp_lattice *lattice, const struct sdp_rule_group *group,
		     const struct sdp_glyph *glyphs, size_t count, struct sdp_err *err);
void sdp_lattice_release(struct sdp_lattice *lattice);

#endif

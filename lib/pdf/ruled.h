/*
 * Finds the tables on pages whose rows are told by lines that are drawn.
 *
 * If there are vertical lines, too, the cells are what the lines enclose (lattice.h).  Otherwise
 * the rows are what is between horizontal lines, and the columns are told by gaps in the text, as
 * those of table_runs.h.  The edges of filled areas count as lines where there are no others.
 *
 * The text of a cell is that of the glyphs whose centre is in it; its lines are joined by a blank.
 * A merged cell has its text in its first row and column.  What may be wrong is noted as doubts.
 */
#ifndef SDP_PDF_RULED_H
#define SDP_PDF_RULED_H

#include "pdf/rules.h"
#include "pdf/tables.h"

/*
 * Adds the tables of a page, and removes the glyphs that are in them; *count is the number of
 * glyphs.  A table goes on on the next page if it begins there with the same columns, and its
 * header comes again or no text is between.  The drawing is changed; it
 * is full if its lines are too many to be looked at.  Pages must be added in
 * order, before sdp_tables_add.  Returns 0, or -1 if there is no memory.
 */
int sdp_ruled_add(struct sdp_tables *tables, struct sdp_drawing *drawing, struct sdp_glyph *glyphs,
		  size_t *count, unsigned number, struct sdp_err *err);

/* Sorts the tables that begin on a page, from top to bottom. */
void sdp_tables_sort(struct sdp_tables *tables, unsigned number);

#endif

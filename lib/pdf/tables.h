/*
 * Finds the tables on pages by the positions of their cells.
 *
 * A table is a run of lines with gaps at the same positions.  Of all ways to divide a page into
 * runs, the one is chosen that keeps the most cells in separate columns (table_runs.h).  A table
 * goes on if the next page begins with the same columns, or if they come again after a few lines
 * that do not fit; a header that is repeated there is dropped.
 */
#ifndef SDP_PDF_TABLES_H
#define SDP_PDF_TABLES_H

#include "pdf/page.h"

/* The interval of x that a column covers, in points. */
struct sdp_table_column {
	double x0, x1;
};

struct sdp_table {
	unsigned page; /* the last page that it is on; the first page is 0 */
	size_t columns, rows, capacity;
	struct sdp_table_column *places;
	struct sdp_buf *cells; /* rows × columns, row by row; the header is the first row */
};

/* All tables found so far.  The struct owns them; {0} has none. */
struct sdp_tables {
	struct sdp_table *tables;
	size_t count, capacity;
};

/*
 * Adds the tables of a page.  Pages must be added in order; the first page has number 0.  Returns
 * 0, or -1 if there is no memory.
 */
int sdp_tables_add(struct sdp_tables *tables, const struct sdp_page *page, unsigned number,
		   struct sdp_err *err);
void sdp_tables_release(struct sdp_tables *tables);

#endif

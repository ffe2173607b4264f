/*
 * Tables on pages, found by where their cells stand.
 *
 * A table is a run of lines whose pieces leave gaps one above the other.  Which lines belong
 * together is the choice, over the whole page, that keeps the most cells apart.  What goes on on
 * the next page, or behind a few lines that do not fit, with the same columns is the same table,
 * and headers that come again are dropped.
 */
#ifndef SDP_PDF_TABLES_H
#define SDP_PDF_TABLES_H

#include "pdf/page.h"

struct sdp_table_column {
	double x0, x1;
};

struct sdp_table {
	unsigned page; /* the last one it is on, from 0 */
	size_t columns, rows, capacity;
	struct sdp_table_column *places;
	struct sdp_buf *cells; /* rows × columns */
};

/* All tables so far; {0} is none. */
struct sdp_tables {
	struct sdp_table *tables;
	size_t count, capacity;
};

/* Pages in their order. */
int sdp_tables_add(struct sdp_tables *tables, const struct sdp_page *page, unsigned number,
		   struct sdp_err *err);
void sdp_tables_release(struct sdp_tables *tables);

#endif

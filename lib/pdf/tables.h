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
#include "pdf/rules.h"

/* The interval of x that a column covers, in points. */
struct sdp_table_column {
	double x0, x1;
};

/* What may be wrong with a cell. */
enum sdp_doubt_kind {
	SDP_DOUBT_MERGED,  /* it extends over several columns or rows; these have no text */
	SDP_DOUBT_WIDE,    /* it has a wide gap, and may be several columns */
	SDP_DOUBT_STACKED, /* it has several lines, which may be several rows */
	SDP_DOUBT_CROSSED, /* its text crosses a line of the table */
	SDP_DOUBT_EDGE,    /* the line of its row stands next to the table, and may be no row */
	SDP_DOUBT_ODD,     /* the lines around it do not make a rectangle */
	SDP_DOUBTS
};

struct sdp_doubt {
	enum sdp_doubt_kind kind;
	size_t row, column, rows, columns; /* the cell, and how far it extends */
};

struct sdp_table {
	unsigned first_page, page; /* the first and the last page that it is on, from 0 */
	double top, left;          /* where it begins on its first page */
	size_t columns, rows, capacity;
	struct sdp_table_column *places;
	struct sdp_buf *cells; /* rows × columns, row by row; the header is the first row */
	struct sdp_doubt *doubts;
	size_t doubt_count, doubt_capacity;
	bool ruled;   /* its rows are told by lines that are drawn (ruled.h) */
	bool banded;  /* its columns are not */
	double pitch; /* the distance of its rows on its last page; 0: not known */
	/* Lines next to the table that are not in it: how many, where, and the first one's text. */
	size_t left_out;
	unsigned left_page;
	struct sdp_buf left_text;
	/* Of a ruled table: how many lines of text are below it on its last page. */
	size_t below;
	/* Of each column of one: how many of the rows [1, counted) have a digit in it; or NULL. */
	size_t *digit_rows, counted;
};

/* All tables found so far.  The struct owns them; {0} has none. */
struct sdp_tables {
	struct sdp_table *tables;
	size_t count, capacity;
	double first_line, last_line; /* of the page before: baselines of its text */
};

/*
 * Adds the tables of a page, on which this is drawn.  Pages must be added in order; the first page
 * has number 0.  Returns 0, or -1 if there is no memory.
 */
int sdp_tables_add(struct sdp_tables *tables, const struct sdp_page *page,
		   const struct sdp_drawing *drawing, unsigned number, struct sdp_err *err);
void sdp_tables_release(struct sdp_tables *tables);

/* The next functions are used by the files that find tables only. */
int sdp_table_new_row(struct sdp_table *table, struct sdp_err *err);
/* Notes a doubt, once if it is noted again. */
int sdp_table_doubt(struct sdp_table *table, struct sdp_doubt doubt, struct sdp_err *err);
void sdp_table_release(struct sdp_table *table);

#endif

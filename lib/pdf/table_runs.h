/*
 * Finds the runs of lines on a page that may be tables, and the columns of such runs.  It is used
 * by tables.c only.
 *
 * A run is a sequence of consecutive lines.  A cover is the set of its columns: the intervals of x
 * that its pieces cover, where overlapping intervals are joined.
 */
#ifndef SDP_PDF_TABLE_RUNS_H
#define SDP_PDF_TABLE_RUNS_H

#include "pdf/tables.h"

/* Disjoint intervals, in ascending order.  The caller frees columns. */
struct sdp_cover {
	struct sdp_table_column *columns;
	size_t count, capacity;
};

/*
 * Adds the intervals of all pieces of the lines from to to (inclusive) to the cover.  Sets *joined
 * if a piece connects columns that were separate.  Returns 0 or -1.
 */
int sdp_cover_add_lines(struct sdp_cover *cover, const struct sdp_page *page, size_t from,
			size_t to, bool *joined, struct sdp_err *err);

/*
 * Returns the column that overlaps most with the piece.  If none does, it is the first column that
 * ends right of the piece's left edge, or else the last column.
 */
size_t sdp_cover_column(const struct sdp_cover *cover, const struct sdp_piece *piece);

/* Returns how many columns have a cell in this line. */
size_t sdp_cover_occupied(const struct sdp_cover *cover, const struct sdp_page *page,
			  const struct sdp_line *line);

/*
 * Returns whether a line (not the first) is so close to the line above it that both may belong to
 * one table.
 */
bool sdp_lines_go_on(const struct sdp_page *page, size_t line);

/*
 * Returns whether more than half of the pieces of the lines from to to (inclusive) are so long that
 * they are sentences.
 */
bool sdp_lines_prose(const struct sdp_page *page, size_t from, size_t to);

enum { SDP_LINES_BETWEEN = 3 }; /* a table may be interrupted by as many lines that do not fit */

/* The first and the last line of a run. */
struct sdp_run {
	size_t from, to;
};

/*
 * Finds the runs of a page that keep the most cells in separate columns.  runs has room for
 * page->line_count elements; it receives *count runs, the last one of the page first.  Returns 0 or
 * -1.
 */
int sdp_runs_find(const struct sdp_page *page, struct sdp_run *runs, size_t *count,
		  struct sdp_err *err);

#endif

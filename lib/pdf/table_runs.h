/*
 * Between tables.c and tables_runs.c: columns that lines of a page have, and which lines belong
 * together.
 */
#ifndef SDP_PDF_TABLE_RUNS_H
#define SDP_PDF_TABLE_RUNS_H

#include "pdf/tables.h"

/* Disjoint intervals, ascending. */
struct sdp_cover {
	struct sdp_table_column *columns;
	size_t count, capacity;
};

/* Adds a piece; *joined is set if it joined columns that were apart. */
int sdp_cover_add(struct sdp_cover *cover, const struct sdp_piece *piece, bool *joined,
		  struct sdp_err *err);
/* The same with all pieces of these lines. */
int sdp_cover_add_lines(struct sdp_cover *cover, const struct sdp_page *page, size_t from,
			size_t to, bool *joined, struct sdp_err *err);

/* The column in which most of a piece stands, or the first behind its end. */
size_t sdp_cover_column(const struct sdp_cover *cover, const struct sdp_piece *piece);

/* How many columns have a cell in this line. */
size_t sdp_cover_occupied(const struct sdp_cover *cover, const struct sdp_page *page,
			  const struct sdp_line *line);

/* Stands a line so close to the one above it that both can be of one table? */
bool sdp_lines_go_on(const struct sdp_page *page, size_t line);

/* Are more than half of the pieces of these lines sentences? */
bool sdp_lines_prose(const struct sdp_page *page, size_t from, size_t to);

enum { SDP_LINES_BETWEEN = 3 }; /* lines that do not fit and interrupt a table */

/*
 * The best runs of a page, the last one first, by their first and last lines; room for as many as
 * lines.
 */
struct sdp_run {
	size_t from, to;
};
int sdp_runs_find(const struct sdp_page *page, struct sdp_run *runs, size_t *count,
		  struct sdp_err *err);

#endif

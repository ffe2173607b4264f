/* Fills tables, and looks for columns that may be several, for the files that find tables. */
#ifndef SDP_PDF_TABLE_DOUBTS_H
#define SDP_PDF_TABLE_DOUBTS_H

#include "pdf/table_runs.h"

/* Sets the columns of a new table to copies of these places.  Returns 0 or -1. */
int sdp_table_set_columns(struct sdp_table *table, const struct sdp_table_column *places,
			  size_t count, struct sdp_err *err);

/* Appends a text to a cell, after a blank if the cell has some.  Returns 0 or -1. */
int sdp_table_add_text(struct sdp_buf *cell, const char *text, size_t length, struct sdp_err *err);

/*
 * Adds a line of the page to the last row of the table, and notes pieces that come into the same
 * cell.  Returns 0 or -1.
 */
int sdp_table_add_line(struct sdp_table *table, const struct sdp_cover *cover,
		       const struct sdp_page *page, const struct sdp_line *line,
		       struct sdp_err *err);

/*
 * Notes the columns of a table of which each cell of the lines from to to (inclusive), but the
 * first, is printed in several pieces: they may be several columns.  Returns 0 or -1.
 */
int sdp_table_doubt_columns(struct sdp_table *table, const struct sdp_cover *cover,
			    const struct sdp_page *page, const struct sdp_run *run,
			    const struct sdp_rule *texts, size_t count, struct sdp_err *err);

#endif

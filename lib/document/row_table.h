/*
 * A table of rows that come one after the other, and need not end.
 *
 * The first rows, up to 1,000 or about 1 MiB, are held back, and the widths of the columns are
 * those of these rows. All following rows are printed as they come; a cell that is wider than its
 * column moves the rest of its row to the right, and a text is cut at the end of the terminal.
 * If the first rows are wider than the terminal, they are transposed or divided into panels
 * (text_table.h), and so are the following ones, again at most 1,000 or 1 MiB at a time.
 */
#ifndef SDP_DOCUMENT_ROW_TABLE_H
#define SDP_DOCUMENT_ROW_TABLE_H

#include "document/text_table.h"

struct sdp_row_table {
	int width; /* of the terminal in columns; 0: no limit */
	bool bold; /* the headings */
	/* The header, then the rows that are not printed yet; columns is 0 during the header. */
	struct sdp_text_table held;
	size_t header;                 /* bytes of the texts of the header */
	bool begun;                    /* something was printed */
	struct sdp_text_layout layout; /* of all rows, once they are printed as they come */
	struct sdp_buf scratch;
};

/* {.width = …, .bold = …} is ready for use; release it when done. */
void sdp_row_table_release(struct sdp_row_table *table);

/* Appends a cell to the current row; the first row is the header. Returns 0 or -1. */
int sdp_row_table_add(struct sdp_row_table *table, enum sdp_text_kind kind, const char *text,
		      size_t length, struct sdp_err *err);

/* Ends the current row and appends to out what can be printed now. Returns 0 or -1. */
int sdp_row_table_end_row(struct sdp_row_table *table, struct sdp_buf *out, struct sdp_err *err);

/* Appends to out the rows that were held back. Returns 0 or -1. */
int sdp_row_table_end(struct sdp_row_table *table, struct sdp_buf *out, struct sdp_err *err);

#endif

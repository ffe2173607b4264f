/* Writes cells as CSV and TSV. */
#ifndef SDP_BASE_CSV_CELL_H
#define SDP_BASE_CSV_CELL_H

#include "sdp/buf.h"

/* The delimiters that a reader looks for in a header, the likeliest first. */
#define SDP_CSV_DELIMITERS ",\t;|"

/*
 * Appends a cell of CSV or TSV, quoted as in RFC 4180 if it contains the delimiter, a quote, CR or
 * LF, or begins or ends with a blank or a tab.  Returns 0, or -1 if memory is exhausted.
 */
int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err);

/* Appends a quoted cell.  Returns 0, or -1 if memory is exhausted. */
int sdp_csv_quote_cell(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err);

/* The names of a header. */
struct sdp_csv_names {
	const char *(*name)(const void *context, size_t i);
	const void *context;
	size_t count;
};

/*
 * Appends the header of a table and its line end.  A name is also quoted if a reader that is told
 * nothing could take a character in it for the delimiter, or the table for another format; and, in
 * TSV, as all cells of a record are if one of them spans lines (row_writer.h).  Returns 0, or -1 if
 * memory is exhausted.
 */
int sdp_csv_add_header(struct sdp_buf *out, const struct sdp_csv_names *names, char delimiter,
		       struct sdp_err *err);

#endif

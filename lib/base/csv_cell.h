/* Writes cells as CSV and TSV.  The functions return 0, or -1 if memory is exhausted. */
#ifndef SDP_BASE_CSV_CELL_H
#define SDP_BASE_CSV_CELL_H

#include "sdp/buf.h"

/*
 * Appends a cell of CSV, quoted as in RFC 4180 if it contains the delimiter, a quote, CR or LF, or
 * begins or ends with a blank or a tab.
 */
int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err);

/* Appends a cell of TSV, with tab, newline, CR and backslash written as \t \n \r \\. */
int sdp_tsv_add_cell(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err);

#endif

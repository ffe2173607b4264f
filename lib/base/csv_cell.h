/* Writes cells as CSV and TSV. */
#ifndef SDP_BASE_CSV_CELL_H
#define SDP_BASE_CSV_CELL_H

#include "sdp/buf.h"

/*
 * Appends a cell of CSV or TSV, quoted as in RFC 4180 if it contains the delimiter, a quote, CR or
 * LF, or begins or ends with a blank or a tab.  Returns 0, or -1 if memory is exhausted.
 */
int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err);

#endif

/* Writing cells as CSV and TSV. */
#ifndef SDP_BASE_CSV_CELL_H
#define SDP_BASE_CSV_CELL_H

#include "sdp/buf.h"

/* Appends a cell, quoted by RFC 4180 if it has to be (libcsv). */
int sdp_csv_add_cell(struct sdp_buf *out, const char *text, size_t length, char delimiter,
		     struct sdp_err *err);

/* Appends a cell of TSV: tab, newline, CR and backslash as \t \n \r \\. */
int sdp_tsv_add_cell(struct sdp_buf *out, const char *text, size_t length, struct sdp_err *err);

#endif

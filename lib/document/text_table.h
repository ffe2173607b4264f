/* Text in aligned columns, for tables on a terminal.  Widths are in its columns. */
#ifndef SDP_DOCUMENT_TEXT_TABLE_H
#define SDP_DOCUMENT_TEXT_TABLE_H

#include "document/flatten.h"

/*
 * Appends text as it can be shown: control characters as \n or \xNN, bad UTF-8 as \xNN, cut to
 * limit columns, "…" being the last (0: whole).  Adds to *width what is shown.
 */
int sdp_text_table_clean(struct sdp_buf *out, const char *text, size_t length, int limit,
			 int *width, struct sdp_err *err);

/* The grid's rows under a header, or a line a column if they are wider than width (0: never). */
int sdp_text_table_print(const struct sdp_grid *grid, int digits, int width, struct sdp_buf *out,
			 struct sdp_err *err);

int sdp_text_table_pad(struct sdp_buf *out, int count, struct sdp_err *err);

#endif

/*
 * Text in aligned columns, for tables on a terminal. All widths are in terminal columns. Functions
 * return 0 or -1.
 */
#ifndef SDP_DOCUMENT_TEXT_TABLE_H
#define SDP_DOCUMENT_TEXT_TABLE_H

#include "document/flatten.h"

/*
 * Appends text as a terminal can show it: control characters become \n or \xNN, and invalid UTF-8
 * becomes \xNN. The text is cut to limit columns, of which the last is "…" (0: not cut). Adds the
 * width of what is shown to *width.
 */
int sdp_text_table_clean(struct sdp_buf *out, const char *text, size_t length, int limit,
			 int *width, struct sdp_err *err);

/*
 * Appends the rows of the grid under a header. If they are wider than the width of the style (0: no
 * limit), they are transposed or divided into panels (sdp_doc_print). The digits of the style are
 * those of sdp_doc_table_value.
 */
int sdp_text_table_print(const struct sdp_grid *grid, const struct sdp_doc_style *style,
			 struct sdp_buf *out, struct sdp_err *err);

/* Appends count blanks. */
int sdp_text_table_pad(struct sdp_buf *out, int count, struct sdp_err *err);

#endif

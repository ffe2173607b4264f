/* Lazy rows in documents: long arrays whose rows are produced while they are printed. */
#ifndef SDP_DOCUMENT_LAZY_ROWS_H
#define SDP_DOCUMENT_LAZY_ROWS_H

#include "document/flatten.h"

/* Returns whether a document has a member that stands for lazy rows. */
bool sdp_doc_is_lazy(const cJSON *doc);

/*
 * Prints a document with lazy rows to out. If sink is not NULL, it is written to sink piece by
 * piece, with out as the buffer; what is left in out at the end is for the caller to write. Returns
 * 0 or -1.
 */
int sdp_doc_print_lazy(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       const struct sdp_doc_sink *sink, struct sdp_err *err);

#endif

/* Long arrays of rows among a document's members. */
#ifndef SDP_DOCUMENT_LAZY_ROWS_H
#define SDP_DOCUMENT_LAZY_ROWS_H

#include "document/flatten.h"

/* The rows of an item that is one, else NULL; has a document any? */
const struct sdp_lazy_rows *sdp_doc_lazy_of(const cJSON *item);
bool sdp_doc_is_lazy(const cJSON *doc);

/*
 * Prints a document that has some; to sink piece by piece, out being the buffer, if there is one.
 */
int sdp_doc_print_lazy(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       const struct sdp_doc_sink *sink, struct sdp_err *err);

#endif

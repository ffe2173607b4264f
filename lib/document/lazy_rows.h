/* Long arrays of rows among a document's members. */
#ifndef SDP_DOC_LONG_H
#define SDP_DOC_LONG_H

#include "document/flatten.h"

/* The rows of an item that is one, else NULL; has a document any? */
const struct sdp_doc_long *sdp_doc_long_of(const cJSON *item);
bool sdp_doc_is_long(const cJSON *doc);

/*
 * Prints a document that has some; to sink piece by piece, out being the buffer, if there is one.
 */
int sdp_doc_print_long(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       const struct sdp_doc_sink *sink, struct sdp_err *err);

#endif

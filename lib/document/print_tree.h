/* Prints a document that has no lazy rows. */
#ifndef SDP_DOCUMENT_PRINT_TREE_H
#define SDP_DOCUMENT_PRINT_TREE_H

#include "sdp/doc.h"

/* Appends the document to out in the style's format, as sdp_doc_print does. */
int sdp_doc_print_tree(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		       struct sdp_err *err);

/* The same for the format SDP_DOC_TABLE alone (print_table.c). */
int sdp_doc_print_table(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
			struct sdp_err *err);

#endif

/* How tables show the documents that hold bytes, times or speedups. */
#ifndef SDP_CLI_TABLE_VIEWS_H
#define SDP_CLI_TABLE_VIEWS_H

#include "sdp/doc.h"

/*
 * Returns the view of a document by its member "task", or NULL.  A document without that member
 * but with "path" or "files" describes files (sdp-databricks).
 */
const struct sdp_doc_view *sdp_table_view(const cJSON *doc);

#endif

/* A part of a document as rows and columns.  The cells point into the document. */
#ifndef SDP_DOCUMENT_FLATTEN_H
#define SDP_DOCUMENT_FLATTEN_H

#include "document/value.h"

struct sdp_grid {
	const cJSON *source; /* the member the rows come from, or the document itself */
	char **names;
	const cJSON **cells; /* rows × columns, a row after the other; NULL where a row has none */
	size_t rows, columns;
	cJSON *derived; /* rows that are not in the document as they are shown */
};

/*
 * Which rows: see sdp/doc.h.  join: an array of plain values is one cell, not one a value.
 * Release in any case.
 */
int sdp_flatten(struct sdp_grid *grid, const cJSON *doc, const struct sdp_doc_style *style,
		bool join, struct sdp_err *err);
void sdp_grid_release(struct sdp_grid *grid);

/* An object as a grid of one row, arrays of plain values joined. */
int sdp_flatten_object(struct sdp_grid *grid, const cJSON *object, struct sdp_err *err);

#endif

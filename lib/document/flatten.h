/*
 * A part of a document as rows and columns. The cells point into the document, which must outlive
 * the grid.
 */
#ifndef SDP_DOCUMENT_FLATTEN_H
#define SDP_DOCUMENT_FLATTEN_H

#include "document/value.h"

struct sdp_grid {
	/* the member that the rows come from, or the document itself */
	const cJSON *source;
	char **names;
	/* rows × columns, row by row; NULL where a row has no such column */
	const cJSON **cells;
	size_t rows, columns;
	cJSON *derived; /* rows that were derived from the document; owned; NULL: none */
};

/*
 * Makes a grid of the rows that style selects; sdp/doc.h says which. Returns 0 or -1. Release the
 * grid in either case.
 */
int sdp_flatten(struct sdp_grid *grid, const cJSON *doc, const struct sdp_doc_style *style,
		struct sdp_err *err);
/* Frees what the grid owns and empties it. */
void sdp_grid_release(struct sdp_grid *grid);

/*
 * Moves the columns with these names to the front, in this order; the list ends with NULL. Returns
 * how many there are.
 */
size_t sdp_grid_put_first(struct sdp_grid *grid, const char *const *names);

/*
 * Makes a grid of one row of an object. Returns 0 or -1; release
 * the grid in either case.
 */
int sdp_flatten_object(struct sdp_grid *grid, const cJSON *object, struct sdp_err *err);

#endif

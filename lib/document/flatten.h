/* A part of a document as rows and columns.  The cells point into the document. */
#ifndef SDP_DOCUMENT_FLATTEN_H
#define SDP_DOCUMENT_FLATTEN_H

#include "sdp/doc.h"

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

bool sdp_doc_is_plain(const cJSON *item);       /* neither array nor object */
bool sdp_doc_is_plain_array(const cJSON *item); /* of plain values, or empty */
bool sdp_doc_is_number(const cJSON *item);

/*
 * A plain value, or an array of them joined by ", ", as text; null as none.  Reals (lexemes with a
 * point or an exponent) have digits significant digits, or all if 0; below 0, -digits of them but
 * no fewer than the integer part needs.
 */
int sdp_doc_value(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err);

/* Any item as JSON, reals with digits significant digits (0: as they are). */
int sdp_doc_json(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err);

int sdp_doc_print_table(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
			struct sdp_err *err);

#endif

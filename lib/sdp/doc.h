/*
 * Documents: what the analyses print.  A document is a cJSON tree in which every number is a raw
 * lexeme (cJSON itself would lose integers beyond 2^53), so that a value is formatted once, the
 * same in JSON, CSV, TSV and table.
 *
 * The tree belongs to who made it (cJSON_Delete).  The adders return 0 or -1 (out of memory).
 */
#ifndef SDP_DOC_H
#define SDP_DOC_H

#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* object[key] = value; key must outlive the tree (string constants). */
int sdp_doc_integer(cJSON *object, const char *key, int64_t value, struct sdp_err *err);
int sdp_doc_count(cJSON *object, const char *key, uint64_t value, struct sdp_err *err);
/* Shortest round-trip; NaN and infinity become null. */
int sdp_doc_real(cJSON *object, const char *key, double value, struct sdp_err *err);
int sdp_doc_text(cJSON *object, const char *key, const char *text, struct sdp_err *err);
int sdp_doc_null(cJSON *object, const char *key, struct sdp_err *err);
int sdp_doc_bool(cJSON *object, const char *key, bool value, struct sdp_err *err);
/* A new empty array or object at object[key]; NULL on failure. */
cJSON *sdp_doc_array(cJSON *object, const char *key, struct sdp_err *err);
cJSON *sdp_doc_object(cJSON *object, const char *key, struct sdp_err *err);
/* A new object at the end of an array. */
cJSON *sdp_doc_row(cJSON *array, struct sdp_err *err);

enum sdp_doc_format { SDP_DOC_JSON, SDP_DOC_CSV, SDP_DOC_TSV, SDP_DOC_TABLE };

struct sdp_doc_style {
	enum sdp_doc_format format;
	int digits;        /* significant digits of reals; 0: as they are (6 in a table) */
	const char *print; /* which array of objects CSV, TSV and table show; NULL: the first */
	int width;         /* of the terminal, for tables; 0: no limit */
};

/*
 * Appends the document, formatted, to out.
 *
 * JSON: one line, members in the order they were added.  CSV and TSV: the chosen array of objects,
 * a header and a row an object, nested names joined by "_" (arrays by index), null as an empty
 * cell, cells quoted by libcsv's rules where needed (TSV: tab, newline and backslash as \t \n \\).
 * Table: the scalar members as "name value" lines, then the chosen array aligned for reading,
 * numbers to the right; transposed (a line a field) if the rows are wider than the terminal.
 */
int sdp_doc_print(const cJSON *doc, const struct sdp_doc_style *style, struct sdp_buf *out,
		  struct sdp_err *err);

#endif

/* The values of a document: what kind they are, and their text. */
#ifndef SDP_DOCUMENT_VALUE_H
#define SDP_DOCUMENT_VALUE_H

#include "sdp/doc.h"

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

#endif

/* The values of a document: their kinds and their texts. */
#ifndef SDP_DOCUMENT_VALUE_H
#define SDP_DOCUMENT_VALUE_H

#include "sdp/doc.h"

/* valueint of the items of sdp_doc_decimal */
enum { SDP_DOC_DECIMAL = 0x64656369 };
/* valueint of the items of sdp_doc_setting */
enum { SDP_DOC_SETTING = 0x73657474 };

bool sdp_doc_is_plain(const cJSON *item); /* neither an array nor an object */
/* an array of plain values, or an empty array */
bool sdp_doc_is_plain_array(const cJSON *item);
bool sdp_doc_is_number(const cJSON *item);

/*
 * Appends a plain value as text, or the plain values of an array, separated by ", ", with texts
 * quoted like cells of CSV; null is empty. Reals
 * (numbers with a point or an exponent) have digits significant digits, or all of them if digits is
 * 0. If digits is negative, those that are no exact decimals have -digits significant digits, but
 * at least as many as the integer part needs. Returns 0 or -1.
 */
int sdp_doc_value(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err);

/*
 * Appends a plain value or plain array in the same way for a table, in which digits are 0 or
 * negative unless the user chose them: a number that is a measure of the view, by its name, has a
 * unit.  view may be NULL.
 */
int sdp_doc_table_value(const cJSON *item, const char *name, const struct sdp_doc_view *view,
			int digits, struct sdp_buf *out, struct sdp_err *err);

/* Appends an item as JSON; reals have digits significant digits (0: unchanged). Returns 0 or -1. */
int sdp_doc_json(const cJSON *item, int digits, struct sdp_buf *out, struct sdp_err *err);

#endif

/* As much of XML as the answers of S3 need: flat elements, no attributes that matter. */
#ifndef SDP_NET_XML_SCAN_H
#define SDP_NET_XML_SCAN_H

#include "sdp/buf.h"

#include <stdbool.h>

/*
 * The element NAME in text[0, length): where its content begins, with *end behind its last byte;
 * NULL if it is not there or not closed.  The next one is looked for from *end on.
 */
const char *sdp_xml_find(const char *text, size_t length, const char *name, const char **end);

/*
 * The content of the first element NAME with its entities replaced; 1, 0 (out is empty) if there is
 * none.
 */
int sdp_xml_text(const char *text, size_t length, const char *name, struct sdp_buf *out,
		 struct sdp_err *err);

/* Appends text so that it may stand in an element. */
int sdp_xml_escape(struct sdp_buf *out, const char *text, struct sdp_err *err);

#endif

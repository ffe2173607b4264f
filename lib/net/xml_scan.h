/*
 * A scanner for the part of XML that the answers of S3 use: elements whose attributes do not
 * matter, and text with entities.
 */
#ifndef SDP_NET_XML_SCAN_H
#define SDP_NET_XML_SCAN_H

#include "sdp/buf.h"

#include <stdbool.h>

/*
 * Finds the first element <name> in the length bytes of text (NULL if length is 0).  Returns the
 * start of its content and sets *end to the byte after its content, or returns NULL if there is no
 * such element or it is not closed.  To find the next one, search from *end on.  It does not handle
 * an element inside another of the same name.
 */
const char *sdp_xml_find(const char *text, size_t length, const char *name, const char **end);

/*
 * Replaces out by the content of the first element <name>, with its entities decoded.  Returns 1;
 * 0 if there is no such element (out is then empty); -1 if there is no memory.
 */
int sdp_xml_text(const char *text, size_t length, const char *name, struct sdp_buf *out,
		 struct sdp_err *err);

/* Appends text with &, < and > escaped, as the content of an element.  Returns 0 or -1. */
int sdp_xml_escape(struct sdp_buf *out, const char *text, struct sdp_err *err);

#endif

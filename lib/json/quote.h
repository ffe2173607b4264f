/* Writes texts as JSON into a buffer that the caller has made large enough. */
#ifndef SDP_JSON_QUOTE_H
#define SDP_JSON_QUOTE_H

#include <stddef.h>

/* The maximum of bytes that a text takes as a string: \u001f for each byte, and the quotes. */
#define SDP_JSON_STRING(length) (6 * (length) + 2)

/* Writes length bytes of UTF-8 as a string.  Returns the end of what was written. */
char *sdp_json_put_string(char *p, const char *s, size_t length);

#endif

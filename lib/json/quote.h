/* Between rowtext.c and rowtext_json.c: cells as JSON, where there is room for them. */
#ifndef SDP_JSON_QUOTE_H
#define SDP_JSON_QUOTE_H

#include <stddef.h>

/* Bytes that a text may become, at most: \u001f a byte, and the quotes. */
#define SDP_JSON_STRING(length) (6 * (length) + 2)

/* Both return what is behind the last byte written. */
char *sdp_json_put_string(char *p, const char *s, size_t length);

/* A JSON number as it stands, all else as a string. */
char *sdp_json_put_cell(char *p, const char *s, size_t length);

#endif

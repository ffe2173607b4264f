/*
 * UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing over U+10FFFF.
 */
#ifndef SDP_BASE_UTF8_H
#define SDP_BASE_UTF8_H

#include <stddef.h>

/* Length of the sequence at text, of which length ≥ 1 bytes are there; 0 if it is none. */
size_t sdp_utf8_sequence(const char *text, size_t length);

/* Offset of the first byte that does not belong to valid UTF-8; length if all do. */
size_t sdp_utf8_valid(const char *text, size_t length);

/*
 * Columns that a whole sequence takes on a terminal, 0 to 2, by wcwidth(3) of the locale C.UTF-8
 * whatever the process' locale is; 1 where that does not know the character or is missing.
 */
int sdp_utf8_width(const char *sequence, size_t length);

/* Writes a code point, no surrogate, in at most 4 bytes: the end of them. */
char *sdp_utf8_put(char *out, unsigned c);

#endif

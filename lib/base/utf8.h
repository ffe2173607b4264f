/*
 * UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF.
 */
#ifndef SDP_BASE_UTF8_H
#define SDP_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns the length (1 to 4) of the sequence at the start of text, which has length ≥ 1 bytes; 0
 * if there is no complete, valid sequence.
 */
size_t sdp_utf8_sequence(const char *text, size_t length);

/* Returns the offset of the first byte that is not valid UTF-8; length if all of text is valid. */
size_t sdp_utf8_valid(const char *text, size_t length);

/* Replaces each byte that is not valid UTF-8 by '?'. */
void sdp_utf8_mend(char *text, size_t length);

/*
 * Returns the length of the character at the start of text, which has length ≥ 1 bytes, if a
 * terminal shows it.  Returns 0 if it is not valid, or if the terminal would obey it or show
 * nothing: control characters (below U+0020, U+007F to U+009F), marks of direction, separators of
 * lines and characters without width (U+00AD, U+061C, U+180E, U+200B to U+200F, U+2028 to U+202E,
 * U+2060 to U+206F, U+FEFF, U+FFF9 to U+FFFB, tags and the like).  All names and texts of users
 * that people see pass through this function.
 */
size_t sdp_utf8_shown(const char *text, size_t length);

/* Returns whether all characters of a text are shown in this sense. */
bool sdp_utf8_all_shown(const char *text, size_t length);

/*
 * Replaces each character of a text for which sdp_utf8_shown returns 0 by '?', except the ASCII
 * characters in spared.  Returns the new length, which is not greater.
 */
size_t sdp_utf8_clean(char *text, size_t length, const char *spared);

/*
 * Returns the length of the longest prefix of a NUL-terminated text that has at most that many
 * bytes and does not end within a sequence.
 */
size_t sdp_utf8_prefix(const char *text, size_t most);

/*
 * Returns the number of terminal columns, 0 to 2, that a complete sequence takes, by wcwidth(3) in
 * the locale C.UTF-8, whatever the locale of the process is.  Returns 1 if that locale is missing
 * or does not know the character.
 */
int sdp_utf8_width(const char *sequence, size_t length);

/* Writes the sequence (at most 4 bytes) of a code point that is no surrogate.  Returns its end. */
char *sdp_utf8_put(char *out, unsigned c);

/*
 * Writes the lower or upper case of a complete sequence, one character (at most 4 bytes), and
 * returns its end.  Case is that of towlower(3) and towupper(3) in the locale C.UTF-8: Unicode's
 * simple mapping.
 */
char *sdp_utf8_put_case(char *out, const char *sequence, size_t length, bool upper);

/* Returns whether that locale is there. */
bool sdp_utf8_case_known(void);

#endif

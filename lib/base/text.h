/* Comparing texts, and recognizing their byte order mark. */
#ifndef SDP_BASE_TEXT_H
#define SDP_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Returns whether a text of this length is the word. */
static inline bool sdp_text_is(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* Compares two texts by their bytes, as strcmp does; a text comes after its own beginnings. */
static inline int sdp_text_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
	return order ? order : (a_length > b_length) - (a_length < b_length);
}

/*
 * Returns 3, the length of the byte order mark of UTF-8, if the text begins with it; otherwise
 * 0.
 */
static inline size_t sdp_text_mark(const char *text, size_t length)
{
	return length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

#endif

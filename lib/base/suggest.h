/*
 * Suggests the name that a mistyped one was probably meant to be, by the Damerau-Levenshtein
 * distance (optimal string alignment): insertions, deletions, substitutions, and transpositions of
 * adjacent characters.
 *
 *	struct sdp_suggestion near = sdp_suggest_for(typed, length);
 *	for (…)
 *		sdp_suggest_try(&near, name);
 *	if (near.name)
 *		…
 */
#ifndef SDP_BASE_SUGGEST_H
#define SDP_BASE_SUGGEST_H

#include <stddef.h>

struct sdp_suggestion {
	const char *typed; /* not copied */
	size_t length;     /* bytes of typed */
	const char *name;  /* the nearest name so far, the first of equals; NULL if none is near */
	int limit;         /* only a distance below this is accepted */
};

/*
 * Begins a search.  A name is suggested if its distance from typed is at most 2, or 1 if typed has
 * 3 or 4 letters and digits, or 0 if it has fewer, so that "[T]" is not suggested for "[D]".
 * Inserting, deleting or substituting a digit costs 3, so digits must match, apart from
 * transpositions.  A name that begins with typed (3 bytes or more) has the distance 1.  A name
 * that differs only in upper and lower case (ASCII), blanks and punctuation has the distance 0.  If
 * typed or the name has more than 40 bytes, the name is not suggested.
 */
struct sdp_suggestion sdp_suggest_for(const char *typed, size_t length);

/* Considers a NUL-terminated name, which is not copied. */
void sdp_suggest_try(struct sdp_suggestion *near, const char *name);

#endif

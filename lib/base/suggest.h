/*
 * The name that was meant by a mistyped one: by edit distance, with transpositions of neighbours.
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
	const char *typed;
	size_t length;    /* bytes of typed */
	const char *name; /* the nearest tried so far, the first of equals; NULL if none is near */
	int limit;
};

/*
 * Near are names at a distance of at most 2 (1 of typed shorter than 5 bytes), and names that begin
 * with typed, of 3 bytes and more.  Upper and lower case (ASCII) are the same; digits count as
 * meant.  Typed or names over 40 bytes are far.
 */
struct sdp_suggestion sdp_suggest_for(const char *typed, size_t length);
void sdp_suggest_try(struct sdp_suggestion *near, const char *name);

#endif

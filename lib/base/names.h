/*
 * A list of names for a message, and the one that a mistyped name was probably meant to be:
 *
 *	struct sdp_names names = sdp_names_for(typed, length);
 *	for (…)
 *		sdp_names_add(&names, name);
 *	return sdp_fail(err, SDP_USAGE, "no task is called %s%s", quoted, sdp_names_help(&names));
 *
 * The list ends at a whole name: names beyond SDP_NAMES_BYTES are counted, as in "a, b and 3 more".
 * {0} is an empty list that suggests nothing.
 */
#ifndef SDP_BASE_NAMES_H
#define SDP_BASE_NAMES_H

#include "base/suggest.h"

enum { SDP_NAMES_BYTES = 200 }; /* leaves room for a sentence in a message */

struct sdp_names {
	struct sdp_suggestion near;
	char text[SDP_NAMES_BYTES + 40];
	char help[SDP_NAMES_BYTES + 60];
	size_t length, more; /* more: names that are counted only */
};

/* Begins a list that suggests a name for what was typed (suggest.h), which is not copied. */
struct sdp_names sdp_names_for(const char *typed, size_t length);

/* Appends a name. If it is the first one and too long for the list, it is cut and ends with "…". */
void sdp_names_add(struct sdp_names *names, const char *name);

/* Ends the list and returns its text, which is "" if no name was added. */
const char *sdp_names_end(struct sdp_names *names);

/*
 * Ends the list and returns the end of a message about what was typed: ", did you mean 'a'?" if a
 * name is similar, otherwise "; there are a, b".
 */
const char *sdp_names_help(struct sdp_names *names);

#endif

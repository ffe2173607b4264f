/*
 * A list of names for a message.
 *
 * The list ends at a whole name: names beyond SDP_NAMES_BYTES are counted, as in "a, b and 3 more".
 * {0} is an empty list; release it when done.
 */
#ifndef SDP_BASE_NAMES_H
#define SDP_BASE_NAMES_H

#include "sdp/buf.h"

enum { SDP_NAMES_BYTES = 200 }; /* leaves room for a sentence in a message */

struct sdp_names {
	struct sdp_buf text;
	size_t more; /* names that are counted only */
};

/*
 * Appends a name. If it is the first one and too long for the list, it is cut and ends with "…".
 * Returns 0 or -1.
 */
int sdp_names_add(struct sdp_names *names, const char *name, struct sdp_err *err);

/*
 * Ends the list. Returns its text, which is "" if no name was added, or NULL if memory is lacking.
 */
const char *sdp_names_end(struct sdp_names *names, struct sdp_err *err);

void sdp_names_release(struct sdp_names *names);

#endif

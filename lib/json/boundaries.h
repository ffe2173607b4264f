/*
 * Finding where records of JSON end without looking into them: brackets outside strings, 64 bytes a
 * step.
 */
#ifndef SDP_JSON_BOUNDARIES_H
#define SDP_JSON_BOUNDARIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between two calls; {.depth = depth of the container that holds the records} is the start. */
struct sdp_json_boundaries {
	bool inside;  /* a string */
	bool escaped; /* the next byte is */
	uint64_t depth;
};

struct sdp_json_ends {
	size_t records;  /* containers that were closed at the depth of records */
	size_t last_end; /* offset behind the last of them; 0: none */
	bool closed;     /* then what holds them was closed, and the scan went no further */
};

/*
 * Looks at text[0, length) for at most so many ends.  At depth 0 nothing holds the records: a
 * bracket that closes nothing counts as an end there.  Right as long as the text is JSON; up to its
 * first fault, that is.
 */
void sdp_json_boundaries(struct sdp_json_boundaries *scan, const char *text, size_t length,
			 unsigned depth, size_t most, struct sdp_json_ends *ends);

#endif

/*
 * Finds the ends of JSON records without parsing them: it counts the brackets outside strings, 64
 * bytes at a time.
 */
#ifndef SDP_JSON_BOUNDARIES_H
#define SDP_JSON_BOUNDARIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The state between two calls.  Initially {.depth = d}, where d is the depth of the container that
 * holds the records, or 0.
 */
struct sdp_json_boundaries {
	bool inside;  /* the text so far ends within a string */
	bool escaped; /* it ends with a backslash that escapes the next byte */
	uint64_t depth;
};

struct sdp_json_ends {
	size_t records;  /* the number of records, objects or arrays, that end in the text */
	size_t last_end; /* offset of the byte after the last of them; 0: there is none */
	bool closed;     /* the container of the records ends after them; the scan stopped there */
};

/*
 * Scans text[0, length) up to the end of record number most.  depth is the depth of the container
 * that holds the records; at depth 0 there is none, and a bracket that closes nothing counts as the
 * end of a record.  The result is correct if the text is JSON, and otherwise up to its first error.
 */
void sdp_json_boundaries(struct sdp_json_boundaries *scan, const char *text, size_t length,
			 unsigned depth, size_t most, struct sdp_json_ends *ends);

#endif

/*
 * A hash map from byte strings to numbers, for example from column names to indices.
 *
 * The map owns copies of its keys; {0} is an empty map; release it when done.
 */
#ifndef SDP_BASE_MAP_H
#define SDP_BASE_MAP_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_map {
	struct sdp_buf keys;
	struct sdp_map_entry *entries; /* open addressing, linear probing, at most half full */
	size_t size, count;            /* of entries: size is 0 or a power of two; count are used */
};

/*
 * Adds a key with a value.  Returns 1 if it was added, 0 if the map has the key already (its value
 * does not change), and -1 if memory is exhausted.
 */
int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err);

/* Returns a pointer to the value of a key, valid until the next add; NULL if there is none. */
size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length);

/* Frees the memory and makes the map empty. */
void sdp_map_release(struct sdp_map *map);

#endif

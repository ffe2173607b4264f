/*
 * A map from byte strings to numbers: column names, levels.  It owns copies of its keys; {0} is an
 * empty map; release when done.
 */
#ifndef SDP_BASE_MAP_H
#define SDP_BASE_MAP_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_map {
	struct sdp_buf keys;
	struct sdp_map_entry *entries; /* open addressing, linear probing, at most half full */
	size_t size, count;            /* size is 0 or a power of two */
};

/* 1 if added, 0 if key is there already (its value stays as it was), -1 when memory ends. */
int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err);

/* The value's place, good until the next add; NULL if key is not there. */
size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length);

void sdp_map_release(struct sdp_map *map);

#endif

/*
 * A hash map from byte strings to numbers, for example from column names to indices.
 *
 * The map owns copies of its keys; {0} is an empty map; release it when done. A map may be in
 * shared memory instead: then every addition gets an allocator, and the map is not released.
 */
#ifndef SDP_BASE_MAP_H
#define SDP_BASE_MAP_H

#include "sdp/err.h"

#include <stdbool.h>
#include <stddef.h>

struct sdp_map {
	char *keys; /* of all entries, without separators */
	size_t keys_length, keys_capacity;
	struct sdp_map_entry *entries; /* open addressing, linear probing, at most half full */
	size_t size, count;            /* of entries: size is 0 or a power of two; count are used */
};

/*
 * Memory that outlives the map. take returns size zeroed bytes that are aligned for any type, or
 * NULL with err. What a map has outgrown is not freed.
 */
struct sdp_map_memory {
	void *(*take)(void *context, size_t size, struct sdp_err *err);
	void *context;
};

/*
 * Adds a key with a value.  Returns 1 if it was added, 0 if the map has the key already (its value
 * does not change), and -1 if memory is exhausted.
 */
int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err);

/* Does the same with memory from an allocator. The map must not be released. */
int sdp_map_add_in(struct sdp_map *map, const char *key, size_t length, size_t value,
		   const struct sdp_map_memory *memory, struct sdp_err *err);

/* Returns a pointer to the value of a key, valid until the next add; NULL if there is none. */
size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length);

/*
 * Goes through the keys, in no particular order: sets *key, *length and *value to those of the next
 * entry from *at (0 at first) on. Returns false after the last one.
 */
bool sdp_map_next(const struct sdp_map *map, size_t *at, const char **key, size_t *length,
		  size_t *value);

/* Frees the memory and makes the map empty. */
void sdp_map_release(struct sdp_map *map);

#endif

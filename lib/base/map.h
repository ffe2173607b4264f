/*
 * A dictionary: byte strings with numbers, from 0 in the order in which they were added, and a
 * value each, for example column names with their indices.
 *
 * The map owns copies of its keys; {0} is an empty map; release it when done. A map may be in
 * shared memory instead: then every addition gets an allocator, and the map is not released.
 */
#ifndef SDP_BASE_MAP_H
#define SDP_BASE_MAP_H

#include "sdp/err.h"
#include "sdp/spill.h"

#include <stdbool.h>
#include <stddef.h>

struct sdp_map_entry {
	const char *key; /* followed by NUL; it stays where it is */
	uint64_t hash;   /* XXH3 of the key */
	size_t value;
	uint32_t length;
	uint32_t stamp; /* for the caller, who may use it to recognise a recent key; at first 0 */
};

struct sdp_map {
	struct sdp_map_entry *entries; /* in the order of their numbers */
	/* Open addressing, linear probing, at most half full. */
	struct sdp_map_slot {
		uint32_t hash, number; /* the high half of the hash; number + 1, or 0: free */
	} * slots;
	/* count: entries; capacity: room for entries; size: slots, 0 or a power of two */
	uint32_t count, capacity, size;
	char *room;   /* free memory for keys, `left` bytes */
	size_t left;  /* bytes */
	void *rooms;  /* on the heap: all memory of keys, a linked list */
	size_t taken; /* bytes that were allocated, also of what the map has outgrown */
};

/*
 * Memory that outlives the map. take returns size zeroed bytes that are aligned for any type, or
 * NULL with err. What a map has outgrown is not freed.
 */
struct sdp_map_memory {
	void *(*take)(void *context, size_t size, struct sdp_err *err);
	void *context;
};

/* Returns the allocator of a spill; the memory belongs to the owner of the spill. */
struct sdp_map_memory sdp_map_spill(struct sdp_spill *spill);

/*
 * Returns the number of a key, which is added with the value 0 if it is new; -1 if memory is
 * exhausted. memory: NULL is the heap.
 */
int64_t sdp_map_enter(struct sdp_map *map, const char *key, size_t length,
		      const struct sdp_map_memory *memory, struct sdp_err *err);

/* The same for an entry of another map. The key is not copied, so it must remain valid. */
int64_t sdp_map_adopt(struct sdp_map *map, const struct sdp_map_entry *entry,
		      const struct sdp_map_memory *memory, struct sdp_err *err);

/*
 * Makes room for count keys in all, so that the table does not grow before there are more. Returns
 * 0 or -1.
 */
int sdp_map_reserve(struct sdp_map *map, size_t count, const struct sdp_map_memory *memory,
		    struct sdp_err *err);

/*
 * Adds a key with a value.  Returns 1 if it was added, 0 if the map has the key already (its value
 * does not change), and -1 if memory is exhausted.
 */
int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err);

/* Does the same with memory from an allocator. The map must not be released. */
int sdp_map_add_in(struct sdp_map *map, const char *key, size_t length, size_t value,
		   const struct sdp_map_memory *memory, struct sdp_err *err);

/* Returns the number of a key, or -1 if there is none. */
int64_t sdp_map_number(const struct sdp_map *map, const char *key, size_t length);

/* Returns the bytes of a map for its entries and slots, without the keys. */
static inline size_t sdp_map_size(const struct sdp_map *map)
{
	return map->capacity * sizeof *map->entries + map->size * sizeof *map->slots;
}

/* Returns a pointer to the value of a key, valid until the next add; NULL if there is none. */
size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length);

/* Frees the memory and makes the map empty. */
void sdp_map_release(struct sdp_map *map);

#endif

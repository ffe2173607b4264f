/* A hash map from byte strings to numbers, with open addressing. */
#include "base/map.h"

#include "base/rng.h"
#include "sdp/mem.h"

#include <string.h>

struct sdp_map_entry {
	uint64_t hash;             /* 0 marks a free entry */
	size_t key, length, value; /* key is an offset into keys */
};

static uint64_t hash_of(const char *key, size_t length)
{
	uint64_t hash = sdp_rng_mix(length + 1), word;

	for (; length >= sizeof(word); key += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = sdp_rng_mix((hash + 1) ^ word);
	}
	word = 0;
	if (length > 0)
		memcpy(&word, key, length);
	hash = sdp_rng_mix((hash + 1) ^ word);
	return hash ? hash : 1;
}

/* Returns the entry of a key, or the free entry where it belongs; size > 0. */
static struct sdp_map_entry *entry_of(const struct sdp_map *map, uint64_t hash, const char *key,
				      size_t length)
{
	size_t i = hash & (map->size - 1);

	for (;; i = (i + 1) & (map->size - 1)) {
		struct sdp_map_entry *e = &map->entries[i];
		if (e->hash == 0)
			return e;
		if (e->hash == hash && e->length == length &&
		    (length == 0 || memcmp(map->keys.data + e->key, key, length) == 0))
			return e;
	}
}

static int grow(struct sdp_map *map, struct sdp_err *err)
{
	struct sdp_map larger = *map;

	larger.size = map->size ? 2 * map->size : 16;
	larger.entries = sdp_alloc(larger.size, sizeof(*larger.entries), err);
	if (!larger.entries)
		return -1;
	for (size_t i = 0; i < map->size; i++) {
		const struct sdp_map_entry *e = &map->entries[i];
		if (e->hash != 0)
			*entry_of(&larger, e->hash, map->keys.data + e->key, e->length) = *e;
	}
	free(map->entries);
	*map = larger;
	return 0;
}

int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err)
{
	uint64_t hash = hash_of(key, length);

	if (2 * (map->count + 1) > map->size && grow(map, err))
		return -1;
	struct sdp_map_entry *e = entry_of(map, hash, key, length);
	if (e->hash != 0)
		return 0;
	size_t offset = map->keys.length;
	if (sdp_buf_add(&map->keys, key, length, err))
		return -1;
	*e = (struct sdp_map_entry){.hash = hash, .key = offset, .length = length, .value = value};
	map->count++;
	return 1;
}

size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length)
{
	if (map->size == 0)
		return NULL;
	struct sdp_map_entry *e = entry_of(map, hash_of(key, length), key, length);
	return e->hash != 0 ? &e->value : NULL;
}

void sdp_map_release(struct sdp_map *map)
{
	sdp_buf_release(&map->keys);
	free(map->entries);
	*map = (struct sdp_map){.size = 0};
}

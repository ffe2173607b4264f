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
		    (length == 0 || memcmp(map->keys + e->key, key, length) == 0))
			return e;
	}
}

/* Returns room for count elements, from memory or, if it is NULL, from the heap. */
static void *take(size_t count, size_t size, const struct sdp_map_memory *memory,
		  struct sdp_err *err)
{
	return memory ? memory->take(memory->context, count * size, err)
		      : sdp_alloc(count, size, err);
}

static int grow(struct sdp_map *map, const struct sdp_map_memory *memory, struct sdp_err *err)
{
	struct sdp_map larger = *map;

	larger.size = map->size ? 2 * map->size : 16;
	larger.entries = take(larger.size, sizeof(*larger.entries), memory, err);
	if (!larger.entries)
		return -1;
	for (size_t i = 0; i < map->size; i++) {
		const struct sdp_map_entry *e = &map->entries[i];
		if (e->hash != 0)
			*entry_of(&larger, e->hash, map->keys + e->key, e->length) = *e;
	}
	if (!memory)
		free(map->entries);
	*map = larger;
	return 0;
}

static int add_key(struct sdp_map *map, const char *key, size_t length,
		   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	size_t needed = map->keys_length + length;

	if (needed > map->keys_capacity) {
		size_t capacity = 2 * needed < 64 ? 64 : 2 * needed;
		char *larger = take(capacity, 1, memory, err);
		if (!larger)
			return -1;
		if (map->keys_length)
			memcpy(larger, map->keys, map->keys_length);
		if (!memory)
			free(map->keys);
		map->keys = larger;
		map->keys_capacity = capacity;
	}
	if (length)
		memcpy(map->keys + map->keys_length, key, length);
	map->keys_length = needed;
	return 0;
}

int sdp_map_add_in(struct sdp_map *map, const char *key, size_t length, size_t value,
		   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	uint64_t hash = hash_of(key, length);

	if (2 * (map->count + 1) > map->size && grow(map, memory, err))
		return -1;
	struct sdp_map_entry *e = entry_of(map, hash, key, length);
	if (e->hash != 0)
		return 0;
	size_t offset = map->keys_length;
	if (add_key(map, key, length, memory, err))
		return -1;
	*e = (struct sdp_map_entry){.hash = hash, .key = offset, .length = length, .value = value};
	map->count++;
	return 1;
}

int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err)
{
	return sdp_map_add_in(map, key, length, value, NULL, err);
}

bool sdp_map_next(const struct sdp_map *map, size_t *at, const char **key, size_t *length,
		  size_t *value)
{
	while (*at < map->size && map->entries[*at].hash == 0)
		++*at;
	if (*at == map->size)
		return false;
	const struct sdp_map_entry *e = &map->entries[(*at)++];
	*key = map->keys + e->key;
	*length = e->length;
	*value = e->value;
	return true;
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
	free(map->keys);
	free(map->entries);
	*map = (struct sdp_map){.size = 0};
}

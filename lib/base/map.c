/* A dictionary as an array of entries with a hash table of their numbers. */
#include "base/map.h"

#include "sdp/mem.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST = 8, USUAL_KEY = 16, ROOM = 1 << 15 };

static void *take_of_spill(void *spill, size_t size, struct sdp_err *err)
{
	return sdp_spill_take(spill, size, err);
}

struct sdp_map_memory sdp_map_spill(struct sdp_spill *spill)
{
	return (struct sdp_map_memory){take_of_spill, spill};
}

/* Returns the slot of a key, or the free slot for it; size must be above 0. */
static struct sdp_map_slot *place(const struct sdp_map *map, uint64_t hash, const char *key,
				  size_t length)
{
	for (uint32_t i = (uint32_t)hash & (map->size - 1);; i = (i + 1) & (map->size - 1)) {
		struct sdp_map_slot *slot = &map->slots[i];
		if (!slot->number)
			return slot;
		const struct sdp_map_entry *e = &map->entries[slot->number - 1];
		if (slot->hash == (uint32_t)(hash >> 32) && e->length == length &&
		    memcmp(e->key, key, length) == 0)
			return slot;
	}
}

static void *take(struct sdp_map *map, size_t size, const struct sdp_map_memory *memory,
		  struct sdp_err *err)
{
	map->taken += size;
	return memory ? memory->take(memory->context, size, err) : sdp_alloc(1, size, err);
}

int sdp_map_reserve(struct sdp_map *map, size_t count, const struct sdp_map_memory *memory,
		    struct sdp_err *err)
{
	struct sdp_map larger = *map;
	if (count <= map->capacity)
		return 0;
	if (count > UINT32_MAX / 4)
		return sdp_fail(err, SDP_SYSTEM, "more than %u different texts", UINT32_MAX / 4);
	larger.capacity = map->capacity ? map->capacity : FIRST;
	while (larger.capacity < count)
		larger.capacity *= 2;
	larger.size = 2 * larger.capacity;
	larger.entries = take(&larger, larger.capacity * sizeof *larger.entries, memory, err);
	larger.slots = larger.entries
			       ? take(&larger, larger.size * sizeof *larger.slots, memory, err)
			       : NULL;
	if (!larger.slots) {
		if (!memory)
			free(larger.entries);
		return -1;
	}
	if (map->count)
		memcpy(larger.entries, map->entries, map->count * sizeof *larger.entries);
	for (uint32_t i = 0; i < map->count; i++) {
		uint64_t hash = larger.entries[i].hash;
		uint32_t at = (uint32_t)hash & (larger.size - 1);
		while (larger.slots[at].number)
			at = (at + 1) & (larger.size - 1);
		larger.slots[at] = (struct sdp_map_slot){(uint32_t)(hash >> 32), i + 1};
	}
	if (!memory) {
		free(map->entries);
		free(map->slots);
	}
	*map = larger;
	return 0;
}

/* Returns memory for keys.  On the heap it begins with a link to the memory before it. */
static char *take_room(struct sdp_map *map, size_t size, const struct sdp_map_memory *memory,
		       struct sdp_err *err)
{
	if (memory)
		return take(map, size, memory, err);
	void **room = take(map, sizeof *room + size, memory, err);
	if (!room)
		return NULL;
	*room = map->rooms;
	map->rooms = room;
	return (char *)(room + 1);
}

static const char *copy_key(struct sdp_map *map, const char *key, size_t length,
			    const struct sdp_map_memory *memory, struct sdp_err *err)
{
	if (length + 1 > map->left) {
		size_t usual = (size_t)map->capacity * USUAL_KEY;
		usual = usual < ROOM ? usual : ROOM;
		size_t size = length + 1 > usual / 8 ? length + 1 : usual;
		char *room = take_room(map, size, memory, err);
		if (!room || size != usual)
			return room ? memcpy(room, key, length) : NULL;
		map->room = room;
		map->left = size;
	}
	char *copy = memcpy(map->room, key, length);
	copy[length] = '\0';
	map->room += length + 1;
	map->left -= length + 1;
	return copy;
}

/* Adds an entry that the map does not have; the slot is NULL or free. */
static int64_t add(struct sdp_map *map, struct sdp_map_slot *slot,
		   const struct sdp_map_entry *entry, bool copy,
		   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	const char *key = entry->key;
	if (map->count == map->capacity) {
		if (sdp_map_reserve(map, (size_t)map->count + 1, memory, err) < 0)
			return -1;
		slot = place(map, entry->hash, key, entry->length);
	}
	if (copy && !(key = copy_key(map, key, entry->length, memory, err)))
		return -1;
	map->entries[map->count] =
		(struct sdp_map_entry){.key = key, .length = entry->length, .hash = entry->hash};
	*slot = (struct sdp_map_slot){(uint32_t)(entry->hash >> 32), map->count + 1};
	return map->count++;
}

int64_t sdp_map_enter(struct sdp_map *map, const char *key, size_t length,
		      const struct sdp_map_memory *memory, struct sdp_err *err)
{
	if (length > UINT32_MAX)
		return sdp_fail(err, SDP_DATA, "a text exceeds 4 GiB");
	key = length ? key : "";
	uint64_t hash = XXH3_64bits(key, length);
	struct sdp_map_slot *slot = map->size ? place(map, hash, key, length) : NULL;
	if (slot && slot->number)
		return slot->number - 1;
	struct sdp_map_entry entry = {.key = key, .length = (uint32_t)length, .hash = hash};
	return add(map, slot, &entry, true, memory, err);
}

int64_t sdp_map_adopt(struct sdp_map *map, const struct sdp_map_entry *entry,
		      const struct sdp_map_memory *memory, struct sdp_err *err)
{
	struct sdp_map_slot *slot =
		map->size ? place(map, entry->hash, entry->key, entry->length) : NULL;
	return slot && slot->number ? slot->number - 1 : add(map, slot, entry, false, memory, err);
}

int sdp_map_add_in(struct sdp_map *map, const char *key, size_t length, size_t value,
		   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	uint32_t before = map->count;
	int64_t number = sdp_map_enter(map, key, length, memory, err);
	if (number < 0 || map->count == before)
		return number < 0 ? -1 : 0;
	map->entries[number].value = value;
	return 1;
}

int sdp_map_add(struct sdp_map *map, const char *key, size_t length, size_t value,
		struct sdp_err *err)
{
	return sdp_map_add_in(map, key, length, value, NULL, err);
}

int64_t sdp_map_number(const struct sdp_map *map, const char *key, size_t length)
{
	if (map->size == 0 || length > UINT32_MAX)
		return -1;
	key = length ? key : "";
	return (int64_t)place(map, XXH3_64bits(key, length), key, length)->number - 1;
}

size_t *sdp_map_find(const struct sdp_map *map, const char *key, size_t length)
{
	int64_t number = sdp_map_number(map, key, length);
	return number < 0 ? NULL : &map->entries[number].value;
}

void sdp_map_release(struct sdp_map *map)
{
	while (map->rooms) {
		void **room = map->rooms;
		map->rooms = *room;
		free(room);
	}
	free(map->entries);
	free(map->slots);
	*map = (struct sdp_map){.size = 0};
}

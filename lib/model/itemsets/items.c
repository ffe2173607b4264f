/* A dictionary of items as a hash table with linear probing, in memory of the spill. */
#include "model/itemsets/items.h"

#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST = 256, ROOM = 1 << 15 };

void sdp_item_key(const char *text, size_t length, uint64_t key[2])
{
	XXH128_hash_t hash = XXH3_128bits(text, length);
	key[0] = hash.low64;
	key[1] = hash.high64;
}

/* Returns the slot of an item, or the free slot for it; size must be above 0. */
static struct sdp_item_slot *place(const struct sdp_items *items, uint64_t hash, const char *text,
				   size_t length)
{
	for (uint32_t i = (uint32_t)hash & (items->size - 1);; i = (i + 1) & (items->size - 1)) {
		struct sdp_item_slot *slot = &items->slots[i];
		if (!slot->number)
			return slot;
		const struct sdp_item *item = &items->items[slot->number - 1];
		if (slot->hash == (uint32_t)(hash >> 32) && item->length == length &&
		    memcmp(item->text, text, length) == 0)
			return slot;
	}
}

/* Doubles the table.  The old table is not freed; its memory belongs to the owner of the spill. */
static int grow(struct sdp_items *items, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_items larger = *items;
	if (items->count >= UINT32_MAX / 4)
		return sdp_fail(err, SDP_SYSTEM, "over a thousand million different items");
	larger.capacity = items->capacity ? 2 * items->capacity : FIRST;
	larger.size = 2 * larger.capacity;
	larger.items = sdp_spill_take(spill, larger.capacity * sizeof *larger.items, err);
	larger.slots = larger.items ? sdp_spill_take(spill, larger.size * sizeof *larger.slots, err)
				    : NULL;
	if (!larger.slots)
		return -1;
	if (items->count)
		memcpy(larger.items, items->items, items->count * sizeof *larger.items);
	for (uint32_t i = 0; i < items->count; i++) {
		uint32_t at = (uint32_t)larger.items[i].hash & (larger.size - 1);
		while (larger.slots[at].number)
			at = (at + 1) & (larger.size - 1);
		larger.slots[at] =
			(struct sdp_item_slot){(uint32_t)(larger.items[i].hash >> 32), i + 1};
	}
	*items = larger;
	return 0;
}

static const char *copy_text(struct sdp_items *items, struct sdp_spill *spill, const char *text,
			     size_t length, struct sdp_err *err)
{
	if (length + 1 > items->left) {
		size_t size = length + 1 > ROOM / 8 ? length + 1 : ROOM;
		char *room = sdp_spill_take(spill, size, err);
		if (!room || size != ROOM)
			return room ? memcpy(room, text, length) : NULL;
		items->room = room;
		items->left = ROOM;
	}
	char *copy = memcpy(items->room, text, length);
	copy[length] = '\0';
	items->room += length + 1;
	items->left -= length + 1;
	return copy;
}

static int64_t enter(struct sdp_items *items, struct sdp_spill *spill, struct sdp_item item,
		     bool copy, struct sdp_err *err)
{
	if (items->count == items->capacity && grow(items, spill, err) < 0)
		return -1;
	struct sdp_item_slot *slot = place(items, item.hash, item.text, item.length);
	if (slot->number)
		return slot->number - 1;
	if (copy && !(item.text = copy_text(items, spill, item.text, item.length, err)))
		return -1;
	items->items[items->count] = item;
	*slot = (struct sdp_item_slot){(uint32_t)(item.hash >> 32), items->count + 1};
	return items->count++;
}

int64_t sdp_items_enter(struct sdp_items *items, struct sdp_spill *spill, const char *text,
			size_t length, struct sdp_err *err)
{
	if (length > UINT32_MAX)
		return sdp_fail(err, SDP_DATA, "an item exceeds 4 GiB");
	struct sdp_item item = {.text = text,
				.length = (uint32_t)length,
				.hash = XXH3_64bits(text, length)};
	return enter(items, spill, item, true, err);
}

int64_t sdp_items_adopt(struct sdp_items *items, struct sdp_spill *spill,
			const struct sdp_item *item, struct sdp_err *err)
{
	struct sdp_item fresh = {.text = item->text, .length = item->length, .hash = item->hash};
	return enter(items, spill, fresh, false, err);
}

/*
 * Items: a dictionary of texts in shared memory, each with a number (0, 1, … as they came) and a
 * count.  {0} is an empty one.  It belongs to the spill whose process fills it; all may read it.
 */
#ifndef SDP_MODEL_ITEMSETS_ITEMS_H
#define SDP_MODEL_ITEMSETS_ITEMS_H

#include "sdp/spill.h"

struct sdp_item {
	const char *text; /* NUL behind */
	uint64_t hash, count;
	uint32_t length;
	uint32_t stamp; /* whoever enters items may use it to know one that was there already */
};

struct sdp_items {
	struct sdp_item *items;
	struct sdp_item_slot {
		uint32_t hash, number; /* number + 1; 0: free */
	} * slots;
	uint32_t count, capacity, size; /* size: of slots, 0 or a power of two */
	char *room;                     /* for texts */
	size_t left;
};

uint64_t sdp_item_hash(const char *text, size_t length);

/* The 128 bits that stand for a text which is not kept. */
void sdp_item_key(const char *text, size_t length, uint64_t key[2]);

/* The item's number, a new one if need be; -1 when memory ends. */
int64_t sdp_items_enter(struct sdp_items *items, struct sdp_spill *spill, const char *text,
			size_t length, struct sdp_err *err);

/* The same for an item of another dictionary, whose text is not copied. */
int64_t sdp_items_adopt(struct sdp_items *items, struct sdp_spill *spill,
			const struct sdp_item *item, struct sdp_err *err);

/* -1: it is not there. */
int64_t sdp_items_find(const struct sdp_items *items, const char *text, size_t length);

#endif

/*
 * A dictionary of items: texts in shared memory, each with a number (0, 1, … in the order of their
 * first occurrence) and a count.
 *
 * {0} is an empty dictionary.  Its memory belongs to the spill of the process that fills it; every
 * process may read it.
 */
#ifndef SDP_MODEL_ITEMSETS_ITEMS_H
#define SDP_MODEL_ITEMSETS_ITEMS_H

#include "sdp/spill.h"

struct sdp_item {
	const char *text; /* followed by NUL */
	uint64_t hash, count;
	uint32_t length;
	/* for the caller, who may use it to recognise an item that was entered before */
	uint32_t stamp;
};

struct sdp_items {
	struct sdp_item *items;
	struct sdp_item_slot {
		uint32_t hash, number; /* number + 1; 0 if the slot is free */
	} * slots;
	/* count: items; capacity: room for items; size: number of slots, 0 or a power of two */
	uint32_t count, capacity, size;
	char *room; /* free memory for texts, `left` bytes */
	size_t left;
};

/* Computes a 128-bit hash that identifies a text which is not stored. */
void sdp_item_key(const char *text, size_t length, uint64_t key[2]);

/* Returns the number of an item, which is added if it is new; -1 with a message on failure. */
int64_t sdp_items_enter(struct sdp_items *items, struct sdp_spill *spill, const char *text,
			size_t length, struct sdp_err *err);

/* The same for an item of another dictionary.  The text is not copied, so it must remain valid. */
int64_t sdp_items_adopt(struct sdp_items *items, struct sdp_spill *spill,
			const struct sdp_item *item, struct sdp_err *err);

#endif

/*
 * Finds frequent itemsets by pattern growth.
 *
 * Items are ranks: 0 is the item that is in most baskets.  Each itemset belongs to its rarest item,
 * so the itemsets of different rarest items can be found independently (H. Li et al., PFP: Parallel
 * FP-Growth, RecSys 2008).  A miner gets a group of adjacent items and, from each basket, the part
 * that matters for their itemsets, and finds the itemsets of the group.
 *
 * Itemsets are found depth-first: an itemset comes first, then its extensions by one more frequent
 * item, starting with the most frequent one.  Within a group, itemsets are therefore ordered by the
 * rarest item, then by the second rarest item and so on, and an itemset comes before its
 * extensions.
 */
#ifndef SDP_MODEL_ITEMSETS_FREQUENT_H
#define SDP_MODEL_ITEMSETS_FREQUENT_H

#include "sdp/err.h"

#include <stdbool.h>

/*
 * The number of itemsets, by length.
 *
 * Let an itemset have further items, called extras, each of which is in all of its baskets.  Every
 * combination of the extras extends it with the same support.  The itemset then is counted once, at
 * [extras][length], and represents all these extensions.
 */
enum { SDP_ITEMSET_COUNTS_EXTRAS = 63 };

struct sdp_itemset_counts {
	size_t longest;   /* length of the longest itemset that is possible or wanted */
	uint64_t *counts; /* (SDP_ITEMSET_COUNTS_EXTRAS + 1) × (longest + 1) */
};

/* Returns the size of counts, in bytes. */
size_t sdp_itemset_counts_size(size_t longest);

/*
 * Sets out[length], 1 ≤ length ≤ longest, to the number of itemsets of that length; those longer
 * than max_length are not counted.  Returns false if one of these numbers, or their sum, exceeds 64
 * bits.
 */
bool sdp_itemset_counts_finish(const struct sdp_itemset_counts *spectrum, size_t max_length,
			       uint64_t *out);

/* Sets the message for that error; returns -1. */
int sdp_itemset_counts_fail(struct sdp_err *err);

/*
 * Returns whether `items` items, all of which are together in enough baskets, have more than `most`
 * (below 2^64) itemsets of at most max_length items.
 */
bool sdp_itemset_counts_exceeds(uint64_t items, size_t max_length, uint64_t most);

struct sdp_miner_options {
	uint32_t min_count; /* at least 1 */
	size_t max_length;  /* at least 1 */
	/* Either itemsets are only counted, if this is not NULL … */
	struct sdp_itemset_counts *spectrum;
	/*
	 * … or each is passed to found: an itemset of `length` items, the rarest items of which are
	 * those of the last itemset of length - 1, plus the item `rank`.  If found returns a value
	 * below 0, the miner stops and returns -1.
	 */
	int (*found)(void *context, size_t length, uint32_t rank, uint32_t count,
		     struct sdp_err *err);
	void *context;
	const char *kernel; /* name of a kernel, for tests; NULL is the best one */
};

/*
 * The parts of baskets from which the itemsets of a group, the items first … end - 1, are found.
 * Its memory belongs to the caller.  Any number of miners can read it.
 */
struct sdp_basket_group {
	uint32_t first, end;
	const uint32_t *support; /* number of baskets that contain each item of the group */
	uint32_t *cells;         /* lists of ranks, the rarest first, each followed by UINT32_MAX */
	/* for each item, the positions in cells just after the item, if other items follow there */
	uint32_t *at;
	/* beginning of each item's positions in `at`, and their current end */
	uint32_t *start, *fill;
	size_t used, capacity; /* ranks in cells, and room for ranks */
};

/*
 * Returns the bytes of memory for a group, or 0 if there are too many cells.  cells is the maximum
 * of the number of ranks plus the number of baskets that will be added.
 */
size_t sdp_group_size(uint32_t first, uint32_t end, uint64_t cells, const uint32_t *support);

/*
 * Makes an empty group in memory of sdp_group_size bytes.  support remains the caller's and must
 * outlive the group.
 */
void sdp_group_init(struct sdp_basket_group *group, void *memory, uint32_t first, uint32_t end,
		    uint64_t cells, const uint32_t *support);

/*
 * Adds the ranks of a basket that are below end, the greatest (rarest) first; that one is in the
 * group.
 */
void sdp_group_add(struct sdp_basket_group *group, const uint32_t *ranks, size_t count);

struct sdp_miner;

/* Returns a new miner, or NULL if memory runs out.  The caller frees it. */
struct sdp_miner *sdp_miner_new(const struct sdp_miner_options *options, struct sdp_err *err);
void sdp_miner_free(struct sdp_miner *miner);

/*
 * Finds the itemsets of the group's items first … end - 1, one item after the other.  Returns 0, or
 * -1 with a message.
 */
int sdp_miner_run(struct sdp_miner *miner, const struct sdp_basket_group *group, uint32_t first,
		  uint32_t end, struct sdp_err *err);

#endif

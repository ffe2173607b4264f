/*
 * Frequent itemsets by pattern growth.
 *
 * Items are ranks: 0 is the item in most baskets.  A set belongs to its rarest item, so the sets of
 * different rarest items can be sought apart (H. Li et al., PFP: Parallel FP-Growth, RecSys 2008):
 * a miner takes a group of neighbouring items, of each basket what its sets can be made of, and
 * finds the group's sets.
 *
 * Sets come depth-first: a set, then those with one more, commoner item, the commonest first.  So
 * within a group: by the rarest item, then by the second rarest, …, a set before those that it
 * begins.
 */
#ifndef SDP_MODEL_ITEMSETS_FREQUENT_H
#define SDP_MODEL_ITEMSETS_FREQUENT_H

#include "sdp/err.h"

#include <stdbool.h>

/*
 * How many sets there are, by length.  A set of length items each of whose extensions by any of
 * extras further items is in the same baskets stands for all of these (the equal supports come
 * for nothing): it is counted once, at [extras][length].
 */
enum { SDP_ITEMSET_COUNTS_EXTRAS = 63 };

struct sdp_itemset_counts {
	size_t longest;   /* the longest set that there can be, or that is sought */
	uint64_t *counts; /* (SDP_ITEMSET_COUNTS_EXTRAS + 1) × (longest + 1) */
};

size_t sdp_itemset_counts_size(size_t longest); /* of counts, in bytes */

/*
 * out[length] for 1 ≤ length ≤ longest becomes the number of sets of that length; those over
 * max_length are not counted.  False if one of them, or all together, exceed 64 bits.
 */
bool sdp_itemset_counts_finish(const struct sdp_itemset_counts *spectrum, size_t max_length,
			       uint64_t *out);

int sdp_itemset_counts_fail(struct sdp_err *err); /* -1, with the message for that */

/*
 * Have items that are all together in enough baskets more than most (below 2^64) sets of up to
 * max_length?
 */
bool sdp_itemset_counts_exceeds(uint64_t items, size_t max_length, uint64_t most);

struct sdp_miner_options {
	uint32_t min_count; /* at least 1 */
	size_t max_length;  /* at least 1 */
	/* Either all sets are counted … */
	struct sdp_itemset_counts *spectrum;
	/*
	 * … or each is handed on: length items, of which those before the last are those of the
	 * last set of length − 1.  Fails with what it returns if that is not 0.
	 */
	int (*found)(void *context, size_t length, uint32_t rank, uint32_t count,
		     struct sdp_err *err);
	void *context;
	const char *kernel; /* NULL: the best (for tests) */
};

/*
 * What the sets of a group, the items first … end - 1, are made of; in memory of the caller's.  It
 * can be read by any number of miners.
 */
struct sdp_basket_group {
	uint32_t first, end;
	const uint32_t *support; /* of its items: in how many baskets each is */
	uint32_t *cells;         /* lists of ranks, the rarest first, each ended by UINT32_MAX */
	/* where in cells the lists behind an item begin that are not empty */
	uint32_t *at;
	uint32_t *start, *fill; /* where each item's places in at begin, and end so far */
	size_t used, capacity;  /* of cells */
};

/*
 * Bytes for a group; cells: how many ranks, and baskets, will be added at most.  0: they are too
 * many.
 */
size_t sdp_group_size(uint32_t first, uint32_t end, uint64_t cells, const uint32_t *support);

/* An empty group in size bytes of memory; support stays the caller's. */
void sdp_group_init(struct sdp_basket_group *group, void *memory, uint32_t first, uint32_t end,
		    uint64_t cells, const uint32_t *support);

/* What a basket has below end, the rarest item, which is in the group, first. */
void sdp_group_add(struct sdp_basket_group *group, const uint32_t *ranks, size_t count);

struct sdp_miner;

/* NULL if memory ends. */
struct sdp_miner *sdp_miner_new(const struct sdp_miner_options *options, struct sdp_err *err);
void sdp_miner_free(struct sdp_miner *miner);

/* Finds the sets of the group's items first … end - 1, one item after the other. */
int sdp_miner_run(struct sdp_miner *miner, const struct sdp_basket_group *group, uint32_t first,
		  uint32_t end, struct sdp_err *err);

#endif

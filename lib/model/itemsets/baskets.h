/*
 * Collects baskets: first as numbers of items, later as ranks, both stored as bytes in the spill.
 *
 * Each worker fills a part, which has its own dictionary of items.  Parts are not merged but
 * linked; each part has a map from its own numbers to common numbers.  A basket is stored as its
 * number of items followed by the numbers of the items, all in LEB128.  A basket of ranks is stored
 * as its length in bytes, its greatest rank, and then the difference of each rank from the rank
 * before it, all in LEB128.
 *
 * Memory taken from a spill belongs to the owner of the spill.  Functions that return int return 0,
 * or -1 with a message, unless stated otherwise.
 */
#ifndef SDP_MODEL_ITEMSETS_BASKETS_H
#define SDP_MODEL_ITEMSETS_BASKETS_H

#include "base/map.h"
#include "sdp/buf.h"

enum { SDP_BASKET_GROUPS = 64 };

struct sdp_kept {
	struct sdp_kept *next;
	struct sdp_extent extent;
};

/*
 * A list of extents, in the order in which they were added.  {0} is an empty list; count is the
 * number of extents.
 */
struct sdp_kept_list {
	struct sdp_kept *first, *last;
	uint64_t count;
};

/* Computes a 128-bit hash that identifies a text which is not stored. */
void sdp_item_key(const char *text, size_t length, uint64_t key[2]);

/* Stores a copy of bytes in the spill and appends its extent to the list. */
int sdp_kept_add(struct sdp_kept_list *list, struct sdp_spill *spill, const void *bytes,
		 size_t length, struct sdp_err *err);

/* Appends the extents of `from` to `into`; `from` must not be used afterwards. */
void sdp_kept_join(struct sdp_kept_list *into, const struct sdp_kept_list *from);

/* The place in the input of a basket that is too large, and its number of items. */
struct sdp_basket_place {
	const char *file; /* NULL if there is none; every process may read it */
	uint64_t chunk, record, items;
};

/* Copies other to into if it comes first in the input, or if into has no place. */
void sdp_basket_place_first(struct sdp_basket_place *into, const struct sdp_basket_place *other);

struct sdp_basket_part {
	struct sdp_basket_part *next;
	struct sdp_map items; /* the value of an item is its count */
	struct sdp_kept_list kept;
	/* pieces of baskets whose rows are not adjacent */
	struct sdp_kept_list groups[SDP_BASKET_GROUPS];
	uint32_t *map; /* common number of each item, set by sdp_baskets_number */
	uint64_t baskets, empty, large;
	uint32_t stamp; /* stamp of the current basket; the first is 1 */
	struct sdp_basket_place first_large;
};

/*
 * Writes a part, the stamp of which must be 1 at first.  {.part, .spill, .limit} is a new writer;
 * release it when done.
 */
struct sdp_basket_writer {
	struct sdp_basket_part *part;
	struct sdp_spill *spill;
	uint64_t limit; /* baskets with more items are omitted; 0 if there is no limit */
	struct sdp_map_memory memory; /* of the part's items: the spill */
	struct sdp_buf bytes, *groups;
	uint32_t *numbers; /* item numbers of the current basket */
	size_t count, capacity;
};

/* Frees the private memory of a writer; the part remains. */
void sdp_basket_writer_release(struct sdp_basket_writer *writer);

/* Adds an item to the current basket; an item that is in the basket already is ignored. */
int sdp_basket_item(struct sdp_basket_writer *writer, const char *text, size_t length,
		    struct sdp_err *err);

/* Ends the current basket.  place is its place in the input. */
int sdp_basket_end(struct sdp_basket_writer *writer, const struct sdp_basket_place *place,
		   struct sdp_err *err);

/*
 * Ends a piece of a basket, other items of which are elsewhere in the input.  key identifies the
 * basket.  The limit is applied by sdp_baskets_group.
 */
int sdp_basket_piece(struct sdp_basket_writer *writer, const uint64_t key[2],
		     const struct sdp_basket_place *place, struct sdp_err *err);

/* Moves what is still in private memory to the spill. */
int sdp_basket_flush(struct sdp_basket_writer *writer, struct sdp_err *err);

/*
 * Enters the items of all parts into one dictionary, adds up their counts, and makes the maps of
 * the parts.
 */
int sdp_baskets_number(struct sdp_basket_part *parts, struct sdp_map *all, struct sdp_spill *spill,
		       struct sdp_err *err);

/*
 * Joins the pieces of the baskets of one group, 0 ≤ group < SDP_BASKET_GROUPS, and appends the
 * whole baskets, with common numbers, to out->kept.  Adds to counts[number] the number of these
 * baskets that contain the item, and to the counters of out.
 */
int sdp_baskets_group(const struct sdp_basket_part *parts, size_t group, uint64_t limit,
		      struct sdp_basket_part *out, uint64_t *counts, struct sdp_spill *spill,
		      struct sdp_err *err);

/*
 * Ranks the items that are counted at least min times: *ranked becomes the array of their numbers,
 * the most frequent item first, and items of equal count in byte order of their texts.  *ranked is
 * taken from the spill.
 */
int sdp_items_rank(const struct sdp_map *items, uint64_t min, uint32_t **ranked, uint32_t *count,
		   struct sdp_spill *spill, struct sdp_err *err);

/* ---- baskets of ranks ---- */

struct sdp_rank_sums {
	/* for each rank: how many smaller ranks are in the same basket, summed over all baskets */
	uint64_t *before;
	uint64_t cells;   /* number of ranks in all baskets */
	uint64_t baskets; /* number of baskets with at least one frequent item */
	size_t longest;
};

/*
 * Converts an extent of baskets of numbers to baskets of ranks and appends these to out.  The rank
 * of an item is ranks[map[number]], or ranks[number] if map is NULL; it is UINT32_MAX for an item
 * without a rank, which is omitted.  Adds to sums.
 */
int sdp_baskets_recode(const struct sdp_extent *from, const uint32_t *map, const uint32_t *ranks,
		       struct sdp_kept_list *out, struct sdp_rank_sums *sums,
		       struct sdp_spill *spill, struct sdp_err *err);

/*
 * Calls `each` for every basket of ranks in an extent that has a rank of first … end - 1 as its
 * greatest rank below end.  `each` gets the ranks below end, the greatest (rarest) first.
 */
int sdp_baskets_each(const struct sdp_extent *from, const struct sdp_spill *spill, uint32_t first,
		     uint32_t end, void (*each)(void *context, const uint32_t *ranks, size_t count),
		     void *context, struct sdp_err *err);

#endif

/*
 * Collecting baskets: items as numbers, kept by the spill as bytes, later as ranks.
 *
 * What a worker collects is a part, with a dictionary of its own; parts are not merged but chained,
 * and a map a part leads from its numbers to common ones.  A basket is kept as its number of items
 * and the items' numbers, all in LEB128; one of ranks as its length in bytes, the greatest rank,
 * then how far each is below the one before.
 */
#ifndef SDP_MODEL_ITEMSETS_BASKETS_H
#define SDP_MODEL_ITEMSETS_BASKETS_H

#include "model/itemsets/items.h"
#include "sdp/buf.h"

enum { SDP_BASKET_GROUPS = 64 };

struct sdp_kept {
	struct sdp_kept *next;
	struct sdp_extent extent;
};

/* Extents in the order they came; {0} is empty. */
struct sdp_kept_list {
	struct sdp_kept *first, *last;
	uint64_t count;
};

int sdp_kept_add(struct sdp_kept_list *list, struct sdp_spill *spill, const void *bytes,
		 size_t length, struct sdp_err *err);
void sdp_kept_join(struct sdp_kept_list *into, const struct sdp_kept_list *from);

/* Where the first of the baskets that were too large is. */
struct sdp_basket_place {
	const char *file; /* NULL: nowhere; any process may read it */
	uint64_t chunk, record, items;
};

/* The one that comes first in the input. */
void sdp_basket_place_first(struct sdp_basket_place *into, const struct sdp_basket_place *other);

struct sdp_basket_part {
	struct sdp_basket_part *next;
	struct sdp_items items;
	struct sdp_kept_list kept;
	struct sdp_kept_list groups[SDP_BASKET_GROUPS]; /* of baskets whose rows lie apart */
	uint32_t *map; /* common number of each item; made by sdp_baskets_number */
	uint64_t baskets, empty, large;
	uint32_t stamp; /* of the basket at hand; the first is 1 */
	struct sdp_basket_place first_large;
};

/*
 * Writes a part, whose stamp is 1 at first.  {.part, .spill, .limit} is fresh; release when done.
 */
struct sdp_basket_writer {
	struct sdp_basket_part *part;
	struct sdp_spill *spill;
	uint64_t limit; /* baskets of more items are left out; 0: there is none */
	struct sdp_buf bytes, *groups;
	uint32_t *numbers; /* of the basket at hand */
	size_t count, capacity;
};

void sdp_basket_writer_release(struct sdp_basket_writer *writer);

/* An item of the basket at hand, which counts once however often it comes. */
int sdp_basket_item(struct sdp_basket_writer *writer, const char *text, size_t length,
		    struct sdp_err *err);

/* The basket is complete; place says where it is in the input. */
int sdp_basket_end(struct sdp_basket_writer *writer, const struct sdp_basket_place *place,
		   struct sdp_err *err);

/*
 * Some items of a basket of which others come elsewhere: key names it.  What is
 * larger than the limit is found by sdp_baskets_group.
 */
int sdp_basket_piece(struct sdp_basket_writer *writer, const uint64_t key[2],
		     const struct sdp_basket_place *place, struct sdp_err *err);

/* Keeps what is in private memory yet. */
int sdp_basket_flush(struct sdp_basket_writer *writer, struct sdp_err *err);

/* Enters all parts' items into one dictionary, summing counts, and makes the maps. */
int sdp_baskets_number(struct sdp_basket_part *parts, struct sdp_items *all,
		       struct sdp_spill *spill, struct sdp_err *err);

/*
 * Puts the pieces of one group together: whole baskets of common numbers go to the end of
 * out->kept, and counts[number] says in how many of them an item is.
 */
int sdp_baskets_group(const struct sdp_basket_part *parts, size_t group, uint64_t limit,
		      struct sdp_basket_part *out, uint64_t *counts, struct sdp_spill *spill,
		      struct sdp_err *err);

/*
 * The ranks of items: numbers of those counted at least min times, the most frequent first, of
 * equal ones the bytewise lesser.  *ranked is taken from the spill.
 */
int sdp_items_rank(const struct sdp_items *items, uint64_t min, uint32_t **ranked, uint32_t *count,
		   struct sdp_spill *spill, struct sdp_err *err);

/* ---- baskets of ranks ---- */

struct sdp_rank_sums {
	uint64_t *before; /* of each rank: ranks that stand before it, over all baskets */
	uint64_t cells;   /* all ranks in baskets */
	uint64_t baskets; /* those that have a frequent item */
	size_t longest;
};

/*
 * Turns kept baskets of numbers into ones of ranks (ranks[map[number]], UINT32_MAX for an item that
 * has none; map NULL: the number itself), kept in out.
 */
int sdp_baskets_recode(const struct sdp_extent *from, const uint32_t *map, const uint32_t *ranks,
		       struct sdp_kept_list *out, struct sdp_rank_sums *sums,
		       struct sdp_spill *spill, struct sdp_err *err);

/*
 * Goes through the baskets of ranks in an extent that have one of first … end - 1, calling each
 * with their ranks below end, the rarest (greatest) first.
 */
int sdp_baskets_each(const struct sdp_extent *from, const struct sdp_spill *spill, uint32_t first,
		     uint32_t end, void (*each)(void *context, const uint32_t *ranks, size_t count),
		     void *context, struct sdp_err *err);

#endif

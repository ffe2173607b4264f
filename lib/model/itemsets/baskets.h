/*
 * Collects baskets: first as numbers of items, later as ranks, both stored as bytes in the spill.
 *
 * Each worker fills a part, which has its own dictionary of items.  Parts are not merged but
 * linked; each part has a map from its own numbers to common numbers.  A basket is stored as its
 * number of items followed by the numbers of the items, all in LEB128.  A basket of ranks is stored
 * as its length in bytes, its greatest rank, and then the difference of each rank from the rank
 * before it, all in LEB128.
 *
 * A dictionary whose memory is used up is closed.  From then on an item that is not in it has the
 * number of the items in the dictionary, which its key follows; its text is kept in a bucket by
 * key.  If a dictionary was closed, items are counted bucket by bucket (sdp_items_count), and only
 * the frequent ones are entered into the common dictionary.
 *
 * Memory taken from a spill belongs to the owner of the spill.  Functions that return int return 0,
 * or -1 with a message, unless stated otherwise.
 */
#ifndef SDP_MODEL_ITEMSETS_BASKETS_H
#define SDP_MODEL_ITEMSETS_BASKETS_H

#include "base/map.h"
#include "model/itemsets/buckets.h"

/* A 128-bit hash that identifies a text. */
struct sdp_text_key {
	uint64_t half[2];
};

struct sdp_text_key sdp_text_key_of(const char *text, size_t length);

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
	bool closed;          /* items has no room for more */
	/* Set by sdp_baskets_number or sdp_baskets_key: */
	uint32_t *map;             /* common number of each item */
	struct sdp_text_key *keys; /* of each item */
	struct sdp_kept_list kept;
	struct sdp_bucket_list pieces;  /* of baskets whose rows are not adjacent, by basket */
	struct sdp_bucket_list texts;   /* of the items that are not in the dictionary, by key */
	struct sdp_bucket_list counted; /* for each basket, the keys of its items not in it */
	struct sdp_text_key *recent;    /* some keys whose texts are kept already */
	uint64_t baskets, empty, large;
	uint32_t stamp; /* stamp of the current basket; the first is 1 */
	struct sdp_basket_place first_large;
};

/*
 * Writes a part, the stamp of which must be 1 at first.  {.part, .spill, .limit, .room} is a new
 * writer; release it when done.
 */
struct sdp_basket_writer {
	struct sdp_basket_part *part;
	struct sdp_spill *spill;
	uint64_t limit; /* larger baskets are omitted; 0 if there is no limit */
	uint64_t room;  /* bytes that the dictionary may take; 0 if there is no limit */
	struct sdp_map_memory memory; /* of the dictionary: the spill */
	struct sdp_buf bytes;
	struct sdp_bucket_writer *pieces, *texts, *counted;
	/* The items of the current basket: numbers, and keys of items without a number. */
	uint32_t *numbers;
	struct sdp_text_key *keys;
	size_t count, capacity, key_count, key_capacity;
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
int sdp_basket_piece(struct sdp_basket_writer *writer, struct sdp_text_key key,
		     const struct sdp_basket_place *place, struct sdp_err *err);

/* Moves what is still in private memory to the spill. */
int sdp_basket_flush(struct sdp_basket_writer *writer, struct sdp_err *err);

/* Returns whether the dictionary of one of the parts is closed. */
bool sdp_baskets_closed(const struct sdp_basket_part *parts);

/*
 * Enters the items of all parts, none of which is closed, into one dictionary, adds up their
 * counts, and makes the maps of the parts.
 */
int sdp_baskets_number(struct sdp_basket_part *parts, struct sdp_map *all, struct sdp_spill *spill,
		       struct sdp_err *err);

/* Sets the keys of the items of all parts. */
int sdp_baskets_key(struct sdp_basket_part *parts, struct sdp_spill *spill, struct sdp_err *err);

/* Appends a key of an item of a basket to the keys that are counted. */
int sdp_key_counted(struct sdp_bucket_writer **writer, const struct sdp_text_key *key,
		    struct sdp_bucket_list *list, struct sdp_spill *spill, struct sdp_err *err);

/* What is to be done with the pieces of all parts. */
struct sdp_basket_grouping {
	const struct sdp_basket_part *parts;
	uint64_t limit;  /* of struct sdp_basket_writer */
	uint64_t memory; /* a bucket that needs more bytes is read in several turns */
	bool keyed;      /* the parts have keys, not maps */
};

/*
 * Joins the pieces of the baskets of a bucket, and appends the whole baskets to out->kept.  Adds to
 * the counters of out.
 *
 * The baskets have common numbers, and counts[number] becomes greater by the number of these
 * baskets that contain the item.  If the parts are keyed, the baskets have only keys, which are
 * also appended to out->counted.
 */
int sdp_baskets_group(const struct sdp_basket_grouping *grouping, size_t bucket,
		      struct sdp_basket_part *out, uint64_t *counts, struct sdp_spill *spill,
		      struct sdp_err *err);

/* What is to be done with keyed items. */
struct sdp_item_counting {
	const struct sdp_basket_part *texts;   /* the parts with the texts of the items */
	const struct sdp_basket_part *counted; /* those with the baskets; they may be the same */
	uint64_t min;                          /* items with a lower count are not frequent */
	uint64_t memory; /* a bucket that needs more bytes is read in several turns */
};

/*
 * Counts the items of a bucket: adds the number of the different ones to *different, and enters
 * those that are counted at least min times into frequent.  Fails if two items have the same key.
 */
int sdp_items_count(const struct sdp_item_counting *counting, size_t bucket,
		    struct sdp_map *frequent, uint64_t *different, struct sdp_spill *spill,
		    struct sdp_err *err);

/*
 * Makes a map from the keys of the frequent items to their numbers, and the maps of the parts. An
 * item that is not frequent has the number frequent->count.
 */
int sdp_items_map(const struct sdp_map *frequent, struct sdp_map *by_key,
		  struct sdp_basket_part *parts, struct sdp_spill *spill, struct sdp_err *err);

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

/* How items get their ranks. */
struct sdp_rank_finding {
	/* by common number; UINT32_MAX for an item without a rank, which is omitted */
	const uint32_t *ranks;
	const struct sdp_map *by_key; /* of sdp_items_map; NULL if the parts are not keyed */
};

/*
 * Converts an extent of baskets of a part to baskets of ranks and appends these to out.  Adds to
 * sums.
 */
int sdp_baskets_recode(const struct sdp_extent *from, const struct sdp_basket_part *part,
		       const struct sdp_rank_finding *finding, struct sdp_kept_list *out,
		       struct sdp_rank_sums *sums, struct sdp_spill *spill, struct sdp_err *err);

/*
 * Calls `each` for every basket of ranks in an extent that has a rank of first … end - 1 as its
 * greatest rank below end.  `each` gets the ranks below end, the greatest (rarest) first.
 */
int sdp_baskets_each(const struct sdp_extent *from, const struct sdp_spill *spill, uint32_t first,
		     uint32_t end, void (*each)(void *context, const uint32_t *ranks, size_t count),
		     void *context, struct sdp_err *err);

#endif

/*
 * Joins baskets whose items come in pieces.  The pieces of a bucket are sorted by the key of their
 * basket, so that the pieces of a basket become adjacent.  If they need too much memory, the bucket
 * is read in several turns, each of which takes the baskets of some keys.
 */
#include "model/itemsets/baskets.h"
#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

enum { FLUSH = 1 << 16 };

struct piece {
	struct sdp_text_key key;
	struct sdp_basket_place place;
	uint64_t first, count; /* its items in gathering.items */
};

struct gathering {
	const struct sdp_basket_grouping *grouping;
	const struct sdp_basket_part *part; /* the current one */
	uint64_t turn, turns; /* the baskets with these keys, modulo the number of turns */
	struct piece *pieces;
	size_t count, capacity;
	size_t size; /* bytes of an item: a common number, or a key */
	char *items, *basket;
	size_t item_count, item_capacity, basket_capacity;
	/* What is put together. */
	struct sdp_basket_part *out;
	uint64_t *counts;
	struct sdp_buf bytes;
	struct sdp_bucket_writer *counted;
	struct sdp_spill *spill;
};

/* Adds an item of the current part, and returns the end of its bytes. */
static const unsigned char *add_item(struct gathering *g, const unsigned char *p)
{
	const struct sdp_basket_part *part = g->part;
	char *item = g->items + g->item_count++ * g->size;
	uint64_t number;
	p = sdp_varint_get(p, &number);
	if (!g->grouping->keyed) {
		memcpy(item, &part->map[number], g->size);
		return p;
	}
	bool known = number < part->items.count;
	memcpy(item, known ? (const void *)&part->keys[number] : p, g->size);
	return known ? p : p + g->size;
}

static const unsigned char *add_piece(struct gathering *g, const unsigned char *p,
				      struct sdp_err *err)
{
	struct piece piece = {0};
	memcpy(&piece.key, p, sizeof piece.key);
	p += sizeof piece.key;
	if (g->grouping->limit) {
		memcpy(&piece.place, p, sizeof piece.place);
		p += sizeof piece.place;
	}
	p = sdp_varint_get(p, &piece.count);
	piece.first = g->item_count;
	if (sdp_grow(&g->pieces, &g->capacity, g->count + 1, sizeof *g->pieces, err) < 0 ||
	    sdp_grow(&g->items, &g->item_capacity, g->item_count + piece.count + 1, g->size, err) <
		    0)
		return NULL;
	for (uint64_t i = 0; i < piece.count; i++)
		p = add_item(g, p);
	if (piece.key.half[1] % g->turns == g->turn)
		g->pieces[g->count++] = piece;
	else
		g->item_count = piece.first;
	return p;
}

static int gather(void *context, const unsigned char *records, size_t length, struct sdp_err *err)
{
	struct gathering *g = context;
	for (const unsigned char *p = records, *end = p + length; p < end;)
		if (!(p = add_piece(g, p, err)))
			return -1;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int word = x->key.half[0] == y->key.half[0];
	return (x->key.half[word] > y->key.half[word]) - (x->key.half[word] < y->key.half[word]);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct sdp_text_key));
}

/* Copies the items of pieces to g->basket, without duplicates.  Returns their number, or -1. */
static int64_t join(struct gathering *g, const struct piece *pieces, size_t count,
		    struct sdp_err *err)
{
	size_t items = 0, different = 0, size = g->size;
	for (size_t i = 0; i < count; i++) {
		if (sdp_grow(&g->basket, &g->basket_capacity, items + pieces[i].count + 1, size,
			     err) < 0)
			return -1;
		if (pieces[i].count)
			memcpy(g->basket + items * size, g->items + pieces[i].first * size,
			       pieces[i].count * size);
		items += pieces[i].count;
	}
	if (items)
		qsort(g->basket, items, size, g->grouping->keyed ? compare_keys : compare_numbers);
	for (size_t i = 0; i < items; i++)
		if (i == 0 || memcmp(g->basket + i * size, g->basket + (i - 1) * size, size) != 0)
			memmove(g->basket + different++ * size, g->basket + i * size, size);
	return (int64_t)different;
}

/* Appends the items of g->basket to g->bytes, and counts them. */
static int put_items(struct gathering *g, size_t count, struct sdp_err *err)
{
	if (sdp_buf_reserve(&g->bytes, (count + 1) * (LEB_MOST + g->size), err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)g->bytes.data + g->bytes.length,
		      *p = sdp_varint_put(start, count);
	for (size_t i = 0; i < count; i++) {
		const char *item = g->basket + i * g->size;
		uint32_t number = 0; /* of items in the dictionary of out, which a key follows */
		if (!g->grouping->keyed) {
			memcpy(&number, item, sizeof number);
			g->counts[number]++;
		}
		p = sdp_varint_put(p, number);
		if (g->grouping->keyed) {
			struct sdp_text_key key;
			memcpy(&key, item, sizeof key);
			memcpy(p, item, sizeof key);
			p += sizeof key;
			if (sdp_key_counted(&g->counted, &key, &g->out->counted, g->spill, err) < 0)
				return -1;
		}
	}
	g->bytes.length += (size_t)(p - start);
	return 0;
}

/* Joins the pieces of one basket. */
static int put_together(struct gathering *g, const struct piece *pieces, size_t count,
			struct sdp_err *err)
{
	struct sdp_basket_place place = {0};
	int64_t items = join(g, pieces, count, err);
	if (items < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		sdp_basket_place_first(&place, &pieces[i].place);
	place.items = (uint64_t)items;
	if (g->grouping->limit && place.items > g->grouping->limit) {
		g->out->large++;
		sdp_basket_place_first(&g->out->first_large, &place);
		return 0;
	}
	g->out->baskets++;
	g->out->empty += items == 0;
	return items ? put_items(g, (size_t)items, err) : 0;
}

static int put_all_together(struct gathering *g, struct sdp_err *err)
{
	if (g->count)
		qsort(g->pieces, g->count, sizeof *g->pieces, by_key);
	for (size_t first = 0, end; first < g->count; first = end) {
		for (end = first + 1;
		     end < g->count && by_key(&g->pieces[first], &g->pieces[end]) == 0;)
			end++;
		if (put_together(g, g->pieces + first, end - first, err) < 0)
			return -1;
		if (g->bytes.length > FLUSH || (end == g->count && g->bytes.length)) {
			if (sdp_kept_add(&g->out->kept, g->spill, g->bytes.data, g->bytes.length,
					 err) < 0)
				return -1;
			g->bytes.length = 0;
		}
	}
	return 0;
}

int sdp_baskets_group(const struct sdp_basket_grouping *grouping, size_t bucket,
		      struct sdp_basket_part *out, uint64_t *counts, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	struct gathering g = {.grouping = grouping,
			      .size = grouping->keyed ? sizeof(struct sdp_text_key)
						      : sizeof(uint32_t),
			      .out = out,
			      .counts = counts,
			      .spill = spill};
	uint64_t weight = 0;
	int rc = 0;
	for (const struct sdp_basket_part *part = grouping->parts; part; part = part->next)
		weight += part->pieces.weights[bucket];
	g.turns = weight / grouping->memory + 1;
	for (; rc == 0 && g.turn < g.turns; g.turn++) {
		g.count = g.item_count = 0;
		for (g.part = grouping->parts; rc == 0 && g.part; g.part = g.part->next)
			rc = sdp_bucket_each(&g.part->pieces, bucket, spill, gather, &g, err);
		if (rc == 0)
			rc = put_all_together(&g, err);
	}
	if (rc == 0)
		rc = sdp_bucket_flush(g.counted, &out->counted, spill, err);
	sdp_bucket_writer_free(g.counted);
	free(g.pieces);
	free(g.items);
	free(g.basket);
	sdp_buf_release(&g.bytes);
	return rc;
}

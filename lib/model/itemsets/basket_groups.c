/*
 * Joins baskets whose items come in pieces.  The pieces of a group are sorted by the key of their
 * basket, so that the pieces of a basket become adjacent.
 */
#include "model/itemsets/baskets.h"
#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

enum { FLUSH = 1 << 16 };

struct piece {
	uint64_t key[2];
	struct sdp_basket_place place;
	size_t first, count; /* its numbers in gathering.numbers */
};

struct gathering {
	struct piece *pieces;
	size_t count, capacity;
	uint32_t *numbers;
	size_t number_count, number_capacity;
	uint32_t *basket;
	size_t basket_capacity;
	struct sdp_buf bytes;
};

static int add_piece(struct gathering *g, const unsigned char **at, const uint32_t *map,
		     bool placed, struct sdp_err *err)
{
	const unsigned char *p = *at;
	struct piece piece = {0};
	uint64_t count, number;
	memcpy(piece.key, p, sizeof piece.key);
	p += sizeof piece.key;
	if (placed) {
		memcpy(&piece.place, p, sizeof piece.place);
		p += sizeof piece.place;
	}
	p = sdp_varint_get(p, &count);
	piece.first = g->number_count;
	piece.count = count;
	if (sdp_grow(&g->pieces, &g->capacity, g->count + 1, sizeof *g->pieces, err) < 0 ||
	    sdp_grow(&g->numbers, &g->number_capacity, g->number_count + count, sizeof *g->numbers,
		     err) < 0)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		p = sdp_varint_get(p, &number);
		g->numbers[g->number_count++] = map[number];
	}
	g->pieces[g->count++] = piece;
	*at = p;
	return 0;
}

static int gather(struct gathering *g, const struct sdp_basket_part *part, size_t group,
		  bool placed, const struct sdp_spill *spill, struct sdp_err *err)
{
	for (const struct sdp_kept *k = part->groups[group].first; k; k = k->next) {
		void *room = sdp_alloc(k->extent.length, 1, err);
		const unsigned char *p =
			room ? sdp_spill_get(spill, &k->extent, 0, k->extent.length, room, err)
			     : NULL;
		const unsigned char *end = p ? p + k->extent.length : NULL;
		int rc = p ? 0 : -1;
		while (rc == 0 && p < end)
			rc = add_piece(g, &p, part->map, placed, err);
		free(room);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int word = x->key[0] == y->key[0];
	return (x->key[word] > y->key[word]) - (x->key[word] < y->key[word]);
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* Joins the pieces of one basket. */
static int put_together(struct gathering *g, const struct piece *pieces, size_t count,
			uint64_t limit, struct sdp_basket_part *out, uint64_t *counts,
			struct sdp_err *err)
{
	struct sdp_basket_place place = {0};
	size_t items = 0, different = 0;
	for (size_t i = 0; i < count; i++) {
		if (sdp_grow(&g->basket, &g->basket_capacity, items + pieces[i].count + 1,
			     sizeof *g->basket, err) < 0)
			return -1;
		if (pieces[i].count)
			memcpy(g->basket + items, g->numbers + pieces[i].first,
			       pieces[i].count * sizeof *g->basket);
		items += pieces[i].count;
		sdp_basket_place_first(&place, &pieces[i].place);
	}
	if (items)
		qsort(g->basket, items, sizeof *g->basket, compare_numbers);
	for (size_t i = 0; i < items; i++)
		if (i == 0 || g->basket[i] != g->basket[i - 1])
			g->basket[different++] = g->basket[i];
	place.items = different;
	if (limit && different > limit) {
		out->large++;
		sdp_basket_place_first(&out->first_large, &place);
		return 0;
	}
	out->baskets++;
	out->empty += different == 0;
	if (different == 0)
		return 0;
	if (sdp_buf_reserve(&g->bytes, (different + 1) * LEB_MOST, err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)g->bytes.data + g->bytes.length,
		      *p = sdp_varint_put(start, different);
	for (size_t i = 0; i < different; i++) {
		p = sdp_varint_put(p, g->basket[i]);
		counts[g->basket[i]]++;
	}
	g->bytes.length += (size_t)(p - start);
	return 0;
}

static int put_all_together(struct gathering *g, uint64_t limit, struct sdp_basket_part *out,
			    uint64_t *counts, struct sdp_spill *spill, struct sdp_err *err)
{
	if (g->count)
		qsort(g->pieces, g->count, sizeof *g->pieces, by_key);
	for (size_t first = 0, end; first < g->count; first = end) {
		for (end = first + 1;
		     end < g->count && by_key(&g->pieces[first], &g->pieces[end]) == 0;)
			end++;
		if (put_together(g, g->pieces + first, end - first, limit, out, counts, err) < 0)
			return -1;
		if (g->bytes.length > FLUSH || (end == g->count && g->bytes.length)) {
			if (sdp_kept_add(&out->kept, spill, g->bytes.data, g->bytes.length, err) <
			    0)
				return -1;
			g->bytes.length = 0;
		}
	}
	return 0;
}

int sdp_baskets_group(const struct sdp_basket_part *parts, size_t group, uint64_t limit,
		      struct sdp_basket_part *out, uint64_t *counts, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	struct gathering g = {0};
	int rc = 0;
	for (const struct sdp_basket_part *part = parts; rc == 0 && part; part = part->next)
		rc = gather(&g, part, group, limit != 0, spill, err);
	if (rc == 0)
		rc = put_all_together(&g, limit, out, counts, spill, err);
	free(g.pieces);
	free(g.numbers);
	free(g.basket);
	sdp_buf_release(&g.bytes);
	return rc;
}

/* Collects baskets in parts, numbers and ranks their items, and converts baskets to ranks. */
#include "model/itemsets/baskets.h"

#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PIECE = 1 << 16, GROUP_PIECE = 1 << 14 };

void sdp_item_key(const char *text, size_t length, uint64_t key[2])
{
	XXH128_hash_t hash = XXH3_128bits(text, length);
	key[0] = hash.low64;
	key[1] = hash.high64;
}

/* ---- extents ---- */

int sdp_kept_add(struct sdp_kept_list *list, struct sdp_spill *spill, const void *bytes,
		 size_t length, struct sdp_err *err)
{
	struct sdp_kept *kept = sdp_spill_take(spill, sizeof *kept, err);
	if (!kept || sdp_spill_keep(spill, bytes, length, &kept->extent, err) < 0)
		return -1;
	sdp_kept_join(list, &(struct sdp_kept_list){kept, kept, 1});
	return 0;
}

void sdp_kept_join(struct sdp_kept_list *into, const struct sdp_kept_list *from)
{
	if (!from->first)
		return;
	if (into->last)
		into->last->next = from->first;
	else
		into->first = from->first;
	into->last = from->last;
	into->count += from->count;
}

/* Returns all bytes of an extent, or NULL on failure.  The caller frees *room. */
static const unsigned char *open_extent(const struct sdp_extent *extent,
					const struct sdp_spill *spill, void **room,
					struct sdp_err *err)
{
	*room = extent->spilled ? sdp_alloc(extent->length, 1, err) : NULL;
	if (extent->spilled && !*room)
		return NULL;
	return sdp_spill_get(spill, extent, 0, extent->length, *room, err);
}

/* ---- writing ---- */

void sdp_basket_writer_release(struct sdp_basket_writer *w)
{
	for (size_t i = 0; w->groups && i < SDP_BASKET_GROUPS; i++)
		sdp_buf_release(&w->groups[i]);
	free(w->groups);
	sdp_buf_release(&w->bytes);
	free(w->numbers);
}

int sdp_basket_item(struct sdp_basket_writer *w, const char *text, size_t length,
		    struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	if (!w->memory.take)
		w->memory = sdp_map_spill(w->spill);
	int64_t number = sdp_map_enter(&part->items, text, length, &w->memory, err);
	if (number < 0)
		return -1;
	struct sdp_map_entry *item = &part->items.entries[number];
	if (item->stamp == part->stamp)
		return 0;
	item->stamp = part->stamp;
	if (w->count == w->capacity &&
	    sdp_grow(&w->numbers, &w->capacity, w->count + 1, sizeof *w->numbers, err) < 0)
		return -1;
	w->numbers[w->count++] = (uint32_t)number;
	return 0;
}

static int next_basket(struct sdp_basket_writer *w, struct sdp_err *err)
{
	w->count = 0;
	if (w->part->stamp == UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "more than 2^32 - 1 baskets");
	w->part->stamp++;
	return 0;
}

void sdp_basket_place_first(struct sdp_basket_place *into, const struct sdp_basket_place *other)
{
	if (!other->file)
		return;
	if (!into->file || other->chunk < into->chunk ||
	    (other->chunk == into->chunk && other->record < into->record))
		*into = *other;
}

/* Returns whether a basket exceeds the limit, and if so counts it as omitted. */
static bool too_large(struct sdp_basket_part *part, uint64_t limit, uint64_t items,
		      const struct sdp_basket_place *place)
{
	struct sdp_basket_place here = *place;
	if (!limit || items <= limit)
		return false;
	here.items = items;
	part->large++;
	sdp_basket_place_first(&part->first_large, &here);
	return true;
}

static int keep_bytes(struct sdp_buf *bytes, struct sdp_kept_list *list, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	int rc = bytes->length ? sdp_kept_add(list, spill, bytes->data, bytes->length, err) : 0;
	bytes->length = 0;
	return rc;
}

static int add_numbers(struct sdp_buf *bytes, const uint32_t *numbers, size_t count,
		       struct sdp_err *err)
{
	if (sdp_buf_reserve(bytes, (count + 1) * LEB_MOST / 2 + LEB_MOST, err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)bytes->data + bytes->length,
		      *p = sdp_varint_put(start, count);
	for (size_t i = 0; i < count; i++)
		p = sdp_varint_put(p, numbers[i]);
	bytes->length += (size_t)(p - start);
	return 0;
}

int sdp_basket_end(struct sdp_basket_writer *w, const struct sdp_basket_place *place,
		   struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	if (!too_large(part, w->limit, w->count, place)) {
		part->baskets++;
		part->empty += w->count == 0;
		for (size_t i = 0; i < w->count; i++)
			part->items.entries[w->numbers[i]].value++;
		if (w->count && add_numbers(&w->bytes, w->numbers, w->count, err) < 0)
			return -1;
	}
	if (w->bytes.length > PIECE && keep_bytes(&w->bytes, &part->kept, w->spill, err) < 0)
		return -1;
	return next_basket(w, err);
}

int sdp_basket_piece(struct sdp_basket_writer *w, const uint64_t key[2],
		     const struct sdp_basket_place *place, struct sdp_err *err)
{
	size_t group = key[0] % SDP_BASKET_GROUPS;
	if (!w->groups && !(w->groups = sdp_alloc(SDP_BASKET_GROUPS, sizeof *w->groups, err)))
		return -1;
	struct sdp_buf *bytes = &w->groups[group];
	if (sdp_buf_add(bytes, key, 2 * sizeof *key, err) < 0 ||
	    (w->limit && sdp_buf_add(bytes, place, sizeof *place, err) < 0) ||
	    add_numbers(bytes, w->numbers, w->count, err) < 0)
		return -1;
	if (bytes->length > GROUP_PIECE &&
	    keep_bytes(bytes, &w->part->groups[group], w->spill, err) < 0)
		return -1;
	return next_basket(w, err);
}

int sdp_basket_flush(struct sdp_basket_writer *w, struct sdp_err *err)
{
	for (size_t i = 0; w->groups && i < SDP_BASKET_GROUPS; i++)
		if (keep_bytes(&w->groups[i], &w->part->groups[i], w->spill, err) < 0)
			return -1;
	return keep_bytes(&w->bytes, &w->part->kept, w->spill, err);
}

/* ---- one dictionary ---- */

int sdp_baskets_number(struct sdp_basket_part *parts, struct sdp_map *all, struct sdp_spill *spill,
		       struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(spill);
	for (struct sdp_basket_part *part = parts; part; part = part->next) {
		uint32_t count = part->items.count;
		if (!(part->map = sdp_spill_take(spill, (count + 1) * sizeof *part->map, err)))
			return -1;
		for (uint32_t i = 0; i < count; i++) {
			int64_t number = sdp_map_adopt(all, &part->items.entries[i], &memory, err);
			if (number < 0)
				return -1;
			part->map[i] = (uint32_t)number;
			all->entries[number].value += part->items.entries[i].value;
		}
	}
	return 0;
}

struct ranked {
	const struct sdp_map_entry *item;
	uint32_t number;
};

static int by_rank(const void *a, const void *b)
{
	const struct sdp_map_entry *x = ((const struct ranked *)a)->item,
				   *y = ((const struct ranked *)b)->item;
	size_t least = x->length < y->length ? x->length : y->length;
	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	int order = memcmp(x->key, y->key, least);
	return order ? order : (x->length > y->length) - (x->length < y->length);
}

int sdp_items_rank(const struct sdp_map *items, uint64_t min, uint32_t **ranked, uint32_t *count,
		   struct sdp_spill *spill, struct sdp_err *err)
{
	struct ranked *list = sdp_alloc((size_t)items->count + 1, sizeof *list, err);
	uint32_t n = 0;
	if (!list)
		return -1;
	for (uint32_t i = 0; i < items->count; i++)
		if (items->entries[i].value >= min)
			list[n++] = (struct ranked){&items->entries[i], i};
	qsort(list, n, sizeof *list, by_rank);
	*count = n;
	*ranked = sdp_spill_take(spill, ((size_t)n + 1) * sizeof **ranked, err);
	for (uint32_t i = 0; *ranked && i < n; i++)
		(*ranked)[i] = list[i].number;
	free(list);
	return *ranked ? 0 : -1;
}

/* ---- baskets of ranks ---- */

/* Sorts by insertion, as most baskets have few items. */
static void sort_ranks(uint32_t *ranks, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint32_t rank = ranks[i];
		size_t at = i;
		for (; at > 0 && ranks[at - 1] > rank; at--)
			ranks[at] = ranks[at - 1];
		ranks[at] = rank;
	}
}

static int compare_ranks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

struct recoding {
	const uint32_t *map, *ranks;
	struct sdp_rank_sums *sums;
	uint32_t *basket;
	size_t capacity;
	struct sdp_buf bytes;
};

/* Appends count ascending ranks to bytes, which must have room for them and two more numbers. */
static void add_ranks(struct sdp_buf *bytes, const uint32_t *ranks, size_t count)
{
	unsigned char *start = (unsigned char *)bytes->data + bytes->length, length[LEB_MOST];
	unsigned char *from = start + LEB_MOST, *to = sdp_varint_put(from, ranks[count - 1]);
	for (size_t i = count - 1; i-- > 0;)
		to = sdp_varint_put(to, ranks[i + 1] - ranks[i]);
	/* The length is put before the ranks; it usually takes fewer than LEB_MOST bytes. */
	size_t n = (size_t)(to - from), head = (size_t)(sdp_varint_put(length, n) - length);
	memcpy(start, length, head);
	memmove(start + head, from, n);
	bytes->length += head + n;
}

/* Converts the basket at p.  Returns the end of the basket, or NULL on failure. */
static const unsigned char *recode_one(struct recoding *r, const unsigned char *p,
				       struct sdp_err *err)
{
	uint64_t items, number;
	size_t count = 0;
	p = sdp_varint_get(p, &items);
	if (sdp_grow(&r->basket, &r->capacity, items + 1, sizeof *r->basket, err) < 0 ||
	    sdp_buf_reserve(&r->bytes, items * LEB_MOST / 2 + 2 * LEB_MOST, err) < 0)
		return NULL;
	for (uint64_t i = 0; i < items; i++) {
		p = sdp_varint_get(p, &number);
		uint32_t rank = r->ranks[r->map ? r->map[number] : number];
		r->basket[count] = rank;
		count += rank != UINT32_MAX;
	}
	if (count == 0)
		return p;
	if (count > 64)
		qsort(r->basket, count, sizeof *r->basket, compare_ranks);
	else
		sort_ranks(r->basket, count);
	add_ranks(&r->bytes, r->basket, count);
	for (size_t i = 0; i < count; i++)
		r->sums->before[r->basket[i]] += i;
	r->sums->cells += count;
	r->sums->baskets++;
	if (count > r->sums->longest)
		r->sums->longest = count;
	return p;
}

int sdp_baskets_recode(const struct sdp_extent *from, const uint32_t *map, const uint32_t *ranks,
		       struct sdp_kept_list *out, struct sdp_rank_sums *sums,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	struct recoding r = {.map = map, .ranks = ranks, .sums = sums};
	void *room;
	const unsigned char *p = open_extent(from, spill, &room, err),
			    *end = p ? p + from->length : NULL;
	int rc = p ? 0 : -1;
	while (rc == 0 && p < end)
		rc = (p = recode_one(&r, p, err)) ? 0 : -1;
	if (rc == 0 && r.bytes.length)
		rc = sdp_kept_add(out, spill, r.bytes.data, r.bytes.length, err);
	sdp_buf_release(&r.bytes);
	free(r.basket);
	free(room);
	return rc;
}

/*
 * Writes the ranks below end of the basket in [p, stop) to out, the greatest first.  Returns their
 * number, or 0 if the greatest of them is below first.
 */
static size_t ranks_below(const unsigned char *p, const unsigned char *stop, uint32_t first,
			  uint32_t end, uint32_t *out)
{
	uint64_t rank, step;
	size_t count = 0;
	p = sdp_varint_get(p, &rank);
	while (rank >= end && p < stop) {
		p = sdp_varint_get(p, &step);
		rank -= step;
	}
	if (rank < first || rank >= end)
		return 0;
	out[count++] = (uint32_t)rank;
	while (p < stop) {
		p = sdp_varint_get(p, &step);
		rank -= step;
		out[count++] = (uint32_t)rank;
	}
	return count;
}

int sdp_baskets_each(const struct sdp_extent *from, const struct sdp_spill *spill, uint32_t first,
		     uint32_t end, void (*each)(void *context, const uint32_t *ranks, size_t count),
		     void *context, struct sdp_err *err)
{
	void *room;
	const unsigned char *p = open_extent(from, spill, &room, err),
			    *stop = p ? p + from->length : NULL;
	uint32_t *basket = NULL;
	size_t capacity = 0;
	int rc = p ? 0 : -1;
	while (rc == 0 && p < stop) {
		uint64_t length;
		p = sdp_varint_get(p, &length);
		if (length > capacity &&
		    (rc = sdp_grow(&basket, &capacity, length, sizeof *basket, err)) < 0)
			break;
		size_t count = ranks_below(p, p + length, first, end, basket);
		if (count)
			each(context, basket, count);
		p += length;
	}
	free(basket);
	free(room);
	return rc;
}

/* Collects baskets in parts, numbers and ranks their items, and converts baskets to ranks. */
#include "model/itemsets/baskets.h"

#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
	PIECE = 1 << 16,
	RECENT = 4096, /* keys whose texts are not kept again */
	/* Bytes that are needed when these are read from their buckets; see the readers. */
	TEXT_WEIGHT = 200,
	PIECE_WEIGHT = 120,
	PIECE_ITEM_WEIGHT = 24,
};

/* ---- writing ---- */

struct sdp_text_key sdp_text_key_of(const char *text, size_t length)
{
	XXH128_hash_t hash = XXH3_128bits(text, length);
	return (struct sdp_text_key){{hash.low64, hash.high64}};
}

void sdp_basket_writer_release(struct sdp_basket_writer *w)
{
	sdp_bucket_writer_free(w->pieces);
	sdp_bucket_writer_free(w->texts);
	sdp_bucket_writer_free(w->counted);
	sdp_buf_release(&w->bytes);
	free(w->numbers);
	free(w->keys);
}

/* Returns whether one more item may take the dictionary beyond its memory. */
static bool is_full(const struct sdp_basket_writer *w)
{
	const struct sdp_map *m = &w->part->items;
	size_t more = m->count == m->capacity ? 2 * sdp_map_size(m) : 0;
	return w->room && m->taken + more > w->room;
}

/* Keeps the text of an item that is not in the dictionary. */
static int keep_text(struct sdp_basket_writer *w, struct sdp_text_key key, const char *text,
		     size_t length, struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	if (!part->recent &&
	    !(part->recent = sdp_spill_take(w->spill, RECENT * sizeof *part->recent, err)))
		return -1;
	struct sdp_text_key *recent = &part->recent[key.half[1] % RECENT];
	if (memcmp(recent, &key, sizeof key) == 0)
		return 0;
	struct sdp_buf *texts = sdp_bucket_open(&w->texts, key.half[0], TEXT_WEIGHT + 2 * length,
						&part->texts, w->spill, err);
	if (!texts || sdp_buf_reserve(texts, LEB_MOST + length, err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)texts->data + texts->length,
		      *p = sdp_varint_put(start, length);
	memcpy(p, text, length);
	texts->length += (size_t)(p - start) + length;
	*recent = key;
	return 0;
}

static int add_key(struct sdp_basket_writer *w, const char *text, size_t length,
		   struct sdp_err *err)
{
	struct sdp_text_key key = sdp_text_key_of(text, length);
	if (keep_text(w, key, text, length, err) < 0 ||
	    sdp_grow(&w->keys, &w->key_capacity, w->key_count + 1, sizeof *w->keys, err) < 0)
		return -1;
	w->keys[w->key_count++] = key;
	return 0;
}

int sdp_basket_item(struct sdp_basket_writer *w, const char *text, size_t length,
		    struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	int64_t number;
	if (part->closed) {
		number = sdp_map_number(&part->items, text, length);
		if (number < 0)
			return add_key(w, text, length, err);
	} else {
		if (!w->memory.take)
			w->memory = sdp_map_spill(w->spill);
		number = sdp_map_enter(&part->items, text, length, &w->memory, err);
		if (number < 0)
			return -1;
		if (number + 1 == part->items.count && is_full(w))
			part->closed = true;
	}
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
	w->count = w->key_count = 0;
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

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct sdp_text_key));
}

/* Removes duplicate keys from the current basket. */
static void join_keys(struct sdp_basket_writer *w)
{
	size_t n = 0;
	if (w->key_count > 1)
		qsort(w->keys, w->key_count, sizeof *w->keys, compare_keys);
	for (size_t i = 0; i < w->key_count; i++)
		if (n == 0 || compare_keys(&w->keys[n - 1], &w->keys[i]) != 0)
			w->keys[n++] = w->keys[i];
	w->key_count = n;
}

/* Appends the items of the current basket to bytes. */
static int add_items(const struct sdp_basket_writer *w, struct sdp_buf *bytes, struct sdp_err *err)
{
	size_t count = w->count + w->key_count;
	if (sdp_buf_reserve(bytes,
			    (count + 1) * LEB_MOST / 2 + LEB_MOST + w->key_count * sizeof *w->keys,
			    err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)bytes->data + bytes->length,
		      *p = sdp_varint_put(start, count);
	for (size_t i = 0; i < w->count; i++)
		p = sdp_varint_put(p, w->numbers[i]);
	for (size_t i = 0; i < w->key_count; i++) {
		p = sdp_varint_put(p, w->part->items.count);
		memcpy(p, &w->keys[i], sizeof *w->keys);
		p += sizeof *w->keys;
	}
	bytes->length += (size_t)(p - start);
	return 0;
}

int sdp_key_counted(struct sdp_bucket_writer **writer, const struct sdp_text_key *key,
		    struct sdp_bucket_list *list, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_buf *counted = sdp_bucket_open(writer, key->half[0], 0, list, spill, err);
	return counted ? sdp_buf_add(counted, key, sizeof *key, err) : -1;
}

int sdp_basket_end(struct sdp_basket_writer *w, const struct sdp_basket_place *place,
		   struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	if (w->key_count)
		join_keys(w);
	if (!too_large(part, w->limit, w->count + w->key_count, place)) {
		bool empty = w->count + w->key_count == 0;
		part->baskets++;
		part->empty += empty;
		for (size_t i = 0; i < w->count; i++)
			part->items.entries[w->numbers[i]].value++;
		for (size_t i = 0; i < w->key_count; i++)
			if (sdp_key_counted(&w->counted, &w->keys[i], &part->counted, w->spill,
					    err) < 0)
				return -1;
		if (!empty && add_items(w, &w->bytes, err) < 0)
			return -1;
	}
	if (w->bytes.length > PIECE && keep_bytes(&w->bytes, &part->kept, w->spill, err) < 0)
		return -1;
	return next_basket(w, err);
}

int sdp_basket_piece(struct sdp_basket_writer *w, struct sdp_text_key key,
		     const struct sdp_basket_place *place, struct sdp_err *err)
{
	join_keys(w);
	uint64_t weight = PIECE_WEIGHT + (w->count + w->key_count) * PIECE_ITEM_WEIGHT;
	struct sdp_buf *bytes =
		sdp_bucket_open(&w->pieces, key.half[0], weight, &w->part->pieces, w->spill, err);
	if (!bytes || sdp_buf_add(bytes, &key, sizeof key, err) < 0 ||
	    (w->limit && sdp_buf_add(bytes, place, sizeof *place, err) < 0) ||
	    add_items(w, bytes, err) < 0)
		return -1;
	return next_basket(w, err);
}

int sdp_basket_flush(struct sdp_basket_writer *w, struct sdp_err *err)
{
	struct sdp_basket_part *part = w->part;
	if (sdp_bucket_flush(w->pieces, &part->pieces, w->spill, err) < 0 ||
	    sdp_bucket_flush(w->texts, &part->texts, w->spill, err) < 0 ||
	    sdp_bucket_flush(w->counted, &part->counted, w->spill, err) < 0)
		return -1;
	return keep_bytes(&w->bytes, &part->kept, w->spill, err);
}

/* ---- one dictionary ---- */

bool sdp_baskets_closed(const struct sdp_basket_part *parts)
{
	while (parts && !parts->closed)
		parts = parts->next;
	return parts != NULL;
}

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

struct recoding {
	const uint32_t *map;
	const uint32_t *ranks;
	const struct sdp_map *by_key;
	uint64_t keyed; /* the number that a key follows */
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

/* Returns the number of a frequent item, or the number of all frequent items. */
static uint64_t number_of_key(const struct sdp_map *by_key, const unsigned char *key)
{
	int64_t number = sdp_map_number(by_key, (const char *)key, sizeof(struct sdp_text_key));
	return number < 0 ? by_key->count : (uint64_t)number;
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
		if (number == r->keyed) {
			number = number_of_key(r->by_key, p);
			p += sizeof(struct sdp_text_key);
		} else if (r->map) {
			number = r->map[number];
		}
		uint32_t rank = r->ranks[number];
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

int sdp_baskets_recode(const struct sdp_extent *from, const struct sdp_basket_part *part,
		       const struct sdp_rank_finding *finding, struct sdp_kept_list *out,
		       struct sdp_rank_sums *sums, struct sdp_spill *spill, struct sdp_err *err)
{
	struct recoding r = {.map = part->map,
			     .ranks = finding->ranks,
			     .by_key = finding->by_key,
			     .keyed = finding->by_key ? part->items.count : UINT64_MAX,
			     .sums = sums};
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

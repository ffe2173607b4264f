/*
 * Counts the items of dictionaries that had no room for all of them.
 *
 * The items of a bucket are those whose keys belong there.  Their texts come from the dictionaries
 * of the parts and from the texts that the parts have kept; counts come from the dictionaries and
 * from the counted keys.  If they need too much memory, the bucket is read in several turns, each
 * of which takes the items of some keys.
 */
#include "model/itemsets/baskets.h"
#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

enum { ENTRY_WEIGHT = 200 /* bytes of an item in struct counter, without its text */ };

int sdp_baskets_key(struct sdp_basket_part *parts, struct sdp_spill *spill, struct sdp_err *err)
{
	for (struct sdp_basket_part *part = parts; part; part = part->next) {
		size_t count = part->items.count;
		if (!(part->keys = sdp_spill_take(spill, (count + 1) * sizeof *part->keys, err)))
			return -1;
		for (size_t i = 0; i < count; i++) {
			const struct sdp_map_entry *e = &part->items.entries[i];
			part->keys[i] = sdp_text_key_of(e->key, e->length);
		}
	}
	return 0;
}

/* The items of a bucket, in private memory. */
struct counter {
	size_t bucket;
	uint64_t turn, turns;
	struct sdp_map keys; /* the value of a key is the count of its item */
	struct text {
		size_t at;
		uint32_t length;
	} * texts;
	size_t text_capacity;
	struct sdp_buf bytes; /* of the texts */
};

static bool is_wanted(const struct counter *c, const struct sdp_text_key *key)
{
	return key->half[0] % SDP_BUCKETS == c->bucket && key->half[1] % c->turns == c->turn;
}

/* Returns the number of an item, which is added if it is new; -1 on failure. */
static int64_t add_text(struct counter *c, const struct sdp_text_key *key, const char *text,
			size_t length, struct sdp_err *err)
{
	int64_t number = sdp_map_enter(&c->keys, (const char *)key, sizeof *key, NULL, err);
	if (number < 0)
		return -1;
	size_t n = (size_t)number;
	if (sdp_grow(&c->texts, &c->text_capacity, n + 1, sizeof *c->texts, err) < 0)
		return -1;
	if (!c->keys.entries[n].stamp) {
		c->keys.entries[n].stamp = 1;
		c->texts[n] = (struct text){c->bytes.length, (uint32_t)length};
		return sdp_buf_add(&c->bytes, text, length, err) < 0 ? -1 : number;
	}
	if (c->texts[n].length != length ||
	    (length && memcmp(c->bytes.data + c->texts[n].at, text, length) != 0))
		return sdp_fail(err, SDP_DATA,
				"two items have the same 128-bit hash; a greater --max-memory may "
				"avoid this");
	return number;
}

static int add_texts(void *context, const unsigned char *records, size_t length,
		     struct sdp_err *err)
{
	struct counter *c = context;
	for (const unsigned char *p = records, *end = p + length; p < end;) {
		uint64_t n;
		p = sdp_varint_get(p, &n);
		const char *text = (const char *)p;
		struct sdp_text_key key = sdp_text_key_of(text, n);
		if (is_wanted(c, &key) && add_text(c, &key, text, n, err) < 0)
			return -1;
		p += n;
	}
	return 0;
}

static int add_dictionary(struct counter *c, const struct sdp_basket_part *part,
			  struct sdp_err *err)
{
	for (uint32_t i = 0; i < part->items.count; i++) {
		const struct sdp_map_entry *e = &part->items.entries[i];
		if (!is_wanted(c, &part->keys[i]))
			continue;
		int64_t number = add_text(c, &part->keys[i], e->key, e->length, err);
		if (number < 0)
			return -1;
		c->keys.entries[number].value += e->value;
	}
	return 0;
}

static int add_counted(void *context, const unsigned char *records, size_t length,
		       struct sdp_err *err)
{
	struct counter *c = context;
	(void)err;
	for (size_t at = 0; at < length; at += sizeof(struct sdp_text_key)) {
		struct sdp_text_key key;
		memcpy(&key, records + at, sizeof key);
		if (!is_wanted(c, &key))
			continue;
		size_t *count = sdp_map_find(&c->keys, (const char *)&key, sizeof key);
		if (!count)
			SDP_BUG();
		++*count;
	}
	return 0;
}

/* Enters the items that are counted at least min times into frequent. */
static int take_frequent(const struct counter *c, uint64_t min, struct sdp_map *frequent,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(spill);
	for (uint32_t i = 0; i < c->keys.count; i++)
		if (c->keys.entries[i].value >= min &&
		    sdp_map_add_in(frequent, c->bytes.data + c->texts[i].at, c->texts[i].length,
				   c->keys.entries[i].value, &memory, err) < 0)
			return -1;
	return 0;
}

static int count_turn(struct counter *c, const struct sdp_item_counting *counting,
		      const struct sdp_spill *spill, struct sdp_err *err)
{
	for (const struct sdp_basket_part *part = counting->texts; part; part = part->next)
		if (add_dictionary(c, part, err) < 0 ||
		    sdp_bucket_each(&part->texts, c->bucket, spill, add_texts, c, err) < 0)
			return -1;
	for (const struct sdp_basket_part *part = counting->counted; part; part = part->next)
		if (sdp_bucket_each(&part->counted, c->bucket, spill, add_counted, c, err) < 0)
			return -1;
	return 0;
}

int sdp_items_count(const struct sdp_item_counting *counting, size_t bucket,
		    struct sdp_map *frequent, uint64_t *different, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	struct counter c = {.bucket = bucket};
	uint64_t weight = 0;
	int rc = 0;
	for (const struct sdp_basket_part *part = counting->texts; part; part = part->next)
		weight += part->texts.weights[bucket] +
			  part->items.count / SDP_BUCKETS * ENTRY_WEIGHT;
	c.turns = weight / counting->memory + 1;
	for (; rc == 0 && c.turn < c.turns; c.turn++) {
		rc = count_turn(&c, counting, spill, err);
		if (rc == 0)
			rc = take_frequent(&c, counting->min, frequent, spill, err);
		*different += c.keys.count;
		sdp_map_release(&c.keys);
		c.bytes.length = 0;
	}
	free(c.texts);
	sdp_buf_release(&c.bytes);
	return rc;
}

int sdp_items_map(const struct sdp_map *frequent, struct sdp_map *by_key,
		  struct sdp_basket_part *parts, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(spill);
	if (sdp_map_reserve(by_key, frequent->count, &memory, err) < 0)
		return -1;
	for (uint32_t i = 0; i < frequent->count; i++) {
		const struct sdp_map_entry *e = &frequent->entries[i];
		struct sdp_text_key key = sdp_text_key_of(e->key, e->length);
		if (sdp_map_enter(by_key, (const char *)&key, sizeof key, &memory, err) < 0)
			return -1;
	}
	for (struct sdp_basket_part *part = parts; part; part = part->next) {
		size_t count = part->items.count;
		if (count && !(part->map = sdp_spill_take(spill, count * sizeof *part->map, err)))
			return -1;
		for (size_t i = 0; i < count; i++) {
			int64_t number = sdp_map_number(by_key, (const char *)&part->keys[i],
							sizeof *part->keys);
			part->map[i] = number < 0 ? frequent->count : (uint32_t)number;
		}
	}
	return 0;
}

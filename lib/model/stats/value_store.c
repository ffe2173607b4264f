/* The values of a column: a dictionary of counted values, and runs of the values beyond it. */
#include "model/stats/value_store.h"

#include "base/rng.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <string.h>

enum {
	NUMBER_LIMIT = 1024, /* maximum of dictionary entries of a column of numbers */
	NUMBER_MIN = 32,     /* has_few_repetitions applies from so many entries on */
	NARROW = 4096,       /* a block whose span is smaller is counted in an array first */
	/* after so many strings, a dictionary with few repetitions is frozen */
	HASH_MIN = 32768
};

int64_t sdp_key_of_double(double value)
{
	int64_t bits;
	value += 0.0; /* -0 becomes 0 */
	memcpy(&bits, &value, sizeof bits);
	return bits < 0 ? bits ^ INT64_MAX : bits;
}

int64_t sdp_key_of_decimal(int64_t mantissa, int scale)
{
	return sdp_key_of_double(sdp_decimal_to_double(mantissa, scale));
}

double sdp_key_to_double(int64_t key)
{
	double value;
	if (key < 0)
		key ^= INT64_MAX;
	memcpy(&value, &key, sizeof value);
	return value;
}

/* ---- the dictionary ---- */

static uint32_t place_of(uint32_t capacity, uint64_t key, uint64_t extra)
{
	return (uint32_t)sdp_rng_mix(key ^ extra << 7) & (capacity - 1);
}

static struct sdp_key_entry *find(struct sdp_key_entry *table, uint32_t capacity, uint64_t key,
				  uint64_t extra)
{
	for (uint32_t i = place_of(capacity, key, extra);; i = (i + 1) & (capacity - 1)) {
		struct sdp_key_entry *e = &table[i];
		if (e->count == 0 || (e->key == key && e->extra == extra))
			return e;
	}
}

static int grow_table(struct sdp_value_store *keys, struct sdp_spill *spill, struct sdp_err *err)
{
	uint32_t capacity = keys->capacity ? keys->capacity * 2 : 16;
	struct sdp_key_entry *table = sdp_spill_take(spill, capacity * sizeof *table, err);
	if (!table)
		return -1;
	for (uint32_t i = 0; i < keys->capacity; i++)
		if (keys->table[i].count)
			*find(table, capacity, keys->table[i].key, keys->table[i].extra) =
				keys->table[i];
	keys->table = table;
	keys->capacity = capacity;
	return 0;
}

/* Adds weight to the count of a key.  Returns 1 if the entry is new, 0 if not, -1 on failure. */
static int count(struct sdp_value_store *keys, struct sdp_spill *spill, uint64_t key,
		 uint64_t extra, uint64_t weight, struct sdp_err *err)
{
	if (keys->used >= keys->capacity / 2 && grow_table(keys, spill, err) < 0)
		return -1;
	struct sdp_key_entry *e = find(keys->table, keys->capacity, key, extra);
	int fresh = e->count == 0;
	*e = (struct sdp_key_entry){key, extra, e->count + weight};
	keys->used += (uint32_t)fresh;
	keys->counted += weight;
	return fresh;
}

void sdp_value_store_prefetch(const struct sdp_value_store *keys, uint64_t first, uint64_t second)
{
	if (keys->capacity)
		__builtin_prefetch(&keys->table[place_of(keys->capacity, first, second)]);
}

int sdp_value_store_count_hash(struct sdp_value_store *keys, struct sdp_spill *spill,
			       uint64_t first, uint64_t second, uint32_t limit, struct sdp_err *err)
{
	keys->hashed = true;
	int fresh = count(keys, spill, first, second, 1, err);
	bool few = keys->counted == HASH_MIN && keys->used > HASH_MIN / 10 * 9;
	if (keys->used >= limit || few)
		keys->frozen = true;
	return fresh;
}

/* Counts values of a small span: first in an array, then in the dictionary.  Returns 0 or -1. */
static int count_narrow(struct sdp_value_store *keys, struct sdp_spill *spill,
			const int64_t *values, size_t n, int kind, int64_t low, uint64_t span,
			struct sdp_err *err)
{
	uint32_t places[NARROW] = {0};
	for (size_t i = 0; i < n; i++)
		places[(uint64_t)values[i] - (uint64_t)low]++;
	for (uint64_t i = 0; i <= span; i++)
		if (places[i] &&
		    count(keys, spill, (uint64_t)low + i, (uint64_t)kind, places[i], err) < 0)
			return -1;
	return 0;
}

/* Counts values until the dictionary is full.  Returns the number of values counted, or -1. */
static int64_t count_some(struct sdp_value_store *keys, struct sdp_spill *spill,
			  const int64_t *values, size_t n, int kind, struct sdp_err *err)
{
	size_t i = 0;
	for (; i < n && keys->used < NUMBER_LIMIT; i++)
		if (count(keys, spill, (uint64_t)values[i], (uint64_t)kind, 1, err) < 0)
			return -1;
	return (int64_t)i;
}

/* ---- runs ---- */

static int add_run(struct sdp_value_store *keys, struct sdp_spill *spill, const void *bytes,
		   struct sdp_key_run run, struct sdp_err *err)
{
	struct sdp_key_run *r = sdp_spill_take(spill, sizeof *r, err);
	if (!r || sdp_spill_keep(spill, bytes, run.count * run.width, &run.extent, err) < 0)
		return -1;
	run.next = keys->runs;
	*r = run;
	keys->runs = r;
	if (!keys->last_run)
		keys->last_run = r;
	keys->cost += run.count * (run.width < 8 ? 1 : 4);
	return 0;
}

static void narrow(void *to, const int64_t *values, size_t n, uint64_t base, int width)
{
	uint8_t *b = to;
	uint16_t *h = to;
	uint32_t *w = to;
	uint64_t *d = to;
	for (size_t i = 0; width == 1 && i < n; i++)
		b[i] = (uint8_t)((uint64_t)values[i] - base);
	for (size_t i = 0; width == 2 && i < n; i++)
		h[i] = (uint16_t)((uint64_t)values[i] - base);
	for (size_t i = 0; width == 4 && i < n; i++)
		w[i] = (uint32_t)((uint64_t)values[i] - base);
	for (size_t i = 0; width == 8 && i < n; i++)
		d[i] = (uint64_t)values[i] - base;
}

/*
 * Returns whether the entries of the dictionary have too few repetitions to be worth their memory.
 */
static bool has_few_repetitions(const struct sdp_value_store *keys)
{
	return keys->used >= NUMBER_MIN && keys->counted < 2 * (uint64_t)keys->used;
}

/* Counts values in the dictionary, from the first on.  Returns how many were counted, or -1. */
static int64_t add_counted(struct sdp_value_store *keys, struct sdp_spill *spill,
			   const int64_t *values, size_t n, int kind, int64_t low, uint64_t span,
			   struct sdp_err *err)
{
	keys->frozen = keys->frozen || has_few_repetitions(keys);
	if (keys->frozen)
		return 0;
	int64_t counted;
	if (span < NARROW && span <= 4 * (uint64_t)n)
		counted = count_narrow(keys, spill, values, n, kind, low, span, err) < 0
				  ? -1
				  : (int64_t)n;
	else
		counted = count_some(keys, spill, values, n, kind, err);
	keys->frozen = keys->used >= NUMBER_LIMIT;
	return counted;
}

int sdp_value_store_add(struct sdp_value_store *keys, struct sdp_spill *spill,
			const int64_t *values, size_t n, int kind, int64_t low, int64_t high,
			struct sdp_err *err)
{
	uint64_t span = (uint64_t)high - (uint64_t)low;
	int64_t counted = n ? add_counted(keys, spill, values, n, kind, low, span, err) : 0;
	if (counted < 0)
		return -1;
	values += counted;
	n -= (size_t)counted;
	if (n == 0)
		return 0;
	struct sdp_key_run run = {.count = n, .base = low, .span = span, .kind = (uint8_t)kind};
	run.width = span >> 8 == 0 ? 1 : span >> 16 == 0 ? 2 : span >> 32 == 0 ? 4 : 8;
	void *bytes = sdp_alloc(n, run.width, err);
	if (!bytes)
		return -1;
	narrow(bytes, values, n, (uint64_t)low, run.width);
	int rc = add_run(keys, spill, bytes, run, err);
	free(bytes);
	return rc;
}

int sdp_value_store_add_hashes(struct sdp_value_store *keys, struct sdp_spill *spill,
			       const uint64_t *hashes, size_t n, struct sdp_err *err)
{
	struct sdp_key_run run = {.count = n, .kind = SDP_KEY_HASH, .width = 16};
	return n ? add_run(keys, spill, hashes, run, err) : 0;
}

int sdp_value_store_merge(struct sdp_value_store *into, struct sdp_value_store *from,
			  struct sdp_spill *spill, struct sdp_err *err)
{
	if (from->runs) {
		from->last_run->next = into->runs;
		if (!into->runs)
			into->last_run = from->last_run;
		into->runs = from->runs;
		into->cost += from->cost;
	}
	into->frozen = into->frozen || from->frozen;
	into->hashed = into->hashed || from->hashed;
	if (into->used == 0) {
		into->table = from->table;
		into->capacity = from->capacity;
		into->used = from->used;
		into->counted = from->counted;
		return 0;
	}
	for (uint32_t i = 0; i < from->capacity; i++) {
		const struct sdp_key_entry *e = &from->table[i];
		if (e->count && count(into, spill, e->key, e->extra, e->count, err) < 0)
			return -1;
	}
	return 0;
}

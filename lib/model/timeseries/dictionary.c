/* A dictionary of byte strings as a hash table with linear probing. */
#include "model/timeseries/dictionary.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

static uint32_t *place(const struct sdp_dictionary *g, const char *key, size_t length,
		       uint64_t hash)
{
	uint32_t mask = 2 * g->capacity - 1;
	for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
		const struct sdp_dictionary_entry *have =
			g->table[i] ? &g->list[g->table[i] - 1] : NULL;
		if (!have || (have->hash == hash && have->length == length &&
			      memcmp(have->key, key, length) == 0))
			return &g->table[i];
	}
}

static int grow(struct sdp_dictionary *g, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_dictionary larger = {.capacity = g->capacity ? 2 * g->capacity : 16,
					.count = g->count};
	if (larger.capacity > UINT32_MAX / 4)
		return sdp_fail_memory(err);
	larger.list = sdp_spill_take(spill, larger.capacity * sizeof *larger.list, err);
	larger.table = sdp_spill_take(spill, 2 * larger.capacity * sizeof *larger.table, err);
	if (!larger.list || !larger.table)
		return -1;
	for (uint32_t i = 0; i < g->count; i++) {
		const struct sdp_dictionary_entry *old = &g->list[i];
		larger.list[i] = *old;
		*place(&larger, old->key, old->length, old->hash) = i + 1;
	}
	*g = larger;
	return 0;
}

int sdp_dictionary_add(struct sdp_dictionary *g, struct sdp_spill *spill, const char *key,
		       size_t length, uint32_t *number, struct sdp_err *err)
{
	uint64_t hash = XXH3_64bits(key, length);
	if (g->count == g->capacity && grow(g, spill, err) < 0)
		return -1;
	uint32_t *at = place(g, key, length, hash);
	if (*at) {
		*number = *at - 1;
		return 0;
	}
	char *copy = sdp_spill_take(spill, length + 1, err);
	if (!copy)
		return -1;
	memcpy(copy, key, length);
	g->list[g->count] = (struct sdp_dictionary_entry){copy, hash, length};
	*number = g->count++;
	*at = g->count;
	return 1;
}

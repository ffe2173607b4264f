/*
 * Counting different 128-bit keys: in parts by their upper bits, as many as memory asks for; each
 * part is scattered to buckets that fit the cache, and a bucket is counted with a small hash table.
 */
#include "model/stats/value_view.h"

#include "sdp/mem.h"

#include <string.h>

enum { BUCKET_BITS = 10, BUCKETS = 1 << BUCKET_BITS };

struct part {
	uint64_t number; /* of the part: the upper bits of the first word */
	int bits;        /* how many bits name a part */
	uint64_t counts[BUCKETS + 1];
	uint64_t (*pairs)[2]; /* NULL while counting */
	/* seen in each bucket: repeated at once, it is not taken again */
	uint64_t last[BUCKETS][2];
};

static bool in_part(const struct part *p, uint64_t word)
{
	return p->bits == 0 || word >> (64 - p->bits) == p->number;
}

static size_t bucket_of(const struct part *p, uint64_t word)
{
	return (size_t)(word << p->bits >> (64 - BUCKET_BITS));
}

/* For a new walk over the keys: pairs that are in another bucket. */
static void forget_last(struct part *p)
{
	memset(p->last, 0, sizeof p->last);
	p->last[0][0] = UINT64_MAX;
}

/* Of a value that fills a column few copies are left by this, whatever stands between them. */
static bool is_repeated(struct part *p, size_t bucket, const uint64_t *pair)
{
	uint64_t *last = p->last[bucket];
	bool same = last[0] == pair[0] && last[1] == pair[1];
	last[0] = pair[0];
	last[1] = pair[1];
	return same;
}

/* Counts the pairs of each bucket, or puts them there. */
static void see(void *context, const uint64_t *pairs, size_t n, uint64_t weight)
{
	struct part *p = context;
	(void)weight;
	for (size_t i = 0; i < n; i++) {
		const uint64_t *pair = &pairs[2 * i];
		size_t bucket = bucket_of(p, pair[0]);
		if (!in_part(p, pair[0]) || is_repeated(p, bucket, pair))
			continue;
		if (p->pairs)
			memcpy(p->pairs[p->counts[bucket]++], pair, sizeof *p->pairs);
		else
			p->counts[bucket + 1]++;
	}
}

/* table has capacity zeroed places, a power of two over n; it is left zeroed. */
static uint64_t different(uint64_t (*pairs)[2], uint32_t n, uint32_t *table, uint32_t capacity)
{
	uint64_t unique = 0;
	for (uint32_t k = 0; k < n; k++) {
		/* The first word: a decimal's second is the same for all of a magnitude. */
		uint32_t i = (uint32_t)pairs[k][0] & (capacity - 1);
		while (table[i] && memcmp(pairs[table[i] - 1], pairs[k], sizeof *pairs) != 0)
			i = (i + 1) & (capacity - 1);
		if (!table[i]) {
			table[i] = k + 1;
			unique++;
		}
	}
	memset(table, 0, capacity * sizeof *table);
	return unique;
}

static int count_part(const struct sdp_value_store *keys, const struct sdp_spill *spill,
		      bool decimals, struct part *p, uint64_t *unique, struct sdp_err *err)
{
	memset(p->counts, 0, sizeof p->counts);
	forget_last(p);
	if (sdp_value_view_pairs(keys, spill, decimals, see, p, err) < 0)
		return -1;
	uint64_t largest = 0;
	for (size_t b = 1; b <= BUCKETS; b++)
		largest = p->counts[b] > largest ? p->counts[b] : largest;
	for (size_t b = 1; b <= BUCKETS; b++)
		p->counts[b] += p->counts[b - 1];
	uint32_t capacity = 16;
	while (capacity < largest * 2)
		capacity *= 2;
	p->pairs = sdp_alloc((size_t)p->counts[BUCKETS], sizeof *p->pairs, err);
	uint32_t *table = sdp_alloc(capacity, sizeof *table, err);
	forget_last(p);
	int rc = p->pairs && table ? sdp_value_view_pairs(keys, spill, decimals, see, p, err) : -1;
	/* Scattering moved each bucket's start to its end, which is the next one's start. */
	for (size_t b = 0; rc == 0 && b < BUCKETS; b++) {
		uint64_t start = b ? p->counts[b - 1] : 0;
		*unique += different(p->pairs + start, (uint32_t)(p->counts[b] - start), table,
				     capacity);
	}
	free(p->pairs);
	p->pairs = NULL;
	free(table);
	return rc;
}

int sdp_distinct_pairs(const struct sdp_value_store *keys, const struct sdp_spill *spill,
		       bool decimals, uint64_t memory, uint64_t *unique, struct sdp_err *err)
{
	struct sdp_value_view_content c;
	sdp_value_view_look(keys, &c);
	uint64_t n = decimals ? c.decimals : c.hashes;
	if (!keys->runs && !decimals) {
		/* The dictionary alone: hashes there are different by themselves. */
		*unique += keys->used;
		return 0;
	}
	struct part *p = sdp_alloc(1, sizeof *p, err);
	if (!p)
		return -1;
	while ((n >> p->bits) * sizeof *p->pairs > memory / 2 && p->bits < 40)
		p->bits++;
	int rc = 0;
	for (p->number = 0; rc == 0 && p->number < UINT64_C(1) << p->bits; p->number++)
		rc = count_part(keys, spill, decimals, p, unique, err);
	free(p);
	return rc;
}

/*
 * Counts different 128-bit keys.  The keys are processed in parts, by their upper bits, as many
 * parts as the memory limit requires.  A part is scattered to buckets that fit into the cache, and
 * the keys of a bucket are counted with a small hash table.
 */
#include "model/stats/value_view.h"

#include "sdp/mem.h"

#include <string.h>

enum { BUCKET_BITS = 10, BUCKETS = 1 << BUCKET_BITS };

struct part {
	uint64_t number; /* the upper bits of the first word of all keys of the part */
	int bits;        /* the number of these upper bits */
	uint64_t counts[BUCKETS + 1];
	uint64_t (*pairs)[2]; /* NULL while the keys of the buckets are counted */
	/* the last key seen in each bucket: a key that repeats it is skipped */
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

/* Resets the last keys before a new pass: to keys that belong to another bucket. */
static void reset_last(struct part *p)
{
	memset(p->last, 0, sizeof p->last);
	p->last[0][0] = UINT64_MAX;
}

/*
 * Returns whether the key repeats the last one of its bucket.  Of a very frequent value this leaves
 * few copies, whatever values of other buckets come between them.
 */
static bool is_repeated(struct part *p, size_t bucket, const uint64_t *pair)
{
	uint64_t *last = p->last[bucket];
	bool same = last[0] == pair[0] && last[1] == pair[1];
	last[0] = pair[0];
	last[1] = pair[1];
	return same;
}

/* Counts the keys of each bucket, or once p->pairs is set, copies them to their buckets. */
static void count_or_copy_pairs(void *context, const uint64_t *pairs, size_t n, uint64_t weight)
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

/*
 * Returns the number of different pairs.  table has capacity zeroed entries, a power of two greater
 * than n, and is zeroed again at the end.
 */
static uint64_t count_distinct(uint64_t (*pairs)[2], uint32_t n, uint32_t *table, uint32_t capacity)
{
	uint64_t unique = 0;
	for (uint32_t k = 0; k < n; k++) {
		/*
		 * The first word is used, as decimals of one magnitude have the same second word.
		 */
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
	reset_last(p);
	if (sdp_value_view_pairs(keys, spill, decimals, count_or_copy_pairs, p, err) < 0)
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
	reset_last(p);
	int rc = p->pairs && table
			 ? sdp_value_view_pairs(keys, spill, decimals, count_or_copy_pairs, p, err)
			 : -1;
	/*
	 * Scattering has moved each bucket's start to its end, which is the start of the next
	 * bucket.
	 */
	for (size_t b = 0; rc == 0 && b < BUCKETS; b++) {
		uint64_t start = b ? p->counts[b - 1] : 0;
		*unique += count_distinct(p->pairs + start, (uint32_t)(p->counts[b] - start), table,
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
	sdp_value_view_describe(keys, &c);
	uint64_t n = decimals ? c.decimals : c.hashes;
	if (!keys->runs && !decimals) {
		/* All hashes are in the dictionary, where each occurs once. */
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

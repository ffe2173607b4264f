/*
 * Compares the mining of frequent itemsets with a trial of all itemsets, the bitset kernels with
 * one another, and the counts of itemsets with the itemsets listed.
 */
#include "base/rng.h"
#include "model/itemsets/frequent.h"

#include "model/itemsets/bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { ITEMS = 12, BASKETS = 3000, SETS = 1 << ITEMS };

static struct sdp_err err;
static const char *const kernels[] = {"c", "avx2", "avx512"};

/* ---- bits ---- */

static uint64_t word(uint64_t seed, uint64_t i)
{
	uint64_t w = sdp_rng(5, seed, i);
	return seed % 3 == 0   ? w
	       : seed % 3 == 1 ? w & sdp_rng(6, seed, i)
			       : w | sdp_rng(6, seed, i);
}

static void test_meet(void **state)
{
	enum { COUNT = 9, WORDS = 40 };
	uint64_t one[WORDS], sets[COUNT * WORDS], out[COUNT * WORDS];
	(void)state;
	for (uint64_t seed = 0; seed < 3 * WORDS; seed++) {
		size_t words = 1 + seed / 3;
		for (size_t i = 0; i < words; i++)
			one[i] = word(seed, i);
		for (size_t i = 0; i < COUNT * words; i++)
			sets[i] = word(seed + 1, 1000 + i);
		for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
			const struct sdp_bits_kernel *kernel = sdp_bits_kernel(kernels[k]);
			uint32_t support[COUNT], which[COUNT], min = (uint32_t)(8 * words);
			if (!kernel)
				continue;
			size_t n = kernel->intersect(one, sets, COUNT, words, min, out, support,
						     which),
			       at = 0;
			for (uint32_t i = 0; i < COUNT; i++) {
				uint32_t rows = 0;
				for (size_t w = 0; w < words; w++)
					rows += (uint32_t)__builtin_popcountll(one[w] &
									       sets[i * words + w]);
				if (rows < min)
					continue;
				assert_true(at < n);
				assert_int_equal(which[at], i);
				assert_int_equal(support[at], rows);
				for (size_t w = 0; w < words; w++)
					assert_true(out[at * words + w] ==
						    (one[w] & sets[i * words + w]));
				at++;
			}
			assert_int_equal(at, n);
		}
	}
}

static void test_gather(void **state)
{
	enum { COUNT = 4, WORDS = 20 };
	uint64_t mask[WORDS], sets[COUNT * WORDS], from[COUNT * WORDS];
	(void)state;
	for (uint64_t seed = 0; seed < 3 * WORDS; seed++) {
		size_t words = 1 + seed / 3;
		for (size_t i = 0; i < words; i++)
			mask[i] = seed % 7 == 0 && i % 2   ? UINT64_MAX
				  : seed % 7 == 1 && i % 2 ? 0
							   : word(seed, i);
		for (size_t i = 0; i < COUNT * words; i++)
			from[i] = word(seed + 1, 1000 + i);
		for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
			const struct sdp_bits_kernel *kernel = sdp_bits_kernel(kernels[k]);
			if (!kernel)
				continue;
			memcpy(sets, from, COUNT * words * sizeof *sets);
			size_t narrow = kernel->gather(mask, sets, COUNT, words);
			for (size_t i = 0; i < COUNT; i++) {
				size_t row = 0;
				for (size_t bit = 0; bit < 64 * words; bit++)
					if (mask[bit / 64] >> bit % 64 & 1) {
						uint64_t wanted =
							from[i * words + bit / 64] >> bit % 64 & 1;
						assert_true(
							(sets[i * narrow + row / 64] >> row % 64 &
							 1) == wanted);
						row++;
					}
				assert_int_equal(narrow, (row + 63) / 64);
				for (; row < 64 * narrow; row++)
					assert_true((sets[i * narrow + row / 64] >> row % 64 & 1) ==
						    0);
			}
		}
	}
}

/* ---- mining ---- */

struct baskets {
	size_t count;
	uint32_t sets[BASKETS]; /* bit i: rank i */
	uint32_t support[SETS]; /* of every set of items */
};

/* Sets of random density, some items in all of them; ranks as supports have them is not needed. */
static struct baskets *make_baskets(uint64_t seed)
{
	struct baskets *b = calloc(1, sizeof *b);
	uint64_t shape = sdp_rng(7, seed, 0);
	assert_non_null(b);
	b->count = 1 + shape % (seed % 4 == 0 ? BASKETS : seed % 4 == 1 ? 70 : 400);
	for (size_t i = 0; i < b->count; i++) {
		uint64_t r = sdp_rng(7, seed, 1 + i);
		b->sets[i] = (uint32_t)(r & (seed % 3 ? r >> 20 : UINT64_MAX) & (SETS - 1));
		b->sets[i] |= (uint32_t)(shape >> 32 & shape >> 44 & (SETS - 1));
		if (seed % 5 == 0)
			b->sets[i] |= 7;
		for (uint32_t set = 1; set < SETS; set++)
			b->support[set] += (b->sets[i] & set) == set;
	}
	return b;
}

struct found {
	const struct baskets *baskets;
	uint32_t path[ITEMS], last;
	size_t last_length;
	unsigned char seen[SETS];
	uint64_t lengths[ITEMS + 1];
};

/* Sets in order, rarest item first, as numbers with the rarest item's digit first. */
static int note(void *context, size_t length, uint32_t rank, uint32_t count, struct sdp_err *e)
{
	struct found *f = context;
	uint32_t set = 0;
	(void)e;
	assert_true(length >= 1 && length <= f->last_length + 1);
	f->path[length - 1] = rank;
	for (size_t i = 0; i < length; i++) {
		assert_true(i == 0 || f->path[i] < f->path[i - 1]);
		set |= 1u << f->path[i];
	}
	assert_true(!f->seen[set]);
	/* Of sets of bits that is the order of numbers. */
	assert_true(set > f->last);
	assert_int_equal(count, f->baskets->support[set]);
	f->seen[set] = 1;
	f->last = set;
	f->last_length = length;
	f->lengths[length]++;
	return 0;
}

/*
 * Mines all groups, cut at random ranks; items that are not frequent have no rank, so are left out.
 */
static void mine(const struct baskets *b, struct sdp_miner_options *options, uint64_t seed)
{
	struct sdp_miner *m = sdp_miner_new(options, &err);
	assert_non_null(m);
	for (uint32_t first = 0, end; first < ITEMS; first = end) {
		uint32_t support[ITEMS];
		end = first + 1;
		if (b->support[1u << first] < options->min_count)
			continue;
		while (end < ITEMS && sdp_rng(8, seed, end) % 4 &&
		       b->support[1u << end] >= options->min_count)
			end++;
		for (uint32_t i = first; i < end; i++)
			support[i - first] = b->support[1u << i];
		uint64_t cells = b->count * (ITEMS + 1);
		void *memory = malloc(sdp_group_size(first, end, cells, support));
		struct sdp_basket_group group;
		sdp_group_init(&group, memory, first, end, cells, support);
		for (size_t i = 0; i < b->count; i++) {
			uint32_t ranks[ITEMS];
			size_t n = 0;
			for (uint32_t r = end; r-- > 0;)
				if (b->sets[i] >> r & 1 &&
				    b->support[1u << r] >= options->min_count)
					ranks[n++] = r;
			if (n && ranks[0] >= first)
				sdp_group_add(&group, ranks, n);
		}
		uint32_t half = first + (end - first) / 2;
		assert_int_equal(sdp_miner_run(m, &group, first, half, &err), 0);
		assert_int_equal(sdp_miner_run(m, &group, half, end, &err), 0);
		free(memory);
	}
	sdp_miner_free(m);
}

static void test_mining(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct baskets *b = make_baskets(seed);
		struct found *f = calloc(1, sizeof *f);
		uint64_t counts[(SDP_ITEMSET_COUNTS_EXTRAS + 1) * (ITEMS + 1)] = {0},
									   lengths[ITEMS + 1];
		struct sdp_itemset_counts spectrum = {ITEMS, counts};
		uint32_t min = 1 + (uint32_t)(sdp_rng(9, seed, 0) % (b->count / 3 + 1));
		size_t most = seed % 6 ? ITEMS : 1 + seed % ITEMS;
		struct sdp_miner_options list = {.min_count = min,
						 .max_length = most,
						 .found = note,
						 .context = f,
						 .kernel = seed % 2 ? "c" : NULL};
		struct sdp_miner_options count = {.min_count = min,
						  .max_length = most,
						  .spectrum = &spectrum};
		f->baskets = b;
		assert_int_equal(sizeof counts, sdp_itemset_counts_size(ITEMS));
		mine(b, &list, seed);
		for (uint32_t set = 1; set < SETS; set++)
			assert_int_equal(f->seen[set],
					 b->support[set] >= min &&
						 (size_t)__builtin_popcount(set) <= most);
		mine(b, &count, seed + 1);
		assert_true(sdp_itemset_counts_finish(&spectrum, most, lengths));
		for (size_t i = 1; i <= ITEMS; i++)
			assert_int_equal(lengths[i], f->lengths[i]);
		free(b);
		free(f);
	}
}

/* ---- few of many items in each basket, where lists are faster than bits ---- */

enum { RING = 400 };

struct ring_sums {
	uint64_t sets[5], count[5]; /* by length */
};

static int add_up(void *context, size_t length, uint32_t rank, uint32_t count, struct sdp_err *e)
{
	struct ring_sums *sums = context;
	(void)rank, (void)e;
	sums->sets[length]++;
	sums->count[length] += count;
	return 0;
}

/* Mines baskets of the item RING and of three neighbours of a ring of the others. */
static struct ring_sums mine_ring(uint32_t min_count, size_t max_length)
{
	struct ring_sums sums = {0};
	struct sdp_miner_options options = {.min_count = min_count,
					    .max_length = max_length,
					    .found = add_up,
					    .context = &sums};
	struct sdp_miner *m = sdp_miner_new(&options, &err);
	uint32_t support[] = {RING};
	void *memory = malloc(sdp_group_size(RING, RING + 1, 5 * RING, support));
	struct sdp_basket_group group;
	sdp_group_init(&group, memory, RING, RING + 1, 5 * RING, support);
	for (uint32_t i = 0; i < RING; i++) {
		uint32_t ranks[4] = {RING}, n = 1;
		for (uint32_t r = RING; r-- > 0;)
			if ((r + RING - i) % RING < 3)
				ranks[n++] = r;
		sdp_group_add(&group, ranks, n);
	}
	assert_int_equal(sdp_miner_run(m, &group, RING, RING + 1, &err), 0);
	free(memory);
	sdp_miner_free(m);
	return sums;
}

static void test_sparse(void **state)
{
	(void)state;
	struct ring_sums all = mine_ring(1, 4), twice = mine_ring(2, 4), pairs = mine_ring(1, 2);
	assert_int_equal(all.sets[1], 1);
	assert_int_equal(all.count[1], RING);
	assert_int_equal(all.sets[2], RING);
	assert_int_equal(all.count[2], 3 * RING);
	assert_int_equal(all.sets[3], 2 * RING); /* next to one another, and with one between */
	assert_int_equal(all.count[3], 3 * RING);
	assert_int_equal(all.sets[4], RING);
	assert_int_equal(all.count[4], RING);
	assert_int_equal(twice.sets[2], RING);
	assert_int_equal(twice.sets[3], RING);
	assert_int_equal(twice.count[3], 2 * RING);
	assert_int_equal(twice.sets[4], 0);
	assert_int_equal(pairs.sets[2], RING);
	assert_int_equal(pairs.sets[3], 0);
}

static int stop(void *context, size_t length, uint32_t rank, uint32_t count, struct sdp_err *e)
{
	(void)length, (void)rank, (void)count;
	return --*(int *)context ? 0 : sdp_fail(e, SDP_DATA, "enough");
}

/* A failure of found ends it at once. */
static void test_failure(void **state)
{
	uint32_t basket[] = {3, 2, 1, 0}, support[] = {1, 1, 1, 1};
	(void)state;
	for (int after = 1; after <= 15; after++) {
		int left = after;
		struct sdp_miner_options options = {.min_count = 1,
						    .max_length = 4,
						    .found = stop,
						    .context = &left};
		struct sdp_miner *m = sdp_miner_new(&options, &err);
		struct sdp_basket_group group;
		uint32_t memory[5 + 4 + 2 * 4];
		assert_int_equal(sdp_group_size(0, 4, 5, support), sizeof memory);
		sdp_group_init(&group, memory, 0, 4, 5, support);
		sdp_group_add(&group, basket, 4);
		assert_int_equal(sdp_miner_run(m, &group, 0, 4, &err), -1);
		assert_int_equal(left, 0);
		sdp_miner_free(m);
	}
}

static void test_spectrum(void **state)
{
	enum { LONGEST = 80 };
	static uint64_t counts[(SDP_ITEMSET_COUNTS_EXTRAS + 1) * (LONGEST + 1)], out[LONGEST + 1];
	struct sdp_itemset_counts s = {LONGEST, counts};
	(void)state;
	counts[10 * (LONGEST + 1) + 3] = 2; /* two sets of 3 with 10 extras */
	counts[4] = 5;
	assert_true(sdp_itemset_counts_finish(&s, LONGEST, out));
	assert_int_equal(out[3], 2);
	assert_int_equal(out[4], 2 * 10 + 5);
	assert_int_equal(out[8], 2 * 252);
	assert_int_equal(out[13], 2);
	assert_int_equal(out[14], 0);
	assert_true(sdp_itemset_counts_finish(&s, 4, out));
	assert_int_equal(out[4], 25);
	assert_int_equal(out[5], 0);
	/*
	 * C(63, 31) = 916312070471295267 fits, 2^63 − 1 sets of all lengths do; twice as many do
	 * not.
	 */
	memset(counts, 0, sizeof counts);
	counts[63 * (LONGEST + 1) + 1] = 1;
	assert_true(sdp_itemset_counts_finish(&s, LONGEST, out));
	assert_true(out[32] == UINT64_C(916312070471295267));
	counts[63 * (LONGEST + 1) + 1] = 2;
	assert_false(sdp_itemset_counts_finish(&s, LONGEST, out));
	assert_true(sdp_itemset_counts_finish(&s, 20, out));
}

static void test_exceeds(void **state)
{
	const uint64_t most = UINT64_C(1) << 40;
	(void)state;
	assert_false(sdp_itemset_counts_exceeds(0, 10, 0));
	assert_true(sdp_itemset_counts_exceeds(1, 10, 0));
	assert_false(sdp_itemset_counts_exceeds(40, 40, most)); /* 2^40 - 1 */
	assert_true(sdp_itemset_counts_exceeds(41, 41, most));
	assert_false(sdp_itemset_counts_exceeds(41, 20,
						most - 1)); /* half of 2^41, less the empty set */
	assert_true(sdp_itemset_counts_exceeds(41, 21, most));
	assert_false(sdp_itemset_counts_exceeds(UINT32_MAX, 1, most));
	assert_true(sdp_itemset_counts_exceeds(UINT32_MAX, UINT32_MAX, most));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meet),    cmocka_unit_test(test_gather),
		cmocka_unit_test(test_mining),  cmocka_unit_test(test_sparse),
		cmocka_unit_test(test_failure), cmocka_unit_test(test_spectrum),
		cmocka_unit_test(test_exceeds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

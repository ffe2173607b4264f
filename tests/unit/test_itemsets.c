/*
 * Tests baskets and itemsets that are kept in memory or in a file: they are read back unchanged,
 * pieces of baskets are joined, itemsets are found again, and rules and predictions equal those of
 * an exhaustive search.
 */
#include "base/rng.h"
#include "model/itemsets/itemsets.h"
#include "model/itemsets/recommend.h"
#include "table/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sdp_err err;
static struct sdp_spill store;

/* All in memory, or all in the file. */
static void open_store(bool file)
{
	int spill = sdp_spool_new(&err);
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	assert_true(spill >= 0 && arena);
	assert_int_equal(sdp_spill_init(&store, arena, spill, "there", file ? 0 : UINT64_MAX, &err),
			 0);
}

static void close_store(void)
{
	close(store.file);
	sdp_shared_arena_free(store.arena);
}

/* ---- baskets ---- */

enum { BASKETS = 500, NAMES = 40 };

/* Has the basket the item? */
static bool has(size_t basket, size_t item)
{
	return basket % 17 && sdp_rng(3, basket, item) % (item + 2) < 2;
}

static const char *name(char text[32], size_t item)
{
	snprintf(text, 32, item % 3 ? "item %zu" : "%zu", item);
	return text;
}

struct seen {
	size_t baskets, cells;
	uint64_t counts[NAMES];
};

static void see(void *context, const uint32_t *ranks, size_t count)
{
	struct seen *s = context;
	s->baskets++;
	for (size_t i = 0; i < count; i++) {
		assert_true(ranks[i] < NAMES && (i == 0 || ranks[i] < ranks[i - 1]));
		s->counts[ranks[i]]++;
		s->cells++;
	}
}

/* Baskets in two parts, whole or (pieces) an item at a time in any order, each item twice. */
static void write_parts(struct sdp_basket_part parts[2], bool pieces, uint64_t room)
{
	struct sdp_basket_writer w[2] = {{.part = &parts[0], .spill = &store, .room = room},
					 {.part = &parts[1], .spill = &store}};
	struct sdp_basket_place nowhere = {0};
	char text[32];
	for (size_t k = 0; k < BASKETS * NAMES * 2; k++) {
		/*
		 * 7919 is a prime that divides neither: each pair comes, far from its neighbours.
		 */
		size_t i = pieces ? k * 7919 % (BASKETS * NAMES * 2) : k;
		size_t basket = i / (NAMES * 2), item = i % NAMES,
		       part = pieces ? k % 2 : basket % 2;
		if (has(basket, item)) {
			name(text, item);
			assert_int_equal(sdp_basket_item(&w[part], text, strlen(text), &err), 0);
		}
		if (pieces) {
			struct sdp_text_key key =
				sdp_text_key_of((const char *)&basket, sizeof basket);
			assert_int_equal(sdp_basket_piece(&w[part], key, &nowhere, &err), 0);
		} else if (i % (NAMES * 2) == NAMES * 2 - 1) {
			assert_int_equal(sdp_basket_end(&w[part], &nowhere, &err), 0);
		}
	}
	for (int part = 0; part < 2; part++) {
		assert_int_equal(sdp_basket_flush(&w[part], &err), 0);
		sdp_basket_writer_release(&w[part]);
	}
}

/* With only some ranks asked for: those from first on are as before, all are below end. */
static void check_parts(const struct sdp_kept_list *recoded, uint32_t count, const uint64_t *counts)
{
	for (uint32_t first = 0; first < count; first += 3)
		for (uint32_t end = first + 1; end <= count; end += 5) {
			struct seen seen = {0};
			for (const struct sdp_kept *k = recoded->first; k; k = k->next)
				assert_int_equal(sdp_baskets_each(&k->extent, &store, first, end,
								  see, &seen, &err),
						 0);
			for (uint32_t rank = 0; rank < NAMES; rank++)
				assert_true(rank >= end     ? seen.counts[rank] == 0
					    : rank >= first ? seen.counts[rank] == counts[rank]
							    : seen.counts[rank] <= counts[rank]);
		}
}

/* Returns the number of an item, or -1 if it is not in the dictionary. */
static int64_t number_of(const struct sdp_map *items, const char *text)
{
	for (uint32_t i = 0; i < items->count; i++)
		if (strcmp(items->entries[i].key, text) == 0)
			return i;
	return -1;
}

static void check_ranks(const struct sdp_map *all, const struct sdp_map *by_key,
			const struct sdp_basket_part *parts, uint64_t least, uint64_t min)
{
	uint32_t *ranked, count, *ranks = malloc((all->count + 1) * sizeof *ranks);
	struct sdp_rank_finding finding = {ranks, by_key};
	uint64_t before[NAMES] = {0};
	struct sdp_kept_list recoded = {0};
	struct sdp_rank_sums sums = {.before = before};
	struct seen seen = {0};
	char text[32];
	assert_int_equal(sdp_items_rank(all, min, &ranked, &count, &store, &err), 0);
	memset(ranks, 0xff, (all->count + 1) * sizeof *ranks);
	for (uint32_t rank = 0; rank < count; rank++) {
		const struct sdp_map_entry *item = &all->entries[ranked[rank]],
					   *last = rank ? &all->entries[ranked[rank - 1]] : item;
		assert_true(item->value >= min && item->value <= last->value);
		assert_true(rank == 0 || item->value < last->value ||
			    strcmp(last->key, item->key) < 0);
		ranks[ranked[rank]] = rank;
	}
	for (const struct sdp_basket_part *p = parts; p; p = p->next)
		for (const struct sdp_kept *k = p->kept.first; k; k = k->next)
			assert_int_equal(sdp_baskets_recode(&k->extent, p, &finding, &recoded,
							    &sums, &store, &err),
					 0);
	for (const struct sdp_kept *k = recoded.first; k; k = k->next)
		assert_int_equal(sdp_baskets_each(&k->extent, &store, 0, NAMES, see, &seen, &err),
				 0);
	check_parts(&recoded, count, seen.counts);
	assert_int_equal(seen.baskets, sums.baskets);
	assert_int_equal(seen.cells, sums.cells);
	for (size_t item = 0; item < NAMES; item++) {
		uint64_t n = 0;
		for (size_t basket = 0; basket < BASKETS; basket++)
			n += has(basket, item);
		name(text, item);
		int64_t number = number_of(all, text);
		assert_true(n == 0 || n < least ? number < 0 : number >= 0);
		assert_true(number < 0 || all->entries[number].value == n);
		assert_true(n < min || (ranks[number] < count && seen.counts[ranks[number]] == n));
	}
	free(ranks);
}

static void check_baskets(bool pieces)
{
	struct sdp_basket_part parts[2] = {{.next = &parts[1], .stamp = 1}, {.stamp = 1}},
			       grouped = {.stamp = 1};
	struct sdp_basket_grouping grouping = {.parts = parts, .memory = 2000};
	struct sdp_map all = {0};
	uint64_t counts[NAMES] = {0};
	write_parts(parts, pieces, 0);
	assert_false(sdp_baskets_closed(parts));
	assert_int_equal(sdp_baskets_number(parts, &all, &store, &err), 0);
	for (size_t bucket = 0; pieces && bucket < SDP_BUCKETS; bucket++)
		assert_int_equal(sdp_baskets_group(&grouping, bucket, &grouped, counts, &store,
						   &err),
				 0);
	for (uint32_t i = 0; pieces && i < all.count; i++)
		all.entries[i].value = counts[i];
	assert_int_equal(pieces ? grouped.baskets : parts[0].baskets + parts[1].baskets, BASKETS);
	assert_true((pieces ? grouped.empty : parts[0].empty + parts[1].empty) >= BASKETS / 17);
	check_ranks(&all, NULL, pieces ? &grouped : parts, 1, 1);
	check_ranks(&all, NULL, pieces ? &grouped : parts, 1, 40);
}

/* A dictionary is closed, early or late, and the items are counted in turns or at once. */
static void check_closed(bool pieces, uint64_t room, uint64_t memory, uint64_t min)
{
	struct sdp_basket_part parts[2] = {{.next = &parts[1], .stamp = 1}, {.stamp = 1}},
			       grouped = {.stamp = 1}, *baskets = pieces ? &grouped : parts;
	struct sdp_basket_grouping grouping = {.parts = parts, .memory = memory, .keyed = true};
	struct sdp_item_counting counting = {parts, baskets, min, memory};
	struct sdp_map frequent = {0}, by_key = {0};
	uint64_t different = 0, present = 0;
	write_parts(parts, pieces, room);
	assert_true(parts[0].closed && parts[0].items.count < NAMES);
	assert_int_equal(sdp_baskets_key(parts, &store, &err), 0);
	for (size_t bucket = 0; pieces && bucket < SDP_BUCKETS; bucket++)
		assert_int_equal(sdp_baskets_group(&grouping, bucket, &grouped, NULL, &store, &err),
				 0);
	for (size_t bucket = 0; bucket < SDP_BUCKETS; bucket++)
		assert_int_equal(sdp_items_count(&counting, bucket, &frequent, &different, &store,
						 &err),
				 0);
	for (size_t item = 0; item < NAMES; item++) {
		size_t basket = 0;
		while (basket < BASKETS && !has(basket, item))
			basket++;
		present += basket < BASKETS;
	}
	assert_int_equal(different, present);
	assert_int_equal(sdp_items_map(&frequent, &by_key, baskets, &store, &err), 0);
	assert_int_equal(pieces ? grouped.baskets : parts[0].baskets + parts[1].baskets, BASKETS);
	assert_true((pieces ? grouped.empty : parts[0].empty + parts[1].empty) >= BASKETS / 17);
	check_ranks(&frequent, &by_key, baskets, min, min);
	check_ranks(&frequent, &by_key, baskets, min, min + 40);
}

static void test_baskets(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		open_store(i % 2);
		check_baskets(i / 2);
		close_store();
	}
}

static void test_closed_dictionaries(void **state)
{
	(void)state;
	for (int i = 0; i < 32; i++) {
		open_store(i % 2);
		check_closed(i / 2 % 2, i / 4 % 2 ? 1 : 2000, i / 8 % 2 ? 1 << 20 : 500,
			     i / 16 % 2 ? 40 : 1);
		close_store();
	}
}

static int add_records(void *context, const unsigned char *records, size_t length,
		       struct sdp_err *error)
{
	return sdp_buf_add(context, records, length, error);
}

/* Records come back from their buckets, in order, whichever extents they are in. */
static void test_buckets(void **state)
{
	(void)state;
	enum { RECORDS = 100000 };
	for (int file = 0; file < 2; file++) {
		struct sdp_bucket_list list = {.weights = {0}};
		struct sdp_bucket_writer *writer = NULL;
		struct sdp_buf got = {0};
		open_store(file);
		assert_int_equal(sdp_bucket_flush(writer, &list, &store, &err), 0);
		for (uint64_t i = 0; i < RECORDS; i++) {
			struct sdp_buf *b =
				sdp_bucket_open(&writer, i * i, i % 3, &list, &store, &err);
			assert_non_null(b);
			assert_int_equal(sdp_buf_add(b, &i, sizeof i, &err), 0);
		}
		assert_true(list.kept.count > 1);
		assert_int_equal(sdp_bucket_flush(writer, &list, &store, &err), 0);
		for (uint64_t bucket = 0; bucket < SDP_BUCKETS; bucket++) {
			uint64_t weight = 0, at = 0, number;
			got.length = 0;
			assert_int_equal(sdp_bucket_each(&list, bucket, &store, add_records, &got,
							 &err),
					 0);
			for (uint64_t i = 0; i < RECORDS; i++) {
				if (i * i % SDP_BUCKETS != bucket)
					continue;
				assert_true(at < got.length);
				memcpy(&number, got.data + at, sizeof number);
				assert_int_equal(number, i);
				weight += i % 3;
				at += sizeof number;
			}
			assert_int_equal(at, got.length);
			assert_int_equal(weight, list.weights[bucket]);
		}
		sdp_bucket_writer_free(writer);
		sdp_buf_release(&got);
		close_store();
	}
}

/* ---- itemsets and rules ---- */

enum { RANKS = 9, SETS = 1 << RANKS };

/* Counts that fall with every further item, as those of baskets do. */
static uint32_t support_of(uint32_t set)
{
	uint32_t support = 1000;
	for (uint32_t i = 0; i < RANKS; i++)
		if (set >> i & 1)
			support = support * (10 - i % 4) / 11;
	return support;
}

static uint32_t bits_of(const uint32_t *ranks, size_t length)
{
	uint32_t set = 0;
	for (size_t i = 0; i < length; i++) {
		assert_true(i == 0 || ranks[i] > ranks[i - 1]);
		set |= 1u << ranks[i];
	}
	return set;
}

/* All sets of RANKS items, in order: those of a rank, rarest item first. */
static void write_sets(struct sdp_kept_list *lists, struct sdp_itemset_counts *spectrum)
{
	struct sdp_itemset_writer w = {.spill = &store, .lists = lists, .spectrum = spectrum};
	for (uint32_t set = 1; set < SETS; set++) {
		uint32_t commonest = (uint32_t)__builtin_ctz(set);
		assert_int_equal(sdp_itemset_found(&w, (size_t)__builtin_popcount(set), commonest,
						   support_of(set), &err),
				 0);
	}
	assert_int_equal(sdp_itemset_flush(&w, &err), 0);
	sdp_itemset_writer_release(&w);
}

static void check_rules(const struct sdp_itemset_table *table, size_t most, const char *confidence)
{
	struct sdp_rule_options options = {.baskets = 1000, .max_consequent = most};
	struct sdp_buf rules = {0};
	size_t wanted = 0;
	uint32_t ranks[RANKS];
	sdp_number_parse(confidence, strlen(confidence), '.', &options.confidence);
	assert_int_equal(sdp_rules_make(table, 0, table->count, &options, &rules, &err), 0);
	for (uint32_t set = 1; set < SETS; set++)
		for (uint32_t right = set; (right = (right - 1) & set);)
			wanted += (size_t)__builtin_popcount(right) <= most &&
				  (double)support_of(set) / support_of(set & ~right) >=
					  options.confidence.real;
	assert_int_equal(rules.length, wanted * sizeof(struct sdp_rule));
	for (size_t i = 0; i < wanted; i++) {
		struct sdp_rule rule;
		memcpy(&rule, rules.data + i * sizeof rule, sizeof rule);
		uint32_t set = bits_of(ranks, sdp_itemset_ranks(table, rule.set, ranks));
		uint32_t left = bits_of(ranks, sdp_itemset_ranks(table, rule.antecedent, ranks));
		uint32_t right = bits_of(ranks, sdp_itemset_ranks(table, rule.consequent, ranks));
		assert_true((left | right) == set && (left & right) == 0 && left && right);
	}
	sdp_buf_release(&rules);
}

static void test_itemsets(void **state)
{
	(void)state;
	for (int file = 0; file < 2; file++) {
		uint64_t counts[RANKS + 1] = {0};
		struct sdp_itemset_counts spectrum = {RANKS, counts};
		struct sdp_kept_list lists[RANKS] = {{0}};
		struct sdp_itemset_reader reader;
		struct sdp_itemset set;
		struct sdp_itemset_table table;
		open_store(file);
		write_sets(lists, &spectrum);
		assert_int_equal(counts[4], 126);
		assert_int_equal(sdp_itemset_reader_init(&reader, &store, lists, RANKS, RANKS,
							 &err),
				 0);
		for (uint32_t i = 1; i < SETS; i++) {
			assert_int_equal(sdp_itemset_next(&reader, &set, &err), 1);
			assert_int_equal(bits_of(set.ranks, set.length), i);
			assert_int_equal(set.count, support_of(i));
		}
		assert_int_equal(sdp_itemset_next(&reader, &set, &err), 0);
		sdp_itemset_reader_rewind(&reader);
		assert_int_equal(sdp_itemset_table_make(&table, &reader, SETS - 1, true, &store,
							&err),
				 0);
		for (uint32_t i = 0; i < SETS - 1; i++) {
			uint32_t ranks[RANKS];
			size_t length = sdp_itemset_ranks(&table, i, ranks);
			assert_int_equal(bits_of(ranks, length), i + 1);
			assert_int_equal(sdp_itemset_find(&table, ranks, length), i);
		}
		check_rules(&table, 1, "0");
		check_rules(&table, 1, "0.7");
		check_rules(&table, 3, "0.4");
		check_rules(&table, RANKS, "1");
		close_store();
	}
}

static void test_measures(void **state)
{
	struct sdp_rule_measures m;
	(void)state;
	/* mlxtend's guide: onion with eggs of five baskets: 3 of 3 and 4. */
	sdp_rule_measure(5, 3, 3, 4, &m);
	assert_true(m.support == 0.6 && m.confidence == 1 && m.lift == 1.25 && isinf(m.conviction));
	assert_true(m.leverage == 0.12);
	sdp_rule_measure(5, 3, 4, 3, &m);
	assert_true(m.confidence == 0.75 && m.lift == 1.25 && m.leverage == 0.12 &&
		    m.conviction == 1.6);
}

/* The doubles nearest to the exact values, by Python's fractions; products go beyond 2^53. */
static void test_measures_rounded_once(void **state)
{
	static const struct {
		uint64_t baskets, set, antecedent, consequent;
		double lift, leverage, conviction;
	} cases[] = {
		{4294967295, 123456789, 987654321, 1234567891, 0x1.bd4d5d8df7d32p-2,
		 -0x1.3203b7a5aa769p-5, 0x1.a0f242a63c9a8p-1},
		{4294967291, 1, 4294967290, 4294967289, 0x1.00000008p-32, -0x1.fffffff8p-1,
		 0x1.00000006p-31},
		{4000000007, 3, 5, 3000000019, 0x1.9999997a1a83dp-1, -0x1.9c511e560fe6ap-33,
		 0x1.3fffffb62e24ep-1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sdp_rule_measures m, mirror;
		sdp_rule_measure(cases[i].baskets, cases[i].set, cases[i].antecedent,
				 cases[i].consequent, &m);
		assert_true(m.lift == cases[i].lift && m.leverage == cases[i].leverage &&
			    m.conviction == cases[i].conviction);
		sdp_rule_measure(cases[i].baskets, cases[i].set, cases[i].consequent,
				 cases[i].antecedent, &mirror);
		assert_true(mirror.lift == m.lift && mirror.leverage == m.leverage);
	}
	for (uint64_t n = 2; n < 20; n++)
		for (uint64_t x = 1; x <= n; x++)
			for (uint64_t y = 1; y <= n; y++) {
				struct sdp_rule_measures m, mirror;
				sdp_rule_measure(n, 1, x, y, &m);
				sdp_rule_measure(n, 1, y, x, &mirror);
				assert_true(m.lift == mirror.lift && m.leverage == mirror.leverage);
			}
}

/* ---- predictions ---- */

static void test_recommend(void **state)
{
	enum { WORDS = 20, RULES = 200 };
	static char words[WORDS][16];
	static uint32_t left[RULES], right[RULES];
	struct sdp_recommender r = {0};
	(void)state;
	for (int i = 0; i < WORDS; i++) {
		snprintf(words[i], sizeof words[i], "w%d", i);
		assert_int_equal(sdp_recommender_item(&r, words[i], &err), i);
	}
	assert_int_equal(sdp_recommender_item(&r, "w7", &err), 7);
	for (uint32_t k = 0; k < RULES; k++) {
		uint32_t items[4] = {k % WORDS, (k + 1 + k / WORDS) % WORDS, (k * 3 + 2) % WORDS,
				     (k * 7 + 5) % WORDS};
		uint32_t many = 1 + k % 2;
		assert_int_equal(sdp_recommender_add(&r, items, many, 4 - many, &err), 0);
		for (uint32_t i = 0; i < 4; i++)
			*(i < many ? &left[k] : &right[k]) |= 1u << items[i];
	}
	assert_int_equal(sdp_recommender_finish(&r, &err), 0);
	void *scratch = calloc(1, sdp_recommend_size(&r));
	for (uint64_t seed = 0; seed < 500; seed++) {
		uint32_t set = (uint32_t)(sdp_rng(1, seed, 0) & sdp_rng(1, seed, 1)) &
			       ((1u << WORDS) - 1),
			 basket[WORDS], got = 0;
		const uint32_t *out;
		size_t n = 0;
		for (uint32_t i = 0; i < WORDS; i++)
			if (set >> i & 1)
				basket[n++] = i;
		size_t count = sdp_recommend(&r, basket, n, scratch, &out), at = 0;
		for (uint32_t k = 0; k < RULES; k++) {
			uint32_t fresh = (left[k] & set) == left[k] ? right[k] & ~set & ~got : 0;
			for (; fresh; at++) {
				assert_true(at < count && fresh >> out[at] & 1);
				fresh &= ~(1u << out[at]);
				got |= 1u << out[at];
			}
		}
		assert_int_equal(at, count);
	}
	free(scratch);
	sdp_recommender_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_baskets),
		cmocka_unit_test(test_closed_dictionaries),
		cmocka_unit_test(test_itemsets),
		cmocka_unit_test(test_measures),
		cmocka_unit_test(test_measures_rounded_once),
		cmocka_unit_test(test_recommend),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

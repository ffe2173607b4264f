/* Compares the search for duplicate times with a comparison of all pairs. */
#include "base/rng.h"
#include "model/timeseries/duplicate_times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS = 120, GROUPS = 3 };

static void check(uint64_t seed, size_t times, bool by, bool shuffled)
{
	struct sdp_err err;
	struct sdp_spill store;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	struct sdp_duplicate_times parts[3] = {{0}};
	struct sdp_map groups[3] = {{0}};
	struct sdp_map_memory memory = sdp_map_spill(&store);
	int64_t second[ROWS];
	uint32_t nano[ROWS], group[ROWS], number[ROWS], used[ROWS];
	uint64_t room[ROWS], count, want = 0;
	const char *names[GROUPS] = {"x", "y", "z"};
	assert_int_equal(sdp_spill_init(&store, arena, -1, "", 0, &err), 0);
	for (size_t i = 0; i < ROWS; i++) {
		size_t at = shuffled && i == ROWS / 2 ? 0 : i * times / ROWS;
		second[i] = (int64_t)(at / 2);
		nano[i] = (uint32_t)(at % 2);
		group[i] = (uint32_t)(sdp_rng(seed, 1, i) % GROUPS);
	}
	for (size_t i = 0; i < ROWS; i++) {
		bool repeats = false;
		for (size_t k = 0; k < i; k++)
			repeats |= second[k] == second[i] && nano[k] == nano[i] &&
				   (!by || group[k] == group[i]);
		want += repeats;
	}
	/* Chunks of some rows go to any part. */
	for (size_t from = 0, chunk = 0, n; from < ROWS; from += n, chunk++) {
		size_t part = sdp_rng(seed, 2, chunk) % 3;
		n = 1 + sdp_rng(seed, 3, chunk) % 9;
		n = n < ROWS - from ? n : ROWS - from;
		for (size_t i = 0; i < n; i++) {
			used[i] = (uint32_t)(from + i);
			number[from + i] =
				(uint32_t)sdp_map_enter(&groups[part], names[group[from + i]], 1,
							&memory, &err);
			assert_true(number[from + i] < groups[part].count);
		}
		struct sdp_duplicate_times_rows rows =
			{n, used, second, nano, by ? number : NULL, &groups[part], room};
		assert_int_equal(sdp_duplicate_times_add(&parts[part], &store, chunk, &rows, &err),
				 0);
	}
	sdp_duplicate_times_merge(&parts[1], &parts[2]);
	sdp_duplicate_times_merge(&parts[0], &parts[1]);
	int sorted = sdp_duplicate_times_count(&parts[0], &count, &err);
	assert_int_equal(sorted, !shuffled);
	if (sorted)
		assert_int_equal(count, want);
	sdp_shared_arena_free(arena);
}

static void any_chunks(void **state)
{
	(void)state;
	static const size_t times[] = {1, 2, 5, 17, 40, 120};
	for (uint64_t seed = 1; seed < 60; seed++)
		for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
			check(seed, times[i], false, false);
			check(seed, times[i], true, false);
		}
	check(1, 40, true, true);
	check(1, 40, false, true);
}

/* More groups end a chunk than begin any: the next chunk, of that time alone, adds to them. */
static void many_groups_at_an_end(void **state)
{
	(void)state;
	enum { MANY = 400 };
	struct sdp_err err;
	struct sdp_spill store;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	struct sdp_duplicate_times repeats = {0};
	struct sdp_map groups = {0};
	struct sdp_map_memory memory = sdp_map_spill(&store);
	int64_t second[MANY];
	uint32_t nano[MANY] = {0}, number[MANY], used[MANY];
	uint64_t room[MANY], count;
	assert_int_equal(sdp_spill_init(&store, arena, -1, "", 0, &err), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		second[i] = i > 0;
		used[i] = i;
		number[i] =
			(uint32_t)sdp_map_enter(&groups, (const char *)&i, sizeof i, &memory, &err);
		assert_int_equal(number[i], i);
	}
	struct sdp_duplicate_times_rows first = {MANY, used, second, nano, number, &groups, room};
	struct sdp_duplicate_times_rows next = {2, used + 1, second, nano, number, &groups, room};
	assert_int_equal(sdp_duplicate_times_add(&repeats, &store, 0, &first, &err), 0);
	assert_int_equal(sdp_duplicate_times_add(&repeats, &store, 1, &next, &err), 0);
	assert_int_equal(sdp_duplicate_times_add(&repeats, &store, 2, &next, &err), 0);
	assert_int_equal(sdp_duplicate_times_count(&repeats, &count, &err), 1);
	assert_int_equal(count, 4);
	sdp_shared_arena_free(arena);
}

static void nothing_repeats_nothing(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_duplicate_times none = {0};
	uint64_t count = 1;
	assert_int_equal(sdp_duplicate_times_count(&none, &count, &err), 1);
	assert_int_equal(count, 0);
}

static void hashes_tell_apart(void **state)
{
	(void)state;
	uint64_t a[2], b[2];
	sdp_duplicate_times_hash(a, 1, 2, "x", 1);
	sdp_duplicate_times_hash(b, 1, 2, "x", 1);
	assert_memory_equal(a, b, sizeof a);
	sdp_duplicate_times_hash(b, 2, 1, "x", 1);
	assert_memory_not_equal(a, b, sizeof a);
	sdp_duplicate_times_hash(b, 1, 2, "y", 1);
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_chunks),
		cmocka_unit_test(many_groups_at_an_end),
		cmocka_unit_test(nothing_repeats_nothing),
		cmocka_unit_test(hashes_tell_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

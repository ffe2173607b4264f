/* Tests the spill: data that is kept in shared memory or, above the limit, in a file. */
#include "base/rng.h"
#include "sdp/shared_arena.h"
#include "sdp/spill.h"
#include "table/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LENGTH = 300000, PART = 7000 };

static void fill(char *bytes, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)sdp_rng(seed, i, 0);
}

static void begin(struct sdp_spill *store, int spill, uint64_t limit)
{
	struct sdp_err err;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	assert_non_null(arena);
	assert_int_equal(sdp_spill_init(store, arena, spill, "", limit, &err), 0);
}

/* What is put part by part, in any order and some of it twice, is read again whole and in part. */
static void reserve_and_put(bool spilled)
{
	struct sdp_spill store;
	struct sdp_extent extents[3];
	struct sdp_err err;
	int spill = spilled ? sdp_spool_new(&err) : -1;
	static char want[LENGTH], room[LENGTH];
	begin(&store, spill, 0);
	for (int e = 0; e < 3; e++) {
		assert_int_equal(sdp_spill_reserve(&store, LENGTH, &extents[e], &err), 0);
		assert_int_equal(extents[e].length, LENGTH);
		assert_true(extents[e].spilled == spilled);
	}
	for (int e = 2; e >= 0; e--) {
		fill(want, LENGTH, (uint64_t)e);
		for (int again = 0; again < 2; again++)
			for (size_t at = LENGTH / PART * PART + PART; at >= PART; at -= PART) {
				size_t from = at - PART,
				       length = LENGTH - from < PART ? LENGTH - from : PART;
				assert_int_equal(sdp_spill_put(&store, &extents[e], from,
							       want + from, length, &err),
						 0);
			}
	}
	for (int e = 0; e < 3; e++) {
		fill(want, LENGTH, (uint64_t)e);
		const char *got = sdp_spill_get(&store, &extents[e], 0, LENGTH, room, &err);
		assert_memory_equal(got, want, LENGTH);
		got = sdp_spill_get(&store, &extents[e], LENGTH - 5, 5, room, &err);
		assert_memory_equal(got, want + LENGTH - 5, 5);
	}
	sdp_shared_arena_free(store.arena);
	if (spilled)
		close(spill);
}

static void reserve_in_memory(void **state)
{
	(void)state;
	reserve_and_put(false);
}

static void reserve_in_a_file(void **state)
{
	(void)state;
	reserve_and_put(true);
}

/* Processes write their parts of what was reserved before they began; all see all. */
static void several_processes(void **state)
{
	(void)state;
	for (int spilled = 0; spilled < 2; spilled++) {
		struct sdp_spill store;
		struct sdp_extent extent;
		struct sdp_err err;
		int spill = spilled ? sdp_spool_new(&err) : -1;
		static char want[LENGTH], room[LENGTH];
		begin(&store, spill, 0);
		fill(want, LENGTH, 9);
		assert_int_equal(sdp_spill_reserve(&store, LENGTH, &extent, &err), 0);
		for (size_t p = 0; p < 4; p++)
			if (fork() == 0) {
				size_t part = LENGTH / 4;
				_exit(sdp_spill_put(&store, &extent, p * part, want + p * part,
						    part, &err) < 0);
			}
		for (int p = 0; p < 4; p++) {
			int status;
			assert_true(wait(&status) > 0);
			assert_int_equal(status, 0);
		}
		assert_memory_equal(sdp_spill_get(&store, &extent, 0, LENGTH, room, &err), want,
				    LENGTH);
		sdp_shared_arena_free(store.arena);
		if (spilled)
			close(spill);
	}
}

/* The limit parts what is kept: before it memory, behind it the file, each its own bytes. */
static void limit_parts(void **state)
{
	(void)state;
	struct sdp_spill store;
	struct sdp_extent extents[8], reserved;
	struct sdp_err err;
	int spill = sdp_spool_new(&err), spilled = 0;
	static char want[LENGTH], room[LENGTH];
	begin(&store, spill, 4 * LENGTH);
	for (int e = 0; e < 8; e++) {
		fill(want, LENGTH, (uint64_t)e);
		assert_int_equal(sdp_spill_keep(&store, want, LENGTH, &extents[e], &err), 0);
		spilled += extents[e].spilled;
	}
	assert_in_range(spilled, 1, 7);
	assert_int_equal(sdp_spill_reserve(&store, LENGTH, &reserved, &err), 0);
	assert_true(reserved.spilled);
	memset(want, 1, LENGTH);
	assert_int_equal(sdp_spill_put(&store, &reserved, 0, want, LENGTH, &err), 0);
	for (int e = 0; e < 8; e++) {
		fill(want, LENGTH, (uint64_t)e);
		assert_memory_equal(sdp_spill_get(&store, &extents[e], 0, LENGTH, room, &err), want,
				    LENGTH);
	}
	sdp_shared_arena_free(store.arena);
	close(spill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserve_in_memory),
		cmocka_unit_test(reserve_in_a_file),
		cmocka_unit_test(several_processes),
		cmocka_unit_test(limit_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the hash table of byte strings. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void finds_what_was_added(void **state)
{
	(void)state;
	struct sdp_map map = {.size = 0};
	struct sdp_err err;

	assert_null(sdp_map_find(&map, "a", 1));
	assert_int_equal(sdp_map_add(&map, "a", 1, 7, &err), 1);
	assert_int_equal(sdp_map_add(&map, "a", 1, 8, &err), 0);
	assert_int_equal(*sdp_map_find(&map, "a", 1), 7);
	assert_null(sdp_map_find(&map, "", 0));
	assert_int_equal(sdp_map_add(&map, "", 0, 9, &err), 1);
	assert_int_equal(*sdp_map_find(&map, "", 0), 9);
	assert_int_equal(sdp_map_add(&map, "a\0b", 3, 10, &err), 1);
	assert_int_equal(*sdp_map_find(&map, "a\0b", 3), 10);
	assert_null(sdp_map_find(&map, "a\0c", 3));
	assert_null(sdp_map_find(&map, "a\0", 2));
	*sdp_map_find(&map, "a", 1) = 70;
	assert_int_equal(*sdp_map_find(&map, "a", 1), 70);
	assert_int_equal(map.count, 3);
	sdp_map_release(&map);
	assert_null(sdp_map_find(&map, "a", 1));
	sdp_map_release(&map);
}

static void an_empty_key_comes_first(void **state)
{
	(void)state;
	struct sdp_map map = {.size = 0};
	struct sdp_err err;

	assert_int_equal(sdp_map_add(&map, "", 0, 1, &err), 1);
	assert_int_equal(sdp_map_add(&map, "", 0, 2, &err), 0);
	assert_int_equal(*sdp_map_find(&map, "", 0), 1);
	sdp_map_release(&map);
}

static void grows(void **state)
{
	(void)state;
	enum { KEYS = 200000 };
	struct sdp_map map = {.size = 0};
	struct sdp_err err;
	char key[40];

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < KEYS; i++) {
			int length = snprintf(key, sizeof(key),
					      i % 3 ? "column %zu of many" : "c%zu", i);
			assert_int_equal(sdp_map_add(&map, key, (size_t)length, i + (size_t)round,
						     &err),
					 !round);
			key[0] = '#';
			assert_null(sdp_map_find(&map, key, (size_t)length));
		}
	}
	assert_int_equal(map.count, KEYS);
	for (size_t i = 0; i < KEYS; i++) {
		int length = snprintf(key, sizeof(key), i % 3 ? "column %zu of many" : "c%zu", i);
		assert_int_equal(*sdp_map_find(&map, key, (size_t)length), i);
	}
	sdp_map_release(&map);
}

/* Keys keep their numbers and their addresses while a map grows, on the heap and in a spill. */
static void numbers_keys(void **state)
{
	(void)state;
	enum { KEYS = 3000 };
	struct sdp_err err;
	struct sdp_spill spill;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	assert_int_equal(sdp_spill_init(&spill, arena, -1, "", 0, &err), 0);
	struct sdp_map_memory memory = sdp_map_spill(&spill);
	for (int shared = 0; shared < 2; shared++) {
		const struct sdp_map_memory *from = shared ? &memory : NULL;
		struct sdp_map map = {.size = 0}, other = {.size = 0};
		const char *first[KEYS];
		char key[400];
		for (size_t i = 0; i < KEYS; i++) {
			int length = snprintf(key, sizeof key, "%0*zu", i % 100 ? 7 : 300, i);
			assert_int_equal(sdp_map_enter(&map, key, (size_t)length, from, &err), i);
			assert_int_equal(sdp_map_enter(&map, key, (size_t)length, from, &err), i);
			first[i] = map.entries[i].key;
		}
		for (size_t i = KEYS; i-- > 0;) {
			const struct sdp_map_entry *e = &map.entries[i];
			assert_ptr_equal(e->key, first[i]);
			assert_int_equal(strlen(e->key), e->length);
			assert_ptr_equal(sdp_map_find(&map, e->key, e->length), &e->value);
			assert_int_equal(sdp_map_adopt(&other, e, from, &err), KEYS - 1 - i);
			assert_ptr_equal(other.entries[KEYS - 1 - i].key, e->key);
		}
		assert_null(sdp_map_find(&map, "none", 4));
		assert_true(map.taken > KEYS * sizeof *map.entries);
		if (!shared) {
			sdp_map_release(&other);
			sdp_map_release(&map);
		}
	}
	sdp_shared_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added),
		cmocka_unit_test(an_empty_key_comes_first),
		cmocka_unit_test(grows),
		cmocka_unit_test(numbers_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added),
		cmocka_unit_test(an_empty_key_comes_first),
		cmocka_unit_test(grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

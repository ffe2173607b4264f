/* Compares the radix sort with qsort. */
#include "base/radix_sort.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static int compare64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int compare32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Kinds of keys; every bit pattern that the sort treats apart. */
static uint64_t key(int kind, uint64_t i, size_t n)
{
	uint64_t x = sdp_rng(1, i, (uint64_t)kind);

	switch (kind) {
	case 0:
		return x;
	case 1:
		return x >> 40;
	case 2:
		return x << 50;
	case 3:
		return x & UINT64_C(0xff0000000000ff00);
	case 4:
		return i;
	case 5:
		return n - i;
	case 6:
		return 42;
	case 7:
		return x & UINT64_C(1) << 63;
	case 8:
		return x % 1000 ? x >> 60 : x;
	case 9:
		return x & UINT64_C(0x80000001);
	case 10:
		return (i % 16 == 0) ? x : UINT64_MAX;
	case 11:
		return x % 3;
	case 12:
		return sdp_sort_key_of((int64_t)x >> 30);
	default:
		return x & ((UINT64_C(1) << (kind - 13)) - 1);
	}
}

enum { KINDS = 13 + 64 };

static void check(size_t n, int kind)
{
	uint64_t *a = malloc((n + 1) * sizeof(*a)), *b = malloc((n + 1) * sizeof(*b)),
		 *want = malloc((n + 1) * sizeof(*want));
	uint32_t *a32 = malloc((n + 1) * sizeof(*a32)), *b32 = malloc((n + 1) * sizeof(*b32)),
		 *want32 = malloc((n + 1) * sizeof(*want32));

	for (size_t i = 0; i < n; i++) {
		a[i] = want[i] = key(kind, i, n);
		a32[i] = want32[i] = (uint32_t)(kind % 2 ? want[i] : want[i] >> 32);
	}
	qsort(want, n, sizeof(*want), compare64);
	qsort(want32, n, sizeof(*want32), compare32);
	a[n] = b[n] = 12345;
	a32[n] = b32[n] = 12345;
	const uint64_t *sorted = sdp_radix_sort_u64(a, b, n);
	const uint32_t *sorted32 = sdp_radix_sort_u32(a32, b32, n);
	assert_true(sorted == a || sorted == b);
	assert_true(sorted32 == a32 || sorted32 == b32);
	if (n > 0 && (memcmp(sorted, want, n * sizeof(*want)) ||
		      memcmp(sorted32, want32, n * sizeof(*want32))))
		fail_msg("%zu keys of kind %d", n, kind);
	assert_true(a[n] == 12345 && b[n] == 12345 && a32[n] == 12345 && b32[n] == 12345);
	free(a), free(b), free(want), free(a32), free(b32), free(want32);
}

static void few_keys(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++)
		for (int kind = 0; kind < KINDS; kind++)
			check(n, kind);
}

static void some_keys(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++)
		check(5000 + 77 * (size_t)kind, kind);
}

static void many_keys(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind = kind < 16 ? kind + 1 : kind + 9)
		check(600000 + (size_t)kind, kind);
}

static void signed_keys(void **state)
{
	(void)state;
	const int64_t values[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX};

	for (size_t i = 0; i < 6; i++) {
		assert_true(sdp_sort_value_of(sdp_sort_key_of(values[i])) == values[i]);
		if (i > 0)
			assert_true(sdp_sort_key_of(values[i - 1]) < sdp_sort_key_of(values[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_keys),
		cmocka_unit_test(some_keys),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(signed_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Compares the search for duplicates with one by sorting all integers, for parts of any size and
 * memory of any size.
 */
#include "base/all_different.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { MOST = 20000 };

struct numbers {
	int64_t values[MOST];
	size_t count, part;
};

static int read_part(void *context, size_t number, const int64_t **values, size_t *n,
		     struct sdp_err *err)
{
	const struct numbers *x = context;
	size_t from = number * x->part;
	(void)err;
	*values = x->values + from;
	*n = x->count - from < x->part ? x->count - from : x->part;
	return 0;
}

static struct sdp_all_different search(struct numbers *x, size_t part, uint64_t memory)
{
	struct sdp_err err;
	struct sdp_all_different result;
	x->part = part;
	struct sdp_integer_parts parts = {(x->count + part - 1) / part, read_part, x, memory};
	assert_int_equal(sdp_all_different(&parts, &result, &err), 0);
	return result;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void check(struct numbers *x)
{
	static int64_t sorted[MOST];
	static const size_t sizes[] = {1, 7, 5000, MOST};
	bool different = true;
	memcpy(sorted, x->values, x->count * sizeof *sorted);
	qsort(sorted, x->count, sizeof *sorted, compare);
	for (size_t i = 1; i < x->count; i++)
		different &= sorted[i] != sorted[i - 1];
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct sdp_all_different got = search(x, sizes[i], i % 2 ? 0 : UINT64_MAX);
		assert_int_equal(got.different, different);
		assert_int_equal(got.count, different ? x->count : 0);
		if (different && x->count) {
			assert_int_equal(got.low, sorted[0]);
			assert_int_equal(got.high, sorted[x->count - 1]);
		}
	}
}

/* A permutation of 0 … n - 1 times a step, from low on, and one with a duplicate. */
static void permutation(size_t n, int64_t low, int64_t step)
{
	static struct numbers x;
	x.count = n;
	for (size_t i = 0; i < n; i++)
		x.values[i] = (int64_t)((uint64_t)low + i * (uint64_t)step);
	check(&x);
	for (size_t i = n; i-- > 1;) {
		size_t k = (size_t)sdp_rng_below(i + 1, 5, i, 0);
		int64_t swap = x.values[i];
		x.values[i] = x.values[k];
		x.values[k] = swap;
	}
	check(&x);
	if (n > 1) {
		x.values[n - 1] = x.values[n / 2];
		check(&x);
	}
}

static void test_permutations(void **state)
{
	static const size_t counts[] = {0, 1, 2, 3, 64, 4095, 4097, MOST};
	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		permutation(counts[i], 0, 1);
		permutation(counts[i], -50, 1);
		permutation(counts[i], 1000, -63);
		permutation(counts[i], INT64_MIN, 70);
		permutation(counts[i], INT64_MIN, INT64_C(900000000000000));
	}
}

static void test_extremes(void **state)
{
	struct numbers *x = calloc(1, sizeof *x);
	(void)state;
	assert_non_null(x);
	x->count = 5;
	memcpy(x->values, (int64_t[]){INT64_MAX, INT64_MIN, 0, -1, 1}, 5 * sizeof *x->values);
	check(x);
	x->values[4] = INT64_MIN;
	check(x);
	free(x);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_permutations),
		cmocka_unit_test(test_extremes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

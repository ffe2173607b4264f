/* Compares quantiles that are found by counting and collecting with a sort. */
#include "model/stats/quantile_select.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 20000, PARTS = 3 };

static const struct sdp_probability probabilities[] = {{0, 1}, {1, 4}, {1, 2},
						       {3, 4}, {1, 1}, {1, 1000}};
enum { COUNT = sizeof probabilities / sizeof *probabilities };

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Type 7. */
static double quantile(const double *sorted, size_t n, struct sdp_probability p)
{
	long double h = (long double)(n - 1) * p.numerator / p.denominator;
	size_t i = (size_t)h;
	long double part = h - (long double)i;
	return (double)(sorted[i] +
			(part > 0 ? part * ((long double)sorted[i + 1] - sorted[i]) : 0));
}

static double value_of(int kind, size_t i)
{
	double u = sdp_rng_unit(5, i, 0);
	switch (kind) {
	case 0: /* around 0 */
		return u - 0.5;
	case 1: /* of every size and sign */
		return ldexp(u, (int)(sdp_rng(5, i, 1) % 2000) - 1000) *
		       (sdp_rng(5, i, 2) & 1 ? 1 : -1);
	case 2: /* few different ones */
		return floor(u * 3);
	case 3: /* all equal */
		return -7.25;
	default: /* one bucket */
		return 1 + u * 0x1p-20;
	}
}

static void check(int kind, size_t n)
{
	static double values[MOST], sorted[MOST];
	struct sdp_err err;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	struct sdp_spill store;
	struct sdp_value_store keys[PARTS] = {{0}};
	struct sdp_quantile_select_counts *counts[PARTS];
	struct sdp_quantile_select_plan plan;
	double found[COUNT];

	assert_int_equal(sdp_spill_init(&store, arena, -1, "", UINT64_MAX, &err), 0);
	for (int p = 0; p < PARTS; p++)
		counts[p] = calloc(1, sizeof *counts[p]);
	for (size_t i = 0; i < n; i++)
		values[i] = sorted[i] = value_of(kind, i);
	qsort(sorted, n, sizeof *sorted, by_value);
	for (size_t i = 0; i < n; i++)
		sdp_quantile_select_count(counts[i % PARTS], &values[i], 1);
	sdp_quantile_select_merge(counts[1], counts[2]);
	sdp_quantile_select_merge(counts[0], counts[1]);
	sdp_quantile_select_plan(counts[0], probabilities, COUNT, &plan);
	for (size_t i = 0; i < n; i += 1000)
		assert_int_equal(sdp_quantile_select_collect(&plan, values + i,
							     n - i < 1000 ? n - i : 1000,
							     &keys[i / 1000 % PARTS], &store, &err),
				 0);
	for (int p = 1; p < PARTS; p++)
		assert_int_equal(sdp_value_store_merge(&keys[0], &keys[p], &store, &err), 0);
	assert_int_equal(sdp_quantile_select_solve(&plan, &keys[0], &store, 1 << 20, found, &err),
			 0);
	for (size_t i = 0; i < COUNT; i++) {
		double wanted = n ? quantile(sorted, n, probabilities[i]) : NAN;
		if (n == 0 ? !isnan(found[i]) : !(fabs(found[i] - wanted) <= 1e-15 * fabs(wanted)))
			fail_msg("kind %d, %zu values, quantile %zu: %.17g, wanted %.17g", kind, n,
				 i, found[i], wanted);
	}
	for (int p = 0; p < PARTS; p++)
		free(counts[p]);
	sdp_shared_arena_free(arena);
}

static void quantiles_are_those_of_a_sort(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 100, 1001, 5000, MOST};
	(void)state;
	for (int kind = 0; kind < 5; kind++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
			check(kind, sizes[s]);
}

static void only_what_is_near_is_collected(void **state)
{
	struct sdp_quantile_select_counts *counts = calloc(1, sizeof *counts);
	struct sdp_quantile_select_plan plan;
	(void)state;
	for (size_t i = 0; i < MOST; i++)
		sdp_quantile_select_count(counts, &(double){value_of(0, i)}, 1);
	sdp_quantile_select_plan(counts, probabilities + 1, 3, &plan);
	assert_true(plan.collected > 0 && plan.collected < MOST / 20);
	free(counts);
}

/* Of more equal values than 32 bits count: 5 000 000 000 each of two. */
static void many_are_equal(void **state)
{
	static const double two[] = {-1, 2}, wanted[] = {-1, -1, 0.5, 2, 2, -1};
	const uint64_t each = UINT64_C(5000000000);
	struct sdp_err err;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	struct sdp_quantile_select_counts *counts = calloc(1, sizeof *counts);
	struct sdp_quantile_select_plan plan;
	struct sdp_spill store;
	struct sdp_value_store keys = {0};
	double found[COUNT];
	(void)state;
	assert_int_equal(sdp_spill_init(&store, arena, -1, "", UINT64_MAX, &err), 0);
	sdp_quantile_select_count(counts, two, 2);
	counts->values *= each;
	for (size_t i = 0; i < 1 << SDP_QUANTILE_SELECT_BUCKET_BITS; i++)
		counts->buckets[i] *= each;
	sdp_quantile_select_plan(counts, probabilities, COUNT, &plan);
	assert_true(plan.collected == 2 * each);
	assert_int_equal(sdp_quantile_select_collect(&plan, two, 2, &keys, &store, &err), 0);
	assert_int_equal(keys.used, 2);
	keys.counted *= each;
	for (size_t i = 0; i < keys.capacity; i++)
		keys.table[i].count *= each;
	assert_int_equal(sdp_quantile_select_solve(&plan, &keys, &store, 1 << 20, found, &err), 0);
	for (size_t i = 0; i < COUNT; i++)
		if (found[i] != wanted[i])
			fail_msg("quantile %zu: %.17g, wanted %.17g", i, found[i], wanted[i]);
	free(counts);
	sdp_shared_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_those_of_a_sort),
		cmocka_unit_test(only_what_is_near_is_collected),
		cmocka_unit_test(many_are_equal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

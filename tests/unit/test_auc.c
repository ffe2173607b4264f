/* Compares areas under ROC curves with counts over all pairs. */
#include "base/rng.h"
#include "model/regression/auc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 600, RUN = 70 };

struct scored {
	double score[ROWS];
	bool positive[ROWS];
	size_t rows;
};

static double all_pairs(const struct scored *s)
{
	double twice = 0, pairs = 0;
	for (size_t i = 0; i < s->rows; i++)
		for (size_t j = 0; j < s->rows; j++)
			if (s->positive[i] && !s->positive[j]) {
				pairs++;
				twice += s->score[i] > s->score[j] ? 2 : s->score[i] == s->score[j];
			}
	return twice / (2 * pairs);
}

/* Rows in runs, the runs in two collections that are merged, counted in ranges. */
static double counted(const struct scored *s, struct sdp_spill *store, size_t parts)
{
	struct sdp_auc auc[2] = {{0}};
	struct sdp_err err;
	uint64_t room[2][RUN], scratch[RUN], bounds[64];
	struct sdp_auc_part found[64];
	for (size_t from = 0, i = 0; from < s->rows; from += RUN, i++) {
		size_t n[2] = {0, 0};
		for (size_t k = from; k < s->rows && k < from + RUN; k++)
			room[s->positive[k]][n[s->positive[k]]++] = sdp_auc_key(s->score[k]);
		assert_int_equal(sdp_auc_add(&auc[i % 3 == 0], store,
					     (uint64_t *const[]){room[0], room[1]}, n, scratch,
					     &err),
				 0);
	}
	sdp_auc_merge(&auc[0], &auc[1]);
	assert_int_equal(auc[0].count[0] + auc[0].count[1], s->rows);
	assert_int_equal(sdp_auc_split(&auc[0], store, parts, bounds, &err), 0);
	for (size_t i = 0; i < parts; i++)
		assert_int_equal(sdp_auc_count(&auc[0], store, i ? bounds[i - 1] : 0,
					       i + 1 < parts ? bounds[i] : 0, &found[i], &err),
				 0);
	return sdp_auc_area(found, parts);
}

static void with_store(uint64_t limit, void (*check)(struct sdp_spill *store))
{
	struct sdp_err err;
	char name[] = "/tmp/sdp-test-XXXXXX";
	int spill = mkstemp(name);
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	struct sdp_spill store;
	assert_true(spill >= 0 && arena);
	unlink(name);
	assert_int_equal(sdp_spill_init(&store, arena, spill, "/tmp", limit, &err), 0);
	check(&store);
	sdp_shared_arena_free(arena);
	close(spill);
}

static void areas(struct sdp_spill *store)
{
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct scored s = {.rows = seed % 3 ? ROWS : 10 + seed};
		uint64_t kinds = seed % 4 == 0 ? 3 : seed % 4 == 1 ? 40 : 1 << 30;
		for (size_t i = 0; i < s.rows; i++) {
			s.score[i] = (double)sdp_rng_below(kinds, seed, i, 0) / 7 - 1;
			if (sdp_rng_below(50, seed, i, 1) == 0)
				s.score[i] = i % 2 ? 0. : -0.;
			s.positive[i] = i == 0 || (i > 1 && sdp_rng_unit(seed, i, 2) <
								    0.3 + 0.01 * s.score[i]);
		}
		double wanted = all_pairs(&s);
		for (size_t parts = 1; parts <= 64; parts *= 4)
			assert_true(counted(&s, store, parts) == wanted);
	}
}

static void one_kind(struct sdp_spill *store)
{
	struct scored s = {.rows = 5};
	assert_true(isnan(counted(&s, store, 4)));
	s.rows = 0;
	assert_true(isnan(counted(&s, store, 4)));
}

static void in_memory(void **state)
{
	(void)state;
	with_store(1 << 30, areas);
	with_store(1 << 30, one_kind);
}

static void in_a_file(void **state)
{
	(void)state;
	with_store(0, areas);
}

static void keys_are_ordered(void **state)
{
	(void)state;
	static const double values[] = {-INFINITY, -1e300, -1,    -1e-300, 0,
					1e-300,    1,      1e300, INFINITY};
	for (size_t i = 1; i < sizeof values / sizeof *values; i++)
		assert_true(sdp_auc_key(values[i - 1]) < sdp_auc_key(values[i]));
	assert_true(sdp_auc_key(-0.) == sdp_auc_key(0.));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_memory),
		cmocka_unit_test(in_a_file),
		cmocka_unit_test(keys_are_ordered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

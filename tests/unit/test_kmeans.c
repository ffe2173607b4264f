/*
 * Tests k-means: the kernels agree, and the algorithm with bounds gives the same result as Lloyd's.
 */
#include "model/kmeans/kernel.c"
#include "model/kmeans/kmeans_private.h"

#include "base/rng.h"
#include "sdp/shared_arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg(__VA_ARGS__);                                                     \
	} while (0)

/* ---- kernels ---- */

enum { FEATURES = 130, CENTERS = 70 };

static double unit(uint64_t trial, uint64_t i)
{
	return 2 * sdp_rng_unit(5, trial, i) - 1;
}

static void fill(double *values, size_t n, uint64_t trial)
{
	for (size_t i = 0; i < n; i++)
		values[i] = ldexp(unit(trial, i), (int)(trial % 40) - 20);
}

/* Every instruction set of this machine gives the same bits as plain C. */
static void kernels_agree(void **state)
{
	(void)state;
	static double tile[FEATURES * KMEANS_LANES], centers[CENTERS * FEATURES], weight[FEATURES],
		want[CENTERS * KMEANS_LANES], got[CENTERS * KMEANS_LANES],
		sums[2][5 * KMEANS_LANES], rests[CENTERS * FEATURES],
		spreads[CENTERS * KMEANS_LANES];
	static uint32_t labels[CENTERS];
	static const char *const names[] = {"avx512", "avx2"};
	const struct kmeans_kernel *plain = kernel_named("plain");
	assert_non_null(plain);
	assert_null(kernel_named("abacus"));
	for (uint64_t trial = 0; trial < 200; trial++) {
		size_t features = 1 + sdp_rng_below(FEATURES, 1, trial, 0),
		       count = 1 + sdp_rng_below(CENTERS, 1, trial, 1);
		fill(tile, features * KMEANS_LANES, 4 * trial);
		fill(centers, count * features, 4 * trial + 1);
		fill(weight, features, 4 * trial + 2);
		fill(rests, count * features, 4 * trial + 3);
		plain->distances(tile, weight, centers, count, features, want);
		for (size_t c = 0; c < count; c++) {
			labels[c] = (uint32_t)sdp_rng_below(5, 2, trial, c);
			for (size_t lane = 0; lane < KMEANS_LANES; lane++)
				CHECK(sdp_kmeans_distance(tile + lane, KMEANS_LANES, weight,
							  centers + c * features, features) ==
					      want[c * KMEANS_LANES + lane],
				      "the distance of one row is not that of its lane");
		}
		memset(sums, 0, sizeof sums);
		plain->add_roots(want, labels, count, sums[0]);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			const struct kmeans_kernel *k = kernel_named(names[i]);
			if (!k)
				continue;
			k->distances(tile, weight, centers, count, features, got);
			assert_memory_equal(got, want, count * KMEANS_LANES * sizeof *want);
			plain->spreads(tile, weight, centers, rests, count, features, spreads);
			k->spreads(tile, weight, centers, rests, count, features, got);
			assert_memory_equal(got, spreads, count * KMEANS_LANES * sizeof *want);
			k->distances(tile, weight, centers, count, features, got);
			memset(sums[1], 0, sizeof sums[1]);
			k->add_roots(got, labels, count, sums[1]);
			assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
		}
	}
}

/* ---- runs ---- */

enum { MOST_ROWS = 600 };

/* A table and how it is clustered, made of a number. */
struct trial {
	size_t rows, features, k, blocks;
	double *values; /* row by row */
	struct sdp_kmeans_options options;
	double given[20 * 20];
};

static double cell(int kind, uint64_t trial, uint64_t row, uint64_t f, size_t features)
{
	double u = unit(trial, row * features + f);
	uint64_t whole = sdp_rng(6, trial, row * features + f);
	switch (kind) {
	case 0: /* a grid: ties */
		return (double)(whole % 5);
	case 1: /* copies of few rows */
		return (double)(sdp_rng(7, trial, row) % 7 * (f + 1) % 5);
	case 2: /* clusters */
		return u + (double)(sdp_rng(7, trial, row) % 6) * 3;
	case 3: /* far from 0, near to each other */
		return 0x1p50 + (double)(whole % 64);
	case 4: /* features of very different size */
		return ldexp(u, (int)(f % 5) * 100 - 200);
	case 5: /* a few far away */
		return u / pow(sdp_rng_unit(8, trial, row), 3);
	case 6: /* almost ties: neighbours in the last bit */
		return (double)(whole % 3) * (1 + (double)(whole >> 8 & 3) * 0x1p-52);
	case 7: /* as large as may be */
		return ldexp(u, 1000);
	default: /* more than a window holds */
		return ldexp(u, -(int)(whole % 120));
	}
}

static void make(struct trial *t, uint64_t number)
{
	int kind = (int)(number % 9);
	*t = (struct trial){.rows = 1 + sdp_rng_below(number % 3 ? MOST_ROWS : 40, 9, number, 0),
			    .features = 1 + sdp_rng_below(20, 9, number, 1),
			    .blocks = 1 + sdp_rng_below(4, 9, number, 2)};
	if (kind == 1)
		t->features = 2;
	t->values = malloc(t->rows * t->features * sizeof *t->values);
	for (size_t row = 0; row < t->rows; row++)
		for (size_t f = 0; f < t->features; f++)
			t->values[row * t->features + f] = cell(kind, number, row, f, t->features);
	t->k = 1 + sdp_rng_below(t->rows < 20 ? t->rows : 20, 9, number, 3);
	t->options = (struct sdp_kmeans_options){
		.first_k = t->k,
		.last_k = t->k,
		.init = (enum sdp_kmeans_init)(number / 9 % 3),
		.restarts = 1 + (int)(number % 5 == 0),
		.max_iterations = number % 7 == 0 ? 3 : 100,
		.tolerance = number % 11 == 0 ? 0.1 : 0,
		.seed = number,
		.standardize = number % 4 == 1,
	};
	/* Given centres: rows, some of them moved, so that clusters are empty. */
	for (size_t i = 0; i < t->k * t->features; i++)
		t->given[i] = t->values[sdp_rng_below(t->rows, 10, number, i / t->features) *
						t->features +
					i % t->features] *
			      (number % 3 == 2 && i / t->features % 2 ? 7 : 1);
	t->options.given = t->given;
	if (t->options.init == SDP_KMEANS_GIVEN)
		t->options.restarts = 1;
}

static struct sdp_spill store;
static struct sdp_err err;

static struct sdp_kmeans *begin(const struct trial *t)
{
	struct sdp_kmeans_points points = {0};
	double *column = malloc(t->rows * t->features * sizeof *column);
	size_t done = 0;
	for (size_t b = 0; b < t->blocks; b++) {
		size_t n = b + 1 == t->blocks ? t->rows - done : t->rows / t->blocks;
		for (size_t f = 0; f < t->features; f++)
			for (size_t i = 0; i < n; i++)
				column[f * n + i] = t->values[(done + i) * t->features + f];
		if (n)
			assert_int_equal(sdp_kmeans_points_add(&points, t->features, b, column, n,
							       &store, &err),
					 0);
		done += n;
	}
	free(column);
	struct sdp_kmeans *km = sdp_kmeans_new(&t->options, t->features, &points, &store, &err);
	CHECK(km, "%s", err.text);
	return km;
}

/* The rows are where they belong, and what the bounds say of them is true. */
static void check_rows(const struct sdp_kmeans *km, const struct trial *t, const double *centers,
		       uint64_t number)
{
	struct kmeans_room room;
	char *scratch = aligned_alloc(64, (sdp_kmeans_room(km, NULL, &room) + 63) / 64 * 64);
	sdp_kmeans_room(km, scratch, &room);
	for (size_t b = 0; b < km->block_count; b++) {
		assert_int_equal(sdp_kmeans_get_slots(km, b, &store, &room, &err), 0);
		for (size_t row = 0; row < km->blocks[b].rows; row++) {
			const double *x = t->values + (km->blocks[b].first + row) * t->features;
			double least = HUGE_VAL, other = HUGE_VAL;
			uint32_t label = 0;
			for (size_t c = 0; c < t->k; c++) {
				double d =
					sdp_kmeans_distance(x, 1, km->weight,
							    centers + c * t->features, t->features);
				if (d < least)
					label = (uint32_t)c;
				other = fmin(other, d < least ? least : d);
				least = fmin(least, d);
			}
			CHECK(room.label[row] == label, "trial %d: row %d is in cluster %d, not %d",
			      (int)number, (int)row, (int)room.label[row], (int)label);
			if (km->o.lloyd)
				continue;
			/* The bounds know of no rounding in what they bound. */
			CHECK(room.upper[row] * (1 + 0x1p-40) >= sqrt(least),
			      "trial %d: %a is no upper bound of %a", (int)number,
			      (double)room.upper[row], sqrt(least));
			CHECK(room.lower[row] * (1 - 0x1p-40) <= sqrt(other),
			      "trial %d: %a is no lower bound of %a", (int)number,
			      (double)room.lower[row], sqrt(other));
		}
	}
	free(scratch);
}

/* To its end; NULL if there are too few distinct rows.  check: after each assignment. */
static const struct sdp_kmeans_result *run(struct sdp_kmeans *km, const struct trial *t,
					   uint64_t number, bool check)
{
	struct sdp_kmeans_state s = {0};
	size_t count;
	double *aimed = malloc(t->k * t->features * sizeof *aimed);
	for (int rc = 0; sdp_kmeans_phase(km) != SDP_KMEANS_DONE;) {
		enum sdp_kmeans_phase phase = sdp_kmeans_phase(km);
		void *scratch = aligned_alloc(64, (sdp_kmeans_scratch(km) + 63) / 64 * 64);
		memcpy(aimed, km->centers, t->k * t->features * sizeof *aimed);
		for (size_t item = 0; item < sdp_kmeans_items(km); item++)
			assert_int_equal(sdp_kmeans_item(km, &s, item, &store, scratch, &err), 0);
		free(scratch);
		rc = sdp_kmeans_step(km, &s, &store, &err);
		if (phase == SDP_KMEANS_ASSIGN && check)
			check_rows(km, t, aimed, number);
		if (rc < 0) {
			assert_int_equal(err.code, SDP_DATA);
			free(aimed);
			return NULL;
		}
	}
	free(aimed);
	return sdp_kmeans_results(km, &count);
}

/* Bounds hold after every iteration, and Lloyd's way comes to the same bits. */
static void bounds_hold_and_lloyd_is_the_same(void **state)
{
	(void)state;
	int done = 0, refills = 0, many = 0;
	for (uint64_t number = 0; number < 600; number++) {
		struct trial t;
		struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
		assert_non_null(arena);
		assert_int_equal(sdp_spill_init(&store, arena, -1, NULL, 0, &err), 0);
		make(&t, number);
		const struct sdp_kmeans_result *fast = run(begin(&t), &t, number, true);
		t.options.lloyd = true;
		const struct sdp_kmeans_result *plain = run(begin(&t), &t, number, number % 4 == 0);
		CHECK(!fast == !plain, "trial %d: one has too few rows", (int)number);
		if (fast) {
			size_t size = t.k * t.features * sizeof *fast->centers;
			CHECK(memcmp(fast->centers, plain->centers, size) == 0,
			      "trial %d: other centres", (int)number);
			assert_memory_equal(fast->sizes, plain->sizes, t.k * sizeof *fast->sizes);
			assert_int_equal(fast->iterations, plain->iterations);
			assert_int_equal(fast->refills, plain->refills);
			assert_int_equal(fast->converged, plain->converged);
			assert_int_equal(fast->changed, plain->changed);
			assert_memory_equal(&fast->inertia, &plain->inertia, sizeof fast->inertia);
			assert_memory_equal(&fast->silhouette, &plain->silhouette,
					    sizeof fast->silhouette);
			done++;
			refills += fast->refills > 0;
			many += fast->iterations > 5;
		}
		free(t.values);
		sdp_shared_arena_free(arena);
	}
	CHECK(done > 450 && refills > 20 && many > 100,
	      "%d runs, %d with refills, %d long: the trials show too little", done, refills, many);
}

/* ---- progress ---- */

/* After each of many runs, the progress is near its part of what it is after all of them. */
static void progress_is_even(void **state)
{
	(void)state;
	enum { RUNS = 20 };
	struct trial t;
	struct sdp_kmeans_state s = {0};
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	assert_non_null(arena);
	assert_int_equal(sdp_spill_init(&store, arena, -1, NULL, 0, &err), 0);
	make(&t, 65); /* clusters */
	t.options.init = SDP_KMEANS_PLUS_PLUS;
	t.options.restarts = RUNS;
	t.options.max_iterations = 100;
	struct sdp_kmeans *km = begin(&t);
	double done = 0, after[RUNS];
	int ended = 0;
	while (sdp_kmeans_phase(km) != SDP_KMEANS_DONE) {
		double share = sdp_kmeans_share(km);
		void *scratch = aligned_alloc(64, (sdp_kmeans_scratch(km) + 63) / 64 * 64);
		CHECK(share > 0 && share <= 1, "share %g", share);
		done += (1 - done) * share;
		for (size_t item = 0; item < sdp_kmeans_items(km); item++)
			assert_int_equal(sdp_kmeans_item(km, &s, item, &store, scratch, &err), 0);
		free(scratch);
		assert_int_equal(sdp_kmeans_step(km, &s, &store, &err), 0);
		if (km->runs_done > ended)
			after[ended++] = done;
	}
	for (int i = 0; i < ended; i++)
		CHECK(fabs(after[i] / after[ended - 1] - (i + 1.0) / RUNS) < 0.15,
		      "%g done after %d of %d runs", after[i], i + 1, RUNS);
	CHECK(ended == RUNS && done == 1, "%g done after %d runs", done, ended);
	free(t.values);
	sdp_shared_arena_free(arena);
}

/* ---- rank ---- */

static void check_rank(const struct kmeans_rank *rank, const struct sdp_kmeans *km,
		       const struct trial *t, const double *tile, uint64_t number)
{
	for (size_t lane = 0; lane < KMEANS_LANES; lane++) {
		double own = HUGE_VAL, other = HUGE_VAL;
		for (size_t c = 0; c < t->k; c++) {
			double d = sqrt(sdp_kmeans_distance(tile + lane, KMEANS_LANES, km->weight,
							    km->centers + c * t->features,
							    t->features));
			if (c == rank->index[lane])
				own = d;
			else
				other = fmin(other, d);
		}
		CHECK(rank->upper[lane] * (1 + 0x1p-40) >= own, "trial %d: upper %a of %a",
		      (int)number, (double)rank->upper[lane], own);
		CHECK(rank->lower[lane] * (1 - 0x1p-40) <= other, "trial %d: lower %a of %a",
		      (int)number, (double)rank->lower[lane], other);
		CHECK(rank->near[lane] || own < other,
		      "trial %d: %a and %a are not told apart, but called so", (int)number, own,
		      other);
	}
}

static void ranks_are_bounds(void **state)
{
	(void)state;
	static const char *const names[] = {"plain", "avx2", "avx512"};
	static double tile[20 * KMEANS_LANES];
	static float narrow[20 * KMEANS_LANES], scores[(20 + KMEANS_GROUP) * KMEANS_LANES];
	for (uint64_t number = 0; number < 400; number++) {
		struct trial t;
		struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
		assert_non_null(arena);
		assert_int_equal(sdp_spill_init(&store, arena, -1, NULL, 0, &err), 0);
		make(&t, number);
		t.options.init = SDP_KMEANS_GIVEN;
		t.options.standardize = false;
		struct sdp_kmeans *km = begin(&t); /* aims at the given centres at once */
		for (size_t first = 0; first < t.rows; first += KMEANS_LANES) {
			for (size_t lane = 0; lane < KMEANS_LANES; lane++)
				for (size_t f = 0; f < t.features; f++)
					tile[f * KMEANS_LANES + lane] =
						t.values[(first + lane) % t.rows * t.features + f];
			for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
				const struct kmeans_kernel *k = kernel_named(names[i]);
				struct kmeans_rank rank;
				if (!k)
					continue;
				k->rank(tile, &km->fast, narrow, scores, &rank);
				check_rank(&rank, km, &t, tile, number);
			}
		}
		free(t.values);
		sdp_shared_arena_free(arena);
	}
}

/* ---- nearest ---- */

static void nearest_of_given_centres(void **state)
{
	(void)state;
	for (uint64_t number = 0; number < 200; number++) {
		struct trial t;
		make(&t, number);
		double *columns = malloc(t.rows * t.features * sizeof *columns), deviations[20];
		uint32_t *labels = malloc(t.rows * sizeof *labels);
		void *scratch =
			aligned_alloc(64, (sdp_kmeans_nearest_scratch(t.features) + 63) / 64 * 64);
		bool scaled = number % 2;
		for (size_t f = 0; f < t.features; f++) {
			deviations[f] = f % 5 == 4 ? 0 : ldexp(1, (int)(f % 3));
			for (size_t row = 0; row < t.rows; row++)
				columns[f * t.rows + row] = t.values[row * t.features + f];
		}
		sdp_kmeans_nearest(t.given, t.k, t.features, scaled ? deviations : NULL, columns,
				   t.rows, labels, scratch);
		for (size_t row = 0; row < t.rows; row++) {
			double least = HUGE_VAL;
			uint32_t label = 0;
			for (size_t c = 0; c < t.k; c++) {
				/* powers of two change no digit: 2^-1100 keeps squares in range */
				double d = 0;
				for (size_t f = 0; f < t.features; f++) {
					double w = !scaled             ? 1
						   : deviations[f] > 0 ? 1 / deviations[f]
								       : 0;
					double x = (t.values[row * t.features + f] -
						    t.given[c * t.features + f]) *
						   w;
					x = number % 9 == 7 ? ldexp(x, -1010) : x;
					d += x * x;
				}
				if (d < least) {
					least = d;
					label = (uint32_t)c;
				}
			}
			CHECK(labels[row] == label, "trial %d, row %d: %d, not %d", (int)number,
			      (int)row, (int)labels[row], (int)label);
		}
		free(columns);
		free(labels);
		free(scratch);
		free(t.values);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_agree),
		cmocka_unit_test(bounds_hold_and_lloyd_is_the_same),
		cmocka_unit_test(progress_is_even),
		cmocka_unit_test(ranks_are_bounds),
		cmocka_unit_test(nearest_of_given_centres),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

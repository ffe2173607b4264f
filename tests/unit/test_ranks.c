/* Tests ranks, and Spearman's r and Kendall's tau-b by counting all pairs of rows. */
#include "base/rng.h"
#include "model/stats/ranks.h"
#include "sdp/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 500, LIMBS = 4 };

/* Makes keys of a column of integers as they are in tiles, and ranks them. */
static void rank(const int64_t *values, const bool *null, size_t n, size_t limbs, int bits,
		 uint32_t *ranks)
{
	static int32_t tile[LIMBS * SDP_TILE];
	struct sdp_pair_nulls nulls = {0};
	struct sdp_err err;
	size_t width = sdp_rank_key_width(limbs, bits);
	char *keys = malloc(width * n + 1);
	int64_t cells[ROWS];
	for (size_t i = 0; i < n; i++) {
		cells[i] = null[i] ? 0 : values[i];
		if (!null[i])
			continue;
		nulls.rows[nulls.count++] = (uint16_t)i;
		nulls.bits[i / 64] |= UINT64_C(1) << i % 64;
	}
	sdp_limbs_cut(cells, n, limbs, tile);
	sdp_rank_keys(tile, limbs, n, width, &nulls, keys);
	assert_int_equal(sdp_rank(keys, width, n, ranks, &err), 0);
	free(keys);
}

static void check_ranks(const int64_t *values, const bool *null, size_t n, const uint32_t *ranks)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t below = 0, equal = 0;
		for (size_t k = 0; k < n; k++) {
			below += !null[k] && values[k] < values[i];
			equal += !null[k] && values[k] == values[i];
		}
		assert_int_equal(ranks[i], null[i] ? 0 : 2 * below + 1 + equal);
	}
}

/* Returns random values of few or many ties, around 0 or far from it. */
static void draw(uint64_t seed, int bits, int64_t *values, bool *null)
{
	for (size_t i = 0; i < ROWS; i++) {
		values[i] =
			(int64_t)(sdp_rng(seed, i, 0) >> (64 - bits)) - (INT64_C(1) << (bits - 1));
		if (seed % 3 == 0)
			values[i] /= INT64_C(1) << (bits > 6 ? bits - 6 : 0);
		null[i] = seed % 2 && sdp_rng(seed, i, 1) % 4 == 0;
	}
}

static void ranks_are_those_of_comparing(void **state)
{
	/* Keys of 4 bytes, of 8 bytes, and of all limbs. */
	static const struct {
		size_t limbs;
		int bits, key_bits;
	} kinds[] = {{1, 3, 3}, {1, 25, 25}, {2, 30, 30}, {3, 61, 61}, {4, 61, 90}};
	int64_t values[ROWS];
	bool null[ROWS];
	uint32_t ranks[ROWS];
	(void)state;
	assert_int_equal(sdp_rank_key_width(1, 25), 4);
	assert_int_equal(sdp_rank_key_width(3, 62), 8);
	assert_int_equal(sdp_rank_key_width(3, 63), 12);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (uint64_t seed = 1; seed <= 6; seed++) {
			draw(seed, kinds[k].bits, values, null);
			for (size_t n = 0; n <= ROWS; n = n < 3 ? n + 1 : n + ROWS - 3) {
				rank(values, null, n, kinds[k].limbs, kinds[k].key_bits, ranks);
				check_ranks(values, null, n, ranks);
			}
		}
}

/* Counts concordant and discordant pairs, and those without ties in x and in y. */
static void check_tau(const uint32_t *x, const uint32_t *y, size_t n)
{
	struct sdp_correlation got;
	struct sdp_err err;
	double difference = 0, in_x = 0, in_y = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			if (!x[i] || !y[i] || !x[k] || !y[k])
				continue;
			int a = (x[i] > x[k]) - (x[i] < x[k]), b = (y[i] > y[k]) - (y[i] < y[k]);
			difference += a * b;
			in_x += a != 0;
			in_y += b != 0;
		}
	assert_int_equal(sdp_rank_kendall(x, y, n, &got, &err), 0);
	double want = difference / sqrt(in_x * in_y);
	assert_true(fabs(got.r - want) <= 1e-15);
	assert_true(got.p >= 0 && got.p <= 1 && isnan(got.ci_low) && isnan(got.ci_high));
}

/* Spearman's r with ranks that are counted among the common rows. */
static void check_spearman(const uint32_t *x, const uint32_t *y, size_t n)
{
	struct sdp_correlation got;
	struct sdp_err err;
	double common = 0, xx = 0, yy = 0, xy = 0;
	for (size_t i = 0; i < n; i++)
		common += x[i] && y[i];
	for (size_t i = 0; i < n; i++) {
		double a = 0, b = 0;
		for (size_t k = 0; x[i] && y[i] && k < n; k++) {
			if (!x[k] || !y[k])
				continue;
			a += (x[k] < x[i]) - (x[k] > x[i]); /* twice the rank, about its mean */
			b += (y[k] < y[i]) - (y[k] > y[i]);
		}
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	assert_int_equal(sdp_rank_spearman(x, y, n, &got, &err), 0);
	assert_true((double)got.n == common);
	assert_true(fabs(got.r - xy / sqrt(xx * yy)) <= 1e-14);
	assert_true(got.p >= 0 && got.p <= 1 && isnan(got.ci_low) && isnan(got.ci_high));
}

static void coefficients_are_those_of_all_pairs(void **state)
{
	int64_t values[ROWS];
	bool null[ROWS];
	uint32_t x[ROWS], y[ROWS];
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		draw(seed, seed % 4 ? 20 : 2, values, null);
		rank(values, null, ROWS, 1, 20, x);
		draw(seed + 100, seed % 5 ? 20 : 3, values, null);
		rank(values, null, ROWS, 1, 20, y);
		check_tau(x, y, ROWS);
		check_spearman(x, y, ROWS);
	}
}

static void degenerate_pairs_have_no_coefficient(void **state)
{
	/* Constant, too few common rows, in order, and in reverse. */
	static const uint32_t up[] = {2, 4, 6, 8}, down[] = {8, 6, 4, 2}, same[] = {5, 5, 5, 5},
			      two[] = {2, 0, 0, 4};
	struct sdp_correlation got;
	struct sdp_err err;
	(void)state;
	for (size_t n = 0; n < 3; n++) {
		assert_int_equal(sdp_rank_kendall(up, up, n, &got, &err), 0);
		assert_true(got.n == n && isnan(got.r) && isnan(got.p));
		assert_int_equal(sdp_rank_spearman(up, up, n, &got, &err), 0);
		assert_true(got.n == n && isnan(got.r) && isnan(got.p));
	}
	assert_int_equal(sdp_rank_kendall(up, same, 4, &got, &err), 0);
	assert_true(got.n == 4 && isnan(got.r) && isnan(got.p));
	assert_int_equal(sdp_rank_spearman(same, up, 4, &got, &err), 0);
	assert_true(isnan(got.r));
	assert_int_equal(sdp_rank_kendall(up, two, 4, &got, &err), 0);
	assert_true(got.n == 2 && isnan(got.r));
	assert_int_equal(sdp_rank_spearman(up, down, 4, &got, &err), 0);
	assert_true(got.r == -1 && got.p == 0);
	assert_int_equal(sdp_rank_kendall(up, down, 4, &got, &err), 0);
	assert_true(got.r == -1 && got.p > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_those_of_comparing),
		cmocka_unit_test(coefficients_are_those_of_all_pairs),
		cmocka_unit_test(degenerate_pairs_have_no_coefficient),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

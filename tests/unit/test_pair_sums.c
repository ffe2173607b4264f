/* Tests the exact sums of pairs, against plain 128-bit sums over the rows of each pair. */
#include "base/rng.h"
#include "model/stats/pair_sums.h"
#include "sdp/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 4, ROWS = 3000, LIMBS = 6 };

static const struct sdp_pair_unit units[COLUMNS] = {{0, 1}, {2, 2}, {0, 1}, {1, 2}};
static const int bits[COLUMNS] = {25, 50, 3, 40};

static int64_t value(size_t column, size_t row)
{
	int64_t v = (int64_t)(sdp_rng(1, row, column) >> (64 - bits[column]));
	return sdp_rng(2, row, column) & 1 ? -v : v;
}

/* Column 1 lacks few rows, column 3 most of them, and the others none. */
static bool is_null(size_t column, size_t row)
{
	uint64_t draw = sdp_rng(3, row, column) % 100;
	return column == 1 ? draw < 5 : column == 3 && draw < 90;
}

/* Adds the rows [from, to) in tiles of the given size. */
static void add(struct sdp_pair_sums *sums, size_t from, size_t to, size_t size,
		struct sdp_spill *spill)
{
	static int32_t tile[(LIMBS + 4) * SDP_TILE] __attribute__((aligned(64)));
	static struct sdp_pair_nulls nulls[COLUMNS];
	struct sdp_err err;
	for (size_t n; from < to; from += n) {
		n = to - from < size ? to - from : size;
		memset(tile, 0, sizeof tile);
		memset(nulls, 0, sizeof nulls);
		for (size_t c = 0; c < COLUMNS; c++) {
			int64_t values[SDP_TILE];
			for (size_t i = 0; i < n; i++) {
				bool null = is_null(c, from + i);
				values[i] = null ? 0 : value(c, from + i);
				if (!null)
					continue;
				nulls[c].rows[nulls[c].count++] = (uint16_t)i;
				nulls[c].bits[i / 64] |= UINT64_C(1) << i % 64;
			}
			sdp_limbs_cut(values, n, units[c].limbs,
				      tile + sums->columns[c].limb * SDP_TILE);
		}
		assert_int_equal(sdp_pair_sums_add(sums, tile, n, nulls, spill, &err), 0);
	}
}

static void is_equal(const mpz_t got, sdp_int128 want)
{
	mpz_t expected;
	mpz_init_set_si(expected, (long)(want >> 64));
	mpz_mul_2exp(expected, expected, 64);
	mpz_add_ui(expected, expected, (unsigned long)want);
	assert_int_equal(mpz_cmp(got, expected), 0);
	mpz_clear(expected);
}

static void check_pair(const struct sdp_pair_sums *list, size_t x, size_t y, size_t rows)
{
	struct sdp_pair_total t;
	sdp_int128 sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
	uint64_t n = 0;
	for (size_t row = 0; row < rows; row++) {
		sdp_int128 a = value(x, row), b = value(y, row);
		if (is_null(x, row) || is_null(y, row))
			continue;
		n++;
		sx += a;
		sy += b;
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	sdp_pair_total_init(&t);
	sdp_pair_total(list, x, y, &t);
	assert_int_equal(t.n, n);
	assert_int_equal(t.x_tens, units[x].tens);
	assert_int_equal(t.y_tens, units[y].tens);
	is_equal(t.x, sx);
	is_equal(t.y, sy);
	is_equal(t.xx, xx);
	is_equal(t.yy, yy);
	is_equal(t.xy, xy);
	sdp_pair_total_clear(&t);
}

struct memory {
	struct sdp_shared_arena *arena;
	struct sdp_spill spill;
};

static void begin(struct memory *m)
{
	struct sdp_err err;
	assert_non_null(m->arena = sdp_shared_arena_new(1, &err));
	assert_int_equal(sdp_spill_init(&m->spill, m->arena, -1, "", 0, &err), 0);
}

/* Sums in parts of other sizes, which are merged, are those of all rows. */
static void sums_do_not_depend_on_the_parts(void **state)
{
	struct memory m;
	struct sdp_err err;
	(void)state;
	begin(&m);
	for (size_t against = 0; against <= COLUMNS; against++) {
		size_t only = against < COLUMNS ? against : SDP_PAIRS_ALL;
		struct sdp_pair_sums *parts[3];
		for (size_t i = 0; i < 3; i++)
			assert_non_null(
				parts[i] = sdp_pair_sums_new(units, COLUMNS, only, &m.spill, &err));
		add(parts[0], 0, 1, 1, &m.spill);
		add(parts[1], 1, 2000, 7, &m.spill);
		add(parts[2], 2000, ROWS, SDP_TILE, &m.spill);
		assert_true(sdp_pair_sums_match(parts[0], parts[1]));
		sdp_pair_sums_merge(parts[0], parts[1]);
		sdp_pair_sums_merge(parts[2], parts[0]);
		for (size_t x = 0; x < COLUMNS; x++)
			for (size_t y = 0; y < COLUMNS; y++)
				if (only == SDP_PAIRS_ALL || y == only)
					check_pair(parts[2], x, y, ROWS);
	}
	sdp_shared_arena_free(m.arena);
}

/* A list of sums in other units: those of the second are ten times as fine. */
static void units_are_brought_together(void **state)
{
	static const struct sdp_pair_unit coarse[] = {{0, 1}, {1, 1}}, fine[] = {{1, 1}, {1, 1}};
	static int32_t tile[4 * SDP_TILE] __attribute__((aligned(64)));
	static const struct sdp_pair_nulls none[2];
	struct memory m;
	struct sdp_err err;
	struct sdp_pair_total t;
	(void)state;
	begin(&m);
	struct sdp_pair_sums *a = sdp_pair_sums_new(coarse, 2, SDP_PAIRS_ALL, &m.spill, &err),
			     *b = sdp_pair_sums_new(fine, 2, SDP_PAIRS_ALL, &m.spill, &err);
	assert_true(a && b && !sdp_pair_sums_match(a, b));
	tile[0] = 3; /* x = 3, y = 0.5 */
	tile[SDP_TILE] = 5;
	assert_int_equal(sdp_pair_sums_add(a, tile, 1, none, &m.spill, &err), 0);
	tile[0] = -7; /* x = -0.7, y = 0.5 */
	assert_int_equal(sdp_pair_sums_add(b, tile, 1, none, &m.spill, &err), 0);
	a->next = b;
	sdp_pair_total_init(&t);
	sdp_pair_total(a, 0, 1, &t);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.x_tens, 1);
	is_equal(t.x, 23);
	is_equal(t.xx, 900 + 49);
	is_equal(t.y, 10);
	is_equal(t.yy, 50);
	is_equal(t.xy, 150 - 35);
	sdp_pair_total_clear(&t);
	sdp_shared_arena_free(m.arena);
}

static void bytes_are_bounded(void **state)
{
	(void)state;
	/* 1000 columns of one limb: half a million products, and two sums per ordered pair. */
	struct sdp_pair_unit many[1000];
	for (size_t i = 0; i < 1000; i++)
		many[i] = (struct sdp_pair_unit){0, 1};
	double plain = sdp_pair_sums_bytes(many, 1000, SDP_PAIRS_ALL, false),
	       nulls = sdp_pair_sums_bytes(many, 1000, SDP_PAIRS_ALL, true),
	       one = sdp_pair_sums_bytes(many, 1000, 3, true);
	assert_true(plain >= 500500 * 16.0 && plain < 9e6);
	assert_true(nulls >= plain + 48e6 && nulls < 60e6);
	assert_true(one < 1e6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_do_not_depend_on_the_parts),
		cmocka_unit_test(units_are_brought_together),
		cmocka_unit_test(bytes_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

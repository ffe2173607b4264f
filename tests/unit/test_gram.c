/*
 * Tests limbs, exact sums of products and rank. Compares the kernels with plain 128-bit arithmetic.
 */
#include "base/rng.h"
#include "model/regression/gram.h"
#include "sdp/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 7 };

static int64_t random_integer(uint64_t seed, size_t row, size_t column, int bits)
{
	int64_t v = (int64_t)(sdp_rng(seed, row, column) >> (64 - bits));
	return sdp_rng(seed, row, column + 100) & 1 ? -v : v;
}

static sdp_int128 join(const int32_t *limbs, size_t count, size_t row)
{
	sdp_int128 value = 0;
	for (size_t k = count; k-- > 0;)
		value = value * ((sdp_int128)1 << SDP_LIMB_BITS) + limbs[k * SDP_TILE + row];
	return value;
}

static void limbs_hold_what_they_should(void **state)
{
	static int32_t tile[5 * SDP_TILE];
	static const int64_t edges[] = {0,
					1,
					-1,
					1 << 26,
					-(1 << 26),
					(1 << 26) - 1,
					1 << 27,
					INT64_C(1) << 61,
					-(INT64_C(1) << 61),
					(INT64_C(1) << 62) - 1,
					1 - (INT64_C(1) << 62)};
	enum { N = sizeof edges / sizeof *edges };
	(void)state;
	assert_int_equal(sdp_limbs_for(25), 1);
	assert_int_equal(sdp_limbs_for(26), 2);
	assert_int_equal(sdp_limbs_for(62), 3);
	assert_int_equal(sdp_limbs_for(124), 5);
	assert_int_equal(sdp_limbs_for(248), 10);
	sdp_limbs_cut(edges, N, 3, tile);
	for (size_t i = 0; i < N; i++) {
		assert_true(join(tile, 3, i) == edges[i]);
		for (size_t k = 0; k < 3; k++)
			assert_true(abs(tile[k * SDP_TILE + i]) <= 1 << 26);
	}
	sdp_int128 wide[2 * N];
	for (size_t i = 0; i < N; i++) {
		wide[i] = (sdp_int128)edges[i] * edges[9];
		wide[N + i] = edges[i];
	}
	sdp_limbs_cut_wide(wide, 2 * N, 5, tile);
	for (size_t i = 0; i < 2 * N; i++)
		assert_true(join(tile, 5, i) == wide[i]);
}

struct table {
	int64_t values[COLUMNS][SDP_TILE];
	size_t limbs[COLUMNS], first[COLUMNS], total;
	int32_t *tile;
	struct sdp_gram *gram;
};

/* Columns of 1 to 3 limbs; n rows of them. */
static void fill(struct table *t, size_t n, uint64_t seed)
{
	static const int bits[COLUMNS] = {1, 25, 25, 40, 62, 10, 52};
	t->total = 0;
	for (size_t c = 0; c < COLUMNS; c++) {
		t->limbs[c] = sdp_limbs_for(bits[c]);
		t->first[c] = t->total;
		t->total += t->limbs[c];
		for (size_t i = 0; i < n; i++)
			t->values[c][i] = random_integer(seed, i, c, bits[c]);
	}
	t->tile = aligned_alloc(64, t->total * SDP_TILE * sizeof *t->tile);
	memset(t->tile, 0, t->total * SDP_TILE * sizeof *t->tile);
	for (size_t c = 0; c < COLUMNS; c++)
		sdp_limbs_cut(t->values[c], n, t->limbs[c], t->tile + t->first[c] * SDP_TILE);
	t->gram = calloc(1, sdp_gram_size(t->total));
	t->gram->limbs = t->total;
}

static void sums_are_exact(void **state)
{
	static const size_t sizes[] = {1, 7, 8, 9, 1000, SDP_TILE};
	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		struct table *t = calloc(1, sizeof *t);
		fill(t, sizes[s], s + 1);
		sdp_gram_add(t->gram, t->tile, sizes[s]);
		sdp_gram_add(t->gram, t->tile, sizes[s]);
		size_t at = 0;
		for (size_t j = 0; j < t->total; j++)
			for (size_t i = 0; i <= j; i++, at++) {
				sdp_int128 sum = 0;
				for (size_t row = 0; row < sizes[s]; row++)
					sum += (sdp_int128)t->tile[i * SDP_TILE + row] *
					       t->tile[j * SDP_TILE + row];
				assert_true(t->gram->sums[at] == 2 * sum);
			}
		free(t->tile);
		free(t->gram);
		free(t);
	}
}

/* The largest limbs there are, for as many rows as a tile has. */
static void sums_do_not_overflow(void **state)
{
	(void)state;
	int32_t *tile = aligned_alloc(64, 2 * SDP_TILE * sizeof *tile);
	struct sdp_gram *gram = calloc(1, sdp_gram_size(2));
	for (size_t i = 0; i < SDP_TILE; i++) {
		tile[i] = 1 << 26;
		tile[SDP_TILE + i] = -(1 << 26);
	}
	gram->limbs = 2;
	for (int i = 0; i < 100; i++)
		sdp_gram_add(gram, tile, SDP_TILE);
	assert_true(gram->sums[0] == ((sdp_int128)100 << 62));
	assert_true(gram->sums[1] == -((sdp_int128)100 << 62));
	free(tile);
	free(gram);
}

/*
 * Columns within the limit below which products may be summed as doubles, 2^21, at it, and beyond
 * it: all of them odd, so that no sum is a multiple of two by itself.
 */
static void sums_of_small_columns_are_exact(void **state)
{
	enum { LIMBS = 13, LIMIT = 1 << 21 };
	(void)state;
	int32_t *tile = aligned_alloc(64, LIMBS * SDP_TILE * sizeof *tile);
	struct sdp_gram *gram = calloc(1, sdp_gram_size(LIMBS));
	for (size_t c = 0; c < LIMBS; c++)
		for (size_t i = 0; i < SDP_TILE; i++)
			tile[c * SDP_TILE + i] = c < 3    ? LIMIT
						 : c < 5  ? LIMIT - 1
						 : c < 11 ? (int32_t)random_integer(7, i, c, 21) | 1
						 : c < 12 ? -LIMIT
							  : LIMIT + 1;
	gram->limbs = LIMBS;
	sdp_gram_add(gram, tile, SDP_TILE);
	for (size_t j = 0, at = 0; j < LIMBS; j++)
		for (size_t i = 0; i <= j; i++, at++) {
			sdp_int128 sum = 0;
			for (size_t row = 0; row < SDP_TILE; row++)
				sum += (int64_t)tile[i * SDP_TILE + row] * tile[j * SDP_TILE + row];
			assert_true(gram->sums[at] == sum);
		}
	free(tile);
	free(gram);
}

static void merging_adds(void **state)
{
	(void)state;
	struct table *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
	fill(a, 500, 3);
	fill(b, 700, 4);
	struct sdp_gram *both = calloc(1, sdp_gram_size(a->total));
	both->limbs = a->total;
	sdp_gram_add(both, b->tile, 700);
	sdp_gram_add(both, a->tile, 500);
	sdp_gram_add(a->gram, a->tile, 500);
	sdp_gram_add(b->gram, b->tile, 700);
	sdp_gram_merge(a->gram, b->gram);
	assert_memory_equal(a->gram, both, sdp_gram_size(a->total));
	free(a->tile), free(a->gram), free(a);
	free(b->tile), free(b->gram), free(b);
	free(both);
}

/*
 * Column 3 = column 0 + column 1, column 5 constant 0, column 6 = 3 × column 4, which has 61 bits.
 */
static void dependence_is_found(void **state)
{
	static const bool wanted[COLUMNS] = {true, true, true, false, true, false, false};
	struct sdp_gram_column columns[COLUMNS];
	bool independent[COLUMNS], zero[COLUMNS];
	struct sdp_err err;
	(void)state;
	for (int off = 0; off < 2; off++) {
		struct table *t = calloc(1, sizeof *t);
		fill(t, 50, 9);
		for (size_t i = 0; i < 50; i++) {
			t->values[3][i] = t->values[0][i] + t->values[1][i];
			t->values[4][i] /= 4;
			t->values[5][i] = 0;
			t->values[6][i] = 3 * t->values[4][i];
			t->limbs[6] = 3;
		}
		/* One unit in one row, of 2^61, is no dependence any more. */
		t->values[6][7] += off;
		size_t total = 0;
		for (size_t c = 0; c < COLUMNS; c++) {
			columns[c] = (struct sdp_gram_column){total, t->limbs[c]};
			total += t->limbs[c];
		}
		int32_t *tile = aligned_alloc(64, total * SDP_TILE * sizeof *tile);
		struct sdp_gram *gram = calloc(1, sdp_gram_size(total));
		memset(tile, 0, total * SDP_TILE * sizeof *tile);
		for (size_t c = 0; c < COLUMNS; c++)
			sdp_limbs_cut(t->values[c], 50, t->limbs[c],
				      tile + columns[c].limb * SDP_TILE);
		gram->limbs = total;
		sdp_gram_add(gram, tile, 50);
		assert_int_equal(sdp_gram_independent(gram, columns, COLUMNS, independent, zero,
						      &err),
				 0);
		for (size_t c = 0; c < COLUMNS; c++)
			assert_int_equal(independent[c], wanted[c] || (c == 6 && off));
		/* If column 6 is 3 × column 4, it needs no other. */
		for (size_t c = 0; c + 1 < COLUMNS; c++)
			assert_int_equal(zero[c], wanted[c] && !off && c != 4);
		free(tile), free(gram), free(t->tile), free(t->gram), free(t);
	}
}

/* a × b of integers of all sizes, and a × b / 2^54 to half a unit. */
static void products_are_exact(void **state)
{
	enum { N = 7, A = 5, B = 9, ALL = 14, DROP = 2 };
	static int32_t a[A * SDP_TILE], b[B * SDP_TILE], product[ALL * SDP_TILE];
	static const char *const digits[N] =
		{"0",
		 "-1",
		 "67108864",
		 "-67108865",
		 "-340282366920938463463374607431768211456",
		 "1809251394333065553493296640760748560207343510400633",
		 "99999999999999999999999999999999999999999999999999"};
	mpz_t x, y, z, unit;
	(void)state;
	mpz_inits(x, y, z, unit, NULL);
	for (size_t j = 0; j < N; j++) {
		for (size_t i = 0; i < N; i++) {
			mpz_set_str(x, digits[i], 10);
			mpz_fdiv_r_2exp(x, x, 124);
			mpz_set_str(y, digits[j], 10);
			sdp_limbs_put(x, A, a + i);
			sdp_limbs_put(y, B, b + i);
			sdp_limbs_get(a + i, A, z);
			assert_int_equal(mpz_cmp(x, z), 0);
			sdp_limbs_get(b + i, B, z);
			assert_int_equal(mpz_cmp(y, z), 0);
		}
		for (size_t drop = 0; drop <= DROP; drop += DROP) {
			sdp_limbs_multiply((struct sdp_limbs){a, A}, (struct sdp_limbs){b, B}, N,
					   drop, ALL - drop, product);
			for (size_t i = 0; i < N; i++) {
				mpz_set_str(x, digits[i], 10);
				mpz_fdiv_r_2exp(x, x, 124);
				mpz_mul(x, x, y);
				sdp_limbs_get(product + i, ALL - drop, z);
				mpz_mul_2exp(z, z, drop * SDP_LIMB_BITS);
				mpz_sub(x, x, z);
				mpz_mul_2exp(x, x, 1);
				mpz_set_ui(unit, drop ? 1 : 0);
				mpz_mul_2exp(unit, unit, drop * SDP_LIMB_BITS);
				assert_true(mpz_cmpabs(x, unit) <= 0);
			}
		}
	}
	mpz_clears(x, y, z, unit, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limbs_hold_what_they_should),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(sums_do_not_overflow),
		cmocka_unit_test(sums_of_small_columns_are_exact),
		cmocka_unit_test(merging_adds),
		cmocka_unit_test(dependence_is_found),
		cmocka_unit_test(products_are_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

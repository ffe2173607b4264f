/*
 * Compares distinct counts and quantiles with a sorted copy, in which every value is an integer at
 * scale 18 (all fit into 128 bits) and quantiles are exact fractions, rounded once.
 */
#include "base/rng.h"
#include "model/stats/quantiles.h"
#include "sdp/exact.h"
#include "table/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <gmp.h>
#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 150000, BLOCK = 4000, OWNERS = 6, PROBABILITIES = 12 };

static const struct sdp_probability probabilities[PROBABILITIES] = {
	{0, 1},
	{1, 1},
	{1, 2},
	{1, 4},
	{3, 4},
	{1, 100},
	{99, 100},
	{1, 3},
	{2, 7},
	{1, 1000},
	{4294967294, 4294967295},
	{123456789, 4294967295},
};

/* ---- columns of values ---- */

struct column {
	size_t n, blocks;
	size_t starts[MOST / 100]; /* of the blocks, and the end */
	int kinds[MOST / 100];     /* of a block */
	int64_t values[MOST];
};

enum shape {
	FEW,
	CONSTANT,
	DENSE,
	DENSE_OFFSET,
	SPARSE,
	TIES,
	SKEWED,
	MIXED,
	MISFIT,
	WITH_REALS,
	EXTREME,
	REALS,
	WIDTHS,
	LIMIT,
	SAME_AT_SCALES,
	TINY_REALS,
	NEAR_ZERO,
	FAR_REALS,
	LATE_MISFIT,
	SHAPES
};

static int64_t wide(uint64_t r)
{
	return (int64_t)sdp_rng_mix(r);
}

static int kind_of(enum shape shape, uint64_t block)
{
	uint64_t r = sdp_rng(11, block, shape);
	switch (shape) {
	case MIXED:
		return (int)(r % 6);
	case MISFIT:
	case SAME_AT_SCALES:
		return (int)(r % 19);
	case WITH_REALS:
		return r % 3 ? (int)(r % 4) : SDP_KEY_REAL;
	case REALS:
	case TINY_REALS:
	case FAR_REALS:
		return SDP_KEY_REAL;
	case LATE_MISFIT:
		return block % 2 ? 18 : 15;
	case NEAR_ZERO:
		return block == 3 ? SDP_KEY_REAL : 18;
	default:
		return 3;
	}
}

static int64_t key_of(enum shape shape, int kind, size_t i, size_t n)
{
	static const int64_t edges[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_MAX - 1, 0,
					-1,        1};
	uint64_t r = sdp_rng(12, i, shape);
	switch (shape) {
	case FEW:
		return (int64_t)(r % 50) * 1000003 - 7;
	case CONSTANT:
		return -42;
	case DENSE:
		return (int64_t)(r % 100000);
	case DENSE_OFFSET:
		return INT64_MAX - (int64_t)(r % 5000000);
	case SPARSE:
		return (int64_t)r;
	case TIES:
		return r % 10 ? 7 : wide(r % 997);
	case SKEWED:
		return i % (n / 8 + 1) == 0 ? wide(r) : 1000 + (int64_t)(r % 70000);
	case MIXED:
		return (int64_t)(r % 2000000) - 1000000;
	case EXTREME:
		return i % 3 ? (int64_t)r : edges[r % 7];
	case WIDTHS:
		return (int64_t)(r >> (i % 64));
	case LIMIT:
		return wide(i % (1020 + n % 9));
	case SAME_AT_SCALES:
		return (int64_t)(r % 9) *
		       (sdp_pow10[kind] > 1000000 ? sdp_pow10[18] : sdp_pow10[kind]);
	case TINY_REALS:
		/* subnormals, where rounding to 53 bits first would show */
		return (int64_t)(r >> 12);
	case WITH_REALS:
		if (kind == SDP_KEY_REAL)
			return sdp_key_of_double(((double)(r % 3000) - 1500) * 1e-30 + 1e-40);
		return (int64_t)(r % 4000) - 2000;
	case REALS:
		return sdp_key_of_double(ldexp((double)(r >> 11) - 0x1p52, (int)(r % 1900) - 1000));
	case FAR_REALS: /* of two, three quarters of the way: a tie, but for the other's last bit */
		return sdp_key_of_double(i % 2 ? ldexp(0x1p53 - 2, 900) : 5e-324);
	case LATE_MISFIT: /* only some large values of late runs do not fit scale 18 */
		return (int64_t)(r % (uint64_t)(kind == 18 || i < n / 10 * 9 ? 9000000000000000
									     : 20000000000000000));
	case NEAR_ZERO:
		return kind == SDP_KEY_REAL ? sdp_key_of_double(1e-200)
					    : (int64_t)(r % UINT64_C(1000000000000000000));
	default:
		return (int64_t)r;
	}
}

static void make(struct column *c, enum shape shape, size_t n)
{
	c->n = n;
	c->blocks = 0;
	for (size_t at = 0; at < n;) {
		size_t size = 500 + (size_t)sdp_rng_below(BLOCK - 500, 13, at, shape);
		if (size > n - at)
			size = n - at;
		c->kinds[c->blocks] = kind_of(shape, c->blocks);
		c->starts[c->blocks] = at;
		for (size_t i = at; i < at + size; i++)
			c->values[i] = key_of(shape, c->kinds[c->blocks], i, n);
		at += size;
		c->blocks++;
	}
	c->starts[c->blocks] = n;
}

/* ---- what is right ---- */

struct truth {
	uint64_t unique;
	double quantile[PROBABILITIES];
};

/* A number, exactly: a decimal at scale 18, or a double. */
struct number {
	bool real;
	sdp_int128 decimal;
	double value; /* of a real; of a decimal the nearest */
};

static void set_int128(mpq_t q, sdp_int128 v)
{
	mpz_ptr z = mpq_numref(q);
	bool negative = v < 0;
	sdp_uint128 m = negative ? 0 - (sdp_uint128)v : (sdp_uint128)v;
	mpz_set_ui(z, (unsigned long)(m >> 64));
	mpz_mul_2exp(z, z, 64);
	mpz_add_ui(z, z, (unsigned long)m);
	if (negative)
		mpz_neg(z, z);
	mpz_set_ui(mpq_denref(q), 1);
}

/* Rounded once, subnormals too. */
static double nearest(const mpq_t q)
{
	mpfr_t f;
	mpfr_exp_t emin = mpfr_get_emin();
	mpfr_init2(f, 53);
	mpfr_set_emin(-1073);
	int inexact = mpfr_set_q(f, q, MPFR_RNDN);
	mpfr_subnormalize(f, inexact, MPFR_RNDN);
	double d = mpfr_get_d(f, MPFR_RNDN);
	mpfr_set_emin(emin);
	mpfr_clear(f);
	return d == 0 ? 0 : d;
}

static void set_number(mpq_t q, const struct number *x)
{
	if (x->real) {
		mpq_set_d(q, x->value);
		return;
	}
	set_int128(q, x->decimal);
	mpz_set_ui(mpq_denref(q), 1000000000000000000);
	mpq_canonicalize(q);
}

static int by_number(const void *a, const void *b)
{
	const struct number *x = a, *y = b;
	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	if (!x->real && !y->real)
		return (x->decimal > y->decimal) - (x->decimal < y->decimal);
	mpq_t p, q;
	mpq_inits(p, q, (mpq_ptr)0);
	set_number(p, x);
	set_number(q, y);
	int c = mpq_cmp(p, q);
	mpq_clears(p, q, (mpq_ptr)0);
	return c;
}

/* a + (b - a) part/d */
static double between(mpq_t a, mpq_t b, uint64_t part, uint64_t d)
{
	mpq_t w;
	mpq_init(w);
	mpq_set_ui(w, part, d);
	mpq_canonicalize(w);
	mpq_sub(b, b, a);
	mpq_mul(b, b, w);
	mpq_add(a, a, b);
	mpq_clear(w);
	return nearest(a);
}

static void quantiles(struct truth *t, size_t n, const struct number *sorted)
{
	mpq_t a, b;
	mpq_inits(a, b, (mpq_ptr)0);
	for (size_t i = 0; i < PROBABILITIES; i++) {
		uint64_t d = probabilities[i].denominator,
			 h = (uint64_t)(n - 1) * probabilities[i].numerator;
		size_t low = (size_t)(h / d), high = low + (h % d != 0);
		set_number(a, &sorted[low]);
		set_number(b, &sorted[high]);
		t->quantile[i] = between(a, b, h % d, d);
	}
	mpq_clears(a, b, (mpq_ptr)0);
}

static void find_truth(const struct column *c, struct truth *t)
{
	struct number *all = malloc(c->n * sizeof *all);
	size_t n = 0;
	assert_non_null(all);
	for (size_t b = 0; b < c->blocks; b++)
		for (size_t i = c->starts[b]; i < c->starts[b + 1]; i++) {
			bool real = c->kinds[b] == SDP_KEY_REAL;
			int64_t v = c->values[i];
			all[n++] =
				real ? (struct number){true, 0, sdp_key_to_double(v)}
				     : (struct number){false,
						       (sdp_int128)v * sdp_pow10[18 - c->kinds[b]],
						       sdp_decimal_to_double(v, c->kinds[b])};
		}
	qsort(all, n, sizeof *all, by_number);
	t->unique = 0;
	for (size_t i = 0; i < n; i++)
		t->unique += i == 0 || by_number(&all[i], &all[i - 1]) != 0;
	quantiles(t, n, all);
	free(all);
}

/* ---- what sdp says ---- */

struct place {
	struct sdp_shared_arena *arena;
	struct sdp_spill stores[OWNERS];
	int spill;
};

static void place_open(struct place *p, bool spill)
{
	struct sdp_err err;
	p->arena = sdp_shared_arena_new(OWNERS, &err);
	p->spill = spill ? sdp_spool_new(&err) : -1;
	assert_true(p->arena && (p->spill >= 0) == spill);
	assert_int_equal(sdp_spill_init(&p->stores[0], p->arena, p->spill, "", 0, &err), 0);
	for (int i = 1; i < OWNERS; i++) {
		p->stores[i] = p->stores[0];
		p->stores[i].owner = i;
	}
}

static void place_close(struct place *p)
{
	sdp_shared_arena_free(p->arena);
	if (p->spill >= 0)
		close(p->spill);
}

static void add_block(struct sdp_value_store *keys, struct sdp_spill *store, const struct column *c,
		      size_t b)
{
	struct sdp_err err;
	const int64_t *v = c->values + c->starts[b];
	size_t n = c->starts[b + 1] - c->starts[b];
	int64_t low = v[0], high = v[0];
	for (size_t i = 1; i < n; i++) {
		low = v[i] < low ? v[i] : low;
		high = v[i] > high ? v[i] : high;
	}
	assert_int_equal(sdp_value_store_add(keys, store, v, n, c->kinds[b], low, high, &err), 0);
}

/* Blocks dealt out to owners, whose collections are merged in an order that seed says. */
static void collect(const struct column *c, struct place *p, int owners, uint64_t seed,
		    struct sdp_value_store *keys)
{
	struct sdp_value_store parts[OWNERS] = {{0}};
	struct sdp_err err;
	for (size_t b = 0; b < c->blocks; b++) {
		int o = 1 + (int)sdp_rng_below((uint64_t)owners, seed, b, 1);
		add_block(&parts[o], &p->stores[o], c, b);
	}
	*keys = (struct sdp_value_store){0};
	for (int k = 0; k < owners; k++) {
		int o = 1 + (int)((seed + (uint64_t)k) % (uint64_t)owners);
		assert_int_equal(sdp_value_store_merge(keys, &parts[o], &p->stores[0], &err), 0);
		sdp_shared_arena_pass(p->arena, o, 0);
	}
}

static void check(const struct column *c, const struct truth *want, bool spill, uint64_t memory,
		  int owners, uint64_t seed)
{
	struct place p;
	struct sdp_value_store keys;
	struct sdp_quantiles_result got;
	struct sdp_err err;
	place_open(&p, spill);
	collect(c, &p, owners, seed, &keys);
	if (sdp_quantiles_solve(&keys, &p.stores[0], memory, probabilities, PROBABILITIES, &got,
				&err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.values, c->n);
	assert_int_equal(got.unique, want->unique);
	for (size_t i = 0; i < PROBABILITIES; i++)
		if (memcmp(&got.quantile[i], &want->quantile[i], sizeof(double)) != 0)
			fail_msg("quantile %" PRIu64 "/%" PRIu64 ": %.17g, not %.17g",
				 probabilities[i].numerator, probabilities[i].denominator,
				 got.quantile[i], want->quantile[i]);
	for (size_t i = PROBABILITIES; i < SDP_QUANTILES_QUANTILES; i++)
		assert_true(isnan(got.quantile[i]));
	if (sdp_quantiles_solve_places(&keys, &p.stores[0], memory, false, probabilities,
				       PROBABILITIES, NULL, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.unique, 0);
	assert_memory_equal(got.quantile, want->quantile, PROBABILITIES * sizeof(double));
	place_close(&p);
}

static void check_shape(enum shape shape, size_t n)
{
	struct column *c = malloc(sizeof *c);
	struct truth want;
	assert_non_null(c);
	make(c, shape, n);
	find_truth(c, &want);
	check(c, &want, true, 0, 1, 1);
	check(c, &want, true, 1 << 20, 4, 2);
	check(c, &want, false, 1 << 20, 5, 3);
	check(c, &want, false, 1 << 28, 3, 4);
	free(c);
}

static void test_many(void **state)
{
	(void)state;
	for (int shape = 0; shape < SHAPES; shape++)
		check_shape((enum shape)shape, shape == WITH_REALS || shape % 2 ? 70000 : MOST);
}

static void test_small(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 5, 10, 100, 1023, 1024, 1025, 5000};
	(void)state;
	for (int shape = 0; shape < SHAPES; shape++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			check_shape((enum shape)shape, sizes[i]);
}

static void test_nothing(void **state)
{
	struct sdp_value_store keys = {0};
	struct sdp_quantiles_result got;
	struct sdp_err err;
	struct place p;
	(void)state;
	place_open(&p, false);
	assert_int_equal(sdp_quantiles_solve(&keys, &p.stores[0], 0, probabilities, PROBABILITIES,
					     &got, &err),
			 0);
	assert_int_equal(got.values, 0);
	assert_int_equal(got.unique, 0);
	assert_true(isnan(got.quantile[0]));
	assert_int_equal(sdp_quantiles_cost(&keys), 0);
	place_close(&p);
}

/* ---- hashes ---- */

static void add_strings(struct sdp_value_store *keys, struct sdp_spill *store, size_t from,
			size_t to, uint64_t distinct, uint32_t limit)
{
	uint64_t hashes[2 * BLOCK];
	size_t kept = 0;
	struct sdp_err err;
	for (size_t i = from; i < to; i++) {
		/* Half of all are one string. */
		uint64_t s = i % 2 ? 0 : sdp_rng_below(distinct, 21, i, 0),
			 h[2] = {sdp_rng(22, s, 0), sdp_rng(22, s / 2, 1)};
		if (!keys->frozen) {
			assert_in_range(sdp_value_store_count_hash(keys, store, h[0], h[1], limit,
								   &err),
					0, 1);
			continue;
		}
		hashes[kept++] = h[0];
		hashes[kept++] = h[1];
	}
	assert_int_equal(sdp_value_store_add_hashes(keys, store, hashes, kept / 2, &err), 0);
}

static uint64_t distinct_strings(size_t n, uint64_t distinct)
{
	uint8_t *seen = calloc(distinct, 1);
	uint64_t count = 0;
	assert_non_null(seen);
	for (size_t i = 0; i < n; i++) {
		uint64_t s = i % 2 ? 0 : sdp_rng_below(distinct, 21, i, 0);
		count += !seen[s];
		seen[s] = 1;
	}
	free(seen);
	return count;
}

static void check_strings(size_t n, uint64_t distinct, uint32_t limit, bool spill, uint64_t memory)
{
	struct place p;
	struct sdp_value_store parts[OWNERS] = {{0}};
	struct sdp_quantiles_result got;
	struct sdp_err err;
	place_open(&p, spill);
	for (size_t at = 0, b = 0; at < n; at += BLOCK, b++)
		add_strings(&parts[b % 3], &p.stores[b % 3], at, at + BLOCK < n ? at + BLOCK : n,
			    distinct, limit);
	for (int o = 1; o < 3; o++) {
		assert_int_equal(sdp_value_store_merge(&parts[0], &parts[o], &p.stores[0], &err),
				 0);
		sdp_shared_arena_pass(p.arena, o, 0);
	}
	assert_int_equal(sdp_quantiles_solve(&parts[0], &p.stores[0], memory, probabilities, 0,
					     &got, &err),
			 0);
	assert_int_equal(got.values, n);
	assert_int_equal(got.unique, distinct_strings(n, distinct));
	assert_true(isnan(got.quantile[0]));
	place_close(&p);
}

static void test_strings(void **state)
{
	(void)state;
	check_strings(1, 1, 1000, false, 0);
	check_strings(100000, 300, 1000, false, 0);
	check_strings(100000, 3000, 1000, true, 0);
	check_strings(200000, 60000, 1000, true, 0);
	check_strings(200000, 60000, 1000, false, 1 << 28);
	check_strings(200000, 60000, 1000000, false, 1 << 20);
	check_strings(200000, 190000, 1000000, true, 1 << 20);
}

/* ---- doubles as keys ---- */

static void test_double_keys(void **state)
{
	static const double values[] =
		{-1.7976931348623157e308, -1, -0x1p-1022, -5e-324, 0, 5e-324, 0x1p-1022, 1,
		 1.7976931348623157e308};
	(void)state;
	assert_int_equal(sdp_key_of_double(-0.0), sdp_key_of_double(0));
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		assert_true(sdp_key_to_double(sdp_key_of_double(values[i])) == values[i]);
		assert_true(i == 0 ||
			    sdp_key_of_double(values[i - 1]) < sdp_key_of_double(values[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_small),
		cmocka_unit_test(test_many),        cmocka_unit_test(test_strings),
		cmocka_unit_test(test_double_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

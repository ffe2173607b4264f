/*
 * Compares exact sums, means and variances with the NIST data sets and with GMP, for any grouping
 * of the rows.
 */
#include "base/rng.h"
#include "sdp/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg(__VA_ARGS__);                                                     \
	} while (0)

enum { N = 3000 };

/* A column: a decimal (scale ≥ 0) or a double (scale -1) a row. */
struct column {
	int n;
	int64_t mantissa[N];
	int scale[N];
	double real[N];
};

static void add_to(struct column *c, int64_t mantissa, int scale)
{
	c->mantissa[c->n] = mantissa;
	c->scale[c->n++] = scale;
}

static void add_real(struct column *c, double value)
{
	c->real[c->n] = value;
	c->scale[c->n++] = -1;
}

struct state {
	struct sdp_scaled_sum scaled[SDP_SCALE_MAX + 1];
	struct sdp_real_sum real;
};

static void state_add(struct state *s, const struct column *c, int row)
{
	if (c->scale[row] < 0)
		sdp_real_sum_add(&s->real, c->real[row]);
	else
		sdp_scaled_sum_add(&s->scaled[c->scale[row]], &c->mantissa[row], 1);
}

static void state_merge(struct state *into, const struct state *from)
{
	for (int i = 0; i <= SDP_SCALE_MAX; i++)
		sdp_scaled_sum_merge(&into->scaled[i], &from->scaled[i]);
	sdp_real_sum_merge(&into->real, &from->real);
}

static void state_finish(const struct state *s, struct sdp_moment_result *out)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];

	memset(out, 0, sizeof(*out));
	for (int i = 0; i <= SDP_SCALE_MAX; i++)
		scaled[i] = s->scaled[i].count ? &s->scaled[i] : NULL;
	sdp_exact_moments(scaled, s->real.count ? &s->real : NULL, out);
}

static bool same(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

static bool same_result(const struct sdp_moment_result *a, const struct sdp_moment_result *b)
{
	return a->count == b->count && same(a->sum, b->sum) && same(a->mean, b->mean) &&
	       same(a->variance, b->variance) && same(a->stddev, b->stddev) &&
	       a->has_decimal_sum == b->has_decimal_sum && a->sum_mantissa == b->sum_mantissa &&
	       a->sum_scale == b->sum_scale;
}

/* Rounds as IEEE 754 does, subnormals and overflow included. */
static double mpfr_round_q(const mpq_t q, bool root)
{
	mpfr_t wide, narrow;
	mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();

	/* 8000 bits tell any two of these values and half-way points apart. */
	mpfr_init2(wide, 8000);
	mpfr_init2(narrow, 53);
	int inexact = mpfr_set_q(wide, q, MPFR_RNDZ);
	if (root)
		inexact |= mpfr_sqrt(wide, wide, MPFR_RNDZ);
	if (inexact && mpfr_sgn(wide) != 0)
		mpfr_sgn(wide) > 0 ? mpfr_nextabove(wide) : mpfr_nextbelow(wide);
	mpfr_set_emin(-1073);
	mpfr_set_emax(1024);
	int ternary = mpfr_set(narrow, wide, MPFR_RNDN);
	ternary = mpfr_check_range(narrow, ternary, MPFR_RNDN);
	mpfr_subnormalize(narrow, ternary, MPFR_RNDN);
	double value = mpfr_get_d(narrow, MPFR_RNDN);
	mpfr_set_emin(emin);
	mpfr_set_emax(emax);
	mpfr_clear(wide);
	mpfr_clear(narrow);
	return value;
}

/* The definitions in rational arithmetic, two passes. */
static void oracle(const struct column *c, struct sdp_moment_result *out)
{
	mpq_t sum, mean, x, squares;
	bool exact = true;

	memset(out, 0, sizeof(*out));
	mpq_inits(sum, mean, x, squares, (mpq_ptr)NULL);
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < c->n; i++) {
			if (c->scale[i] < 0)
				mpq_set_d(x, c->real[i]);
			else
				mpq_set_si(x, c->mantissa[i],
					   (unsigned long)sdp_pow10[c->scale[i]]);
			mpq_canonicalize(x);
			exact &= c->scale[i] >= 0;
			if (pass == 0) {
				mpq_add(sum, sum, x);
			} else {
				mpq_sub(x, x, mean);
				mpq_mul(x, x, x);
				mpq_add(squares, squares, x);
			}
		}
		if (c->n == 0)
			break;
		mpq_set_ui(mean, 1, (unsigned long)c->n);
		mpq_mul(mean, mean, sum);
	}
	out->count = (uint64_t)c->n;
	out->sum = mpfr_round_q(sum, false);
	out->mean = c->n ? mpfr_round_q(mean, false) : NAN;
	out->variance = out->stddev = NAN;
	if (c->n > 1) {
		mpq_set_ui(x, 1, (unsigned long)c->n - 1);
		mpq_mul(squares, squares, x);
		out->variance = mpfr_round_q(squares, false);
		out->stddev = mpfr_round_q(squares, true);
	}
	mpq_set_ui(x, 10, 1);
	for (; exact && mpz_cmp_ui(mpq_denref(sum), 1) != 0; out->sum_scale++)
		mpq_mul(sum, sum, x);
	out->has_decimal_sum = exact && mpz_fits_slong_p(mpq_numref(sum));
	out->sum_mantissa = out->has_decimal_sum ? mpz_get_si(mpq_numref(sum)) : 0;
	out->sum_scale = out->has_decimal_sum ? out->sum_scale : 0;
	mpq_clears(sum, mean, x, squares, (mpq_ptr)NULL);
}

/* Against the oracle; then permuted and grouped at random: the same figures, the same bytes. */
static void check(const struct column *c, const char *what)
{
	struct state *s = calloc(9, sizeof(*s));
	struct sdp_moment_result want, got;
	static int order[N];

	for (int i = 0; i < c->n; i++) {
		order[i] = i;
		state_add(&s[0], c, i);
	}
	oracle(c, &want);
	state_finish(&s[0], &got);
	CHECK(same_result(&want, &got),
	      "%s: sum %.17g %.17g mean %.17g %.17g variance %.17g %.17g stddev %.17g %.17g", what,
	      want.sum, got.sum, want.mean, got.mean, want.variance, got.variance, want.stddev,
	      got.stddev);
	if (c->scale[0] < 0)
		for (int i = 0; i <= SDP_SCALE_MAX; i++)
			if (s[0].scaled[i].count)
				goto mixed;
	if (s[0].real.count == got.count)
		CHECK(sdp_exact_sum_value(&s[0].real.sum) == got.sum, "%s", what);
mixed:
	for (int i = c->n - 1; i > 0; i--) {
		int j = (int)sdp_rng_below((uint64_t)i + 1, 9, (uint64_t)i, 0), t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	for (int i = 0; i < c->n; i++)
		state_add(&s[1 + sdp_rng(9, (uint64_t)i, 1) % 7], c, order[i]);
	for (int left = 7; left > 1; left--) {
		int a = 1 + (int)sdp_rng_below((uint64_t)left, 9, (uint64_t)left, 2);
		if (a != left)
			state_merge(&s[a], &s[left]);
		else
			state_merge(&s[1], &s[left]);
	}
	state_merge(&s[8], &s[1]);
	state_finish(&s[8], &want);
	CHECK(same_result(&want, &got), "%s: order or grouping matters", what);
	sdp_real_sum_normalise(&s[0].real);
	sdp_real_sum_normalise(&s[8].real);
	CHECK(memcmp(&s[0], &s[8], sizeof(*s)) == 0, "%s: accumulators differ", what);
	free(s);
}

static void random_columns(void **unused)
{
	(void)unused;
	static struct column c;

	for (uint64_t t = 0; t < 400; t++) {
		int rows = (int)sdp_rng_below(t % 10 ? 60 : 600, 1, t, 0);
		int bits = (int)sdp_rng_below(64, 1, t, 1),
		    scales = 1 + (int)sdp_rng_below(19, 1, t, 2);
		bool reals = t % 4 > 1, decimals = t % 4 != 2;
		int range = t % 3 ? 40 : 2000;

		c.n = 0;
		for (int i = 0; i < rows; i++) {
			uint64_t x = sdp_rng(2, t, (uint64_t)i);
			double d = ldexp(sdp_rng_unit(3, t, (uint64_t)i) - .5,
					 (int)sdp_rng_below((uint64_t)range, 4, t, (uint64_t)i) -
						 range / 2);
			if (decimals && (!reals || x % 2))
				add_to(&c, (int64_t)x >> bits,
				       (int)((x & 0xffff) % (uint64_t)scales));
			else
				add_real(&c, d);
		}
		check(&c, "random");
	}
}

static void extreme_columns(void **unused)
{
	(void)unused;
	static const double reals[][6] = {{1e308, 1, -1e308, 0, 0, 0},
					  {1e308, 1e308, 1e-308, -1e308, -1e308, 5e-324},
					  {5e-324, 5e-324, 5e-324, 1e-323, 0, 0},
					  {DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX},
					  {DBL_MAX, -DBL_MAX, DBL_MAX, -DBL_MAX, 5e-324, -5e-324},
					  {0x1p-1022, -5e-324, 0x1p-1022, 0, 0, 0},
					  {1, 0x1p-53, 0x1p-1074, 0, 0, 0},
					  {1, 0x1p-53, 0, 0, 0, 0},
					  {-1, -0x1p-53, -0x1p-1074, 0, 0, 0},
					  {DBL_MAX, 0x1p969, 0, 0, 0, 0},
					  {DBL_MAX, 0x1p970, 0, 0, 0, 0},
					  {DBL_MAX, 0x1p970, -5e-324, 0, 0, 0},
					  {-0.0, -0.0, 0, 0, 0, 0},
					  {-5e-324, 0, 0, 0, 0, 0},
					  {0x1p-537, 0, 0, 0, 0, 0},
					  {0x1p-537, -0x1p-537, 0x1.8p-537, 0x1p-538, 0, 0}};
	static const int64_t integers[][4] =
		{{INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN},
		 {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX},
		 {INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX},
		 {INT64_MIN, INT64_MAX, 0, 1},
		 {INT64_MAX, 1, 0, 0},
		 {INT64_MAX, 1, -1, 0},
		 {INT32_MIN, INT32_MAX, INT32_MIN, 1},
		 {-INT64_C(0x200000000000000), INT64_C(0x1ffffffffffffff), 0, -1},
		 {3, 3, 3, 3},
		 /* √(a² + 3) with a half-way between doubles; √a² */
		 {-INT64_C(9007199254740993), 3, INT64_C(9007199254740993), 0},
		 {-INT64_C(9007199254740993), 0, INT64_C(9007199254740993), 0}};
	static struct column c;

	for (size_t i = 0; i < sizeof(reals) / sizeof(*reals); i++) {
		for (int n = 0; n <= 6; n++) {
			c.n = 0;
			for (int j = 0; j < n; j++)
				add_real(&c, reals[i][j]);
			check(&c, "reals");
			add_to(&c, 1, (int)i % 19);
			check(&c, "reals and a decimal");
		}
	}
	for (size_t i = 0; i < sizeof(integers) / sizeof(*integers); i++) {
		for (int n = 0; n <= 4; n++) {
			c.n = 0;
			for (int j = 0; j < n; j++)
				add_to(&c, integers[i][j], 0);
			check(&c, "integers");
			for (int j = 0; j < n; j++)
				c.scale[j] = 18 - j;
			check(&c, "scaled");
		}
	}
}

static void results_that_do_not_exist(void **unused)
{
	(void)unused;
	struct state *s = calloc(1, sizeof(*s));
	struct sdp_moment_result r;

	state_finish(s, &r);
	assert_true(r.count == 0 && r.sum == 0 && isnan(r.mean) && isnan(r.variance) &&
		    isnan(r.stddev));
	assert_true(r.has_decimal_sum && r.sum_mantissa == 0);
	sdp_scaled_sum_add(&s->scaled[1], (const int64_t[]){25}, 1);
	state_finish(s, &r);
	assert_true(r.count == 1 && r.sum == 2.5 && r.mean == 2.5 && isnan(r.variance) &&
		    isnan(r.stddev) && r.has_decimal_sum && r.sum_mantissa == 25 &&
		    r.sum_scale == 1);
	free(s);
}

/* NIST StRD NumAcc1 to 4: the certified mean and standard deviation, to the last bit. */
static void nist_numacc(void **unused)
{
	(void)unused;
	static const struct {
		int64_t first, low, high;
		int scale;
		double mean, stddev;
	} sets[] = {{10000002, 10000001, 10000003, 0, 10000002, 1},
		    {12, 11, 13, 1, 1.2, 0.1},
		    {10000002, 10000001, 10000003, 1, 1000000.2, 0.1},
		    {100000002, 100000001, 100000003, 1, 10000000.2, 0.1}};
	struct sdp_moment_result r;

	for (int i = 0; i < 4; i++) {
		struct state *s = calloc(1, sizeof(*s));
		int rows = i == 0 ? 3 : 1001;
		int64_t values[1001] = {sets[i].first};
		for (int j = 1; j < rows; j++)
			values[j] = j % 2 ? sets[i].low : sets[i].high;
		sdp_scaled_sum_add(&s->scaled[sets[i].scale], values, (size_t)rows);
		state_finish(s, &r);
		assert_true(r.mean == sets[i].mean && r.stddev == sets[i].stddev);
		free(s);
	}
}

static void scaled_blocks_of_any_size(void **unused)
{
	(void)unused;
	const size_t n = 20000;
	int64_t *values = malloc(n * sizeof(*values));

	for (int bits = 0; bits < 64; bits++) {
		struct sdp_scaled_sum blocks = {.count = 0}, single = {.count = 0},
				      merged = {.count = 0};
		for (size_t i = 0; i < n; i++)
			values[i] = i % 9 == 0 ? INT64_MIN >> bits
					       : (int64_t)sdp_rng(5, i, (uint64_t)bits) >> bits;
		for (size_t i = 0, size; i < n; i += size) {
			struct sdp_scaled_sum part = {.count = 0};
			size = 1 + (size_t)sdp_rng_below(9000, 6, i, (uint64_t)bits);
			if (size > n - i)
				size = n - i;
			sdp_scaled_sum_add(&blocks, values + i, size);
			sdp_scaled_sum_add(&part, values + i, size);
			sdp_scaled_sum_merge(&merged, &part);
		}
		sdp_int128 sum = 0;
		mpz_t square, want;
		mpz_inits(square, want, (mpz_ptr)NULL);
		for (size_t i = 0; i < n; i++) {
			sdp_scaled_sum_add(&single, values + i, 1);
			sum += values[i];
			mpz_set_si(square, values[i]);
			mpz_addmul(want, square, square);
		}
		mpz_import(square, 3, -1, 8, 0, 0, blocks.square);
		assert_true(blocks.sum == sum && blocks.count == n && mpz_cmp(square, want) == 0);
		assert_memory_equal(&blocks, &single, sizeof(single));
		assert_memory_equal(&blocks, &merged, sizeof(merged));
		mpz_clears(square, want, (mpz_ptr)NULL);
	}
	free(values);
}

/* What is taken away leaves the rest, to the last bit. */
static void parts_can_be_removed(void **unused)
{
	(void)unused;
	struct sdp_scaled_sum all = {.count = 0}, part = {.count = 0}, rest = {.count = 0};
	struct sdp_real_sum reals = {.count = 0}, some = {.count = 0}, others = {.count = 0};
	const struct sdp_scaled_sum *none[SDP_SCALE_MAX + 1] = {NULL};
	struct sdp_moment_result got, want;
	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t r = sdp_rng(11, 0, i);
		int64_t m = i % 40 == 0 ? INT64_MIN : (int64_t)(r >> r % 60);
		double x = ldexp((double)(int64_t)r, (int)(r % 200) - 100);
		sdp_scaled_sum_add(&all, &m, 1);
		sdp_scaled_sum_add(r & 1 ? &part : &rest, &m, 1);
		sdp_real_sum_add(&reals, x);
		sdp_real_sum_add(r & 1 ? &some : &others, x);
	}
	sdp_scaled_sum_remove(&all, &part);
	assert_memory_equal(&all, &rest, sizeof all);
	sdp_real_sum_remove(&reals, &some);
	sdp_exact_moments(none, &reals, &got);
	sdp_exact_moments(none, &others, &want);
	assert_true(got.count == want.count && got.sum == want.sum &&
		    got.variance == want.variance);
}

/* Doubling an accumulator by merges makes carries due long before 2^63 values. */
static void carries_are_taken_in_time(void **unused)
{
	(void)unused;
	struct sdp_real_sum a = {.count = 0}, b;
	struct sdp_moment_result r;
	const struct sdp_scaled_sum *none[SDP_SCALE_MAX + 1] = {NULL};

	sdp_real_sum_add(&a, -0x1.fffffffffffffp500);
	sdp_real_sum_add(&a, -0x1.fffffffffffffp500);
	for (int i = 0; i < 60; i++) {
		b = a;
		sdp_real_sum_merge(&a, &b);
	}
	assert_true(sdp_exact_sum_value(&a.sum) == -0x1.fffffffffffffp561);
	sdp_exact_moments(none, &a, &r);
	assert_true(r.count == UINT64_C(1) << 61 && r.mean == -0x1.fffffffffffffp500 &&
		    r.variance == 0 && r.stddev == 0);

	struct sdp_exact_sum many = {.pending = 0};
	for (uint32_t i = 0; i < UINT32_C(600000000); i++)
		sdp_exact_sum_add(&many, 0x1.fffffffffffffp0);
	assert_true(sdp_exact_sum_value(&many) == 0x1.fffffffffffffp0 * 6e8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_that_do_not_exist), cmocka_unit_test(nist_numacc),
		cmocka_unit_test(extreme_columns),           cmocka_unit_test(random_columns),
		cmocka_unit_test(scaled_blocks_of_any_size), cmocka_unit_test(parts_can_be_removed),
		cmocka_unit_test(carries_are_taken_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

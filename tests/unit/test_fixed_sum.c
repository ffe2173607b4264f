/* Tests fixed-point sums: means are correctly rounded, and values can be subtracted again. */
#include "base/fixed_sum.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <gmp.h>
#include <math.h>
#include <stdlib.h>

/* The double nearest to a fraction of normal size, ties to even. */
static double nearest(const mpq_t q)
{
	mpz_t scaled, rest;
	mpz_inits(scaled, rest, NULL);
	bool negative = mpq_sgn(q) < 0;
	mpz_abs(scaled, mpq_numref(q));
	/*
	 * 2^shift brings the quotient to 54 bits or a few more; what is left over only has to be
	 * known.
	 */
	long shift = 58 - ((long)mpz_sizeinbase(mpq_numref(q), 2) -
			   (long)mpz_sizeinbase(mpq_denref(q), 2));
	mpz_t divisor;
	mpz_init_set(divisor, mpq_denref(q));
	mpz_mul_2exp(shift > 0 ? scaled : divisor, shift > 0 ? scaled : divisor,
		     (unsigned long)labs(shift));
	mpz_tdiv_qr(scaled, rest, scaled, divisor);
	uint64_t bits = mpz_get_ui(scaled);
	if (mpz_sgn(rest) != 0)
		bits |= 1;
	mpz_clears(scaled, rest, divisor, NULL);
	double value = ldexp((double)bits, (int)-shift);
	return negative ? -value : value;
}

/* The mean of n doubles by GMP. */
static double mean_of(const double *values, size_t n)
{
	mpq_t sum, one;
	mpq_inits(sum, one, NULL);
	for (size_t i = 0; i < n; i++) {
		mpq_set_d(one, values[i]);
		mpq_add(sum, sum, one);
	}
	mpq_set_ui(one, n, 1);
	mpq_div(sum, sum, one);
	double mean = mpq_sgn(sum) ? nearest(sum) : 0;
	mpq_clears(sum, one, NULL);
	return mean;
}

static double largest(const double *values, size_t n)
{
	double most = 0;
	for (size_t i = 0; i < n; i++)
		most = fmax(most, fabs(values[i]));
	return most;
}

static sdp_int128 sum_of(const struct sdp_fixed_sum *window, const double *values, size_t n)
{
	sdp_int128 sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += sdp_fixed_sum_of(window, values[i]);
	return sum;
}

static double least(const double *values, size_t n)
{
	double fewest = HUGE_VAL;
	for (size_t i = 0; i < n; i++)
		fewest = values[i] == 0 ? fewest : fmin(fewest, fabs(values[i]));
	return fewest;
}

static bool fits(const double *values, size_t n)
{
	struct sdp_fixed_sum window;
	return sdp_fixed_sum_init(&window, largest(values, n), least(values, n));
}

static double window_mean(const double *values, size_t n)
{
	struct sdp_fixed_sum window;
	assert_true(sdp_fixed_sum_init(&window, largest(values, n), least(values, n)));
	return sdp_fixed_sum_mean(&window, sum_of(&window, values, n), n);
}

static double draw(uint64_t trial, uint64_t i)
{
	return 2 * sdp_rng_unit(77, trial, i) - 1;
}

/* Of all sizes from 2^-960 to 2^1022, both signs, a spread of up to 2^40 within a set. */
static void means_are_nearest(void **state)
{
	(void)state;
	int misfits = 0;
	for (uint64_t trial = 0; trial < 20000; trial++) {
		double values[40];
		size_t n = 1 + sdp_rng_below(40, 78, trial, 0);
		int size = (int)sdp_rng_below(1900, 78, trial, 1) - 900,
		    spread = (int)sdp_rng_below(41, 78, trial, 2);
		for (size_t i = 0; i < n; i++)
			values[i] = ldexp(draw(trial, i),
					  size - (int)sdp_rng_below((uint64_t)spread + 1, 79, trial,
								    i));
		if (!fits(values, n)) {
			/* Only where one value has bits that the window lacks. */
			assert_true(least(values, n) < largest(values, n) * 0x1p-40 ||
				    largest(values, n) < 0x1p-960);
			misfits++;
			continue;
		}
		double wanted = mean_of(values, n), got = window_mean(values, n);
		if (wanted != got)
			fail_msg("trial %d, %d values about 2^%d: %a, nearest is %a", (int)trial,
				 (int)n, size, got, wanted);
	}
	assert_in_range(misfits, 1, 2000);
}

static void halves_go_to_even(void **state)
{
	(void)state;
	for (int e = -900; e < 1000; e += 100)
		for (int k = 0; k < 64; k++) {
			double unit = ldexp(1, e), a = (0x1p52 + k) * unit,
			       b = (0x1p52 + k + 1) * unit;
			double pair[] = {a, b}, negative[] = {-a, -b};
			double even = k % 2 ? b : a;
			assert_true(window_mean(pair, 2) == even);
			assert_true(window_mean(negative, 2) == -even);
		}
	/* A little more or less than half is no half. */
	double above[] = {0x1p52, 0x1p52 + 1, 0x1p52 + 1, 0x1p52 + 0},
	       third[] = {0x1p52, 0x1p52 + 1, 0x1p52 + 1};
	assert_true(window_mean(above, 4) == 0x1p52);
	assert_true(window_mean(third, 3) == 0x1p52 + 1);
}

static void what_was_added_can_be_taken_away(void **state)
{
	(void)state;
	struct sdp_fixed_sum window;
	assert_true(sdp_fixed_sum_init(&window, 1e6, 1e-4));
	sdp_int128 sum = 0;
	for (uint64_t i = 0; i < 1000; i++)
		sum += sdp_fixed_sum_of(&window, draw(1, i) * 1e6);
	for (uint64_t i = 999; i > 0; i--)
		sum -= sdp_fixed_sum_of(&window, draw(1, i) * 1e6);
	assert_true(sdp_fixed_sum_mean(&window, sum, 1) == draw(1, 0) * 1e6);
	sum -= sdp_fixed_sum_of(&window, draw(1, 0) * 1e6);
	assert_true(sum == 0);
	assert_true(sdp_fixed_sum_mean(&window, sum, 1) == 0);
}

/* 2^32 - 1 times the largest magnitude there is room for. */
static void sums_of_very_many(void **state)
{
	(void)state;
	static const double most[] =
		{0x1.fffffffffffffp1021, 0x1.fffffffffffffp-1, 1, 0x1p-961, 3, 1e300, 1e-280};
	for (size_t i = 0; i < sizeof most / sizeof *most; i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			struct sdp_fixed_sum window;
			assert_true(sdp_fixed_sum_init(&window, most[i], most[i]));
			sdp_int128 sum = sdp_fixed_sum_of(&window, sign * most[i]), all = sum;
			for (int doubling = 1; doubling < 32; doubling++)
				all = 2 * all + sum;
			assert_true(sdp_fixed_sum_mean(&window, all, UINT64_C(0xffffffff)) ==
				    sign * most[i]);
			/* As many of each sign but for one. */
			assert_true(sdp_fixed_sum_mean(&window, all - (all - sum), 1) ==
				    sign * most[i]);
		}
}

/* Values are multiples of the unit; what lies below goes towards 0. */
static void values_are_cut_towards_zero(void **state)
{
	(void)state;
	struct sdp_fixed_sum window;
	assert_true(sdp_fixed_sum_init(&window, 1.5, 0x1p-41));
	assert_false(sdp_fixed_sum_init(&window, 1.5, 0x1p-42));
	assert_int_equal(window.exponent, 1 - 94);
	assert_true(sdp_fixed_sum_of(&window, 0x1p-93) == 1);
	assert_true(sdp_fixed_sum_of(&window, 0x1.8p-93) == 1);
	assert_true(sdp_fixed_sum_of(&window, -0x1.8p-93) == -1);
	assert_true(sdp_fixed_sum_of(&window, 0x1p-94) == 0);
	assert_true(sdp_fixed_sum_of(&window, -0x1p-94) == 0);
	assert_true(sdp_fixed_sum_of(&window, 0) == 0);
	assert_true(sdp_fixed_sum_of(&window, 5e-324) == 0);
	assert_true(sdp_fixed_sum_init(&window, 0, HUGE_VAL));
	assert_true(sdp_fixed_sum_mean(&window, sdp_fixed_sum_of(&window, 0), 3) == 0);
	assert_false(sdp_fixed_sum_init(&window, 0x1p-1000, 0x1p-1010));
	assert_true(sdp_fixed_sum_init(&window, 0x1p-1000, 0x1p-1001));
	assert_int_equal(window.exponent, -1055);
	assert_true(sdp_fixed_sum_mean(&window, sdp_fixed_sum_of(&window, 0x1p-1000), 1) ==
		    0x1p-1000);
	assert_true(sdp_fixed_sum_mean(&window, 2 * sdp_fixed_sum_of(&window, 0x1p-1055), 2) ==
		    0x1p-1055);
	assert_true(sdp_fixed_sum_of(&window, 0x1p-1056) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_are_nearest),
		cmocka_unit_test(halves_go_to_even),
		cmocka_unit_test(what_was_added_can_be_taken_away),
		cmocka_unit_test(sums_of_very_many),
		cmocka_unit_test(values_are_cut_towards_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

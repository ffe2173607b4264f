/* Tests the random numbers: they never change, and they are uniform. */
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

enum { N = 1 << 16 };

/* Neighbouring inputs along each of the three words, and along their sum. */
static uint64_t along(int way, uint64_t i)
{
	switch (way) {
	case 0:
		return sdp_rng(i, 5, 5);
	case 1:
		return sdp_rng(1, i, 0);
	case 2:
		return sdp_rng(1, 5, i);
	default:
		return sdp_rng(1 + i % 4, i / 64, i / 4 % 16);
	}
}

static void the_same_bits_everywhere(void **state)
{
	(void)state;
	assert_true(sdp_rng(0, 0, 0) == UINT64_C(0x6b9fcfd96848bb26));
	assert_true(sdp_rng(1, 2, 3) == UINT64_C(0x3c47452b176e5fce));
	assert_true(sdp_rng(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_C(0x3454ebc4d0071988));
	/* The first file has the seed itself. */
	assert_true(sdp_rng_input(7, 0) == 7);
	assert_true(sdp_rng_input(7, 1) == UINT64_C(0xfc87699c6e47d9d4));
	assert_true(sdp_rng_input(UINT64_MAX, UINT32_MAX) == UINT64_C(0x115d29a651430dad));
}

/*
 * A sum of squared deviations over 256 cells: chi-squared with 255 degrees, 99.999 % within 150 …
 * 380.
 */
static void expect_uniform(const unsigned *cells, unsigned total)
{
	double chi = 0, each = total / 256.;

	for (int i = 0; i < 256; i++)
		chi += (cells[i] - each) * (cells[i] - each) / each;
	if (chi < 150 || chi > 380)
		fail_msg("chi-squared %g", chi);
}

static void bytes_are_uniform(void **state)
{
	(void)state;
	for (int way = 0; way < 4; way++) {
		for (int shift = 0; shift < 64; shift += 4) {
			unsigned cells[256] = {0}, pairs[256] = {0};
			for (uint64_t i = 0; i < N; i++) {
				uint64_t x = along(way, i) >> shift, y = along(way, i + 1) >> shift;
				cells[x & 0xff]++;
				pairs[(x & 15) << 4 | (y & 15)]++;
			}
			if (shift <= 56)
				expect_uniform(cells, N);
			if (way < 3)
				expect_uniform(pairs, N);
		}
	}
}

/* Each input bit flips each output bit half of the time. */
static void avalanche(void **state)
{
	(void)state;
	enum { TRIALS = 4096 };

	for (int word = 0; word < 3; word++) {
		for (int in = 0; in < 64; in++) {
			unsigned flips[64] = {0};
			for (uint64_t i = 0; i < TRIALS; i++) {
				uint64_t w[3] = {i % 16, i, i % 8};
				uint64_t x = sdp_rng(w[0], w[1], w[2]);
				w[word] ^= UINT64_C(1) << in;
				x ^= sdp_rng(w[0], w[1], w[2]);
				for (int out = 0; out < 64; out++)
					flips[out] += (unsigned)(x >> out) & 1;
			}
			for (int out = 0; out < 64; out++)
				assert_in_range(flips[out], TRIALS / 2 - 180, TRIALS / 2 + 180);
		}
	}
}

static void units_lie_inside(void **state)
{
	(void)state;
	for (int way = 0; way < 2; way++) {
		double sum = 0, squares = 0, lagged = 0, last = 0;
		for (uint64_t i = 0; i < 1000000; i++) {
			double u = way ? sdp_rng_unit(1, i, 0) : sdp_rng_unit(1, 0, i);
			assert_true(u > 0 && u < 1);
			sum += u;
			squares += (u - .5) * (u - .5);
			lagged += (u - .5) * (last - .5);
			last = u;
		}
		assert_true(fabs(sum / 1e6 - .5) < .0015);
		assert_true(fabs(squares / 1e6 - 1. / 12) < .0005);
		assert_true(fabs(lagged / 1e6) < .0005);
	}
	/* The ends of the formula. */
	assert_true(((double)(UINT64_MAX >> 12) + 0.5) * 0x1p-52 < 1);
	assert_true(((double)0 + 0.5) * 0x1p-52 > 0);
}

static void below_is_uniform(void **state)
{
	(void)state;
	unsigned cells[256] = {0};

	for (uint64_t i = 0; i < N; i++) {
		cells[sdp_rng_below(256, 3, i, 1)]++;
		assert_int_equal(sdp_rng_below(1, 3, i, 0), 0);
		assert_in_range(sdp_rng_below(7, 3, i, 0), 0, 6);
		assert_true(sdp_rng_below(UINT64_MAX, 3, i, 0) < UINT64_MAX);
	}
	expect_uniform(cells, N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bits_everywhere),
		cmocka_unit_test(bytes_are_uniform),
		cmocka_unit_test(avalanche),
		cmocka_unit_test(units_lie_inside),
		cmocka_unit_test(below_is_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the speedup models: Amdahl's law, the universal scalability law and bootstrap intervals. */
#include "base/rng.h"
#include "model/bench/speedup_models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

enum { COUNTS = 8 };
static const double counts[COUNTS] = {1, 2, 4, 8, 12, 16, 24, 32};

static void expect_near(double got, double wanted, double tolerance)
{
	if (!(fabs(got - wanted) <= tolerance))
		fail_msg("%.17g, wanted %.17g", got, wanted);
}

/* About normal, from twelve uniform numbers. */
static double noise(uint64_t seed, uint64_t record)
{
	double sum = -6;
	for (uint64_t i = 0; i < 12; i++)
		sum += sdp_rng_unit(seed, record, i);
	return sum;
}

static void a_summary(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_speedup_summary s, again;
	const double times[] = {4, 1, 3, 2}, one[] = {2.5};
	double values[] = {9, 7, 8};

	assert_int_equal(sdp_speedup_summarize(times, 4, 1, 0, &s, &err), 0);
	expect_near(s.median, 2.5, 0);
	expect_near(s.mean, 2.5, 0);
	expect_near(s.stddev, sqrt(5. / 3), 1e-15);
	expect_near(s.min, 1, 0);
	assert_true(s.ci.low >= 1 && s.ci.low < 2.5 && s.ci.high > 2.5 && s.ci.high <= 4);
	assert_int_equal(sdp_speedup_summarize(times, 4, 1, 0, &again, &err), 0);
	assert_memory_equal(&s, &again, sizeof s);
	assert_int_equal(sdp_speedup_summarize(one, 1, 1, 0, &s, &err), 0);
	assert_true(s.median == 2.5 && s.min == 2.5 && isnan(s.stddev) && isnan(s.ci.low) &&
		    isnan(s.ci.high));
	expect_near(sdp_speedup_median(values, 3), 8, 0);
}

static void karp_and_flatt(void **state)
{
	(void)state;
	for (double f = 0; f <= 1; f += 0.125)
		for (int i = 1; i < COUNTS; i++)
			expect_near(sdp_speedup_karp_flatt(1 / (f + (1 - f) / counts[i]),
							   counts[i]),
				    f, 1e-14);
	assert_true(isnan(sdp_speedup_karp_flatt(1, 1)));
}

static void amdahl_is_recovered(void **state)
{
	(void)state;
	double times[COUNTS];
	struct sdp_speedup_amdahl fit;

	for (size_t n = 2; n <= COUNTS; n++)
		for (double f = 0; f <= 1; f += 0.0625) {
			for (int i = 0; i < COUNTS; i++)
				times[i] = 7.3 * (f + (1 - f) / counts[i]);
			sdp_speedup_fit_amdahl(&(struct sdp_speedup_points){counts, times, n},
					       &fit);
			expect_near(fit.serial_fraction, f, 1e-6);
			expect_near(fit.time, 7.3, 1e-6);
			expect_near(fit.rmse, 0, 1e-9);
			if (f > 0)
				expect_near(fit.max_speedup * f, 1, 1e-6);
		}
}

static void amdahl_stays_within_bounds(void **state)
{
	(void)state;
	const double superlinear[] = {8, 3, 1, 0.2}, slower[] = {1, 2, 3, 4};
	struct sdp_speedup_amdahl fit;

	sdp_speedup_fit_amdahl(&(struct sdp_speedup_points){counts, superlinear, 4}, &fit);
	assert_true(fit.serial_fraction == 0 && isnan(fit.max_speedup));
	/* Σ T/w / Σ 1/w², what is left with f = 0. */
	expect_near(fit.time, (8 + 1.5 + 0.25 + 0.025) / (1 + 1 / 4. + 1 / 16. + 1 / 64.), 1e-12);
	sdp_speedup_fit_amdahl(&(struct sdp_speedup_points){counts, slower, 4}, &fit);
	assert_true(fit.serial_fraction == 1 && fit.max_speedup == 1);
	expect_near(fit.time, 2.5, 1e-12);
	sdp_speedup_fit_amdahl(&(struct sdp_speedup_points){counts, slower, 1}, &fit);
	assert_true(isnan(fit.serial_fraction) && isnan(fit.time));
}

static double usl(double alpha, double beta, double gamma, double n)
{
	return gamma * n / (1 + alpha * (n - 1) + beta * n * (n - 1));
}

static void usl_is_recovered(void **state)
{
	(void)state;
	static const double alphas[] = {0, 0.01, 0.1, 0.5, 1}, betas[] = {0, 1e-4, 1e-3, 0.02};
	static const double gammas[] = {1e-3, 1, 250};
	double times[COUNTS];
	struct sdp_speedup_usl fit;

	for (int g = 0; g < 3; g++)
		for (int a = 0; a < 5; a++)
			for (int b = 0; b < 4; b++) {
				for (int i = 0; i < COUNTS; i++)
					times[i] =
						1 / usl(alphas[a], betas[b], gammas[g], counts[i]);
				sdp_speedup_fit_usl(&(struct sdp_speedup_points){counts, times,
										 COUNTS},
						    &fit);
				expect_near(fit.alpha, alphas[a], 1e-6);
				expect_near(fit.beta, betas[b], 1e-6);
				expect_near(fit.gamma / gammas[g], 1, 1e-6);
				if (betas[b] > 0 && alphas[a] < 1)
					expect_near(fit.peak_workers *
							    sqrt(betas[b] / (1 - alphas[a])),
						    1, 1e-2);
			}
}

/* No point of a fine grid is better than what was found for noisy throughput. */
static void usl_is_a_minimum(void **state)
{
	(void)state;
	for (uint64_t trial = 0; trial < 40; trial++) {
		double times[COUNTS], least = 0;
		struct sdp_speedup_usl fit;
		for (int i = 0; i < COUNTS; i++)
			times[i] = 1 / (usl(0.02, 1e-4, 3, counts[i]) *
					(1 + 0.05 * noise(trial, (uint64_t)i)));
		sdp_speedup_fit_usl(&(struct sdp_speedup_points){counts, times, COUNTS}, &fit);
		assert_true(fit.alpha >= 0 && fit.beta >= 0);
		least = fit.rmse * fit.rmse * COUNTS;
		for (double a = 0; a < 0.1; a += 0.002)
			for (double b = 0; b < 2e-3; b += 2e-5) {
				double xs = 0, ss = 0, sse = 0;
				for (int i = 0; i < COUNTS; i++) {
					xs += usl(a, b, 1, counts[i]) / times[i];
					ss += usl(a, b, 1, counts[i]) * usl(a, b, 1, counts[i]);
				}
				for (int i = 0; i < COUNTS; i++) {
					double r = 1 / times[i] - usl(a, b, xs / ss, counts[i]);
					sse += r * r;
				}
				assert_true(sse > least * (1 - 1e-9));
			}
	}
}

static void usl_needs_three_points(void **state)
{
	(void)state;
	const double times[] = {1, 0.6, 0.4}, superlinear[] = {1, 0.4, 0.1};
	struct sdp_speedup_usl fit;

	sdp_speedup_fit_usl(&(struct sdp_speedup_points){counts, times, 2}, &fit);
	assert_true(isnan(fit.alpha) && isnan(fit.beta) && isnan(fit.gamma) &&
		    isnan(fit.peak_workers));
	sdp_speedup_fit_usl(&(struct sdp_speedup_points){counts, times, 3}, &fit);
	expect_near(fit.rmse, 0, 1e-9);
	sdp_speedup_fit_usl(&(struct sdp_speedup_points){counts, superlinear, 3}, &fit);
	assert_true(fit.alpha == 0 && fit.beta == 0 && isnan(fit.peak_workers));
}

/* Of 100 samples at least 90 intervals hold the true figure. */
static void intervals_cover(void **state)
{
	(void)state;
	static const size_t sizes[] = {5, 10, 30};
	struct sdp_err err;

	for (size_t s = 0; s < 3; s++) {
		unsigned medians = 0, speedups = 0;
		for (uint64_t trial = 0; trial < 100; trial++) {
			double base[30], times[30];
			struct sdp_speedup_summary summary;
			struct sdp_speedup_interval ci;
			size_t n = sizes[s];
			for (size_t i = 0; i < n; i++) {
				base[i] = 4 + 0.2 * noise(7, 2000 * s + trial * 100 + i);
				times[i] = 1 + 0.05 * noise(8, 2000 * s + trial * 100 + i);
			}
			assert_int_equal(sdp_speedup_summarize(base, n, 1, trial, &summary, &err),
					 0);
			medians += summary.ci.low <= 4 && summary.ci.high >= 4;
			assert_int_equal(sdp_speedup_speedup_ci(base, n, times, n, 1, trial, &ci,
								&err),
					 0);
			speedups += ci.low <= 4 && ci.high >= 4;
		}
		if (medians < 90 || speedups < 90)
			fail_msg("%zu runs: %u of medians, %u of speedups", sizes[s], medians,
				 speedups);
	}
}

static void speedups_of_single_runs(void **state)
{
	(void)state;
	const double one[] = {3}, two[] = {1, 2};
	struct sdp_err err;
	struct sdp_speedup_interval ci;

	assert_int_equal(sdp_speedup_speedup_ci(one, 1, one, 1, 1, 0, &ci, &err), 0);
	assert_true(isnan(ci.low) && isnan(ci.high));
	assert_int_equal(sdp_speedup_speedup_ci(one, 1, two, 2, 1, 0, &ci, &err), 0);
	expect_near(ci.low, 1.5, 0);
	expect_near(ci.high, 3, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_summary),
		cmocka_unit_test(karp_and_flatt),
		cmocka_unit_test(amdahl_is_recovered),
		cmocka_unit_test(amdahl_stays_within_bounds),
		cmocka_unit_test(usl_is_recovered),
		cmocka_unit_test(usl_is_a_minimum),
		cmocka_unit_test(usl_needs_three_points),
		cmocka_unit_test(intervals_cover),
		cmocka_unit_test(speedups_of_single_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

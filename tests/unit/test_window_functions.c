/*
 * Compares window functions with plain implementations. tests/judges/timeseries.py compares them
 * with statsmodels.
 */
#include "base/rng.h"
#include "model/timeseries/window_functions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

enum { N = 200 };

static void make_points(struct sdp_point *p, uint64_t seed)
{
	int64_t second = -1000;
	for (size_t i = 0; i < N; i++) {
		uint64_t r = sdp_rng(seed, 0, i);
		second += (int64_t)(r % 5) * 7;
		p[i] = (struct sdp_point){second,
					  0,
					  {(int)((r >> 8) % 4), (int64_t)(r >> 16) % 1000 - 500}};
		if ((r >> 40) % 6 == 0)
			p[i].x = (struct sdp_value){SDP_KEY_REAL,
						    sdp_key_of_double((double)(r >> 45) * 0x1p-25)};
		if ((r >> 50) % 8 == 0)
			p[i].x.kind = SDP_NO_VALUE;
	}
}

static double as_double(struct sdp_aggregate f)
{
	return f.kind == SDP_AGGREGATE_NONE ? NAN : sdp_value_double(sdp_aggregate_number(f));
}

static bool inside(const struct sdp_window_function *d, const struct sdp_point *p, size_t i,
		   size_t k)
{
	int64_t n = (int64_t)d->points, at = (int64_t)k - (int64_t)i, t = p[k].second - p[i].second;
	if (d->seconds)
		return d->center ? 2 * t > -d->seconds && 2 * t <= d->seconds
				 : t > -d->seconds && t <= 0;
	return d->center ? at >= -(n / 2) && at <= (n - 1) / 2 : at > -n && at <= 0;
}

static void check_window(const struct sdp_window_function *d, uint64_t seed)
{
	struct sdp_err err;
	struct sdp_point p[N];
	struct sdp_aggregate out[N * 6];
	make_points(p, seed);
	assert_int_equal(sdp_window_function(d, p, N, out, NULL, &err), 0);
	for (size_t i = 0; i < N; i++) {
		double sum = 0, low = INFINITY, high = -INFINITY, squares = 0;
		size_t count = 0;
		for (size_t k = 0; k < N; k++)
			if (inside(d, p, i, k) && p[k].x.kind != SDP_NO_VALUE) {
				double v = sdp_value_double(p[k].x);
				count++;
				sum += v;
				squares += v * v;
				low = fmin(low, v);
				high = fmax(high, v);
			}
		const struct sdp_aggregate *f = out + 6 * i;
		assert_int_equal(f[0].of.integer, count);
		if (count == 0 || count < d->min_periods) {
			for (size_t k = 1; k < 6; k++)
				assert_int_equal(f[k].kind, SDP_AGGREGATE_NONE);
			continue;
		}
		double mean = sum / (double)count,
		       variance = (squares - sum * mean) / (double)(count - 1);
		assert_true(fabs(as_double(f[1]) - mean) < 1e-9);
		assert_true(as_double(f[2]) == low);
		assert_true(as_double(f[3]) == high);
		assert_true(fabs(as_double(f[4]) - sum) < 1e-9);
		assert_true(count == 1 ? f[5].kind == SDP_AGGREGATE_NONE
				       : fabs(as_double(f[5]) - sqrt(fmax(variance, 0))) < 1e-6);
	}
}

static void windows(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 2, 3, 7, 12, 199, 500};
	for (uint64_t seed = 1; seed < 5; seed++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			for (int center = 0; center < 2; center++) {
				struct sdp_window_function d = {.kind = SDP_WINDOW_WINDOW,
								.points = sizes[i],
								.center = center,
								.min_periods = 1 + seed % 3};
				check_window(&d, seed);
				d.points = 0;
				d.seconds = (int64_t)sizes[i] * 7 - 3;
				check_window(&d, seed);
			}
}

static void decimals_add_as_decimals(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_spill store;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	assert_int_equal(sdp_spill_init(&store, arena, -1, "", 0, &err), 0);
	struct sdp_aggregate out[6 * 3];
	struct sdp_point p[3] = {{0, 0, {1, 1}}, {1, 0, {1, 2}}, {2, 0, {0, 1000000000000000000}}};
	struct sdp_window_function d = {.kind = SDP_WINDOW_CUMULATIVE};
	assert_int_equal(sdp_window_function(&d, p, 2, out, &store, &err), 0);
	assert_true(as_double(out[1]) == 0.3);
	d = (struct sdp_window_function){.kind = SDP_WINDOW_DIFF, .points = 1};
	assert_int_equal(sdp_window_function(&d, p, 2, out, &store, &err), 0);
	assert_int_equal(out[0].kind, SDP_AGGREGATE_NONE);
	assert_true(as_double(out[1]) == 0.1);
	/* What a large number covered comes back when it leaves. */
	struct sdp_point large[3] = {{0, 0, {0, 1000000000000000000}},
				     {1, 0, {1, 1}},
				     {2, 0, {1, 2}}};
	d = (struct sdp_window_function){.kind = SDP_WINDOW_WINDOW, .points = 2, .min_periods = 2};
	assert_int_equal(sdp_window_function(&d, large, 3, out, &store, &err), 0);
	assert_true(as_double(out[6 * 2 + 4]) == 0.3);
	sdp_shared_arena_free(arena);
}

static void lags(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_aggregate out[4];
	struct sdp_point p[4] = {{0, 0, {0, 0}},
				 {1, 0, {0, 4}},
				 {2, 0, {SDP_NO_VALUE, 0}},
				 {3, 0, {0, 6}}};
	struct sdp_window_function d = {.kind = SDP_WINDOW_LAG, .points = 2};
	assert_int_equal(sdp_window_function(&d, p, 4, out, NULL, &err), 0);
	assert_int_equal(out[1].kind, SDP_AGGREGATE_NONE);
	assert_int_equal(out[2].of.integer, 0);
	assert_int_equal(out[3].of.integer, 4);
	d.kind = SDP_WINDOW_PCT_CHANGE;
	assert_int_equal(sdp_window_function(&d, p, 4, out, NULL, &err), 0);
	assert_int_equal(out[2].kind, SDP_AGGREGATE_NONE);
	assert_true(as_double(out[3]) == 0.5);
	d.points = 1;
	assert_int_equal(sdp_window_function(&d, p, 4, out, NULL, &err), 0);
	assert_int_equal(out[1].kind, SDP_AGGREGATE_NONE); /* of 0 */
	d = (struct sdp_window_function){.kind = SDP_WINDOW_LAG, .points = 9};
	assert_int_equal(sdp_window_function(&d, p, 4, out, NULL, &err), 0);
	assert_int_equal(out[3].kind, SDP_AGGREGATE_NONE);
}

static void decompositions_add_up(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_aggregate out[3 * 20];
	struct sdp_point p[20];
	for (size_t i = 0; i < 20; i++)
		p[i] = (struct sdp_point){(int64_t)i, 0, {0, 10 + (int64_t)(i * i % 7)}};
	for (int times = 0; times < 2; times++)
		for (size_t period = 2; period <= 10; period++) {
			struct sdp_window_function d = {.kind = times ? SDP_WINDOW_MULTIPLICATIVE
								      : SDP_WINDOW_ADDITIVE,
							.points = period};
			double seasons = 0;
			assert_int_equal(sdp_window_function(&d, p, 20, out, NULL, &err), 0);
			for (size_t i = 0; i < 20; i++) {
				double t = as_double(out[3 * i]), s = as_double(out[3 * i + 1]),
				       r = as_double(out[3 * i + 2]);
				bool within = i >= period / 2 && i + period / 2 < 20;
				seasons += i < period ? s : 0;
				assert_true(isnan(t) != within);
				assert_true(!within || fabs((times ? t * s * r : t + s + r) -
							    (double)p[i].x.value) < 1e-9);
			}
			assert_true(fabs(seasons - (times ? (double)period : 0)) < 1e-9);
		}
	struct sdp_window_function d = {.kind = SDP_WINDOW_ADDITIVE, .points = 11};
	assert_int_equal(sdp_window_function(&d, p, 20, out, NULL, &err), -1);
	assert_int_equal(err.code, SDP_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(decimals_add_as_decimals),
		cmocka_unit_test(lags),
		cmocka_unit_test(decompositions_add_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

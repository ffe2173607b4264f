/* Functions of a time series, on exact sums that values are added to and removed from. */
#include "model/timeseries/window_functions.h"

#include "sdp/mem.h"

#include <math.h>
#include <string.h>

static const char *const window_names[] = {"window_count", "window_mean", "window_min",
					   "window_max",   "window_sum",  "window_stddev"};
static const char *const part_names[] = {"trend", "seasonal", "residual"};
static const char *const single_names[] = {
	[SDP_WINDOW_EWMA] = "ewma",
	[SDP_WINDOW_LAG] = "lag",
	[SDP_WINDOW_DIFF] = "diff",
	[SDP_WINDOW_PCT_CHANGE] = "pct_change",
	[SDP_WINDOW_CUMULATIVE] = "cumulative",
};

size_t sdp_window_function_names(const struct sdp_window_function *d, const char *const **names)
{
	switch (d->kind) {
	case SDP_WINDOW_NOT:
		return 0;
	case SDP_WINDOW_WINDOW:
		*names = window_names;
		return 6;
	case SDP_WINDOW_ADDITIVE:
	case SDP_WINDOW_MULTIPLICATIVE:
		*names = part_names;
		return 3;
	default:
		*names = &single_names[d->kind];
		return 1;
	}
}

static bool has(const struct sdp_point *p)
{
	return p->x.kind != SDP_NO_VALUE;
}

/* ---- sums to which values are added and from which they are removed ---- */

struct sums {
	struct sdp_scaled_sum scaled[SDP_SCALE_MAX + 1];
	struct sdp_real_sum real;
	size_t count;
};

static void add_or_remove(struct sums *s, struct sdp_value x, bool removing)
{
	s->count += removing ? (size_t)-1 : 1;
	if (x.kind == SDP_KEY_REAL) {
		struct sdp_real_sum one = {0};
		sdp_real_sum_add(&one, sdp_key_to_double(x.value));
		(removing ? sdp_real_sum_remove : sdp_real_sum_merge)(&s->real, &one);
		return;
	}
	struct sdp_scaled_sum one = {0};
	sdp_scaled_sum_add(&one, &x.value, 1);
	(removing ? sdp_scaled_sum_remove : sdp_scaled_sum_merge)(&s->scaled[x.kind], &one);
}

static void finish(const struct sums *s, struct sdp_moment_result *m)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	for (int i = 0; i <= SDP_SCALE_MAX; i++)
		scaled[i] = s->scaled[i].count ? &s->scaled[i] : NULL;
	sdp_exact_moments(scaled, &s->real, m);
}

static struct sdp_aggregate sum_aggregate(const struct sdp_moment_result *m)
{
	return m->has_integer_sum ? sdp_aggregate_integer(m->integer_sum)
				  : sdp_aggregate_real(m->sum);
}

/* ---- windows ---- */

/*
 * The points that can still become the minimum (sign 1) or the maximum (sign -1) of a window, in a
 * monotonic queue: the first one is the extreme of the current window.
 */
struct extremes {
	size_t *queue, from, end;
	int sign;
};

static void extreme_add(struct extremes *e, const struct sdp_point *points, size_t i)
{
	while (e->end > e->from &&
	       sdp_value_compare(&points[e->queue[e->end - 1]].x, &points[i].x) * e->sign >= 0)
		e->end--;
	e->queue[e->end++] = i;
}

static void extreme_remove(struct extremes *e, size_t i)
{
	e->from += e->end > e->from && e->queue[e->from] == i;
}

/* Compares late - early with seconds / parts.  Returns -1, 0 or 1. */
static int compare_span(const struct sdp_point *late, const struct sdp_point *early,
			int64_t seconds, int parts)
{
	__extension__ typedef __int128 wide;
	wide span = ((wide)late->second - early->second) * 1000000000 + (int64_t)late->nano -
		    (int64_t)early->nano;
	wide limit = (wide)seconds * 1000000000;
	return (span * parts > limit) - (span * parts < limit);
}

/*
 * is_before returns whether point k is before the window of point i; is_reached returns whether it
 * is before the end of that window.
 */
static bool is_before(const struct sdp_window_function *d, const struct sdp_point *p, size_t k,
		      size_t i)
{
	if (d->seconds)
		return k < i && compare_span(&p[i], &p[k], d->seconds, d->center ? 2 : 1) >= 0;
	return k + d->points <= i + (d->center ? (d->points - 1) / 2 : 0);
}

static bool is_reached(const struct sdp_window_function *d, const struct sdp_point *p, size_t k,
		       size_t i)
{
	if (!d->seconds)
		return k <= i + (d->center ? (d->points - 1) / 2 : 0);
	/* All points with the same time are in the window. */
	return k <= i || compare_span(&p[k], &p[i], d->center ? d->seconds : 0, 2) <= 0;
}

static int make_windows(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
			struct sdp_aggregate *out, struct sdp_err *err)
{
	struct sums *sums = sdp_alloc(1, sizeof *sums, err);
	struct extremes low = {.queue = sdp_alloc(n, sizeof(size_t), err), .sign = 1};
	struct extremes high = {.queue = sdp_alloc(n, sizeof(size_t), err), .sign = -1};
	int rc = sums && low.queue && high.queue ? 0 : -1;
	size_t from = 0, end = 0;
	for (size_t i = 0; rc == 0 && i < n; i++, out += 6) {
		for (; end < n && is_reached(d, p, end, i); end++)
			if (has(&p[end])) {
				add_or_remove(sums, p[end].x, false);
				extreme_add(&low, p, end);
				extreme_add(&high, p, end);
			}
		for (; from < end && is_before(d, p, from, i); from++)
			if (has(&p[from])) {
				add_or_remove(sums, p[from].x, true);
				extreme_remove(&low, from);
				extreme_remove(&high, from);
			}
		out[0] = sdp_aggregate_integer((int64_t)sums->count);
		if (sums->count == 0 || sums->count < d->min_periods)
			continue;
		struct sdp_moment_result m;
		finish(sums, &m);
		out[1] = sdp_aggregate_real(m.mean);
		out[2] = sdp_aggregate_value(p[low.queue[low.from]].x);
		out[3] = sdp_aggregate_value(p[high.queue[high.from]].x);
		out[4] = sum_aggregate(&m);
		out[5] = sdp_aggregate_real(m.stddev);
	}
	free(sums);
	free(low.queue);
	free(high.queue);
	return rc;
}

/* ---- averages, lags and sums ---- */

static void make_ewma(double alpha, const struct sdp_point *p, size_t n, struct sdp_aggregate *out)
{
	double s = NAN;
	for (size_t i = 0; i < n; i++) {
		double x = has(&p[i]) ? sdp_value_double(p[i].x) : NAN;
		if (has(&p[i]))
			s = isnan(s) ? x : alpha * x + (1 - alpha) * s;
		out[i] = sdp_aggregate_real(s);
	}
}

static void make_lags(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
		      struct sdp_aggregate *out)
{
	for (size_t i = d->points; i < n; i++) {
		const struct sdp_point *now = &p[i], *then = &p[i - d->points];
		if (!has(then) || (d->kind != SDP_WINDOW_LAG && !has(now)))
			continue;
		if (d->kind == SDP_WINDOW_LAG) {
			out[i] = sdp_aggregate_value(then->x);
			continue;
		}
		double difference = sdp_value_difference(now->x, then->x);
		out[i] = d->kind == SDP_WINDOW_DIFF
				 ? sdp_aggregate_real(difference)
				 : sdp_aggregate_real(difference / sdp_value_double(then->x));
	}
}

static int make_cumulative(const struct sdp_point *p, size_t n, struct sdp_aggregate *out,
			   struct sdp_err *err)
{
	struct sums *sums = sdp_alloc(1, sizeof *sums, err);
	struct sdp_moment_result m;
	if (!sums)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (has(&p[i])) {
			add_or_remove(sums, p[i].x, false);
			finish(sums, &m);
		}
		if (sums->count)
			out[i] = sum_aggregate(&m);
	}
	free(sums);
	return 0;
}

/* ---- decomposition ---- */

/*
 * Computes the mean over a period around each point.  If the period is even, the two ends have half
 * the weight.
 */
static void make_trend(const double *x, size_t n, size_t period, double *trend)
{
	size_t half = period / 2;
	for (size_t i = 0; i < n; i++) {
		trend[i] = NAN;
		if (i < half || i + half >= n)
			continue;
		double sum = 0;
		for (size_t k = i - half; k <= i + half; k++)
			sum += period % 2 == 0 && (k == i - half || k == i + half) ? x[k] / 2
										   : x[k];
		trend[i] = sum / (double)period;
	}
}

/*
 * Computes the seasonal component: the mean of the detrended values at each position in the period.
 * The means are adjusted to a sum of 0, or if multiplicative to an average of 1.
 */
static void make_season(const double *detrended, size_t n, size_t period, bool multiplicative,
			double *season)
{
	double mean = 0;
	for (size_t k = 0; k < period; k++) {
		double sum = 0;
		size_t count = 0;
		for (size_t i = k; i < n; i += period)
			if (!isnan(detrended[i])) {
				sum += detrended[i];
				count++;
			}
		season[k] = sum / (double)count;
		mean += season[k];
	}
	mean /= (double)period;
	for (size_t k = 0; k < period; k++)
		season[k] = multiplicative ? season[k] / mean : season[k] - mean;
}

static int read_values(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
		       double *x, struct sdp_err *err)
{
	if (n < 2 * d->points)
		return sdp_fail(err, SDP_DATA, "%zu point%s fewer than two periods of %zu", n,
				n == 1 ? " is" : "s are", d->points);
	for (size_t i = 0; i < n; i++) {
		if (!has(&p[i]))
			return sdp_fail(err, SDP_DATA, "point %zu has no value", i + 1);
		x[i] = sdp_value_double(p[i].x);
		if (d->kind == SDP_WINDOW_MULTIPLICATIVE && x[i] <= 0)
			return sdp_fail(
				err, SDP_DATA,
				"point %zu is not above 0, so nothing can be a factor of it",
				i + 1);
	}
	return 0;
}

static int decompose(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
		     struct sdp_aggregate *out, struct sdp_err *err)
{
	bool multiplicative = d->kind == SDP_WINDOW_MULTIPLICATIVE;
	double *x = sdp_alloc(3 * n + d->points, sizeof *x, err), *trend = x + n,
	       *detrended = trend + n, *season = detrended + n;
	int rc = x ? read_values(d, p, n, x, err) : -1;
	if (rc == 0) {
		make_trend(x, n, d->points, trend);
		for (size_t i = 0; i < n; i++)
			detrended[i] = multiplicative ? x[i] / trend[i] : x[i] - trend[i];
		make_season(detrended, n, d->points, multiplicative, season);
	}
	for (size_t i = 0; rc == 0 && i < n; i++, out += 3) {
		double s = season[i % d->points];
		out[0] = sdp_aggregate_real(trend[i]);
		out[1] = sdp_aggregate_real(s);
		out[2] = sdp_aggregate_real(multiplicative ? x[i] / s / trend[i]
							   : x[i] - trend[i] - s);
	}
	free(x);
	return rc;
}

int sdp_window_function(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
			struct sdp_aggregate *out, struct sdp_err *err)
{
	const char *const *names;
	memset(out, 0, n * sdp_window_function_names(d, &names) * sizeof *out);
	switch (d->kind) {
	case SDP_WINDOW_NOT:
		return 0;
	case SDP_WINDOW_WINDOW:
		return make_windows(d, p, n, out, err);
	case SDP_WINDOW_EWMA:
		make_ewma(d->alpha, p, n, out);
		return 0;
	case SDP_WINDOW_CUMULATIVE:
		return make_cumulative(p, n, out, err);
	case SDP_WINDOW_ADDITIVE:
	case SDP_WINDOW_MULTIPLICATIVE:
		return decompose(d, p, n, out, err);
	default:
		make_lags(d, p, n, out);
		return 0;
	}
}

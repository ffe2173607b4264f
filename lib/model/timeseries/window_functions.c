/* Functions of a time series, on exact sums that values are added to and removed from. */
#include "model/timeseries/window_functions.h"

#include "base/library.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <mpfr.h>
#include <string.h>

SDP_LIBRARY(mpfr, mpfr_get_version());

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

/*
 * If no point of the series is a rational, the sums of a window are the accumulators scaled and
 * real.  Otherwise they are sum / d and square / d², where d is a common denominator of all values
 * so far.
 */
struct sums {
	struct sdp_scaled_sum scaled[SDP_SCALE_MAX + 1];
	struct sdp_real_sum real;
	size_t count;
	bool rational, decimal; /* decimal: all values are, and d is a power of ten */
	bool plain;             /* squares are not wanted */
	int64_t scale;          /* of d, if decimal */
	mpz_t sum, square, d, x, e, factor;
};

static struct sums *sums_new(const struct sdp_point *points, size_t n, struct sdp_err *err)
{
	struct sums *s = sdp_alloc(1, sizeof *s, err);
	if (!s)
		return NULL;
	s->decimal = true;
	for (size_t i = 0; i < n; i++) {
		s->rational |= has(&points[i]) && points[i].x.kind == SDP_KEY_RATIONAL;
		s->decimal &= !has(&points[i]) || sdp_value_scale(points[i].x) >= 0;
	}
	mpz_inits(s->sum, s->square, s->x, s->e, s->factor, (mpz_ptr)NULL);
	mpz_init_set_ui(s->d, 1);
	return s;
}

static void sums_free(struct sums *s)
{
	if (s)
		mpz_clears(s->sum, s->square, s->d, s->x, s->e, s->factor, (mpz_ptr)NULL);
	free(s);
}

/* Makes d a multiple of e, which for decimals is a power of ten. */
static void widen(struct sums *s, struct sdp_value x)
{
	if (mpz_divisible_p(s->d, s->e))
		return;
	mpz_gcd(s->factor, s->d, s->e);
	mpz_divexact(s->factor, s->e, s->factor);
	mpz_mul(s->d, s->d, s->factor);
	mpz_mul(s->sum, s->sum, s->factor);
	mpz_mul(s->square, s->square, s->factor);
	mpz_mul(s->square, s->square, s->factor);
	if (s->decimal)
		s->scale = sdp_value_scale(x);
}

static void add_or_remove_rational(struct sums *s, struct sdp_value x, bool removing)
{
	sdp_value_get(x, s->x, s->e);
	widen(s, x);
	mpz_divexact(s->factor, s->d, s->e);
	mpz_mul(s->x, s->x, s->factor);
	(removing ? mpz_sub : mpz_add)(s->sum, s->sum, s->x);
	if (!s->plain)
		(removing ? mpz_submul : mpz_addmul)(s->square, s->x, s->x);
}

static void add_or_remove(struct sums *s, struct sdp_value x, bool removing)
{
	s->count += removing ? (size_t)-1 : 1;
	if (s->rational) {
		add_or_remove_rational(s, x, removing);
		return;
	}
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

static void list_scaled(const struct sums *s,
			const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1])
{
	for (int i = 0; i <= SDP_SCALE_MAX; i++)
		scaled[i] = s->scaled[i].count ? &s->scaled[i] : NULL;
}

static int keep_decimal(const mpz_t mantissa, int64_t scale, struct sdp_aggregate *sum,
			struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_value v;
	if (sdp_value_of_decimal(&v, spill, mantissa, scale, err) < 0)
		return -1;
	*sum = sdp_aggregate_value(v);
	return 0;
}

/* Computes the sum: a decimal if all values are. */
static int make_sum(const struct sums *s, struct sdp_aggregate *sum, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	struct sdp_totals t;
	mpz_t d;
	int rc = 0;
	if (s->rational && s->decimal)
		return keep_decimal(s->sum, s->scale, sum, spill, err);
	if (s->rational) {
		*sum = sdp_aggregate_real(sdp_quotient_round(s->sum, s->d, 0, false));
		return 0;
	}
	list_scaled(s, scaled);
	sdp_totals_init(&t);
	sdp_totals_add_scaled(&t, scaled);
	if (s->real.count) {
		mpz_init(d);
		sdp_totals_add_real(&t, &s->real);
		sdp_totals_denominator(&t, d);
		*sum = sdp_aggregate_real(sdp_quotient_round(t.sum, d, 0, false));
		mpz_clear(d);
	} else {
		rc = keep_decimal(t.sum, t.scale, sum, spill, err);
	}
	sdp_totals_clear(&t);
	return rc;
}

/* Computes the moments and the sum. */
static int finish(const struct sums *s, struct sdp_moment_result *m, struct sdp_aggregate *sum,
		  struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	bool exact = s->decimal;
	if (s->rational) {
		sdp_moments_of(s->sum, s->square, s->d, s->count, m);
	} else {
		list_scaled(s, scaled);
		sdp_exact_moments(scaled, &s->real, m);
		exact = m->exact;
	}
	if (exact && !m->has_decimal_sum)
		return make_sum(s, sum, spill, err);
	*sum = m->has_decimal_sum
		       ? sdp_aggregate_value((struct sdp_value){m->sum_scale, m->sum_mantissa})
		       : sdp_aggregate_real(m->sum);
	return 0;
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
			struct sdp_aggregate *out, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sums *sums = sums_new(p, n, err);
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
		rc = finish(sums, &m, &out[4], spill, err);
		out[1] = sdp_aggregate_real(m.mean);
		out[2] = sdp_aggregate_value(p[low.queue[low.from]].x);
		out[3] = sdp_aggregate_value(p[high.queue[high.from]].x);
		out[5] = sdp_aggregate_real(m.stddev);
	}
	sums_free(sums);
	free(low.queue);
	free(high.queue);
	return rc;
}

/* ---- averages, lags and sums ---- */

/*
 * The average is kept to 512 bits and rounded to a double at each point.  In s + alpha (x - s) each
 * of the four operations adds at most 2^-512 of its result, and 1 - alpha ≤ 1 does not let errors
 * grow: after n points the error is below about 4 n 2^-512 of the largest value so far.  So an
 * average that is far smaller than values before it is not exact.
 */
enum { EWMA_BITS = 512 };

static void set_value(mpfr_t out, struct sdp_value v, mpz_t n, mpz_t d, mpfr_t scratch)
{
	sdp_value_get(v, n, d);
	mpfr_set_z(out, n, MPFR_RNDN);
	mpfr_set_z(scratch, d, MPFR_RNDN);
	mpfr_div(out, out, scratch, MPFR_RNDN);
}

/* The average with alpha = 1: the last value. */
static void make_last(const struct sdp_point *p, size_t n, struct sdp_aggregate *out)
{
	struct sdp_aggregate last = {.kind = SDP_AGGREGATE_NONE};
	for (size_t i = 0; i < n; i++) {
		if (has(&p[i]))
			last = sdp_aggregate_real(sdp_value_double(p[i].x));
		out[i] = last;
	}
}

static void make_ewma(double alpha, const struct sdp_point *p, size_t n, struct sdp_aggregate *out)
{
	char text[32];
	mpfr_t a, s, x, scratch;
	mpz_t numerator, denominator;
	bool any = false;
	mpfr_inits2(EWMA_BITS, a, s, x, scratch, (mpfr_ptr)NULL);
	mpz_inits(numerator, denominator, (mpz_ptr)NULL);
	sdp_num_print(text, alpha);
	mpfr_set_str(a, text, 10, MPFR_RNDN);
	for (size_t i = 0; i < n; i++) {
		if (has(&p[i])) {
			set_value(x, p[i].x, numerator, denominator, scratch);
			if (any) {
				mpfr_sub(x, x, s, MPFR_RNDN);
				mpfr_mul(x, x, a, MPFR_RNDN);
				mpfr_add(s, s, x, MPFR_RNDN);
			} else {
				mpfr_set(s, x, MPFR_RNDN);
			}
			any = true;
		}
		if (any)
			out[i] = sdp_aggregate_real(mpfr_get_d(s, MPFR_RNDN) + 0.0);
	}
	mpfr_clears(a, s, x, scratch, (mpfr_ptr)NULL);
	mpz_clears(numerator, denominator, (mpz_ptr)NULL);
}

static int make_lags(const struct sdp_window_function *d, const struct sdp_point *p, size_t n,
		     struct sdp_aggregate *out, struct sdp_spill *spill, struct sdp_err *err)
{
	for (size_t i = d->points; i < n; i++) {
		const struct sdp_point *now = &p[i], *then = &p[i - d->points];
		struct sdp_value v = then->x;
		if (!has(then) || (d->kind != SDP_WINDOW_LAG && !has(now)))
			continue;
		if (d->kind == SDP_WINDOW_PCT_CHANGE) {
			out[i] = sdp_aggregate_real(sdp_value_change(now->x, then->x));
			continue;
		}
		if (d->kind == SDP_WINDOW_DIFF &&
		    sdp_value_subtract(&v, spill, now->x, then->x, err) < 0)
			return -1;
		out[i] = sdp_aggregate_value(v);
	}
	return 0;
}

static int make_cumulative(const struct sdp_point *p, size_t n, struct sdp_aggregate *out,
			   struct sdp_spill *spill, struct sdp_err *err)
{
	struct sums *sums = sums_new(p, n, err);
	struct sdp_aggregate sum = {.kind = SDP_AGGREGATE_NONE};
	int rc = sums ? 0 : -1;
	if (sums)
		sums->plain = true;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (has(&p[i])) {
			add_or_remove(sums, p[i].x, false);
			rc = make_sum(sums, &sum, spill, err);
		}
		out[i] = sum;
	}
	sums_free(sums);
	return rc;
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
			struct sdp_aggregate *out, struct sdp_spill *spill, struct sdp_err *err)
{
	const char *const *names;
	memset(out, 0, n * sdp_window_function_names(d, &names) * sizeof *out);
	switch (d->kind) {
	case SDP_WINDOW_NOT:
		return 0;
	case SDP_WINDOW_WINDOW:
		return make_windows(d, p, n, out, spill, err);
	case SDP_WINDOW_EWMA:
		if (d->alpha == 1)
			make_last(p, n, out);
		else
			make_ewma(d->alpha, p, n, out);
		return 0;
	case SDP_WINDOW_CUMULATIVE:
		return make_cumulative(p, n, out, spill, err);
	case SDP_WINDOW_ADDITIVE:
	case SDP_WINDOW_MULTIPLICATIVE:
		return decompose(d, p, n, out, err);
	default:
		return make_lags(d, p, n, out, spill, err);
	}
}

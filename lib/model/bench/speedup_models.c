/* Summaries of run times, bootstrap intervals, and the fit of Amdahl's law. */
#include "model/bench/speedup_models.h"
#include "base/order.h"
#include "base/rng.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

enum { RESAMPLES = SDP_SPEEDUP_RESAMPLES };

SDP_ORDER_VALUES(ascending, double)

double sdp_speedup_median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Returns a quantile of type 7 (Hyndman and Fan) of sorted values. */
static double quantile(const double *values, size_t n, double p)
{
	double h = (double)(n - 1) * p, whole = floor(h);
	size_t i = (size_t)whole;
	return i + 1 < n ? values[i] + (h - whole) * (values[i + 1] - values[i]) : values[n - 1];
}

static void set_interval(double *values, struct sdp_speedup_interval *out)
{
	qsort(values, RESAMPLES, sizeof *values, ascending);
	out->low = quantile(values, RESAMPLES, 0.025);
	out->high = quantile(values, RESAMPLES, 0.975);
}

/* Returns the median of n times drawn with replacement; *draw is advanced. */
static double resample(const double *times, size_t n, double *room, uint64_t seed, uint64_t stream,
		       uint64_t *draw)
{
	for (size_t i = 0; i < n; i++)
		room[i] = times[sdp_rng_below(n, seed, stream, (*draw)++)];
	return sdp_speedup_median(room, n);
}

static int bootstrap(const double *base, size_t base_n, const double *times, size_t n,
		     uint64_t seed, uint64_t stream, struct sdp_speedup_interval *out,
		     struct sdp_err *err)
{
	double *room = sdp_alloc(RESAMPLES + base_n + n, sizeof *room, err);
	uint64_t draw = 0;
	if (!room)
		return -1;
	for (int i = 0; i < RESAMPLES; i++) {
		double value = resample(times, n, room + RESAMPLES, seed, stream, &draw);
		if (base)
			value = resample(base, base_n, room + RESAMPLES + n, seed, stream, &draw) /
				value;
		room[i] = value;
	}
	set_interval(room, out);
	free(room);
	return 0;
}

int sdp_speedup_summarize(const double *times, size_t n, uint64_t seed, uint64_t stream,
			  struct sdp_speedup_summary *out, struct sdp_err *err)
{
	double *sorted = sdp_alloc(n, sizeof *sorted, err), sum = 0, squares = 0;
	if (!sorted)
		return -1;
	memcpy(sorted, times, n * sizeof *sorted);
	for (size_t i = 0; i < n; i++)
		sum += times[i];
	out->mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (times[i] - out->mean) * (times[i] - out->mean);
	out->stddev = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
	out->median = sdp_speedup_median(sorted, n);
	out->min = sorted[0];
	free(sorted);
	out->ci = (struct sdp_speedup_interval){NAN, NAN};
	return n > 1 ? bootstrap(NULL, 0, times, n, seed, stream, &out->ci, err) : 0;
}

int sdp_speedup_speedup_ci(const double *base, size_t base_n, const double *times, size_t n,
			   uint64_t seed, uint64_t stream, struct sdp_speedup_interval *out,
			   struct sdp_err *err)
{
	*out = (struct sdp_speedup_interval){NAN, NAN};
	if (base_n < 2 && n < 2)
		return 0;
	return bootstrap(base, base_n, times, n, seed, stream, out, err);
}

double sdp_speedup_karp_flatt(double speedup, double p)
{
	return p > 1 ? (1 / speedup - 1 / p) / (1 - 1 / p) : NAN;
}

/* Returns Σ (T - a - b/w)². */
static double amdahl_sse(const struct sdp_speedup_points *p, double a, double b)
{
	double sse = 0;
	for (size_t i = 0; i < p->n; i++) {
		double r = p->times[i] - a - b / p->workers[i];
		sse += r * r;
	}
	return sse;
}

/*
 * T = a + b/w is linear in a = T1 f and b = T1 (1 - f), which must not be negative.  The
 * least-squares solution is used if it has a, b ≥ 0; otherwise one of them is 0.
 */
void sdp_speedup_fit_amdahl(const struct sdp_speedup_points *p, struct sdp_speedup_amdahl *out)
{
	double n = (double)p->n, u = 0, t = 0, uu = 0, ut = 0, raw_uu = 0, raw_ut = 0;

	*out = (struct sdp_speedup_amdahl){NAN, NAN, NAN, NAN};
	if (p->n < 2)
		return;
	for (size_t i = 0; i < p->n; i++) {
		u += 1 / p->workers[i] / n;
		t += p->times[i] / n;
	}
	for (size_t i = 0; i < p->n; i++) {
		double x = 1 / p->workers[i], y = p->times[i];
		uu += (x - u) * (x - u);
		ut += (x - u) * (y - t);
		raw_uu += x * x;
		raw_ut += x * y;
	}
	double b = ut / uu, a = t - b * u;
	if (b < 0) {
		a = t;
		b = 0;
	} else if (a < 0) {
		a = 0;
		b = raw_ut / raw_uu;
	}
	out->time = a + b;
	out->serial_fraction = a / (a + b);
	out->max_speedup = a > 0 ? (a + b) / a : NAN;
	out->rmse = sqrt(amdahl_sse(p, a, b) / n);
}

/*
 * How a run's time falls with its workers: summaries of repeated times, their uncertainty, and
 * two laws fitted to the medians.  Arithmetic only; the caller owns all arrays.
 *
 * What cannot be computed is NaN.  Times are in seconds and positive.
 */
#ifndef SDP_MODEL_BENCH_SPEEDUP_MODELS_H
#define SDP_MODEL_BENCH_SPEEDUP_MODELS_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_speedup_interval {
	double low, high;
};

struct sdp_speedup_summary {
	double median, mean, stddev, min; /* stddev: of the sample (n - 1); NaN for one time */
	struct sdp_speedup_interval ci;   /* of the median; NaN for one time */
};

/*
 * Intervals are bootstrap percentile intervals of 95 %: RESAMPLES resamples of the times with
 * replacement, their medians in order, quantiles 0.025 and 0.975 (type 7).  Random numbers are
 * sdp_rng(seed, stream, draw), so who asks for several intervals gives each a stream of its own.
 * B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
 */
enum { SDP_SPEEDUP_RESAMPLES = 2000 };

/* Of n ≥ 1 times. */
int sdp_speedup_summarize(const double *times, size_t n, uint64_t seed, uint64_t stream,
			  struct sdp_speedup_summary *out, struct sdp_err *err);

/* Of median(base) / median(times), both resampled; NaN if both have one time. */
int sdp_speedup_speedup_ci(const double *base, size_t base_n, const double *times, size_t n,
			   uint64_t seed, uint64_t stream, struct sdp_speedup_interval *out,
			   struct sdp_err *err);

/* The median of n ≥ 1 values (the mean of the middle two); their order is changed. */
double sdp_speedup_median(double *values, size_t n);

/*
 * The serial fraction that a speedup on p times as many workers amounts to:
 * (1/speedup - 1/p) / (1 - 1/p); NaN unless p > 1.
 * A. H. Karp, H. P. Flatt, Measuring Parallel Processor Performance, CACM 33(5), 1990.
 */
double sdp_speedup_karp_flatt(double speedup, double p);

/* Times (medians) at n different worker counts. */
struct sdp_speedup_points {
	const double *workers, *times;
	size_t n;
};

/*
 * Amdahl: T(w) = T1 (f + (1 - f)/w), by least squares on T, with 0 ≤ f ≤ 1.
 * G. M. Amdahl, AFIPS Conference Proceedings 30, 1967.  NaN for fewer than two points.
 */
struct sdp_speedup_amdahl {
	double serial_fraction; /* f */
	double time;            /* T1 */
	double max_speedup;     /* 1/f; NaN if f is 0 */
	double rmse;            /* √(mean squared residual), seconds */
};
void sdp_speedup_fit_amdahl(const struct sdp_speedup_points *points,
			    struct sdp_speedup_amdahl *out);

/*
 * The universal scalability law: throughput X(N) = γN / (1 + α(N - 1) + βN(N - 1)), X = 1/T, by
 * least squares on X with α, β ≥ 0: contention α, coherency β, runs per second γ of one worker.
 * N. J. Gunther, Guerrilla Capacity Planning (2007); A General Theory of Computational
 * Scalability Based on Rational Functions, arXiv:0808.1431.  NaN for fewer than three points.
 *
 * The law is linear in N/X; that fit is the start of Gauss-Newton steps, damped (Levenberg and
 * Marquardt), with both, one or none of α and β held at 0; the best of the four that are
 * feasible is the minimum.
 */
struct sdp_speedup_usl {
	double alpha, beta, gamma;
	double peak_workers; /* √((1 - α)/β), at least 1; NaN if throughput never falls (β = 0) */
	double rmse;         /* of X, runs per second */
};
void sdp_speedup_fit_usl(const struct sdp_speedup_points *points, struct sdp_speedup_usl *out);

/* Points beyond the three parameters; with fewer than WEAK of these the fits are called weak. */
enum { SDP_SPEEDUP_PARAMETERS = 3, SDP_SPEEDUP_WEAK = 3 };

#endif

/*
 * How the time of a run depends on the number of workers: summaries of repeated times, their
 * uncertainty, and two models fitted to the medians.  Pure computation; the caller owns all arrays.
 *
 * Values that cannot be computed are NaN.  Times are in seconds and positive.  Functions that
 * return int return 0, or -1 if memory runs out.
 */
#ifndef SDP_MODEL_BENCH_SPEEDUP_MODELS_H
#define SDP_MODEL_BENCH_SPEEDUP_MODELS_H

#include "sdp/err.h"

#include <stdbool.h>

struct sdp_speedup_interval {
	double low, high;
};

struct sdp_speedup_summary {
	/* stddev: standard deviation of the sample (n - 1); NaN if there is only one time */
	double median, mean, stddev, min;
	/* confidence interval of the median; NaN if there is only one time */
	struct sdp_speedup_interval ci;
};

/*
 * Intervals are bootstrap percentile intervals of 95 %: the times are resampled RESAMPLES times
 * with replacement, and the interval consists of the quantiles 0.025 and 0.975 (type 7) of the
 * medians of the resamples.  Random numbers are sdp_rng(seed, stream, draw), so a caller who
 * computes several intervals gives each interval its own stream.  B. Efron, R. J. Tibshirani, An
 * Introduction to the Bootstrap (1993), section 13.3.
 */
enum { SDP_SPEEDUP_RESAMPLES = 2000 };

/* Summarizes n ≥ 1 times. */
int sdp_speedup_summarize(const double *times, size_t n, uint64_t seed, uint64_t stream,
			  struct sdp_speedup_summary *out, struct sdp_err *err);

/*
 * Computes the interval of median(base) / median(times), where both are resampled; NaN if both have
 * only one time.
 */
int sdp_speedup_speedup_ci(const double *base, size_t base_n, const double *times, size_t n,
			   uint64_t seed, uint64_t stream, struct sdp_speedup_interval *out,
			   struct sdp_err *err);

/*
 * Returns the median of n ≥ 1 values (the mean of the middle two if n is even); changes their
 * order.
 */
double sdp_speedup_median(double *values, size_t n);

/*
 * Returns the serial fraction that follows from a speedup with p times as many workers, the
 * Karp-Flatt metric (1/speedup - 1/p) / (1 - 1/p); NaN unless p > 1.  A. H. Karp, H. P. Flatt,
 * Measuring Parallel Processor Performance, CACM 33(5), 1990.
 */
double sdp_speedup_karp_flatt(double speedup, double p);

/* The median times for n different numbers of workers. */
struct sdp_speedup_points {
	const double *workers, *times;
	size_t n;
};

/*
 * Amdahl's law: T(w) = T1 (f + (1 - f)/w), fitted by least squares on T, with 0 ≤ f ≤ 1.  G. M.
 * Amdahl, AFIPS Conference Proceedings 30, 1967.  Everything is NaN for fewer than two points.
 */
struct sdp_speedup_amdahl {
	double serial_fraction; /* f */
	double time;            /* T1 */
	double max_speedup;     /* 1/f; NaN if f is 0 */
	double rmse;            /* root-mean-square residual, in seconds */
};

/* Fits Amdahl's law to the points. */
void sdp_speedup_fit_amdahl(const struct sdp_speedup_points *points,
			    struct sdp_speedup_amdahl *out);

/*
 * The universal scalability law: throughput X(N) = γN / (1 + α(N - 1) + βN(N - 1)), X = 1/T, fitted
 * by least squares on X with α, β ≥ 0.  α is the contention, β the coherency, γ the runs per second
 * of one worker.  N. J. Gunther, Guerrilla Capacity Planning (2007); A General Theory of
 * Computational Scalability Based on Rational Functions, arXiv:0808.1431.  Everything is NaN for
 * fewer than three points.
 *
 * The law is linear in N/X.  A linear fit of N/X is the start of damped Gauss-Newton steps
 * (Levenberg-Marquardt).  They are done with α and β free, with one of them and with both of them
 * held at 0; the best of the four feasible results is the minimum.
 */
struct sdp_speedup_usl {
	double alpha, beta, gamma;
	double peak_workers; /* √((1 - α)/β), at least 1; NaN if throughput never falls (β = 0) */
	double rmse;         /* root-mean-square residual of X, in runs per second */
};

/* Fits the universal scalability law to the points. */
void sdp_speedup_fit_usl(const struct sdp_speedup_points *points, struct sdp_speedup_usl *out);

/* A fit is called weak if the number of points exceeds the three parameters by less than this. */
enum { SDP_SPEEDUP_PARAMETERS = 3, SDP_SPEEDUP_WEAK = 3 };

#endif

/*
 * The rank-sum test of two samples (Wilcoxon; Mann and Whitney), which tests whether both samples
 * may come from one distribution.  Pure computation, without input or output.
 *
 * H. B. Mann, D. R. Whitney, On a Test of Whether one of Two Random Variables is Stochastically
 * Larger than the Other, Annals of Mathematical Statistics 18(1), 1947.
 */
#ifndef SDP_MODEL_BENCH_RANK_SUM_H
#define SDP_MODEL_BENCH_RANK_SUM_H

#include "sdp/err.h"

/* The p value is exact if both samples together have at most this many values. */
enum { SDP_RANK_SUM_EXACT = 100 };

struct sdp_rank_sum {
	/* number of pairs in which the value of a is the greater one; equal values count as half */
	double u;
	/*
	 * The two-sided p value: the fraction of all ways to choose which values belong to a for
	 * which the rank sum is at least as far from its mean as the observed rank sum.  Equal
	 * values have their mean rank, so this is exact for ties too.  Beyond SDP_RANK_SUM_EXACT
	 * values, the normal approximation is used, with the variance corrected for ties and with a
	 * continuity correction; p is 1 if all values are equal.
	 */
	double p;
};

/*
 * Tests the a_count ≥ 1 values of a against the b_count ≥ 1 values of b; no value may be NaN.
 * Returns 0, or -1 if memory runs out.
 */
int sdp_rank_sum_test(const double *a, size_t a_count, const double *b, size_t b_count,
		      struct sdp_rank_sum *out, struct sdp_err *err);

#endif

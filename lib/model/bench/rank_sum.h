/*
 * The rank sum test of two samples (Wilcoxon; Mann and Whitney): may both come from one
 * distribution?  Arithmetic only.
 *
 * H. B. Mann, D. R. Whitney, On a Test of Whether one of Two Random Variables is Stochastically
 * Larger than the Other, Annals of Mathematical Statistics 18(1), 1947.
 */
#ifndef SDP_MODEL_BENCH_RANK_SUM_H
#define SDP_MODEL_BENCH_RANK_SUM_H

#include "sdp/err.h"

/* Up to so many values in both samples together p is exact. */
enum { SDP_RANK_SUM_EXACT = 100 };

struct sdp_rank_sum {
	double u; /* pairs in which a's value is the greater one, equal ones counting half */
	/*
	 * Two-sided: the share of all ways to choose which values are a's whose rank sum is no
	 * nearer to its mean than the one found.  Equal values share their mean rank, so this is
	 * exact with ties too.  Beyond SDP_RANK_SUM_EXACT by the normal distribution, with the
	 * variance that ties leave and a correction for continuity; 1 if all values are equal.
	 */
	double p;
};

/* Of a_count, b_count ≥ 1 values, none NaN. */
int sdp_rank_sum_test(const double *a, size_t a_count, const double *b, size_t b_count,
		      struct sdp_rank_sum *out, struct sdp_err *err);

#endif

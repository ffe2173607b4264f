/*
 * Tail probabilities of Student's t distribution and of the F distribution, correct to the last one
 * or two digits of a double even far out in the tail.  They are computed with MPFR from the
 * continued fraction of the regularised incomplete beta function (DLMF 8.17.22).
 */
#ifndef SDP_MODEL_REGRESSION_DISTRIBUTION_H
#define SDP_MODEL_REGRESSION_DISTRIBUTION_H

/*
 * Returns P(|T| > |t|) for df > 0 degrees of freedom; NaN if t is NaN; 0 if the probability is
 * below the smallest double.
 */
double sdp_t_two_sided(double t, double df);

/* Returns P(F > f) for d1, d2 > 0 degrees of freedom and f ≥ 0; NaN if f is NaN. */
double sdp_f_upper(double f, double d1, double d2);

/*
 * Returns the t > 0 with P(|T| ≤ t) = level, 0 < level < 1.  For small levels fewer digits are
 * correct.
 */
double sdp_t_quantile(double level, double df);

#endif

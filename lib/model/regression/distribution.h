/*
 * Tails of Student's t and of F, to the last digit or two of a double, tails far out included: by
 * the regularised incomplete beta function's continued fraction (DLMF 8.17.22) in MPFR.
 */
#ifndef SDP_MODEL_REGRESSION_DISTRIBUTION_H
#define SDP_MODEL_REGRESSION_DISTRIBUTION_H

/* P(|T| > |t|) with df > 0 degrees of freedom.  NaN for NaN; 0 below the least double. */
double sdp_t_two_sided(double t, double df);

/* P(F > f) with d1, d2 > 0 degrees of freedom, f ≥ 0. */
double sdp_f_upper(double f, double d1, double d2);

/* The t > 0 with P(|T| ≤ t) = level, 0 < level < 1; of small levels fewer digits are right. */
double sdp_t_quantile(double level, double df);

#endif

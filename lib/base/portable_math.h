/*
 * Mathematical functions for random numbers that give the same last bit on every machine.  They use
 * only + − × ÷ and sqrt, which IEEE 754 rounds correctly, and integers, but nothing of libm, whose
 * last bit may differ.
 */
#ifndef SDP_BASE_PORTABLE_MATH_H
#define SDP_BASE_PORTABLE_MATH_H

/*
 * Returns ln x for a normal, finite x > 0, with an error of about 2 units in the last place, by the
 * series of 2 artanh((m-1)/(m+1)).
 */
double sdp_portable_log(double x);

/*
 * Returns the quantile of the standard normal distribution for 0 < p < 1, with a relative error of
 * about 1e-16: M. J. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477-484.
 */
double sdp_portable_normal(double p);

/*
 * Returns sin(2π k/n) for 0 ≤ k < n ≤ 2^20, by the Taylor series on an eighth of the circle.
 */
double sdp_portable_sin_turn(unsigned k, unsigned n);

#endif

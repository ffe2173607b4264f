/*
 * Distributions from uniform numbers, with the same last bit on every machine: only + − × ÷ and
 * sqrt, which IEEE 754 rounds exactly, and integers; nothing of libm whose last bit may differ.
 */
#ifndef SDP_BASE_PORTABLE_MATH_H
#define SDP_BASE_PORTABLE_MATH_H

/* ln x for a normal, finite x > 0, to about 2 units in the last place (2 artanh series). */
double sdp_portable_log(double x);

/*
 * The standard normal quantile of p in (0, 1), relative error about 1e-16: M. J. Wichura,
 * Algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477-484.
 */
double sdp_portable_normal(double p);

/* sin(2π k/n) for 0 <= k < n, n <= 2^20, by the Taylor series on an eighth of the circle. */
double sdp_portable_sin_turn(unsigned k, unsigned n);

#endif

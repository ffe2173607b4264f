/*
 * Numbers as unevaluated sums of two doubles, high + low, which have about 106 bits.
 *
 * The operations are those of T. J. Dekker, Numer. Math. 18 (1971) 224-242.  They need rounding to
 * nearest and no contraction of products and sums.  Magnitudes must be between 2^-900 and 2^900, or
 * zero; otherwise low is not exact, or is NaN.
 */
#ifndef SDP_BASE_DOUBLE_DOUBLE_H
#define SDP_BASE_DOUBLE_DOUBLE_H

struct sdp_pair {
	double high, low;
};

/* Returns a + b exactly. */
static inline struct sdp_pair sdp_pair_sum(double a, double b)
{
	double sum = a + b, part = sum - a;
	return (struct sdp_pair){sum, (a - (sum - part)) + (b - part)};
}

/* Returns the upper 26 bits of a double. */
static inline double sdp_pair_upper(double a)
{
	double shifted = 134217729 * a; /* 2^27 + 1 */
	return shifted - (shifted - a);
}

/* Returns a × b exactly. */
static inline struct sdp_pair sdp_pair_product(double a, double b)
{
	double product = a * b, a1 = sdp_pair_upper(a), b1 = sdp_pair_upper(b);
	double a2 = a - a1, b2 = b - b1;
	return (struct sdp_pair){product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

/* Returns a × b with an error below 2^-101 of it, if low is at most a few units of high. */
static inline struct sdp_pair sdp_pair_times(struct sdp_pair a, struct sdp_pair b)
{
	struct sdp_pair p = sdp_pair_product(a.high, b.high);
	return sdp_pair_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

#endif

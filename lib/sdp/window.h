/*
 * Exact sums of doubles whose magnitude is known, in 16 bytes each: fixed-point integers.
 *
 * A window made for values below 2^e takes a value as the multiple of 2^(e-94) next to it towards
 * zero.  That is the value itself if its last bit is not below, as in every column whose values
 * keep within 12 decimal orders of magnitude; in any case it depends on the value alone.  Sums are
 * plain integers then: order-free, and what was added can be taken away again.  They hold 2^32
 * values.  Nothing here fails or allocates.
 */
#ifndef SDP_WINDOW_H
#define SDP_WINDOW_H

#include "sdp/exact.h"

struct sdp_window {
	int exponent;  /* of the unit of sums: 2^exponent */
	double scale;  /* brings a value to below 2^62 */
};

/* For finite values of at most this magnitude.  Units are never below 2^-1055. */
void sdp_window_init(struct sdp_window *window, double magnitude);

static inline sdp_int128 sdp_window_of(const struct sdp_window *window, double value)
{
	double scaled = value * window->scale;
	int64_t high = (int64_t)scaled;
	int64_t low = (int64_t)((scaled - (double)high) * 0x1p32); /* the difference is exact */

	return ((sdp_int128)high << 32) + low;
}

/* The nearest double (ties to even, but for subnormals) of sum / count, count > 0. */
double sdp_window_mean(const struct sdp_window *window, sdp_int128 sum, uint64_t count);

/* sum / count less a value that is near to it: with as many right digits, where their digits cancel. */
double sdp_window_mean_from(const struct sdp_window *window, sdp_int128 sum, uint64_t count, double value);

#endif

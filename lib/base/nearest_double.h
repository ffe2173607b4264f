/* The double nearest to a decimal of at most 64 bits, without strtod. */
#ifndef SDP_BASE_NEAREST_DOUBLE_H
#define SDP_BASE_NEAREST_DOUBLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sets *nearest to the double nearest to digits × 10^tens, ties to even. Returns false if this way
 * cannot tell: the result is not a normal double, or a product is too close to where the rounding
 * changes; then strtod can. digits must not be 0.
 *
 * The method is that of D. Lemire, "Number parsing at a gigabyte per second", Software: Practice
 * and Experience 51 (2021), algorithm 1.
 */
bool sdp_nearest_double(uint64_t digits, int64_t tens, double *nearest);

#endif

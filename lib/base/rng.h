/*
 * Random numbers as a pure function of (seed, record, draw), so that it cannot matter which worker
 * asks, when, or how often.  The same bits on every machine.
 *
 * Each of the three words passes through a 64-bit bijection with full avalanche (SplitMix64's
 * finaliser with Stafford's constants, "Mix13"); not for cryptography.
 */
#ifndef SDP_BASE_RNG_H
#define SDP_BASE_RNG_H

#include <stdint.h>

static inline uint64_t sdp_rng_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * 64 uniform bits.  The increments, multiples of 2^64/φ, keep small inputs off the fixed point 0.
 */
static inline uint64_t sdp_rng(uint64_t seed, uint64_t record, uint64_t draw)
{
	uint64_t x = sdp_rng_mix(seed + UINT64_C(0x9e3779b97f4a7c15));

	x = sdp_rng_mix((x ^ record) + UINT64_C(0x3c6ef372fe94f82b));
	return sdp_rng_mix((x ^ draw) + UINT64_C(0xdaa66d2c7ddf743f));
}

/* 52 bits of them as a double in the open interval (0, 1): odd multiples of 2^-53. */
static inline double sdp_rng_unit(uint64_t seed, uint64_t record, uint64_t draw)
{
	return ((double)(sdp_rng(seed, record, draw) >> 12) + 0.5) * 0x1p-52;
}

/* Uniform in 0 … n-1 (n ≥ 1) up to a bias of n × 2^-64. */
uint64_t sdp_rng_below(uint64_t n, uint64_t seed, uint64_t record, uint64_t draw);

#endif

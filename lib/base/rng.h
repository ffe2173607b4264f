/*
 * Random numbers as a pure function of (seed, record, draw): they do not depend on which worker
 * asks for them, when, or how often, and are the same on every machine.
 *
 * Each of the three words passes through a bijection of 64 bits with full avalanche: the finaliser
 * of SplitMix64 with the constants "Mix13" of D. Stafford.  Not for cryptography.
 */
#ifndef SDP_BASE_RNG_H
#define SDP_BASE_RNG_H

#include <stdint.h>

/* Returns the bijection of x. */
static inline uint64_t sdp_rng_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * Returns 64 uniformly distributed bits.  The increments are multiples of 2^64/φ; they keep small
 * arguments away from 0, which the bijection maps to itself.
 */
static inline uint64_t sdp_rng(uint64_t seed, uint64_t record, uint64_t draw)
{
	uint64_t x = sdp_rng_mix(seed + UINT64_C(0x9e3779b97f4a7c15));

	x = sdp_rng_mix((x ^ record) + UINT64_C(0x3c6ef372fe94f82b));
	return sdp_rng_mix((x ^ draw) + UINT64_C(0xdaa66d2c7ddf743f));
}

/* Returns 52 of these bits as a double in the open interval (0, 1): an odd multiple of 2^-53. */
static inline double sdp_rng_unit(uint64_t seed, uint64_t record, uint64_t draw)
{
	return ((double)(sdp_rng(seed, record, draw) >> 12) + 0.5) * 0x1p-52;
}

/* The draws of a record. */
enum {
	SDP_DRAW_TEST,  /* whether it is held out by --test-fraction */
	SDP_DRAW_SAMPLE /* whether sdp-cat --sample prints it */
};

/*
 * Returns the seed for the records of an input, of which the first has number 0 and the seed
 * itself.
 */
static inline uint64_t sdp_rng_input(uint64_t seed, uint32_t input)
{
	return input ? sdp_rng(seed, input, UINT64_MAX) : seed;
}

/* Returns an integer in 0 … n-1 (n ≥ 1), uniform except for a bias of at most n × 2^-64. */
uint64_t sdp_rng_below(uint64_t n, uint64_t seed, uint64_t record, uint64_t draw);

#endif

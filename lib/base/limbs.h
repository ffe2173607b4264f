/*
 * Integers split into limbs of 27 bits, so that sums of their products are fast and exact:
 *
 *	integer = Σ limb[k] × 2^(27·k),    |limb[k]| ≤ 2^26
 *
 * The product of two limbs is at most 2^52 in magnitude, so 1024 products can be summed in 64 bits.
 * That is why integers are processed in tiles of up to 1024 rows.  A tile has one column per limb,
 * each of SDP_TILE elements: limb k of row i is tile[k × SDP_TILE + i].
 */
#ifndef SDP_BASE_LIMBS_H
#define SDP_BASE_LIMBS_H

#include "base/gmp.h"
#include "sdp/exact.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SDP_LIMB_BITS = 27,
	SDP_TILE = 1024,
	SDP_LIMBS_WIDE_BITS = 124, /* of the integers that sdp_limbs_cut_wide splits */
};

/* Returns the number of limbs that hold every integer of a magnitude below 2^bits. */
static inline size_t sdp_limbs_for(int bits)
{
	return (size_t)(bits + 2 + SDP_LIMB_BITS - 1) / SDP_LIMB_BITS;
}

/*
 * Split n ≤ SDP_TILE integers into limbs columns of a tile, of which out is the first:
 * out[k × SDP_TILE + i] for 0 ≤ k < limbs, 0 ≤ i < n.
 */
void sdp_limbs_cut(const int64_t *integers, size_t n, size_t limbs, int32_t *out);
void sdp_limbs_cut_wide(const sdp_int128 *integers, size_t n, size_t limbs, int32_t *out);

/* Convert one row between an integer of any size and its limbs: out[k × SDP_TILE]. */
void sdp_limbs_put(const mpz_t integer, size_t limbs, int32_t *out);
void sdp_limbs_get(const int32_t *limb, size_t limbs, mpz_t out);

/*
 * Multiplies the integers of n rows and drops the lowest limbs of each product, so that the result
 * is nearest to product / 2^(27·drop).  out has limbs limbs and must be neither a nor b.
 */
struct sdp_limbs {
	const int32_t *tile;
	size_t limbs;
};
void sdp_limbs_multiply(struct sdp_limbs a, struct sdp_limbs b, size_t n, size_t drop, size_t limbs,
			int32_t *out);

#endif

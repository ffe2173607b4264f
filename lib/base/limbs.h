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

#include "sdp/exact.h"

#include <stddef.h>
#include <stdint.h>

enum { SDP_LIMB_BITS = 27, SDP_TILE = 1024 };

/* Returns the number of limbs that hold every integer of a magnitude below 2^bits, bits ≤ 124. */
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

#endif

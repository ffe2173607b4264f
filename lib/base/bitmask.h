/* Masks of 64 bits, one per byte of the text that a kernel looks at. */
#ifndef SDP_BASE_BITMASK_H
#define SDP_BASE_BITMASK_H

#include <stdint.h>

/* Returns a word whose bit i is the parity of the bits 0 to i of q. */
static inline uint64_t sdp_bitmask_parity(uint64_t q)
{
	q ^= q << 1;
	q ^= q << 2;
	q ^= q << 4;
	q ^= q << 8;
	q ^= q << 16;
	return q ^ q << 32;
}

#endif

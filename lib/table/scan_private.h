/* Between scan.c and its SIMD kernels. */
#ifndef SDP_TABLE_SCAN_PRIVATE_H
#define SDP_TABLE_SCAN_PRIVATE_H

#include "table/scan.h"

struct sdp_scan_kernel {
	const char *name;
	void (*records)(struct sdp_scan_state *, const char *, size_t, char,
			struct sdp_scan_count *);
	void (*cells)(const char *, size_t, char, uint32_t *, struct sdp_scan_fields *);
};

/* The kernel of this name, NULL where machine or build has none. */
const struct sdp_scan_kernel *sdp_scan_x86(const char *name);

/* Bit i is the parity of the bits 0..i. */
static inline uint64_t sdp_scan_parity(uint64_t q)
{
	q ^= q << 1;
	q ^= q << 2;
	q ^= q << 4;
	q ^= q << 8;
	q ^= q << 16;
	return q ^ q << 32;
}

/*
 * at plus the number of each bit in mask, always by the ROUND: the jump that would tell how many
 * there are is seldom foreseen.
 */
static inline uint32_t *sdp_scan_put_ends(uint32_t *ends, uint32_t at, uint64_t mask)
{
	enum { ROUND = 8 };
	unsigned count = (unsigned)__builtin_popcountll(mask);
	for (unsigned done = 0; done == 0 || done < count; done += ROUND)
		for (unsigned k = 0; k < ROUND; k++) {
			ends[done + k] = at + (mask ? (uint32_t)__builtin_ctzll(mask) : 64);
			mask &= mask - 1;
		}
	return ends + count;
}

/* n ≤ 64 bytes at p one after the other: the reference that the masks must agree with. */
uint64_t sdp_scan_walk(struct sdp_scan_state *s, const char *p, unsigned n, char delimiter,
		       uint64_t *newlines, unsigned *flags);

/* Is every byte marked in junk a CR before LF, or the last of the n? */
bool sdp_scan_only_crlf(const char *p, uint64_t junk, unsigned n);

#endif

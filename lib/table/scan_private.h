/* Declarations shared by the scan and its SIMD kernels. */
#ifndef SDP_TABLE_SCAN_PRIVATE_H
#define SDP_TABLE_SCAN_PRIVATE_H

#include "base/bitmask.h"
#include "table/scan.h"

struct sdp_scan_kernel {
	const char *name;
	void (*records)(struct sdp_scan_state *, const char *, size_t, struct sdp_dialect,
			struct sdp_scan_count *);
	void (*cells)(const char *, size_t, struct sdp_dialect, uint32_t *,
		      struct sdp_scan_fields *);
};

/* Scans byte by byte: the only kernel that knows escapes. */
extern const struct sdp_scan_kernel sdp_scan_slow;

/* Returns the kernel with this name, or NULL if the machine or the build does not have it. */
const struct sdp_scan_kernel *sdp_scan_x86(const char *name);

/*
 * Writes at plus the index of each bit of mask to ends; returns the end of what was written. It
 * always writes groups of ROUND entries, because a branch on the number of bits is often
 * mispredicted.
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

/* Scans n ≤ 64 bytes at p one by one. This is the reference for the masks of the kernels. */
uint64_t sdp_scan_walk(struct sdp_scan_state *s, const char *p, unsigned n,
		       struct sdp_dialect dialect, uint64_t *newlines, unsigned *flags);

/*
 * Sets the state before the byte at p to SDP_SCAN_BLANK if only blanks precede it in its cell. The
 * kernels do not keep track of that. first is the state before begin, where the text begins.
 */
void sdp_scan_look_back(struct sdp_scan_state *s, const char *begin, const char *p,
			struct sdp_scan_state first, struct sdp_dialect dialect);

/*
 * Returns whether every byte marked in junk is a CR before LF, or a CR that is the last of the n
 * bytes.
 */
bool sdp_scan_only_crlf(const char *p, uint64_t junk, unsigned n);

#endif

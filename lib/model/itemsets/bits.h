/*
 * Sets of rows as bits: the inner loops of frequent.c.
 *
 * A set of rows is words × 64 bits; several stand one behind the other.  All kernels (AVX-512,
 * AVX2, plain C) give the same bits; the best one that the machine has is picked at run time.
 */
#ifndef SDP_MODEL_ITEMSETS_BITS_H
#define SDP_MODEL_ITEMSETS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sdp_bits_kernel {
	const char *name;
	/*
	 * Meets each of count sets with one: where at least min rows are left, the meeting goes to
	 * the end of out, its number of rows to support and which of the sets it was to which. 
	 * Returns how many there are.  out has room for count sets.
	 */
	size_t (*meet)(const uint64_t *one, const uint64_t *sets, size_t count, size_t words,
		       uint32_t min, uint64_t *out, uint32_t *support, uint32_t *which);
	/*
	 * Drops the rows that are not in mask from count sets, in place: rows that follow in mask
	 * then follow at once.  Returns the words that a set has now.
	 */
	size_t (*gather)(const uint64_t *mask, uint64_t *sets, size_t count, size_t words);
};

/*
 * By name ("avx512", "avx2", "c"), NULL if the machine lacks it; the best one for a name of NULL.
 */
const struct sdp_bits_kernel *sdp_bits_kernel(const char *name);

#endif

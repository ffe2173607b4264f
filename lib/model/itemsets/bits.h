/*
 * Sets of rows as bits: the inner loops of frequent.c.
 *
 * A set of rows has `words` words of 64 bits; several sets are stored one after the other.  All
 * kernels (AVX-512, AVX2, plain C) produce the same bits; the best kernel for the machine is chosen
 * at run time.
 */
#ifndef SDP_MODEL_ITEMSETS_BITS_H
#define SDP_MODEL_ITEMSETS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sdp_bits_kernel {
	const char *name;
	/*
	 * Intersects each of count sets with one set.  Each intersection of at least min rows is
	 * appended to out, its number of rows to support, and the index of the set to which.
	 * Returns the number of these intersections.  out, support and which have room for count
	 * entries.
	 */
	size_t (*intersect)(const uint64_t *one, const uint64_t *sets, size_t count, size_t words,
			    uint32_t min, uint64_t *out, uint32_t *support, uint32_t *which);
	/*
	 * Removes the rows that are not in mask from count sets, in place, and moves the remaining
	 * rows together.  Returns the new number of words per set.
	 */
	size_t (*gather)(const uint64_t *mask, uint64_t *sets, size_t count, size_t words);
};

/*
 * Returns the kernel of that name ("avx512", "avx2", "c"), or NULL if the machine does not support
 * it; if name is NULL, the best kernel.
 */
const struct sdp_bits_kernel *sdp_bits_kernel(const char *name);

#endif

/*
 * The loops that all kernels share, included by bits.c once for each instruction set.  bits.c
 * defines TARGET and KERNEL(name); INTERSECT(a, b, out, words), which stores an intersection and
 * returns its number of rows; and EXTRACT(value, mask), which extracts the bits of a mask.
 */

TARGET static size_t KERNEL(intersect)(const uint64_t *one, const uint64_t *sets, size_t count,
				       size_t words, uint32_t min, uint64_t *out, uint32_t *support,
				       uint32_t *which)
{
	size_t kept = 0;
	if (words == 1) {
		uint64_t rows = *one;
		for (size_t i = 0; i < count; i++) {
			uint64_t both = rows & sets[i];
			uint32_t n = (uint32_t)__builtin_popcountll(both);
			out[kept] = both;
			support[kept] = n;
			which[kept] = (uint32_t)i;
			kept += n >= min;
		}
		return kept;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t n = INTERSECT(one, sets + i * words, out + kept * words, words);
		support[kept] = n;
		which[kept] = (uint32_t)i;
		kept += n >= min;
	}
	return kept;
}

TARGET static size_t KERNEL(gather)(const uint64_t *mask, uint64_t *sets, size_t count,
				    size_t words)
{
	size_t rows = 0, narrow;
	for (size_t w = 0; w < words; w++)
		rows += (size_t)__builtin_popcountll(mask[w]);
	narrow = (rows + 63) / 64;
	for (size_t i = 0; i < count; i++) {
		const uint64_t *from = sets + i * words;
		uint64_t *to = sets + i * narrow, pending = 0;
		unsigned filled = 0;
		for (size_t w = 0; w < words; w++) {
			uint64_t bits = EXTRACT(from[w], mask[w]);
			unsigned more = (unsigned)__builtin_popcountll(mask[w]);
			pending |= bits << filled;
			filled += more;
			if (filled >= 64) {
				*to++ = pending;
				filled -= 64;
				/* The bits that did not fit; a shift by 64 would be undefined. */
				pending = filled ? bits >> (more - filled) : 0;
			}
		}
		if (filled)
			*to = pending;
	}
	return narrow;
}

#undef TARGET
#undef KERNEL
#undef INTERSECT
#undef EXTRACT

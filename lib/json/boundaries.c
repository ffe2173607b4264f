/*
 * Finds the ends of JSON records by bit masks of quotes, backslashes and brackets, 64 bytes at a
 * time.
 */
#include "json/boundaries.h"

#include "base/bitmask.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct masks {
	uint64_t quotes, slashes, opens, closes;
};

/* Setting bit 5 (0x20) makes [ and { the same byte, and ] and }. */
static inline struct masks masks_of(const char *p)
{
	struct masks m = {0, 0, 0, 0};
#ifdef __SSE2__
	for (unsigned i = 0; i < 64; i += 16) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i folded = _mm_or_si128(b, _mm_set1_epi8(0x20));
		m.quotes |=
			(uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(b, _mm_set1_epi8('"')))
			<< i;
		m.slashes |= (uint64_t)(unsigned)_mm_movemask_epi8(
				     _mm_cmpeq_epi8(b, _mm_set1_epi8('\\')))
			     << i;
		m.opens |= (uint64_t)(unsigned)_mm_movemask_epi8(
				   _mm_cmpeq_epi8(folded, _mm_set1_epi8('{')))
			   << i;
		m.closes |= (uint64_t)(unsigned)_mm_movemask_epi8(
				    _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')))
			    << i;
	}
#else
	for (unsigned i = 0; i < 64; i++) {
		m.quotes |= (uint64_t)(p[i] == '"') << i;
		m.slashes |= (uint64_t)(p[i] == '\\') << i;
		m.opens |= (uint64_t)((p[i] | 0x20) == '{') << i;
		m.closes |= (uint64_t)((p[i] | 0x20) == '}') << i;
	}
#endif
	return m;
}

/* Returns the mask of the bytes that a backslash escapes, among n bytes. */
static inline uint64_t escaped(struct sdp_json_boundaries *s, uint64_t slashes, unsigned n)
{
	uint64_t mask = s->escaped;
	slashes &= ~mask;
	s->escaped = false;
	while (slashes) {
		unsigned i = (unsigned)__builtin_ctzll(slashes);
		if (i + 1 == n)
			s->escaped = true;
		else
			mask |= UINT64_C(2) << i;
		slashes &= ~(UINT64_C(3) << i);
	}
	return mask;
}

/*
 * Processes the brackets one by one, where the depth may fall to that of the records.  Returns
 * whether the scan is complete.
 */
static bool walk(struct sdp_json_boundaries *s, uint64_t opens, uint64_t closes, unsigned depth,
		 size_t most, struct sdp_json_ends *ends, size_t offset)
{
	for (uint64_t brackets = opens | closes; brackets; brackets &= brackets - 1) {
		uint64_t bit = brackets & -brackets;
		if (bit & opens) {
			s->depth++;
			continue;
		}
		if (s->depth == depth && depth > 0) {
			ends->closed = true;
			return true;
		}
		s->depth -= s->depth > depth;
		if (s->depth > depth)
			continue;
		ends->records++;
		ends->last_end = offset + (size_t)__builtin_ctzll(bit) + 1;
		if (ends->records == most)
			return true;
	}
	return false;
}

void sdp_json_boundaries(struct sdp_json_boundaries *s, const char *text, size_t length,
			 unsigned depth, size_t most, struct sdp_json_ends *ends)
{
	char tail[64];
	*ends = (struct sdp_json_ends){0};
	for (size_t i = 0; i < length; i += 64) {
		unsigned n = length - i < 64 ? (unsigned)(length - i) : 64;
		const char *p = text + i;
		if (n < 64) {
			memset(tail, ' ', sizeof tail);
			p = memcpy(tail, p, n);
		}
		struct masks m = masks_of(p);
		if (m.slashes || s->escaped)
			m.quotes &= ~escaped(s, m.slashes, n);
		uint64_t inside = sdp_bitmask_parity(m.quotes) ^ (s->inside ? ~UINT64_C(0) : 0);
		s->inside = inside >> 63;
		m.opens &= ~inside;
		m.closes &= ~inside;
		if (!(m.opens | m.closes))
			continue;
		unsigned closing = (unsigned)__builtin_popcountll(m.closes);
		if (s->depth > depth + closing)
			s->depth += (unsigned)__builtin_popcountll(m.opens) - (uint64_t)closing;
		else if (walk(s, m.opens, m.closes, depth, most, ends, i))
			return;
	}
}

/* The SIMD kernel of number_column.c, for machines with SSE4.1 and BMI2. */
#include "table/number_column_private.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("sse4.1,bmi,bmi2")))

/*
 * shuffles[length][point] moves the bytes of a cell of this length, except the one at point, to the
 * right end. point == length: there is no point.
 */
static unsigned char shuffles[17][17][16];
static int state; /* 0: not initialized, 1: ready, -1: the machine does not support it */

static void prepare(void)
{
	for (int length = 0; length <= 16; length++)
		for (int point = 0; point <= length; point++) {
			unsigned char *s = shuffles[length][point];
			memset(s, 0x80, 16);
			int to = 15;
			for (int from = length - 1; from >= 0; from--)
				if (from != point)
					s[to--] = (unsigned char)from;
		}
	__builtin_cpu_init();
	state = __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("bmi2") ? 1 : -1;
}

/* Returns the number of 16 digits (values, not characters), most significant first. */
TARGET static inline int64_t sixteen_digits(__m128i d)
{
	d = _mm_maddubs_epi16(d, _mm_set1_epi16(10 | 1 << 8));
	d = _mm_madd_epi16(d, _mm_set1_epi32(100 | 1 << 16));
	d = _mm_packus_epi32(d, d);
	d = _mm_madd_epi16(d, _mm_set1_epi32(10000 | 1 << 16));
	uint64_t halves = (uint64_t)_mm_cvtsi128_si64(d);
	return (int64_t)((halves & 0xffffffff) * 100000000 + (halves >> 32));
}

/*
 * Parses a sign, then digits with at most one point, 1 to 16 bytes. Returns whether the cell has
 * that form.
 */
TARGET __attribute__((always_inline)) static inline bool fast_number(const char *s, size_t length,
								     char decimal,
								     int64_t *mantissa,
								     uint8_t *scale, unsigned *seen)
{
	bool negative = *s == '-';
	size_t sign = negative | (*s == '+');
	s += sign;
	length -= sign;
	if (length - 1 > 15)
		return false;
	__m128i d =
		_mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)s), _mm_set1_epi8('0'));
	unsigned digits =
		(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
	unsigned others = ~digits & ((1u << length) - 1);
	size_t point = length;
	if (others) {
		point = (size_t)__builtin_ctz(others);
		if ((others & (others - 1)) || s[point] != decimal || length == 1)
			return false;
	}
	if (*s == '0' && point > 1)
		return false; /* a code with leading zeros, not a number */
	const __m128i *shuffle = (const __m128i *)(const void *)shuffles[length][point];
	int64_t m = sixteen_digits(_mm_shuffle_epi8(d, _mm_loadu_si128(shuffle)));
	*mantissa = negative ? -m : m;
	*scale = (uint8_t)(point == length ? 0 : length - 1 - point);
	*seen |= point == length ? SDP_SEEN_INTEGER : SDP_SEEN_REAL;
	return true;
}

/*
 * Does the same for 17 to 20 bytes, the length of doubles that are printed in full: 16 of them as
 * above, at most four one by one. Eighteen digits always fit into 64 bits; nineteen may not.
 */
TARGET static inline bool long_number(const char *s, size_t length, char decimal, int64_t *mantissa,
				      uint8_t *scale, unsigned *seen)
{
	bool negative = *s == '-';
	size_t sign = negative | (*s == '+');
	s += sign;
	length -= sign;
	if (length - 17 > 3 || *s == '-' || *s == '+')
		return false;
	unsigned head_seen = 0;
	uint8_t behind;
	int64_t m;
	if (!fast_number(s, 16, decimal, &m, &behind, &head_seen))
		return false;
	bool pointed = head_seen == SDP_SEEN_REAL;
	size_t decimals = behind, digits = 16 - pointed;
	for (size_t i = 16; i < length; i++) {
		unsigned d = (unsigned char)s[i] - (unsigned)'0';
		if (d <= 9) {
			if (digits == 18)
				return false;
			m = m * 10 + (int64_t)d;
			decimals += pointed;
			digits++;
		} else if (s[i] == decimal && !pointed) {
			pointed = true;
		} else {
			return false;
		}
	}
	if (decimals > 18 || (*s == '0' && !pointed))
		return false;
	*mantissa = negative ? -m : m;
	*scale = (uint8_t)decimals;
	*seen |= pointed ? SDP_SEEN_REAL : SDP_SEEN_INTEGER;
	return true;
}

TARGET static void numbers(const struct sdp_block *block, size_t column,
			   struct sdp_number_column *n)
{
	/* Local copies, because a store to scale[] could otherwise alias anything. */
	const struct sdp_block b = *block;
	int64_t *mantissa = n->mantissa;
	uint8_t *scale = n->scale;
	char decimal = b.schema->decimal;
	unsigned seen = 0;
	for (size_t row = 0; row < b.rows; row++) {
		size_t length;
		const char *s = sdp_block_cell(&b, row, column, &length);
		if (!fast_number(s, length, decimal, &mantissa[row], &scale[row], &seen) &&
		    !long_number(s, length, decimal, &mantissa[row], &scale[row], &seen))
			sdp_number_long_way(n, b.schema, row, s, length);
	}
	n->seen |= seen;
}

bool sdp_number_column_x86(const struct sdp_block *block, size_t column,
			   struct sdp_number_column *n)
{
	if (state == 0)
		prepare();
	if (state < 0)
		return false;
	numbers(block, column, n);
	return true;
}
#else
bool sdp_number_column_x86(const struct sdp_block *block, size_t column,
			   struct sdp_number_column *n)
{
	(void)block;
	(void)column;
	(void)n;
	return false;
}
#endif

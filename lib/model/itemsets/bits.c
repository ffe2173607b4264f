/* Intersects and compresses sets of bits, with AVX-512, AVX2 or plain C. */
#include "model/itemsets/bits.h"

#include <string.h>

/* ---- plain C ---- */

static uint32_t intersect_c(const uint64_t *a, const uint64_t *b, uint64_t *out, size_t words)
{
	uint32_t n = 0;
	for (size_t w = 0; w < words; w++) {
		out[w] = a[w] & b[w];
		n += (uint32_t)__builtin_popcountll(out[w]);
	}
	return n;
}

static uint64_t extract_c(uint64_t value, uint64_t mask)
{
	uint64_t out = 0;
	for (unsigned i = 0; mask; i++, mask &= mask - 1)
		out |= (value >> __builtin_ctzll(mask) & 1) << i;
	return out;
}

#define TARGET
#define KERNEL(name) name##_of_c
#define INTERSECT    intersect_c
#define EXTRACT      extract_c
#include "model/itemsets/bits_kernel.h"

static const struct sdp_bits_kernel plain = {"c", intersect_of_c, gather_of_c};

/* ---- x86 ---- */

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2,popcnt,bmi2")))
#define AVX512 __attribute__((target("avx512f,avx512vpopcntdq,avx2,popcnt,bmi2")))

/* Returns the number of bits in each byte, by two lookups in a table for half bytes. */
AVX2 static inline __m256i bits_of_bytes(__m256i v)
{
	const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1,
					       1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
	const __m256i low = _mm256_set1_epi8(15);
	return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(v, low)),
			       _mm256_shuffle_epi8(table,
						   _mm256_and_si256(_mm256_srli_epi16(v, 4), low)));
}

AVX2 static inline uint32_t intersect_avx2(const uint64_t *a, const uint64_t *b, uint64_t *out,
					   size_t words)
{
	__m256i sum = _mm256_setzero_si256();
	uint32_t n = 0;
	size_t w = 0;
	for (; w + 4 <= words; w += 4) {
		__m256i both =
			_mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)(a + w)),
					 _mm256_loadu_si256(
						 (const __m256i *)(const void *)(b + w)));
		_mm256_storeu_si256((__m256i *)(void *)(out + w), both);
		sum = _mm256_add_epi64(sum, _mm256_sad_epu8(bits_of_bytes(both),
							    _mm256_setzero_si256()));
	}
	for (; w < words; w++) {
		out[w] = a[w] & b[w];
		n += (uint32_t)__builtin_popcountll(out[w]);
	}
	__m128i half = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
	return n + (uint32_t)_mm_cvtsi128_si64(half) + (uint32_t)_mm_extract_epi64(half, 1);
}

AVX512 static inline uint32_t intersect_avx512(const uint64_t *a, const uint64_t *b, uint64_t *out,
					       size_t words)
{
	__m512i sum = _mm512_setzero_si512();
	size_t w = 0;
	for (; w + 8 <= words; w += 8) {
		__m512i both =
			_mm512_and_si512(_mm512_loadu_si512(a + w), _mm512_loadu_si512(b + w));
		_mm512_storeu_si512(out + w, both);
		sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(both));
	}
	if (w < words) {
		__mmask8 rest = (__mmask8)((1u << (words - w)) - 1);
		__m512i both = _mm512_and_si512(_mm512_maskz_loadu_epi64(rest, a + w),
						_mm512_maskz_loadu_epi64(rest, b + w));
		_mm512_mask_storeu_epi64(out + w, rest, both);
		sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(both));
	}
	return (uint32_t)_mm512_reduce_add_epi64(sum);
}

#define TARGET       AVX2
#define KERNEL(name) name##_of_avx2
#define INTERSECT    intersect_avx2
#define EXTRACT      _pext_u64
#include "model/itemsets/bits_kernel.h"

#define TARGET       AVX512
#define KERNEL(name) name##_of_avx512
#define INTERSECT    intersect_avx512
#define EXTRACT      _pext_u64
#include "model/itemsets/bits_kernel.h"

static const struct sdp_bits_kernel avx2 = {"avx2", intersect_of_avx2, gather_of_avx2};
static const struct sdp_bits_kernel avx512 = {"avx512", intersect_of_avx512, gather_of_avx512};

static const struct sdp_bits_kernel *x86(const char *name)
{
	__builtin_cpu_init();
	bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
			__builtin_cpu_supports("bmi2");
	bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
			  __builtin_cpu_supports("avx512vpopcntdq");
	if (has_avx512 && (!name || strcmp(name, "avx512") == 0))
		return &avx512;
	if (has_avx2 && (!name || strcmp(name, "avx2") == 0))
		return &avx2;
	return NULL;
}
#else
static const struct sdp_bits_kernel *x86(const char *name)
{
	(void)name;
	return NULL;
}
#endif

const struct sdp_bits_kernel *sdp_bits_kernel(const char *name)
{
	const struct sdp_bits_kernel *kernel = x86(name);
	return kernel ? kernel : !name || strcmp(name, "c") == 0 ? &plain : NULL;
}

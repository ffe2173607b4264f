/* The scan kernels for x86-64: SSE2, which every such machine has, AVX2 and AVX-512. */
#include "table/scan_private.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL(name) name##_sse2
#define TARGET
#define VECTOR        __m128i
#define WIDTH         16
#define V_LOAD        _mm_loadu_si128
#define V_SET1        _mm_set1_epi8
#define V_EQUAL(a, b) (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b))
#define V_HIGHS       _mm_movemask_epi8
#define V_OR          _mm_or_si128
#define V_MIN         _mm_min_epu8
#define V_ZERO        _mm_setzero_si128
#define V_PARITY      sdp_bitmask_parity
#define V_PUT_ENDS    sdp_scan_put_ends
#include "table/scan_x86.h"

/* The carry-less product with all ones: bit i is the parity of the bits 0 to i. */
__attribute__((target("pclmul"))) static inline uint64_t parity_clmul(uint64_t q)
{
	__m128i product =
		_mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)q), _mm_set1_epi8(-1), 0);
	return (uint64_t)_mm_cvtsi128_si64(product);
}

#define KERNEL(name)  name##_avx2
#define TARGET        __attribute__((target("avx2,bmi,popcnt,lzcnt,pclmul")))
#define VECTOR        __m256i
#define WIDTH         32
#define V_LOAD        _mm256_loadu_si256
#define V_SET1        _mm256_set1_epi8
#define V_EQUAL(a, b) (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b))
#define V_HIGHS       _mm256_movemask_epi8
#define V_OR          _mm256_or_si256
#define V_MIN         _mm256_min_epu8
#define V_ZERO        _mm256_setzero_si256
#define V_PARITY      parity_clmul
#define V_PUT_ENDS    sdp_scan_put_ends
#include "table/scan_x86.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt,lzcnt,pclmul")))

/*
 * Does the same as sdp_scan_put_ends: compresses the indices of the set bits as bytes, and widens
 * 16 of them at a time.
 */
TARGET static inline uint32_t *put_ends_avx512(uint32_t *ends, uint32_t at, uint64_t mask)
{
	static const uint64_t numbers[8] = {
		0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918,
		0x2726252423222120, 0x2f2e2d2c2b2a2928, 0x3736353433323130, 0x3f3e3d3c3b3a3938,
	};
	__m512i found = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512(numbers)),
		first = _mm512_set1_epi32((int)at);
	unsigned count = (unsigned)__builtin_popcountll(mask);
	_mm512_storeu_si512(ends, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(
								  _mm512_castsi512_si128(found))));
	for (unsigned done = 16; done < count; done += 16) {
		found = _mm512_alignr_epi64(found, found, 2);
		_mm512_storeu_si512(ends + done,
				    _mm512_add_epi32(first,
						     _mm512_cvtepu8_epi32(
							     _mm512_castsi512_si128(found))));
	}
	return ends + count;
}

#define KERNEL(name) name##_avx512
#define VECTOR       __m512i
#define WIDTH        64
#define V_LOAD       _mm512_loadu_si512
#define V_SET1       _mm512_set1_epi8
#define V_EQUAL      _mm512_cmpeq_epi8_mask
#define V_HIGHS      _mm512_movepi8_mask
#define V_OR         _mm512_or_si512
#define V_MIN        _mm512_min_epu8
#define V_ZERO       _mm512_setzero_si512
#define V_PARITY     parity_clmul
#define V_PUT_ENDS   put_ends_avx512
#include "table/scan_x86.h"

/* Every machine with AVX2 has lzcnt and popcnt. */
static bool have_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("pclmul");
}

const struct sdp_scan_kernel *sdp_scan_x86(const char *name)
{
	static const struct sdp_scan_kernel sse2 = {"sse2", records_sse2, cells_sse2};
	static const struct sdp_scan_kernel avx2 = {"avx2", records_avx2, cells_avx2};
	static const struct sdp_scan_kernel avx512 = {"avx512", records_avx512, cells_avx512};
	__builtin_cpu_init();
	if (strcmp(name, "sse2") == 0)
		return &sse2;
	if (strcmp(name, "avx2") == 0 && have_avx2())
		return &avx2;
	if (strcmp(name, "avx512") == 0 && have_avx2() && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512vbmi2"))
		return &avx512;
	return NULL;
}
#else
const struct sdp_scan_kernel *sdp_scan_x86(const char *name)
{
	(void)name;
	return NULL;
}
#endif

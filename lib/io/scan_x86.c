/* The scan kernels for x86-64: SSE2, which all such machines have, and AVX2. */
#include "scan_private.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL(name) name##_sse2
#define TARGET
#define VECTOR  __m128i
#define WIDTH   16
#define V_LOAD  _mm_loadu_si128
#define V_SET1  _mm_set1_epi8
#define V_EQUAL _mm_cmpeq_epi8
#define V_MASK  _mm_movemask_epi8
#define V_OR    _mm_or_si128
#define V_MIN   _mm_min_epu8
#define V_ZERO  _mm_setzero_si128
#define V_PARITY sdp_scan_parity
#include "scan_x86.h"
#undef KERNEL
#undef TARGET
#undef VECTOR
#undef WIDTH
#undef V_LOAD
#undef V_SET1
#undef V_EQUAL
#undef V_MASK
#undef V_OR
#undef V_MIN
#undef V_ZERO
#undef V_PARITY

#define KERNEL(name) name##_avx2
#define TARGET  __attribute__((target("avx2,bmi,popcnt,lzcnt,pclmul")))

/* A product without carries by all ones: every bit is the sum, without carry, of those below. */
TARGET static inline uint64_t parity_clmul(uint64_t q)
{
	__m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)q), _mm_set1_epi8(-1), 0);
	return (uint64_t)_mm_cvtsi128_si64(product);
}

#define VECTOR  __m256i
#define WIDTH   32
#define V_LOAD  _mm256_loadu_si256
#define V_SET1  _mm256_set1_epi8
#define V_EQUAL _mm256_cmpeq_epi8
#define V_MASK  _mm256_movemask_epi8
#define V_OR    _mm256_or_si256
#define V_MIN   _mm256_min_epu8
#define V_ZERO  _mm256_setzero_si256
#define V_PARITY parity_clmul
#include "scan_x86.h"

const struct sdp_scan_kernel *sdp_scan_x86(const char *name)
{
	static const struct sdp_scan_kernel sse2 = {"sse2", records_sse2, cells_sse2};
	static const struct sdp_scan_kernel avx2 = {"avx2", records_avx2, cells_avx2};
	if (strcmp(name, "sse2") == 0)
		return &sse2;
	__builtin_cpu_init();
	if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul"))
		return &avx2;
	return NULL;
}
#else
const struct sdp_scan_kernel *sdp_scan_x86(const char *name)
{
	(void)name;
	return NULL;
}
#endif

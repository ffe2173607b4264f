/* Chooses the distance kernel: AVX-512, AVX2, or plain C. */
#include "model/kmeans/kernel.h"

#include <math.h>
#include <string.h>

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#define KERNEL(name) name##_plain
#define VECTOR(name) name##_of_16
#define TARGET
#define WIDTH                   2
#define KERNEL_GROUP            2
#define MULTIPLY_ADD(a, b, sum) ((sum) + (a) * (b))
#define ROOT(x)                 ((double_of_16){sqrt((x)[0]), sqrt((x)[1])})
/* clang-format off */
#define FLOAT_ROOT(x) \
	((float_of_16){sqrtf((x)[0]), sqrtf((x)[1]), sqrtf((x)[2]), sqrtf((x)[3])})
/* clang-format on */
#include "model/kmeans/lanes.h"

#ifdef __x86_64__
#include <immintrin.h>

#define KERNEL(name) name##_avx2
#define VECTOR(name) name##_of_32
#define TARGET       __attribute__((target("avx2,fma")))
#define WIDTH        4
#define KERNEL_GROUP 4
#define MULTIPLY_ADD(a, b, sum)                                                                    \
	((float_of_32)_mm256_fmadd_ps((__m256)(a), _mm256_set1_ps(b), (__m256)(sum)))
#define ROOT(x)       ((double_of_32)_mm256_sqrt_pd((__m256d)(x)))
#define FLOAT_ROOT(x) ((float_of_32)_mm256_sqrt_ps((__m256)(x)))
#include "model/kmeans/lanes.h"

#define KERNEL(name) name##_avx512
#define VECTOR(name) name##_of_64
#define TARGET       __attribute__((target("avx512f")))
#define WIDTH        8
#define KERNEL_GROUP 8
#define MULTIPLY_ADD(a, b, sum)                                                                    \
	((float_of_64)_mm512_fmadd_ps((__m512)(a), _mm512_set1_ps(b), (__m512)(sum)))
#define ROOT(x)       ((double_of_64)_mm512_sqrt_pd((__m512d)(x)))
#define FLOAT_ROOT(x) ((float_of_64)_mm512_sqrt_ps((__m512)(x)))
#include "model/kmeans/lanes.h"
#endif

/* Returns the kernel "avx512", "avx2" or "plain", or NULL if the machine does not support it. */
static const struct kmeans_kernel *kernel_named(const char *name)
{
#ifdef __x86_64__
	__builtin_cpu_init();
	if (strcmp(name, "avx512") == 0)
		return __builtin_cpu_supports("avx512f") ? &kernel_avx512 : NULL;
	if (strcmp(name, "avx2") == 0)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
			       ? &kernel_avx2
			       : NULL;
#endif
	return strcmp(name, "plain") == 0 ? &kernel_plain : NULL;
}

const struct kmeans_kernel *sdp_kmeans_kernel(void)
{
	static const char *const names[] = {"avx512", "avx2", "plain"};
	const struct kmeans_kernel *kernel = NULL;
	for (int i = 0; !kernel; i++)
		kernel = kernel_named(names[i]);
	return kernel;
}

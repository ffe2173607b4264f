/*
 * Residuals from limbs.
 *
 * The residual of a row is Σ limb × weight in integers, so it is rounded once and the same with
 * every instruction set.  A product is at most 2^52; after 1000 products the 64-bit sums are added
 * to 128-bit sums.  Weights of more than four limbs are processed four limbs at a time.  Their sums
 * are combined limb by limb, as the result may need more than 128 bits until its terms cancel.
 */
#include "model/regression/linreg.h"

#include <math.h>
#include <string.h>

enum { LANES = SDP_LINREG_LANES, WEIGHTS = SDP_LINREG_WEIGHTS, BATCH = 1000 };

/*
 * Computes sums[m][i], the sum of limb × weight[m] over the limbs [0, n) of row i, for LANES rows.
 */
typedef void kernel(const int32_t *limb, const int32_t *weight, size_t n,
		    int64_t sums[WEIGHTS][LANES]);

static void kernel_plain(const int32_t *limb, const int32_t *weight, size_t n,
			 int64_t sums[WEIGHTS][LANES])
{
	memset(sums, 0, WEIGHTS * sizeof *sums);
	for (size_t k = 0; k < n; k++)
		for (size_t m = 0; m < WEIGHTS; m++)
			for (size_t i = 0; i < LANES; i++)
				sums[m][i] +=
					(int64_t)limb[k * SDP_TILE + i] * weight[k * WEIGHTS + m];
}

#ifdef __x86_64__
#include <immintrin.h>

/* Processes even and odd rows separately, as gram.c does, and interleaves their sums at the end. */
__attribute__((target("avx2"))) static void kernel_avx2(const int32_t *limb, const int32_t *weight,
							size_t n, int64_t sums[WEIGHTS][LANES])
{
	__m256i even[WEIGHTS], odd[WEIGHTS];
	for (size_t m = 0; m < WEIGHTS; m++)
		even[m] = odd[m] = _mm256_setzero_si256();
	for (size_t k = 0; k < n; k++) {
		__m256i x = _mm256_load_si256((const __m256i *)(const void *)(limb + k * SDP_TILE));
		__m256i y = _mm256_srli_epi64(x, 32);
		for (size_t m = 0; m < WEIGHTS; m++) {
			__m256i w = _mm256_set1_epi32(weight[k * WEIGHTS + m]);
			even[m] = _mm256_add_epi64(even[m], _mm256_mul_epi32(x, w));
			odd[m] = _mm256_add_epi64(odd[m], _mm256_mul_epi32(y, w));
		}
	}
	for (size_t m = 0; m < WEIGHTS; m++) {
		int64_t e[LANES / 2], o[LANES / 2];
		_mm256_storeu_si256((__m256i *)(void *)e, even[m]);
		_mm256_storeu_si256((__m256i *)(void *)o, odd[m]);
		for (size_t i = 0; i < LANES / 2; i++) {
			sums[m][2 * i] = e[i];
			sums[m][2 * i + 1] = o[i];
		}
	}
}

static kernel *choose_kernel(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") ? kernel_avx2 : kernel_plain;
}
#else
static kernel *choose_kernel(void)
{
	return kernel_plain;
}
#endif

/* Returns x × 2^exponent.  unit is 2^exponent, or 0 if that is not a normal double. */
static double scaled(sdp_int128 x, int exponent, double unit)
{
	return unit != 0 ? (double)x * unit : ldexp((double)x, exponent);
}

/*
 * Sums up WEIGHTS limbs of the weights, starting with limb first, for a group of LANES rows:
 * total[m × LANES + i].
 */
static void sum_weights(kernel *sum_products, const struct sdp_linreg_fit *fit, size_t first,
			size_t limbs, const int32_t *rows, sdp_int128 *total)
{
	int64_t sums[WEIGHTS][LANES];
	memset(total, 0, WEIGHTS * LANES * sizeof *total);
	for (size_t k = 0; k < limbs; k += BATCH) {
		sum_products(rows + k * SDP_TILE, fit->weights + first * limbs + k * WEIGHTS,
			     limbs - k < BATCH ? limbs - k : BATCH, sums);
		for (size_t m = 0; m < WEIGHTS; m++)
			for (size_t i = 0; i < LANES; i++)
				total[m * LANES + i] += sums[m][i];
	}
}

/*
 * Returns Σ sums[m × LANES] × 2^(27·m + exponent), m < depth, rounded once; what is below 2^-99 of
 * it is discarded. The sums are overwritten.
 */
static double combine_limbs(sdp_int128 *sums, size_t depth, int exponent)
{
	const sdp_int128 enough = (sdp_int128)1 << 99;
	sdp_int128 value = 0;
	size_t m = depth;
	for (size_t k = 0; k < depth; k++) {
		value += sums[k * LANES];
		sums[k * LANES] = value & ((1 << SDP_LIMB_BITS) - 1);
		value >>= SDP_LIMB_BITS;
	}
	while (m > 0 && value < enough && value > -enough)
		value = value * (1 << SDP_LIMB_BITS) + sums[--m * LANES];
	return ldexp((double)value, exponent + (int)m * SDP_LIMB_BITS);
}

/* The same as sdp_linreg_residuals, with weights of any number of limbs. */
static void wide_residuals(kernel *sum_products, const struct sdp_linreg_fit *fit, size_t limbs,
			   const int32_t *tile, size_t n, sdp_int128 *sums, double *residuals)
{
	size_t depth = (size_t)fit->depth;
	for (size_t from = 0; from < n; from += LANES) {
		for (size_t m = 0; m < depth; m += WEIGHTS)
			sum_weights(sum_products, fit, m, limbs, tile + from, sums + m * LANES);
		for (size_t i = 0; i < LANES && from + i < n; i++)
			residuals[from + i] = combine_limbs(sums + i, depth, fit->exponent);
	}
}

void sdp_linreg_residuals(const struct sdp_linreg_fit *fit, size_t limbs, const int32_t *tile,
			  size_t n, sdp_int128 *sums, double *residuals)
{
	kernel *sum_products = choose_kernel();
	double unit = fit->exponent > -1000 && fit->exponent < 800 ? ldexp(1, fit->exponent) : 0;
	if (fit->depth > WEIGHTS) {
		wide_residuals(sum_products, fit, limbs, tile, n, sums, residuals);
		return;
	}
	for (size_t from = 0; from < n; from += LANES) {
		sum_weights(sum_products, fit, 0, limbs, tile + from, sums);
		for (size_t i = 0; i < LANES && from + i < n; i++) {
			sdp_int128 sum = 0;
			for (size_t m = WEIGHTS; m-- > 0;)
				sum = sum * (1 << SDP_LIMB_BITS) + sums[m * LANES + i];
			residuals[from + i] = scaled(sum, fit->exponent, unit);
		}
	}
}

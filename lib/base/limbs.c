/* Splits integers into limbs of 27 bits. */
#include "base/limbs.h"

static const int64_t half = INT64_C(1) << (SDP_LIMB_BITS - 1);

void sdp_limbs_cut(const int64_t *integers, size_t n, size_t limbs, int32_t *out)
{
	int64_t rest[SDP_TILE];
	for (size_t i = 0; limbs == 1 && i < n; i++)
		out[i] = (int32_t)integers[i];
	if (limbs == 1)
		return;
	for (size_t i = 0; i < n; i++)
		rest[i] = integers[i];
	for (size_t k = 0; k < limbs; k++, out += SDP_TILE)
		for (size_t i = 0; i < n; i++) {
			int64_t carry = (rest[i] + half) >> SDP_LIMB_BITS;
			out[i] = (int32_t)(rest[i] - carry * 2 * half);
			rest[i] = carry;
		}
}

void sdp_limbs_cut_wide(const sdp_int128 *integers, size_t n, size_t limbs, int32_t *out)
{
	for (size_t i = 0; i < n; i++) {
		sdp_int128 rest = integers[i];
		for (size_t k = 0; k < limbs; k++) {
			sdp_int128 carry = (rest + half) >> SDP_LIMB_BITS;
			out[k * SDP_TILE + i] = (int32_t)(rest - carry * 2 * half);
			rest = carry;
		}
	}
}

void sdp_limbs_put(const mpz_t integer, size_t limbs, int32_t *out)
{
	const mp_limb_t *words = mpz_limbs_read(integer);
	size_t count = mpz_size(integer);
	int64_t carry = 0, sign = mpz_sgn(integer);
	for (size_t k = 0; k < limbs; k++) {
		size_t bit = k * SDP_LIMB_BITS, word = bit / 64, at = bit % 64;
		uint64_t piece = word < count ? words[word] >> at : 0;
		if (at > 64 - SDP_LIMB_BITS && word + 1 < count)
			piece |= words[word + 1] << (64 - at);
		int64_t digit = (int64_t)(piece & (2 * (uint64_t)half - 1)) + carry;
		carry = digit >= half;
		out[k * SDP_TILE] = (int32_t)(sign * (digit - carry * 2 * half));
	}
}

void sdp_limbs_get(const int32_t *limb, size_t limbs, mpz_t out)
{
	mpz_set_ui(out, 0);
	while (limbs-- > 0) {
		int32_t digit = limb[limbs * SDP_TILE];
		mpz_mul_2exp(out, out, SDP_LIMB_BITS);
		if (digit < 0)
			mpz_sub_ui(out, out, (unsigned long)-(long)digit);
		else
			mpz_add_ui(out, out, (unsigned long)digit);
	}
}

/* A product of limbs is at most 2^52, so up to 2^10 of them can be added. */
void sdp_limbs_multiply(struct sdp_limbs a, struct sdp_limbs b, size_t n, size_t drop, size_t limbs,
			int32_t *out)
{
	int64_t sum[SDP_TILE] = {0};
	for (size_t k = 0; k < drop + limbs; k++) {
		size_t from = k < b.limbs ? 0 : k - b.limbs + 1;
		for (size_t j = from; j <= k && j < a.limbs; j++) {
			const int32_t *x = a.tile + j * SDP_TILE, *y = b.tile + (k - j) * SDP_TILE;
			for (size_t i = 0; i < n; i++)
				sum[i] += (int64_t)x[i] * y[i];
		}
		for (size_t i = 0; i < n; i++) {
			int64_t carry = (sum[i] + half) >> SDP_LIMB_BITS;
			if (k >= drop)
				out[(k - drop) * SDP_TILE + i] =
					(int32_t)(sum[i] - carry * 2 * half);
			sum[i] = carry;
		}
	}
}

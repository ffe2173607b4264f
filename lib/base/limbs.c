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

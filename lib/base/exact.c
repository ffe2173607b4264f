/*
 * Adds to, merges and subtracts from the exact accumulators.
 *
 * Scaled sums are computed in blocks of 4096 values.  The largest magnitude in a block decides how
 * its squares are summed, so that carries are rare or absent:
 *
 *	below 2^31	squares fit 62 bits; their low and high halves are summed separately in
 *			64 bits
 *	below 2^57	squares fit 114 bits; 2^12 of them fit 128
 *	otherwise	each square is added to 192 bits with two carries
 *
 * Real sums add the 53-bit integer mantissa of a double, shifted left by the lowest five bits of
 * its exponent, to three limbs that are 32 bits apart (the 106-bit square to five limbs):
 *
 *	limb   k+2       k+1        k
 *	     |<-32->|  |<-32->|  |<-32->|
 *	      mantissa << (exponent % 32)        k = exponent / 32, exponent counted from 2^-1074
 */
#include "sdp/exact.h"

#include "sdp/err.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 4096 };

/* With |limb| ≤ PENDING_MAX × 2^32, a limb can hold twice as much. */
static const uint64_t PENDING_MAX = UINT64_C(1) << 29;

static void add_square(uint64_t square[3], sdp_uint128 low, uint64_t high)
{
	sdp_uint128 old = (sdp_uint128)square[1] << 64 | square[0];
	sdp_uint128 sum = old + low;

	square[0] = (uint64_t)sum;
	square[1] = (uint64_t)(sum >> 64);
	square[2] += high + (sum < old);
}

static void add_small(struct sdp_scaled_sum *sum, const int64_t *m, size_t n)
{
	int64_t total = 0;
	uint64_t low = 0, high = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t value = (int32_t)m[i];
		uint64_t square = (uint64_t)(value * value);
		total += value;
		low += (uint32_t)square;
		high += square >> 32;
	}
	sum->sum += total;
	add_square(sum->square, ((sdp_uint128)high << 32) + low, 0);
}

static void add_medium(struct sdp_scaled_sum *sum, const int64_t *m, size_t n)
{
	sdp_uint128 squares = 0;
	sdp_int128 total = 0;

	for (size_t i = 0; i < n; i++) {
		total += m[i];
		squares += (sdp_uint128)((sdp_int128)m[i] * m[i]);
	}
	sum->sum += total;
	add_square(sum->square, squares, 0);
}

static void add_large(struct sdp_scaled_sum *sum, const int64_t *m, size_t n)
{
	sdp_uint128 low = 0;
	sdp_int128 total = 0;
	uint64_t high = 0;

	for (size_t i = 0; i < n; i++) {
		sdp_uint128 square = (sdp_uint128)sdp_magnitude(m[i]) * sdp_magnitude(m[i]);
		total += m[i];
		low += square;
		high += low < square;
	}
	sum->sum += total;
	add_square(sum->square, low, high);
}

void sdp_scaled_sum_add(struct sdp_scaled_sum *sum, const int64_t *mantissa, size_t n)
{
	sum->count += n;
	while (n > 0) {
		size_t block = n < BLOCK ? n : BLOCK;
		uint64_t bits = 0;

		/*
		 * bits has the bits of all values that differ from their sign.  If it is below 2^k,
		 * every value m has |m| < 2^k, or is -2^k.
		 */
		for (size_t i = 0; i < block; i++)
			bits |= (uint64_t)mantissa[i] ^ (mantissa[i] < 0 ? UINT64_MAX : 0);
		if (bits >> 31 == 0)
			add_small(sum, mantissa, block);
		else if (bits >> 57 == 0)
			add_medium(sum, mantissa, block);
		else
			add_large(sum, mantissa, block);
		mantissa += block;
		n -= block;
	}
}

void sdp_scaled_sum_merge(struct sdp_scaled_sum *into, const struct sdp_scaled_sum *from)
{
	into->count += from->count;
	into->sum += from->sum;
	add_square(into->square, (sdp_uint128)from->square[1] << 64 | from->square[0],
		   from->square[2]);
}

/*
 * Propagates the carries: each limb then has 32 bits, except the last, which has the sign.  pending
 * becomes 1.
 */
static void propagate(int64_t *limb, int limbs, uint64_t *pending)
{
	int64_t carry = 0;

	for (int i = 0; i < limbs - 1; i++) {
		int64_t value = limb[i] + carry;
		limb[i] = value & INT64_C(0xffffffff);
		carry = (value - limb[i]) / (INT64_C(1) << 32);
	}
	limb[limbs - 1] += carry;
	*pending = 1;
}

static void add_limbs(int64_t *limb, uint64_t *pending, const int64_t *from, uint64_t from_pending,
		      int limbs)
{
	if (*pending + from_pending > PENDING_MAX)
		propagate(limb, limbs, pending);
	for (int i = 0; i < limbs; i++)
		limb[i] += from[i];
	*pending += from_pending;
	if (*pending > PENDING_MAX)
		propagate(limb, limbs, pending);
}

/* Returns the mantissa, and sets *exponent: finite = ±mantissa × 2^(exponent - 1074). */
static uint64_t decompose(double finite, unsigned *exponent)
{
	uint64_t bits;

	memcpy(&bits, &finite, sizeof(bits));
	unsigned biased = bits >> 52 & 0x7ff;
	uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
	if (biased == 0x7ff)
		SDP_BUG();
	*exponent = biased ? biased - 1 : 0;
	return biased ? fraction | UINT64_C(1) << 52 : fraction;
}

static void add_mantissa(struct sdp_exact_sum *sum, uint64_t mantissa, unsigned exponent,
			 bool negative)
{
	sdp_uint128 shifted = (sdp_uint128)mantissa << exponent % 32;
	int64_t *limb = sum->limb + exponent / 32;
	int64_t low = (uint32_t)shifted, middle = (uint32_t)(shifted >> 32),
		high = (int64_t)(shifted >> 64);
	/* (x ^ -1) + 1 = -x, without a branch that cannot be predicted. */
	int64_t flip = negative ? -1 : 0;

	limb[0] += (low ^ flip) - flip;
	limb[1] += (middle ^ flip) - flip;
	limb[2] += (high ^ flip) - flip;
	if (++sum->pending > PENDING_MAX)
		sdp_exact_sum_normalise(sum);
}

void sdp_exact_sum_add(struct sdp_exact_sum *sum, double finite)
{
	unsigned exponent;
	uint64_t mantissa = decompose(finite, &exponent);

	add_mantissa(sum, mantissa, exponent, signbit(finite));
}

void sdp_exact_sum_normalise(struct sdp_exact_sum *sum)
{
	propagate(sum->limb, SDP_EXACT_LIMBS, &sum->pending);
}

void sdp_exact_sum_merge(struct sdp_exact_sum *into, const struct sdp_exact_sum *from)
{
	add_limbs(into->limb, &into->pending, from->limb, from->pending, SDP_EXACT_LIMBS);
}

/*
 * Returns the double nearest to canonical, non-negative limbs, of which limb[top] is the highest
 * that is not 0.  sticky: the exact value has a further part below the limbs.
 */
static double round_limbs(const int64_t *limb, int top, bool sticky)
{
	sdp_uint128 head = 0;
	int low = top >= 2 ? top - 2 : 0;

	/*
	 * head has 65 to 96 bits, or all of them: more than the 54 that decide the rounding.  For
	 * the bits below head, it only matters whether any of them is set.
	 */
	for (int i = top; i >= low; i--)
		head = head << 32 | (uint64_t)limb[i];
	for (int i = 0; i < low; i++)
		sticky |= limb[i] != 0;
	uint64_t high = (uint64_t)(head >> 64);
	int cut = high ? 64 - __builtin_clzll(high) : 0;
	uint64_t bits = (uint64_t)(head >> cut);
	sticky |= (sdp_uint128)bits << cut != head;
	/*
	 * Below 2^53 units of 2^-1074 nothing is rounded, so ldexp never meets an inexact
	 * subnormal.
	 */
	return ldexp((double)(bits | sticky), cut + 32 * low - 1074);
}

double sdp_exact_sum_mean(const struct sdp_exact_sum *sum, uint64_t count)
{
	struct sdp_exact_sum copy = *sum;
	bool negative;
	int top = SDP_EXACT_LIMBS - 1;
	sdp_uint128 rest = 0;

	sdp_exact_sum_normalise(&copy);
	negative = copy.limb[top] < 0;
	if (negative) {
		for (int i = 0; i < SDP_EXACT_LIMBS; i++)
			copy.limb[i] = -copy.limb[i];
		sdp_exact_sum_normalise(&copy);
	}
	for (int i = top; count > 1 && i >= 0; i--) {
		rest = rest << 32 | (uint64_t)copy.limb[i];
		copy.limb[i] = (int64_t)(rest / count);
		rest %= count;
	}
	/*
	 * The last limb may hold more than 32 bits, but then the mean is beyond every double
	 * anyway.
	 */
	if (copy.limb[top] != 0)
		return negative ? -HUGE_VAL : HUGE_VAL;
	while (top > 0 && copy.limb[top] == 0)
		top--;
	double value = round_limbs(copy.limb, top, rest != 0);
	return negative ? -value : value;
}

double sdp_exact_sum_value(const struct sdp_exact_sum *sum)
{
	return sdp_exact_sum_mean(sum, 1);
}

void sdp_real_sum_add(struct sdp_real_sum *sum, double finite)
{
	unsigned exponent;
	uint64_t mantissa = decompose(finite, &exponent);
	sdp_uint128 square = (sdp_uint128)mantissa * mantissa;
	unsigned shift = 2 * exponent % 32;
	sdp_uint128 low = (sdp_uint128)(uint64_t)square << shift;
	sdp_uint128 high = (sdp_uint128)(uint64_t)(square >> 64) << shift;
	int64_t *limb = sum->square + 2 * exponent / 32;

	sum->count++;
	add_mantissa(&sum->sum, mantissa, exponent, signbit(finite));
	limb[0] += (uint32_t)low;
	limb[1] += (uint32_t)(low >> 32);
	high += low >> 64;
	limb[2] += (uint32_t)high;
	limb[3] += (uint32_t)(high >> 32);
	limb[4] += (int64_t)(high >> 64);
	if (++sum->pending > PENDING_MAX)
		propagate(sum->square, SDP_EXACT_SQUARE_LIMBS, &sum->pending);
}

void sdp_real_sum_merge(struct sdp_real_sum *into, const struct sdp_real_sum *from)
{
	into->count += from->count;
	sdp_exact_sum_merge(&into->sum, &from->sum);
	add_limbs(into->square, &into->pending, from->square, from->pending,
		  SDP_EXACT_SQUARE_LIMBS);
}

void sdp_real_sum_normalise(struct sdp_real_sum *sum)
{
	sdp_exact_sum_normalise(&sum->sum);
	propagate(sum->square, SDP_EXACT_SQUARE_LIMBS, &sum->pending);
}

void sdp_scaled_sum_remove(struct sdp_scaled_sum *from, const struct sdp_scaled_sum *part)
{
	bool borrow = false;

	from->count -= part->count;
	from->sum -= part->sum;
	for (int i = 0; i < 3; i++) {
		uint64_t old = from->square[i], less = old - part->square[i];
		from->square[i] = less - borrow;
		borrow = old < part->square[i] || (borrow && less == 0);
	}
}

void sdp_real_sum_remove(struct sdp_real_sum *from, const struct sdp_real_sum *part)
{
	struct sdp_real_sum negative = *part;

	negative.count = 0 - part->count;
	for (int i = 0; i < SDP_EXACT_LIMBS; i++)
		negative.sum.limb[i] = -part->sum.limb[i];
	for (int i = 0; i < SDP_EXACT_SQUARE_LIMBS; i++)
		negative.square[i] = -part->square[i];
	sdp_real_sum_merge(from, &negative);
}

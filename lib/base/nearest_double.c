/*
 * Multiplies by powers of ten that are rounded to 128 bits.
 *
 * 10^q = 5^q × 2^q, and a power of 2 only shifts. The upper 64 bits of digits × 5^q have the 53
 * bits of the result, a bit that rounds it and some more. The product is too small by less than one
 * unit of what its lower bits show, so it is certain unless these bits are all ones.
 *
 *	digits, shifted to the left end     |64 bits|
 *	5^q, shifted to the left end        |64 bits|64 bits|  the second half only if it matters
 *	product                             |53 bits|round| ... |64 bits|
 *
 * The powers are computed when the first of them is needed.
 */
#include "base/nearest_double.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

enum {
	LEAST = -342, /* below 10^LEAST, 19 digits are closer to 0 than every normal double */
	MOST = 308,
	LIMBS = 17, /* 5^342 has 795 bits; a quotient of 128 bits by it needs 923 */
	MANTISSA = 52,
	BIAS = 1023,
};

/* The upper bits of 5^q, with the highest bit set. */
struct power {
	uint64_t high, low;
};

static struct power powers[MOST - LEAST + 1];

/* Returns the highest 128 bits of a number of LIMBS limbs, the least significant first. */
static struct power top(const uint64_t *limbs)
{
	int i = LIMBS - 1;
	while (limbs[i] == 0)
		i--;
	int shift = __builtin_clzll(limbs[i]);
	uint64_t a = limbs[i], b = i > 0 ? limbs[i - 1] : 0, c = i > 1 ? limbs[i - 2] : 0;
	if (shift == 0)
		return (struct power){a, b};
	return (struct power){a << shift | b >> (64 - shift), b << shift | c >> (64 - shift)};
}

static void multiply_by_5(uint64_t *limbs)
{
	uint64_t carry = 0;
	for (int i = 0; i < LIMBS; i++) {
		uint128 product = (uint128)limbs[i] * 5 + carry;
		limbs[i] = (uint64_t)product;
		carry = (uint64_t)(product >> 64);
	}
}

/* Dividing n times by 5, rounding down each time, gives the quotient by 5^n rounded down. */
static void divide_by_5(uint64_t *limbs)
{
	uint64_t rest = 0;
	for (int i = LIMBS - 1; i >= 0; i--) {
		uint128 part = (uint128)rest << 64 | limbs[i];
		limbs[i] = (uint64_t)(part / 5);
		rest = (uint64_t)(part % 5);
	}
}

static void compute_powers(void)
{
	uint64_t limbs[LIMBS] = {1};
	for (int q = 1; q <= MOST; q++) {
		multiply_by_5(limbs);
		powers[q - LEAST] = top(limbs);
	}
	memset(limbs, 0, sizeof limbs);
	limbs[LIMBS - 1] = UINT64_C(1) << 63;
	for (int q = -1; q >= LEAST; q--) {
		divide_by_5(limbs);
		struct power p = top(limbs);
		/* Small ones are rounded up, so that a product that is exact looks exact. */
		if (q >= -27 && ++p.low == 0)
			p.high++;
		powers[q - LEAST] = p;
	}
	powers[-LEAST] = (struct power){UINT64_C(1) << 63, 0};
}

/* Returns the upper 128 bits of digits × 5^q, as far as they matter. */
static uint128 multiply(uint64_t digits, int q)
{
	const struct power *power = &powers[q - LEAST];
	uint128 product = (uint128)digits * power->high;
	/* These are the 9 bits after those that the result needs. */
	const uint64_t rest = UINT64_MAX >> (MANTISSA + 3);
	if (((uint64_t)(product >> 64) & rest) == rest)
		product += (uint64_t)((uint128)digits * power->low >> 64);
	return product;
}

bool sdp_nearest_double(uint64_t digits, int64_t tens, double *nearest)
{
	if (tens < LEAST || tens > MOST)
		return false;
	if (powers[-LEAST].high == 0)
		compute_powers();
	int q = (int)tens, zeros = __builtin_clzll(digits);
	uint128 product = multiply(digits << zeros, q);
	uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
	if (low == UINT64_MAX && (q < -27 || q > 55))
		return false;
	int upper = (int)(high >> 63), cut = upper + 64 - MANTISSA - 3;
	/* 217706 / 2^16 approximates log2(10); its floor is right for all powers. */
	int exponent = ((217706 * q) >> 16) + 63 + upper - zeros + BIAS;
	uint64_t mantissa = high >> cut;
	if (exponent <= 0)
		return false;
	/* If it is exactly between two doubles, the even one is taken; others are never exact. */
	if (low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 && mantissa << cut == high)
		mantissa--;
	mantissa = (mantissa + (mantissa & 1)) >> 1;
	if (mantissa >> (MANTISSA + 1)) {
		mantissa >>= 1;
		exponent++;
	}
	if (exponent > 2 * BIAS)
		return false;
	uint64_t bits =
		(uint64_t)exponent << MANTISSA | (mantissa & ((UINT64_C(1) << MANTISSA) - 1));
	memcpy(nearest, &bits, sizeof bits);
	return true;
}

/*
 * A scan kernel with vectors of WIDTH bytes. scan_x86.c includes this file once per instruction
 * set, after it has defined VECTOR, WIDTH and the intrinsics V_LOAD, V_SET1, V_OR, V_MIN and
 * V_ZERO, V_EQUAL (mask of equal bytes), V_HIGHS (mask of high bits), V_PARITY and V_PUT_ENDS.
 */
struct KERNEL(bytes64) {
	VECTOR part[64 / WIDTH];
};

struct KERNEL(seen) {
	VECTOR any, least; /* the OR of all bytes; their minimum, or 1 if that is larger */
};

#define bytes64    KERNEL(bytes64)
#define SEEN       struct KERNEL(seen)
#define load64     KERNEL(load64)
#define equal64    KERNEL(equal64)
#define parity64   KERNEL(parity64)
#define seen_start KERNEL(seen_start)
#define seen_add   KERNEL(seen_add)
#define seen_tail  KERNEL(seen_tail)
#define seen_flags KERNEL(seen_flags)
#define put_ends   V_PUT_ENDS

TARGET static inline struct bytes64 load64(const char *p)
{
	struct bytes64 b;
	for (int i = 0; i < 64 / WIDTH; i++)
		b.part[i] = V_LOAD((const VECTOR *)(const void *)(p + WIDTH * i));
	return b;
}

TARGET static inline uint64_t equal64(struct bytes64 b, char c)
{
	VECTOR pattern = V_SET1(c);
	uint64_t mask = 0;
	for (int i = 0; i < 64 / WIDTH; i++)
		mask |= (uint64_t)V_EQUAL(b.part[i], pattern) << WIDTH * i;
	return mask;
}

TARGET static inline uint64_t parity64(uint64_t q)
{
	return V_PARITY(q);
}

TARGET static inline SEEN seen_start(void)
{
	return (SEEN){V_ZERO(), V_SET1(1)};
}

TARGET static inline void seen_add(SEEN *s, struct bytes64 b)
{
	for (int i = 0; i < 64 / WIDTH; i++) {
		s->any = V_OR(s->any, b.part[i]);
		s->least = V_MIN(s->least, b.part[i]);
	}
}

TARGET static inline void seen_tail(SEEN *s, const char *p, unsigned n)
{
	char padded[64];
	memset(padded, ' ', sizeof padded);
	memcpy(padded, p, n);
	seen_add(s, load64(padded));
}

TARGET static inline unsigned seen_flags(SEEN s)
{
	return (V_HIGHS(s.any) ? SDP_SCAN_HIGH : 0) |
	       (V_EQUAL(s.least, V_ZERO()) ? SDP_SCAN_NUL : 0);
}

#include "table/scan_kernel.h"

#undef bytes64
#undef SEEN
#undef load64
#undef equal64
#undef parity64
#undef seen_start
#undef seen_add
#undef seen_tail
#undef seen_flags
#undef put_ends
#undef KERNEL
#undef TARGET
#undef VECTOR
#undef WIDTH
#undef V_LOAD
#undef V_SET1
#undef V_EQUAL
#undef V_HIGHS
#undef V_OR
#undef V_MIN
#undef V_ZERO
#undef V_PARITY
#undef V_PUT_ENDS

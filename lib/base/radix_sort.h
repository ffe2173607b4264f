/*
 * Radix sort of unsigned keys in ascending order.  It takes linear time and compares no keys; bits
 * that are equal in all keys cost one pass over the keys.  Signed integers are sorted by
 * sdp_sort_key_of.
 */
#ifndef SDP_BASE_RADIX_SORT_H
#define SDP_BASE_RADIX_SORT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sort n keys.  scratch has space for n keys and must not overlap data; the contents of both
 * change.  Return data or scratch, whichever then has the sorted keys.
 */
uint64_t *sdp_radix_sort_u64(uint64_t *data, uint64_t *scratch, size_t n);
uint32_t *sdp_radix_sort_u32(uint32_t *data, uint32_t *scratch, size_t n);

/* Convert a signed integer to a key with the same order, and back. */
static inline uint64_t sdp_sort_key_of(int64_t value)
{
	return (uint64_t)value ^ UINT64_C(1) << 63;
}

static inline int64_t sdp_sort_value_of(uint64_t key)
{
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

#endif

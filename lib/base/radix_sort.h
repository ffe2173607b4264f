/*
 * Radix sort, ascending, of unsigned keys: linear time, no comparisons, digits that never vary
 * cost one look.  Signed keys sort after sdp_sort_key_of.
 *
 * scratch has room for n keys and does not overlap data; both are overwritten.  The result is
 * whichever of the two holds the sorted keys.
 */
#ifndef SDP_BASE_RADIX_SORT_H
#define SDP_BASE_RADIX_SORT_H

#include <stddef.h>
#include <stdint.h>

uint64_t *sdp_radix_sort_u64(uint64_t *data, uint64_t *scratch, size_t n);
uint32_t *sdp_radix_sort_u32(uint32_t *data, uint32_t *scratch, size_t n);

/* Order-preserving both ways: signed integers ↔ keys. */
static inline uint64_t sdp_sort_key_of(int64_t value)
{
	return (uint64_t)value ^ UINT64_C(1) << 63;
}

static inline int64_t sdp_sort_value_of(uint64_t key)
{
	return (int64_t)(key ^ UINT64_C(1) << 63);
}

#endif

/* Variable-length integers in LEB128: seven bits per byte, the least significant first. */
#ifndef SDP_MODEL_ITEMSETS_VARINT_H
#define SDP_MODEL_ITEMSETS_VARINT_H

#include <stdint.h>

enum { LEB_MOST = 10 /* maximum number of bytes */ };

/* Writes a value at p.  Returns the end of the bytes written. */
static inline unsigned char *sdp_varint_put(unsigned char *p, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		*p++ = (unsigned char)(value | 128);
	*p++ = (unsigned char)value;
	return p;
}

/* Reads a value at p.  Returns the end of the bytes read. */
static inline const unsigned char *sdp_varint_get(const unsigned char *p, uint64_t *value)
{
	uint64_t v = *p++;
	if (v >= 128) {
		v &= 127;
		for (unsigned shift = 7;; shift += 7) {
			uint64_t byte = *p++;
			v |= (byte & 127) << shift;
			if (byte < 128)
				break;
		}
	}
	*value = v;
	return p;
}

#endif

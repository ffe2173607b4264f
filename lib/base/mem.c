/* Allocation that reports failure. */
#include "sdp/mem.h"

#include <string.h>

void *sdp_alloc(size_t count, size_t size, struct sdp_err *err)
{
	void *p = calloc(count ? count : 1, size);
	if (!p)
		sdp_fail_memory(err);
	return p;
}

int sdp_grow(void *items, size_t *capacity, size_t need, size_t size, struct sdp_err *err)
{
	if (need <= *capacity)
		return 0;
	size_t n = *capacity + *capacity / 2;
	if (n < need)
		n = need;
	if (n < 16)
		n = 16;
	void *old;
	memcpy(&old, items, sizeof old);
	void *p = n > SIZE_MAX / size ? NULL : realloc(old, n * size);
	if (!p)
		return sdp_fail_memory(err);
	memcpy(items, &p, sizeof p);
	*capacity = n;
	return 0;
}

char *sdp_strndup(const char *text, size_t length, struct sdp_err *err)
{
	char *p = sdp_alloc(length + 1, 1, err);
	if (p && length)
		memcpy(p, text, length);
	return p;
}

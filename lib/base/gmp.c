/* The functions that GMP allocates with. */
#include "base/gmp.h"

#include "base/need_memory.h"

#include <stdlib.h>

const int sdp_gmp = 1;

static void *allocate(size_t size)
{
	return sdp_need_memory(malloc(size));
}

static void *reallocate(void *old, size_t old_size, size_t size)
{
	(void)old_size;
	return sdp_need_memory(realloc(old, size));
}

static void release(void *memory, size_t size)
{
	(void)size;
	free(memory);
}

__attribute__((constructor)) static void set_functions(void)
{
	mp_set_memory_functions(allocate, reallocate, release);
}

/*
 * Memory that fails politely.  Every pointer returned belongs to the caller, who frees it with
 * free(); NULL means err says "out of memory".
 */
#ifndef SDP_MEM_H
#define SDP_MEM_H

#include "sdp/err.h"

#include <stdlib.h>

/* count × size zeroed bytes; never NULL for a count of 0. */
void *sdp_alloc(size_t count, size_t size, struct sdp_err *err);

/*
 * Makes *items (an array of size-byte elements, *capacity of them allocated) hold at least need
 * elements, growing by half.  0, or -1 with the array left as it was.
 */
int sdp_grow(void *items, size_t *capacity, size_t need, size_t size, struct sdp_err *err);

/* A copy of length bytes of text with a NUL behind. */
char *sdp_strndup(const char *text, size_t length, struct sdp_err *err);

/*
 * Bytes that this process may use: the machine's memory or the cgroup's limit, whichever is less.
 */
uint64_t sdp_memory_limit(void);

/* Cores that this process may run on (affinity and cgroup quota), at least 1. */
int sdp_core_count(void);

#endif

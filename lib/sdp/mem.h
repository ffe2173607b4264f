/*
 * Allocation that reports failure, and what the machine offers to this process.
 *
 * Every returned pointer belongs to the caller, who frees it with free().  NULL or -1 means that
 * err says "out of memory" (SDP_SYSTEM).
 */
#ifndef SDP_MEM_H
#define SDP_MEM_H

#include "sdp/err.h"

#include <stdlib.h>

/* Returns an array of count zeroed elements of size bytes; also for a count of 0 not NULL. */
void *sdp_alloc(size_t count, size_t size, struct sdp_err *err);

/*
 * Makes an array hold at least need elements of size bytes.  items is the address of the pointer to
 * the array (of any pointer type), *capacity the number of allocated elements; both are updated.
 * The array grows by half at least, to 16 elements at least; new elements are not initialized.
 * Returns 0, or -1 with the array unchanged.
 */
int sdp_grow(void *items, size_t *capacity, size_t need, size_t size, struct sdp_err *err);

/* Returns a NUL-terminated copy of length bytes of text. */
char *sdp_strndup(const char *text, size_t length, struct sdp_err *err);

/*
 * Returns the bytes of memory that this process may use: the least of the machine's memory, the
 * limits of its cgroup and of all cgroups above it (memory.max, memory.high and version 1), and its
 * limit of address space (RLIMIT_AS).
 */
uint64_t sdp_memory_limit(void);

/*
 * Returns the number of cores that this process may use, at least 1: the lesser of its CPU affinity
 * and the least quota of its cgroup and those above it (cpu.max and version 1), rounded up.
 */
int sdp_core_count(void);

#endif

/*
 * An allocator in shared memory that all processes of a run see at the same addresses.
 *
 * The region is reserved once, before the first fork, much larger than it will ever be filled (4
 * TiB where the system allows it); the system provides a page when it is first touched.  An
 * allocation advances an offset with an atomic addition, so every process may allocate at any time
 * without a lock, and a pointer into the region means the same in all processes.
 *
 * Each allocation belongs to an owner.  Single allocations are not freed: when a worker dies or a
 * state is discarded, all memory of its owner goes back to the system at once.  The addresses are
 * not used again.
 *
 * At any time at most one process may call functions for a given owner.
 */
#ifndef SDP_SHARED_ARENA_H
#define SDP_SHARED_ARENA_H

#include "sdp/err.h"

struct sdp_shared_arena;

/*
 * Maps size zeroed bytes that this process shares with those that it forks later.  The system
 * provides a page when it is first touched.  Returns NULL on failure; free with munmap.
 */
void *sdp_shared_map(size_t size, struct sdp_err *err);

/*
 * Creates an arena with the owners 0 to owners-1; to be called before any fork.  Returns NULL if
 * the system provides no address space (at least 64 MiB).
 */
struct sdp_shared_arena *sdp_shared_arena_new(int owners, struct sdp_err *err);

/* Unmaps the arena in this process.  arena may be NULL. */
void sdp_shared_arena_free(struct sdp_shared_arena *arena);

/*
 * Returns size zeroed bytes that belong to this owner (0 ≤ owner < owners), aligned to 64 bytes;
 * NULL with SDP_SYSTEM if the region is full.
 */
void *sdp_shared_arena_take(struct sdp_shared_arena *arena, int owner, size_t size,
			    struct sdp_err *err);

/* Frees all memory of an owner.  No process may use it after this call. */
void sdp_shared_arena_drop(struct sdp_shared_arena *arena, int owner);

/* Transfers all memory of the owner from to the owner to; its addresses do not change. */
void sdp_shared_arena_pass(struct sdp_shared_arena *arena, int from, int to);

/* Returns the bytes that all owners together hold now, including the rounding to pages. */
uint64_t sdp_shared_arena_used(const struct sdp_shared_arena *arena);

#endif

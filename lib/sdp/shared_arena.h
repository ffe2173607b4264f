/*
 * Shared memory that all processes of a run see at the same addresses.
 *
 * The region is reserved once, before the first fork, far larger than it will ever be filled;
 * pages come into being when touched.  Memory is handed out by bumping an offset, so any process
 * may allocate at any time without a lock, and pointers into the region mean the same in all
 * of them.  Each allocation belongs to an owner; when a worker dies, or a state is thrown away,
 * everything of that owner is given back to the system at once (the addresses are not used again).
 */
#ifndef SDP_SHARED_ARENA_H
#define SDP_SHARED_ARENA_H

#include "sdp/err.h"

struct sdp_shared_arena;

/* Before any fork.  NULL if no address space can be had. */
struct sdp_shared_arena *sdp_shared_arena_new(int owners, struct sdp_err *err);
void sdp_shared_arena_free(struct sdp_shared_arena *arena);

/* size zeroed bytes for this owner (0 ≤ owner < owners), aligned to 64.  NULL if memory ends. */
void *sdp_shared_arena_take(struct sdp_shared_arena *arena, int owner, size_t size,
			    struct sdp_err *err);

/* Gives back all that owner has; no process may use it any more. */
void sdp_shared_arena_drop(struct sdp_shared_arena *arena, int owner);

/* All that from has belongs to owner to from now on. */
void sdp_shared_arena_pass(struct sdp_shared_arena *arena, int from, int to);

/* Bytes handed out and not yet given back, all owners together. */
uint64_t sdp_shared_arena_used(const struct sdp_shared_arena *arena);

#endif

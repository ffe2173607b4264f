/*
 * Where a worker keeps what outlives a block: shared memory, and past a limit an unlinked file.
 *
 * The spill of a process belongs to it; what it keeps is seen by all (arena.h).  Extents need no
 * freeing: they go with their owner's memory, the file with its last descriptor.
 */
#ifndef SDP_SPILL_H
#define SDP_SPILL_H

#include "sdp/shared_arena.h"

#include <stdatomic.h>
#include <stdbool.h>

struct sdp_spill {
	struct sdp_shared_arena *arena;
	int owner;
	int file;                  /* descriptor, or -1: there is none */
	const char *folder;        /* where it lies, for messages; not owned */
	_Atomic uint64_t *spilled; /* end of the file, shared by all processes */
	uint64_t limit;            /* bytes of the arena, all owners together, before spilling */
};

/* Bytes kept: at is an address, or an offset in the file. */
struct sdp_extent {
	uint64_t at;
	uint64_t length;
	bool spilled;
};

/* The spill of owner 0.  file may be -1; then there is no limit. */
int sdp_spill_init(struct sdp_spill *spill, struct sdp_shared_arena *arena, int file,
		   const char *folder, uint64_t limit, struct sdp_err *err);

/* size zeroed bytes of shared memory, for small things: never spilled. */
static inline void *sdp_spill_take(struct sdp_spill *spill, size_t size, struct sdp_err *err)
{
	return sdp_shared_arena_take(spill->arena, spill->owner, size, err);
}

/* Keeps a copy of bytes.  Fails with SDP_SYSTEM if memory or disk ends. */
int sdp_spill_keep(struct sdp_spill *spill, const void *bytes, size_t length,
		   struct sdp_extent *extent, struct sdp_err *err);

/* An extent to be written by put before it is read; processes may write different parts of it. */
int sdp_spill_reserve(struct sdp_spill *spill, size_t length, struct sdp_extent *extent,
		      struct sdp_err *err);
int sdp_spill_put(const struct sdp_spill *spill, const struct sdp_extent *extent, uint64_t offset,
		  const void *bytes, size_t length, struct sdp_err *err);

/*
 * length bytes of an extent from offset on: in place, or read into room (length bytes).  NULL on
 * failure.
 */
const void *sdp_spill_get(const struct sdp_spill *spill, const struct sdp_extent *extent,
			  uint64_t offset, size_t length, void *room, struct sdp_err *err);

#endif

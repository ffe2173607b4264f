/*
 * Memory for what a worker keeps beyond a block: shared memory and, beyond a limit, an unlinked
 * temporary file.
 *
 * Each process has its own struct sdp_spill; all processes can read what any of them keeps
 * (sdp/shared_arena.h).  Extents are not freed one by one: those in memory are freed with the
 * memory of their owner, those in the file when its last descriptor is closed.
 */
#ifndef SDP_SPILL_H
#define SDP_SPILL_H

#include "sdp/shared_arena.h"

#include <stdbool.h>

struct sdp_spill_end;

struct sdp_spill {
	struct sdp_shared_arena *arena;
	int owner;                 /* in the arena: 0 is the parent, i + 1 is worker i */
	int file;                  /* descriptor of the temporary file, or -1: there is none */
	const char *folder;        /* of the file, for messages; not owned */
	struct sdp_spill_end *end; /* of the file; shared by all processes */
	uint64_t limit;            /* bytes of the arena, of all owners together, before spilling */
};

/* A piece of memory or of the file. */
struct sdp_extent {
	uint64_t at;     /* the address, or the offset in the file if spilled */
	uint64_t length; /* bytes */
	bool spilled;    /* it is in the file */
};

/*
 * Initializes a spill of owner 0.  file is the descriptor of a temporary file in folder, or -1:
 * then there is no limit and everything stays in memory.  The caller closes file.
 */
int sdp_spill_init(struct sdp_spill *spill, struct sdp_shared_arena *arena, int file,
		   const char *folder, uint64_t limit, struct sdp_err *err);

/*
 * Returns size zeroed bytes of shared memory, aligned to 64, NULL if memory is exhausted.  They are
 * never spilled, so this is meant for small things.
 */
static inline void *sdp_spill_take(struct sdp_spill *spill, size_t size, struct sdp_err *err)
{
	return sdp_shared_arena_take(spill->arena, spill->owner, size, err);
}

/* Returns a copy of a text in shared memory, NULL if memory is exhausted. */
const char *sdp_spill_text(struct sdp_spill *spill, const char *text, struct sdp_err *err);

/*
 * Stores a copy of length bytes and sets *extent to it.  Fails with SDP_SYSTEM if memory or disk is
 * exhausted.
 */
int sdp_spill_keep(struct sdp_spill *spill, const void *bytes, size_t length,
		   struct sdp_extent *extent, struct sdp_err *err);

/*
 * Reserves length bytes and sets *extent to them.  Each part must be written by sdp_spill_put
 * before it is read; different processes may write different parts.
 */
int sdp_spill_reserve(struct sdp_spill *spill, size_t length, struct sdp_extent *extent,
		      struct sdp_err *err);

/* Writes length bytes into an extent, offset bytes after its start. */
int sdp_spill_put(const struct sdp_spill *spill, const struct sdp_extent *extent, uint64_t offset,
		  const void *bytes, size_t length, struct sdp_err *err);

/*
 * Returns length bytes of an extent, from offset on: a pointer to them in shared memory or, if they
 * are in the file, room (length bytes), into which they are read.  Returns NULL on failure.
 */
const void *sdp_spill_get(const struct sdp_spill *spill, const struct sdp_extent *extent,
			  uint64_t offset, size_t length, void *room, struct sdp_err *err);

/* Returns the bytes in the file, of all processes together. */
uint64_t sdp_spill_file_bytes(const struct sdp_spill *spill);

#endif

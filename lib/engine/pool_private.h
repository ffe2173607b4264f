/* Between pool.c, the parent's side of the pool, and worker.c, the workers'. */
#ifndef SDP_ENGINE_POOL_PRIVATE_H
#define SDP_ENGINE_POOL_PRIVATE_H

#include "engine/pool.h"

#include <stdatomic.h>
#include <sys/types.h>

enum { FREE = 0, WORKER = 0x7fff, DONE = 0x8000, CAPACITY = 1 << 22, ATTEMPTS = 3 };

/* Of one worker, written by it. */
struct slot {
	void *state;         /* of this pass */
	uint32_t state_pass; /* the pass it belongs to */
	_Atomic bool failed;
	uint64_t failed_unit;
	struct sdp_err err;
};

/* Shared by all processes. */
struct shared {
	_Atomic uint32_t pass;       /* 1, 2, … */
	_Atomic uint32_t generation; /* grows whenever claimed units become free again */
	_Atomic uint64_t offered, done;
	_Atomic uint64_t lowest_failure; /* unit; UINT64_MAX: none */
	_Atomic bool fault_used;
	/* Making more units: by the worker whose number (from 1) is in maker. */
	_Atomic bool growing, more_failed;
	_Atomic int maker;
	_Atomic uint64_t ready[256]; /* the unit that a worker gets ready for, + 1; 0: none */
	struct sdp_err more_err;
	struct slot slots[256];
	_Atomic uint32_t claims[CAPACITY]; /* mostly untouched pages */
};

struct sdp_pool {
	struct shared *shared;
	struct sdp_shared_arena *arena;
	struct sdp_pool_work work;
	int workers, forked, alive;
	pid_t pids[256];  /* 0: there is none (any more) */
	int reports[256]; /* read ends, -1 likewise */
	int tokens[2];
	uint8_t *deaths; /* a unit, of workers that had claimed it in this pass */
	int all_deaths;
	int idle_deaths; /* in a row and without progress, of workers that had claimed nothing */
	uint64_t done_at_death;
	pid_t parent;
	unsigned fault_pass;
	char fault_point;
};

/*
 * The word of a unit in the claim table; of the pass the lower 16 bits, which is more than any lag.
 */
static inline uint32_t claim(uint32_t pass, unsigned bits)
{
	return pass << 16 | bits;
}

/* What a worker does until the parent is gone; in the new process. */
_Noreturn void sdp_worker_main(struct sdp_pool *pool, int worker, int report);

#endif

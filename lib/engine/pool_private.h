/*
 * Declarations shared by pool.c (the parent's side of the pool) and worker.c (the workers' side).
 */
#ifndef SDP_ENGINE_POOL_PRIVATE_H
#define SDP_ENGINE_POOL_PRIVATE_H

#include "engine/pool.h"
#include "sdp/engine.h"

#include <stdatomic.h>
#include <sys/types.h>

enum { FREE = 0, WORKER = 0x7fff, DONE = 0x8000, CAPACITY = 1 << 22, ATTEMPTS = 3 };

/* The part of a worker. The worker writes it; the parent resets it when the worker dies. */
struct slot {
	void *state;         /* made by begin */
	uint32_t state_pass; /* the pass that state belongs to */
	_Atomic bool failed;
	uint64_t failed_unit;
	struct sdp_err err;
};

/* Shared by all processes. */
struct shared {
	_Atomic uint32_t pass;       /* 1, 2, … */
	_Atomic uint32_t generation; /* counts how often claimed units became free again */
	_Atomic uint64_t offered, done;
	_Atomic uint64_t lowest_failure; /* a unit; UINT64_MAX: none failed */
	_Atomic bool fault_used;
	/* Making units: maker is the number of the worker that makes one, from 1, or 0. */
	_Atomic bool growing, more_failed;
	_Atomic int maker;
	/* The unit that each worker prepares for, plus 1; 0: none. */
	_Atomic uint64_t preparing[SDP_WORKERS_MAX];
	struct sdp_err more_err;
	struct slot slots[SDP_WORKERS_MAX];
	_Atomic uint32_t claims[CAPACITY]; /* most of its pages are never touched */
};

struct sdp_pool {
	struct shared *shared;
	struct sdp_shared_arena *arena;
	struct sdp_pool_work work;
	int workers, forked, alive;
	pid_t pids[SDP_WORKERS_MAX];  /* 0: no such process */
	int reports[SDP_WORKERS_MAX]; /* the read ends of their pipes; -1: no such process */
	int tokens[2];
	/* per unit: the workers that died after claiming it in this pass */
	uint8_t *deaths;
	int all_deaths;
	/* consecutive deaths, without progress, of workers that had claimed no unit */
	int idle_deaths;
	uint64_t done_at_death;
	pid_t parent;
	unsigned fault_pass;
	char fault_point;
};

/*
 * Returns the word of a unit in the claim table. Its upper half are the lower 16 bits of the pass;
 * no worker lags behind by that many passes.
 */
static inline uint32_t claim(uint32_t pass, unsigned bits)
{
	return pass << 16 | bits;
}

/* Returns whether a worker has failed in this pass. */
static inline bool has_failed(const struct sdp_pool *pool)
{
	return atomic_load(&pool->shared->lowest_failure) != UINT64_MAX;
}

/* Runs a worker, in its own process, until the parent is gone. */
_Noreturn void sdp_worker_main(struct sdp_pool *pool, int worker, int report);

#endif

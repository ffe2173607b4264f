/*
 * A pool of worker processes. In each pass the workers claim numbered units (chunks or items) and
 * run them; dead workers are replaced.
 *
 * The parent process calls the functions of this header; the callbacks of sdp_pool_work run in the
 * workers. What they exchange is in shared memory (shared_arena.h).
 */
#ifndef SDP_ENGINE_POOL_H
#define SDP_ENGINE_POOL_H

#include "sdp/err.h"
#include "sdp/shared_arena.h"
#include "table/chunk.h"

#include <stdbool.h>

struct sdp_pool;

/*
 * The callbacks of the workers. They run in the process of the worker, whose number is 0 to workers
 * - 1 and whose owner number in the arena is worker + 1 (0 is the parent). They return 0 or -1
 * unless stated otherwise.
 */
struct sdp_pool_work {
	/*
	 * Makes the state of a worker in shared memory, before its first unit of a pass.
	 * sdp_pool_state returns it to the parent. NULL: failure.
	 */
	void *(*begin)(void *context, int worker, struct sdp_err *err);
	/* Runs a claimed unit. */
	int (*run)(void *context, int worker, void *state, uint64_t unit, struct sdp_err *err);
	/*
	 * May be NULL. Makes unit number unit, between sdp_pool_grow and the first return of 0;
	 * called in a worker that finds no unit to claim. Returns SDP_CHUNK_READY if it made the
	 * unit, which this worker then runs; SDP_CHUNK_END if there will be no more units;
	 * SDP_CHUNK_WAIT if there is none yet, so that the worker tries again when it is woken;
	 * SDP_CHUNK_FAILED if this unit and all later ones cannot be made.
	 * Two workers never call it at the same time. A worker may die in it; then another worker
	 * is asked for the same unit.
	 */
	enum sdp_chunk_status (*more)(void *context, uint64_t unit, struct sdp_err *err);
	/*
	 * May be NULL. Called in a worker that waits while others make count units, starting with
	 * next: prepares for the unit after these, which the other workers then leave to this one.
	 * Returns whether it did anything.
	 */
	bool (*ahead)(void *context, uint64_t next, unsigned count);
	void *context;
	/*
	 * The parent is woken after every unit, not only when no unit is left, and may use the
	 * result at once. The results must not be in the state, because a unit that is done is not
	 * run again when its worker dies.
	 */
	bool eager;
};

/*
 * Creates a pool of at most workers processes, 1 to 256. No process is started yet. The arena must
 * outlive the pool; it is NULL if begin takes no memory from one. work is copied. Returns NULL on
 * failure.
 */
struct sdp_pool *sdp_pool_new(struct sdp_shared_arena *arena, int workers,
			      const struct sdp_pool_work *work, struct sdp_err *err);
/* Kills all workers, waits for their end, and frees the pool; NULL is allowed. */
void sdp_pool_free(struct sdp_pool *pool);

/* Returns the most units that a pass can have. */
uint64_t sdp_pool_capacity(void);

/*
 * Begins a pass, which has no units yet. No pass has failed before: then workers may still be busy
 * with its units, and the pool can only be freed.
 */
void sdp_pool_begin(struct sdp_pool *pool);

/*
 * Adds the next count units to the pass, and starts workers while there are fewer workers than
 * units. Returns 0 or -1.
 */
int sdp_pool_offer(struct sdp_pool *pool, uint64_t count, struct sdp_err *err);

/*
 * From now on, until the pass ends, workers make units by themselves (more). workers is the number
 * of workers that will be useful; more are not started. Returns 0 or -1.
 */
int sdp_pool_grow(struct sdp_pool *pool, uint64_t workers, struct sdp_err *err);

/* Wakes the workers that wait for more units. */
void sdp_pool_wake(struct sdp_pool *pool);

/* Returns the number of units of this pass so far, offered or made. */
uint64_t sdp_pool_offered(const struct sdp_pool *pool);

/*
 * Maintains the workers: replaces dead ones and offers the units that they had claimed again. Waits
 * at most timeout milliseconds for an event; 0 does not wait. input is a descriptor to wait for as
 * well, or -1. Returns 1 if input can be read, 0 if not, and -1 on failure: workers that die
 * repeatedly at the same unit, or a signal that interrupts the program.
 */
int sdp_pool_maintain(struct sdp_pool *pool, int timeout, int input, struct sdp_err *err);

/* Returns whether a unit has failed in this pass. Then further offers are pointless. */
bool sdp_pool_failed(const struct sdp_pool *pool);

/* Returns the number of workers that died, in all passes. */
int sdp_pool_deaths(const struct sdp_pool *pool);

/* Returns the number of units of this pass that were run. It is approximate if workers die. */
uint64_t sdp_pool_done(const struct sdp_pool *pool);

/* Returns whether a unit of this pass, below sdp_pool_offered, is done. */
bool sdp_pool_unit_done(const struct sdp_pool *pool, uint64_t unit);

/* Returns the lowest unit that failed in this pass, or UINT64_MAX if none did. */
uint64_t sdp_pool_lowest_failure(const struct sdp_pool *pool);

/*
 * Returns whether nothing is left to do in this pass: no more units will be made, and all of them,
 * or all before the first that failed, are done.
 */
bool sdp_pool_idle(const struct sdp_pool *pool);

/*
 * Returns -1 and fills err if the pass has failed: with the error of the lowest unit that failed,
 * otherwise with that of making units. Returns 0 if it has not.
 */
int sdp_pool_failure(const struct sdp_pool *pool, struct sdp_err *err);

/* Returns the state that a worker made in this pass, or NULL if it made none. */
void *sdp_pool_state(const struct sdp_pool *pool, int worker);

#endif

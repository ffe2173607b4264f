/*
 * The pool: worker processes that claim numbered units (chunks or items) of a pass.
 */
#ifndef SDP_ENGINE_POOL_H
#define SDP_ENGINE_POOL_H

#include "sdp/err.h"
#include "sdp/shared_arena.h"

#include <stdbool.h>

struct sdp_pool;

/*
 * What workers do, called in the worker's process.  Owner is worker + 1 in the arena (0 is the
 * parent's).  begin: the first claim of this worker in a pass; the state it makes is found
 * again by sdp_pool_state.
 */
struct sdp_pool_work {
	void *(*begin)(void *context, int worker, struct sdp_err *err);
	int (*run)(void *context, int worker, void *state, uint64_t unit, struct sdp_err *err);
	/*
	 * May be NULL.  In a worker that finds no unit to claim, between sdp_pool_grow and the first
	 * answer 0: makes unit number unit, which this worker then runs: 1.  0: there will be none.
	 * 2: none now, but when the pool is woken.  -1: the unit cannot be made, nor any behind it.
	 * Never called by two workers at once; a worker may die in it and another be asked again.
	 */
	int (*more)(void *context, uint64_t unit, struct sdp_err *err);
	/*
	 * May be NULL.  In a worker that waits while others make count units from next on: it can
	 * get ready for the one behind these, which then is left to it.  Did it do anything?
	 */
	bool (*ahead)(void *context, uint64_t next, unsigned count);
	void *context;
	/*
	 * The parent is woken after every unit, not only when none is left, and may use what it made
	 * at once: nothing of that lies in the state, so a unit once done is not run again.
	 */
	bool eager;
};

struct sdp_pool *sdp_pool_new(struct sdp_shared_arena *arena, int workers,
			      const struct sdp_pool_work *work, struct sdp_err *err);
/* Ends all workers at once. */
void sdp_pool_free(struct sdp_pool *pool);

/* Most units that a pass may have. */
uint64_t sdp_pool_capacity(void);

/* Begins a pass without units. */
void sdp_pool_begin(struct sdp_pool *pool);

/* Offers the next count units; forks workers as long as there are fewer than units. */
int sdp_pool_offer(struct sdp_pool *pool, uint64_t count, struct sdp_err *err);

/* From now on, in this pass, workers make units themselves; at most workers of them are needed. */
int sdp_pool_grow(struct sdp_pool *pool, uint64_t workers, struct sdp_err *err);

/* Wakes those that wait for more. */
void sdp_pool_wake(struct sdp_pool *pool);

uint64_t sdp_pool_offered(const struct sdp_pool *pool);

/*
 * Looks after the workers: replaces dead ones, offers anew what they had claimed.  Waits up to
 * timeout milliseconds for something to happen (0: does not wait).  1 if input, a descriptor (or
 * -1), can be read; else 0, or -1.
 */
int sdp_pool_maintain(struct sdp_pool *pool, int timeout, int input, struct sdp_err *err);

/* Has a worker failed?  Then further offers are pointless. */
bool sdp_pool_failed(const struct sdp_pool *pool);

/* Workers that died, in all passes. */
int sdp_pool_deaths(const struct sdp_pool *pool);

uint64_t sdp_pool_done(const struct sdp_pool *pool);

bool sdp_pool_unit_done(const struct sdp_pool *pool, uint64_t unit);

/* UINT64_MAX if none failed. */
uint64_t sdp_pool_lowest_failure(const struct sdp_pool *pool);

/* Is nothing left to do: no more units, all done, or all before the first that failed? */
bool sdp_pool_idle(const struct sdp_pool *pool);

/*
 * The failure of the lowest unit, or else the one of making more: -1 with err filled, else 0.
 */
int sdp_pool_failure(const struct sdp_pool *pool, struct sdp_err *err);

/* The state that a worker made in this pass, NULL if it made none. */
void *sdp_pool_state(const struct sdp_pool *pool, int worker);

#endif

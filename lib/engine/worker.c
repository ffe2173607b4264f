/* The pool, workers' side: claiming, making and running units. */
#define _GNU_SOURCE
#include "engine/pool_private.h"

#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/*
 * SDP_FAULT=kill:PASS:POINT (sdp-environment(7)) kills the first worker that reaches the point,
 * once per run. POINT is claim (before a unit), make (a unit is made but not offered
 * yet), block (in the middle of a unit) or done (no unit is left).  What is killed is this process,
 * a worker, and the parent replaces it as any other; so the setting changes no output.
 */
static void fault(struct sdp_pool *pool, char point)
{
	struct shared *s = pool->shared;
	if (pool->fault_point == point && atomic_load(&s->pass) == pool->fault_pass &&
	    !atomic_exchange(&s->fault_used, true))
		raise(SIGKILL);
}

static void lower_failure(struct shared *s, uint64_t unit)
{
	uint64_t lowest = atomic_load(&s->lowest_failure);
	while (unit < lowest && !atomic_compare_exchange_weak(&s->lowest_failure, &lowest, unit))
		;
}

static void note_failure(struct shared *s, struct slot *slot, uint64_t unit,
			 const struct sdp_err *err)
{
	if (!atomic_load(&slot->failed) || unit < slot->failed_unit) {
		slot->err = *err;
		slot->failed_unit = unit;
		atomic_store(&slot->failed, true);
	}
	lower_failure(s, unit);
}

static void run_unit(struct sdp_pool *pool, int worker, uint32_t pass, uint64_t unit)
{
	struct shared *s = pool->shared;
	struct slot *slot = &s->slots[worker];
	struct sdp_err err = {0};
	int rc = 0;
	if (slot->state_pass != pass) {
		slot->state = pool->work.begin(pool->work.context, worker, &err);
		slot->state_pass = slot->state ? pass : 0;
		rc = slot->state ? 0 : -1;
	}
	if (rc == 0)
		rc = pool->work.run(pool->work.context, worker, slot->state, unit, &err);
	if (rc < 0) {
		note_failure(s, slot, unit, &err);
		/*
		 * The failed unit may have left its state half updated. A lower unit that is still
		 * to be run gets a fresh one.
		 */
		slot->state_pass = 0;
	}
	fault(pool, 'b');
	atomic_store(&s->claims[unit], claim(pass, (unsigned)(worker + 1) | DONE));
	atomic_fetch_add(&s->done, 1);
}

static void report_done(int report)
{
	while (write(report, "", 1) < 0 && errno == EINTR)
		;
}

/* Runs a unit that this worker has claimed. */
static void run_claimed(struct sdp_pool *pool, int worker, int report, uint32_t pass, uint64_t unit)
{
	atomic_store(&pool->shared->preparing[worker], 0);
	run_unit(pool, worker, pass, unit);
	if (pool->work.eager)
		report_done(report);
}

enum more { MORE_NONE, MORE_MADE, MORE_BUSY };

/*
 * Makes unit number unit unless another worker is making it. If the maker dies, there is either no
 * unit or one that is claimed and offered.
 */
static enum more make_more(struct sdp_pool *pool, int worker, uint32_t pass, uint64_t unit)
{
	struct shared *s = pool->shared;
	int nobody = 0;
	enum more made = MORE_NONE;
	if (!atomic_load(&s->growing) || has_failed(pool))
		return MORE_NONE;
	if (!atomic_compare_exchange_strong(&s->maker, &nobody, worker + 1))
		return MORE_BUSY;
	if (atomic_load(&s->pass) != pass || atomic_load(&s->offered) != unit) {
		made = MORE_BUSY; /* Another worker was faster: look again. */
	} else if (atomic_load(&s->growing)) {
		enum sdp_chunk_status found = SDP_CHUNK_FAILED;
		if (unit == CAPACITY)
			sdp_fail(&s->more_err, SDP_SYSTEM, "the input is too large: over %d chunks",
				 CAPACITY);
		else
			found = pool->work.more(pool->work.context, unit, &s->more_err);
		if (found == SDP_CHUNK_FAILED) {
			atomic_store(&s->more_failed, true);
			lower_failure(s, unit);
		}
		if (found == SDP_CHUNK_FAILED || found == SDP_CHUNK_END)
			atomic_store(&s->growing, false);
		if (found == SDP_CHUNK_READY) {
			fault(pool, 'm');
			atomic_store(&s->claims[unit], claim(pass, (unsigned)worker + 1));
			atomic_store(&s->offered, unit + 1);
			made = MORE_MADE;
		}
	}
	atomic_store(&s->maker, 0);
	return made;
}

/*
 * Sleeps before looking again whether the next unit is made. Making one takes a fraction of a
 * millisecond unless the maker waits for a slow pipe, so the sleep becomes longer.
 */
static void sleep_longer(int times)
{
	struct timespec pause = {0, times < 10 ? 20000 : times < 100 ? 500000 : 10000000};
	nanosleep(&pause, NULL);
}

enum { PREPARE_MAX = 8 }; /* Workers prepare for fewer than so many units after the next. */

/*
 * Returns whether another worker prepares for the unit, which is then left to it. If this worker
 * prepares for it as well, the one with the lower number makes it.
 */
static bool is_left_to_another(const struct sdp_pool *pool, int worker, uint64_t unit)
{
	const _Atomic uint64_t *preparing = pool->shared->preparing;
	int end = atomic_load(&preparing[worker]) == unit + 1 ? worker : pool->workers;
	for (int i = 0; pool->work.ahead && i < end; i++)
		if (i != worker && atomic_load(&preparing[i]) == unit + 1)
			return true;
	return false;
}

/*
 * While others make unit number next, prepares for the first later unit that no other worker
 * prepares for. Two workers rarely choose the same one. Returns whether it did anything.
 */
static bool prepare(struct sdp_pool *pool, int worker, uint64_t next)
{
	_Atomic uint64_t *mine = &pool->shared->preparing[worker];
	unsigned count = 1;
	if (!pool->work.ahead || atomic_load(mine) > next)
		return false;
	while (count < PREPARE_MAX && is_left_to_another(pool, worker, next + count))
		count++;
	atomic_store(mine, next + count + 1);
	if (count < PREPARE_MAX && pool->work.ahead(pool->work.context, next, count))
		return true;
	atomic_store(mine, 0);
	return false;
}

/* How far a worker has looked through the units of a pass. */
struct cursor {
	uint32_t pass, generation;
	uint64_t from;
};

/*
 * Claims or makes units from the cursor on and runs them. Returns whether the parent must be told.
 */
static bool run_units(struct sdp_pool *pool, int worker, int report, struct cursor *c)
{
	struct shared *s = pool->shared;
	bool any = false;
	int waited = 0;
	for (;;) {
		/*
		 * The order matters: sdp_pool_begin removes all units before it increments the
		 * pass.
		 */
		uint32_t generation = atomic_load(&s->generation), pass = atomic_load(&s->pass);
		uint64_t offered = atomic_load(&s->offered);
		if (generation != c->generation || pass != c->pass) {
			*c = (struct cursor){pass, generation, 0};
			atomic_store(&s->preparing[worker], 0);
		}
		if (c->from > atomic_load(&s->lowest_failure))
			return any;
		fault(pool, 'c');
		if (c->from < offered) {
			uint32_t expected = claim(pass, FREE);
			if (atomic_compare_exchange_strong(&s->claims[c->from], &expected,
							   claim(pass, (unsigned)worker + 1)))
				run_claimed(pool, worker, report, pass, c->from);
		} else {
			bool grew = atomic_load(&s->growing);
			bool other = grew && !has_failed(pool) &&
				     is_left_to_another(pool, worker, c->from);
			enum more more = other ? MORE_BUSY : make_more(pool, worker, pass, c->from);
			/*
			 * The parent must be told that no more units will come, but not that none
			 * has come yet.
			 */
			if (more == MORE_NONE)
				return any || (grew && !atomic_load(&s->growing));
			if (more == MORE_BUSY) {
				if (!prepare(pool, worker, c->from))
					sleep_longer(waited++);
				continue;
			}
			run_claimed(pool, worker, report, pass, c->from);
		}
		any = true;
		waited = 0;
		c->from++;
	}
}

/* Signals from the terminal are left to the parent, and no worker outlives the parent. */
static void become_worker(struct sdp_pool *pool)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sdp_signals_default(SIGTERM);
	sdp_signals_default(SIGPIPE);
	sdp_signals_die_with(pool->parent);
	close(pool->tokens[1]);
	for (int i = 0; i < pool->forked; i++)
		if (pool->reports[i] >= 0)
			close(pool->reports[i]);
}

_Noreturn void sdp_worker_main(struct sdp_pool *pool, int worker, int report)
{
	struct cursor cursor = {0};
	char token;
	become_worker(pool);
	for (;;) {
		ssize_t n = read(pool->tokens[0], &token, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		bool any = run_units(pool, worker, report, &cursor);
		atomic_store(&pool->shared->preparing[worker], 0);
		if (any) {
			fault(pool, 'd');
			report_done(report);
		}
	}
}

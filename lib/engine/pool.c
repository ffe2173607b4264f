/*
 * The pool, parent's side: starting processes, offering units, and retrying them.
 *
 * The parent offers units 0, 1, 2, …. Each has a word in the claim table. The upper half of the
 * word is the pass, so that a worker that is still in an earlier pass cannot claim a unit of this
 * one by mistake:
 *
 *	FREE ── a compare-and-swap ──> worker+1 ── the result is there ──> worker+1 | DONE
 *	  ^                                │                                   │
 *	  └── the worker died: all that it claimed in this pass is offered again ──┘
 *
 * The state of a worker is private until the pass ends. So the death of a worker loses its state
 * and every unit in that state, finished or not, and nothing else. A worker may be killed at any
 * instruction. The only lock, the right to make the next unit, holds the number of its owner, and
 * the parent releases it when that worker is dead.
 *
 * Processes wake each other through pipes, because a pipe also reports death. Workers sleep in a
 * read of the token pipe (end of file: the parent is gone). The parent polls one report pipe per
 * worker (hang-up: the worker is gone). A token only wakes a worker; a surplus token costs one look
 * at the table.
 */
#define _GNU_SOURCE
#include "engine/pool_private.h"

#include "base/env.h"
#include "base/signals.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int fork_worker(struct sdp_pool *pool, int worker, struct sdp_err *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return sdp_fail_errno(err, "cannot make a pipe");
	pid_t pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return sdp_fail_errno(err, "cannot start a worker");
	}
	if (pid == 0) {
		close(ends[0]);
		sdp_worker_main(pool, worker, ends[1]);
	}
	close(ends[1]);
	pool->pids[worker] = pid;
	pool->reports[worker] = ends[0];
	pool->alive++;
	return 0;
}

/* Reads SDP_FAULT, which is described in worker.c. */
static int read_fault(struct sdp_pool *pool, struct sdp_err *err)
{
	static const char *const points[] = {"claim", "make", "block", "done"};
	const char *text = sdp_env("SDP_FAULT"), *start = "kill:";
	char quoted[64], *point = NULL;
	unsigned long pass = 0;
	if (!text)
		return 0;
	if (strncmp(text, start, strlen(start)) == 0 && sdp_is_digit(text[strlen(start)]))
		pass = strtoul(text + strlen(start), &point, 10);
	for (size_t i = 0; pass && pass <= UINT32_MAX && i < sizeof points / sizeof *points; i++)
		if (*point == ':' && strcmp(point + 1, points[i]) == 0) {
			pool->fault_pass = (uint32_t)pass;
			pool->fault_point = *points[i];
			return 0;
		}
	return sdp_fail(err, SDP_USAGE,
			"SDP_FAULT: not kill:PASS:POINT with claim, make, block or done: %s",
			sdp_quote(quoted, sizeof quoted, text, strlen(text)));
}

struct sdp_pool *sdp_pool_new(struct sdp_shared_arena *arena, int workers,
			      const struct sdp_pool_work *work, struct sdp_err *err)
{
	struct sdp_pool *pool = sdp_alloc(1, sizeof *pool, err);
	if (!pool)
		return NULL;
	*pool = (struct sdp_pool){.arena = arena,
				  .work = *work,
				  .workers = workers,
				  .parent = getpid()};
	if (read_fault(pool, err) < 0 || !(pool->deaths = sdp_alloc(CAPACITY, 1, err))) {
		free(pool);
		return NULL;
	}
	pool->shared = sdp_shared_map(sizeof *pool->shared, err);
	if (!pool->shared || pipe2(pool->tokens, O_CLOEXEC) < 0) {
		if (pool->shared) {
			sdp_fail_errno(err, "cannot prepare workers");
			munmap(pool->shared, sizeof *pool->shared);
		}
		free(pool->deaths);
		free(pool);
		return NULL;
	}
	fcntl(pool->tokens[1], F_SETFL, O_NONBLOCK);
	return pool;
}

/* Reaps a dead or dying worker; returns its wait status. */
static int reap(struct sdp_pool *pool, int worker)
{
	int status = 0;
	while (waitpid(pool->pids[worker], &status, 0) < 0 && errno == EINTR)
		;
	close(pool->reports[worker]);
	pool->pids[worker] = 0;
	pool->reports[worker] = -1;
	pool->alive--;
	return status;
}

void sdp_pool_free(struct sdp_pool *pool)
{
	if (!pool)
		return;
	for (int i = 0; i < pool->forked; i++)
		if (pool->pids[i])
			kill(pool->pids[i], SIGKILL);
	for (int i = 0; i < pool->forked; i++)
		if (pool->pids[i])
			reap(pool, i);
	close(pool->tokens[0]);
	close(pool->tokens[1]);
	munmap(pool->shared, sizeof *pool->shared);
	free(pool->deaths);
	free(pool);
}

uint64_t sdp_pool_capacity(void)
{
	return CAPACITY;
}

void sdp_pool_begin(struct sdp_pool *pool)
{
	struct shared *s = pool->shared;
	atomic_store(&s->growing, false);
	memset(pool->deaths, 0, (size_t)atomic_exchange(&s->offered, 0));
	atomic_store(&s->done, 0);
	atomic_store(&s->lowest_failure, UINT64_MAX);
	atomic_fetch_add(&s->pass, 1);
	pool->idle_deaths = 0;
}

static void wake(struct sdp_pool *pool, uint64_t count)
{
	static const char tokens[SDP_WORKERS_MAX];
	if (count > sizeof tokens)
		count = sizeof tokens;
	/* A full pipe has enough tokens. */
	while (write(pool->tokens[1], tokens, (size_t)count) < 0 && errno == EINTR)
		;
}

/*
 * Starts workers until there are as many as wanted and allowed. If the system allows fewer, goes on
 * with those, if there is at least one.
 */
static int start_workers(struct sdp_pool *pool, uint64_t wanted, struct sdp_err *err)
{
	while (pool->forked < pool->workers && (uint64_t)pool->forked < wanted) {
		if (fork_worker(pool, pool->forked, err) < 0) {
			pool->workers = pool->forked;
			return pool->alive ? 0 : -1;
		}
		pool->forked++;
	}
	return 0;
}

int sdp_pool_offer(struct sdp_pool *pool, uint64_t count, struct sdp_err *err)
{
	uint64_t offered = atomic_load(&pool->shared->offered);
	if (count > CAPACITY - offered)
		return sdp_fail(err, SDP_SYSTEM, "more than %d units in a pass", CAPACITY);
	uint32_t pass = atomic_load(&pool->shared->pass);
	for (uint64_t i = offered; i < offered + count; i++)
		atomic_store(&pool->shared->claims[i], claim(pass, FREE));
	if (start_workers(pool, offered + count, err) < 0)
		return -1;
	atomic_store(&pool->shared->offered, offered + count);
	wake(pool, count);
	return 0;
}

int sdp_pool_grow(struct sdp_pool *pool, uint64_t workers, struct sdp_err *err)
{
	atomic_store(&pool->shared->growing, true);
	if (start_workers(pool, workers, err) < 0)
		return -1;
	sdp_pool_wake(pool);
	return 0;
}

void sdp_pool_wake(struct sdp_pool *pool)
{
	wake(pool, (uint64_t)pool->forked);
}

uint64_t sdp_pool_offered(const struct sdp_pool *pool)
{
	return atomic_load(&pool->shared->offered);
}

static void offer_again(struct sdp_pool *pool, uint64_t unit)
{
	atomic_store(&pool->shared->claims[unit], claim(atomic_load(&pool->shared->pass), FREE));
}

/*
 * Offers the units of a dead worker again, but for the one on which it died. Returns that unit, or
 * UINT64_MAX if it died between two units.
 */
static uint64_t reclaim(struct sdp_pool *pool, int worker)
{
	struct shared *s = pool->shared;
	uint64_t offered = atomic_load(&s->offered), died_on = UINT64_MAX;
	for (uint64_t i = 0; i < offered; i++) {
		uint32_t word = atomic_load(&s->claims[i]);
		if ((word & WORKER) != (unsigned)worker + 1)
			continue;
		if (!(word & DONE))
			died_on = i;
		else if (!pool->work.eager)
			offer_again(pool, i);
	}
	return died_on;
}

static int give_up(int status, struct sdp_err *err)
{
	if (WIFSIGNALED(status))
		return sdp_fail(err, SDP_SYSTEM,
				"workers keep dying at the same place, of signal %d (%s)",
				WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == SDP_SYSTEM) /* base/need_memory.h */
		return sdp_fail_memory(err);
	return sdp_fail(err, SDP_SYSTEM, "workers keep ending at the same place, with status %d",
			WEXITSTATUS(status));
}

/*
 * Starts a new worker in place of a dead one. Returns -1 if workers keep dying at the same unit or
 * if there is none left.
 */
static int replace(struct sdp_pool *pool, int worker, struct sdp_err *err)
{
	int status = reap(pool, worker), maker = worker + 1;
	if (pool->arena)
		sdp_shared_arena_drop(pool->arena, worker + 1);
	/* A failure remains recorded: other workers have skipped the units after it. */
	pool->shared->slots[worker].state = NULL;
	pool->shared->slots[worker].state_pass = 0;
	uint64_t unit = reclaim(pool, worker), done = atomic_load(&pool->shared->done);
	atomic_compare_exchange_strong(&pool->shared->maker, &maker, 0);
	atomic_store(&pool->shared->preparing[worker], 0);
	pool->all_deaths++;
	if (unit != UINT64_MAX || done != pool->done_at_death)
		pool->idle_deaths = 0;
	pool->done_at_death = done;
	if (unit != UINT64_MAX ? ++pool->deaths[unit] >= ATTEMPTS
			       : ++pool->idle_deaths >= ATTEMPTS * pool->workers)
		return give_up(status, err);
	if (unit != UINT64_MAX)
		offer_again(pool, unit);
	if (fork_worker(pool, worker, err) < 0 && pool->alive == 0)
		return -1;
	atomic_fetch_add(&pool->shared->generation, 1);
	wake(pool, SDP_WORKERS_MAX);
	return 0;
}

int sdp_pool_maintain(struct sdp_pool *pool, int timeout, int input, struct sdp_err *err)
{
	struct pollfd fds[SDP_WORKERS_MAX + 1];
	for (int i = 0; i < pool->forked; i++)
		fds[i] = (struct pollfd){.fd = pool->reports[i], .events = POLLIN};
	struct pollfd *also = &fds[pool->forked];
	*also = (struct pollfd){.fd = input, .events = POLLIN};
	int n = poll(fds, (nfds_t)pool->forked + 1, timeout);
	if (n < 0 && errno != EINTR)
		return sdp_fail_errno(err, "cannot wait for workers");
	if (sdp_interrupted)
		return sdp_fail(err, SDP_SYSTEM, "interrupted");
	for (int i = 0; n > 0 && i < pool->forked; i++) {
		char reports[64];
		if (!fds[i].revents)
			continue;
		ssize_t got = read(pool->reports[i], reports, sizeof reports);
		if (got == 0 && replace(pool, i, err) < 0)
			return -1;
	}
	return n > 0 && also->revents != 0;
}

uint64_t sdp_pool_lowest_failure(const struct sdp_pool *pool)
{
	return atomic_load(&pool->shared->lowest_failure);
}

bool sdp_pool_failed(const struct sdp_pool *pool)
{
	return has_failed(pool);
}

bool sdp_pool_unit_done(const struct sdp_pool *pool, uint64_t unit)
{
	return atomic_load(&pool->shared->claims[unit]) & DONE;
}

int sdp_pool_deaths(const struct sdp_pool *pool)
{
	return pool->all_deaths;
}

uint64_t sdp_pool_done(const struct sdp_pool *pool)
{
	return atomic_load(&pool->shared->done);
}

bool sdp_pool_idle(const struct sdp_pool *pool)
{
	struct shared *s = pool->shared;
	if (atomic_load(&s->growing) && !sdp_pool_failed(pool))
		return false;
	uint64_t offered = atomic_load(&s->offered), failure = atomic_load(&s->lowest_failure);
	/*
	 * The claims decide, not the counter: a worker may have died between marking a unit as done
	 * and counting it.
	 */
	for (uint64_t i = offered; i > 0; i--)
		if (i - 1 <= failure && !sdp_pool_unit_done(pool, i - 1))
			return false;
	return true;
}

int sdp_pool_failure(const struct sdp_pool *pool, struct sdp_err *err)
{
	const struct slot *first = NULL;
	for (int i = 0; i < pool->forked; i++) {
		const struct slot *slot = &pool->shared->slots[i];
		if (atomic_load(&slot->failed) &&
		    (!first || slot->failed_unit < first->failed_unit))
			first = slot;
	}
	if (!first && !atomic_load(&pool->shared->more_failed))
		return 0;
	*err = first ? first->err : pool->shared->more_err;
	return -1;
}

void *sdp_pool_state(const struct sdp_pool *pool, int worker)
{
	const struct slot *slot = &pool->shared->slots[worker];
	return slot->state_pass == atomic_load(&pool->shared->pass) ? slot->state : NULL;
}

/*
 * Processes, claims and retries.
 *
 * The parent offers jobs 0, 1, 2 …; each has a word in the claim table, the pass in its upper half, so
 * that a worker that comes late from one pass can claim nothing of the next by mistake:
 *
 *	FREE ── a worker's compare-and-swap ──> worker+1 ── its work published ──> worker+1 | DONE
 *	  ^                                         │                                   │
 *	  └──────────── the worker died: all it claimed in this pass is offered anew ───┘
 *
 * A worker's state is its own until the pass ends, so a death throws away its state and every job
 * in it, finished or not, and nothing else.  No lock is held anywhere, so a worker may be killed at
 * any instruction.
 *
 * Waking up goes through pipes, because a pipe also tells of death: workers sleep in a read of the
 * token pipe (end of file: the parent is gone), the parent polls one report pipe a worker (hang-up:
 * the worker is gone).  Tokens only wake; a surplus one costs a look at the table.
 */
#define _GNU_SOURCE
#include "pool.h"

#include "sdp/mem.h"
#include "sdp/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FREE = 0, WORKER = 0x7fff, DONE = 0x8000, CAPACITY = 1 << 22, ATTEMPTS = 3 };

/* Of one worker, written by it. */
struct slot {
	void *state;            /* of this pass */
	uint32_t state_pass;    /* the pass it belongs to */
	_Atomic bool failed;
	uint64_t failed_job;
	struct sdp_err err;
};

/* Shared by all processes. */
struct shared {
	_Atomic uint32_t pass;       /* 1, 2, … */
	_Atomic uint32_t generation; /* grows whenever claimed jobs become free again */
	_Atomic uint64_t offered, done;
	_Atomic uint64_t lowest_failure; /* job; UINT64_MAX: none */
	_Atomic bool fault_used;
	/* Making more jobs: by the worker whose number (from 1) is in maker. */
	_Atomic bool growing, more_failed;
	_Atomic int maker;
	struct sdp_err more_err;
	struct slot slots[256];
	_Atomic uint32_t claims[CAPACITY]; /* mostly untouched pages */
};

struct sdp_pool {
	struct shared *shared;
	struct sdp_arena *arena;
	struct sdp_pool_work work;
	int workers, forked;
	pid_t pids[256];
	int reports[256]; /* read ends */
	int tokens[2];
	uint8_t *deaths; /* a job, of workers that had claimed it in this pass */
	int idle_deaths; /* in a row, of workers that had claimed nothing */
	pid_t parent;
	unsigned fault_pass;
	char fault_point;
};

/* ---- in the worker ---- */

/*
 * The test hook: SDP_FAULT=kill:PASS:POINT kills the first worker that gets there, once a run.
 * POINT is claim (before one), block (in the middle of one) or done (when nothing is left).
 */
static void fault(struct sdp_pool *pool, char point)
{
	struct shared *s = pool->shared;
	if (pool->fault_point == point && atomic_load(&s->pass) == pool->fault_pass &&
	    !atomic_exchange(&s->fault_used, true))
		raise(SIGKILL);
}

static void lower_failure(struct shared *s, uint64_t job)
{
	uint64_t lowest = atomic_load(&s->lowest_failure);
	while (job < lowest && !atomic_compare_exchange_weak(&s->lowest_failure, &lowest, job))
		;
}

static void note_failure(struct shared *s, struct slot *slot, uint64_t job, const struct sdp_err *err)
{
	if (!atomic_load(&slot->failed) || job < slot->failed_job) {
		slot->err = *err;
		slot->failed_job = job;
		atomic_store(&slot->failed, true);
	}
	lower_failure(s, job);
}

static uint32_t claim(uint32_t pass, unsigned bits)
{
	return pass << 16 | bits;
}

static void run_job(struct sdp_pool *pool, int worker, uint32_t pass, uint64_t job)
{
	struct shared *s = pool->shared;
	struct slot *slot = &s->slots[worker];
	struct sdp_err err = {0};
	int rc = 0;
	if (slot->state_pass != pass) {
		slot->state = pool->work.begin(pool->work.context, worker, &err);
		slot->state_pass = pass;
		rc = slot->state ? 0 : -1;
	}
	if (rc == 0)
		rc = pool->work.run(pool->work.context, worker, slot->state, job, &err);
	if (rc < 0)
		note_failure(s, slot, job, &err);
	fault(pool, 'b');
	atomic_store(&s->claims[job], claim(pass, (unsigned)(worker + 1) | DONE));
	atomic_fetch_add(&s->done, 1);
}

static void report_done(int report)
{
	while (write(report, "", 1) < 0 && errno == EINTR)
		;
}

/* The job at hand is this worker's: runs it. */
static void run_claimed(struct sdp_pool *pool, int worker, int report, uint32_t pass, uint64_t job)
{
	run_job(pool, worker, pass, job);
	if (pool->work.eager)
		report_done(report);
}

enum more { MORE_NONE, MORE_MADE, MORE_BUSY };

/*
 * Makes job number job if nobody else is about to.  A maker that dies leaves either nothing or a
 * job that is claimed and offered.
 */
static enum more make_more(struct sdp_pool *pool, int worker, uint32_t pass, uint64_t job)
{
	struct shared *s = pool->shared;
	int nobody = 0;
	enum more made = MORE_NONE;
	if (!atomic_load(&s->growing) || sdp_pool_failed(pool))
		return MORE_NONE;
	if (!atomic_compare_exchange_strong(&s->maker, &nobody, worker + 1))
		return MORE_BUSY;
	if (atomic_load(&s->offered) != job) {
		made = MORE_BUSY; /* someone was faster: there is one to claim */
	} else if (atomic_load(&s->growing)) {
		int rc = job == CAPACITY
				 ? sdp_fail(&s->more_err, SDP_SYSTEM, "the input is too large: over %d chunks", CAPACITY)
				 : pool->work.more(pool->work.context, job, &s->more_err);
		if (rc < 0) {
			atomic_store(&s->more_failed, true);
			lower_failure(s, job);
		}
		if (rc <= 0)
			atomic_store(&s->growing, false);
		if (rc == 1) {
			atomic_store(&s->claims[job], claim(pass, (unsigned)worker + 1));
			atomic_store(&s->offered, job + 1);
			made = MORE_MADE;
		}
	}
	atomic_store(&s->maker, 0);
	return made;
}

/* Between two looks at who makes the next job, which takes a fraction of a millisecond. */
static void pause_a_little(int times)
{
	struct timespec pause = {0, times < 10 ? 20000 : 500000};
	nanosleep(&pause, NULL);
}

/* Claims or makes, and runs, jobs from *from on; true if it did anything. */
static bool run_jobs(struct sdp_pool *pool, int worker, int report, uint64_t *from)
{
	struct shared *s = pool->shared;
	bool any = false;
	int waited = 0;
	for (;;) {
		/* In this order: begin empties the offer before it counts the pass up. */
		uint32_t pass = atomic_load(&s->pass);
		uint64_t offered = atomic_load(&s->offered);
		if (*from > atomic_load(&s->lowest_failure))
			return any;
		if (*from >= offered) {
			fault(pool, 'c');
			bool grew = atomic_load(&s->growing);
			enum more more = make_more(pool, worker, pass, *from);
			if (more == MORE_NONE)
				return any || grew;
			if (more == MORE_BUSY) {
				pause_a_little(waited++);
				continue;
			}
			run_claimed(pool, worker, report, pass, *from);
		} else {
			uint32_t expected = claim(pass, FREE);
			fault(pool, 'c');
			if (atomic_compare_exchange_strong(&s->claims[*from], &expected,
							   claim(pass, (unsigned)worker + 1)))
				run_claimed(pool, worker, report, pass, *from);
		}
		any = true;
		waited = 0;
		++*from;
	}
}

static _Noreturn void worker_main(struct sdp_pool *pool, int worker, int report)
{
	struct shared *s = pool->shared;
	uint32_t generation = 0, pass = 0;
	uint64_t from = 0;
	char token;
	for (;;) {
		ssize_t n = read(pool->tokens[0], &token, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		uint32_t now = atomic_load(&s->generation);
		if (now != generation || atomic_load(&s->pass) != pass)
			from = 0;
		generation = now;
		pass = atomic_load(&s->pass);
		if (run_jobs(pool, worker, report, &from)) {
			fault(pool, 'd');
			report_done(report);
		}
	}
}

/* Ctrl-C is the parent's business, and no worker outlives the parent. */
static void become_worker(struct sdp_pool *pool)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != pool->parent)
		_exit(0);
	close(pool->tokens[1]);
	for (int i = 0; i < pool->forked; i++)
		if (pool->reports[i] >= 0)
			close(pool->reports[i]);
}

/* ---- in the parent ---- */

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
		become_worker(pool);
		worker_main(pool, worker, ends[1]);
	}
	close(ends[1]);
	pool->pids[worker] = pid;
	pool->reports[worker] = ends[0];
	return 0;
}

static void read_fault(struct sdp_pool *pool)
{
	const char *text = getenv("SDP_FAULT");
	char point[8];
	if (text && sscanf(text, "kill:%u:%7s", &pool->fault_pass, point) == 2)
		pool->fault_point = point[0];
}

struct sdp_pool *sdp_pool_new(struct sdp_arena *arena, int workers, const struct sdp_pool_work *work,
			      struct sdp_err *err)
{
	struct sdp_pool *pool = sdp_alloc(1, sizeof *pool, err);
	if (!pool)
		return NULL;
	*pool = (struct sdp_pool){.arena = arena, .work = *work, .workers = workers, .parent = getpid()};
	pool->deaths = sdp_alloc(CAPACITY, 1, err);
	if (!pool->deaths) {
		free(pool);
		return NULL;
	}
	pool->shared = mmap(NULL, sizeof *pool->shared, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pool->shared == MAP_FAILED || pipe2(pool->tokens, O_CLOEXEC) < 0) {
		sdp_fail_errno(err, "cannot prepare workers");
		free(pool->deaths);
		free(pool);
		return NULL;
	}
	fcntl(pool->tokens[1], F_SETFL, O_NONBLOCK);
	read_fault(pool);
	return pool;
}

void sdp_pool_free(struct sdp_pool *pool)
{
	if (!pool)
		return;
	for (int i = 0; i < pool->forked; i++)
		kill(pool->pids[i], SIGKILL);
	for (int i = 0; i < pool->forked; i++) {
		while (waitpid(pool->pids[i], NULL, 0) < 0 && errno == EINTR)
			;
		close(pool->reports[i]);
	}
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
	atomic_store(&s->more_failed, false);
	memset(pool->deaths, 0, (size_t)atomic_exchange(&s->offered, 0));
	atomic_store(&s->done, 0);
	atomic_store(&s->lowest_failure, UINT64_MAX);
	for (int i = 0; i < pool->forked; i++)
		atomic_store(&s->slots[i].failed, false);
	atomic_fetch_add(&s->pass, 1);
	pool->idle_deaths = 0;
}

static void wake(struct sdp_pool *pool, uint64_t count)
{
	static const char tokens[256];
	if (count > sizeof tokens)
		count = sizeof tokens;
	/* A full pipe has tokens enough. */
	while (write(pool->tokens[1], tokens, (size_t)count) < 0 && errno == EINTR)
		;
}

/* As many workers as are wanted and allowed. */
static int staff(struct sdp_pool *pool, uint64_t wanted, struct sdp_err *err)
{
	while (pool->forked < pool->workers && (uint64_t)pool->forked < wanted) {
		if (fork_worker(pool, pool->forked, err) < 0)
			return -1;
		pool->forked++;
	}
	return 0;
}

int sdp_pool_offer(struct sdp_pool *pool, uint64_t count, struct sdp_err *err)
{
	uint64_t offered = atomic_load(&pool->shared->offered);
	if (count > CAPACITY - offered)
		return sdp_fail(err, SDP_SYSTEM, "more than %d jobs in a pass", CAPACITY);
	uint32_t pass = atomic_load(&pool->shared->pass);
	for (uint64_t i = offered; i < offered + count; i++)
		atomic_store(&pool->shared->claims[i], claim(pass, FREE));
	if (staff(pool, offered + count, err) < 0)
		return -1;
	atomic_store(&pool->shared->offered, offered + count);
	wake(pool, count);
	return 0;
}

int sdp_pool_grow(struct sdp_pool *pool, uint64_t workers, struct sdp_err *err)
{
	atomic_store(&pool->shared->growing, true);
	if (staff(pool, workers, err) < 0)
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

/* Offers anew what a dead worker had; the job it died on, UINT64_MAX if it was between two. */
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
		else if (pool->work.eager)
			continue;
		atomic_store(&s->claims[i], claim(atomic_load(&s->pass), FREE));
	}
	return died_on;
}

static int give_up(int status, struct sdp_err *err)
{
	if (WIFSIGNALED(status))
		return sdp_fail(err, SDP_SYSTEM, "workers keep dying at the same place, of signal %d (%s)",
				WTERMSIG(status), strsignal(WTERMSIG(status)));
	return sdp_fail(err, SDP_SYSTEM, "workers keep ending at the same place, with status %d",
			WEXITSTATUS(status));
}

static int replace(struct sdp_pool *pool, int worker, struct sdp_err *err)
{
	int status = 0;
	while (waitpid(pool->pids[worker], &status, 0) < 0 && errno == EINTR)
		;
	close(pool->reports[worker]);
	pool->reports[worker] = -1;
	sdp_arena_drop(pool->arena, worker + 1);
	/* A failure stays noted: others have left out what comes behind it. */
	pool->shared->slots[worker].state = NULL;
	pool->shared->slots[worker].state_pass = 0;
	uint64_t job = reclaim(pool, worker);
	int maker = worker + 1;
	atomic_compare_exchange_strong(&pool->shared->maker, &maker, 0);
	pool->idle_deaths = job == UINT64_MAX ? pool->idle_deaths + 1 : 0;
	if (job != UINT64_MAX ? ++pool->deaths[job] >= ATTEMPTS : pool->idle_deaths >= ATTEMPTS * pool->workers)
		return give_up(status, err);
	if (fork_worker(pool, worker, err) < 0)
		return -1;
	atomic_fetch_add(&pool->shared->generation, 1);
	wake(pool, 256);
	return 0;
}

int sdp_pool_tend(struct sdp_pool *pool, int timeout, struct sdp_err *err)
{
	struct pollfd fds[256];
	for (int i = 0; i < pool->forked; i++)
		fds[i] = (struct pollfd){.fd = pool->reports[i], .events = POLLIN};
	int n = poll(fds, (nfds_t)pool->forked, timeout);
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
	return 0;
}

uint64_t sdp_pool_lowest_failure(const struct sdp_pool *pool)
{
	return atomic_load(&pool->shared->lowest_failure);
}

bool sdp_pool_failed(const struct sdp_pool *pool)
{
	return sdp_pool_lowest_failure(pool) != UINT64_MAX;
}

bool sdp_pool_job_done(const struct sdp_pool *pool, uint64_t job)
{
	return atomic_load(&pool->shared->claims[job]) & DONE;
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
	/* The claims decide: a worker may have died between marking a job and counting it. */
	for (uint64_t i = offered; i > 0; i--)
		if (i - 1 <= failure && !sdp_pool_job_done(pool, i - 1))
			return false;
	return true;
}

int sdp_pool_failure(const struct sdp_pool *pool, struct sdp_err *err)
{
	const struct slot *first = NULL;
	for (int i = 0; i < pool->forked; i++) {
		const struct slot *slot = &pool->shared->slots[i];
		if (atomic_load(&slot->failed) && (!first || slot->failed_job < first->failed_job))
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

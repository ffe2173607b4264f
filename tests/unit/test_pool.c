/*
 * Tests the pool: when a pass ends, the remaining states together contain every unit exactly once,
 * whatever happened to the workers meanwhile.
 */
#define _DEFAULT_SOURCE
#include "engine/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { JOBS = 2000, WORKERS = 64 };

/* What a worker makes in a pass. */
struct state {
	uint32_t ran[JOBS];
};

/* Shared by the test and its workers; what units are to do. */
struct script {
	struct sdp_shared_arena *arena;
	_Atomic int runs[JOBS]; /* of each unit, in all passes */
	_Atomic int begun;
	int kills[JOBS]; /* the first so many runs of a unit end its worker */
	int fails[JOBS]; /* the first so many fail */
	int waits[JOBS]; /* microseconds */
	bool exits;      /* ends by exit, not by a signal */
	size_t large;    /* bytes of the arena that a state takes besides */
};

static struct script *script;

static void *begin_state(void *context, int worker, struct sdp_err *err)
{
	(void)context;
	script->begun++;
	if (script->large && !sdp_shared_arena_take(script->arena, worker + 1, script->large, err))
		return NULL;
	return sdp_shared_arena_take(script->arena, worker + 1, sizeof(struct state), err);
}

static int run_unit(void *context, int worker, void *state, uint64_t unit, struct sdp_err *err)
{
	struct state *s = state;
	(void)context;
	(void)worker;
	int run = script->runs[unit]++;
	if (script->waits[unit])
		usleep((useconds_t)script->waits[unit]);
	s->ran[unit]++;
	if (run < script->kills[unit] && script->exits)
		_exit(7);
	if (run < script->kills[unit])
		raise(SIGKILL);
	if (run < script->fails[unit])
		return sdp_fail(err, SDP_DATA, "unit %d", (int)unit);
	return 0;
}

static struct sdp_pool *start(int workers, bool eager)
{
	struct sdp_err err;
	struct sdp_pool_work work = {.begin = begin_state, .run = run_unit, .eager = eager};
	struct sdp_pool *pool = sdp_pool_new(script->arena, workers, &work, &err);
	assert_non_null(pool);
	return pool;
}

/* 0, or -1 if the pool gave up. */
static int finish(struct sdp_pool *pool, struct sdp_err *err)
{
	for (int looks = 0; !sdp_pool_idle(pool); looks++) {
		if (sdp_pool_maintain(pool, 100, -1, err) < 0)
			return -1;
		assert_in_range(looks, 0, 100000);
	}
	return 0;
}

static void pass(struct sdp_pool *pool, uint64_t units)
{
	struct sdp_err err;
	sdp_pool_begin(pool);
	assert_int_equal(sdp_pool_offer(pool, units, &err), 0);
	if (finish(pool, &err) < 0)
		fail_msg("%s", err.text);
}

/* Sums the states as an engine would, and hands their memory on. */
static void check_states(struct sdp_pool *pool, int workers, uint64_t units)
{
	uint32_t ran[JOBS] = {0};
	for (int i = 0; i < workers; i++) {
		const struct state *s = sdp_pool_state(pool, i);
		for (uint64_t unit = 0; s && unit < JOBS; unit++)
			ran[unit] += s->ran[unit];
		sdp_shared_arena_drop(script->arena, i + 1);
	}
	for (uint64_t unit = 0; unit < JOBS; unit++)
		assert_int_equal(ran[unit], unit < units);
}

static int setup(void **state)
{
	struct sdp_err err;
	(void)state;
	script = mmap(NULL, sizeof *script, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (script == MAP_FAILED)
		return -1;
	script->arena = sdp_shared_arena_new(WORKERS + 1, &err);
	return script->arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("SDP_FAULT");
	sdp_shared_arena_free(script->arena);
	munmap(script, sizeof *script);
	return 0;
}

/* ---- nothing happens ---- */

static void test_every_job_once(void **state)
{
	static const int workers[] = {1, 2, 7};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sdp_pool *pool = start(workers[i], false);
		pass(pool, JOBS);
		assert_int_equal(sdp_pool_done(pool), JOBS);
		assert_false(sdp_pool_failed(pool));
		check_states(pool, workers[i], JOBS);
		sdp_pool_free(pool);
	}
	for (int unit = 0; unit < JOBS; unit++)
		assert_int_equal(script->runs[unit], 3);
}

static void test_offers_little_by_little(void **state)
{
	struct sdp_err err;
	(void)state;
	struct sdp_pool *pool = start(3, false);
	sdp_pool_begin(pool);
	for (uint64_t unit = 0; unit < JOBS; unit++) {
		assert_int_equal(sdp_pool_offer(pool, 1, &err), 0);
		if (unit % 16 == 0)
			assert_int_equal(sdp_pool_maintain(pool, 0, -1, &err), 0);
	}
	assert_int_equal(finish(pool, &err), 0);
	check_states(pool, 3, JOBS);
	sdp_pool_free(pool);
}

static void test_many_passes(void **state)
{
	(void)state;
	struct sdp_pool *pool = start(3, false);
	pass(pool, 0);
	check_states(pool, 3, 0);
	for (uint64_t i = 0; i < 300; i++) {
		pass(pool, 1 + i % 5);
		check_states(pool, 3, 1 + i % 5);
	}
	assert_int_equal(sdp_shared_arena_used(script->arena), 0);
	sdp_pool_free(pool);
	for (int unit = 0; unit < 5; unit++)
		assert_int_equal(script->runs[unit], 300 - 60 * unit);
}

static void test_more_workers_than_jobs(void **state)
{
	(void)state;
	struct sdp_pool *pool = start(WORKERS, false);
	for (int i = 0; i < 20; i++) {
		pass(pool, 3);
		check_states(pool, WORKERS, 3);
	}
	/* A worker a unit, and no more. */
	assert_in_range(script->begun, 20, 60);
	sdp_pool_free(pool);
}

/* ---- workers die ---- */

static void check_deaths(int kills, bool exits)
{
	struct sdp_pool *pool = start(3, false);
	memset(script->runs, 0, sizeof script->runs);
	script->exits = exits;
	for (int unit = 0; unit < JOBS; unit += 97)
		script->kills[unit] = kills;
	pass(pool, JOBS);
	check_states(pool, 3, JOBS);
	sdp_pool_free(pool);
	for (int unit = 0; unit < JOBS; unit += 97)
		assert_true(script->runs[unit] > kills);
}

static void test_deaths(void **state)
{
	(void)state;
	check_deaths(1, false);
	check_deaths(2, false);
	check_deaths(1, true);
}

static void check_giving_up(bool exits, const char *message)
{
	struct sdp_err err = {0};
	struct sdp_pool *pool = start(3, false);
	memset(script->runs, 0, sizeof script->runs);
	script->exits = exits;
	script->kills[40] = 3;
	sdp_pool_begin(pool);
	assert_int_equal(sdp_pool_offer(pool, 100, &err), 0);
	assert_int_equal(finish(pool, &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	assert_string_equal(err.text, message);
	assert_int_equal(script->runs[40], 3);
	sdp_pool_free(pool);
}

static void test_giving_up(void **state)
{
	(void)state;
	check_giving_up(false, "workers keep dying at the same place, of signal 9 (Killed)");
	check_giving_up(true, "workers keep ending at the same place, with status 7");
}

static void test_fault_points(void **state)
{
	static const char *const points[] = {"kill:2:claim", "kill:2:block", "kill:2:done"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		setenv("SDP_FAULT", points[i], 1);
		struct sdp_pool *pool = start(2, false);
		for (int n = 0; n < 4; n++) {
			pass(pool, 50);
			check_states(pool, 2, 50);
		}
		sdp_pool_free(pool);
	}
}

static void test_bad_faults(void **state)
{
	static const char *const bad[] = {"kill", "kill:x:block", "kill:-1:block", "kill:1:b",
					  "KILL:1:done"};
	struct sdp_err err;
	const struct sdp_pool_work work = {0};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		setenv("SDP_FAULT", bad[i], 1);
		assert_null(sdp_pool_new(script->arena, 1, &work, &err));
		assert_int_equal(err.code, SDP_USAGE);
	}
}

/* A worker dies in every pass: its memory comes back. */
static void test_memory_of_the_dead(void **state)
{
	(void)state;
	script->large = 1 << 20;
	struct sdp_pool *pool = start(2, false);
	for (int i = 0; i < 60; i++) {
		memset(script->runs, 0, sizeof script->runs);
		script->kills[i % 8] = 1;
		pass(pool, 8);
		assert_in_range(sdp_shared_arena_used(script->arena), 1 << 20, (2 << 20) + 200000);
		check_states(pool, 2, 8);
		script->kills[i % 8] = 0;
	}
	assert_int_equal(sdp_shared_arena_used(script->arena), 0);
	sdp_pool_free(pool);
}

/* Where results are taken at once, what is done is not done again. */
static void test_eager_jobs_stay_done(void **state)
{
	(void)state;
	struct sdp_pool *pool = start(2, true);
	for (int unit = 5; unit < 200; unit += 10)
		script->kills[unit] = 1;
	pass(pool, 200);
	sdp_pool_free(pool);
	for (int unit = 0; unit < 200; unit++) {
		assert_int_equal(script->runs[unit], 1 + script->kills[unit]);
		assert_true(unit % 10 == 5 || script->kills[unit] == 0);
	}
}

/* ---- units fail ---- */

static void test_the_lowest_failure_wins(void **state)
{
	struct sdp_err err = {0};
	int spared = 0;
	(void)state;
	for (int round = 0; round < 10; round++) {
		struct sdp_pool *pool = start(4, false);
		memset(script->runs, 0, sizeof script->runs);
		/* The lowest is the last to fail. */
		script->fails[30 + round] = 9;
		script->waits[30 + round] = 3000;
		script->fails[33 + round] = script->fails[200] = 9;
		pass(pool, 1000);
		assert_true(sdp_pool_failed(pool));
		assert_int_equal(sdp_pool_lowest_failure(pool), 30 + round);
		assert_int_equal(sdp_pool_failure(pool, &err), -1);
		char want[20];
		snprintf(want, sizeof want, "unit %d", 30 + round);
		assert_string_equal(err.text, want);
		spared += script->runs[999] == 0;
		script->fails[30 + round] = script->waits[30 + round] = script->fails[33 + round] =
			0;
		sdp_pool_free(pool);
	}
	/* Nobody bothers with the far end, unless the scheduler is slow. */
	assert_true(spared > 0);
}

/* A unit fails, its worker dies, the unit then succeeds: the pass was cut short all the same. */
static void test_a_failure_outlives_its_worker(void **state)
{
	struct sdp_err err = {0};
	(void)state;
	setenv("SDP_FAULT", "kill:1:block", 1);
	struct sdp_pool *pool = start(1, false);
	script->fails[0] = 1;
	pass(pool, 10);
	assert_true(script->runs[0] >= 1);
	if (script->runs[9] == 0)
		assert_int_equal(sdp_pool_failure(pool, &err), -1);
	assert_int_equal(sdp_pool_failure(pool, &err) < 0, sdp_pool_failed(pool));
	assert_string_equal(err.text, "unit 0");
	sdp_pool_free(pool);
}

#define POOL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		POOL_TEST(test_every_job_once),
		POOL_TEST(test_offers_little_by_little),
		POOL_TEST(test_many_passes),
		POOL_TEST(test_more_workers_than_jobs),
		POOL_TEST(test_deaths),
		POOL_TEST(test_giving_up),
		POOL_TEST(test_fault_points),
		POOL_TEST(test_bad_faults),
		POOL_TEST(test_memory_of_the_dead),
		POOL_TEST(test_eager_jobs_stay_done),
		POOL_TEST(test_the_lowest_failure_wins),
		POOL_TEST(test_a_failure_outlives_its_worker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests streams of chunks: each chunk comes once and in order, also if there are more chunks than
 * units in a pass of the pool.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/ordered_stream.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

struct test {
	uint64_t chunks, failing, large;
	uint64_t next;
	size_t flushed;
};

static int make(void *context, uint64_t chunk, struct sdp_buf *out, struct sdp_err *err)
{
	const struct test *t = context;
	if (chunk == t->failing)
		return sdp_fail(err, SDP_DATA, "chunk %llu", (unsigned long long)chunk);
	if (chunk == t->large) {
		if (sdp_buf_reserve(out, 20 << 20, err) < 0)
			return -1;
		memset(out->data, 'x', 20 << 20);
		out->length = 20 << 20;
	}
	return sdp_buf_format(out, err, "%llu", (unsigned long long)chunk);
}

static int take(void *context, uint64_t chunk, const char *text, size_t length, struct sdp_err *err)
{
	struct test *t = context;
	char want[32];
	(void)err;
	assert_int_equal(chunk, t->next++);
	size_t n = (size_t)snprintf(want, sizeof want, "%llu", (unsigned long long)chunk);
	if (chunk == t->large) {
		assert_int_equal(length, n + (20 << 20));
		assert_int_equal(text[(20 << 20) - 1], 'x');
		text += length - n;
		length = n;
	}
	assert_int_equal(length, n);
	assert_memory_equal(text, want, n);
	return 0;
}

static int flush(void *context, struct sdp_err *err)
{
	struct test *t = context;
	(void)err;
	t->flushed = t->next;
	return 0;
}

static int run(struct test *t, int workers, int slots, struct sdp_err *err)
{
	const struct sdp_ordered_stream stream = {.make = make,
						  .write = take,
						  .flush = flush,
						  .context = t,
						  .chunks = t->chunks,
						  .slots = slots};
	return sdp_ordered_stream_run(&stream, workers, NULL, err);
}

static void test_order(void **state)
{
	static const struct {
		uint64_t chunks;
		int workers, slots;
	} cases[] = {{0, 2, 0},    {1, 3, 0},       {1000, 1, 0},    {1000, 7, 0},
		     {1000, 7, 1}, {300000, 2, 64}, {1 << 18, 2, 64}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test t = {.chunks = cases[i].chunks,
				 .failing = UINT64_MAX,
				 .large = cases[i].chunks / 2};
		struct sdp_err err = {0};
		assert_int_equal(run(&t, cases[i].workers, cases[i].slots, &err), 0);
		assert_int_equal(t.next, cases[i].chunks);
		assert_int_equal(t.flushed, cases[i].chunks);
	}
}

static void test_failure(void **state)
{
	static const uint64_t failing[] = {0, 1, 500, 299999};
	(void)state;
	for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
		struct test t = {.chunks = 300000, .failing = failing[i], .large = UINT64_MAX};
		struct sdp_err err = {0};
		char want[64];
		snprintf(want, sizeof want, "chunk %llu", (unsigned long long)failing[i]);
		assert_int_equal(run(&t, 3, 64, &err), -1);
		assert_string_equal(err.text, want);
		assert_int_equal(t.next, failing[i]);
		assert_int_equal(t.flushed, failing[i]);
	}
}

/* With little address space, a long chunk does not fit into its slot. */
static void test_limited_space(void **state)
{
#if !defined(__SANITIZE_ADDRESS__)
	struct test t = {.chunks = 1000, .failing = UINT64_MAX, .large = 500};
	struct rlimit space, less;
	struct sdp_err err = {0};
	assert_int_equal(getrlimit(RLIMIT_AS, &space), 0);
	less = (struct rlimit){(rlim_t)1 << 29, space.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_AS, &less), 0);
	assert_int_equal(run(&t, 2, 64, &err), 0);
	assert_int_equal(t.next, 1000);
	assert_int_equal(setrlimit(RLIMIT_AS, &space), 0);
#endif
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),
					   cmocka_unit_test(test_failure),
					   cmocka_unit_test(test_limited_space)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Compares the statistics of a wide store with those of GMP's rationals. */
#include "base/rational.h"
#include "base/rng.h"
#include "model/stats/wide_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 90, EACH = 40, N = BATCHES * EACH };

static const struct sdp_probability quartiles[] = {{1, 4}, {1, 2}, {3, 4}};

/* Makes a number of up to 40 digits, some of which repeat. */
static void make_text(char *out, uint64_t seed, uint64_t i)
{
	uint64_t r = sdp_rng(seed, 0, i % 3 ? i : i / 9);
	char digits[48];
	size_t count = 1 + r % 40;
	for (size_t k = 0; k < count; k++)
		digits[k] = (char)('0' + sdp_rng(seed, r, k) % 10);
	digits[count] = '\0';
	int point = (int)((r >> 8) % 40);
	sprintf(out, "%s%se%d", r >> 20 & 1 ? "-" : "", digits, -point);
}

static void set(mpq_t q, const char *text)
{
	char digits[64];
	size_t n = strcspn(text, "e");
	memcpy(digits, text, n);
	digits[n] = '\0';
	mpz_set_str(mpq_numref(q), digits, 10);
	mpz_ui_pow_ui(mpq_denref(q), 10, (unsigned long)-atoi(text + n + 1));
	mpq_canonicalize(q);
}

static int by_value(const void *a, const void *b)
{
	return mpq_cmp(*(const mpq_t *)a, *(const mpq_t *)b);
}

static void check(mpq_t *x, const struct sdp_wide_result *r)
{
	mpq_t sum, q, of;
	uint64_t unique = 0;
	mpq_inits(sum, q, of, (mpq_ptr)NULL);
	qsort(x, N, sizeof *x, by_value);
	for (size_t i = 0; i < N; i++) {
		mpq_add(sum, sum, x[i]);
		unique += i == 0 || mpq_cmp(x[i - 1], x[i]) != 0;
	}
	assert_int_equal(r->order.unique, unique);
	assert_int_equal(r->order.values, N);
	assert_true(r->moments.sum ==
		    sdp_quotient_round(mpq_numref(sum), mpq_denref(sum), 0, false));
	assert_true(strtod(r->sum, NULL) == r->moments.sum);
	assert_true(strtod(r->low, NULL) ==
		    sdp_quotient_round(mpq_numref(x[0]), mpq_denref(x[0]), 0, false));
	assert_true(strtod(r->high, NULL) ==
		    sdp_quotient_round(mpq_numref(x[N - 1]), mpq_denref(x[N - 1]), 0, false));
	for (size_t i = 0; i < 3; i++) {
		size_t h = (N - 1) * (i + 1), rank = h / 4, part = h % 4;
		mpq_set_ui(q, part, 4);
		mpq_set_ui(of, 4 - part, 4);
		mpq_canonicalize(q);
		mpq_canonicalize(of);
		mpq_mul(q, q, x[rank + 1]);
		mpq_mul(of, of, x[rank]);
		mpq_add(q, q, of);
		assert_true(r->order.quantile[i] ==
			    sdp_quotient_round(mpq_numref(q), mpq_denref(q), 0, false));
	}
	mpq_clears(sum, q, of, (mpq_ptr)NULL);
}

/* There are more batches than runs can be merged at once with so little memory. */
static void statistics_are_exact(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_spill spill;
	struct sdp_shared_arena *arena = sdp_shared_arena_new(1, &err);
	static mpq_t x[N];
	assert_int_equal(sdp_spill_init(&spill, arena, -1, "", 0, &err), 0);
	for (uint64_t seed = 1; seed < 6; seed++) {
		struct sdp_wide_store parts[2] = {{0}};
		struct sdp_wide_result result, *copy;
		for (size_t b = 0; b < BATCHES; b++) {
			struct sdp_wide_batch batch = {0};
			for (size_t i = 0; i < EACH; i++) {
				char text[64];
				make_text(text, seed, b * EACH + i);
				mpq_init(x[b * EACH + i]);
				set(x[b * EACH + i], text);
				assert_int_equal(sdp_wide_batch_add(&batch, text, strlen(text), '.',
								    NULL, &err),
						 0);
			}
			assert_int_equal(sdp_wide_store_add(&parts[b % 2], &spill, &batch, &err),
					 0);
			sdp_wide_batch_release(&batch);
		}
		sdp_wide_store_merge(&parts[0], &parts[1]);
		assert_int_equal(sdp_wide_store_solve(&parts[0], &spill, 0, quartiles, 3, N,
						      &result, &err),
				 0);
		copy = sdp_wide_result_copy(&result, &spill, &err);
		check(x, copy);
		for (size_t i = 0; i < N; i++)
			mpq_clear(x[i]);
	}
	sdp_shared_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(statistics_are_exact)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests the generated data sets: their bytes never change, and they have the planted relations. */
#include "base/portable_math.h"
#include "model/synthetic/synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int generator(uint64_t seed, uint64_t first, uint64_t count, struct sdp_buf *out,
		      struct sdp_err *err);

static void make(generator *generate, uint64_t seed, uint64_t first, uint64_t count,
		 struct sdp_buf *out)
{
	struct sdp_err err;
	assert_int_equal(generate(seed, first, count, out, &err), 0);
}

static void blocks_join(generator *generate)
{
	struct sdp_buf whole = {0}, parts = {0};
	static const uint64_t cuts[] = {0, 1, 2, 130, 1440, 1441, 3000};

	make(generate, 7, 0, 3000, &whole);
	for (size_t i = 0; i + 1 < sizeof cuts / sizeof cuts[0]; i++)
		make(generate, 7, cuts[i], cuts[i + 1] - cuts[i], &parts);
	assert_int_equal(whole.length, parts.length);
	assert_string_equal(whole.data, parts.data);
	assert_int_equal(strlen(whole.data), whole.length);
	sdp_buf_release(&whole);
	sdp_buf_release(&parts);
}

static void test_blocks_join(void **state)
{
	(void)state;
	blocks_join(sdp_synthetic_rows);
	blocks_join(sdp_synthetic_baskets);
}

/* A changed byte is a changed behaviour: FNV-1a of the first 100,000 records. */
static uint64_t fingerprint(generator *generate)
{
	struct sdp_buf out = {0};
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	make(generate, 42, 0, 100000, &out);
	for (size_t i = 0; i < out.length; i++)
		hash = (hash ^ (unsigned char)out.data[i]) * UINT64_C(0x100000001b3);
	sdp_buf_release(&out);
	return hash;
}

static void test_bytes_never_change(void **state)
{
	(void)state;
	assert_int_equal(fingerprint(sdp_synthetic_rows), UINT64_C(0x4c1169f29d4d7739));
	assert_int_equal(fingerprint(sdp_synthetic_baskets), UINT64_C(0x89c99eb7e2bdd087));
}

static void test_first_and_last_row(void **state)
{
	(void)state;
	struct sdp_buf out = {0};

	make(sdp_synthetic_rows, 42, 0, 1, &out);
	assert_memory_equal(out.data, "1,2020-01-01T00:00:00,", 22);
	out.length = 0;
	make(sdp_synthetic_rows, 42, 1440 * 59, 1, &out);
	assert_memory_equal(out.data, "84961,2020-02-29T00:00:00,", 26);
	out.length = 0;
	make(sdp_synthetic_rows, 42, (uint64_t)SDP_SYNTHETIC_ROWS_MAX - 1, 1, &out);
	assert_memory_equal(out.data, "4000000000,9625-04-18T18:39:00,", 31);
	out.length = 0;
	make(sdp_synthetic_rows, 42, 0, 0, &out);
	assert_int_equal(out.length, 0);
	sdp_buf_release(&out);
}

struct sums {
	double residual, residual2, nulls, labels, logistic, together, diapers;
	uint64_t rows;
};

/* The cells of a row behind customer: x1 … x6, qty, y, label. */
static void add_row(struct sums *sums, const char *line, size_t length)
{
	static const double turn = 6.283185307179586;
	double x[9] = {0};
	char row[400];

	snprintf(row, sizeof row, "%.*s", (int)length, line);
	char *p = strstr(row, "\",") + 2;
	for (int i = 0; i < 9; i++) {
		char *end = strchr(p, ',');
		if (i == 2 && end == p)
			sums->nulls++;
		x[i] = end == p ? NAN : strtod(p, NULL);
		p = end + 1;
	}
	double season = 2 * sin(turn * (double)(sums->rows % 1440) / 1440);
	double e = x[7] - (3 + 2 * x[0] - 1.5 * x[1] + 0.1 * x[2] + 0.7 * x[3] + season);
	if (!isnan(e)) {
		sums->residual += e;
		sums->residual2 += e * e;
	}
	sums->labels += x[8];
	sums->logistic += 1 / (1 + exp(-(2.5 + x[0] - 0.5 * x[1])));
	sums->diapers += strstr(p, "diapers") != NULL;
	sums->together += strstr(p, "diapers beer") != NULL;
	sums->rows++;
}

static void test_planted_relations(void **state)
{
	(void)state;
	struct sdp_buf out = {0};
	struct sums s = {0};
	double n = 100000;

	make(sdp_synthetic_rows, 1, 0, (uint64_t)n, &out);
	for (const char *p = out.data, *end; (end = strchr(p, '\n')); p = end + 1)
		add_row(&s, p, (size_t)(end - p));
	assert_int_equal(s.rows, (uint64_t)n);
	assert_true(fabs(s.nulls / n - 0.02) < 0.002);
	double used = n - s.nulls;
	assert_true(fabs(s.residual / used) < 0.015);
	assert_true(fabs(s.residual2 / used - 1) < 0.02);
	assert_true(fabs(s.labels - s.logistic) / n < 0.006);
	assert_true(fabs(s.diapers / n - 0.12) < 0.005);
	assert_true(fabs(s.together / s.diapers - 0.7) < 0.02);
	sdp_buf_release(&out);
}

static void test_baskets(void **state)
{
	(void)state;
	struct sdp_buf out = {0};
	double n = 100000, rows = 0, set = 0;

	make(sdp_synthetic_baskets, 1, 0, (uint64_t)n, &out);
	for (const char *p = out.data, *end; (end = strchr(p, '\n')); p = end + 1) {
		assert_true(end > p && end[-1] != ' ' && *p != ' ');
		const char *found = strstr(p, "coffee ");
		const char *sugar = strstr(p, "sugar ");
		set += found && found < end && sugar && sugar < end;
		rows++;
	}
	assert_true(rows == n);
	assert_true(fabs(set / n - 0.05) < 0.005);
	sdp_buf_release(&out);
}

static void test_distributions(void **state)
{
	(void)state;
	for (double x = 1e-18; x < 1e18; x *= 1.37)
		assert_true(fabs(sdp_portable_log(x) - log(x)) <= 1e-15 * (1 + fabs(log(x))));
	assert_true(sdp_portable_log(1) == 0);
	assert_true(fabs(sdp_portable_log(1 + 0x1p-40) - log(1 + 0x1p-40)) < 1e-27);
	for (unsigned k = 0; k < 1440; k++)
		assert_true(fabs(sdp_portable_sin_turn(k, 1440) -
				 sin(6.283185307179586 * k / 1440)) < 2e-15);
	/* qnorm of R */
	assert_true(sdp_portable_normal(0.5) == 0);
	assert_true(fabs(sdp_portable_normal(0.975) - 1.959963984540054) < 1e-15);
	assert_true(fabs(sdp_portable_normal(0.001) + 3.090232306167813) < 2e-15);
	assert_true(fabs(sdp_portable_normal(1e-20) + 9.262340089798409) < 5e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_join),
		cmocka_unit_test(test_bytes_never_change),
		cmocka_unit_test(test_first_and_last_row),
		cmocka_unit_test(test_planted_relations),
		cmocka_unit_test(test_baskets),
		cmocka_unit_test(test_distributions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests the summaries of columns: every grouping and order of blocks gives the same, correct
 * statistics.
 */
#include "base/rng.h"
#include "model/stats/column_summary.h"
#include "model/stats/quantiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 5, BLOCKS = 40, ROWS = 300, TEXT = 40 };

/* A column in blocks, each of one scale, of reals, or of texts (times have texts and mantissas). */
struct column {
	enum { DECIMALS, MIXED, TIMES, STRINGS, KINDS } kind;
	struct block {
		int scale; /* SDP_KEY_REAL: reals */
		size_t rows;
		int64_t mantissa[ROWS];
		double real[ROWS];
		char text[ROWS][TEXT];
		size_t length[ROWS];
	} blocks[BLOCKS];
};

static void fill_time(struct block *b, size_t i, uint64_t r)
{
	/* Few different times, written in different ways. */
	static const char *const forms[] = {"2024-01-01T00:00:%02d", "2024-01-01 00:00:%02d",
					    "2024-01-01t00:00:%02d"};
	int seconds = (int)(r % 20);
	b->mantissa[i] = (INT64_C(1704067200) + seconds) * sdp_pow10[b->scale];
	snprintf(b->text[i], TEXT, forms[r / 20 % 3], seconds);
	if (b->scale)
		snprintf(b->text[i] + 19, TEXT - 19, ".%0*d", b->scale, 0);
}

static void fill(struct column *c, uint64_t seed)
{
	for (size_t k = 0; k < BLOCKS; k++) {
		struct block *b = &c->blocks[k];
		uint64_t r = sdp_rng(seed, k, 1000);
		b->rows = r % 7 ? 1 + (size_t)(r % ROWS) : 0;
		b->scale = c->kind == DECIMALS ? 2 : (int)((r >> 8) % 5);
		if (c->kind == MIXED && r % 3 == 0)
			b->scale = SDP_KEY_REAL;
		for (size_t i = 0; i < b->rows; i++) {
			uint64_t v = sdp_rng(seed, k, i);
			b->mantissa[i] = v % 50 == 0 ? (v & 64 ? INT64_MAX : INT64_MIN)
						     : (int64_t)(v >> (v % 64));
			b->real[i] = ((double)(v % 1000) - 500) * 1e-25 + 1e-40;
			if (c->kind == TIMES)
				fill_time(b, i, v);
			else
				snprintf(b->text[i], TEXT, "%s%d", v & 1 ? "\xc3\xa9" : "x",
					 (int)(v % (seed % 2 ? 90 : 900000)));
			b->length[i] = strlen(b->text[i]);
		}
	}
}

static void add_block(struct sdp_column_summary *s, struct sdp_spill *store, const struct column *c,
		      size_t k, uint32_t limit)
{
	const struct block *b = &c->blocks[k];
	const char *texts[ROWS];
	uint64_t hashes[2 * ROWS];
	struct sdp_err err;
	int rc;
	for (size_t i = 0; i < b->rows; i++)
		texts[i] = b->text[i];
	if (c->kind == STRINGS)
		rc = sdp_column_summary_add_texts(s, store, texts, b->length, b->rows, limit,
						  hashes, &err);
	else if (c->kind == TIMES)
		rc = sdp_column_summary_add_times(s, store, b->mantissa, b->rows, b->scale, texts,
						  b->length, &err);
	else if (b->scale == SDP_KEY_REAL)
		rc = sdp_column_summary_add_reals(s, store, b->real, b->rows, &err);
	else
		rc = sdp_column_summary_add_decimals(s, store, b->mantissa, b->rows, b->scale,
						     &err);
	assert_int_equal(rc, 0);
	s->nulls += k;
	s->seen |= 1u << k % 7;
}

/* ---- figures ---- */

struct figures {
	uint64_t values, nulls, shortest, longest;
	unsigned seen;
	struct sdp_extreme_number low, high;
	char least[TEXT], greatest[TEXT];
	struct sdp_moment_result moments;
	struct sdp_quantiles_result order;
};

static void copy_text(char *to, const struct sdp_extreme_text *from)
{
	if (!from->data)
		return;
	assert_in_range(from->length, 0, TEXT - 1);
	memcpy(to, from->data, from->length);
}

static void take_number(struct sdp_extreme_number *to, const struct sdp_extreme_number *from)
{
	to->any = from->any;
	to->value = from->value;
}

/* Into zeroed bytes, so that equal figures are equal bytes (but for padding within). */
static void figures_of(const struct sdp_column_summary *s, const struct sdp_spill *store,
		       struct figures *f)
{
	static const struct sdp_probability p[] = {{1, 4}, {1, 2}, {3, 4}};
	const struct sdp_scaled_sum *scaled[SDP_SCALE_MAX + 1];
	struct sdp_err err;
	memset(f, 0, sizeof *f);
	for (int i = 0; i <= SDP_SCALE_MAX; i++)
		scaled[i] = s->scaled[i];
	f->values = s->values;
	f->nulls = s->nulls;
	f->seen = s->seen;
	f->shortest = s->shortest;
	f->longest = s->longest;
	take_number(&f->low, &s->low);
	take_number(&f->high, &s->high);
	copy_text(f->least, &s->least);
	copy_text(f->greatest, &s->greatest);
	sdp_exact_moments(scaled, s->real, &f->moments);
	assert_int_equal(sdp_quantiles_solve(&s->keys, store, 1 << 20, p, 3, &f->order, &err), 0);
}

static void same_number(const struct sdp_extreme_number *a, const struct sdp_extreme_number *b)
{
	assert_int_equal(a->any, b->any);
	assert_int_equal(a->value.kind, b->value.kind);
	assert_true(a->value.value == b->value.value);
}

static void same_double(double a, double b)
{
	assert_memory_equal(&a, &b, sizeof a);
}

static void same_figures(const struct figures *a, const struct figures *b)
{
	assert_int_equal(a->values, b->values);
	assert_int_equal(a->nulls, b->nulls);
	assert_int_equal(a->seen, b->seen);
	assert_int_equal(a->shortest, b->shortest);
	assert_int_equal(a->longest, b->longest);
	same_number(&a->low, &b->low);
	same_number(&a->high, &b->high);
	assert_memory_equal(a->least, b->least, TEXT);
	assert_memory_equal(a->greatest, b->greatest, TEXT);
	assert_int_equal(a->moments.count, b->moments.count);
	same_double(a->moments.sum, b->moments.sum);
	same_double(a->moments.mean, b->moments.mean);
	same_double(a->moments.variance, b->moments.variance);
	same_double(a->moments.stddev, b->moments.stddev);
	assert_int_equal(a->moments.has_decimal_sum, b->moments.has_decimal_sum);
	assert_true(a->moments.sum_mantissa == b->moments.sum_mantissa);
	assert_int_equal(a->order.values, b->order.values);
	assert_int_equal(a->order.unique, b->order.unique);
	for (int i = 0; i < 3; i++)
		same_double(a->order.quantile[i], b->order.quantile[i]);
}

/* ---- groupings ---- */

static struct sdp_shared_arena *arena;
static struct sdp_spill stores[PARTS];

static void merge(struct sdp_column_summary *into, struct sdp_column_summary *from, int store)
{
	struct sdp_err err;
	assert_int_equal(sdp_column_summary_merge(into, from, &stores[store], &err), 0);
}

/* Blocks in an order, and summaries merged in a tree, that seed says; 0: one after the other. */
static void summarize(const struct column *c, uint64_t seed, struct figures *f)
{
	struct sdp_column_summary parts[PARTS];
	size_t order[BLOCKS], left = PARTS;
	memset(parts, 0, sizeof parts);
	for (size_t k = 0; k < BLOCKS; k++)
		order[k] = k;
	for (size_t k = BLOCKS; seed && k > 1; k--) {
		size_t other = (size_t)sdp_rng_below(k, seed, k, 1), t = order[k - 1];
		order[k - 1] = order[other];
		order[other] = t;
	}
	for (size_t k = 0; k < BLOCKS; k++) {
		size_t part = seed ? (size_t)sdp_rng_below(PARTS, seed, k, 2) : 0;
		add_block(&parts[part], &stores[part], c, order[k], seed % 3 ? 100000 : 64);
	}
	while (left > 1) {
		size_t from = seed ? (size_t)sdp_rng_below(left, seed, left, 3) : left - 1,
		       into = (from + 1) % left;
		merge(&parts[into], &parts[from], (int)(seed % PARTS));
		parts[from] = parts[--left];
	}
	figures_of(&parts[0], &stores[0], f);
}

static void check_kind(int kind)
{
	struct column *c = malloc(sizeof *c);
	struct figures want, got;
	assert_non_null(c);
	for (uint64_t data = 1; data <= 4; data++) {
		c->kind = kind;
		fill(c, data * 10 + data);
		summarize(c, 0, &want);
		for (uint64_t seed = 1; seed <= 12; seed++) {
			summarize(c, seed, &got);
			same_figures(&got, &want);
		}
	}
	free(c);
}

static void test_groupings(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++)
		check_kind(kind);
}

static void test_identity(void **state)
{
	struct column *c = malloc(sizeof *c);
	(void)state;
	assert_non_null(c);
	for (int kind = 0; kind < KINDS; kind++) {
		struct sdp_column_summary filled = {0}, fresh = {0}, left = {0};
		struct figures want, got;
		c->kind = kind;
		fill(c, 7);
		for (size_t k = 0; k < BLOCKS; k++)
			add_block(&filled, &stores[0], c, k, 64);
		figures_of(&filled, &stores[0], &want);
		merge(&filled, &fresh, 0);
		figures_of(&filled, &stores[0], &got);
		same_figures(&got, &want);
		merge(&left, &filled, 0);
		figures_of(&left, &stores[0], &got);
		same_figures(&got, &want);
	}
	free(c);
}

/* ---- what they are ---- */

static void add(struct sdp_column_summary *s, int64_t v, int scale)
{
	struct sdp_err err;
	assert_int_equal(sdp_column_summary_add_decimals(s, &stores[0], &v, 1, scale, &err), 0);
}

static void number_is(const struct sdp_extreme_number *n, int64_t value, int kind)
{
	assert_true(n->any && n->value.value == value);
	assert_int_equal(n->value.kind, kind);
}

/* 1, 1.0 and 1.00 are one value, in whatever order they come. */
static void test_one_value_of_many_scales(void **state)
{
	(void)state;
	for (int first = 0; first < 4; first++) {
		struct sdp_column_summary s = {0};
		struct figures f;
		for (int k = 0; k < 4; k++) {
			int scale = (first + k) % 4 * 6;
			add(&s, sdp_pow10[scale], scale);
		}
		figures_of(&s, &stores[0], &f);
		assert_int_equal(f.order.unique, 1);
		number_is(&s.low, 1, 0);
		number_is(&s.high, 1, 0);
		assert_true(f.moments.sum == 4 && f.moments.stddev == 0 &&
			    f.order.quantile[1] == 1);
	}
}

static void test_extremes(void **state)
{
	static const int64_t values[] = {0, INT64_MAX, INT64_MIN, -1, 1};
	struct sdp_column_summary s = {0};
	struct figures f;
	struct sdp_err err;
	(void)state;
	assert_int_equal(sdp_column_summary_add_decimals(&s, &stores[0], values, 5, 0, &err), 0);
	number_is(&s.low, INT64_MIN, 0);
	number_is(&s.high, INT64_MAX, 0);
	figures_of(&s, &stores[0], &f);
	assert_true(f.moments.has_decimal_sum && f.moments.sum_mantissa == -1);
	assert_int_equal(f.order.unique, 5);
	assert_true(f.order.quantile[1] == 0 && f.order.quantile[2] == 1);
	/* A tenth of them lies within, ten times the size without. */
	add(&s, INT64_MAX, 1);
	number_is(&s.high, INT64_MAX, 0);
	double huge = 1e300;
	assert_int_equal(sdp_column_summary_add_reals(&s, &stores[0], &huge, 1, &err), 0);
	number_is(&s.high, sdp_key_of_double(1e300), SDP_KEY_REAL);
	number_is(&s.low, INT64_MIN, 0);
	double tiny = -1e-300;
	struct sdp_column_summary t = {0};
	assert_int_equal(sdp_column_summary_add_reals(&t, &stores[0], &tiny, 1, &err), 0);
	add(&t, 0, 0);
	number_is(&t.low, sdp_key_of_double(-1e-300), SDP_KEY_REAL);
	number_is(&t.high, 0, 0);
	add(&t, -1, 18);
	number_is(&t.low, -1, 18);
}

static void text_is(const struct sdp_extreme_text *t, const char *want)
{
	assert_non_null(t->data);
	assert_int_equal(t->length, strlen(want));
	assert_memory_equal(t->data, want, t->length);
}

static void add_time(struct sdp_column_summary *s, int64_t v, int scale, const char *text)
{
	struct sdp_err err;
	size_t length = strlen(text);
	assert_int_equal(sdp_column_summary_add_times(s, &stores[0], &v, 1, scale, &text, &length,
						      &err),
			 0);
}

static void test_ties_of_times(void **state)
{
	static const struct {
		int64_t v;
		int scale;
		const char *text;
	} times[] = {
		{100, 0, "m"},    {1000, 1, "k"}, {100, 0, "l"}, {200, 0, "b"},
		{20000, 2, "bb"}, {200, 0, "a"},  {150, 0, "0"},
	};
	(void)state;
	for (size_t first = 0; first < 7; first++)
		for (size_t step = 1; step < 7; step++) {
			struct sdp_column_summary s = {0}, other = {0};
			for (size_t k = 0; k < 7; k++) {
				size_t i = (first + k * step) % 7;
				add_time(k % 2 ? &other : &s, times[i].v, times[i].scale,
					 times[i].text);
			}
			merge(&s, &other, 0);
			assert_true(s.first.any && s.first.second == 100 && s.first.nano == 0);
			assert_true(s.last.any && s.last.second == 200 && s.last.nano == 0);
			text_is(&s.least, "k");
			text_is(&s.greatest, "a");
		}
}

static void add_far(struct sdp_column_summary *s, int64_t second, uint32_t nano, const char *text)
{
	struct sdp_err err;
	size_t length = strlen(text);
	assert_int_equal(sdp_column_summary_add_far_times(s, &stores[0], &second, &nano, 1, &text,
							  &length, &err),
			 0);
}

/* Times that do not fit 64 bits are compared with those that do. */
static void test_far_times(void **state)
{
	static const int64_t last = INT64_C(253402300799), first = INT64_C(-62167219200);
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct sdp_column_summary s = {0}, other = {0};
		struct sdp_quantiles_result far;
		struct sdp_err err;
		add_time(&s, last, 0, "whole");
		add_time(&s, first * 10 + 1, 1, "tenth");
		add_far(&s, last, 999999999, "last");
		add_far(&s, last, 999999998, "before");
		add_far(&other, last, 999999999, "equal");
		add_far(&other, first, 1, "first");
		add_time(&other, 5, 0, "x");
		merge(order ? &other : &s, order ? &s : &other, 0);
		if (order)
			s = other;
		text_is(&s.least, "first");
		text_is(&s.greatest, "equal"); /* of "last" and "equal" */
		assert_true(s.first.second == first && s.first.nano == 1);
		assert_int_equal(s.values, 7);
		assert_int_equal(sdp_quantiles_solve(&s.far_times, &stores[0], 1 << 20, NULL, 0,
						     &far, &err),
				 0);
		assert_int_equal(far.unique, 3);
	}
}

/* The same within a block. */
static void test_ties_in_a_block(void **state)
{
	static const int64_t v[] = {7, 5, 7, 5, 7, 5, 6};
	static const size_t lengths[] = {1, 1, 1, 1, 1, 2, 1};
	const char *const texts[] = {"y", "c", "x", "b", "z", "ba", "a"};
	(void)state;
	for (size_t at = 0; at < 4; at++) {
		struct sdp_column_summary s = {0};
		struct sdp_err err;
		assert_int_equal(sdp_column_summary_add_times(&s, &stores[0], v + at, 7 - at, 0,
							      texts + at, lengths + at, &err),
				 0);
		text_is(&s.least, "b");
		text_is(&s.greatest, at < 3 ? "x" : "z");
	}
}

static void add_text(struct sdp_column_summary *s, const char *text)
{
	struct sdp_err err;
	uint64_t hashes[2];
	size_t length = strlen(text);
	assert_int_equal(sdp_column_summary_add_texts(s, &stores[0], &text, &length, 1, 4, hashes,
						      &err),
			 0);
}

static void test_strings(void **state)
{
	static const char *const texts[] = {"b",   "",  "\xc3\xa9\xc3\xa9",
					    "ab",  "a", "\xf0\x9f\x98\x80",
					    "abc", "b"};
	struct sdp_column_summary s = {0}, t = {0};
	struct figures f;
	(void)state;
	for (size_t i = 0; i < 8; i++)
		add_text(&s, texts[i]);
	text_is(&s.least, "");
	text_is(&s.greatest, "\xf0\x9f\x98\x80");
	assert_int_equal(s.shortest, 0);
	assert_int_equal(s.longest, 3);
	figures_of(&s, &stores[0], &f);
	assert_int_equal(f.order.unique, 7);
	assert_int_equal(f.values, 8);
	/* Bytes compare unsigned; a prefix comes first; lengths merge as they ought to. */
	add_text(&t, "zz");
	add_text(&t, "zzzz");
	assert_int_equal(t.shortest, 2);
	merge(&t, &s, 0);
	text_is(&t.least, "");
	text_is(&t.greatest, "\xf0\x9f\x98\x80");
	assert_int_equal(t.shortest, 0);
	assert_int_equal(t.longest, 4);
}

static int setup(void **state)
{
	struct sdp_err err;
	(void)state;
	arena = sdp_shared_arena_new(PARTS, &err);
	if (!arena || sdp_spill_init(&stores[0], arena, -1, "", 0, &err) < 0)
		return -1;
	for (int i = 1; i < PARTS; i++) {
		stores[i] = stores[0];
		stores[i].owner = i;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sdp_shared_arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groupings),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_one_value_of_many_scales),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_ties_of_times),
		cmocka_unit_test(test_ties_in_a_block),
		cmocka_unit_test(test_far_times),
		cmocka_unit_test(test_strings),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

/* Tests bucket tables: every grouping and order of blocks gives the same, correct aggregates. */
#include "base/rng.h"
#include "model/timeseries/aggregates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 24, ROWS = 200, GROUPS = 3, BUCKETS = 5, PARTS = 4 };

struct block {
	size_t rows;
	int64_t start[ROWS], mantissa[ROWS];
	uint32_t nano[ROWS], group[ROWS], used[ROWS];
	uint8_t scale[ROWS];
	double real[ROWS];
};

struct data {
	struct block blocks[BLOCKS];
	struct sdp_shared_arena *arena;
	struct sdp_spill store;
	struct sdp_bucket_table_plan plan;
	struct sdp_aggregate_list list;
};

static const char *const keys[GROUPS] = {"a", "", "group"};

static struct data *new_data(uint64_t seed, uint64_t memory)
{
	struct sdp_err err;
	struct data *d = calloc(1, sizeof *d);
	d->arena = sdp_shared_arena_new(1, &err);
	assert_int_equal(sdp_spill_init(&d->store, d->arena, -1, "", 0, &err), 0);
	assert_int_equal(sdp_aggregate_list_init(
				 &d->list,
				 "count,sum,mean,stddev,min,max,range,first,last,median,q10,unique",
				 &err),
			 0);
	d->plan = (struct sdp_bucket_table_plan){.columns = 1,
						 .ends = true,
						 .keys = true,
						 .step = 10,
						 .memory = memory};
	for (size_t k = 0; k < BLOCKS; k++) {
		struct block *b = &d->blocks[k];
		b->rows = 1 + (size_t)(sdp_rng(seed, k, 999) % ROWS);
		for (size_t i = 0; i < b->rows; i++) {
			uint64_t r = sdp_rng(seed, k, i);
			b->start[i] = 10 * (int64_t)(r % BUCKETS) - 20;
			b->nano[i] = (uint32_t)(r >> 8) % 7;
			b->group[i] = (uint32_t)(r >> 16) % GROUPS;
			b->mantissa[i] = (int64_t)(r >> 24) % 2000 - 1000;
			b->scale[i] = k % 3 == 0 ? 2 : (uint8_t)((r >> 40) % 4);
			if (k % 3 == 1 && (r >> 44) % 5 == 0)
				b->scale[i] = (r >> 50) % 2 ? SDP_BUCKET_TABLE_REAL : 0xff;
			b->real[i] = (double)b->mantissa[i] * 0x1p-30;
			b->used[i] = (uint32_t)i;
		}
	}
	return d;
}

static void free_data(struct data *d)
{
	sdp_shared_arena_free(d->arena);
	free(d);
}

static double as_double(struct sdp_aggregate f)
{
	return f.kind == SDP_AGGREGATE_NONE ? NAN : sdp_value_double(sdp_aggregate_number(f));
}

static int add_block(struct data *d, struct sdp_bucket_table *s, const struct block *b,
		     struct sdp_err *err)
{
	static uint32_t order[ROWS], local[ROWS], ends[ROWS], group[ROWS];
	static struct sdp_slot *slots[ROWS];
	static int64_t room[ROWS];
	struct sdp_placing p = {.order = order, .local = local, .ends = ends, .slots = slots};
	struct sdp_map_memory memory = sdp_map_spill(&d->store);
	for (size_t i = 0; i < b->rows; i++) {
		const char *key = keys[b->group[i]];
		group[i] = (uint32_t)sdp_map_enter(&s->groups, key, strlen(key), &memory, err);
		assert_true(group[i] < s->groups.count);
	}
	struct sdp_bucket_table_rows rows = {b->rows, b->used, b->start, b->nano, group};
	struct sdp_bucket_table_column c =
		{b->mantissa, b->scale, b->real,  false,   b->scale[0] == 2 && b == &d->blocks[0],
		 0,           3,        b->start, b->nano, room};
	if (c.plain)
		c.low_scale = c.high_scale = 2;
	if (sdp_bucket_table_place(s, &d->plan, &d->store, &rows, &p, err) < 0)
		return -1;
	return sdp_bucket_table_add(&d->plan, &d->store, &p, 0, &c, err);
}

static struct sdp_slot *find(const struct sdp_bucket_table *s, int64_t start, const char *key)
{
	for (size_t i = 0; i < s->capacity; i++)
		if (s->table[i] && s->table[i]->start == start &&
		    strcmp(s->groups.entries[s->table[i]->group].key, key) == 0)
			return s->table[i];
	return NULL;
}

/* The figures of all buckets and groups. */
static void figures_of(struct data *d, struct sdp_bucket_table *s, struct sdp_aggregate *out)
{
	struct sdp_err err;
	assert_int_equal(s->groups.count, GROUPS);
	assert_int_equal(s->count, GROUPS * BUCKETS);
	for (int64_t b = 0; b < BUCKETS; b++)
		for (size_t g = 0; g < GROUPS; g++, out += d->list.count + 1) {
			struct sdp_slot *slot = find(s, 10 * b - 20, keys[g]);
			assert_non_null(slot);
			assert_int_equal(sdp_aggregates_make(&d->list, &d->plan, slot, 0, &d->store,
							     1 << 20, out, &err),
					 0);
		}
}

static void grouping_and_order_are_nothing(void **state)
{
	(void)state;
	enum { EACH = 13 };
	struct sdp_err err;
	struct sdp_aggregate want[BUCKETS * GROUPS * EACH], got[BUCKETS * GROUPS * EACH];
	for (uint64_t trial = 0; trial < 20; trial++) {
		struct data *d = new_data(7, UINT64_MAX);
		struct sdp_bucket_table parts[PARTS] = {{0}};
		assert_int_equal(d->list.count + 1, EACH);
		for (size_t k = 0; k < BLOCKS; k++) {
			size_t part = trial ? sdp_rng(trial, 1, k) % PARTS : 0,
			       block = trial ? (k * 7 + trial) % BLOCKS : k;
			assert_int_equal(add_block(d, &parts[part], &d->blocks[block], &err), 0);
		}
		for (size_t i = PARTS - 1; i > 0; i--)
			assert_int_equal(sdp_bucket_table_merge(&parts[i - 1], &parts[i], &d->plan,
								&d->store, &err),
					 0);
		memset(got, 0, sizeof got);
		figures_of(d, &parts[0], got);
		for (size_t i = 0; trial && i < BUCKETS * GROUPS * EACH; i++) {
			assert_int_equal(got[i].kind, want[i].kind);
			assert_int_equal(got[i].of.integer, want[i].of.integer);
		}
		if (trial == 0)
			memcpy(want, got, sizeof want);
		free_data(d);
	}
}

/* One bucket of one group against the plain way. */
static void figures_are_right(void **state)
{
	(void)state;
	struct sdp_err err;
	struct sdp_aggregate f[BUCKETS * GROUPS * 13];
	struct data *d = new_data(3, UINT64_MAX);
	struct sdp_bucket_table s = {0};
	for (size_t k = 0; k < BLOCKS; k++)
		assert_int_equal(add_block(d, &s, &d->blocks[k], &err), 0);
	memset(f, 0, sizeof f);
	figures_of(d, &s, f);
	for (size_t at = 0; at < BUCKETS * GROUPS; at++) {
		int64_t start = 10 * (int64_t)(at / GROUPS) - 20;
		double sum = 0, low = INFINITY, high = -INFINITY, first = NAN, last = NAN;
		uint32_t early = UINT32_MAX, late = 0;
		int64_t count = 0;
		for (size_t k = 0; k < BLOCKS; k++)
			for (size_t i = 0; i < d->blocks[k].rows; i++) {
				const struct block *b = &d->blocks[k];
				if (b->start[i] != start || b->group[i] != at % GROUPS ||
				    b->scale[i] == 0xff)
					continue;
				double v = b->scale[i] == SDP_BUCKET_TABLE_REAL
						   ? b->real[i]
						   : (double)b->mantissa[i] /
							     (double)sdp_pow10[b->scale[i]];
				sum += v;
				low = fmin(low, v);
				high = fmax(high, v);
				first = b->nano[i] < early || (b->nano[i] == early && v < first)
						? v
						: first;
				early = b->nano[i] < early ? b->nano[i] : early;
				last = count == 0 || b->nano[i] > late ||
						       (b->nano[i] == late && v < last)
					       ? v
					       : last;
				late = b->nano[i] > late ? b->nano[i] : late;
				count++;
			}
		const struct sdp_aggregate *row = f + 13 * at;
		assert_int_equal(row[0].of.integer, count);
		assert_int_equal(row[12].of.integer, count);
		assert_true(fabs(as_double(row[1]) - sum) < 1e-9);
		assert_true(as_double(row[4]) == low);
		assert_true(as_double(row[5]) == high);
		assert_true(as_double(row[7]) == first);
		assert_true(as_double(row[8]) == last);
	}
	free_data(d);
}

static void memory_ends(void **state)
{
	(void)state;
	struct sdp_err err;
	struct data *d = new_data(3, 0);
	struct sdp_bucket_table s = {0};
	assert_int_equal(add_block(d, &s, &d->blocks[0], &err), -1);
	assert_int_equal(err.code, SDP_SYSTEM);
	free_data(d);
}

static double difference(struct sdp_value a, struct sdp_value b)
{
	struct sdp_err err;
	struct sdp_value d;
	struct data *data = new_data(3, 1 << 20);
	assert_int_equal(sdp_value_subtract(&d, &data->store, a, b, &err), 0);
	double rounded = sdp_value_double(d);
	free_data(data);
	return rounded;
}

static void differences_are_rounded_once(void **state)
{
	(void)state;
	struct sdp_value a = {1, 3}, b = {2, 10}, big = {0, INT64_MAX}, low = {0, INT64_MIN};
	struct sdp_value real = {SDP_KEY_REAL, sdp_key_of_double(0x1p-30)};
	assert_true(difference(a, b) == 0.2);
	assert_true(difference(a, a) == 0);
	assert_true(difference(big, low) == 0x1p64);
	assert_true(difference(real, real) == 0);
	assert_true(difference((struct sdp_value){0, 1}, real) == 1 - 0x1p-30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grouping_and_order_are_nothing),
		cmocka_unit_test(figures_are_right),
		cmocka_unit_test(memory_ends),
		cmocka_unit_test(differences_are_rounded_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

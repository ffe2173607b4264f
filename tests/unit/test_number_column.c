/*
 * Tests number columns: compares the fast kernel with sdp_number_parse cell by cell, on a million
 * random cells that are numbers or almost numbers, and aligns decimals to one scale.
 */
#include "base/rng.h"
#include "sdp/block.h"
#include "sdp/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1000, CELL = 64 };

static uint64_t below(uint64_t n, uint64_t seed, uint64_t draw)
{
	return sdp_rng_below(n, 5, seed, draw);
}

/* ---- cells ---- */

struct text {
	char s[CELL];
	size_t n;
};

static void put(struct text *t, const char *s)
{
	for (; *s; s++)
		t->s[t->n++] = *s;
}

static void put_digits(struct text *t, size_t count, uint64_t seed, uint64_t draw)
{
	for (size_t i = 0; i < count; i++)
		t->s[t->n++] = (char)('0' + sdp_rng(7, seed, draw + i) % 10);
}

/* Sign, digits, point, digits; any part may be missing. */
static void plain_number(struct text *t, uint64_t seed, char point)
{
	static const char *const signs[] = {"", "", "", "-", "-", "+", "--", "+-"};
	size_t before = (size_t)below(seed % 3 ? 8 : 21, seed, 1),
	       behind = (size_t)below(seed % 3 ? 8 : 21, seed, 2);
	put(t, signs[below(8, seed, 3) % (below(9, seed, 4) ? 6 : 8)]);
	if (below(10, seed, 5) == 0)
		put(t, "0");
	put_digits(t, before, seed, 100);
	if (below(2, seed, 6)) {
		t->s[t->n++] = point;
		put_digits(t, behind, seed, 200);
	}
}

static void exponent(struct text *t, uint64_t seed)
{
	put(t, below(2, seed, 10) ? "e" : "E");
	put(t, (const char *const[]){"", "-", "+"}[below(3, seed, 11)]);
	put_digits(t, (size_t)below(4, seed, 12), seed, 300);
}

/* One byte of it replaced by a near miss. */
static void damage(struct text *t, uint64_t seed)
{
	static const char bytes[] = "/:.,-+ eE\t\x80\xff\xb0x0";
	if (t->n)
		t->s[below(t->n, seed, 20)] = bytes[below(sizeof bytes - 1, seed, 21)];
}

static void random_cell(struct text *t, uint64_t seed, char point)
{
	static const char *const words[] = {"",
					    "NA",
					    "NaN",
					    "null",
					    "-999",
					    "0",
					    "-0",
					    "+0.0",
					    "-",
					    "+",
					    ".",
					    "-.",
					    "0.",
					    ".0",
					    "00",
					    "0.00",
					    "-00.5",
					    "true",
					    "inf",
					    "9223372036854775807",
					    "-9223372036854775808",
					    "9223372036854775808",
					    "0.000000000000000001",
					    "0.0000000000000000001",
					    "9999999999999999",
					    "99999999999999999",
					    "2024-01-01",
					    "1e400",
					    "1e-400",
					    "x"};
	uint64_t kind = below(20, seed, 0);
	t->n = 0;
	if (kind == 0) {
		put(t, words[below(sizeof words / sizeof *words, seed, 30)]);
		return;
	}
	if (kind == 1)
		put(t, below(2, seed, 31) ? " " : "\t ");
	plain_number(t, seed, point);
	if (kind == 2 || kind == 1)
		put(t, " ");
	if (kind == 3)
		exponent(t, seed);
	if (kind == 4 || kind == 5)
		damage(t, seed);
}

/* ---- a block of them ---- */

struct table {
	struct sdp_schema schema;
	struct sdp_column columns[2];
	struct sdp_block block;
	struct sdp_buf text;
	uint32_t ends[2 * ROWS + 1];
	struct text cells[ROWS];
};

static void add(struct sdp_buf *b, const char *bytes, size_t n)
{
	struct sdp_err err;
	assert_int_equal(sdp_buf_add(b, bytes, n, &err), 0);
}

static void table_start(struct table *t, const char *na, char point)
{
	struct sdp_err err;
	t->columns[0].name = "a";
	t->columns[1].name = "b";
	t->schema = (struct sdp_schema){.columns = t->columns,
					.count = 2,
					.dialect = {';', '"', '\0'},
					.decimal = point};
	assert_int_equal(sdp_nulls_init(&t->schema.nulls, na, point, &err), 0);
}

/* Column 0 is one letter; column 1 is what cells has, quoted, or with CR behind, now and then. */
static void table_fill(struct table *t, uint64_t seed)
{
	t->text.length = 0;
	t->ends[0] = UINT32_MAX;
	for (size_t i = 0; i < ROWS; i++) {
		const struct text *c = &t->cells[i];
		bool quoted = below(8, seed + i, 40) == 0;
		add(&t->text, "a;", 2);
		t->ends[2 * i + 1] = (uint32_t)t->text.length - 1;
		add(&t->text, "\"", quoted);
		add(&t->text, c->s, c->n);
		add(&t->text, "\"", quoted);
		add(&t->text, "\r", below(8, seed + i, 41) == 0);
		t->ends[2 * i + 2] = (uint32_t)t->text.length;
		add(&t->text, "\n", 1);
	}
	/* As block.h has it, 16 bytes behind a cell may be read. */
	add(&t->text, "7777777777777777", 16);
	t->block = (struct sdp_block){.schema = &t->schema,
				      .file = "f",
				      .rows = ROWS,
				      .columns = 2,
				      .first_record = 2,
				      .text = t->text.data,
				      .ends = t->ends + 1,
				      .quote = '"',
				      .low = '"'};
}

struct count {
	size_t nulls, reals, others, decimals;
	unsigned seen, scales;
};

static void check_number(const struct text *c, const struct sdp_number *want,
			 const struct sdp_number_column *n, size_t row, struct count *count)
{
	if (want->kind == SDP_NUMBER_NONE) {
		assert_int_equal(n->scale[row], SDP_CELL_OTHER);
		count->others++;
		return;
	}
	if (want->kind == SDP_NUMBER_REAL || want->wide) {
		assert_int_equal(n->scale[row], SDP_CELL_REAL);
		assert_true(n->real[row] == want->real);
		count->reals++;
		return;
	}
	assert_in_range(n->scale[row], 0, 18);
	if (sdp_decimal_compare(n->mantissa[row], n->scale[row], want->mantissa, want->scale) != 0)
		fail_msg("'%.*s': %lld / 10^%d", (int)c->n, c->s, (long long)n->mantissa[row],
			 n->scale[row]);
	count->scales |= 1u << n->scale[row];
	count->decimals++;
}

static void check_block(const struct table *t, const struct sdp_number_column *n, char point)
{
	struct count count = {0};
	assert_int_equal(n->rows, ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		const struct text *c = &t->cells[row];
		struct sdp_number want;
		size_t length;
		/* Blanks around a cell that is not quoted have no meaning. */
		const char *s = sdp_block_cell(&t->block, row, 1, &length);
		if (sdp_is_null(&t->schema.nulls, s, length)) {
			assert_int_equal(n->scale[row], SDP_CELL_NULL);
			count.nulls++;
			continue;
		}
		sdp_number_parse(c->s, c->n, point, &want);
		check_number(c, &want, n, row, &count);
		count.seen |= sdp_cell_seen(c->s, c->n, point, 0);
	}
	assert_int_equal(n->nulls, count.nulls);
	assert_int_equal(n->reals, count.reals);
	assert_int_equal(n->others, count.others);
	assert_int_equal(n->seen, count.seen);
	assert_int_equal(n->max_scale, count.scales ? 31 - __builtin_clz(count.scales) : 0);
	assert_int_equal(n->one_scale, (count.scales & (count.scales - 1)) == 0);
}

static void many_cells(const char *na, char point, uint64_t from, uint64_t blocks)
{
	struct table *t = calloc(1, sizeof *t);
	struct sdp_number_column numbers = {0};
	struct sdp_err err;
	assert_non_null(t);
	table_start(t, na, point);
	for (uint64_t b = from; b < from + blocks; b++) {
		for (uint64_t i = 0; i < ROWS; i++)
			random_cell(&t->cells[i], b * ROWS + i, point);
		table_fill(t, b * ROWS);
		assert_int_equal(sdp_block_numbers(&t->block, 1, &numbers, &err), 0);
		check_block(t, &numbers, point);
	}
	sdp_number_column_release(&numbers);
	sdp_buf_release(&t->text);
	free(t);
}

static void test_a_million_cells(void **state)
{
	(void)state;
	many_cells(NULL, '.', 0, 800);
	many_cells(NULL, ',', 800, 150);
	many_cells("-999,NA", '.', 950, 40);
	many_cells("", '.', 990, 10);
}

/* Every length from 1 to 20 digits with the point at every place, each sign, each way to pad. */
static void test_every_shape(void **state)
{
	struct table *t = calloc(1, sizeof *t);
	struct sdp_number_column numbers = {0};
	struct sdp_err err;
	size_t row = 0;
	(void)state;
	assert_non_null(t);
	table_start(t, NULL, '.');
	for (uint64_t round = 0; round < 40; round++)
		for (size_t digits = 0; digits <= 20; digits++)
			for (size_t point = 0; point <= digits + 1; point++) {
				struct text *c = &t->cells[row++];
				c->n = 0;
				put(c, (const char *const[]){"", "-", "+", " -"}[round % 4]);
				size_t first = c->n;
				put_digits(c, digits, round * 1000 + digits * 30 + point, 0);
				if (point <= digits) {
					memmove(c->s + first + point + 1, c->s + first + point,
						digits - point);
					c->s[first + point] = '.';
					c->n++;
				}
				if (row < ROWS)
					continue;
				table_fill(t, round);
				assert_int_equal(sdp_block_numbers(&t->block, 1, &numbers, &err),
						 0);
				check_block(t, &numbers, '.');
				row = 0;
			}
	sdp_number_column_release(&numbers);
	sdp_buf_release(&t->text);
	free(t);
}

/* ---- times of a block ---- */

static void test_times(void **state)
{
	static const char *const cells[] =
		{"2024-01-01", "NA", "", "2024-01-01T00:00:00.5", "x", "7", "1970-01-01 00:00Z"};
	struct table *t = calloc(1, sizeof *t);
	struct sdp_number_column n = {0};
	struct sdp_err err;
	(void)state;
	assert_non_null(t);
	table_start(t, NULL, '.');
	for (size_t i = 0; i < ROWS; i++) {
		t->cells[i].n = 0;
		put(&t->cells[i], cells[i % 7]);
	}
	table_fill(t, 1);
	assert_int_equal(sdp_block_times(&t->block, 1, &n, &err), 0);
	assert_int_equal(n.mantissa[0], INT64_C(1704067200));
	assert_int_equal(n.scale[1], SDP_CELL_NULL);
	assert_int_equal(n.scale[2], SDP_CELL_NULL);
	assert_int_equal(n.mantissa[3], INT64_C(17040672005));
	assert_int_equal(n.scale[3], 1);
	assert_int_equal(n.scale[4], SDP_CELL_OTHER);
	assert_int_equal(n.scale[5], SDP_CELL_OTHER);
	assert_int_equal(n.mantissa[6], 0);
	assert_int_equal(n.seen, SDP_SEEN_DATE | SDP_SEEN_LOCAL | SDP_SEEN_ZONED | SDP_SEEN_STRING |
					 SDP_SEEN_INTEGER);
	assert_int_equal(n.nulls, 286);
	assert_int_equal(n.others, 286);
	assert_int_equal(n.max_scale, 1);
	assert_false(n.one_scale);
	assert_true(sdp_number_column_align(&n));
	assert_int_equal(n.mantissa[0], INT64_C(17040672000));
	assert_int_equal(n.scale[1], SDP_CELL_NULL);
	sdp_number_column_release(&n);
	sdp_buf_release(&t->text);
	free(t);
}

/* ---- one scale ---- */

static void test_align(void **state)
{
	int64_t mantissa[4] = {15, -2, 7, 123}, kept[4];
	uint8_t scale[4] = {1, 0, SDP_CELL_REAL, 3};
	struct sdp_number_column n = {.rows = 4,
				      .mantissa = mantissa,
				      .scale = scale,
				      .max_scale = 3};
	(void)state;
	assert_true(sdp_number_column_align(&n));
	assert_true(n.one_scale);
	assert_int_equal(mantissa[0], 1500);
	assert_int_equal(mantissa[1], -2000);
	assert_int_equal(mantissa[2], 7);
	assert_int_equal(mantissa[3], 123);
	assert_int_equal(scale[0], 3);
	assert_int_equal(scale[2], SDP_CELL_REAL);
	/* The extremes fit exactly or not at all; then nothing changes. */
	for (int64_t off = 0; off < 2; off++) {
		mantissa[0] = INT64_MIN / 1000 - off;
		mantissa[1] = INT64_MAX / 1000;
		scale[0] = scale[1] = 0;
		memcpy(kept, mantissa, sizeof kept);
		n.one_scale = false;
		assert_int_equal(sdp_number_column_align(&n), off == 0);
		assert_int_equal(n.one_scale, off == 0);
		assert_true(mantissa[0] == (off ? kept[0] : kept[0] * 1000));
		assert_true(mantissa[1] == (off ? kept[1] : kept[1] * 1000));
		assert_int_equal(scale[0], off ? 0 : 3);
	}
	mantissa[0] = 0;
	mantissa[1] = INT64_MAX / 1000 + 1;
	n.one_scale = false;
	assert_false(sdp_number_column_align(&n));
	n.one_scale = true;
	assert_true(sdp_number_column_align(&n));
	/*
	 * Zeros that every value ends in are no part of it: not of one scale, of several, of too
	 * many.
	 */
	static const struct {
		int64_t mantissa[2];
		uint8_t scale[2], result;
	} padded[] = {
		{{1500, 250}, {3, 3}, 2},
		{{1500, 0}, {3, 0}, 1},
		{{0, 0}, {5, 5}, 0},
		{{INT64_MAX / 10, 500000}, {0, 6}, 1},
	};
	for (size_t i = 0; i < sizeof padded / sizeof *padded; i++) {
		memcpy(mantissa, padded[i].mantissa, sizeof padded[i].mantissa);
		memcpy(scale, padded[i].scale, sizeof padded[i].scale);
		n = (struct sdp_number_column){.rows = 2,
					       .mantissa = mantissa,
					       .scale = scale,
					       .max_scale =
						       scale[0] > scale[1] ? scale[0] : scale[1],
					       .one_scale = scale[0] == scale[1]};
		assert_true(sdp_number_column_align(&n));
		assert_int_equal(n.max_scale, padded[i].result);
		assert_int_equal(scale[0], padded[i].result);
		assert_int_equal(sdp_decimal_compare(mantissa[1], scale[1], padded[i].mantissa[1],
						     padded[i].scale[1]),
				 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_million_cells),
		cmocka_unit_test(test_every_shape),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_align),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

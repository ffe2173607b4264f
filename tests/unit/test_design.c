/* Tests the design's columns of formula terms, with a frame that was written by hand. */
#include "engine/design.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 4 };

static const struct sdp_text levels[] = {{"u", 1}, {"v", 1}, {"w", 1}},
			     truths[] = {{"false", 5}, {"true", 4}};

/* y, a and the levels c (v is the reference) and t. */
static struct sdp_frame_column columns[] = {
	{.name = "y", .role = SDP_FRAME_NUMBER, .log2_most = 7},
	{.name = "a", .role = SDP_FRAME_NUMBER, .log2_most = 4, .tens = 1},
	{.name = "c", .role = SDP_FRAME_LEVEL, .levels = levels, .level_count = 3, .reference = 1},
	{.name = "t", .role = SDP_FRAME_LEVEL, .levels = truths, .level_count = 2},
};

static struct sdp_term terms[] = {
	{.kind = SDP_TERM_COLUMN, .degree = 1, .factor = {1}, .name = "a"},
	{.kind = SDP_TERM_COLUMN, .degree = 1, .factor = {2}, .name = "c"},
	{.kind = SDP_TERM_PRODUCT, .degree = 3, .factor = {1, 1, 2}, .name = "a^2*c"},
	{.kind = SDP_TERM_PRODUCT, .degree = 2, .factor = {3, 2}, .name = "t*c"},
	{.kind = SDP_TERM_PRODUCT, .degree = 2, .factor = {1, 1}, .name = "a*a"},
	{.kind = SDP_TERM_SQRT, .degree = 1, .factor = {1}, .name = "sqrt(a)"},
};

static const double a[ROWS] = {0.25, 1, 1.5, 0}, c[ROWS] = {0, 1, 2, 2}, t[ROWS] = {1, 1, 0, 1};

static const struct {
	const char *name;
	double values[ROWS];
} wanted[] = {
	{"(intercept)", {1, 1, 1, 1}},  {"a", {0.25, 1, 1.5, 0}},
	{"c=u", {1, 0, 0, 0}},          {"c=w", {0, 0, 1, 1}},
	{"a^2*c=u", {0.0625, 0, 0, 0}}, {"a^2*c=w", {0, 0, 2.25, 0}},
	{"t=true*c=u", {1, 0, 0, 0}},   {"t=true*c=w", {0, 0, 0, 1}},
	{"a*a", {0.0625, 1, 2.25, 0}},  {"sqrt(a)", {0.5, 1, 0x1.3988e1409212ep+0, 0}},
};
enum { WANTED = sizeof wanted / sizeof *wanted };

static struct sdp_shared_arena *arena;
static struct sdp_spill store;
static struct sdp_err err;

static int open_store(void **state)
{
	(void)state;
	arena = sdp_shared_arena_new(1, &err);
	return sdp_spill_init(&store, arena, -1, "", UINT64_MAX, &err);
}

static int close_store(void **state)
{
	(void)state;
	sdp_shared_arena_free(arena);
	return 0;
}

static void test_columns(void **state)
{
	struct sdp_frame frame = {.columns = columns,
				  .column_count = 4,
				  .terms = terms,
				  .term_count = 6};
	const double *values[] = {NULL, a, c, t};
	double out[WANTED][ROWS];
	(void)state;
	struct sdp_design *d = sdp_design_new(&frame, true, &store, &err);
	assert_non_null(d);
	assert_int_equal(d->count, WANTED);
	struct sdp_design_cells cells = {.values = values};
	sdp_design_values(d, &cells, 0, ROWS, out[0], ROWS);
	for (size_t i = 0; i < WANTED; i++) {
		assert_string_equal(d->columns[i].name, wanted[i].name);
		for (size_t row = 0; row < ROWS; row++)
			if (out[i][row] != wanted[i].values[row])
				fail_msg("%s of row %zu: %.17g", wanted[i].name, row, out[i][row]);
	}
	/* The unit of a product is that of its numbers: a has one decimal, levels have none. */
	assert_int_equal(d->columns[1].tens, 1);
	assert_int_equal(d->columns[4].tens, 2);
	assert_int_equal(d->columns[6].tens, 0);
	assert_int_equal(d->columns[WANTED].limb,
			 d->columns[WANTED - 1].limb + d->columns[WANTED - 1].limbs);
}

static void test_none(void **state)
{
	static const struct sdp_text one[] = {{"only", 4}};
	struct sdp_frame_column alone[] =
		{columns[0],
		 columns[1],
		 {.name = "c", .role = SDP_FRAME_LEVEL, .levels = one, .level_count = 1}};
	struct sdp_frame frame = {.columns = alone,
				  .column_count = 3,
				  .terms = terms + 1,
				  .term_count = 2};
	(void)state;
	struct sdp_design *d = sdp_design_new(&frame, true, &store, &err);
	assert_non_null(d);
	assert_int_equal(d->count, 1);
	assert_null(sdp_design_new(&frame, false, &store, &err));
	assert_string_equal(err.text, "there is neither a feature nor an intercept");
}

static void test_too_many(void **state)
{
	static struct sdp_text many[SDP_DESIGN_COLUMNS + 2];
	struct sdp_frame_column crowd[] = {columns[0],
					   columns[1],
					   {.name = "c",
					    .role = SDP_FRAME_LEVEL,
					    .levels = many,
					    .level_count = SDP_DESIGN_COLUMNS + 2}};
	struct sdp_frame frame = {.columns = crowd,
				  .column_count = 3,
				  .terms = terms + 2,
				  .term_count = 1};
	(void)state;
	assert_null(sdp_design_new(&frame, true, &store, &err));
	assert_string_equal(err.text, "the features make 1001 columns, 1000 at most");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_too_many),
	};
	return cmocka_run_group_tests(tests, open_store, close_store);
}

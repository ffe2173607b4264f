/*
 * Tests model frames of small tables: which columns and rows they use, their numbers and their
 * levels, compared with results worked out by hand. The tables are read in blocks of a few rows, by
 * one state or by several that are merged in any order, and kept in memory or in a file.
 */
#define _DEFAULT_SOURCE
#include "engine/frame.h"

#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inputs.h"

enum { MOST_STATES = 3, MOST_ROWS = 32 };

struct world {
	struct sdp_source *source;
	struct sdp_reader reader;
	struct sdp_shared_arena *arena;
	int spill;
	struct sdp_work work;
	struct sdp_frame *frame;
	struct sdp_frame_rows rows;
	struct sdp_err err;
	int passes;
};

/*
 * How a table is read: rows a block (0: all are one), how many states, and which of them is merged
 * into which.
 */
struct way {
	size_t rows, states;
	bool backwards, spilled;
};

static const struct way ways[] = {{0, 1, false, false},
				  {1, 1, false, true},
				  {2, 2, false, false},
				  {2, 3, true, false},
				  {3, 2, true, true}};
enum { WAYS = sizeof ways / sizeof *ways };

static void open_world(struct world *w, const char *text, const char *types, bool spilled)
{
	struct sdp_source_options options = {.max_record = MIB, .types = types};
	*w = (struct world){.spill = -1};
	write_text("in.csv", text);
	w->source = open_one("in.csv", &options);
	w->arena = sdp_shared_arena_new(1, &w->err);
	w->spill = spilled ? sdp_spool_new(&w->err) : -1;
	assert_non_null(w->arena);
	assert_int_equal(sdp_spill_init(&w->work.spill, w->arena, w->spill, "",
					spilled ? 0 : UINT64_MAX, &w->err),
			 0);
	w->work.memory = MIB;
	w->work.workers = 1;
}

static void close_world(struct world *w)
{
	free(w->rows.room);
	sdp_work_release(&w->work);
	sdp_reader_release(&w->reader);
	sdp_source_free(w->source);
	sdp_shared_arena_free(w->arena);
	if (w->spill >= 0)
		close(w->spill);
}

/* Lines of the file from the first behind the header on, as chunks of so many; it has no quotes. */
static size_t cut_lines(const char *text, size_t rows, struct sdp_chunk chunks[MOST_ROWS])
{
	size_t count = 0, records = 2;
	for (const char *at = strchr(text, '\n') + 1; *at; count++) {
		struct sdp_chunk *c = &chunks[count];
		*c = (struct sdp_chunk){.offset = (uint64_t)(at - text), .first_record = records};
		for (; *at && (rows == 0 || c->records < rows); c->records++)
			at = strchr(at, '\n') + 1;
		c->length = (uint32_t)((uint64_t)(at - text) - c->offset);
		records += c->records;
	}
	return count;
}

static int update(struct world *w, struct sdp_frame_state *state, const struct sdp_chunk *chunk,
		  size_t number)
{
	struct sdp_block block;
	assert_int_equal(sdp_reader_load(&w->reader, w->source, sdp_source_schema(w->source), chunk,
					 &block, &w->err),
			 0);
	block.chunk = number;
	return sdp_frame_update(w->frame, state, &block, &w->work, &w->err);
}

/* One pass over the chunks: 1, 0 or -1, of step or of the first update that failed. */
static int one_pass(struct world *w, const struct way *way, const struct sdp_chunk *chunks,
		    size_t count)
{
	struct sdp_frame_state *states[MOST_STATES];
	for (size_t i = 0; i < way->states; i++)
		assert_non_null(states[i] =
					sdp_spill_take(&w->work.spill,
						       sdp_frame_state_size(w->frame), &w->err));
	for (size_t i = 0; i < count; i++) {
		size_t number = way->backwards ? count - 1 - i : i;
		if (update(w, states[number % way->states], &chunks[number], number) < 0)
			return -1;
	}
	size_t root = way->backwards ? way->states - 1 : 0;
	for (size_t i = 0; i < way->states; i++)
		if (i != root)
			assert_int_equal(sdp_frame_merge(w->frame, states[root], states[i],
							 &w->work, &w->err),
					 0);
	w->passes++;
	return sdp_frame_step(w->frame, states[root], &w->work.spill, &w->err);
}

/* Makes the frame of a table, by guesses from its first block: 0 or -1. */
static int make(struct world *w, const char *text, const char *types,
		const struct sdp_frame_options *options, const struct way *way)
{
	struct sdp_chunk chunks[MOST_ROWS] = {{0}};
	struct sdp_block block;
	open_world(w, text, types, way->spilled);
	size_t count = cut_lines(text, way->rows, chunks);
	struct sdp_schema *schema = sdp_source_schema(w->source);
	if (count) {
		assert_int_equal(sdp_reader_load(&w->reader, w->source, schema, chunks, &block,
						 &w->err),
				 0);
		sdp_schema_guess(schema, &block);
	}
	if (!(w->frame = sdp_frame_new(schema, options, &w->work.spill, &w->err)))
		return -1;
	int rc;
	while ((rc = one_pass(w, way, chunks, count)) > 0)
		assert_true(w->passes < 4);
	return rc;
}

static void makes(struct world *w, const char *text, const struct sdp_frame_options *options,
		  const struct way *way)
{
	if (make(w, text, NULL, options, way) < 0)
		fail_msg("%s", w->err.text);
}

static void fails(const char *text, const char *types, const struct sdp_frame_options *options,
		  enum sdp_code code, const char *message)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		assert_int_equal(make(&w, text, types, options, &ways[i]), -1);
		assert_string_equal(w.err.text, message);
		assert_int_equal(w.err.code, code);
		close_world(&w);
	}
}

static size_t column_called(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->frame->column_count; i++)
		if (strcmp(w->frame->columns[i].name, name) == 0)
			return i;
	fail_msg("no column %s", name);
	return 0;
}

/* All of a column, block by block, rows that are held out too. */
static size_t integers_of(struct world *w, const char *name, int64_t out[MOST_ROWS])
{
	size_t n = 0;
	for (size_t b = 0; b < w->frame->block_count; b++) {
		assert_int_equal(sdp_frame_load(w->frame, b, &w->work.spill, &w->rows, &w->err), 0);
		/* One at a time and all at once are the same. */
		sdp_frame_integers(w->frame, &w->rows, column_called(w, name), 0, w->rows.rows,
				   out + n);
		for (size_t i = 0; i < w->rows.rows; i++, n++) {
			int64_t one;
			sdp_frame_integers(w->frame, &w->rows, column_called(w, name), i, 1, &one);
			assert_int_equal(one, out[n]);
		}
	}
	return n;
}

static void has_integers(struct world *w, const char *name, const int64_t *want, size_t count)
{
	int64_t got[MOST_ROWS];
	assert_int_equal(integers_of(w, name, got), count);
	for (size_t i = 0; i < count; i++)
		if (got[i] != want[i])
			fail_msg("%s, row %zu: %" PRId64 ", not %" PRId64, name, i, got[i],
				 want[i]);
}

static void has_doubles(struct world *w, const char *name, const double *want, size_t count)
{
	double got[MOST_ROWS];
	size_t n = 0, column = column_called(w, name);
	for (size_t b = 0; b < w->frame->block_count; n += w->rows.rows, b++) {
		assert_int_equal(sdp_frame_load(w->frame, b, &w->work.spill, &w->rows, &w->err), 0);
		sdp_frame_doubles(w->frame, &w->rows, column, 0, w->rows.rows, got + n);
	}
	assert_int_equal(n, count);
	for (size_t i = 0; i < count; i++)
		if (got[i] != want[i])
			fail_msg("%s, row %zu: %.17g, not %.17g", name, i, got[i], want[i]);
}

/* most: the largest magnitude; 0: the column is wide. */
static void has_unit(struct world *w, const char *name, int tens, int64_t most)
{
	const struct sdp_frame_column *c = &w->frame->columns[column_called(w, name)];
	assert_int_equal(c->role, SDP_FRAME_NUMBER);
	assert_int_equal(c->tens, tens);
	assert_int_equal(c->wide, most == 0);
	if (most)
		assert_true(fabs(exp2(c->log2_most) - ((double)most + 1)) <= 1e-5 * (double)most);
}

/* The integers of a column as limbs, by their decimal digits. */
static void has_wide(struct world *w, const char *name, const char *const *want, size_t count)
{
	static int32_t limbs[8 * SDP_TILE];
	size_t n = 0, column = column_called(w, name);
	const struct sdp_frame_column *c = &w->frame->columns[column];
	size_t depth = sdp_limbs_for(sdp_frame_bits(c));
	char *digits = malloc(2000);
	mpz_t integer;
	mpz_init(integer);
	int32_t *tile = depth <= 8 ? limbs : malloc(depth * SDP_TILE * sizeof *tile);
	for (size_t b = 0; b < w->frame->block_count; b++) {
		assert_int_equal(sdp_frame_load(w->frame, b, &w->work.spill, &w->rows, &w->err), 0);
		sdp_frame_limbs(w->frame, &w->rows, column, 0, w->rows.rows, tile);
		for (size_t i = 0; i < w->rows.rows; i++, n++) {
			sdp_limbs_get(tile + i, depth, integer);
			assert_true(mpz_sizeinbase(integer, 2) <= (size_t)sdp_frame_bits(c));
			assert_string_equal(mpz_get_str(digits, 10, integer), want[n]);
		}
	}
	assert_int_equal(n, count);
	if (tile != limbs)
		free(tile);
	free(digits);
	mpz_clear(integer);
}

static void has_levels(struct world *w, const char *name, const char *const *want, size_t count)
{
	const struct sdp_frame_column *c = &w->frame->columns[column_called(w, name)];
	assert_int_equal(c->role, SDP_FRAME_LEVEL);
	assert_int_equal(c->level_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(c->levels[i].data, want[i]);
		assert_int_equal(c->levels[i].length, strlen(want[i]));
	}
}

/* ---- numbers ---- */

/* Of y 2 decimals suffice in all blocks, of a 1 (10.50 is 10.5); big fits 62 bits to the last. */
static void test_decimals(void **state)
{
	static const char text[] = "y,a,big\n1.5,10.50,4611686018427387903\n-2.25,-7,0\n100,0.30,-"
				   "4611686018427387903\n0,2e1,1\n";
	static const int64_t y[] = {150, -225, 10000, 0}, a[] = {105, -70, 3, 200},
			     big[] = {INT64_MAX / 2, 0, -INT64_MAX / 2, 1};
	static const double y_real[] = {1.5, -2.25, 100, 0}, a_real[] = {10.5, -7, 0.3, 20},
			    big_real[] = {0x1p62, 0, -0x1p62, 1};
	struct sdp_frame_options options = {.target = "y"};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		makes(&w, text, &options, &ways[i]);
		assert_int_equal(w.frame->rows, 4);
		assert_int_equal(w.frame->used, 4);
		assert_int_equal(w.frame->block_count,
				 ways[i].rows == 0 ? 1 : (4 + ways[i].rows - 1) / ways[i].rows);
		has_unit(&w, "y", 2, 10000);
		has_unit(&w, "a", 1, 200);
		has_unit(&w, "big", 0, INT64_MAX / 2);
		has_integers(&w, "y", y, 4);
		has_integers(&w, "a", a, 4);
		has_integers(&w, "big", big, 4);
		has_doubles(&w, "y", y_real, 4);
		has_doubles(&w, "a", a_real, 4);
		has_doubles(&w, "big", big_real, 4);
		close_world(&w);
	}
}

/*
 * int: 2^62 is one too many for 62 bits.  long: more than 124 bits.  huge: all are multiples of
 * 10^285.  tiny: numbers that are no decimals, of few digits.
 */
static void test_wide_numbers(void **state)
{
	static const char text[] = "int,long,huge,tiny\n4611686018427387904,-1e20,1e300,1e-25\n"
				   "-18446744073709551615,1e-20,-1e300,-2.5e-24\n"
				   "0.000000000000000001,9223372036854775807,0,0\n"
				   "10.000000000000000001,0,2e285,0.00000000000000000000000012\n";
	static const char *const narrow[] = {"4611686018427387904000000000000000000",
					     "-18446744073709551615000000000000000000", "1",
					     "10000000000000000001"},
				 *const wide[] = {"-10000000000000000000000000000000000000000", "1",
						  "922337203685477580700000000000000000000", "0"};
	static const int64_t huge[] = {INT64_C(1000000000000000), INT64_C(-1000000000000000), 0, 2},
			     tiny[] = {10, -250, 0, 12};
	static const double int_real[] = {0x1p62, -0x1p64, 1e-18, 10},
			    long_real[] = {-1e20, 1e-20, 0x1p63, 0},
			    huge_real[] = {1e300, -1e300, 0, 2e285},
			    tiny_real[] = {1e-25, -2.5e-24, 0, 1.2e-25};
	struct sdp_frame_options options = {.target = "int"};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		makes(&w, text, &options, &ways[i]);
		has_unit(&w, "int", 18, 0);
		has_unit(&w, "long", 20, 0);
		has_unit(&w, "huge", -285, INT64_C(1000000000000000));
		has_unit(&w, "tiny", 26, 250);
		has_wide(&w, "int", narrow, 4);
		has_wide(&w, "long", wide, 4);
		has_integers(&w, "huge", huge, 4);
		has_integers(&w, "tiny", tiny, 4);
		has_doubles(&w, "int", int_real, 4);
		has_doubles(&w, "long", long_real, 4);
		has_doubles(&w, "huge", huge_real, 4);
		has_doubles(&w, "tiny", tiny_real, 4);
		close_world(&w);
	}
}

/* ---- levels ---- */

/*
 * Bytewise order, also of capitals and UTF-8; equal values of numbers and booleans are one level.
 */
static void test_levels(void **state)
{
	static const char text[] = "y,s,n,b\n1,b,2,true\n2,\xc3\xa4,10.0,FALSE\n3,B,2.0,True\n4,a,"
				   "10,false\n5,b,-1,true\n";
	static const char *const s[] = {"B", "a", "b", "\xc3\xa4"}, *const n[] = {"-1", "10", "2"},
				 *const b[] = {"false", "true"};
	static const int64_t s_numbers[] = {2, 3, 0, 1, 2}, n_numbers[] = {2, 1, 2, 1, 0},
			     b_numbers[] = {1, 0, 1, 0, 1};
	static const char *const categorical[] = {"n"}, *const references[] = {"s=b", "n=10"};
	struct sdp_frame_options options = {.target = "y",
					    .categorical = categorical,
					    .categorical_count = 1,
					    .references = references,
					    .reference_count = 2};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		makes(&w, text, &options, &ways[i]);
		has_levels(&w, "s", s, 4);
		has_levels(&w, "n", n, 3);
		has_levels(&w, "b", b, 2);
		has_integers(&w, "s", s_numbers, 5);
		has_integers(&w, "n", n_numbers, 5);
		has_integers(&w, "b", b_numbers, 5);
		assert_int_equal(w.frame->columns[column_called(&w, "s")].reference, 2);
		assert_int_equal(w.frame->columns[column_called(&w, "n")].reference, 1);
		assert_int_equal(w.frame->columns[column_called(&w, "b")].reference, 0);
		close_world(&w);
	}
}

/* ---- rows ---- */

/*
 * A row with a null in a used column is dropped, and its levels and magnitudes with it; u is not
 * used.
 */
static void test_dropped_rows(void **state)
{
	static const char text[] = "y,a,s,u\n1,2,x,\n,900,lost,1\n3,,lost,2\n4,5.5,,3\n6,7,z,NA\n";
	static const char *const s[] = {"x", "z"};
	static const int64_t y[] = {1, 6}, a[] = {2, 7}, s_numbers[] = {0, 1};
	struct sdp_frame_options options = {.target = "y", .features = "a,s"};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		makes(&w, text, &options, &ways[i]);
		assert_int_equal(w.frame->rows, 5);
		assert_int_equal(w.frame->used, 2);
		assert_int_equal(w.frame->dropped, 3);
		assert_int_equal(w.frame->held, 0);
		assert_int_equal(w.frame->column_count, 3);
		has_unit(&w, "a", 0, 7);
		has_levels(&w, "s", s, 2);
		has_integers(&w, "y", y, 2);
		has_integers(&w, "a", a, 2);
		has_integers(&w, "s", s_numbers, 2);
		close_world(&w);
	}
}

/*
 * Of records 2 to 13 the numbers of seed 7 are .384 .171 .351 .804 .448 .263 .540 .965 .349 .771
 * .854 .457 (made by another program: notebooks/spark_ml_jobs.py), so that 2, 3, 4, 7 and 10 are
 * held out at .4; but 4 has a null.
 */
static void test_held_out(void **state)
{
	static const char text[] =
		"y,a\n2,1\n3,900\n4,\n5,1\n6,1\n7,1\n8,1\n9,1\n10,1\n11,1\n12,1\n13,1\n";
	static const int64_t train[] = {5, 6, 8, 9, 11, 12, 13}, held[] = {2, 3, 7, 10};
	struct sdp_frame_options options = {.target = "y", .test_fraction = 0.4, .seed = 7};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		int64_t got[MOST_ROWS];
		size_t t = 0, h = 0;
		makes(&w, text, &options, &ways[i]);
		assert_int_equal(w.frame->rows, 12);
		assert_int_equal(w.frame->used, 7);
		assert_int_equal(w.frame->held, 4);
		assert_int_equal(w.frame->tested, 4);
		assert_int_equal(w.frame->dropped, 1);
		has_unit(&w, "a", 0, 900);
		/* In each block those for fitting come first; blocks are in the input's order. */
		for (size_t b = 0; b < w.frame->block_count; b++) {
			assert_int_equal(sdp_frame_load(w.frame, b, &w.work.spill, &w.rows, &w.err),
					 0);
			assert_true(w.rows.rows > 0 && w.rows.train <= w.rows.rows);
			sdp_frame_integers(w.frame, &w.rows, 0, 0, w.rows.rows, got);
			for (size_t row = 0; row < w.rows.rows; row++)
				assert_int_equal(got[row],
						 row < w.rows.train ? train[t++] : held[h++]);
		}
		assert_int_equal(t, 7);
		assert_int_equal(h, 4);
		close_world(&w);
	}
}

/*
 * The same rows: the levels of s are those of 5, 6, 8, 9, 11, 12 and 13. Of the held-out rows, 2
 * and 10 have other ones, and 3 has another label, so that 4 and 7 are tested.
 */
static void test_unseen_levels(void **state)
{
	static const char text[] = "y,s\nv,A\nw,x\nv,x\nv,b\nu,x\nv,b\nu,b\nv,x\nv,c\nu,x\nu,b\n"
				   "u,b\n";
	static const char *const s[] = {"b", "x"}, *const y[] = {"u", "v"};
	struct sdp_frame_options options = {.target = "y",
					    .label = true,
					    .test_fraction = 0.4,
					    .seed = 7};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		int64_t got[MOST_ROWS];
		makes(&w, text, &options, &ways[i]);
		assert_int_equal(w.passes, 2);
		assert_int_equal(w.frame->rows, 12);
		assert_int_equal(w.frame->used, 7);
		assert_int_equal(w.frame->held, 5);
		assert_int_equal(w.frame->tested, 2);
		assert_int_equal(w.frame->dropped, 0);
		has_levels(&w, "s", s, 2);
		has_levels(&w, "y", y, 2);
		assert_int_equal(integers_of(&w, "s", got), 9);
		assert_int_equal(w.frame->warning_count, 2);
		assert_string_equal(w.frame->warnings[0],
				    "column 'y': 1 of the rows held out is left out of the test "
				    "metrics: no row of the fit has the label 'w'");
		assert_string_equal(w.frame->warnings[1],
				    "column 's': 2 of the rows held out are left out of the test "
				    "metrics: no row of the fit has the levels 'A', 'c'");
		close_world(&w);
	}
}

static void test_all_held_out(void **state)
{
	struct sdp_frame_options options = {.target = "y", .test_fraction = 0.4, .seed = 7};
	(void)state;
	fails("y,a\n2,1\n3,900\n", NULL, &options, SDP_DATA,
	      "no row has a value in every column used and is not held out");
}

/* ---- what columns turn out to be ---- */

/*
 * By the first row all of these are numbers; d is one of dates in the end, s of texts, so that they
 * are read again.  Levels that look like numbers at first are texts: 1.0 is not 1.
 */
static void test_late_types(void **state)
{
	static const char text[] = "y,s,d,e\n1,1.0,,\n2,1,2024-01-02,\n3,one,2024-01-03,\n";
	static const char *const s[] = {"1", "1.0", "one"};
	static const int64_t s_numbers[] = {1, 0, 2};
	struct sdp_frame_options options = {.target = "y"};
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct world w;
		makes(&w, text, &options, &ways[i]);
		assert_int_equal(w.passes, ways[i].rows == 0 || ways[i].rows == 3 ? 1 : 2);
		has_levels(&w, "s", s, 3);
		has_integers(&w, "s", s_numbers, 3);
		assert_int_equal(w.frame->used, 3);
		assert_int_equal(w.frame->term_count, 1);
		assert_string_equal(w.frame->terms[0].name, "s");
		assert_int_equal(w.frame->warning_count, 3);
		assert_int_equal(w.frame->warnings_done, 2);
		assert_string_equal(w.frame->warnings[0], "column 'd' is left out: it is a date");
		assert_string_equal(w.frame->warnings[1],
				    "column 'e' is left out: it has no values");
		assert_int_equal(sdp_frame_warn(w.frame, &w.work.spill, &w.err, "%s %d", "more", 3),
				 0);
		assert_string_equal(w.frame->warnings[2],
				    "column 's' becomes 3 levels: 1 of 3 values is not a number, "
				    "first 'one' in record 4; --na ',NA,N/A,NaN,nan,null,NULL,one' "
				    "reads it as null");
		assert_string_equal(w.frame->printed[2] + strlen(w.frame->printed[2]) -
					    strlen(w.frame->warnings[2]),
				    w.frame->warnings[2]);
		assert_string_equal(w.frame->warnings[3], "more 3");
		close_world(&w);
	}
}

/* Levels 0 to count - 1 of a column c beside y. */
static char *crowd(size_t count)
{
	struct sdp_buf text = {0};
	struct sdp_err err;
	add(&text, "y,c\n", 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(sdp_buf_format(&text, &err, "%zu,l%zu\n", i, i), 0);
	add(&text, "", 1);
	return text.data;
}

static void test_crowded(void **state)
{
	static const struct {
		size_t levels;
		bool asked, categorical;
		const char *message; /* NULL: it is a feature; "": it is left out */
	} cases[] = {
		{SDP_FRAME_LEVELS, false, false, NULL},
		{SDP_FRAME_LEVELS + 1, false, false, ""},
		{SDP_FRAME_LEVELS + 1, true, false,
		 "column 'c' has more than 100 levels; --categorical 'c' takes up to 1000"},
		{SDP_FRAME_LEVELS_MAX, false, true, NULL},
		{SDP_FRAME_LEVELS_MAX + 1, false, true, "column 'c' has more than 1000 levels"},
	};
	static const char *const categorical[] = {"c"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sdp_frame_options options = {.target = "y",
						    .features = cases[i].asked ? "c" : NULL,
						    .categorical = categorical,
						    .categorical_count = cases[i].categorical};
		struct world w;
		char *text = crowd(cases[i].levels);
		int rc = make(&w, text, NULL, &options, &ways[0]);
		bool fault = cases[i].message && *cases[i].message;
		assert_int_equal(rc, fault ? -1 : 0);
		if (fault)
			assert_string_equal(w.err.text, cases[i].message);
		else if (cases[i].message)
			assert_string_equal(w.frame->warnings[0],
					    "column 'c' is left out: it has more than 100 levels");
		else
			assert_int_equal(w.frame->columns[1].level_count, cases[i].levels);
		assert_int_equal(fault ? 0 : w.frame->term_count, !cases[i].message);
		close_world(&w);
		free(text);
	}
}

/* ---- faults ---- */

static void test_faults_of_data(void **state)
{
	static const char *const references[] = {"s=none"};
	struct sdp_frame_options plain = {.target = "y"},
				 power = {.target = "y", .features = "s^2"},
				 root = {.target = "y", .features = "a,sqrt(a)"},
				 date = {.target = "y", .features = "d"},
				 reference = {.target = "y",
					      .references = references,
					      .reference_count = 1};
	(void)state;
	fails("y,a\n", NULL, &plain, SDP_DATA, "there are no rows");
	fails("y,a\n1,\n,2\n", NULL, &plain, SDP_DATA, "no row has a value in every column used");
	fails("y,a\n1,1\nx,2\n", NULL, &plain, SDP_DATA, "in.csv:3:y: not a number: 'x' (--na?)");
	fails("y,s\n1,1\n2,u\n", NULL, &power, SDP_DATA,
	      "in.csv:3:s: not a number: 'u' (--na?), and only numbers have powers: s^2");
	fails("y,a\n1,0\n2,-4\n", NULL, &root, SDP_DATA,
	      "in.csv:3:a: sqrt(a) has no value at '-4'");
	fails("y,a\n1,0\n2,4.5\n", "a=integer", &plain, SDP_DATA,
	      "in.csv:3:a: not an integer: '4.5'");
	fails("y,d\n1,2024-01-01\n2,2024-01-02\n", NULL, &date, SDP_DATA,
	      "column 'd' is a date, which is no feature; --categorical 'd' takes its values as "
	      "levels");
	fails("y,s\n1,u\n2,v\n", NULL, &reference, SDP_DATA,
	      "--reference: column 's' has no level 'none'");
	fails("y,s\n1,1\n2,2\n", NULL, &reference, SDP_DATA,
	      "--reference: column 's' is a number; --categorical 's' makes levels of it");
	fails("y,a,a\n1,2,3\n", NULL, &plain, SDP_DATA,
	      "two of the columns used are named 'a': rename one, or choose by -x");
}

static void test_faults_of_options(void **state)
{
	static const char *const a[] = {"a"}, *const no_level[] = {"a"},
				 *const no_feature[] = {"a=1"};
	struct sdp_frame_options target = {.target = "z"}, self = {.target = "y", .features = "y"},
				 power = {.target = "y",
					  .features = "a^2",
					  .categorical = a,
					  .categorical_count = 1},
				 types = {.target = "y", .features = "log(a)"},
				 equals = {.target = "y",
					   .references = no_level,
					   .reference_count = 1},
				 feature = {.target = "y",
					    .features = "b",
					    .references = no_feature,
					    .reference_count = 1};
	static const char text[] = "y,a,b\n1,2,3\n";
	(void)state;
	fails(text, NULL, &target, SDP_DATA, "no column 'z' among the 3: y, a, b");
	fails(text, NULL, &self, SDP_USAGE, "column 'y' is the target and cannot be a feature");
	fails(text, NULL, &power, SDP_USAGE,
	      "--categorical: a power, logarithm or root of column 'a' in -x makes it a number");
	fails(text, "a=string", &types, SDP_USAGE,
	      "--types: column 'a' is used as a number and cannot be a string");
	fails(text, NULL, &equals, SDP_USAGE, "--reference: not COLUMN=LEVEL: 'a'");
	fails(text, NULL, &feature, SDP_USAGE, "--reference: column 'a' is no feature");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decimals),
		cmocka_unit_test(test_wide_numbers),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_dropped_rows),
		cmocka_unit_test(test_held_out),
		cmocka_unit_test(test_all_held_out),
		cmocka_unit_test(test_unseen_levels),
		cmocka_unit_test(test_late_types),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_faults_of_data),
		cmocka_unit_test(test_faults_of_options),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}

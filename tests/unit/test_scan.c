/*
 * Compares the scan kernels with a state machine that was written from the grammar in table/scan.h
 * alone, on random texts of few different bytes, so that all combinations of quotes, ends and block
 * borders occur.
 */
#include "table/scan.c"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 300, PADDING = 64 };

static const char *const kernels[] = {"c", "sse2", "avx2", "avx512"};

/* Makes the scan use a kernel.  Returns false if the machine does not have it. */
static bool use(const char *name)
{
	chosen = kernel_named(name);
	return chosen;
}

/* ---- the grammar, one cell state at a time ---- */

enum where { CELL_START, BLANKS, PLAIN, QUOTED, QUOTE_SEEN };

/* Commas and quotes; no quotes; other bytes; escapes; lines of text. */
static const struct sdp_dialect dialects[] = {
	{',', '"', '\0'}, {',', '\n', '\0'}, {'a', '"', '\0'}, {'\xff', ',', '\0'},
	{'"', 'a', '\0'}, {',', '"', 'a'},   {',', '\n', 'a'}, {'\n', '\n', '\0'},
};

enum { DIALECTS = sizeof dialects / sizeof *dialects };

/* The dialect of a round. */
static struct sdp_dialect dialect_of(uint64_t seed)
{
	return dialects[seed / 7 % DIALECTS];
}

struct naive {
	uint32_t ends[LONGEST];
	bool newline[LONGEST];
	size_t fields, records, last_end;
	unsigned flags;
};

static void naive_end(struct naive *n, size_t at, char c)
{
	n->newline[n->fields] = c == '\n';
	n->ends[n->fields++] = (uint32_t)at;
	if (c == '\n') {
		n->records++;
		n->last_end = at + 1;
	}
}

static enum where behind_quote(struct naive *n, const char *text, size_t length, size_t i,
			       char quote)
{
	char c = text[i];
	if (c == quote) {
		n->flags |= SDP_SCAN_ESCAPED;
		return QUOTED;
	}
	if (c != '\r' || i + 1 >= length || text[i + 1] != '\n')
		n->flags |= SDP_SCAN_JUNK;
	return PLAIN;
}

static unsigned byte_flags(char c)
{
	return ((unsigned char)c > 0x7f ? SDP_SCAN_HIGH : 0) | (c == '\0' ? SDP_SCAN_NUL : 0);
}

static void naive_scan(struct naive *n, const char *text, size_t length, struct sdp_dialect d)
{
	enum where w = CELL_START;
	*n = (struct naive){.fields = 0};
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		n->flags |= byte_flags(c);
		if (d.escape && c == d.escape) {
			n->flags |= SDP_SCAN_ESCAPED | (w == QUOTE_SEEN ? SDP_SCAN_JUNK : 0);
			w = w == QUOTED ? QUOTED : PLAIN;
			if (++i < length)
				n->flags |= byte_flags(text[i]);
		} else if (w == QUOTED) {
			w = c == d.quote ? QUOTE_SEEN : QUOTED;
		} else if (c == d.delimiter || c == '\n') {
			naive_end(n, i, c);
			w = CELL_START;
		} else if (w == QUOTE_SEEN) {
			w = behind_quote(n, text, length, i, d.quote);
		} else {
			bool blank = c == ' ' || c == '\t';
			n->flags |= w == BLANKS && c == d.quote ? SDP_SCAN_ESCAPED : 0;
			w = w == PLAIN ? PLAIN : c == d.quote ? QUOTED : blank ? BLANKS : PLAIN;
		}
	}
}

/* ---- texts ---- */

/* Kinds differ in how often a byte occurs: much structure, long quoted cells, hardly any quote. */
static void random_text(char *text, size_t length, uint64_t seed)
{
	static const char *const alphabets[] = {
		"a,\" \n\r\0\xff",          "\",\n",           "\"\"\"\"a,\r\n",
		"aaaaaaaaaaaaaaa\",\n\xff", "a,b,c\n\r\n\r\n", "\"\n\"\r\n,\"\r\n,,",
		"      \t\",a\n",
	};
	static const size_t sizes[] = {8, 3, 8, 19, 9, 10, 11};
	size_t kind = (size_t)(seed % 7);
	for (size_t i = 0; i < length; i++)
		text[i] = alphabets[kind][sdp_rng_below(sizes[kind], seed, i, 0)];
}

/* What stands behind a text must not matter. */
static void pad(char *text, size_t length, uint64_t seed)
{
	for (size_t i = 0; i < PADDING; i++)
		text[length + i] = "\",\n\r\0\xff"[sdp_rng_below(6, seed, i, 1)];
}

static void check_cells(const char *text, size_t length, struct sdp_dialect dialect)
{
	struct naive want;
	struct sdp_scan_fields got;
	uint32_t *ends = malloc((length + SDP_SCAN_ROOM) * sizeof *ends);
	assert_non_null(ends);
	naive_scan(&want, text, length, dialect);
	sdp_scan_cells(text, length, dialect, ends, &got);
	assert_int_equal(got.fields, want.fields);
	assert_int_equal(got.records, want.records);
	assert_memory_equal(ends, want.ends, want.fields * sizeof *ends);
	assert_int_equal(got.flags, want.flags);
	free(ends);
}

static void each_kernel(void (*check)(char *text, size_t length, uint64_t seed), unsigned rounds)
{
	char *text = malloc(LONGEST + PADDING);
	assert_non_null(text);
	for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
		if (!use(kernels[k]))
			continue;
		for (size_t length = 0; length <= LONGEST; length++)
			for (unsigned round = 0; round < rounds; round++) {
				uint64_t seed = sdp_rng(3, length, round);
				/*
				 * Against the end of what is allocated, where a sanitizer sees one
				 * byte too many.
				 */
				char *t = text + LONGEST - length;
				random_text(t, length, seed);
				pad(t, length, seed);
				check(t, length, seed);
			}
	}
	free(text);
}

static void cells_of(char *text, size_t length, uint64_t seed)
{
	check_cells(text, length, dialects[0]);
	check_cells(text, length, dialect_of(seed));
}

static void test_cells(void **state)
{
	(void)state;
	each_kernel(cells_of, 60);
}

/* ---- records, in pieces ---- */

static void count_pieces(const char *text, size_t length, size_t first, size_t piece,
			 struct sdp_dialect dialect, struct sdp_scan_count *sum,
			 struct sdp_scan_state *state)
{
	*state = (struct sdp_scan_state){0};
	*sum = (struct sdp_scan_count){0};
	for (size_t at = 0, n = first; at < length; at += n, n = piece) {
		if (n > length - at)
			n = length - at;
		/* A copy of its own length: the records pass may not read past the end. */
		char *copy = malloc(n + !n);
		struct sdp_scan_count count;
		assert_non_null(copy);
		memcpy(copy, text + at, n);
		sdp_scan_records(state, copy, n, dialect, &count);
		free(copy);
		sum->records += count.records;
		if (count.last_end)
			sum->last_end = at + count.last_end;
	}
}

static void state_by_bytes(const char *text, size_t length, struct sdp_dialect dialect,
			   struct sdp_scan_state *state)
{
	*state = (struct sdp_scan_state){0};
	for (size_t i = 0; i < length; i++)
		sdp_scan_byte(state, text[i], dialect);
}

static void pieces_of(char *text, size_t length, uint64_t seed)
{
	static const size_t firsts[] = {1, 7, 63, 64, 65, 128, 299};
	struct naive want;
	struct sdp_scan_count sum;
	struct sdp_scan_state end, state;
	struct sdp_dialect dialect = dialect_of(seed);
	naive_scan(&want, text, length, dialect);
	state_by_bytes(text, length, dialect, &end);
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		size_t piece = 1 + (size_t)sdp_rng_below(90, seed, i, 2);
		count_pieces(text, length, firsts[i], piece, dialect, &sum, &state);
		assert_int_equal(sum.records, want.records);
		assert_int_equal(sum.last_end, want.last_end);
		assert_int_equal(state.inside, end.inside);
		assert_int_equal(state.escaped, end.escaped);
		if (!end.inside)
			assert_int_equal(state.previous, end.previous);
	}
}

static void test_records_in_pieces(void **state)
{
	(void)state;
	each_kernel(pieces_of, 10);
}

/* Every split of a text in two. */
static void splits_of(char *text, size_t length, uint64_t seed)
{
	struct naive want;
	struct sdp_scan_count sum;
	struct sdp_scan_state state;
	struct sdp_dialect dialect = dialect_of(seed);
	if (length % 13)
		return;
	naive_scan(&want, text, length, dialect);
	for (size_t first = 1; first <= length; first++) {
		count_pieces(text, length, first, LONGEST, dialect, &sum, &state);
		assert_int_equal(sum.records, want.records);
		assert_int_equal(sum.last_end, want.last_end);
	}
}

static void test_every_split(void **state)
{
	(void)state;
	each_kernel(splits_of, 6);
}

/* ---- one byte, and the first end ---- */

static void bytes_of(char *text, size_t length, uint64_t seed)
{
	struct naive want;
	struct sdp_scan_state s = {0};
	struct sdp_dialect dialect = dialect_of(seed);
	size_t field = 0;
	naive_scan(&want, text, length, dialect);
	for (size_t i = 0; i < length; i++) {
		enum sdp_scan_byte expected = SDP_SCAN_WITHIN;
		if (field < want.fields && want.ends[field] == i)
			expected = want.newline[field++] ? SDP_SCAN_RECORD_END : SDP_SCAN_CELL_END;
		assert_int_equal(sdp_scan_byte(&s, text[i], dialect), expected);
	}
}

static void test_bytes(void **state)
{
	(void)state;
	each_kernel(bytes_of, 4);
}

/* All record ends one after the other, the state handed on. */
static void ends_of(char *text, size_t length, uint64_t seed)
{
	struct naive want;
	struct sdp_scan_state s = {0};
	struct sdp_dialect dialect = dialect_of(seed);
	size_t at = 0, records = 0;
	naive_scan(&want, text, length, dialect);
	while (at < length) {
		size_t n = length - at, cut = (size_t)sdp_rng_below(n, seed, at, 3) + 1;
		size_t end = sdp_scan_first_end(&s, text + at, cut, dialect);
		at += end ? end : cut;
		if (!end)
			continue;
		assert_false(s.inside);
		assert_int_equal(s.previous, SDP_SCAN_START);
		while (want.fields && !want.newline[records])
			records++;
		assert_true(records < want.fields);
		assert_int_equal(at, want.ends[records++] + 1);
	}
	while (records < want.fields)
		assert_false(want.newline[records++]);
}

static void test_first_end(void **state)
{
	(void)state;
	each_kernel(ends_of, 10);
}

/* Over the border of the steps that first_end takes. */
static void test_first_end_far(void **state)
{
	enum { SIZE = 20000 };
	char *text = malloc(SIZE);
	(void)state;
	assert_non_null(text);
	for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
		if (!use(kernels[k]))
			continue;
		for (size_t end = 4000; end < 4200; end++) {
			struct sdp_scan_state s = {0};
			memset(text, 'x', SIZE);
			memcpy(text, "\"\n\"", 3);
			text[end] = '\n';
			text[SIZE - 1] = '\n';
			assert_int_equal(sdp_scan_first_end(&s, text, SIZE, dialects[0]), end + 1);
			assert_int_equal(sdp_scan_first_end(&s, text + end + 1, SIZE - end - 1,
							    dialects[0]),
					 SIZE - end - 1);
			/* Quoted over the border. */
			text[end - 1] = ',';
			text[end] = '"';
			text[end + 1] = '\n';
			text[8192] = '"';
			text[8193] = '\n';
			s = (struct sdp_scan_state){0};
			assert_int_equal(sdp_scan_first_end(&s, text, SIZE, dialects[0]), 8194);
		}
	}
	free(text);
}

static void test_kernel_named(void **state)
{
	(void)state;
	assert_non_null(kernel_named("c"));
	assert_null(kernel_named("abacus"));
}

/* Byte by byte: what is in a comment is overwritten, and nothing else is. */
static void test_comments(void **state)
{
	enum { SIZE = 200 };
	static const char letters[] = "a,#\n\"#\n\r";
	(void)state;
	for (uint64_t round = 0; round < 20000; round++) {
		char text[SIZE], want[SIZE];
		struct sdp_scan_state s = {0};
		size_t length = (size_t)sdp_rng_below(SIZE, 11, round, 0);
		struct sdp_dialect dialect = dialects[round % 6];
		bool start = true, comment = false, any = false;
		for (size_t i = 0; i < length; i++) {
			text[i] = letters[sdp_rng_below(sizeof letters - 1, 11, round, i + 1)];
			comment = (comment && text[i] != '\n') || (start && text[i] == '#');
			any = any || comment;
			want[i] = comment ? '#' : text[i];
			start = sdp_scan_byte(&s, want[i], dialect) == SDP_SCAN_RECORD_END;
		}
		assert_int_equal(sdp_scan_hide_comments(text, length, dialect, '#'), any);
		assert_memory_equal(text, want, length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),        cmocka_unit_test(test_records_in_pieces),
		cmocka_unit_test(test_every_split),  cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_first_end),    cmocka_unit_test(test_first_end_far),
		cmocka_unit_test(test_kernel_named), cmocka_unit_test(test_comments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

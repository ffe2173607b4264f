/* Tests lines of text (SDP_SCAN_LINES): every byte except LF belongs to its line. */
#include "base/rng.h"
#include "table/csv.h"
#include "table/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

enum { MOST = 300 };

static void test_scan(void **state)
{
	static const char bytes[] = "\"\",\r\nab\t\n\"\n";
	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++) {
		char text[MOST + 64] = {0};
		uint32_t ends[MOST + SDP_SCAN_ROOM];
		size_t length = sdp_rng(1, seed, 0) % MOST, lines = 0, last = 0;
		unsigned flags = 0;
		for (size_t i = 0; i < length; i++) {
			uint64_t r = sdp_rng(1, seed, i + 1);
			text[i] = r % 50 == 0 && seed % 3 == 0 ? (char)(r % 700 ? 0xc3 : 0)
							       : bytes[r % (sizeof bytes - 1)];
			flags |= text[i] & 0x80 ? SDP_SCAN_HIGH : text[i] == 0 ? SDP_SCAN_NUL : 0;
		}
		struct sdp_scan_fields fields;
		struct sdp_scan_count count;
		struct sdp_scan_state at = {0}, byte = {0};
		sdp_scan_cells(text, length, SDP_SCAN_LINES, ends, &fields);
		sdp_scan_records(&at, text, length, SDP_SCAN_LINES, &count);
		for (size_t i = 0; i < length; i++) {
			assert_int_equal(sdp_scan_byte(&byte, text[i], SDP_SCAN_LINES),
					 text[i] == '\n' ? SDP_SCAN_RECORD_END : SDP_SCAN_WITHIN);
			if (text[i] != '\n')
				continue;
			assert_int_equal(ends[lines++], i);
			last = i + 1;
		}
		assert_int_equal(fields.fields, lines);
		assert_int_equal(fields.records, lines);
		assert_int_equal(fields.flags, flags);
		assert_int_equal(count.records, lines);
		assert_int_equal(count.last_end, last);
		assert_false(at.inside);
		const char *lf = memchr(text, '\n', length);
		at = (struct sdp_scan_state){0};
		assert_int_equal(sdp_scan_first_end(&at, text, length, SDP_SCAN_LINES),
				 lf ? lf - text + 1 : 0);
	}
}

/* The careful parser sees the same. */
static void test_parse(void **state)
{
	static const char text[] = "\"a\"x, \"b\n\n\"c\r\nd";
	struct sdp_csv_context context = {.file = "f",
					  .first_record = 1,
					  .dialect = SDP_SCAN_LINES,
					  .columns = 1};
	struct sdp_cells cells = {0};
	struct sdp_err err;
	(void)state;
	assert_int_equal(sdp_csv_parse(&context, text, strlen(text), &cells, &err), 0);
	assert_int_equal(cells.rows, 4);
	assert_int_equal(cells.count, 4);
	assert_memory_equal(cells.text.data, "\"a\"x, \"b\n\n\"c\nd\n", 15);
	assert_int_equal(cells.ends[0], 8);
	assert_int_equal(cells.ends[1], 9);
	assert_int_equal(cells.ends[2], 12);
	assert_int_equal(cells.ends[3], 14);
	sdp_cells_release(&cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_scan),
					   cmocka_unit_test(test_parse)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

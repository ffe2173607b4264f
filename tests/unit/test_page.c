/*
 * Tests how glyphs become lines, pieces and tables. tests/judges/pdf.py compares whole PDFs with
 * the results of other programs.
 */
#include "pdf/page.h"
#include "pdf/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

enum { MOST = 4000 };

static struct sdp_glyph glyphs[MOST];
static size_t count;

/* Letters 5 wide and 10 high, without glyphs for blanks. */
static void put(double x, double y, const char *text)
{
	for (size_t i = 0; text[i]; i++)
		if (text[i] != ' ')
			glyphs[count++] =
				(struct sdp_glyph){.x0 = x + 5 * (double)i,
						   .x1 = x + 5 * (double)i + 5,
						   .y0 = y - 8,
						   .y1 = y + 2,
						   .base = y,
						   .size = 10,
						   .code = (unsigned char)text[i],
						   .after_blank = i && text[i - 1] == ' '};
}

static void made(struct sdp_page *page)
{
	struct sdp_err err;
	assert_int_equal(sdp_page_make(page, glyphs, count, &err), 0);
	count = 0;
}

static void line_is(const struct sdp_page *page, size_t line, const char *want)
{
	struct sdp_buf out = {0};
	struct sdp_err err;
	assert_true(line < page->line_count);
	assert_int_equal(sdp_page_add_line(page, line, &out, &err), 0);
	assert_string_equal(out.data, want);
	sdp_buf_release(&out);
}

static void test_lines(void **state)
{
	struct sdp_page page = {0};
	(void)state;
	made(&page);
	assert_int_equal(page.line_count, 0);
	put(200, 101, "beside");
	put(50, 120, "below");
	put(50, 100, "one line");
	made(&page);
	assert_int_equal(page.line_count, 2);
	line_is(&page, 0, "one line  beside");
	line_is(&page, 1, "below");
	sdp_page_release(&page);
}

static void test_blanks(void **state)
{
	struct sdp_page page = {0};
	(void)state;
	put(50, 100, "narrow");
	put(82.5, 100, "gap");  /* 2.5: a blank */
	put(98.5, 100, "none"); /* 1: none */
	put(126, 100, "piece"); /* more than 6.5: another piece */
	made(&page);
	line_is(&page, 0, "narrow gapnone  piece");
	sdp_page_release(&page);
}

static void test_bold(void **state)
{
	struct sdp_page page = {0};
	(void)state;
	put(50, 100, "twice book");
	put(50.3, 100, "twice book");
	made(&page);
	line_is(&page, 0, "twice book");
	sdp_page_release(&page);
}

static void test_utf8(void **state)
{
	static const uint32_t codes[] = {0xe9, 0x20ac, 0x1d11e, 0xd800, 0x1f, 'x'};
	struct sdp_page page = {0};
	(void)state;
	for (size_t i = 0; i < 6; i++)
		glyphs[count++] = (struct sdp_glyph){.x0 = 10.0 * (double)i,
						     .x1 = 10.0 * (double)i + 10,
						     .base = 5,
						     .size = 10,
						     .code = codes[i]};
	made(&page);
	line_is(&page, 0, "\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\xef\xbf\xbd x");
	sdp_page_release(&page);
}

static void cell_is(const struct sdp_table *t, size_t row, size_t column, const char *want)
{
	const struct sdp_buf *cell = &t->cells[row * t->columns + column];
	assert_string_equal(cell->length ? cell->data : "", want);
}

static void put_rows(double y)
{
	put(50, y, "name");
	put(150, y, "amount");
	put(220, y, "wide header");
	for (int i = 0; i < 4; i++) {
		y += 14;
		put(50, y, "row");
		put(190, y, "12"); /* beside its header */
		put(240, y, "x");
	}
}

static void test_tables(void **state)
{
	struct sdp_tables tables = {0};
	struct sdp_page page = {0};
	struct sdp_err err;
	(void)state;
	put(60, 50, "a title that goes over all of the columns");
	put_rows(100);
	put(220, 167, "and on"); /* close behind the last row */
	put(50, 300, "text far below");
	made(&page);
	assert_int_equal(sdp_tables_add(&tables, &page, &(struct sdp_drawing){0}, 0, &err), 0);
	put_rows(60);
	made(&page);
	assert_int_equal(sdp_tables_add(&tables, &page, &(struct sdp_drawing){0}, 1, &err), 0);
	assert_int_equal(tables.count, 1);
	const struct sdp_table *t = tables.tables;
	assert_int_equal(t->columns, 3);
	assert_int_equal(t->rows, 9); /* the header came again, and counts once */
	cell_is(t, 0, 0, "name");
	cell_is(t, 0, 1, "amount");
	cell_is(t, 0, 2, "wide header");
	cell_is(t, 1, 1, "12");
	cell_is(t, 4, 2, "x and on");
	cell_is(t, 5, 0, "row");
	sdp_tables_release(&tables);
	sdp_page_release(&page);
}

/*
 * Dots lead to cells, a header stands on lines half beside each other, words of a cell stand wide
 * apart.
 */
static void test_justified(void **state)
{
	struct sdp_tables tables = {0};
	struct sdp_page page = {0};
	struct sdp_err err;
	(void)state;
	put(365, 94, "Cost in");
	put(50, 98, "Action");
	put(240, 98, "Labor");
	put(430, 98, "N");
	put(460, 98, "M");
	put(365, 102, "all");
	put(50, 120, "Changing wires of the tail........");
	put(230, 120, "up to 79 hours ..........");
	put(370, 120, "$6,715.");
	put(430, 120, "1");
	put(460, 120, "2");
	put(240, 130, "and more");
	put(50, 140, "Test of what has been changed ....");
	put(230, 140, "40");
	put(247, 140, "hours");
	put(279, 140, "x");
	put(291, 140, "$85");
	put(313, 140, "for");
	put(335, 140, "all");
	put(370, 140, "$3,400.");
	put(430, 140, "3");
	put(460, 140, "4");
	put(60, 150, "lately"); /* had no room behind the dots */
	put(50, 190, "A note.");
	made(&page);
	assert_int_equal(page.lines[page.line_count - 3].count, 10);
	assert_int_equal(sdp_tables_add(&tables, &page, &(struct sdp_drawing){0}, 0, &err), 0);
	assert_int_equal(tables.count, 1);
	const struct sdp_table *t = tables.tables;
	assert_int_equal(t->columns, 5);
	assert_int_equal(t->rows, 3);
	cell_is(t, 0, 0, "Action");
	cell_is(t, 0, 2, "Cost in all");
	cell_is(t, 1, 1, "up to 79 hours .......... and more");
	cell_is(t, 2, 1, "40 hours x $85 for all");
	cell_is(t, 2, 2, "$3,400.");
	cell_is(t, 2, 0, "Test of what has been changed .... lately");
	sdp_tables_release(&tables);
	sdp_page_release(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_bold),   cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_tables), cmocka_unit_test(test_justified),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

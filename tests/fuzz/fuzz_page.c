/*
 * Lays out any glyphs as pages and tables. Every glyph that is not blank must appear on a page
 * exactly once (except for glyphs printed twice to look bold), and the cells of a table must be
 * text of its page. Five bytes are a glyph: x, y, size and rotation, character, and the distance to
 * the next.
 */
#include "pdf/page.h"
#include "pdf/tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_page.c:%d: not so: %s\n", line, what);
	abort();
}

static size_t letters(const char *text, size_t length)
{
	size_t sum = 0;
	for (size_t i = 0; i < length; i++)
		sum += text[i] != ' ';
	return sum;
}

static void check_page(const struct sdp_page *page, size_t glyphs)
{
	size_t pieces = 0;
	for (size_t i = 0; i < page->line_count; i++) {
		const struct sdp_line *line = &page->lines[i];
		struct sdp_buf text = {0};
		struct sdp_err err;
		CHECK(line->count > 0 && line->first == pieces && line->y0 <= line->y1);
		CHECK(sdp_page_add_line(page, i, &text, &err) == 0 && text.length > 0);
		sdp_buf_release(&text);
		pieces += line->count;
	}
	CHECK(pieces == page->piece_count && letters(page->text.data, page->text.length) <= glyphs);
	for (size_t i = 0, at = 0; i < pieces; i++) {
		CHECK(page->pieces[i].text == at && page->pieces[i].length > 0);
		at += page->pieces[i].length;
		CHECK(i + 1 < pieces || at == page->text.length);
	}
}

static void check_tables(const struct sdp_tables *tables, size_t written)
{
	size_t found = 0;
	for (size_t i = 0; i < tables->count; i++) {
		const struct sdp_table *t = &tables->tables[i];
		CHECK(t->columns >= 2 && t->rows >= 1);
		for (size_t k = 0; k < t->rows * t->columns; k++)
			found += letters(t->cells[k].data, t->cells[k].length);
		for (size_t k = 1; k < t->columns; k++)
			CHECK(t->places[k - 1].x1 < t->places[k].x0);
	}
	CHECK(found <= written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MOST = 600, PAGES = 3 };
	struct sdp_glyph glyphs[MOST];
	struct sdp_tables tables = {0};
	struct sdp_page page = {0};
	struct sdp_err err;
	size_t written = 0;
	for (unsigned number = 0; number < PAGES && size >= 5; number++) {
		size_t count = 0;
		for (; size >= 5 && count < MOST && data[4] != 255; data += 5, size -= 5) {
			double x = 3 * data[0] + data[4] / 64.0, y = 4 * data[1],
			       extent = 1 + data[2] % 16;
			glyphs[count++] = (struct sdp_glyph){.x0 = x,
							     .x1 = x + extent / 2,
							     .y0 = y - extent,
							     .y1 = y,
							     .base = y,
							     .size = extent,
							     .code = 33 + data[3] % 94,
							     .direction = data[2] >> 6,
							     .after_blank = data[4] & 1};
		}
		if (size >= 5) {
			data += 5;
			size -= 5;
		}
		CHECK(sdp_page_make(&page, glyphs, count, &err) == 0);
		check_page(&page, count);
		written += letters(page.text.data, page.text.length);
		CHECK(sdp_tables_add(&tables, &page, &(struct sdp_drawing){0}, number, &err) == 0);
	}
	check_tables(&tables, written);
	sdp_tables_release(&tables);
	sdp_page_release(&page);
	return 0;
}

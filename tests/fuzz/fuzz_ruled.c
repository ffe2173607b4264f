/*
 * Looks for tables between any lines. No glyph may be lost: each is in a table or left over. Six
 * bytes are a line, an area or a glyph: what, x, y, width, height, character.
 */
#include "pdf/page.h"
#include "pdf/ruled.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(x) ((x) ? (void)0 : failed(#x, __LINE__))

static void failed(const char *what, int line)
{
	fprintf(stderr, "fuzz_ruled.c:%d: not so: %s\n", line, what);
	abort();
}

enum { MOST = 400, PAGES = 3, STEP = 6 };

static struct sdp_glyph glyph_of(const uint8_t *b)
{
	double x = 2 * b[1], y = 3 * b[2], extent = 3 + b[3] % 12;
	unsigned char direction = b[4] > 250 ? b[4] & 3 : 0;
	return (struct sdp_glyph){.x0 = x,
				  .x1 = x + extent / 2,
				  .y0 = y - extent,
				  .y1 = y,
				  .base = direction % 2 ? x : y,
				  .size = extent,
				  .code = 33 + b[5] % 94,
				  .direction = direction};
}

/* Adds a line or an area. Lines snap to a coarse grid, so that they often meet. */
static int draw(struct sdp_drawing *drawing, const uint8_t *b, struct sdp_err *err)
{
	double x = 20 * (b[1] % 25), y = 20 * (b[2] % 35), across = 20 * (b[3] % 20),
	       down = 20 * (b[4] % 20);
	switch (b[0] % 4) {
	case 0:
		return sdp_drawing_fill(drawing, (struct sdp_rectangle){x, y, x + across, y + 1},
					err);
	case 1:
		return sdp_drawing_fill(drawing, (struct sdp_rectangle){x, y, x + 1, y + down},
					err);
	case 2:
		return sdp_drawing_line(drawing,
					(struct sdp_rule){x, y, x + across + b[5] % 3, y, 1}, err);
	default:
		return sdp_drawing_fill(drawing, (struct sdp_rectangle){x, y, x + across, y + down},
					err);
	}
}

static size_t letters_of(const struct sdp_tables *tables)
{
	size_t sum = 0;
	for (size_t i = 0; i < tables->count; i++) {
		const struct sdp_table *t = &tables->tables[i];
		CHECK(t->columns >= 2 && t->rows >= 2);
		for (size_t k = 0; k < t->rows * t->columns; k++)
			for (size_t c = 0; c < t->cells[k].length; c++)
				sum += t->cells[k].data[c] != ' ';
		for (size_t k = 0; k < t->doubt_count; k++)
			CHECK(t->doubts[k].row < t->rows && t->doubts[k].column < t->columns);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sdp_glyph glyphs[MOST];
	struct sdp_tables tables = {0};
	struct sdp_err err;
	size_t all = 0, left = 0;
	for (unsigned number = 0; number < PAGES; number++) {
		struct sdp_drawing drawing = {0};
		size_t count = 0;
		for (; size >= STEP && data[0] != 255; data += STEP, size -= STEP) {
			if (data[0] % 8 < 4 && count < MOST)
				glyphs[count++] = glyph_of(data);
			else
				CHECK(draw(&drawing, data, &err) == 0);
		}
		if (size >= STEP) {
			data += STEP;
			size -= STEP;
		}
		all += count;
		CHECK(sdp_ruled_add(&tables, &drawing, glyphs, &count, number, &err) == 0);
		sdp_tables_sort(&tables, number);
		left += count;
		sdp_drawing_release(&drawing);
	}
	/* Bold type, which is printed twice, and the header that is repeated, are left out. */
	CHECK(letters_of(&tables) + left <= all);
	CHECK(tables.count > 0 || left == all);
	sdp_tables_release(&tables);
	return 0;
}

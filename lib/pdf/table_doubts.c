/* The cells of tables and the doubts about them. */
#include "pdf/table_doubts.h"

#include "sdp/mem.h"

#include <string.h>

enum { WORK = 20000000 }; /* the most comparisons of texts with pieces of a table */

void sdp_table_release(struct sdp_table *t)
{
	for (size_t k = 0; k < t->rows * t->columns; k++)
		sdp_buf_release(&t->cells[k]);
	free(t->cells);
	free(t->places);
	free(t->doubts);
	free(t->digit_rows);
	sdp_buf_release(&t->left_text);
	*t = (struct sdp_table){0};
}

void sdp_tables_release(struct sdp_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		sdp_table_release(&tables->tables[i]);
	free(tables->tables);
	*tables = (struct sdp_tables){0};
}

int sdp_table_new_row(struct sdp_table *t, struct sdp_err *err)
{
	size_t count = (t->rows + 1) * t->columns, before = t->rows * t->columns;
	if (sdp_grow(&t->cells, &t->capacity, count, sizeof *t->cells, err) < 0)
		return -1;
	memset(t->cells + before, 0, t->columns * sizeof *t->cells);
	t->rows++;
	return 0;
}

int sdp_table_doubt(struct sdp_table *t, struct sdp_doubt doubt, struct sdp_err *err)
{
	const struct sdp_doubt *last = t->doubt_count ? &t->doubts[t->doubt_count - 1] : NULL;
	if (last && last->kind == doubt.kind && last->row == doubt.row &&
	    last->column == doubt.column)
		return 0;
	if (sdp_grow(&t->doubts, &t->doubt_capacity, t->doubt_count + 1, sizeof *t->doubts, err) <
	    0)
		return -1;
	t->doubts[t->doubt_count++] = doubt;
	return 0;
}

int sdp_table_set_columns(struct sdp_table *t, const struct sdp_table_column *places, size_t count,
			  struct sdp_err *err)
{
	t->columns = count;
	t->places = sdp_alloc(count, sizeof *t->places, err);
	if (!t->places)
		return -1;
	memcpy(t->places, places, count * sizeof *places);
	return 0;
}

int sdp_table_add_text(struct sdp_buf *cell, const char *text, size_t length, struct sdp_err *err)
{
	return sdp_buf_add(cell, " ", cell->length > 0, err) < 0
		       ? -1
		       : sdp_buf_add(cell, text, length, err);
}

int sdp_table_add_line(struct sdp_table *t, const struct sdp_cover *cover,
		       const struct sdp_page *page, const struct sdp_line *line,
		       struct sdp_err *err)
{
	for (size_t i = 0, last = SIZE_MAX; i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		size_t column = sdp_cover_column(cover, piece);
		struct sdp_buf *cell = &t->cells[(t->rows - 1) * t->columns + column];
		struct sdp_doubt doubt = {SDP_DOUBT_WIDE, t->rows - 1, column, 1, 1};
		if ((column == last && sdp_table_doubt(t, doubt, err) < 0) ||
		    sdp_table_add_text(cell, page->text.data + piece->text, piece->length, err) < 0)
			return -1;
		last = column;
	}
	return 0;
}

/* Returns whether another text, which was printed at once, begins within a piece. */
static bool is_split(const struct sdp_piece *piece, const struct sdp_line *line,
		     const struct sdp_rule *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct sdp_rule *r = &texts[i];
		if (r->x0 > piece->x0 + 1 && r->x0 < piece->x1 &&
		    r->y0 > (line->y0 + line->y1) / 2 && r->y0 <= line->y1)
			return true;
	}
	/* A text of one glyph is no run, and so are all of a piece. */
	for (size_t i = 0; i < count; i++) {
		const struct sdp_rule *r = &texts[i];
		if (r->x0 >= piece->x0 - 1 && r->x1 > piece->x1 - 2 * (line->y1 - line->y0) &&
		    r->y0 > (line->y0 + line->y1) / 2 && r->y0 <= line->y1)
			return false;
	}
	return true;
}

/* Notes the cells of a header that are printed in several pieces if others are empty. */
static int note_header(struct sdp_table *t, const struct sdp_cover *cover,
		       const struct sdp_page *page, const struct sdp_line *line,
		       const struct sdp_rule *texts, size_t count, struct sdp_err *err)
{
	bool hole = false;
	for (size_t c = 0; c < t->columns; c++)
		hole = hole || t->cells[c].length == 0;
	for (size_t i = 0; hole && i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		struct sdp_doubt doubt = {SDP_DOUBT_WIDE, 0, sdp_cover_column(cover, piece), 1, 1};
		if (piece->length > 2 && is_split(piece, line, texts, count) &&
		    sdp_table_doubt(t, doubt, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_table_doubt_columns(struct sdp_table *t, const struct sdp_cover *cover,
			    const struct sdp_page *page, const struct sdp_run *run,
			    const struct sdp_rule *texts, size_t count, struct sdp_err *err)
{
	if (t->rows < 2 || count * cover->count * (run->to - run->from) > WORK)
		return 0;
	if (note_header(t, cover, page, &page->lines[run->from], texts, count, err) < 0)
		return -1;
	for (size_t c = 0; c < cover->count; c++) {
		size_t cells = 0, split = 0;
		for (size_t k = run->from + 1; k <= run->to; k++)
			for (size_t i = 0; i < page->lines[k].count; i++) {
				const struct sdp_line *line = &page->lines[k];
				const struct sdp_piece *piece = &page->pieces[line->first + i];
				if (sdp_cover_column(cover, piece) != c)
					continue;
				cells++;
				split += piece->length > 2 && is_split(piece, line, texts, count);
			}
		struct sdp_doubt doubt = {SDP_DOUBT_WIDE, t->rows > 1, c, 1, 1};
		if (cells > 1 && split == cells && sdp_table_doubt(t, doubt, err) < 0)
			return -1;
	}
	return 0;
}

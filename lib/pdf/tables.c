/*
 * Turns the runs of lines of each page into tables: decides which lines belong to one row, finds
 * headers, and continues tables after a page break or a few other lines.
 */
#include "pdf/table_doubts.h"
#include "pdf/table_frame.h"
#include "pdf/table_runs.h"

#include "sdp/mem.h"
#include "sdp/num.h"

#include <string.h>

enum { HEADER = 4 }; /* lines above a table in which its header is looked for */

static const double loose = 1.2;   /* in heights of the text: rows are farther apart than lines */
static const double almost = 0.93; /* of the distance of rows: what is farther is a row */
static const double join_distance =
	1.5; /* columns nearer than so many line heights may be joined */

/* ---- rows ---- */

/*
 * Returns the nearest line, from this one upwards, with several pieces, or the first of the page.
 */
static const struct sdp_line *last_multi_piece_line(const struct sdp_page *page, size_t number)
{
	while (number > 0 && page->lines[number].count == 1)
		number--;
	return &page->lines[number];
}

/*
 * Returns whether the line is the rest of the first cell of the row above, wrapped because its next
 * word would have run into the second cell.  Such a line has one piece and is indented.
 */
static bool is_hanging(const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number], *above = line - 1,
			      *top = last_multi_piece_line(page, number - 1);
	if (line->count != 1 || top->count < 2)
		return false;
	const struct sdp_piece *p = &page->pieces[line->first], *first = &page->pieces[top->first],
			       *next = first + 1;
	const char *text = page->text.data + p->text, *blank = memchr(text, ' ', p->length);
	double word = (p->x1 - p->x0) * (double)(blank ? (size_t)(blank - text) : p->length) /
		      (double)p->length;
	double end = page->pieces[above->first].x1;
	return p->x0 > first->x0 + 0.3 * (line->y1 - line->y0) && p->x1 < next->x0 &&
	       end < next->x0 && end + word > next->x0;
}

/* Returns whether lines are as far apart as rows are, which are not as close as lines of a text. */
static bool is_row_apart(const struct sdp_table *t, double distance, double height)
{
	return t->pitch > loose * height && distance > almost * t->pitch;
}

/*
 * Returns whether the line continues the cells of the last row.  It does if it is nearer than rows
 * are, and does not if it is as far away as they are.  Else it does if it is close to the line
 * above and either hanging, or it has no cell in the first column, none below an empty cell, and at
 * most half as many cells as that row.
 */
static bool continues_row(const struct sdp_table *t, const struct sdp_cover *cover,
			  const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number], *above = line - 1;
	double height = line->y1 - line->y0, distance = sdp_line_distance(page, number);
	if (t->rows > 0 && distance < SDP_TIGHT * t->pitch)
		return true;
	if (is_row_apart(t, distance, height))
		return false;
	if (t->rows < 2 || number == 0 || line->y0 - above->y1 > 0.5 * (line->y1 - line->y0))
		return false;
	if (is_hanging(page, number))
		return true;
	size_t had = 0, has = sdp_cover_occupied(cover, page, line);
	const struct sdp_buf *last = t->cells + (t->rows - 1) * t->columns;
	for (size_t i = 0; i < t->columns; i++)
		had += last[i].length > 0;
	for (size_t i = 0; i < line->count; i++) {
		size_t at = sdp_cover_column(cover, &page->pieces[line->first + i]);
		if (at == 0 || last[at].length == 0)
			return false;
	}
	return 2 * has <= had;
}

/* Returns how many pieces of a line have a digit. */
static size_t with_digits(const struct sdp_page *page, const struct sdp_line *line)
{
	size_t sum = 0;
	for (size_t i = 0; i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		size_t k = 0;
		while (k < piece->length && !sdp_is_digit(page->text.data[piece->text + k]))
			k++;
		sum += k < piece->length;
	}
	return sum;
}

/*
 * Returns whether this line and the one above have no digits and overlap vertically by more than
 * half of the lower height, as the lines of a header do whose cells differ in height.
 */
static bool overlaps_above(const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number], *above = line - 1;
	if (number == 0 || line->rotated != above->rotated || with_digits(page, line - 1) ||
	    with_digits(page, line))
		return false;
	double a = above->y1 - above->y0, b = line->y1 - line->y0;
	return above->y1 - line->y0 > 0.5 * (a < b ? a : b);
}

/* Returns the first of the lines up to from, but not before least, that overlap one another. */
static size_t first_overlapping(const struct sdp_page *page, size_t least, size_t from)
{
	while (from > least && overlaps_above(page, from))
		from--;
	return from;
}

/*
 * Returns whether the line continues the header, which is row start of the table.  It does if it
 * overlaps the line above, or if both have no digits, it has cells in at least half of the columns,
 * and at least half of the cells of the next line have digits.
 */
static bool continues_header(const struct sdp_table *t, const struct sdp_cover *cover,
			     const struct sdp_page *page, size_t number, size_t start)
{
	const struct sdp_line *line = &page->lines[number];
	if (t->rows == start + 1 && overlaps_above(page, number))
		return true;
	if (t->rows != 1 || number == 0 || number + 1 == page->line_count)
		return false;
	return with_digits(page, line - 1) == 0 && with_digits(page, line) == 0 &&
	       2 * sdp_cover_occupied(cover, page, line) >= t->columns &&
	       2 * with_digits(page, line + 1) >= line[1].count;
}

static bool has_text(const struct sdp_table *t, size_t row)
{
	for (size_t i = 0; i < t->columns; i++)
		if (t->cells[row * t->columns + i].length)
			return true;
	return false;
}

/*
 * Adds the cells of a line to the last row.  Notes pieces that come into the same cell, and a
 * further line of the header that has digits.
 */
static int add_cells(struct sdp_table *t, const struct sdp_cover *cover,
		     const struct sdp_page *page, size_t number, struct sdp_err *err)
{
	const struct sdp_line *line = &page->lines[number];
	struct sdp_doubt header = {SDP_DOUBT_STACKED, 0, 0, 1, 1};
	if (t->rows == 1 && has_text(t, 0) && with_digits(page, line) > 0 &&
	    sdp_table_doubt(t, header, err) < 0)
		return -1;
	return sdp_table_add_line(t, cover, page, line, err);
}

static int add_row(struct sdp_table *t, const struct sdp_cover *cover, const struct sdp_page *page,
		   size_t number, size_t start, struct sdp_err *err)
{
	if (!continues_row(t, cover, page, number) &&
	    !continues_header(t, cover, page, number, start) && sdp_table_new_row(t, err) < 0)
		return -1;
	return add_cells(t, cover, page, number, err);
}

/*
 * Returns the first line of the header above a run, or SIZE_MAX if there is none.  A header whose
 * cells span several columns is not part of the run.  It has no digits and cells in at least half
 * of the columns.
 */
static size_t find_header(const struct sdp_cover *cover, const struct sdp_page *page, size_t least,
			  size_t from)
{
	for (size_t k = from; k > least && k + HEADER > from && sdp_lines_go_on(page, k); k--) {
		const struct sdp_line *line = &page->lines[k - 1];
		if (2 * sdp_cover_occupied(cover, page, line) >= cover->count &&
		    with_digits(page, line) == 0)
			return first_overlapping(page, least, k - 1);
	}
	return SIZE_MAX;
}

/* Adds the header of a new table as its first row and sets *from to the line after it. */
static int add_header(struct sdp_table *t, const struct sdp_cover *cover,
		      const struct sdp_page *page, size_t least, size_t *from, struct sdp_err *err)
{
	size_t first = find_header(cover, page, least, *from), to = *from;
	if (first == SIZE_MAX)
		return 0;
	to += 2 * sdp_cover_occupied(cover, page, &page->lines[to]) < cover->count &&
	      with_digits(page, &page->lines[to]) == 0;
	if (sdp_table_new_row(t, err) < 0)
		return -1;
	for (size_t k = first; k < to; k++)
		if (add_cells(t, cover, page, k, err) < 0)
			return -1;
	*from = to;
	return 0;
}

static bool same_row(const struct sdp_table *t, size_t a, size_t b)
{
	for (size_t i = 0; i < t->columns; i++) {
		const struct sdp_buf *x = &t->cells[a * t->columns + i],
				     *y = &t->cells[b * t->columns + i];
		if (x->length != y->length ||
		    (x->length && memcmp(x->data, y->data, x->length) != 0))
			return false;
	}
	return true;
}

/* Returns whether the first row has no digits, and so is a header. */
static bool has_header(const struct sdp_table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		for (size_t k = 0; k < t->cells[i].length; k++)
			if (sdp_is_digit(t->cells[i].data[k]))
				return false;
	return true;
}

/* Removes row first, the first one of this page, if it repeats the header. */
static void drop_header(struct sdp_table *t, size_t first)
{
	if (first == t->rows || !has_header(t) || !same_row(t, 0, first))
		return;
	struct sdp_buf *row = t->cells + first * t->columns;
	for (size_t i = 0; i < t->columns; i++)
		sdp_buf_release(&row[i]);
	t->rows--;
	memmove(row, row + t->columns, (t->rows - first) * t->columns * sizeof *row);
	size_t kept = 0;
	for (size_t i = 0; i < t->doubt_count; i++) {
		struct sdp_doubt d = t->doubts[i];
		if (d.row == first)
			continue;
		d.row -= d.row > first;
		t->doubts[kept++] = d;
	}
	t->doubt_count = kept;
}

/* ---- runs become tables ---- */

static bool is_table(const struct sdp_cover *cover, const struct sdp_page *page, size_t from,
		     size_t to)
{
	size_t tabular = 0;
	for (size_t k = from; k <= to; k++)
		tabular += sdp_cover_occupied(cover, page, &page->lines[k]) > 1;
	return cover->count >= 2 && tabular >= (cover->count == 2 ? 3 : 2) &&
	       3 * tabular >= to - from + 1 && !sdp_lines_prose(page, from, to);
}

static bool same_columns(const struct sdp_table *t, const struct sdp_cover *cover)
{
	if (t->columns != cover->count)
		return false;
	for (size_t i = 0; i < cover->count; i++)
		if (t->places[i].x1 < cover->columns[i].x0 ||
		    t->places[i].x0 > cover->columns[i].x1)
			return false;
	return true;
}

static int new_table(struct sdp_tables *tables, const struct sdp_cover *cover, unsigned number,
		     const struct sdp_line *top, struct sdp_err *err)
{
	if (sdp_grow(&tables->tables, &tables->capacity, tables->count + 1, sizeof *tables->tables,
		     err) < 0)
		return -1;
	struct sdp_table *t = &tables->tables[tables->count];
	*t = (struct sdp_table){.first_page = number, .top = top->y0, .left = cover->columns[0].x0};
	if (sdp_table_set_columns(t, cover->columns, cover->count, err) < 0)
		return -1;
	tables->count++;
	return 0;
}

/*
 * Counts the lines of a run in which a column has a cell (*own), in which the next column has one
 * (*next), and in which both have one (*both).
 */
static void count_cells(const struct sdp_cover *c, const struct sdp_page *page, size_t from,
			size_t to, size_t column, size_t *own, size_t *next, size_t *both)
{
	*own = *next = *both = 0;
	for (size_t k = from; k <= to; k++) {
		bool here = false, there = false;
		for (size_t i = 0; i < page->lines[k].count; i++) {
			size_t at = sdp_cover_column(c, &page->pieces[page->lines[k].first + i]);
			here = here || at == column;
			there = there || at == column + 1;
		}
		*own += here;
		*next += there;
		*both += here && there;
	}
}

/*
 * Joins columns that are really one, because a header is not directly above the cells of its
 * column: neighbours that are close to each other, have no cells in the same line, and of which one
 * has hardly any cells.
 */
static void join_columns(struct sdp_cover *c, const struct sdp_page *page, size_t from, size_t to)
{
	double height = page->lines[from].y1 - page->lines[from].y0;
	size_t few = (to - from + 1) / 10 > 2 ? (to - from + 1) / 10 : 2;
	for (size_t i = 0; i + 1 < c->count;) {
		size_t own, next, both;
		count_cells(c, page, from, to, i, &own, &next, &both);
		bool near = c->columns[i + 1].x0 - c->columns[i].x1 < join_distance * height;
		if (both || !near || (own > few && next > few)) {
			i++;
			continue;
		}
		c->columns[i].x1 = c->columns[i + 1].x1;
		memmove(c->columns + i + 1, c->columns + i + 2,
			(c->count - i - 2) * sizeof *c->columns);
		c->count--;
		i -= i > 0;
	}
}

/* The state while the runs of one page become tables. */
struct page_state {
	struct sdp_tables *tables;
	const struct sdp_page *page;
	const struct sdp_drawing *drawing;
	unsigned number;
	struct sdp_cover cover;
	size_t next; /* the line after the last run */
};

/* Returns the last table that has no lines, or NULL. */
static struct sdp_table *last_of_text(struct sdp_tables *all)
{
	for (size_t i = all->count; i > 0; i--)
		if (!all->tables[i - 1].ruled)
			return &all->tables[i - 1];
	return NULL;
}

/* Notes the rows, from first on, and the lines that may or may not belong to a table. */
static int note_neighbours(const struct page_state *f, struct sdp_table *t,
			   const struct sdp_neighbours *near, size_t first, struct sdp_err *err)
{
	struct sdp_doubt doubt = {SDP_DOUBT_EDGE, first, 0, 1, t->columns};
	for (size_t i = 0; i < near->above && doubt.row < t->rows; i++, doubt.row++)
		if (sdp_table_doubt(t, doubt, err) < 0)
			return -1;
	for (size_t i = near->below; i > 0 && i <= t->rows; i--) {
		doubt.row = t->rows - i;
		if (sdp_table_doubt(t, doubt, err) < 0)
			return -1;
	}
	if (near->left && t->left_out == 0) {
		t->left_page = f->number;
		if (sdp_page_add_line(f->page, near->first, &t->left_text, err) < 0)
			return -1;
	}
	t->left_out += near->left;
	return 0;
}

static int add_run(struct page_state *f, size_t from, size_t to, size_t limit, struct sdp_err *err)
{
	const struct sdp_page *page = f->page;
	struct sdp_tables *all = f->tables;
	bool joined = false;
	f->cover.count = 0;
	if (sdp_cover_add_lines(&f->cover, page, from, to, &joined, err) < 0)
		return -1;
	join_columns(&f->cover, page, from, to);
	struct sdp_run run = {from, to};
	struct sdp_neighbours near;
	if (sdp_table_extend(f->drawing, &f->cover, page, f->next, limit, &run, &near, err) < 0)
		return -1;
	bool extended = run.from < from;
	from = run.from, to = run.to;
	struct sdp_table *t = last_of_text(all);
	bool again = t && same_columns(t, &f->cover);
	bool here = again && t->page == f->number && from - f->next <= SDP_LINES_BETWEEN;
	again = here || (again && t->page + 1 == f->number);
	if (!again && !is_table(&f->cover, page, from, to))
		return 0;
	if (!again && new_table(all, &f->cover, f->number, &page->lines[from], err) < 0)
		return -1;
	t = last_of_text(all);
	size_t first = t->rows;
	t->pitch = sdp_table_pitch(&f->cover, page, &run);
	if (!again && !extended && add_header(t, &f->cover, page, f->next, &from, err) < 0)
		return -1;
	if (!here && t->rows == first)
		from = first_overlapping(page, f->next, from);
	for (size_t k = here ? f->next : from; k <= to; k++)
		if (add_row(t, &f->cover, page, k, here ? SIZE_MAX : first, err) < 0)
			return -1;
	if (note_neighbours(f, t, &near, first, err) < 0)
		return -1;
	if (sdp_table_doubt_columns(t, &f->cover, page, &run, f->drawing->runs,
				    f->drawing->run_count, err) < 0)
		return -1;
	if (again)
		drop_header(t, first);
	t->page = f->number;
	f->next = to + 1;
	return 0;
}

/* Returns the last line of a run after adding the lines that continue its last row. */
static size_t extend_run(const struct sdp_page *page, size_t to)
{
	while (to + 1 < page->line_count && page->lines[to + 1].count == 1) {
		const struct sdp_line *line = &page->lines[to + 1], *above = line - 1,
				      *top = last_multi_piece_line(page, to);
		double height = line->y1 - line->y0;
		const struct sdp_piece *p = &page->pieces[line->first],
				       *first = &page->pieces[top->first];
		bool inside = top->count > 1 && p->x0 > first->x1 &&
			      p->x0 < page->pieces[top->first + top->count - 1].x1;
		if (!(inside || is_hanging(page, to + 1)) || line->rotated != above->rotated ||
		    line->y0 - above->y1 > 0.5 * height)
			break;
		to++;
	}
	return to;
}

int sdp_tables_add(struct sdp_tables *tables, const struct sdp_page *page,
		   const struct sdp_drawing *drawing, unsigned number, struct sdp_err *err)
{
	struct page_state f = {.tables = tables,
			       .page = page,
			       .drawing = drawing,
			       .number = number};
	struct sdp_run *runs = sdp_alloc(page->line_count + 1, sizeof *runs, err);
	size_t count = 0;
	int rc = runs ? sdp_runs_find(page, runs, &count, err) : -1;
	while (rc == 0 && count > 0) {
		const struct sdp_run *run = &runs[--count];
		size_t limit = count > 0 ? runs[count - 1].from : page->line_count,
		       to = extend_run(page, run->to);
		rc = add_run(&f, run->from, to < limit ? to : limit - 1, limit, err);
	}
	free(runs);
	free(f.cover.columns);
	return rc;
}

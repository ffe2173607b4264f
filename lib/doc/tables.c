#include "sdp/tables.h"

#include "sdp/mem.h"

#include <string.h>

enum {
	BREAK = 3,  /* what another table costs, in cells kept apart */
	LINES = 120, /* a run has at most, so that time does not grow with their square; longer tables are joined again */
	BETWEEN = 3, /* lines that do not fit and interrupt a table */
	HEADER = 4,  /* lines above a table in which its header is looked for */
	PROSE = 25,  /* bytes: longer pieces are sentences, not cells */
};

static const double far = 5;      /* line heights without text end a table */
static const double beside = 1.5; /* line heights from a header to the cells it stands beside */
static const double narrow = 0.5; /* points between columns */

void sdp_tables_release(struct sdp_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		struct sdp_table *t = &tables->tables[i];
		for (size_t k = 0; k < t->rows * t->columns; k++)
			sdp_buf_release(&t->cells[k]);
		free(t->cells);
		free(t->places);
	}
	free(tables->tables);
	*tables = (struct sdp_tables){0};
}

/* ---- columns of a run of lines ---- */

/* Disjoint intervals, ascending. */
struct cover {
	struct sdp_table_column *columns;
	size_t count, capacity;
};

/* Adds an interval; true if it joined columns that were apart. */
static int cover_add(struct cover *c, const struct sdp_piece *piece, bool *joined, struct sdp_err *err)
{
	size_t from = 0, to;
	struct sdp_table_column wide = {piece->x0, piece->x1};
	if (sdp_grow(&c->columns, &c->capacity, c->count + 1, sizeof *c->columns, err) < 0)
		return -1;
	while (from < c->count && c->columns[from].x1 + narrow < wide.x0)
		from++;
	for (to = from; to < c->count && c->columns[to].x0 - narrow < wide.x1; to++) {
		wide.x0 = c->columns[to].x0 < wide.x0 ? c->columns[to].x0 : wide.x0;
		wide.x1 = c->columns[to].x1 > wide.x1 ? c->columns[to].x1 : wide.x1;
	}
	*joined = *joined || to > from + 1;
	memmove(c->columns + from + 1, c->columns + to, (c->count - to) * sizeof *c->columns);
	c->count = c->count + 1 - (to - from);
	c->columns[from] = wide;
	return 0;
}

/* The column in which most of a piece stands, or the first behind its end. */
static size_t column_of(const struct sdp_table_column *columns, size_t count, const struct sdp_piece *piece)
{
	size_t i = 0;
	while (i + 1 < count && columns[i].x1 < piece->x0)
		i++;
	size_t best = i;
	for (double most = 0; i < count && columns[i].x0 < piece->x1; i++) {
		double from = columns[i].x0 > piece->x0 ? columns[i].x0 : piece->x0;
		double to = columns[i].x1 < piece->x1 ? columns[i].x1 : piece->x1;
		if (to - from > most) {
			most = to - from;
			best = i;
		}
	}
	return best;
}

/* How many columns have a cell in this line. */
static size_t occupied(const struct cover *c, const struct sdp_page *page, const struct sdp_line *line)
{
	size_t sum = 0, last = SIZE_MAX;
	for (size_t i = 0; i < line->count; i++) {
		size_t at = column_of(c->columns, c->count, &page->pieces[line->first + i]);
		sum += at != last;
		last = at;
	}
	return sum;
}

/* ---- the best runs ---- */

struct plan {
	long best;   /* of all lines up to this one */
	size_t from; /* the run that ends with this line begins there; SIZE_MAX: none does */
};

static bool goes_on(const struct sdp_page *page, size_t line)
{
	const struct sdp_line *a = &page->lines[line - 1], *b = &page->lines[line];
	double height = a->y1 - a->y0 > b->y1 - b->y0 ? a->y1 - a->y0 : b->y1 - b->y0;
	return b->y0 - a->y1 < far * height && a->turned == b->turned;
}

/* All runs that begin with this line; plans of the lines before it are settled. */
static int try_runs(const struct sdp_page *page, size_t from, struct plan *plans, struct cover *cover,
		    struct sdp_err *err)
{
	long before = from ? plans[from - 1].best : 0, score = 0;
	cover->count = 0;
	for (size_t to = from; to < page->line_count && to < from + LINES; to++) {
		const struct sdp_line *line = &page->lines[to];
		bool joined = false;
		if (to > from && !goes_on(page, to))
			break;
		for (size_t i = 0; i < line->count; i++)
			if (cover_add(cover, &page->pieces[line->first + i], &joined, err) < 0)
				return -1;
		if (cover->count < 2 && to > from)
			break;
		size_t own = occupied(cover, page, line);
		score += (long)own - 1;
		if (joined) {
			score = 0;
			for (size_t k = from; k <= to; k++)
				score += (long)occupied(cover, page, &page->lines[k]) - 1;
		}
		if (own > 1 && before + score - BREAK > plans[to].best) {
			plans[to].best = before + score - BREAK;
			plans[to].from = from;
		}
	}
	return 0;
}

/* ---- rows ---- */

static int new_row(struct sdp_table *t, struct sdp_err *err)
{
	size_t count = (t->rows + 1) * t->columns, before = t->rows * t->columns;
	if (sdp_grow(&t->cells, &t->capacity, count, sizeof *t->cells, err) < 0)
		return -1;
	memset(t->cells + before, 0, t->columns * sizeof *t->cells);
	t->rows++;
	return 0;
}

/*
 * Does the line go on with the cells of the row before it?  If it has no first cell and at most half as
 * many as that row, and stands close.
 */
static bool continues(const struct sdp_table *t, const struct cover *cover, const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number], *above = line - 1;
	if (t->rows < 2 || number == 0 || line->y0 - above->y1 > 0.5 * (line->y1 - line->y0))
		return false;
	size_t had = 0, has = occupied(cover, page, line);
	const struct sdp_buf *last = t->cells + (t->rows - 1) * t->columns;
	for (size_t i = 0; i < t->columns; i++)
		had += last[i].length > 0;
	for (size_t i = 0; i < line->count; i++) {
		size_t at = column_of(cover->columns, cover->count, &page->pieces[line->first + i]);
		if (at == 0 || last[at].length == 0)
			return false;
	}
	return 2 * has <= had;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Pieces of a line that have a digit. */
static size_t with_digits(const struct sdp_page *page, const struct sdp_line *line)
{
	size_t sum = 0;
	for (size_t i = 0; i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		size_t k = 0;
		while (k < piece->length && !is_digit(page->text.data[piece->text + k]))
			k++;
		sum += k < piece->length;
	}
	return sum;
}

/*
 * Does the line go on with a header?  If it has words alone, in half of the columns or more, and numbers
 * follow.
 */
static bool heads(const struct sdp_table *t, const struct cover *cover, const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number];
	if (t->rows != 1 || number == 0 || number + 1 == page->line_count)
		return false;
	return with_digits(page, line - 1) == 0 && with_digits(page, line) == 0 &&
	       2 * occupied(cover, page, line) >= t->columns && 2 * with_digits(page, line + 1) >= line[1].count;
}

/* Adds a line's cells to the last row. */
static int add_cells(struct sdp_table *t, const struct cover *cover, const struct sdp_page *page, size_t number,
		     struct sdp_err *err)
{
	const struct sdp_line *line = &page->lines[number];
	for (size_t i = 0; i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		struct sdp_buf *cell = &t->cells[(t->rows - 1) * t->columns + column_of(cover->columns, cover->count, piece)];
		if ((cell->length && sdp_buf_add(cell, " ", 1, err) < 0) ||
		    sdp_buf_add(cell, page->text.data + piece->text, piece->length, err) < 0)
			return -1;
	}
	return 0;
}

static int add_row(struct sdp_table *t, const struct cover *cover, const struct sdp_page *page, size_t number,
		   struct sdp_err *err)
{
	if (!continues(t, cover, page, number) && !heads(t, cover, page, number) && new_row(t, err) < 0)
		return -1;
	return add_cells(t, cover, page, number, err);
}

/*
 * Headers that stand over several columns are in no run: the line of one above a run, at least half of
 * whose columns it names; SIZE_MAX if there is none.
 */
static size_t header_of(const struct cover *cover, const struct sdp_page *page, size_t least, size_t from)
{
	for (size_t k = from; k > least && k + HEADER > from && goes_on(page, k); k--) {
		const struct sdp_line *line = &page->lines[k - 1];
		if (2 * occupied(cover, page, line) >= cover->count && with_digits(page, line) == 0)
			return k - 1;
	}
	return SIZE_MAX;
}

/* The header of a new table, as its first row; *from becomes the line behind it. */
static int add_header(struct sdp_table *t, const struct cover *cover, const struct sdp_page *page, size_t least,
		      size_t *from, struct sdp_err *err)
{
	size_t first = header_of(cover, page, least, *from), to = *from;
	if (first == SIZE_MAX)
		return 0;
	to += 2 * occupied(cover, page, &page->lines[to]) < cover->count && with_digits(page, &page->lines[to]) == 0;
	if (new_row(t, err) < 0)
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
		const struct sdp_buf *x = &t->cells[a * t->columns + i], *y = &t->cells[b * t->columns + i];
		if (x->length != y->length || (x->length && memcmp(x->data, y->data, x->length) != 0))
			return false;
	}
	return true;
}

/* Is the first row in words, so that it is a header? */
static bool has_header(const struct sdp_table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		for (size_t k = 0; k < t->cells[i].length; k++)
			if (is_digit(t->cells[i].data[k]))
				return false;
	return true;
}

/* Drops the row behind these if it is the header that came again. */
static void drop_header(struct sdp_table *t, size_t first)
{
	if (first == t->rows || !has_header(t) || !same_row(t, 0, first))
		return;
	struct sdp_buf *row = t->cells + first * t->columns;
	for (size_t i = 0; i < t->columns; i++)
		sdp_buf_release(&row[i]);
	t->rows--;
	memmove(row, row + t->columns, (t->rows - first) * t->columns * sizeof *row);
}

/* ---- runs become tables ---- */

static bool is_prose(const struct sdp_page *page, size_t from, size_t to)
{
	size_t pieces = 0, sentences = 0;
	for (size_t k = from; k <= to; k++)
		for (size_t i = 0; i < page->lines[k].count; i++, pieces++)
			sentences += page->pieces[page->lines[k].first + i].length > PROSE;
	return 2 * sentences > pieces;
}

static bool enough(const struct cover *cover, const struct sdp_page *page, size_t from, size_t to)
{
	size_t tabular = 0;
	for (size_t k = from; k <= to; k++)
		tabular += occupied(cover, page, &page->lines[k]) > 1;
	return cover->count >= 2 && tabular >= (cover->count == 2 ? 3 : 2) && 3 * tabular >= to - from + 1 &&
	       !is_prose(page, from, to);
}

static bool same_columns(const struct sdp_table *t, const struct cover *cover)
{
	if (t->columns != cover->count)
		return false;
	for (size_t i = 0; i < cover->count; i++)
		if (t->places[i].x1 < cover->columns[i].x0 || t->places[i].x0 > cover->columns[i].x1)
			return false;
	return true;
}

static int new_table(struct sdp_tables *tables, const struct cover *cover, struct sdp_err *err)
{
	if (sdp_grow(&tables->tables, &tables->capacity, tables->count + 1, sizeof *tables->tables, err) < 0)
		return -1;
	struct sdp_table *t = &tables->tables[tables->count];
	*t = (struct sdp_table){.columns = cover->count};
	t->places = sdp_alloc(cover->count, sizeof *t->places, err);
	if (!t->places)
		return -1;
	memcpy(t->places, cover->columns, cover->count * sizeof *t->places);
	tables->count++;
	return 0;
}

/* In how many lines of a run a column has a cell, and in how many it and the next one both have. */
static void count_cells(const struct cover *c, const struct sdp_page *page, size_t from, size_t to, size_t column,
			size_t *own, size_t *next, size_t *both)
{
	*own = *next = *both = 0;
	for (size_t k = from; k <= to; k++) {
		bool here = false, there = false;
		for (size_t i = 0; i < page->lines[k].count; i++) {
			size_t at = column_of(c->columns, c->count, &page->pieces[page->lines[k].first + i]);
			here = here || at == column;
			there = there || at == column + 1;
		}
		*own += here;
		*next += there;
		*both += here && there;
	}
}

/*
 * A header may stand beside the cells below it: columns close to each other, of which one has hardly
 * any cells, none of them in a line where the other has one, are one column.
 */
static void join_columns(struct cover *c, const struct sdp_page *page, size_t from, size_t to)
{
	double height = page->lines[from].y1 - page->lines[from].y0;
	size_t few = (to - from + 1) / 10 > 2 ? (to - from + 1) / 10 : 2;
	for (size_t i = 0; i + 1 < c->count;) {
		size_t own, next, both;
		count_cells(c, page, from, to, i, &own, &next, &both);
		bool near = c->columns[i + 1].x0 - c->columns[i].x1 < beside * height;
		if (both || !near || (own > few && next > few)) {
			i++;
			continue;
		}
		c->columns[i].x1 = c->columns[i + 1].x1;
		memmove(c->columns + i + 1, c->columns + i + 2, (c->count - i - 2) * sizeof *c->columns);
		c->count--;
		i -= i > 0;
	}
}

/* Where the finding of a page stands. */
struct finding {
	struct sdp_tables *tables;
	const struct sdp_page *page;
	unsigned number;
	struct cover cover;
	size_t next; /* the line behind the last run */
};

static int take_run(struct finding *f, size_t from, size_t to, struct sdp_err *err)
{
	const struct sdp_page *page = f->page;
	struct sdp_tables *all = f->tables;
	bool joined = false;
	f->cover.count = 0;
	for (size_t k = from; k <= to; k++)
		for (size_t i = 0; i < page->lines[k].count; i++)
			if (cover_add(&f->cover, &page->pieces[page->lines[k].first + i], &joined, err) < 0)
				return -1;
	join_columns(&f->cover, page, from, to);
	struct sdp_table *t = all->count ? &all->tables[all->count - 1] : NULL;
	bool again = t && same_columns(t, &f->cover);
	bool here = again && t->page == f->number && from - f->next <= BETWEEN;
	again = here || (again && t->page + 1 == f->number);
	if (!again && !enough(&f->cover, page, from, to))
		return 0;
	if (!again && new_table(all, &f->cover, err) < 0)
		return -1;
	t = &all->tables[all->count - 1];
	size_t first = t->rows;
	if (!again && add_header(t, &f->cover, page, f->next, &from, err) < 0)
		return -1;
	for (size_t k = here ? f->next : from; k <= to; k++)
		if (add_row(t, &f->cover, page, k, err) < 0)
			return -1;
	if (again)
		drop_header(t, first);
	t->page = f->number;
	f->next = to + 1;
	return 0;
}

/* Lines behind a run that go on with its last row. */
static size_t with_rest(const struct sdp_page *page, size_t to)
{
	while (to + 1 < page->line_count && page->lines[to + 1].count == 1) {
		const struct sdp_line *line = &page->lines[to + 1], *above = line - 1, *top = above;
		double height = line->y1 - line->y0;
		while (top > page->lines && top->count == 1)
			top--;
		const struct sdp_piece *p = &page->pieces[line->first], *first = &page->pieces[top->first];
		bool inside = top->count > 1 && p->x0 > first->x1 && p->x0 < page->pieces[top->first + top->count - 1].x1;
		if (!inside || line->turned != above->turned || line->y0 - above->y1 > 0.5 * height)
			break;
		to++;
	}
	return to;
}

/* The best runs of a page, first lines in from, last lines in to; there are at most as many as lines. */
static int best_runs(const struct sdp_page *page, struct cover *cover, struct plan *plans, size_t *froms, size_t *tos,
		     size_t *count, struct sdp_err *err)
{
	for (size_t i = 0; i < page->line_count; i++)
		plans[i] = (struct plan){0, SIZE_MAX};
	for (size_t i = 0; i < page->line_count; i++) {
		if (i && plans[i - 1].best > plans[i].best)
			plans[i] = (struct plan){plans[i - 1].best, SIZE_MAX};
		if (page->lines[i].count > 1 && try_runs(page, i, plans, cover, err) < 0)
			return -1;
	}
	for (size_t i = page->line_count; i > 0;) {
		size_t from = plans[--i].from;
		if (from == SIZE_MAX)
			continue;
		froms[*count] = from;
		tos[(*count)++] = i;
		i = from;
	}
	return 0;
}

int sdp_tables_add(struct sdp_tables *tables, const struct sdp_page *page, unsigned number, struct sdp_err *err)
{
	struct finding f = {.tables = tables, .page = page, .number = number};
	struct plan *plans = sdp_alloc(page->line_count + 1, sizeof *plans, err);
	size_t *froms = sdp_alloc(page->line_count + 1, sizeof *froms, err), count = 0;
	size_t *tos = sdp_alloc(page->line_count + 1, sizeof *tos, err);
	int rc = plans && froms && tos ? best_runs(page, &f.cover, plans, froms, tos, &count, err) : -1;
	while (rc == 0 && count > 0) {
		count--;
		size_t behind = count > 0 ? froms[count - 1] : page->line_count, to = with_rest(page, tos[count]);
		rc = take_run(&f, froms[count], to < behind ? to : behind - 1, err);
	}
	free(plans);
	free(froms);
	free(tos);
	free(f.cover.columns);
	return rc;
}

/* Makes the cells of a table of lines: collects their text, and looks for what may be wrong. */
#include "pdf/ruled_cells.h"

#include "pdf/table_doubts.h"
#include "pdf/table_runs.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <string.h>

static const double crossing = 0.3; /* of a glyph's width; what is less may stand over a line */
static const double level = 2;      /* lines of text at this distance are level, in points */
static const double loose = 1.35;   /* rows are at least so far apart, in heights of the text */
static const double spaced = 1.2;   /* the same, where each row has its line */

enum {
	WORK = 50000000, /* the most comparisons of runs with cells */
	CELL_LINES = 4,  /* a row of more lines in all cells is several rows for certain */
};

/* What is known of the text of a cell. */
struct shape {
	size_t lines;
	double first, last; /* the tops of its first and last line */
	double height;      /* of its first line */
	bool numbers;       /* it has several lines, and each is a number */
};

static int new_rows(struct sdp_table *t, size_t rows, struct sdp_err *err)
{
	while (t->rows < rows)
		if (sdp_table_new_row(t, err) < 0)
			return -1;
	return 0;
}

static int make_page(struct sdp_ruled *r, size_t first, size_t count, struct sdp_err *err)
{
	for (size_t i = 0; i < count; i++)
		r->scratch[i] = r->glyphs[r->lattice->order[first + i]];
	return sdp_page_make(&r->page, r->scratch, count, err);
}

static bool is_number(const char *text, size_t length)
{
	size_t digits = 0;
	for (size_t i = 0; i < length; i++) {
		if (sdp_is_digit(text[i]))
			digits++;
		else if (!strchr("+-.,%$ ()", text[i]))
			return false;
	}
	return digits > 0;
}

static int note(struct sdp_ruled *r, enum sdp_doubt_kind kind, const struct sdp_lattice_cell *c,
		struct sdp_err *err)
{
	struct sdp_doubt doubt = {kind, c->row, c->column, c->rows, c->columns};
	return sdp_table_doubt(&r->table, doubt, err);
}

/* Adds the text of the page to a cell, and notes a wide gap.  Sets *shape. */
static int add_text(struct sdp_ruled *r, const struct sdp_lattice_cell *c, struct shape *shape,
		    struct sdp_err *err)
{
	const struct sdp_page *page = &r->page;
	struct sdp_buf *cell = &r->table.cells[c->row * r->table.columns + c->column];
	bool wide = false;
	*shape = (struct shape){.lines = page->line_count, .numbers = page->line_count > 1};
	for (size_t i = 0; i < page->line_count; i++) {
		const struct sdp_line *line = &page->lines[i];
		for (size_t k = 0; k < line->count; k++) {
			const struct sdp_piece *piece = &page->pieces[line->first + k];
			const char *text = page->text.data + piece->text;
			shape->numbers = shape->numbers && is_number(text, piece->length);
			if (sdp_table_add_text(cell, text, piece->length, err) < 0)
				return -1;
		}
		wide = wide || line->count > 1;
	}
	if (page->line_count) {
		const struct sdp_line *first = page->lines, *last = first + page->line_count - 1;
		shape->first = first->y0;
		shape->last = last->y0;
		shape->height = first->y1 - first->y0;
	}
	return wide && c->columns == 1 ? note(r, SDP_DOUBT_WIDE, c, err) : 0;
}

static bool is_crossed(const struct sdp_ruled *r, const struct sdp_lattice_cell *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct sdp_glyph *g = &r->glyphs[r->lattice->order[c->first + i]];
		double most = crossing * (g->x1 - g->x0);
		if (c->at.x0 - g->x0 > most || g->x1 - c->at.x1 > most)
			return true;
	}
	return false;
}

/* Notes the cells whose text goes on in the cell to the right. */
static int find_crossing_runs(struct sdp_ruled *r, struct sdp_err *err)
{
	const struct sdp_lattice *l = r->lattice;
	for (size_t i = 0; r->run_count * l->count <= WORK && i < r->run_count; i++) {
		const struct sdp_rule *run = &r->runs[i];
		double y = run->y0 - run->width / 4;
		if (fabs(run->y1 - run->y0) > 0.1 * run->width)
			continue;
		for (size_t k = 0; k < l->count; k++) {
			const struct sdp_lattice_cell *c = &l->cells[k];
			if (run->x0 >= c->at.x0 && run->x0 < c->at.x1 && y >= c->at.y0 &&
			    y < c->at.y1 && run->x1 > c->at.x1 &&
			    note(r, SDP_DOUBT_CROSSED, c, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int fill_cell(struct sdp_ruled *r, const struct sdp_lattice_cell *c, struct shape *shape,
		     struct sdp_err *err)
{
	if (make_page(r, c->first, c->count, err) < 0 || add_text(r, c, shape, err) < 0)
		return -1;
	if ((c->rows > 1 || c->columns > 1) && note(r, SDP_DOUBT_MERGED, c, err) < 0)
		return -1;
	if (c->odd && note(r, SDP_DOUBT_ODD, c, err) < 0)
		return -1;
	return is_crossed(r, c) ? note(r, SDP_DOUBT_CROSSED, c, err) : 0;
}

/*
 * Returns whether cells of a row seem to be those of several rows.  One is a column of three
 * numbers or more; or all cells with text have several lines, and these are as many, at the same
 * heights, or numbers, or there are three such cells.  Sets *apart if that is nearly certain.
 */
static bool is_stacked(const struct sdp_lattice_cell *cells, const struct shape *shapes,
		       size_t from, size_t to, bool *apart)
{
	const struct shape *first = NULL;
	size_t with_text = 0;
	bool level_lines = true, numbers = false, several = true;
	*apart = true;
	for (size_t i = from; i < to; i++) {
		const struct shape *s = &shapes[i];
		if (s->numbers && s->lines > 2)
			return true;
		if (s->lines == 0)
			continue;
		several = several && cells[i].rows == 1 && s->lines > 1;
		first = first ? first : s;
		level_lines = level_lines && s->lines == first->lines &&
			      fabs(s->first - first->first) <= level &&
			      fabs(s->last - first->last) <= level;
		numbers = numbers || s->numbers;
		with_text++;
	}
	if (!several || with_text < 2 || (!level_lines && !numbers && with_text < 3))
		return false;
	*apart = numbers || with_text > 2 || first->lines > 2 ||
		 first->last - first->first > loose * first->height;
	return true;
}

/*
 * Looks for rows whose cells seem to be several rows.  Returns 0 if these are most of the table,
 * so that its lines do not tell rows: it has one row below its header, or one of many lines.  Else
 * notes them, and returns 1, or -1.
 */
static int check_rows(struct sdp_ruled *r, const struct shape *shapes, struct sdp_err *err)
{
	const struct sdp_lattice *l = r->lattice;
	size_t all = 0, stacked = 0, longest = 0;
	for (size_t from = 0, to; from < l->count; from = to) {
		size_t most = 0;
		bool apart = false, numbers = false;
		for (to = from; to < l->count && l->cells[to].row == l->cells[from].row; to++) {
			most = shapes[to].lines > most ? shapes[to].lines : most;
			numbers = numbers || shapes[to].numbers;
		}
		if (l->cells[from].row == 0)
			continue;
		bool is = is_stacked(l->cells, shapes, from, to, &apart);
		all += most;
		stacked += is && apart ? most : 0;
		longest = is && apart && most > longest ? most : longest;
		if ((is || numbers) && note(r, SDP_DOUBT_STACKED, &l->cells[from], err) < 0)
			return -1;
	}
	return 2 * stacked <= all || (l->rows > 2 && longest <= CELL_LINES);
}

/* Returns whether there is text in two columns and two rows. */
static bool has_text(const struct sdp_lattice *l)
{
	size_t row = SIZE_MAX, column = SIZE_MAX;
	bool rows = false, columns = false;
	for (size_t i = 0; i < l->count; i++) {
		if (!l->cells[i].count)
			continue;
		rows = rows || (row != SIZE_MAX && l->cells[i].row != row);
		columns = columns || (column != SIZE_MAX && l->cells[i].column != column);
		row = l->cells[i].row;
		column = l->cells[i].column;
	}
	return rows && columns;
}

int sdp_ruled_cells(struct sdp_ruled *r, struct sdp_err *err)
{
	const struct sdp_lattice *l = r->lattice;
	if (l->rows < 2 || l->columns < 2 || !has_text(l))
		return 0;
	struct shape *shapes = sdp_alloc(l->count, sizeof *shapes, err);
	int rc = shapes ? sdp_table_set_columns(&r->table, l->places, l->columns, err) : -1;
	if (rc == 0)
		rc = new_rows(&r->table, l->rows, err);
	for (size_t i = 0; rc == 0 && i < l->count; i++)
		rc = fill_cell(r, &l->cells[i], &shapes[i], err);
	if (rc == 0)
		rc = find_crossing_runs(r, err);
	if (rc == 0)
		rc = check_rows(r, shapes, err);
	free(shapes);
	return rc;
}

/* ---- rows without columns ---- */

/* Returns the cell, of those with text, that holds the middle of a line, or the nearest one. */
static size_t band_of(const struct sdp_lattice *l, const struct sdp_line *line)
{
	double y = (line->y0 + line->y1) / 2;
	size_t i = 0;
	while (i + 1 < l->count && l->cells[i].at.y1 <= y)
		i++;
	return i;
}

/*
 * Finds the columns of all lines but those of the first band, the header, whose text is taken only
 * where it does not join columns.
 */
static int find_columns(const struct sdp_ruled *r, struct sdp_cover *cover, struct sdp_err *err)
{
	const struct sdp_page *page = &r->page;
	size_t header = 0;
	bool joined = false;
	while (header < page->line_count && band_of(r->lattice, &page->lines[header]) == 0)
		header++;
	if (header == page->line_count)
		return 0;
	if (sdp_cover_add_lines(cover, page, header, page->line_count - 1, &joined, err) < 0)
		return -1;
	struct sdp_cover whole = {0};
	joined = false;
	if (sdp_cover_add_lines(&whole, page, 0, page->line_count - 1, &joined, err) < 0) {
		free(whole.columns);
		return -1;
	}
	struct sdp_cover other = whole.count > cover->count ? *cover : whole;
	*cover = whole.count > cover->count ? whole : *cover;
	free(other.columns);
	return 0;
}

/* The state while lines become rows. */
struct bands {
	size_t band;   /* of the last row */
	size_t lines;  /* of that row */
	size_t sparse; /* of them: those with one cell, or cells in less than half of the columns */
	double first, last, height; /* tops of its first and last line, height of the highest */
	size_t all, stacked;
};

/*
 * Ends a row: counts its lines, and those of rows that seem to be several, as nearly all of their
 * lines have cells in most columns.  The lines of wrapped cells are closer than those of rows.
 */
static int end_band(struct sdp_ruled *r, struct bands *b, struct sdp_err *err)
{
	struct sdp_doubt doubt = {SDP_DOUBT_STACKED, r->table.rows - 1, 0, 1, 1};
	if (r->table.rows < 2)
		return 0;
	bool is = b->lines > 1 && 4 * b->sparse <= b->lines,
	     apart = b->last - b->first > spaced * b->height * (double)(b->lines - 1);
	b->all += b->lines;
	b->stacked += is && apart ? b->lines : 0;
	return is ? sdp_table_doubt(&r->table, doubt, err) : 0;
}

static void count_line(const struct sdp_ruled *r, struct bands *b, const struct sdp_cover *cover,
		       const struct sdp_line *line)
{
	size_t has = sdp_cover_occupied(cover, &r->page, line);
	if (b->lines++ == 0)
		b->first = line->y0;
	b->last = line->y0;
	b->height = fmax(b->height, line->y1 - line->y0);
	b->sparse += has < 2 || 2 * has < cover->count;
}

static int fill_bands(struct sdp_ruled *r, const struct sdp_cover *cover, struct sdp_err *err)
{
	struct bands b = {.band = SIZE_MAX};
	for (size_t i = 0; i < r->page.line_count; i++) {
		const struct sdp_line *line = &r->page.lines[i];
		size_t band = band_of(r->lattice, line);
		if (band != b.band) {
			if ((b.band != SIZE_MAX && end_band(r, &b, err) < 0) ||
			    sdp_table_new_row(&r->table, err) < 0)
				return -1;
			b = (struct bands){.band = band, .all = b.all, .stacked = b.stacked};
		}
		count_line(r, &b, cover, line);
		if (sdp_table_add_line(&r->table, cover, &r->page, line, err) < 0)
			return -1;
	}
	if (b.band != SIZE_MAX && end_band(r, &b, err) < 0)
		return -1;
	return r->table.rows >= 3 && 2 * b.stacked <= b.all;
}

int sdp_ruled_bands(struct sdp_ruled *r, struct sdp_err *err)
{
	const struct sdp_lattice *l = r->lattice;
	struct sdp_cover cover = {0};
	size_t glyphs = 0;
	if (l->rows < 3 || l->columns != 1)
		return 0;
	for (size_t i = 0; i < l->count; i++)
		glyphs += l->cells[i].count;
	r->table.banded = true;
	int rc = make_page(r, 0, glyphs, err) < 0 ? -1 : find_columns(r, &cover, err);
	if (rc == 0 && cover.count > 1) {
		rc = sdp_table_set_columns(&r->table, cover.columns, cover.count, err);
		if (rc == 0)
			rc = fill_bands(r, &cover, err);
		struct sdp_run all = {0, r->page.line_count - 1};
		if (rc > 0 && sdp_table_doubt_columns(&r->table, &cover, &r->page, &all, r->runs,
						      r->run_count, err) < 0)
			rc = -1;
	}
	free(cover.columns);
	return rc;
}

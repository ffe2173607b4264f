/* Finds the ruled tables of a page, and continues those of the page before. */
#include "pdf/ruled.h"

#include "base/order.h"
#include "pdf/ruled_cells.h"
#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRIPS = 500 }; /* with more vertical lines on a page, they do not divide its text */

static const double same_place = 2; /* of columns on two pages, in points */
static const double beyond = 20;    /* the middle of a row beyond the outer rules is so near */
static const double close_by = 0.8; /* lines of a row are so near, in heights of the text */
static const double one_line = 3;   /* baselines at this distance are one line */

/* The work on a page. */
struct page_work {
	struct sdp_tables *all;
	const struct sdp_drawing *drawing;
	unsigned number;
	struct sdp_glyph *glyphs; /* turned so that most text runs to the right */
	size_t count;
	bool *used;                /* for each glyph: it is in a table */
	struct sdp_glyph *scratch; /* room for count glyphs */
	struct sdp_table *found;   /* the tables of the page */
	struct sdp_rectangle *bounds;
	size_t found_count, found_capacity, bounds_capacity;
};

/* ---- turning the page ---- */

static struct sdp_rectangle turn_rectangle(struct sdp_rectangle a, unsigned char turn)
{
	switch (turn) {
	case 1:
		return (struct sdp_rectangle){a.y0, -a.x1, a.y1, -a.x0};
	case 2:
		return (struct sdp_rectangle){-a.x1, -a.y1, -a.x0, -a.y0};
	case 3:
		return (struct sdp_rectangle){-a.y1, a.x0, -a.y0, a.x1};
	default:
		return a;
	}
}

static void turn_glyph(struct sdp_glyph *g, unsigned char turn)
{
	struct sdp_rectangle a =
		turn_rectangle((struct sdp_rectangle){g->x0, g->y0, g->x1, g->y1}, turn);
	unsigned char direction = (unsigned char)((g->direction + 4u - turn) % 4);
	/* The baseline is an x or a y, which may become the other one, or its negative. */
	bool negative =
		turn == 2 || (turn == 1 && direction % 2 == 0) || (turn == 3 && direction % 2 == 1);
	g->base = negative ? -g->base : g->base;
	g->direction = direction;
	g->x0 = a.x0, g->y0 = a.y0, g->x1 = a.x1, g->y1 = a.y1;
}

static void turn_rules(struct sdp_rule *rules, size_t count, unsigned char turn)
{
	for (size_t i = 0; i < count; i++) {
		struct sdp_rule *r = &rules[i];
		struct sdp_rectangle a =
			turn_rectangle((struct sdp_rectangle){r->x0, r->y0, r->x1, r->y1}, turn);
		*r = (struct sdp_rule){a.x0, a.y0, a.x1, a.y1, r->width};
	}
}

static void turn_runs(struct sdp_rule *runs, size_t count, unsigned char turn)
{
	for (size_t i = 0; i < count; i++) {
		struct sdp_rule *r = &runs[i];
		struct sdp_rectangle first = turn_rectangle((struct sdp_rectangle){r->x0, r->y0,
										   r->x0, r->y0},
							    turn),
				     last = turn_rectangle((struct sdp_rectangle){r->x1, r->y1,
										  r->x1, r->y1},
							   turn);
		*r = (struct sdp_rule){first.x0, first.y0, last.x0, last.y0, r->width};
	}
}

static void turn_drawing(struct sdp_drawing *d, unsigned char turn)
{
	turn_runs(d->runs, d->run_count, turn);
	turn_rules(d->horizontal, d->horizontals, turn);
	turn_rules(d->vertical, d->verticals, turn);
	for (size_t i = 0; i < d->area_count; i++)
		d->areas[i] = turn_rectangle(d->areas[i], turn);
	if (turn % 2 == 0)
		return;
	struct sdp_drawing was = *d;
	d->horizontal = was.vertical;
	d->horizontals = was.verticals;
	d->horizontal_capacity = was.vertical_capacity;
	d->vertical = was.horizontal;
	d->verticals = was.horizontals;
	d->vertical_capacity = was.horizontal_capacity;
}

/* Returns the most frequent direction of the text. */
static unsigned char main_direction(const struct sdp_glyph *glyphs, size_t count)
{
	size_t counts[4] = {0}, most = 0;
	for (size_t i = 0; i < count; i++)
		counts[glyphs[i].direction & 3]++;
	for (size_t t = 1; t < 4; t++)
		most = counts[t] > counts[most] ? t : most;
	return (unsigned char)most;
}

/* ---- the tables of the page ---- */

static bool is_within(const struct sdp_rectangle *a, double x, double y)
{
	return x >= a->x0 && x <= a->x1 && y >= a->y0 && y <= a->y1;
}

/* Keeps a table, and marks the glyphs that are in its cells. */
static int keep(struct page_work *p, const struct sdp_lattice *l, struct sdp_table *t,
		const struct sdp_rectangle *bounds, struct sdp_err *err)
{
	if (sdp_grow(&p->found, &p->found_capacity, p->found_count + 1, sizeof *p->found, err) <
		    0 ||
	    sdp_grow(&p->bounds, &p->bounds_capacity, p->found_count + 1, sizeof *p->bounds, err) <
		    0)
		return -1;
	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->cells[i].count; k++)
			p->used[l->order[l->cells[i].first + k]] = true;
	t->ruled = true;
	t->first_page = t->page = p->number;
	t->top = bounds->y0;
	t->left = bounds->x0;
	p->bounds[p->found_count] = *bounds;
	p->found[p->found_count++] = *t;
	*t = (struct sdp_table){0};
	return 0;
}

/*
 * Returns the glyph whose middle is nearest to a height, above or below it, between the ends of the
 * rules and within the distance; NULL: there is none.
 */
static const struct sdp_glyph *nearest(const struct page_work *p, const struct sdp_rectangle *a,
				       double y, double distance, bool above)
{
	const struct sdp_glyph *best = NULL;
	for (size_t i = 0; i < p->count; i++) {
		const struct sdp_glyph *g = &p->glyphs[i];
		double away = (y - (g->y0 + g->y1) / 2) * (above ? 1 : -1),
		       least = best ? fabs(y - (best->y0 + best->y1) / 2) : distance;
		if (!p->used[i] && g->x0 >= a->x0 - 1 && g->x1 <= a->x1 + 1 && away > 0 &&
		    away < least)
			best = g;
	}
	return best;
}

/* Returns whether the line of a glyph has a wide gap between the ends of the rules. */
static bool has_gap(struct page_work *p, const struct sdp_rectangle *a, const struct sdp_glyph *of,
		    struct sdp_err *err)
{
	struct sdp_page page = {0};
	size_t count = 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct sdp_glyph *g = &p->glyphs[i];
		if (!p->used[i] && g->x0 >= a->x0 - 1 && g->x1 <= a->x1 + 1 &&
		    fabs(g->base - of->base) < one_line)
			p->scratch[count++] = *g;
	}
	bool has = sdp_page_make(&page, p->scratch, count, err) == 0 && page.line_count > 0 &&
		   page.lines[0].count > 1;
	sdp_page_release(&page);
	return has;
}

/*
 * Extends the bounds of rules without vertical ones by the row above the first or below the last
 * one, which is a line with a wide gap, and the lines that are close to it.
 */
static void extend_bounds(struct page_work *p, struct sdp_rule_group *group, bool above,
			  struct sdp_err *err)
{
	struct sdp_rectangle *a = &group->bounds;
	const double *edge = above ? &a->y0 : &a->y1;
	const struct sdp_glyph *g = nearest(p, a, *edge, beyond, above);
	if (!g || !has_gap(p, a, g, err))
		return;
	while (g) {
		if (above)
			a->y0 = fmin(a->y0, g->y0 - 1);
		else
			a->y1 = fmax(a->y1, g->y1 + 1);
		g = nearest(p, a, *edge, close_by * (g->y1 - g->y0), above);
	}
}

static bool has_digit(const struct sdp_buf *cell)
{
	for (size_t i = 0; i < cell->length; i++)
		if (sdp_is_digit(cell->data[i]))
			return true;
	return false;
}

/*
 * Notes a line above a table without vertical lines whose first row has digits, and so may not be
 * its header.
 */
static int note_above(struct page_work *p, const struct sdp_rectangle *a, struct sdp_table *t,
		      struct sdp_err *err)
{
	const struct sdp_glyph *near = nearest(p, a, a->y0, beyond, true);
	struct sdp_page page = {0};
	size_t count = 0;
	bool digits = false;
	for (size_t c = 0; c < t->columns; c++)
		digits = digits || has_digit(&t->cells[c]);
	if (!near || !digits)
		return 0;
	for (size_t i = 0; i < p->count; i++)
		if (!p->used[i] && fabs(p->glyphs[i].base - near->base) < one_line)
			p->scratch[count++] = p->glyphs[i];
	int rc = sdp_page_make(&page, p->scratch, count, err);
	if (rc == 0 && page.line_count > 0)
		rc = sdp_page_add_line(&page, 0, &t->left_text, err);
	t->left_out = 1;
	t->left_page = p->number;
	sdp_page_release(&page);
	return rc;
}

static int try_group(struct page_work *p, struct sdp_rule_group *group, struct sdp_err *err)
{
	struct sdp_lattice lattice;
	if (group->horizontals + group->verticals < 3)
		return 0;
	if (group->verticals == 0) {
		extend_bounds(p, group, true, err);
		extend_bounds(p, group, false, err);
	}
	int rc = sdp_lattice_find(&lattice, group, p->glyphs, p->count, err);
	struct sdp_ruled r = {.glyphs = p->glyphs,
			      .lattice = &lattice,
			      .runs = p->drawing->runs,
			      .run_count = p->drawing->run_count,
			      .scratch = p->scratch};
	if (rc == 0 && lattice.count > 0)
		rc = lattice.columns > 1 ? sdp_ruled_cells(&r, err) : sdp_ruled_bands(&r, err);
	for (size_t i = 0; rc > 0 && i < lattice.count; i++)
		for (size_t k = 0; rc > 0 && k < lattice.cells[i].count; k++)
			rc = !p->used[lattice.order[lattice.cells[i].first + k]];
	if (rc > 0 && group->verticals == 0 && note_above(p, &group->bounds, &r.table, err) < 0)
		rc = -1;
	if (rc > 0)
		rc = keep(p, &lattice, &r.table, &group->bounds, err);
	sdp_table_release(&r.table);
	sdp_page_release(&r.page);
	sdp_lattice_release(&lattice);
	return rc < 0 ? -1 : 0;
}

static int try_drawing(struct page_work *p, struct sdp_drawing *d, struct sdp_err *err)
{
	struct sdp_rule_groups groups;
	int rc = sdp_rules_group(d, &groups, err);
	for (size_t i = 0; rc == 0 && i < groups.count; i++)
		rc = try_group(p, &groups.groups[i], err);
	d->full = d->full || groups.full;
	sdp_rule_groups_release(&groups);
	return rc;
}

/* Adds the edges of the filled areas outside tables as lines. */
static int add_edges(const struct page_work *p, const struct sdp_drawing *from,
		     struct sdp_drawing *to, struct sdp_err *err)
{
	for (size_t i = 0; i < from->area_count; i++) {
		const struct sdp_rectangle *a = &from->areas[i];
		bool in_table = false;
		for (size_t k = 0; k < p->found_count; k++)
			in_table = in_table || is_within(&p->bounds[k], (a->x0 + a->x1) / 2,
							 (a->y0 + a->y1) / 2);
		struct sdp_rule edges[] = {{a->x0, a->y0, a->x1, a->y0, 0},
					   {a->x0, a->y1, a->x1, a->y1, 0},
					   {a->x0, a->y0, a->x0, a->y1, 0},
					   {a->x1, a->y0, a->x1, a->y1, 0}};
		for (size_t k = 0; !in_table && k < 4; k++)
			if (sdp_drawing_line(to, edges[k], err) < 0)
				return -1;
	}
	return 0;
}

/* ---- continuing ---- */

SDP_ORDER_VALUES(by_base, double)

/*
 * Returns how many lines of text outside tables have their middle between two heights, and sets
 * *first and *last to the heights of the first and last one.
 */
static size_t count_lines(const struct page_work *p, double from, double to, double *room,
			  double *first, double *last)
{
	size_t n = 0, lines = 0;
	for (size_t i = 0; i < p->count; i++) {
		double y = (p->glyphs[i].y0 + p->glyphs[i].y1) / 2;
		if (!p->used[i] && y >= from && y < to)
			room[n++] = y;
	}
	qsort(room, n, sizeof *room, by_base);
	for (size_t i = 0; i < n; i++)
		lines += i == 0 || room[i] - room[i - 1] > one_line;
	*first = n ? room[0] : 0;
	*last = n ? room[n - 1] : 0;
	return lines;
}

static bool same_cells(const struct sdp_buf *a, const struct sdp_buf *b, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; length += a[i++].length)
		if (a[i].length != b[i].length ||
		    (a[i].length && memcmp(a[i].data, b[i].data, a[i].length) != 0))
			return false;
	return length > 0;
}

static bool same_columns(const struct sdp_table *a, const struct sdp_table *b)
{
	if (a->columns != b->columns || a->banded != b->banded)
		return false;
	for (size_t i = 0; i < a->columns; i++) {
		const struct sdp_table_column *x = &a->places[i], *y = &b->places[i];
		if (a->banded
			    ? x->x1 < y->x0 || y->x1 < x->x0
			    : fabs(x->x0 - y->x0) > same_place || fabs(x->x1 - y->x1) > same_place)
			return false;
	}
	return true;
}

/* Counts, of each column, the rows with a digit among those that were added since the last call. */
static int count_digits(struct sdp_table *t, struct sdp_err *err)
{
	if (!t->digit_rows && !(t->digit_rows = sdp_alloc(t->columns, sizeof *t->digit_rows, err)))
		return -1;
	for (t->counted = t->counted ? t->counted : 1; t->counted < t->rows; t->counted++)
		for (size_t c = 0; c < t->columns; c++)
			t->digit_rows[c] += has_digit(&t->cells[t->counted * t->columns + c]);
	return 0;
}

/*
 * Returns whether the first row of a table looks like a header of its own: where the rows of the
 * table before it, whose digits are counted, have digits, it has other text.
 */
static bool begins_anew(const struct sdp_table *before, const struct sdp_table *t)
{
	bool any = false;
	for (size_t c = 0; c < t->columns; c++) {
		if (before->rows < 2 || before->digit_rows[c] + 1 < before->rows)
			continue;
		if (!t->cells[c].length || has_digit(&t->cells[c]))
			return false;
		any = true;
	}
	return any;
}

/* The lines of text before the first table of a page, and after the last one. */
struct around {
	size_t above, below;
	double first, last; /* heights of the first and the last line of the page */
};

/*
 * Returns 2 if the table continues that of the page before with its header, 1 if it does without
 * it, 0 if it is another one, and -1 if there is no memory.  Running titles, which are at the same
 * heights on both pages, do not come between.
 */
static int continues(const struct page_work *p, struct sdp_table *before, const struct sdp_table *t,
		     const struct around *around, struct sdp_err *err)
{
	const struct sdp_tables *all = p->all;
	if (!before || before->page + 1 != p->number || !same_columns(before, t))
		return 0;
	if (same_cells(before->cells, t->cells, t->columns))
		return 2;
	bool above = around->above == 0 ||
		     (around->above == 1 && fabs(around->first - all->first_line) < one_line),
	     below = before->below == 0 ||
		     (before->below == 1 && fabs(around->last - all->last_line) < one_line);
	if (!above || !below)
		return 0;
	return count_digits(before, err) < 0 ? -1 : !begins_anew(before, t);
}

/* Moves the rows of a table, from skip on, to the end of another. */
static int append(struct sdp_table *to, struct sdp_table *from, size_t skip, struct sdp_err *err)
{
	size_t offset = to->rows;
	for (size_t r = skip; r < from->rows; r++) {
		if (sdp_table_new_row(to, err) < 0)
			return -1;
		memcpy(to->cells + (to->rows - 1) * to->columns, from->cells + r * to->columns,
		       to->columns * sizeof *to->cells);
		memset(from->cells + r * to->columns, 0, to->columns * sizeof *to->cells);
	}
	for (size_t i = 0; i < from->doubt_count; i++) {
		struct sdp_doubt d = from->doubts[i];
		if (d.row < skip)
			continue;
		d.row = d.row - skip + offset;
		if (sdp_table_doubt(to, d, err) < 0)
			return -1;
	}
	to->page = from->page;
	return 0;
}

SDP_ORDER_BY_TWO(by_top, struct sdp_table, top, left)

SDP_ORDER_BY_TWO(by_left, struct sdp_table, left, top)

/* Sorts the tables of a page from top to bottom; those that begin within a point, from the left. */
static void sort_tables(struct sdp_table *tables, size_t count)
{
	if (count == 0)
		return;
	qsort(tables, count, sizeof *tables, by_top);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && tables[to].top - tables[from].top < 1;)
			to++;
		qsort(tables + from, to - from, sizeof *tables, by_left);
	}
}

void sdp_tables_sort(struct sdp_tables *all, unsigned number)
{
	size_t from = all->count;
	while (from > 0 && all->tables[from - 1].first_page == number)
		from--;
	sort_tables(all->tables ? all->tables + from : NULL, all->count - from);
}

/* Returns the ruled table that ended last, or NULL. */
static struct sdp_table *last_of(struct sdp_tables *all)
{
	struct sdp_table *last = NULL;
	for (size_t i = 0; i < all->count; i++)
		if (all->tables[i].ruled && (!last || all->tables[i].page >= last->page))
			last = &all->tables[i];
	return last;
}

static int move_tables(struct page_work *p, struct sdp_err *err)
{
	double *room = sdp_alloc(p->count + 1, sizeof *room, err), top = INFINITY,
	       bottom = -INFINITY, ignored;
	struct around around;
	if (!room)
		return -1;
	for (size_t i = 0; i < p->found_count; i++) {
		top = fmin(top, p->bounds[i].y0);
		bottom = fmax(bottom, p->bounds[i].y1);
	}
	count_lines(p, -INFINITY, INFINITY, room, &around.first, &around.last);
	around.above = count_lines(p, -INFINITY, top, room, &ignored, &ignored);
	around.below = count_lines(p, bottom, INFINITY, room, &ignored, &ignored);
	free(room);
	sort_tables(p->found, p->found_count);
	for (size_t i = 0; i < p->found_count; i++) {
		struct sdp_table *t = &p->found[i], *before = i == 0 ? last_of(p->all) : NULL;
		int how = continues(p, before, t, &around, err);
		if (how < 0)
			return -1;
		t->below = around.below;
		if (how > 0) {
			before->below = t->below;
			if (append(before, t, how == 2, err) < 0)
				return -1;
			continue;
		}
		if (sdp_grow(&p->all->tables, &p->all->capacity, p->all->count + 1,
			     sizeof *p->all->tables, err) < 0)
			return -1;
		p->all->tables[p->all->count++] = *t;
		*t = (struct sdp_table){0};
	}
	p->all->first_line = around.first;
	p->all->last_line = around.last;
	return 0;
}

/* ---- the page ---- */

/* Numbers the glyphs that are in no table by how many lines are left of them. */
static void number_strips(const struct page_work *p, struct sdp_glyph *glyphs)
{
	const struct sdp_drawing *d = p->drawing;
	for (size_t i = 0; d->verticals <= STRIPS && i < p->count; i++) {
		const struct sdp_glyph *g = &p->glyphs[i];
		double x = (g->x0 + g->x1) / 2, y = (g->y0 + g->y1) / 2;
		for (size_t k = 0; !p->used[i] && k < d->verticals; k++) {
			const struct sdp_rule *r = &d->vertical[k];
			glyphs[i].strip += r->x0 < x && r->y0 <= y && y <= r->y1;
		}
	}
}

static int find(struct page_work *p, struct sdp_drawing *drawing, struct sdp_err *err)
{
	struct sdp_drawing edges = {0};
	if (try_drawing(p, drawing, err) < 0)
		return -1;
	int rc = add_edges(p, drawing, &edges, err) < 0 ? -1 : try_drawing(p, &edges, err);
	sdp_drawing_release(&edges);
	return rc == 0 ? move_tables(p, err) : -1;
}

int sdp_ruled_add(struct sdp_tables *tables, struct sdp_drawing *drawing, struct sdp_glyph *glyphs,
		  size_t *count, unsigned number, struct sdp_err *err)
{
	struct page_work p = {.all = tables, .drawing = drawing, .number = number, .count = *count};
	unsigned char turn = main_direction(glyphs, *count);
	size_t kept = 0;
	p.glyphs = sdp_alloc(*count + 1, sizeof *p.glyphs, err);
	p.scratch = sdp_alloc(*count + 1, sizeof *p.scratch, err);
	p.used = sdp_alloc(*count + 1, sizeof *p.used, err);
	int rc = p.glyphs && p.scratch && p.used ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < *count; i++) {
		p.glyphs[i] = glyphs[i];
		turn_glyph(&p.glyphs[i], turn);
	}
	if (rc == 0) {
		turn_drawing(drawing, turn);
		rc = find(&p, drawing, err);
		number_strips(&p, glyphs);
	}
	for (size_t i = 0; rc == 0 && i < *count; i++)
		if (!p.used[i])
			glyphs[kept++] = glyphs[i];
	if (rc == 0)
		*count = kept;
	for (size_t i = 0; i < p.found_count; i++)
		sdp_table_release(&p.found[i]);
	free(p.found);
	free(p.bounds);
	free(p.glyphs);
	free(p.scratch);
	free(p.used);
	return rc;
}

/* Finds the cells between lines: divides their bounds into boxes, and joins boxes by union-find. */
#include "pdf/lattice.h"

#include "base/order.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In points. */
static const double same = 1;       /* lines at this distance are one */
static const double inside = 3;     /* lines may end so far within the bounds of their group */
static const double narrow = 4;     /* what is narrower, and empty, is no cell */
static const double near_start = 3; /* cells of one column or row begin within this distance */

static const double most = 0.6; /* a line separates boxes if it covers so much of their side */

enum { BOXES = 200000, NONE = -1 };

/* The work on a group. */
struct work {
	const struct sdp_rule_group *group;
	double *xs, *ys;      /* the places of lines, ascending */
	size_t columns, rows; /* of boxes */
	double *above, *left; /* how much of that side of each box a line covers */
	size_t *parents;      /* of each box, for union-find */
	size_t *glyphs;       /* how many glyphs each box has; for roots, each cell */
	struct sdp_lattice *l;
};

void sdp_lattice_release(struct sdp_lattice *l)
{
	free(l->cells);
	free(l->order);
	free(l->places);
	*l = (struct sdp_lattice){0};
}

/* ---- boxes ---- */

SDP_ORDER_VALUES(by_value, double)

/* Sorts places and makes those one that are hardly apart.  Returns how many are left. */
static size_t unite_places(double *places, size_t count, double distance)
{
	size_t out = 0;
	qsort(places, count, sizeof *places, by_value);
	for (size_t i = 0; i < count; i++)
		if (out == 0 || places[i] - places[out - 1] > distance)
			places[out++] = places[i];
	return out;
}

/* Lists the places of lines, and the bounds if no line is near them. */
static size_t list_places(double *places, size_t count, double from, double to)
{
	count = unite_places(places, count, same);
	if (count == 0 || places[0] - from > inside)
		places[count++] = from;
	count = unite_places(places, count, same);
	if (to - places[count - 1] > inside)
		places[count++] = to;
	return count;
}

/* Returns the last place that is at most value, or NONE if it is outside. */
static long find_place(const double *places, size_t count, double value)
{
	size_t low = 0, high = count - 1;
	if (value < places[0] || value >= places[high])
		return NONE;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;
		*(places[middle] <= value ? &low : &high) = middle;
	}
	return (long)low;
}

/* Returns the place of a line: the last one that is at most value + same. */
static size_t place_of(const double *places, size_t count, double value)
{
	size_t i = 0;
	while (i + 1 < count && places[i + 1] <= value + 1e-6)
		i++;
	return i;
}

static double overlap(double a0, double a1, double b0, double b1)
{
	return fmax(0, fmin(a1, b1) - fmax(a0, b0));
}

static void cover_sides(struct work *w)
{
	const struct sdp_rule_group *g = w->group;
	for (size_t k = 0; k < g->horizontals; k++) {
		const struct sdp_rule *r = &g->horizontal[k];
		size_t j = place_of(w->ys, w->rows + 1, r->y0);
		for (size_t i = 0; j < w->rows && i < w->columns; i++)
			w->above[j * w->columns + i] +=
				overlap(r->x0, r->x1, w->xs[i], w->xs[i + 1]);
	}
	for (size_t k = 0; k < g->verticals; k++) {
		const struct sdp_rule *r = &g->vertical[k];
		size_t i = place_of(w->xs, w->columns + 1, r->x0);
		for (size_t j = 0; i < w->columns && j < w->rows; j++)
			w->left[j * w->columns + i] +=
				overlap(r->y0, r->y1, w->ys[j], w->ys[j + 1]);
	}
}

static size_t root_of(size_t *parents, size_t i)
{
	while (parents[i] != i)
		i = parents[i] = parents[parents[i]];
	return i;
}

static void join_boxes(struct work *w)
{
	size_t m = w->columns;
	for (size_t b = 0; b < m * w->rows; b++)
		w->parents[b] = b;
	for (size_t j = 0; j < w->rows; j++)
		for (size_t i = 0; i < m; i++) {
			size_t b = j * m + i, root = root_of(w->parents, b);
			if (i && w->left[b] < most * (w->ys[j + 1] - w->ys[j]))
				w->parents[root] = root_of(w->parents, b - 1);
			root = root_of(w->parents, b);
			if (j && w->above[b] < most * (w->xs[i + 1] - w->xs[i]))
				w->parents[root] = root_of(w->parents, b - m);
		}
}

/* Returns the box that holds the centre of a glyph, or NONE. */
static long box_of(const struct work *w, const struct sdp_glyph *g)
{
	long i = find_place(w->xs, w->columns + 1, (g->x0 + g->x1) / 2),
	     j = find_place(w->ys, w->rows + 1, (g->y0 + g->y1) / 2);
	return i == NONE || j == NONE ? NONE : j * (long)w->columns + i;
}

static int make_boxes(struct work *w, struct sdp_err *err)
{
	const struct sdp_rule_group *g = w->group;
	w->xs = sdp_alloc(g->verticals + 2, sizeof *w->xs, err);
	w->ys = sdp_alloc(g->horizontals + 2, sizeof *w->ys, err);
	if (!w->xs || !w->ys)
		return -1;
	for (size_t i = 0; i < g->verticals; i++)
		w->xs[i] = g->vertical[i].x0;
	for (size_t i = 0; i < g->horizontals; i++)
		w->ys[i] = g->horizontal[i].y0;
	w->columns = list_places(w->xs, g->verticals, g->bounds.x0, g->bounds.x1) - 1;
	w->rows = list_places(w->ys, g->horizontals, g->bounds.y0, g->bounds.y1) - 1;
	size_t boxes = w->columns * w->rows;
	if (boxes == 0 || boxes > BOXES)
		return 0;
	w->above = sdp_alloc(boxes, sizeof *w->above, err);
	w->left = sdp_alloc(boxes, sizeof *w->left, err);
	w->parents = sdp_alloc(boxes, sizeof *w->parents, err);
	w->glyphs = sdp_alloc(boxes, sizeof *w->glyphs, err);
	if (!w->above || !w->left || !w->parents || !w->glyphs)
		return -1;
	cover_sides(w);
	join_boxes(w);
	return 1;
}

/* ---- cells ---- */

/*
 * Returns whether the sides of a cell are lines all around.  It is used for empty cells of framed
 * groups, where they could be the space between frames.
 */
static bool is_closed(const struct work *w, size_t i0, size_t i1, size_t j0, size_t j1)
{
	size_t m = w->columns;
	if (i1 + 1 == m && j1 + 1 == w->rows)
		return true;
	for (size_t j = j0; j <= j1; j++) {
		double side = most * (w->ys[j + 1] - w->ys[j]);
		if (w->left[j * m + i0] < side || (i1 + 1 < m && w->left[j * m + i1 + 1] < side))
			return false;
	}
	for (size_t i = i0; i <= i1; i++) {
		double side = most * (w->xs[i + 1] - w->xs[i]);
		if (w->above[j0 * m + i] < side ||
		    (j1 + 1 < w->rows && w->above[(j1 + 1) * m + i] < side))
			return false;
	}
	return true;
}

/* What is known of a root while its boxes are read. */
struct extent {
	size_t i0, i1, j0, j1, boxes;
};

static bool is_cell(const struct work *w, const struct extent *e, size_t glyphs)
{
	if (glyphs)
		return true;
	return e->boxes == (e->i1 - e->i0 + 1) * (e->j1 - e->j0 + 1) &&
	       w->xs[e->i1 + 1] - w->xs[e->i0] >= narrow &&
	       w->ys[e->j1 + 1] - w->ys[e->j0] >= narrow &&
	       (!w->group->framed || is_closed(w, e->i0, e->i1, e->j0, e->j1));
}

/* Makes the cells without their places in the table.  numbers gets the cell of each root. */
static int make_cells(struct work *w, size_t *numbers, struct sdp_err *err)
{
	size_t boxes = w->columns * w->rows;
	struct extent *extents = sdp_alloc(boxes, sizeof *extents, err);
	w->l->cells = sdp_alloc(boxes, sizeof *w->l->cells, err);
	if (!extents || !w->l->cells) {
		free(extents);
		return -1;
	}
	for (size_t b = 0; b < boxes; b++) {
		size_t i = b % w->columns, j = b / w->columns;
		struct extent *e = &extents[root_of(w->parents, b)];
		if (e->boxes++ == 0)
			*e = (struct extent){i, i, j, j, 1};
		e->i0 = i < e->i0 ? i : e->i0;
		e->i1 = i > e->i1 ? i : e->i1;
		e->j1 = j;
	}
	for (size_t b = 0; b < boxes; b++) {
		const struct extent *e = &extents[b];
		if (!e->boxes || !is_cell(w, e, w->glyphs[b]))
			continue;
		numbers[b] = w->l->count;
		w->l->cells[w->l->count++] = (struct sdp_lattice_cell){
			.at = {w->xs[e->i0], w->ys[e->j0], w->xs[e->i1 + 1], w->ys[e->j1 + 1]},
			.odd = e->boxes != (e->i1 - e->i0 + 1) * (e->j1 - e->j0 + 1),
			.count = w->glyphs[b],
		};
	}
	free(extents);
	return 0;
}

/* Returns the first and the number of the starts that a cell covers. */
static size_t find_starts(const double *starts, size_t count, double from, double to, size_t *first)
{
	size_t i = 0, end;
	while (i + 1 < count && starts[i + 1] <= from + near_start)
		i++;
	for (end = i + 1; end < count && starts[end] < to - near_start;)
		end++;
	*first = i;
	return end - i;
}

SDP_ORDER_BY_TWO(by_place, struct sdp_lattice_cell, row, column)

/* Makes columns and rows of the places where cells begin. */
static int place_cells(struct sdp_lattice *l, struct sdp_err *err)
{
	double *lefts = sdp_alloc(2 * l->count + 1, sizeof *lefts, err), *tops = lefts + l->count;
	if (!lefts)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		lefts[i] = l->cells[i].at.x0;
		tops[i] = l->cells[i].at.y0;
	}
	l->columns = unite_places(lefts, l->count, near_start);
	l->rows = unite_places(tops, l->count, near_start);
	l->places = sdp_alloc(l->columns, sizeof *l->places, err);
	for (size_t i = 0; l->places && i < l->columns; i++)
		l->places[i] = (struct sdp_table_column){lefts[i], lefts[i]};
	for (size_t i = 0; l->places && i < l->count; i++) {
		struct sdp_lattice_cell *c = &l->cells[i];
		c->columns = find_starts(lefts, l->columns, c->at.x0, c->at.x1, &c->column);
		c->rows = find_starts(tops, l->rows, c->at.y0, c->at.y1, &c->row);
		struct sdp_table_column *last = &l->places[c->column + c->columns - 1];
		last->x1 = fmax(last->x1, c->at.x1);
	}
	free(lefts);
	return l->places ? 0 : -1;
}

/* Lists the glyphs of each cell in order. */
static int list_glyphs(struct work *w, const size_t *numbers, const struct sdp_glyph *glyphs,
		       size_t count, struct sdp_err *err)
{
	struct sdp_lattice *l = w->l;
	size_t sum = 0;
	l->order = sdp_alloc(count + 1, sizeof *l->order, err);
	if (!l->order)
		return -1;
	for (size_t i = 0; i < l->count; i++) {
		l->cells[i].first = sum;
		sum += l->cells[i].count;
		l->cells[i].count = 0;
	}
	for (size_t k = 0; k < count; k++) {
		long box = box_of(w, &glyphs[k]);
		if (box == NONE)
			continue;
		struct sdp_lattice_cell *c = &l->cells[numbers[root_of(w->parents, (size_t)box)]];
		l->order[c->first + c->count++] = k;
	}
	return 0;
}

static int fill(struct work *w, const struct sdp_glyph *glyphs, size_t count, struct sdp_err *err)
{
	size_t *numbers = sdp_alloc(w->columns * w->rows, sizeof *numbers, err);
	if (!numbers)
		return -1;
	for (size_t k = 0; k < count; k++) {
		long box = box_of(w, &glyphs[k]);
		if (box != NONE)
			w->glyphs[root_of(w->parents, (size_t)box)]++;
	}
	int rc = make_cells(w, numbers, err);
	if (rc == 0 && w->l->count > 0)
		rc = place_cells(w->l, err);
	if (rc == 0)
		rc = list_glyphs(w, numbers, glyphs, count, err);
	if (rc == 0)
		qsort(w->l->cells, w->l->count, sizeof *w->l->cells, by_place);
	free(numbers);
	return rc;
}

int sdp_lattice_find(struct sdp_lattice *l, const struct sdp_rule_group *group,
		     const struct sdp_glyph *glyphs, size_t count, struct sdp_err *err)
{
	struct work w = {.group = group, .l = l};
	*l = (struct sdp_lattice){0};
	int rc = make_boxes(&w, err);
	if (rc > 0)
		rc = fill(&w, glyphs, count, err);
	free(w.xs);
	free(w.ys);
	free(w.above);
	free(w.left);
	free(w.parents);
	free(w.glyphs);
	return rc < 0 ? -1 : 0;
}

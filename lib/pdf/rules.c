/*
 * Joins the pieces of lines, and finds groups by union-find.
 *
 * A table whose cells have frames of their own consists of rectangles that do not touch each other:
 *
 *	+-----------------+
 *	| +-----+ +-----+ |   The frames with the same parent, the smallest frame around them, are
 *	| +-----+ +-----+ |   joined if they are side by side.  The parent is not part of the group.
 *	| +-----+ +-----+ |   A frame with only one frame in it, close to it, is a double line.
 *	| +-----+ +-----+ |
 *	+-----------------+
 */
#include "pdf/rules.h"

#include "base/order.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In points. */
static const double same = 0.6;      /* lines at this distance are at the same place */
static const double touching = 1.6;  /* pieces at this distance touch */
static const double dash = 8;        /* the longest dash, and the longest gap between dashes */
static const double shortest = 6;    /* the shortest line */
static const double frame_gap = 10;  /* the largest distance of frames of one table */
static const double double_line = 6; /* the largest distance of the lines of a double frame */
static const double far = 1e5;       /* the largest coordinate */

enum { LINES = 4000 }; /* joined lines of a page; with more, no groups are found */

void sdp_drawing_release(struct sdp_drawing *d)
{
	free(d->horizontal);
	free(d->vertical);
	free(d->areas);
	free(d->runs);
	*d = (struct sdp_drawing){0};
}

static int add_rule(struct sdp_rule **rules, size_t *count, size_t *capacity, struct sdp_rule rule,
		    struct sdp_err *err)
{
	if (sdp_grow(rules, capacity, *count + 1, sizeof **rules, err) < 0)
		return -1;
	(*rules)[(*count)++] = rule;
	return 0;
}

static bool is_full(struct sdp_drawing *d)
{
	d->full = d->full || d->horizontals + d->verticals + d->area_count >= SDP_RULES_MOST;
	return d->full;
}

static bool is_sound(double x0, double y0, double x1, double y1)
{
	return fabs(x0) < far && fabs(x1) < far && fabs(y0) < far && fabs(y1) < far;
}

int sdp_drawing_fill(struct sdp_drawing *d, struct sdp_rectangle a, struct sdp_err *err)
{
	double across = a.x1 - a.x0, down = a.y1 - a.y0, x = (a.x0 + a.x1) / 2,
	       y = (a.y0 + a.y1) / 2;
	if (!is_sound(a.x0, a.y0, a.x1, a.y1) || across < 0 || down < 0 || is_full(d))
		return 0;
	if (across > SDP_RULE_WIDTH && down > SDP_RULE_WIDTH) {
		if (sdp_grow(&d->areas, &d->area_capacity, d->area_count + 1, sizeof *d->areas,
			     err) < 0)
			return -1;
		d->areas[d->area_count++] = a;
		return 0;
	}
	bool dot = across <= dash && down <= dash;
	if ((across >= down || dot) &&
	    add_rule(&d->horizontal, &d->horizontals, &d->horizontal_capacity,
		     (struct sdp_rule){a.x0, y, a.x1, y, down}, err) < 0)
		return -1;
	if (across < down || dot)
		return add_rule(&d->vertical, &d->verticals, &d->vertical_capacity,
				(struct sdp_rule){x, a.y0, x, a.y1, across}, err);
	return 0;
}

int sdp_drawing_line(struct sdp_drawing *d, struct sdp_rule r, struct sdp_err *err)
{
	struct sdp_rectangle a = {fmin(r.x0, r.x1), fmin(r.y0, r.y1), fmax(r.x0, r.x1),
				  fmax(r.y0, r.y1)};
	if (!is_sound(r.x0, r.y0, r.x1, r.y1) || r.width > SDP_RULE_WIDTH || is_full(d))
		return 0;
	if (a.y1 - a.y0 <= same && a.x1 > a.x0) {
		double y = (a.y0 + a.y1) / 2;
		return add_rule(&d->horizontal, &d->horizontals, &d->horizontal_capacity,
				(struct sdp_rule){a.x0, y, a.x1, y, r.width}, err);
	}
	if (a.x1 - a.x0 <= same && a.y1 > a.y0) {
		double x = (a.x0 + a.x1) / 2;
		return add_rule(&d->vertical, &d->verticals, &d->vertical_capacity,
				(struct sdp_rule){x, a.y0, x, a.y1, r.width}, err);
	}
	return 0;
}

int sdp_drawing_run(struct sdp_drawing *d, struct sdp_rule r, struct sdp_err *err)
{
	if (!is_sound(r.x0, r.y0, r.x1, r.y1) || d->run_count >= SDP_RULES_MOST)
		return 0;
	return add_rule(&d->runs, &d->run_count, &d->run_capacity, r, err);
}

/* ---- joining pieces ---- */

/* A line by its distance from the axis that it is parallel to, and its ends. */
struct line {
	double at, from, to, width;
};

static struct line line_of(const struct sdp_rule *r, bool vertical)
{
	return vertical ? (struct line){r->x0, r->y0, r->y1, r->width}
			: (struct line){r->y0, r->x0, r->x1, r->width};
}

static struct sdp_rule rule_of(const struct line *l, bool vertical)
{
	return vertical ? (struct sdp_rule){l->at, l->from, l->at, l->to, l->width}
			: (struct sdp_rule){l->from, l->at, l->to, l->at, l->width};
}

SDP_ORDER_BY_TWO(by_at, struct line, at, from)

SDP_ORDER_BY_TWO(by_from, struct line, from, to)

/* Joins the pieces of lines[0, count) at the same place.  Returns how many lines there are then. */
static size_t join_place(struct line *lines, size_t count)
{
	size_t out = 0;
	double last = 0; /* the length of the last piece */
	qsort(lines, count, sizeof *lines, by_from);
	for (size_t i = 0; i < count; i++) {
		struct line *l = &lines[i], *open = &lines[out - (out > 0)];
		double length = l->to - l->from, gap = touching;
		if (last <= dash && length <= dash)
			gap = fmin(dash, fmax(gap, 1.6 * fmax(last, length)));
		last = length;
		if (out && l->from - open->to <= gap) {
			open->to = fmax(open->to, l->to);
			open->width = fmax(open->width, l->width);
			continue;
		}
		lines[out++] = *l;
	}
	return out;
}

/* Joins the pieces of all lines in one direction, and removes those that are too short. */
static int join(struct sdp_rule *rules, size_t *count, bool vertical, struct sdp_err *err)
{
	struct line *lines = sdp_alloc(*count + 1, sizeof *lines, err);
	size_t out = 0;
	if (!lines)
		return -1;
	for (size_t i = 0; i < *count; i++)
		lines[i] = line_of(&rules[i], vertical);
	qsort(lines, *count, sizeof *lines, by_at);
	for (size_t from = 0, to; from < *count; from = to) {
		for (to = from + 1; to < *count && lines[to].at - lines[from].at <= same;)
			to++;
		size_t joined = join_place(lines + from, to - from);
		for (size_t i = from; i < from + joined; i++)
			if (lines[i].to - lines[i].from >= shortest)
				rules[out++] = rule_of(&lines[i], vertical);
	}
	*count = out;
	free(lines);
	return 0;
}

/* ---- groups ---- */

static size_t root_of(size_t *parents, size_t i)
{
	while (parents[i] != i)
		i = parents[i] = parents[parents[i]];
	return i;
}

static void unite(size_t *parents, size_t a, size_t b)
{
	size_t x = root_of(parents, a), y = root_of(parents, b);
	parents[x > y ? x : y] = x > y ? y : x;
}

static bool crosses(const struct sdp_rule *h, const struct sdp_rule *v)
{
	double x = touching + v->width / 2, y = touching + h->width / 2;
	return v->x0 >= h->x0 - x && v->x0 <= h->x1 + x && h->y0 >= v->y0 - y && h->y0 <= v->y1 + y;
}

/* The work on the lines of a page: first all horizontal ones, then all vertical ones. */
struct grouping {
	struct sdp_rule *rules;
	size_t horizontals, count;
	size_t *parents;      /* of each line, for union-find */
	struct frame *frames; /* the groups that are single rectangles */
	size_t frame_count;
};

/* A group that is one rectangle. */
struct frame {
	struct sdp_rectangle at;
	size_t root;
	size_t around; /* the index of the smallest frame around it; SIZE_MAX: none */
	size_t inside; /* how many frames have it as around */
	bool dropped;  /* it is the outer line of a double frame, or holds a table */
};

static void touch(struct grouping *g)
{
	for (size_t i = 0; i < g->count; i++)
		g->parents[i] = i;
	for (size_t i = 0; i < g->horizontals; i++)
		for (size_t k = g->horizontals; k < g->count; k++)
			if (crosses(&g->rules[i], &g->rules[k]))
				unite(g->parents, i, k);
}

static void extend(struct sdp_rectangle *a, const struct sdp_rule *r)
{
	a->x0 = fmin(a->x0, r->x0);
	a->y0 = fmin(a->y0, r->y0);
	a->x1 = fmax(a->x1, r->x1);
	a->y1 = fmax(a->y1, r->y1);
}

/*
 * Joins horizontal lines that touch no vertical one if they have the same ends: the rules of a
 * table without vertical ones.
 */
static void join_rows(struct grouping *g)
{
	bool *alone = (bool *)(g->frames + g->count); /* room for count flags */
	memset(alone, true, g->count);
	for (size_t k = g->horizontals; k < g->count; k++)
		for (size_t i = 0; i < g->horizontals; i++)
			if (root_of(g->parents, i) == root_of(g->parents, k))
				alone[i] = false;
	for (size_t i = 0; i < g->horizontals; i++)
		for (size_t k = i + 1; alone[i] && k < g->horizontals; k++)
			if (alone[k] && fabs(g->rules[i].x0 - g->rules[k].x0) < touching &&
			    fabs(g->rules[i].x1 - g->rules[k].x1) < touching)
				unite(g->parents, i, k);
}

/* Notes the groups that are single rectangles, whose lines may be double. */
static void find_frames(struct grouping *g)
{
	struct frame *frames = g->frames;
	for (size_t i = 0; i < g->count; i++)
		frames[i] = (struct frame){.at = {far, far, -far, -far}, .root = i};
	for (size_t i = 0; i < g->count; i++) {
		struct frame *f = &frames[root_of(g->parents, i)];
		extend(&f->at, &g->rules[i]);
		f->inside++;
	}
	for (size_t i = 0; i < g->count; i++) {
		const struct sdp_rule *r = &g->rules[i];
		struct frame *f = &frames[root_of(g->parents, i)];
		bool side = i < g->horizontals ? fabs(r->y0 - f->at.y0) < double_line ||
							 fabs(r->y0 - f->at.y1) < double_line
					       : fabs(r->x0 - f->at.x0) < double_line ||
							 fabs(r->x0 - f->at.x1) < double_line;
		f->dropped = f->dropped || !side || f->inside < 4;
	}
	g->frame_count = 0;
	for (size_t i = 0; i < g->count; i++)
		if (frames[i].inside >= 4 && !frames[i].dropped)
			frames[g->frame_count++] =
				(struct frame){.at = frames[i].at, .root = i, .around = SIZE_MAX};
}

static bool holds(const struct sdp_rectangle *a, const struct sdp_rectangle *b)
{
	return a->x0 < b->x0 && a->y0 < b->y0 && a->x1 > b->x1 && a->y1 > b->y1;
}

static double size_of(const struct sdp_rectangle *a)
{
	return (a->x1 - a->x0) * (a->y1 - a->y0);
}

static void find_around(struct grouping *g)
{
	for (size_t i = 0; i < g->frame_count; i++)
		g->frames[i].around = SIZE_MAX, g->frames[i].inside = 0;
	for (size_t i = 0; i < g->frame_count; i++) {
		struct frame *f = &g->frames[i];
		for (size_t k = 0; !f->dropped && k < g->frame_count; k++) {
			const struct frame *o = &g->frames[k];
			if (k != i && !o->dropped && holds(&o->at, &f->at) &&
			    (f->around == SIZE_MAX ||
			     size_of(&o->at) < size_of(&g->frames[f->around].at)))
				f->around = k;
		}
		if (f->around != SIZE_MAX)
			g->frames[f->around].inside++;
	}
}

/* Drops the outer one of two frames that are one double line. */
static void drop_outer_lines(struct grouping *g)
{
	for (size_t i = 0; i < g->frame_count; i++) {
		size_t k = g->frames[i].around;
		if (k == SIZE_MAX || g->frames[k].inside != 1)
			continue;
		const struct sdp_rectangle *a = &g->frames[k].at, *b = &g->frames[i].at;
		if (b->x0 - a->x0 < double_line && b->y0 - a->y0 < double_line &&
		    a->x1 - b->x1 < double_line && a->y1 - b->y1 < double_line)
			g->frames[k].dropped = true;
	}
}

/* Returns whether two frames are side by side, and overlap there by most of the shorter side. */
static bool beside(const struct sdp_rectangle *a, const struct sdp_rectangle *b)
{
	double x = fmin(a->x1, b->x1) - fmax(a->x0, b->x0),
	       y = fmin(a->y1, b->y1) - fmax(a->y0, b->y0),
	       across = fmin(a->x1 - a->x0, b->x1 - b->x0),
	       down = fmin(a->y1 - a->y0, b->y1 - b->y0);
	return (x > 0.8 * across && -y <= frame_gap) || (y > 0.8 * down && -x <= frame_gap);
}

static void join_frames(struct grouping *g)
{
	find_frames(g);
	find_around(g);
	drop_outer_lines(g);
	find_around(g);
	for (size_t i = 0; i < g->frame_count; i++)
		g->frames[i].dropped = g->frames[i].dropped || g->frames[i].inside > 1;
	for (size_t i = 0; i < g->frame_count; i++)
		for (size_t k = i + 1; k < g->frame_count; k++) {
			const struct frame *a = &g->frames[i], *b = &g->frames[k];
			if (!a->dropped && !b->dropped && a->around == b->around &&
			    beside(&a->at, &b->at))
				unite(g->parents, a->root, b->root);
		}
}

/* ---- the result ---- */

static bool is_framed(const struct grouping *g, size_t root)
{
	for (size_t i = 0; i < g->frame_count; i++)
		if (!g->frames[i].dropped && g->frames[i].root == root)
			return true;
	return false;
}

/* Copies the lines of each group to be consecutive. */
static int make_groups(struct grouping *g, struct sdp_rule_groups *out, struct sdp_err *err)
{
	size_t n = 0;
	out->rules = sdp_alloc(g->count + 1, sizeof *out->rules, err);
	out->groups = sdp_alloc(g->count + 1, sizeof *out->groups, err);
	if (!out->rules || !out->groups)
		return -1;
	for (size_t root = 0; root < g->count; root++) {
		if (root_of(g->parents, root) != root)
			continue;
		struct sdp_rule_group *group = &out->groups[out->count];
		*group = (struct sdp_rule_group){.bounds = {far, far, -far, -far}};
		group->horizontal = out->rules + n;
		for (size_t i = root; i < g->count; i++) {
			if (root_of(g->parents, i) != root)
				continue;
			out->rules[n++] = g->rules[i];
			extend(&group->bounds, &g->rules[i]);
			*(i < g->horizontals ? &group->horizontals : &group->verticals) += 1;
		}
		group->vertical = group->horizontal + group->horizontals;
		group->framed = group->horizontals + group->verticals > 4 && is_framed(g, root);
		out->count++;
	}
	return 0;
}

int sdp_rules_group(struct sdp_drawing *d, struct sdp_rule_groups *out, struct sdp_err *err)
{
	*out = (struct sdp_rule_groups){0};
	if (join(d->horizontal, &d->horizontals, false, err) < 0 ||
	    join(d->vertical, &d->verticals, true, err) < 0)
		return -1;
	struct grouping g = {.horizontals = d->horizontals, .count = d->horizontals + d->verticals};
	out->full = d->full || g.count > LINES;
	if (out->full || g.count == 0)
		return 0;
	g.rules = sdp_alloc(g.count, sizeof *g.rules, err);
	g.parents = sdp_alloc(g.count, sizeof *g.parents, err);
	g.frames = sdp_alloc(g.count, sizeof *g.frames + sizeof(bool), err);
	int rc = g.rules && g.parents && g.frames ? 0 : -1;
	if (rc == 0) {
		for (size_t i = 0; i < g.count; i++)
			g.rules[i] = i < d->horizontals ? d->horizontal[i]
							: d->vertical[i - d->horizontals];
		touch(&g);
		join_rows(&g);
		join_frames(&g);
		rc = make_groups(&g, out, err);
	}
	free(g.rules);
	free(g.parents);
	free(g.frames);
	return rc;
}

void sdp_rule_groups_release(struct sdp_rule_groups *groups)
{
	free(groups->groups);
	free(groups->rules);
	*groups = (struct sdp_rule_groups){0};
}

/* Extends the rows of a table to the lines that are drawn around it. */
#include "pdf/table_frame.h"

#include "sdp/mem.h"
#include "sdp/num.h"

#include <math.h>
#include <string.h>

static const double beside = 20;   /* lines stand so near to the columns, in points */
static const double alike = 3;     /* the ends of like lines are so near */
static const double covered = 0.8; /* horizontal lines cover so much of the columns */
enum {
	HEADER = 4,     /* so many lines may be those of a header */
	NEIGHBOURS = 8, /* so many lines next to a table are looked at */
};

static const double apart = 3; /* rows are nearer than so many heights of a line */

/* What tells whether a line near a table may belong to it. */
struct search {
	struct sdp_cover *cover;
	const struct sdp_page *page;
	struct sdp_rectangle sides, frame;
	double pitch;
};

static double middle(const struct sdp_line *line)
{
	return (line->y0 + line->y1) / 2;
}

double sdp_line_distance(const struct sdp_page *page, size_t line)
{
	return line ? middle(&page->lines[line]) - middle(&page->lines[line - 1]) : INFINITY;
}

static bool is_inside(const struct sdp_rectangle *a, const struct sdp_line *line)
{
	return middle(line) > a->y0 && middle(line) < a->y1;
}

static bool covers(const struct sdp_rule *r, const struct sdp_rectangle *a)
{
	double both = fmin(r->x1, a->x1) - fmax(r->x0, a->x0);
	return both >= covered * (a->x1 - a->x0) && r->x1 - r->x0 <= 2 * (a->x1 - a->x0) + beside;
}

/*
 * Returns the height of the nearest horizontal line above or below the area that is like one on its
 * other side or within it, or else the edge of the area.
 */
static double nearest_like(const struct sdp_drawing *d, const struct sdp_rectangle *a, bool above)
{
	double best = above ? -INFINITY : INFINITY;
	for (size_t i = 0; i < d->horizontals; i++) {
		const struct sdp_rule *r = &d->horizontal[i];
		bool like = false, beyond = above ? r->y0 < a->y0 + 1 : r->y0 > a->y1 - 1;
		if (!beyond || !covers(r, a) || (above ? r->y0 <= best : r->y0 >= best))
			continue;
		for (size_t k = 0; !like && k < d->horizontals; k++) {
			const struct sdp_rule *o = &d->horizontal[k];
			like = k != i && fabs(o->x0 - r->x0) < alike &&
			       fabs(o->x1 - r->x1) < alike &&
			       (above ? o->y0 > r->y0 : o->y0 < r->y0);
		}
		if (like)
			best = r->y0;
	}
	return isfinite(best) ? best : above ? a->y0 : a->y1;
}

/*
 * Finds how far rows may reach that have the columns of the cover and the lines of a run: to the
 * ends of vertical lines at or between the columns (sides), and to the next horizontal line above
 * and below that is like another one of the table (frame).
 */
static void find_frame(struct search *s, const struct sdp_drawing *d, const struct sdp_run *run)
{
	const struct sdp_cover *cover = s->cover;
	const struct sdp_page *page = s->page;
	struct sdp_rectangle a = {cover->columns[0].x0, page->lines[run->from].y0,
				  cover->columns[cover->count - 1].x1, page->lines[run->to].y1},
			     frame = a;
	for (size_t i = 0; i < d->verticals; i++) {
		const struct sdp_rule *r = &d->vertical[i];
		double both = fmin(r->y1, a.y1) - fmax(r->y0, a.y0);
		if (r->x0 < a.x0 - beside || r->x0 > a.x1 + beside || both < (a.y1 - a.y0) / 2)
			continue;
		frame.y0 = fmin(frame.y0, r->y0);
		frame.y1 = fmax(frame.y1, r->y1);
	}
	double top = nearest_like(d, &a, true), bottom = nearest_like(d, &a, false);
	s->sides = s->frame = frame;
	s->frame.y0 = fmin(frame.y0, top);
	s->frame.y1 = fmax(frame.y1, bottom);
}

static bool is_row(const struct sdp_cover *cover, const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number];
	return line->count > 0 && sdp_cover_column(cover, &page->pieces[line->first]) == 0 &&
	       2 * sdp_cover_occupied(cover, page, line) >= cover->count;
}

static bool has_digits(const struct sdp_page *page, size_t number)
{
	const struct sdp_line *line = &page->lines[number];
	for (size_t i = 0; i < line->count; i++) {
		const struct sdp_piece *piece = &page->pieces[line->first + i];
		for (size_t k = 0; k < piece->length; k++)
			if (sdp_is_digit(page->text.data[piece->text + k]))
				return true;
	}
	return false;
}

double sdp_table_pitch(const struct sdp_cover *cover, const struct sdp_page *page,
		       const struct sdp_run *run)
{
	double least = INFINITY, header = INFINITY;
	for (size_t k = run->from + 1; k <= run->to; k++) {
		const struct sdp_line *line = &page->lines[k];
		double distance = sdp_line_distance(page, k);
		if (distance <= 0.5 * (line->y1 - line->y0) || !is_row(cover, page, k) ||
		    !is_row(cover, page, k - 1))
			continue;
		bool may_head =
			k - run->from < HEADER && !has_digits(page, k - 1) && !has_digits(page, k);
		double *to = may_head ? &header : &least;
		*to = fmin(*to, distance);
	}
	return isfinite(least) ? least : isfinite(header) ? header : 0;
}

/* Adds a line to the cover if its pieces do not join columns.  Returns 1, 0 or -1. */
static int take(struct sdp_cover *cover, const struct sdp_page *page, size_t line,
		struct sdp_err *err)
{
	struct sdp_cover copy = {.count = cover->count, .capacity = cover->count};
	bool joined = false;
	copy.columns = sdp_alloc(cover->count + 1, sizeof *copy.columns, err);
	if (!copy.columns)
		return -1;
	memcpy(copy.columns, cover->columns, cover->count * sizeof *copy.columns);
	int rc = sdp_cover_add_lines(&copy, page, line, line, &joined, err);
	if (rc == 0 && !joined && copy.count == cover->count) {
		memcpy(cover->columns, copy.columns, copy.count * sizeof *copy.columns);
		rc = 1;
	}
	free(copy.columns);
	return rc;
}

/*
 * Takes the lines from number on, downwards or upwards, as far as they may belong to the table.
 * Lines outside its sides are not taken if another one is as near to them, or within the frame,
 * that does not fit.  Returns how many lines are taken, or -1.
 */
static long take_lines(const struct search *s, size_t number, size_t most, bool up,
		       struct sdp_err *err)
{
	size_t taken = 0, sure = 0;
	for (; taken < most; taken++) {
		size_t k = up ? number - taken : number + taken;
		const struct sdp_line *line = &s->page->lines[k];
		double distance = sdp_line_distance(s->page, up ? k + 1 : k);
		bool inside = is_inside(&s->frame, line), close = distance < SDP_TIGHT * s->pitch;
		if (!inside && (line->rotated || !close))
			return (long)taken;
		if (line->rotated || (!close && distance >= apart * (line->y1 - line->y0)) ||
		    (!inside && sdp_lines_prose(s->page, k, k)))
			return (long)sure;
		int rc = take(s->cover, s->page, k, err);
		if (rc <= 0)
			return rc < 0 ? -1 : (long)sure;
		sure = is_inside(&s->sides, line) ? taken + 1 : sure;
	}
	bool whole = up ? number + 1 == most : number + most == s->page->line_count;
	return (long)(whole ? taken : sure);
}

/*
 * Looks at the lines that follow a run, downwards or upwards, as near as its rows are.  One of a
 * single piece, at the distance of rows, that keeps the columns is taken; *taken counts them.
 * Lines after these that are no prose are left out.  Returns 0 or -1.
 */
static int look_beyond(const struct search *s, size_t number, size_t most, bool up, size_t *taken,
		       struct sdp_neighbours *near, struct sdp_err *err)
{
	bool left = false;
	*taken = 0;
	for (size_t i = 0; i < most && i < NEIGHBOURS; i++) {
		size_t k = up ? number - i : number + i;
		double distance = sdp_line_distance(s->page, up ? k + 1 : k) / s->pitch;
		if (s->page->lines[k].rotated || distance > 1.3 || sdp_lines_prose(s->page, k, k))
			break;
		bool row = !left && s->page->lines[k].count == 1 && fabs(distance - 1) < 0.07;
		int rc = row ? take(s->cover, s->page, k, err) : 0;
		if (rc < 0)
			return -1;
		*taken += rc > 0;
		left = rc == 0;
		near->first = left && (up || near->left == 0) ? k : near->first;
		near->left += left;
	}
	return 0;
}

int sdp_table_extend(const struct sdp_drawing *drawing, struct sdp_cover *cover,
		     const struct sdp_page *page, size_t least, size_t limit, struct sdp_run *run,
		     struct sdp_neighbours *near, struct sdp_err *err)
{
	struct search s = {.cover = cover,
			   .page = page,
			   .pitch = sdp_table_pitch(cover, page, run)};
	find_frame(&s, drawing, run);
	*near = (struct sdp_neighbours){0};
	long below = take_lines(&s, run->to + 1, limit - run->to - 1, false, err);
	long above = below < 0 ? -1 : take_lines(&s, run->from - 1, run->from - least, true, err);
	if (above < 0)
		return -1;
	run->to += (size_t)below;
	run->from -= (size_t)above;
	if (s.pitch <= 0)
		return 0;
	if (look_beyond(&s, run->to + 1, limit - run->to - 1, false, &near->below, near, err) < 0 ||
	    look_beyond(&s, run->from - 1, run->from - least, true, &near->above, near, err) < 0)
		return -1;
	run->to += near->below;
	run->from -= near->above;
	return 0;
}

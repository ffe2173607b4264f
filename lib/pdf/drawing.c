/*
 * A device of mupdf that keeps horizontal and vertical lines: thin filled shapes, strokes, and the
 * sides of frames that are filled between two rectangles.  All are cut at the clip.
 */
#include "pdf/drawing.h"

#include <math.h>

struct device {
	fz_device super;
	struct sdp_drawing *drawing;
	bool *failed;
};

enum { CORNERS = 6 }; /* the points of a part of a path that are kept */

/* Walks a path. */
struct walk {
	struct device *device;
	fz_matrix matrix;
	fz_rect clip;
	double width; /* of the stroke; negative: the path is filled */
	fz_point first, last, points[CORNERS];
	size_t count; /* of points of this part */
	struct sdp_rectangle bounds, outer;
	bool curved, any_outer;
};

static void keep_fill(struct walk *w, struct sdp_rectangle a)
{
	struct sdp_err err;
	a.x0 = fmax(a.x0, w->clip.x0);
	a.y0 = fmax(a.y0, w->clip.y0);
	a.x1 = fmin(a.x1, w->clip.x1);
	a.y1 = fmin(a.y1, w->clip.y1);
	if (a.x0 <= a.x1 && a.y0 <= a.y1 && sdp_drawing_fill(w->device->drawing, a, &err) < 0)
		*w->device->failed = true;
}

static void keep_line(struct walk *w, fz_point a, fz_point b)
{
	struct sdp_err err;
	struct sdp_rule r = {fmin(a.x, b.x), fmin(a.y, b.y), fmax(a.x, b.x), fmax(a.y, b.y),
			     w->width};
	r.x0 = fmax(r.x0, w->clip.x0);
	r.y0 = fmax(r.y0, w->clip.y0);
	r.x1 = fmin(r.x1, w->clip.x1);
	r.y1 = fmin(r.y1, w->clip.y1);
	if (r.x0 <= r.x1 && r.y0 <= r.y1 && sdp_drawing_line(w->device->drawing, r, &err) < 0)
		*w->device->failed = true;
}

static bool is_thin(const struct sdp_rectangle *a)
{
	return a->x1 - a->x0 <= SDP_RULE_WIDTH || a->y1 - a->y0 <= SDP_RULE_WIDTH;
}

/* Returns whether the part of the path is a rectangle. */
static bool is_rectangle(const struct walk *w)
{
	const struct sdp_rectangle *a = &w->bounds;
	if (w->curved || w->count < 4 || w->count > CORNERS)
		return false;
	for (size_t i = 0; i < w->count; i++) {
		const fz_point *p = &w->points[i];
		if ((fabs(p->x - a->x0) > 0.1 && fabs(p->x - a->x1) > 0.1) ||
		    (fabs(p->y - a->y0) > 0.1 && fabs(p->y - a->y1) > 0.1))
			return false;
	}
	return true;
}

/* Keeps the four sides between two rectangles if these are a frame.  Returns whether they are. */
static bool keep_frame(struct walk *w, const struct sdp_rectangle *a, const struct sdp_rectangle *b)
{
	double left = b->x0 - a->x0, top = b->y0 - a->y0, right = a->x1 - b->x1,
	       bottom = a->y1 - b->y1;
	if (left < 0 || top < 0 || right < 0 || bottom < 0 ||
	    fmax(fmax(left, right), fmax(top, bottom)) > SDP_RULE_WIDTH)
		return false;
	struct sdp_rectangle sides[] = {{a->x0, a->y0, b->x0, a->y1},
					{b->x1, a->y0, a->x1, a->y1},
					{a->x0, a->y0, a->x1, b->y0},
					{a->x0, b->y1, a->x1, a->y1}};
	double widths[] = {left, right, top, bottom};
	for (size_t i = 0; i < 4; i++)
		if (widths[i] > 0)
			keep_fill(w, sides[i]);
	return true;
}

/* Ends a part of a filled path. */
static void end_part(struct walk *w)
{
	if (w->width >= 0 || w->count < 2) {
		w->count = 0;
		return;
	}
	bool rectangle = is_rectangle(w);
	if (w->any_outer) {
		bool frame = rectangle && (keep_frame(w, &w->outer, &w->bounds) ||
					   keep_frame(w, &w->bounds, &w->outer));
		if (!frame)
			keep_fill(w, w->outer);
		w->any_outer = false;
		if (frame) {
			w->count = 0;
			return;
		}
	}
	if (is_thin(&w->bounds))
		keep_fill(w, w->bounds);
	else if (rectangle) {
		w->outer = w->bounds;
		w->any_outer = true;
	}
	w->count = 0;
}

static void add_point(struct walk *w, fz_point p)
{
	if (w->count < CORNERS)
		w->points[w->count] = p;
	if (w->count++ == 0)
		w->bounds = (struct sdp_rectangle){p.x, p.y, p.x, p.y};
	w->bounds.x0 = fmin(w->bounds.x0, p.x);
	w->bounds.y0 = fmin(w->bounds.y0, p.y);
	w->bounds.x1 = fmax(w->bounds.x1, p.x);
	w->bounds.y1 = fmax(w->bounds.y1, p.y);
	w->last = p;
}

static void move_to(fz_context *context, void *walk, float x, float y)
{
	struct walk *w = walk;
	(void)context;
	end_part(w);
	w->curved = false;
	w->first = fz_transform_point_xy(x, y, w->matrix);
	add_point(w, w->first);
}

static void line_to_point(struct walk *w, fz_point p)
{
	if (w->width >= 0)
		keep_line(w, w->last, p);
	add_point(w, p);
}

static void line_to(fz_context *context, void *walk, float x, float y)
{
	struct walk *w = walk;
	(void)context;
	line_to_point(w, fz_transform_point_xy(x, y, w->matrix));
}

static void curve_to(fz_context *context, void *walk, float x1, float y1, float x2, float y2,
		     float x3, float y3)
{
	struct walk *w = walk;
	(void)context;
	w->curved = true;
	add_point(w, fz_transform_point_xy(x1, y1, w->matrix));
	add_point(w, fz_transform_point_xy(x2, y2, w->matrix));
	add_point(w, fz_transform_point_xy(x3, y3, w->matrix));
}

static void close_path(fz_context *context, void *walk)
{
	struct walk *w = walk;
	(void)context;
	if (w->count && w->width >= 0)
		keep_line(w, w->last, w->first);
	w->last = w->first;
}

static void walk_path(fz_context *context, fz_device *device, const fz_path *path, fz_matrix matrix,
		      double width)
{
	static const fz_path_walker walker = {.moveto = move_to,
					      .lineto = line_to,
					      .curveto = curve_to,
					      .closepath = close_path};
	struct walk w = {.device = (struct device *)device,
			 .matrix = matrix,
			 .clip = fz_device_current_scissor(context, device),
			 .width = width};
	if (w.device->drawing->full)
		return;
	fz_walk_path(context, path, &walker, &w);
	end_part(&w);
	if (w.any_outer)
		keep_fill(&w, w.outer);
}

static void fill_path(fz_context *context, fz_device *device, const fz_path *path, int even_odd,
		      fz_matrix matrix, fz_colorspace *space, const float *color, float alpha,
		      fz_color_params params)
{
	(void)even_odd, (void)space, (void)color, (void)params;
	if (alpha > 0)
		walk_path(context, device, path, matrix, -1);
}

static void stroke_path(fz_context *context, fz_device *device, const fz_path *path,
			const fz_stroke_state *stroke, fz_matrix matrix, fz_colorspace *space,
			const float *color, float alpha, fz_color_params params)
{
	(void)space, (void)color, (void)params;
	if (alpha > 0)
		walk_path(context, device, path, matrix,
			  stroke->linewidth * fz_matrix_expansion(matrix));
}

/* Returns the place where the glyph after this one begins, if nothing moves it. */
static fz_point end_of(fz_context *context, const fz_text_span *span, const fz_text_item *item,
		       fz_point origin, fz_matrix whole)
{
	double advance = fz_advance_glyph(context, span->font, item->gid, (int)span->wmode);
	return (fz_point){(float)(origin.x + advance * whole.a),
			  (float)(origin.y + advance * whole.b)};
}

/*
 * Keeps the parts of a span whose glyphs follow each other without a gap.  Blanks count within a
 * part, but not at its ends.
 */
static void keep_runs(fz_context *context, struct device *d, const fz_text_span *span,
		      fz_matrix matrix)
{
	const double gap = 0.05, wide = 1.3; /* in units of the font size */
	fz_matrix whole = fz_concat(span->trm, matrix);
	double size = fz_matrix_expansion(whole);
	fz_point first = {0, 0}, last = {0, 0}, end = {0, 0};
	bool any = false;
	struct sdp_err err;
	for (int i = 0; i <= span->len; i++) {
		const fz_text_item *item = &span->items[i];
		if (i < span->len && item->gid < 0)
			continue; /* a further letter of a ligature */
		fz_point p = end;
		if (i < span->len)
			p = fz_transform_point_xy(item->x, item->y, matrix);
		double from_end = hypot(p.x - end.x, p.y - end.y);
		bool ends = i == span->len || from_end > (span->wmode ? wide : gap) * size;
		if (any && ends && (first.x != last.x || first.y != last.y) &&
		    sdp_drawing_run(d->drawing,
				    (struct sdp_rule){first.x, first.y, last.x, last.y, size},
				    &err) < 0)
			*d->failed = true;
		any = any && !ends;
		if (i == span->len)
			break;
		end = end_of(context, span, item, p, whole);
		if (item->ucs == ' ' || item->ucs == 0xa0)
			continue;
		if (!any)
			first = p;
		any = true;
		last = p;
	}
}

static void fill_text(fz_context *context, fz_device *device, const fz_text *text, fz_matrix matrix,
		      fz_colorspace *space, const float *color, float alpha, fz_color_params params)
{
	(void)space, (void)color, (void)alpha, (void)params;
	for (const fz_text_span *span = text->head; span; span = span->next)
		keep_runs(context, (struct device *)device, span, matrix);
}

fz_device *sdp_drawing_device(fz_context *ctx, struct sdp_drawing *drawing, bool *failed)
{
	struct device *d = fz_new_derived_device(ctx, struct device);
	d->super.fill_path = fill_path;
	d->super.stroke_path = stroke_path;
	d->super.fill_text = fill_text;
	d->drawing = drawing;
	d->failed = failed;
	return &d->super;
}

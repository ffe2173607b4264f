/*
 * Lines that are drawn on a page, and the groups of them that may be the lines of one table.
 *
 * Coordinates are those of page.h.  A struct owns its arrays; {0} is empty.
 */
#ifndef SDP_PDF_RULES_H
#define SDP_PDF_RULES_H

#include "sdp/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A horizontal or vertical line from (x0, y0) to (x1, y1): two of these are equal. */
struct sdp_rule {
	double x0, y0, x1, y1;
	double width; /* how thick it is */
};

struct sdp_rectangle {
	double x0, y0, x1, y1;
};

/* What is drawn on a page. */
struct sdp_drawing {
	struct sdp_rule *horizontal, *vertical;
	struct sdp_rectangle *areas; /* filled rectangles that are no lines */
	/* Text that was printed at once, from the origin of its first to that of its last glyph. */
	struct sdp_rule *runs;
	size_t horizontals, verticals, area_count, run_count;
	size_t horizontal_capacity, vertical_capacity, area_capacity, run_capacity;
	bool full; /* more was drawn than is kept; the rest is lost */
};

/* The lines, also the pieces of dashed ones, and the areas that are kept of a page. */
enum { SDP_RULES_MOST = 100000 };

/* The thickest line; what is thicker is an area.  In points. */
#define SDP_RULE_WIDTH 6.5

/*
 * Adds a filled rectangle, which is a line if it is thin, and part of a dashed line if it is small.
 * Coordinates that are not finite are left out.  Returns 0, or -1 if there is no memory.
 */
int sdp_drawing_fill(struct sdp_drawing *drawing, struct sdp_rectangle area, struct sdp_err *err);
/* Adds a line, if it is horizontal or vertical. */
int sdp_drawing_line(struct sdp_drawing *drawing, struct sdp_rule line, struct sdp_err *err);
/* Adds a run of text. */
int sdp_drawing_run(struct sdp_drawing *drawing, struct sdp_rule run, struct sdp_err *err);
void sdp_drawing_release(struct sdp_drawing *drawing);

/* Lines that belong together.  bounds is the rectangle that holds them. */
struct sdp_rule_group {
	struct sdp_rule *horizontal, *vertical;
	size_t horizontals, verticals;
	struct sdp_rectangle bounds;
	bool framed; /* each cell has a frame of its own, at a distance from the others */
};

struct sdp_rule_groups {
	struct sdp_rule_group *groups;
	size_t count;
	struct sdp_rule *rules; /* of all groups */
	bool full;              /* there are too many lines to find groups */
};

/*
 * Joins the pieces of lines and finds the groups of lines that touch each other, of frames that
 * stand side by side, and of horizontal lines without vertical ones that are equally long.  The
 * order of the lines in the drawing changes.  Returns 0, or -1 if there is no memory.
 */
int sdp_rules_group(struct sdp_drawing *drawing, struct sdp_rule_groups *groups,
		    struct sdp_err *err);
void sdp_rule_groups_release(struct sdp_rule_groups *groups);

#endif

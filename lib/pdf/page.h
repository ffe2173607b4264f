/*
 * A page of a printed document: glyphs and where they stand become pieces of text, and these lines.
 *
 *	Line no   UPC code        Location          three pieces of one line: what stands between
 *	          0085648100305   CENTRAL KMA       them is wider than blanks are
 *
 * Coordinates are those of the page in points, y downwards.  Text that runs another way than most
 * of the page's is turned and comes behind it.  The struct owns its parts; {0} is fresh, and a page
 * can be made again in the same struct.
 */
#ifndef SDP_PDF_PAGE_H
#define SDP_PDF_PAGE_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_glyph {
	double x0, x1, y0, y1; /* its box */
	double base;           /* baseline: y, or x where text runs up or down */
	double size;           /* of the font */
	uint32_t code;         /* Unicode */
	unsigned char turn;    /* text runs to the right: 0, down: 1, to the left: 2, up: 3 */
	bool after_blank;      /* the text has a blank in front of it */
};

struct sdp_piece {
	double x0, x1;
	size_t text, length; /* in the page's text */
};

struct sdp_line {
	size_t first, count; /* pieces, from left to right */
	double y0, y1;
	bool turned; /* it runs another way than most of the page */
};

struct sdp_page {
	struct sdp_buf text; /* UTF-8 */
	struct sdp_piece *pieces;
	struct sdp_line *lines; /* from top to bottom */
	size_t piece_count, line_count, piece_capacity, line_capacity;
};

/* The glyphs, which are in the order of the text, are put into another one. */
int sdp_page_make(struct sdp_page *page, struct sdp_glyph *glyphs, size_t count,
		  struct sdp_err *err);
void sdp_page_release(struct sdp_page *page);

/* Appends a line's text: two blanks stand between its pieces. */
int sdp_page_add_line(const struct sdp_page *page, size_t line, struct sdp_buf *out,
		      struct sdp_err *err);

#endif

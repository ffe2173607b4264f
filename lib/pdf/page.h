/*
 * The text of a printed page as lines and pieces, made from glyphs and their positions.
 *
 *	Line no   UPC code        Location          three pieces of one line: the gaps between
 *	          0085648100305   CENTRAL KMA       them are wider than blanks
 *
 * Coordinates are in points, y grows downwards.  Text is rotated so that it runs to the right.
 * Text in the most frequent direction of the page comes first; text in other directions follows,
 * as lines of its own with rotated coordinates.
 *
 * The struct owns its arrays; {0} is an empty page.  sdp_page_make can be called again with the
 * same struct and then replaces the page.
 */
#ifndef SDP_PDF_PAGE_H
#define SDP_PDF_PAGE_H

#include "sdp/buf.h"

#include <stdbool.h>

struct sdp_glyph {
	double x0, x1, y0, y1;   /* the bounding box */
	double base;             /* the baseline: y, or x if the text runs up or down */
	double size;             /* of the font, in points */
	uint32_t code;           /* the Unicode code point */
	unsigned char direction; /* text runs to the right: 0, down: 1, to the left: 2, up: 3 */
	bool after_blank;        /* a blank precedes the glyph in the text */
	unsigned strip; /* glyphs of one line with different numbers are in different pieces */
};

/* A part of a line without a wide gap: a cell of a table, or a whole line of prose. */
struct sdp_piece {
	double x0, x1;
	size_t text, length; /* offset and bytes in the text of the page */
};

struct sdp_line {
	size_t first, count; /* its pieces, from left to right */
	double y0, y1;
	bool rotated; /* the direction of its text is not the most frequent one */
};

struct sdp_page {
	struct sdp_buf text; /* UTF-8 */
	struct sdp_piece *pieces;
	struct sdp_line *lines; /* from top to bottom */
	size_t piece_count, line_count, piece_capacity, line_capacity;
};

/*
 * Makes a page from count glyphs, which are in the order of the text.  Their coordinates are
 * rotated in place.  A glyph that is printed twice at almost the same position (bold type) counts
 * once.  Returns 0, or -1 if there is no memory.
 */
int sdp_page_make(struct sdp_page *page, struct sdp_glyph *glyphs, size_t count,
		  struct sdp_err *err);
void sdp_page_release(struct sdp_page *page);

/* Appends the text of a line, with two blanks between its pieces.  Returns 0 or -1. */
int sdp_page_add_line(const struct sdp_page *page, size_t line, struct sdp_buf *out,
		      struct sdp_err *err);

#endif

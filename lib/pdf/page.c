/*
 * Makes lines and pieces of text from glyphs.  Glyphs are sorted by direction and baseline, which
 * gives the lines; each line is sorted by x and divided into pieces at wide gaps.
 */
#include "pdf/page.h"

#include "sdp/mem.h"

#include <math.h>
#include <string.h>

/* Distances, in units of the font size. */
static const double piece_gap = 0.65;      /* a wider gap separates pieces */
static const double word_gap = 0.22;       /* a wider gap separates words */
static const double line_tolerance = 0.35; /* baselines of one line differ by at most this */
static const double bold_offset = 0.12;    /* the same glyph nearer than this is printed bold */
static const double same_place = 0.01;     /* what is nearer than this is at one place */

void sdp_page_release(struct sdp_page *page)
{
	sdp_buf_release(&page->text);
	free(page->pieces);
	free(page->lines);
	*page = (struct sdp_page){0};
}

/* Rotates the coordinates of the glyph so that its text runs to the right. */
static void rotate(struct sdp_glyph *g)
{
	struct sdp_glyph was = *g;
	switch (was.direction) {
	case 1:
		g->x0 = was.y0, g->x1 = was.y1, g->y0 = -was.x1, g->y1 = -was.x0,
		g->base = -was.base;
		break;
	case 2:
		g->x0 = -was.x1, g->x1 = -was.x0, g->y0 = -was.y1, g->y1 = -was.y0,
		g->base = -was.base;
		break;
	case 3:
		g->x0 = -was.y1, g->x1 = -was.y0, g->y0 = was.x0, g->y1 = was.x1;
		break;
	default:
		break;
	}
}

/*
 * Divides the width of each ligature among its letters.  The first one has all of it, and the
 * others, which follow in the text, have none and stand at its end.
 */
static void divide_ligatures(struct sdp_glyph *glyphs, size_t count)
{
	for (size_t i = 0, end; i < count; i = end) {
		struct sdp_glyph *g = &glyphs[i];
		double near = same_place * g->size, left = g->x0;
		for (end = i + 1; end < count; end++) {
			const struct sdp_glyph *next = &glyphs[end];
			if (next->direction != g->direction || next->after_blank ||
			    next->x1 - next->x0 > near || fabs(next->x0 - g->x1) > near ||
			    fabs(next->base - g->base) > near)
				break;
		}
		double part = (g->x1 - g->x0) / (double)(end - i);
		for (size_t k = i; end - i > 1 && k < end; k++) {
			glyphs[k].x0 = left + part * (double)(k - i);
			glyphs[k].x1 = left + part * (double)(k - i + 1);
		}
	}
}

/* ---- lines ---- */

/* A glyph, its position in the order of the text, and its line, counted from the top. */
struct placed {
	struct sdp_glyph glyph;
	size_t order, line;
	unsigned rank; /* of its direction; 0 is the most frequent one */
};

static int by_base(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->glyph.base != y->glyph.base)
		return x->glyph.base < y->glyph.base ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int by_line(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->glyph.x0 != y->glyph.x0)
		return x->glyph.x0 < y->glyph.x0 ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/*
 * Numbers the lines of glyphs that are sorted by direction and baseline: a new line begins where
 * the baseline differs from that of the first glyph of the line.  Then sorts by line and x.
 */
static void number_lines(struct placed *placed, size_t count)
{
	for (size_t i = 0, line = 0, first = 0; i < count; i++) {
		const struct sdp_glyph *g = &placed[i].glyph, *f = &placed[first].glyph;
		double size = g->size > f->size ? g->size : f->size;
		if (placed[i].rank != placed[first].rank ||
		    g->base - f->base > line_tolerance * size) {
			line++;
			first = i;
		}
		placed[i].line = line;
	}
	qsort(placed, count, sizeof *placed, by_line);
}

/* ---- pieces ---- */

static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x20 || c == 0x7f)
		c = ' ';
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
	return n;
}

static int add_glyph(struct sdp_page *page, const struct placed *p, bool spaced,
		     struct sdp_err *err)
{
	char bytes[8];
	size_t n = 0;
	if (spaced)
		bytes[n++] = ' ';
	n += put_utf8(bytes + n, p->glyph.code);
	struct sdp_piece *piece = &page->pieces[page->piece_count - 1];
	if (p->glyph.x1 > piece->x1)
		piece->x1 = p->glyph.x1;
	piece->length += n;
	return sdp_buf_add(&page->text, bytes, n, err);
}

static int new_piece(struct sdp_page *page, const struct placed *p, struct sdp_err *err)
{
	if (sdp_grow(&page->pieces, &page->piece_capacity, page->piece_count + 1,
		     sizeof *page->pieces, err) < 0)
		return -1;
	page->pieces[page->piece_count++] =
		(struct sdp_piece){p->glyph.x0, p->glyph.x1, page->text.length, 0};
	page->lines[page->line_count - 1].count++;
	return 0;
}

static int new_line(struct sdp_page *page, const struct placed *p, struct sdp_err *err)
{
	if (sdp_grow(&page->lines, &page->line_capacity, page->line_count + 1, sizeof *page->lines,
		     err) < 0)
		return -1;
	page->lines[page->line_count++] =
		(struct sdp_line){page->piece_count, 0, p->glyph.y0, p->glyph.y1, p->rank > 0};
	return 0;
}

/* Returns whether the glyph is the last one again, printed twice to make it bold. */
static bool is_double(const struct placed *p, const struct placed *last)
{
	return p->glyph.code == last->glyph.code && p->order != last->order + 1 &&
	       fabs(p->glyph.x0 - last->glyph.x0) < bold_offset * p->glyph.size;
}

static int make_pieces(struct sdp_page *page, const struct placed *placed, size_t count,
		       struct sdp_err *err)
{
	const struct placed *last = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct placed *p = &placed[i];
		bool fresh = !last || p->line != last->line;
		if (fresh && new_line(page, p, err) < 0)
			return -1;
		if (!fresh && is_double(p, last))
			continue;
		double size = fresh || p->glyph.size > last->glyph.size ? p->glyph.size
									: last->glyph.size;
		double gap = fresh ? 0 : p->glyph.x0 - last->glyph.x1;
		bool begins =
			fresh || gap > piece_gap * size || p->glyph.strip != last->glyph.strip;
		if (begins && new_piece(page, p, err) < 0)
			return -1;
		if (add_glyph(page, p, !begins && (gap > word_gap * size || p->glyph.after_blank),
			      err) < 0)
			return -1;
		struct sdp_line *line = &page->lines[page->line_count - 1];
		line->y0 = p->glyph.y0 < line->y0 ? p->glyph.y0 : line->y0;
		line->y1 = p->glyph.y1 > line->y1 ? p->glyph.y1 : line->y1;
		last = p;
	}
	return 0;
}

int sdp_page_make(struct sdp_page *page, struct sdp_glyph *glyphs, size_t count,
		  struct sdp_err *err)
{
	size_t counts[4] = {0}, most = 0;
	page->text.length = page->piece_count = page->line_count = 0;
	struct placed *placed = sdp_alloc(count, sizeof *placed, err);
	if (!placed)
		return -1;
	for (size_t i = 0; i < count; i++)
		counts[glyphs[i].direction & 3]++;
	for (size_t t = 1; t < 4; t++)
		most = counts[t] > counts[most] ? t : most;
	for (size_t i = 0; i < count; i++)
		rotate(&glyphs[i]);
	divide_ligatures(glyphs, count);
	for (size_t i = 0; i < count; i++) {
		placed[i] = (struct placed){glyphs[i], i, 0,
					    (glyphs[i].direction + 4u - (unsigned)most) % 4};
	}
	qsort(placed, count, sizeof *placed, by_base);
	number_lines(placed, count);
	int rc = make_pieces(page, placed, count, err);
	free(placed);
	return rc;
}

int sdp_page_add_line(const struct sdp_page *page, size_t line, struct sdp_buf *out,
		      struct sdp_err *err)
{
	const struct sdp_line *l = &page->lines[line];
	for (size_t i = 0; i < l->count; i++) {
		const struct sdp_piece *piece = &page->pieces[l->first + i];
		if ((i && sdp_buf_add(out, "  ", 2, err) < 0) ||
		    sdp_buf_add(out, page->text.data + piece->text, piece->length, err) < 0)
			return -1;
	}
	return 0;
}

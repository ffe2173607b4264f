/*
 * Divides a page into runs of lines by dynamic programming.
 *
 * The score of a run is the number of its cells minus one per line, so that only lines with several
 * cells count, minus the constant BREAK.  A cell is a column in which the line has text; when a
 * line joins two columns of the run, the cells of all its lines are counted again.  The chosen runs
 * have the largest sum of scores.
 */
#include "pdf/table_runs.h"

#include "sdp/mem.h"

#include <string.h>

enum {
	BREAK = 3, /* the cost of one more run, in cells */
	/*
	 * The most lines of a run, so that the time does not grow with the square of the number of
	 * lines.  tables.c joins the runs of longer tables.
	 */
	LINES = 120,
	PROSE = 25, /* bytes; longer pieces are sentences, not cells */
};

static const double far = 5;      /* a gap of so many line heights ends a table */
static const double narrow = 0.5; /* columns that are nearer than this (points) are joined */

/* ---- columns ---- */

/*
 * Adds the interval of a piece to the cover.  Sets *joined if it connects columns that were
 * separate.  Returns 0 or -1.
 */
static int cover_add(struct sdp_cover *c, const struct sdp_piece *piece, bool *joined,
		     struct sdp_err *err)
{
	size_t from = 0, to;
	struct sdp_table_column wide = {piece->x0, piece->x1};
	if (sdp_grow(&c->columns, &c->capacity, c->count + 1, sizeof *c->columns, err) < 0)
		return -1;
	while (from < c->count && c->columns[from].x1 + narrow < wide.x0)
		from++;
	for (to = from; to < c->count && c->columns[to].x0 - narrow < wide.x1; to++) {
		wide.x0 = c->columns[to].x0 < wide.x0 ? c->columns[to].x0 : wide.x0;
		wide.x1 = c->columns[to].x1 > wide.x1 ? c->columns[to].x1 : wide.x1;
	}
	*joined = *joined || to > from + 1;
	memmove(c->columns + from + 1, c->columns + to, (c->count - to) * sizeof *c->columns);
	c->count = c->count + 1 - (to - from);
	c->columns[from] = wide;
	return 0;
}

int sdp_cover_add_lines(struct sdp_cover *c, const struct sdp_page *page, size_t from, size_t to,
			bool *joined, struct sdp_err *err)
{
	for (size_t k = from; k <= to; k++)
		for (size_t i = 0; i < page->lines[k].count; i++)
			if (cover_add(c, &page->pieces[page->lines[k].first + i], joined, err) < 0)
				return -1;
	return 0;
}

size_t sdp_cover_column(const struct sdp_cover *c, const struct sdp_piece *piece)
{
	const struct sdp_table_column *columns = c->columns;
	size_t i = 0;
	while (i + 1 < c->count && columns[i].x1 < piece->x0)
		i++;
	size_t best = i;
	for (double most = 0; i < c->count && columns[i].x0 < piece->x1; i++) {
		double from = columns[i].x0 > piece->x0 ? columns[i].x0 : piece->x0;
		double to = columns[i].x1 < piece->x1 ? columns[i].x1 : piece->x1;
		if (to - from > most) {
			most = to - from;
			best = i;
		}
	}
	return best;
}

size_t sdp_cover_occupied(const struct sdp_cover *c, const struct sdp_page *page,
			  const struct sdp_line *line)
{
	size_t sum = 0, last = SIZE_MAX;
	for (size_t i = 0; i < line->count; i++) {
		size_t at = sdp_cover_column(c, &page->pieces[line->first + i]);
		sum += at != last;
		last = at;
	}
	return sum;
}

/* ---- lines ---- */

bool sdp_lines_go_on(const struct sdp_page *page, size_t line)
{
	const struct sdp_line *a = &page->lines[line - 1], *b = &page->lines[line];
	double height = a->y1 - a->y0 > b->y1 - b->y0 ? a->y1 - a->y0 : b->y1 - b->y0;
	return b->y0 - a->y1 < far * height && a->rotated == b->rotated;
}

/* Returns the bytes of a piece without the dots that lead to the next piece ("Total ......"). */
static size_t length_without_leaders(const struct sdp_page *page, const struct sdp_piece *piece)
{
	const char *text = page->text.data + piece->text;
	size_t length = piece->length;
	while (length && (text[length - 1] == '.' || text[length - 1] == ' '))
		length--;
	return length;
}

bool sdp_lines_prose(const struct sdp_page *page, size_t from, size_t to)
{
	size_t pieces = 0, sentences = 0;
	for (size_t k = from; k <= to; k++)
		for (size_t i = 0; i < page->lines[k].count; i++, pieces++)
			sentences +=
				length_without_leaders(page,
						       &page->pieces[page->lines[k].first + i]) >
				PROSE;
	return 2 * sentences > pieces;
}

/* ---- the best runs ---- */

struct prefix {
	long best;   /* the largest sum of scores for the lines up to this one */
	size_t from; /* the first line of the run that ends with this line; SIZE_MAX: none does */
};

/* Returns whether a run may begin or end with this line. */
static bool may_bound_run(const struct sdp_page *page, size_t line)
{
	return page->lines[line].count > 1 && !sdp_lines_prose(page, line, line);
}

/* Tries all runs that begin with line from.  The prefixes of the lines before it are final. */
static int try_runs(const struct sdp_page *page, size_t from, struct prefix *prefixes,
		    struct sdp_cover *cover, struct sdp_err *err)
{
	long before = from ? prefixes[from - 1].best : 0, score = 0;
	cover->count = 0;
	for (size_t to = from; to < page->line_count && to < from + LINES; to++) {
		const struct sdp_line *line = &page->lines[to];
		bool joined = false;
		if (to > from && !sdp_lines_go_on(page, to))
			break;
		if (sdp_cover_add_lines(cover, page, to, to, &joined, err) < 0)
			return -1;
		if (cover->count < 2 && to > from)
			break;
		size_t own = sdp_cover_occupied(cover, page, line);
		score += (long)own - 1;
		if (joined) {
			score = 0;
			for (size_t k = from; k <= to; k++)
				score += (long)sdp_cover_occupied(cover, page, &page->lines[k]) - 1;
		}
		if (own > 1 && may_bound_run(page, to) &&
		    before + score - BREAK > prefixes[to].best) {
			prefixes[to].best = before + score - BREAK;
			prefixes[to].from = from;
		}
	}
	return 0;
}

static int find_best_runs(const struct sdp_page *page, struct sdp_cover *cover,
			  struct prefix *prefixes, struct sdp_run *runs, size_t *count,
			  struct sdp_err *err)
{
	for (size_t i = 0; i < page->line_count; i++)
		prefixes[i] = (struct prefix){0, SIZE_MAX};
	for (size_t i = 0; i < page->line_count; i++) {
		if (i && prefixes[i - 1].best > prefixes[i].best)
			prefixes[i] = (struct prefix){prefixes[i - 1].best, SIZE_MAX};
		if (may_bound_run(page, i) && try_runs(page, i, prefixes, cover, err) < 0)
			return -1;
	}
	*count = 0;
	for (size_t i = page->line_count; i > 0;) {
		size_t from = prefixes[--i].from;
		if (from == SIZE_MAX)
			continue;
		runs[(*count)++] = (struct sdp_run){from, i};
		i = from;
	}
	return 0;
}

/*
 * Returns 1 if only the first line of the lower run has several pieces, and they fit into the
 * columns of the upper run; 0 if not; -1 on failure.
 */
static int fits_upper_run(const struct sdp_page *page, const struct sdp_run *upper,
			  const struct sdp_run *lower, struct sdp_cover *cover, struct sdp_err *err)
{
	bool joined = false;
	cover->count = 0;
	for (size_t k = lower->from + 1; k <= lower->to; k++)
		if (page->lines[k].count > 1)
			return 0;
	if (sdp_cover_add_lines(cover, page, upper->from, upper->to, &joined, err) < 0)
		return -1;
	size_t columns = cover->count;
	joined = false;
	if (sdp_cover_add_lines(cover, page, upper->to + 1, lower->from, &joined, err) < 0)
		return -1;
	return columns > 1 && cover->count == columns && !joined;
}

/*
 * Joins runs with the run above if they fit.  Justified text has wide gaps between its words, so
 * that a line of a cell may look like a run of its own.
 */
static int join_runs(const struct sdp_page *page, struct sdp_cover *cover, struct sdp_run *runs,
		     size_t *count, struct sdp_err *err)
{
	for (size_t upper = *count; upper-- > 1;) {
		struct sdp_run *lower = &runs[upper - 1];
		bool close = lower->from - runs[upper].to <= SDP_LINES_BETWEEN &&
			     sdp_lines_go_on(page, lower->from);
		int rc = close ? fits_upper_run(page, &runs[upper], lower, cover, err) : 0;
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		runs[upper].to = lower->to;
		memmove(lower, lower + 1, (*count - upper) * sizeof *runs);
		--*count;
	}
	return 0;
}

int sdp_runs_find(const struct sdp_page *page, struct sdp_run *runs, size_t *count,
		  struct sdp_err *err)
{
	struct sdp_cover cover = {0};
	struct prefix *prefixes = sdp_alloc(page->line_count + 1, sizeof *prefixes, err);
	int rc = prefixes ? find_best_runs(page, &cover, prefixes, runs, count, err) : -1;
	if (rc == 0)
		rc = join_runs(page, &cover, runs, count, err);
	free(prefixes);
	free(cover.columns);
	return rc;
}

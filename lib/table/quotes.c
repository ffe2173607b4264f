/*
 * Decides whether the quotes of TSV are syntax or plain text, because both habits are common. The
 * decision is made over the first MiB of the first input, whatever the chunks are and however the
 * bytes arrive:
 *
 *	a	b                 a	b                  a	b
 *	1	"x<TAB>y"         1	"Rome, open        1	"Rome
 *	2	"say ""hi"""      2	x                  open"	2
 *	                          3	closed"
 *	syntax: all close         text: each line has      syntax: otherwise, lines would
 *	                          two cells                have too few cells
 *
 * Where the lines would be even, too, cells that span lines are syntax if all cells of the record
 * are quoted, as sdp writes it:
 *
 *	a	b
 *	"1"	"x
 *	y<TAB>z"
 */
#include "table/input.h"
#include "table/sniff.h"

#include <string.h>

enum { LOOK = SDP_SNIFF_CHUNK };

struct look {
	const char *text;
	size_t length;
	bool whole; /* the input ends after the text */
	struct sdp_dialect dialect;
	char comment;
	int even;      /* 1: without quotes, all lines have as many cells; -1: not yet known */
	size_t record; /* the offset of the current record */
	int quoted;    /* 1: all its cells are quoted; -1: not yet known */
	bool wrapped;  /* cells of a record that is quoted so span lines */
};

static size_t after_blanks(const struct look *l, size_t at)
{
	while (at < l->length && l->text[at] == ' ')
		at++;
	return at;
}

/* Returns the offset after the line that begins at this offset. */
static size_t after_line(const struct look *l, size_t at)
{
	const char *lf = memchr(l->text + at, '\n', l->length - at);
	return lf ? (size_t)(lf - l->text) + 1 : l->length;
}

/* Returns the offset of the end of a cell without quotes: that of its delimiter or line end. */
static size_t end_of_cell(const struct look *l, size_t at)
{
	for (; at < l->length && l->text[at] != l->dialect.delimiter && l->text[at] != '\n'; at++)
		if (l->dialect.escape && l->text[at] == l->dialect.escape)
			at++;
	return at < l->length ? at : l->length;
}

/* Returns whether the lines, read without quotes, have the same number of cells, two or more. */
static bool is_even(struct look *l)
{
	size_t first = 0;
	if (l->even >= 0)
		return l->even;
	l->even = 1;
	for (size_t at = 0; at < l->length && l->even;) {
		size_t cells = 1, end = at;
		if (l->comment && l->text[at] == l->comment) {
			at = after_line(l, at);
			continue;
		}
		while ((end = end_of_cell(l, end)) < l->length && l->text[end] != '\n') {
			cells++;
			end++;
		}
		size_t begin = after_blanks(l, at);
		bool empty = begin == end || (begin + 1 == end && l->text[begin] == '\r');
		at = end + 1;
		if (empty || (end == l->length && !l->whole))
			continue;
		first = first ? first : cells;
		l->even = cells == first && cells > 1;
	}
	return l->even;
}

/* Returns the offset of the quote that closes the one at this offset, or l->length. */
static size_t closing_quote(const struct look *l, size_t open)
{
	const char *t = l->text;
	for (size_t at = open + 1; at < l->length; at++) {
		if (l->dialect.escape && t[at] == l->dialect.escape)
			at++;
		else if (t[at] == l->dialect.quote && at + 1 < l->length &&
			 t[at + 1] == l->dialect.quote)
			at++;
		else if (t[at] == l->dialect.quote)
			return at;
	}
	return l->length;
}

/* Returns the offset of the end of the cell with this closing quote, or 0 if text is after it. */
static size_t end_after(const struct look *l, size_t close)
{
	const char *t = l->text;
	size_t end = after_blanks(l, close + 1);
	if (end < l->length && t[end] == '\r' && (end + 1 == l->length || t[end + 1] == '\n'))
		end++;
	return end == l->length || t[end] == l->dialect.delimiter || t[end] == '\n' ? end : 0;
}

/* Returns whether the current record has several cells and all of them are quoted. */
static bool all_quoted(const struct look *l)
{
	size_t cells = 1;
	for (size_t at = l->record;; at++, cells++) {
		at = after_blanks(l, at);
		if (at < l->length && l->text[at] != l->dialect.quote)
			return false;
		size_t close = at < l->length ? closing_quote(l, at) : l->length;
		if (close == l->length) /* cut by the end of the look, or not closed */
			return !l->whole && (cells > 1 || l->wrapped);
		if ((at = end_after(l, close)) == 0)
			return false;
		if (at == l->length || l->text[at] == '\n')
			return cells > 1 || (at == l->length && !l->whole && l->wrapped);
	}
}

/*
 * Returns the offset of the end of the cell that the quote at this offset opens, or 0 if it is not
 * closed.
 */
static size_t close_of(struct look *l, size_t open)
{
	size_t close = closing_quote(l, open);
	if (memchr(l->text + open, '\n', close - open) && is_even(l)) {
		if (l->quoted < 0)
			l->quoted = all_quoted(l);
		if (!l->quoted)
			return 0;
		l->wrapped = true;
	}
	if (close == l->length)
		return l->whole ? 0 : close;
	return end_after(l, close);
}

static enum sdp_quotes decide(struct look *l)
{
	bool quotes = false, start = true;
	for (size_t at = 0; at < l->length; at++) {
		size_t from = after_blanks(l, at);
		if (start) {
			l->record = at;
			l->quoted = -1;
		}
		if (start && l->comment && l->text[at] == l->comment) {
			at = after_line(l, at) - 1;
			continue;
		}
		if (from < l->length && l->text[from] == l->dialect.quote) {
			quotes = true;
			at = close_of(l, from);
			if (at == 0)
				return SDP_QUOTES_TEXT;
		} else {
			at = end_of_cell(l, at);
		}
		start = at < l->length && l->text[at] == '\n';
	}
	return quotes ? SDP_QUOTES_SYNTAX : SDP_QUOTES_UNSEEN;
}

int sdp_head_quotes(struct sdp_source *s, struct sdp_input *input, struct sdp_head *head,
		    struct sdp_err *err)
{
	size_t from = head->mark + head->before;
	bool all;
	if (sdp_head_look(s, input, head, LOOK + 1, &all, err) < 0)
		return -1;
	size_t length = head->text.length - from;
	struct look look = {.text = head->text.data + from,
			    .length = length < LOOK ? length : LOOK,
			    .whole = all && length <= LOOK,
			    .dialect = s->schema.dialect,
			    .comment = s->schema.comment,
			    .even = -1,
			    .quoted = -1};
	s->schema.quotes = decide(&look);
	if (s->schema.quotes != SDP_QUOTES_SYNTAX)
		s->schema.dialect.quote = '\n';
	return 0;
}

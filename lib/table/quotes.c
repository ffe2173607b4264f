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
	int even; /* 1: without quotes, all lines have as many cells; -1: not yet known */
};

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
		bool empty = end == at || (end == at + 1 && l->text[at] == '\r');
		at = end + 1;
		if (empty || (end == l->length && !l->whole))
			continue;
		first = first ? first : cells;
		l->even = cells == first && cells > 1;
	}
	return l->even;
}

/*
 * Returns the offset of the end of the cell that the quote at this offset opens, or 0 if it is not
 * closed.
 */
static size_t close_of(struct look *l, size_t open)
{
	const char *t = l->text;
	size_t at = open + 1;
	for (; at < l->length; at++) {
		if (l->dialect.escape && t[at] == l->dialect.escape)
			at++;
		else if (t[at] == l->dialect.quote && at + 1 < l->length &&
			 t[at + 1] == l->dialect.quote)
			at++;
		else if (t[at] == l->dialect.quote)
			break;
	}
	bool open_end = at >= l->length;
	size_t end = open_end ? l->length : at + 1;
	if (memchr(t + open, '\n', end - open) && is_even(l))
		return 0;
	if (open_end)
		return l->whole ? 0 : end;
	while (end < l->length && t[end] == ' ')
		end++;
	if (end < l->length && t[end] == '\r' && (end + 1 == l->length || t[end + 1] == '\n'))
		end++;
	return end == l->length || t[end] == l->dialect.delimiter || t[end] == '\n' ? end : 0;
}

static enum sdp_quotes decide(struct look *l)
{
	bool quotes = false, start = true;
	for (size_t at = 0; at < l->length; at++) {
		size_t from = at;
		if (start && l->comment && l->text[at] == l->comment) {
			at = after_line(l, at) - 1;
			continue;
		}
		while (from < l->length && l->text[from] == ' ')
			from++;
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
			    .even = -1};
	s->schema.quotes = decide(&look);
	if (s->schema.quotes != SDP_QUOTES_SYNTAX)
		s->schema.dialect.quote = '\n';
	return 0;
}

/* The careful parser of CSV records (csv.h). */
#include "table/csv.h"

#include "sdp/block.h"
#include "sdp/mem.h"

#include <inttypes.h>
#include <string.h>

struct cursor {
	const struct sdp_csv_context *context;
	const char *text;
	size_t length, at;
	uint64_t record;
	size_t column;
	struct sdp_cells *cells;
	struct sdp_err *err;
};

static struct sdp_place place_of(const struct cursor *c)
{
	const struct sdp_csv_context *x = c->context;
	const char *name = x->column_name && c->column < x->columns
				   ? x->column_name(x->names, c->column)
				   : NULL;
	return (struct sdp_place){x->file, c->record, name};
}

/* The end of a message about quotes that are syntax. */
#define QUOTE_NONE " (--quote none?)"

static bool is_delimiter(const struct cursor *c, size_t at)
{
	return c->text[at] == c->context->dialect.delimiter && c->text[at] != '\n';
}

static bool is_quote(const struct cursor *c, size_t at)
{
	return c->text[at] == c->context->dialect.quote && c->text[at] != '\n';
}

/* Returns the offset of the first byte from this one on that is not a blank. */
static size_t after_blanks(const struct cursor *c, size_t at)
{
	while (at < c->length && sdp_is_blank(c->text[at]) && !is_delimiter(c, at))
		at++;
	return at;
}

static bool is_escape(const struct cursor *c, size_t at)
{
	return c->text[at] == c->context->dialect.escape && c->text[at] != '\0';
}

static int add(struct cursor *c, const char *text, size_t length)
{
	return sdp_buf_add(&c->cells->text, text, length, c->err);
}

/* Adds the quote that marks both ends of a quoted cell. */
static int add_mark(struct cursor *c)
{
	return add(c, &c->context->dialect.quote, 1);
}

/* Returns whether a cell (or the text) ends at this offset. */
static bool ends_cell(const struct cursor *c, size_t at)
{
	if (at >= c->length || is_delimiter(c, at) || c->text[at] == '\n')
		return true;
	return c->text[at] == '\r' && (at + 1 >= c->length || c->text[at + 1] == '\n');
}

static int end_cell(struct cursor *c)
{
	struct sdp_cells *cells = c->cells;
	/* The largest offset precedes the first cell. */
	if (cells->text.length >= UINT32_MAX)
		return sdp_fail_at(c->err, place_of(c), "more than %" PRIu32 " bytes of cells",
				   UINT32_MAX);
	return sdp_cells_end(cells, c->err);
}

/* Adds what the escape at offset *at stands for, and moves *at to after it. */
static int add_escaped(struct cursor *c, size_t *at)
{
	static const char letters[] = "bfnrtv", values[] = "\b\f\n\r\t\v";
	if (*at + 1 >= c->length)
		return sdp_csv_not_closed(place_of(c), false, c->err);
	const char *byte = &c->text[*at + 1], *letter = memchr(letters, *byte, sizeof letters - 1);
	if (*byte == '0')
		return sdp_fail_at(c->err, place_of(c), "an escaped NUL: '%c0'",
				   c->context->dialect.escape);
	*at += 2;
	return add(c, letter ? &values[letter - letters] : byte, 1);
}

/* Returns the offset of the next quote or escape in a quoted cell, or that of the text's end. */
static size_t next_special(const struct cursor *c, size_t at)
{
	if (!c->context->dialect.escape) {
		const char *q = memchr(c->text + at, c->context->dialect.quote, c->length - at);
		return q ? (size_t)(q - c->text) : c->length;
	}
	while (at < c->length && !is_quote(c, at) && !is_escape(c, at))
		at++;
	return at;
}

/* Parses a quoted cell from its opening quote to after its closing one. */
static int quoted_cell(struct cursor *c)
{
	size_t i = c->at + 1, from = c->at;
	for (;;) {
		size_t at = next_special(c, i);
		if (at >= c->length)
			return sdp_csv_not_closed(place_of(c), true, c->err);
		bool escape = is_escape(c, at);
		if (add(c, c->text + from, at - from + !escape) < 0)
			return -1;
		i = at;
		if (escape) {
			if (add_escaped(c, &i) < 0)
				return -1;
			from = i;
			continue;
		}
		bool doubled = at + 1 < c->length && is_quote(c, at + 1);
		i = from = at + 1 + doubled;
		if (!doubled)
			break;
	}
	i = after_blanks(c, i);
	if (!ends_cell(c, i)) {
		char quoted[64];
		size_t end = i;
		while (end < c->length && end < i + 8 && c->text[end] != '\n')
			end++;
		return sdp_fail_at(c->err, place_of(c),
				   "text after the closing quote of a cell: %s" QUOTE_NONE,
				   sdp_quote(quoted, sizeof quoted, c->text + c->at, end - c->at));
	}
	c->at = i;
	return 0;
}

/* Adds a null. A quoted text keeps its value, whatever it begins with. */
static int add_null(struct cursor *c)
{
	const struct sdp_csv_context *x = c->context;
	if (x->pad_length == 0)
		return 0;
	return add_mark(c) < 0 || add(c, x->pad, x->pad_length) < 0 ? -1 : add_mark(c);
}

/*
 * Adds an unquoted cell with escapes, the bytes from c->at to end, as a quoted one.  Blanks around
 * it that are not escaped are left out.
 */
static int escaped_cell(struct cursor *c, size_t end)
{
	size_t i = after_blanks(c, c->at), kept = 0;
	struct sdp_buf *out = &c->cells->text;
	if (is_escape(c, i) && i + 1 < end && c->text[i + 1] == 'N' &&
	    after_blanks(c, i + 2) >= end)
		return add_null(c);
	if (add_mark(c) < 0)
		return -1;
	while (i < end) {
		bool blank = sdp_is_blank(c->text[i]);
		if (is_escape(c, i) ? add_escaped(c, &i) < 0 : add(c, c->text + i++, 1) < 0)
			return -1;
		kept = blank ? kept : out->length;
	}
	out->length = kept;
	return add_mark(c);
}

static int plain_cell(struct cursor *c)
{
	size_t end = c->at;
	bool escape = false, escapes = false;
	while (end < c->length && !is_delimiter(c, end) && c->text[end] != '\n') {
		escape = is_escape(c, end);
		escapes = escapes || escape;
		end += 1 + (escape && end + 1 < c->length);
	}
	size_t stop = end;
	bool last = end >= c->length || c->text[end] == '\n';
	if (escapes) {
		bool cr = last && c->text[end - 1] == '\r' && !escape;
		int rc = escaped_cell(c, end - cr);
		c->at = end;
		return rc;
	}
	/*
	 * Readers remove one CR from the end of a record. It is the CR of the line end or, if the
	 * value itself ends in CR, the one that is left here.
	 */
	if (last && stop > c->at && c->text[stop - 1] == '\r' &&
	    (stop - 1 == c->at || c->text[stop - 2] != '\r'))
		stop--;
	int rc = add(c, c->text + c->at, stop - c->at);
	c->at = end;
	return rc;
}

static int pad(struct cursor *c, size_t missing)
{
	while (missing--)
		if (add_null(c) < 0 || end_cell(c) < 0)
			return -1;
	return 0;
}

/*
 * Returns the end of the message about the number of cells of the record from this offset to c->at:
 * the other reading of its quotes, if the input did not tell for sure and they could be the cause.
 */
static const char *other_quotes(const struct cursor *c, size_t from, size_t found)
{
	size_t ends = 0, quotes = 0, to = c->at - 1, start = after_blanks(c, from);
	if (c->context->quotes == SDP_QUOTES_GIVEN)
		return "";
	for (size_t i = from; i < to; i++) {
		if (c->text[i] == '"')
			quotes += i == start || ends_cell(c, i + 1);
		if (is_delimiter(c, i) || c->text[i] == '\n') {
			ends++;
			start = after_blanks(c, i + 1);
		}
	}
	if (c->context->quotes == SDP_QUOTES_SYNTAX)
		return ends + 1 == found ? "" : QUOTE_NONE;
	return quotes ? " (--quote '\"'?)" : "";
}

static int one_record(struct cursor *c)
{
	const struct sdp_csv_context *x = c->context;
	size_t text = c->cells->text.length, count = c->cells->count, from = c->at;
	for (c->column = 0;; c->column++) {
		size_t begin = after_blanks(c, c->at);
		bool quoted = begin < c->length && is_quote(c, begin);
		c->at = quoted ? begin : c->at;
		if ((quoted ? quoted_cell(c) : plain_cell(c)) < 0 || end_cell(c) < 0)
			return -1;
		if (x->columns && c->column >= x->columns) {
			/* Surplus cells are only counted. */
			c->cells->text.length = text;
			c->cells->count = count;
		}
		if (c->at < c->length && c->text[c->at] == '\r')
			c->at++;
		bool more = c->at < c->length && is_delimiter(c, c->at);
		c->at++;
		if (!more)
			break;
	}
	size_t found = c->column + 1;
	struct sdp_cells *cells = c->cells;
	bool ragged = x->columns && found != x->columns;
	if (ragged && x->ragged != SDP_RAGGED_ERROR &&
	    (x->ragged == SDP_RAGGED_SKIP || found < x->columns)) {
		if (cells->ragged++ == 0)
			cells->first_ragged = c->record;
		if (x->ragged == SDP_RAGGED_SKIP) {
			cells->text.length = text;
			cells->count = count;
			return 0;
		}
		if (pad(c, x->columns - found) < 0)
			return -1;
	} else if (ragged) {
		return sdp_fail_at(c->err, (struct sdp_place){x->file, c->record, NULL},
				   "%zu cell%s where the header has %zu%s", found,
				   found == 1 ? "" : "s", x->columns, other_quotes(c, from, found));
	}
	if (sdp_grow(&cells->records, &cells->records_capacity, cells->rows + 1,
		     sizeof *cells->records, c->err) < 0)
		return -1;
	cells->records[cells->rows++] = c->record;
	return 0;
}

int sdp_csv_parse(const struct sdp_csv_context *context, const char *text, size_t length,
		  struct sdp_cells *cells, struct sdp_err *err)
{
	struct cursor c = {context, text, length, 0, context->first_record, 0, cells, err};
	cells->text.length = 0;
	cells->count = 0;
	cells->rows = 0;
	cells->ragged = 0;
	for (; c.at < length && (!context->most || cells->rows < context->most); c.record++) {
		size_t end = after_blanks(&c, c.at);
		end += end < length && text[end] == '\r';
		bool empty = end == length || text[end] == '\n';
		if (empty && context->columns > 1) {
			c.at = end + 1;
		} else if (context->comment && text[c.at] == context->comment) {
			const char *lf = memchr(text + c.at, '\n', length - c.at);
			c.at = lf ? (size_t)(lf - text) + 1 : length;
		} else if (one_record(&c) < 0) {
			return -1;
		}
	}
	return 0;
}

int sdp_csv_too_long(struct sdp_place place, bool quoted, uint64_t most, struct sdp_err *err)
{
	if (quoted)
		return sdp_fail_at(err, place,
				   "a quoted cell is not closed within %" PRIu64
				   " bytes" QUOTE_NONE,
				   most);
	return sdp_fail_at(err, place, "the record is longer than %" PRIu64 " bytes", most);
}

int sdp_csv_not_closed(struct sdp_place place, bool quoted, struct sdp_err *err)
{
	if (quoted)
		return sdp_fail_at(err, place, "a quoted cell is not closed" QUOTE_NONE);
	return sdp_fail_at(err, place, "the input ends after an escape or an escaped line end");
}

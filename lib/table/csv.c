/* The careful parser of CSV records (csv.h). */
#include "table/csv.h"

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

/* Returns whether records can have several cells and quotes; lines of text cannot. */
static bool has_cells(const struct cursor *c)
{
	return c->context->delimiter != '\n';
}

/* Returns whether a cell (or the text) ends at this offset. */
static bool ends_cell(const struct cursor *c, size_t at)
{
	if (at >= c->length || c->text[at] == c->context->delimiter || c->text[at] == '\n')
		return true;
	return c->text[at] == '\r' && (at + 1 >= c->length || c->text[at + 1] == '\n');
}

static int end_cell(struct cursor *c)
{
	struct sdp_cells *cells = c->cells;
	if (sdp_grow(&cells->ends, &cells->ends_capacity, cells->count + 1, sizeof *cells->ends,
		     c->err) < 0)
		return -1;
	cells->ends[cells->count++] = (uint32_t)cells->text.length;
	return sdp_buf_add(&cells->text, "\n", 1, c->err);
}

/* Parses a quoted cell from its opening quote to after its closing one. */
static int quoted_cell(struct cursor *c)
{
	struct sdp_buf *out = &c->cells->text;
	size_t i = c->at + 1;
	if (sdp_buf_add(out, "\"", 1, c->err) < 0)
		return -1;
	for (;;) {
		const char *q = memchr(c->text + i, '"', c->length - i);
		if (!q)
			return sdp_csv_not_closed(place_of(c), c->err);
		size_t at = (size_t)(q - c->text);
		bool doubled = at + 1 < c->length && q[1] == '"';
		if (sdp_buf_add(out, c->text + i, at - i + 1, c->err) < 0)
			return -1;
		i = at + 1 + doubled;
		if (!doubled)
			break;
	}
	if (!ends_cell(c, i)) {
		char quoted[64];
		size_t end = i;
		while (end < c->length && end < i + 8 && c->text[end] != '\n')
			end++;
		return sdp_fail_at(c->err, place_of(c),
				   "text after the closing quote of a cell: %s",
				   sdp_quote(quoted, sizeof quoted, c->text + c->at, end - c->at));
	}
	c->at = i;
	return 0;
}

static int plain_cell(struct cursor *c)
{
	size_t end = c->at;
	while (end < c->length && c->text[end] != c->context->delimiter && c->text[end] != '\n')
		end++;
	size_t stop = end;
	bool last = end >= c->length || c->text[end] == '\n';
	/*
	 * Readers remove one CR from the end of a record. It is the CR of the line end or, if the
	 * value itself ends in CR, the one that is left here.
	 */
	if (last && stop > c->at && c->text[stop - 1] == '\r' &&
	    (stop - 1 == c->at || c->text[stop - 2] != '\r'))
		stop--;
	int rc = sdp_buf_add(&c->cells->text, c->text + c->at, stop - c->at, c->err);
	c->at = end;
	return rc;
}

static int pad(struct cursor *c, size_t missing)
{
	const struct sdp_csv_context *x = c->context;
	struct sdp_buf *out = &c->cells->text;
	/* A quoted text keeps its value, whatever it begins with. */
	while (missing--)
		if ((x->pad_length && (sdp_buf_add(out, "\"", 1, c->err) < 0 ||
				       sdp_buf_add(out, x->pad, x->pad_length, c->err) < 0 ||
				       sdp_buf_add(out, "\"", 1, c->err) < 0)) ||
		    end_cell(c) < 0)
			return -1;
	return 0;
}

static int one_record(struct cursor *c)
{
	const struct sdp_csv_context *x = c->context;
	size_t text = c->cells->text.length, count = c->cells->count;
	for (c->column = 0;; c->column++) {
		bool quoted = c->at < c->length && c->text[c->at] == '"' && has_cells(c);
		if ((quoted ? quoted_cell(c) : plain_cell(c)) < 0 || end_cell(c) < 0)
			return -1;
		if (x->columns && c->column >= x->columns) {
			/* Surplus cells are only counted. */
			c->cells->text.length = text;
			c->cells->count = count;
		}
		if (c->at < c->length && c->text[c->at] == '\r')
			c->at++;
		bool more = c->at < c->length && c->text[c->at] == x->delimiter && has_cells(c);
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
				   "%zu cell%s where the header has %zu", found,
				   found == 1 ? "" : "s", x->columns);
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
		size_t cr = text[c.at] == '\r';
		bool empty = c.at + cr < length && text[c.at + cr] == '\n';
		if (empty && context->columns > 1) {
			c.at += cr + 1;
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
				   "a quoted cell is not closed within %" PRIu64 " bytes", most);
	return sdp_fail_at(err, place, "the record is longer than %" PRIu64 " bytes", most);
}

int sdp_csv_not_closed(struct sdp_place place, struct sdp_err *err)
{
	return sdp_fail_at(err, place, "a quoted cell is not closed");
}

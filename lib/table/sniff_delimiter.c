/* Chooses the delimiter of a table by its first records. */
#include "table/sniff.h"

#include "base/csv_cell.h"
#include "sdp/block.h"
#include "sdp/mem.h"
#include "table/scan.h"

#include <stdint.h>
#include <string.h>

static const char all_delimiters[] = SDP_CSV_DELIMITERS;

/* The next record of a text, cell by cell. */
struct cursor {
	const char *text;
	size_t at, length;
	struct sdp_dialect dialect;
	struct sdp_scan_state state;
	/* in a record so far: text after a closing quote or no closing quote; a delimiter that no
	 * blank follows */
	bool malformed, tight;
};

/*
 * Moves to the end of the next cell and sets [*from, *to) to it. Returns what ended it;
 * SDP_SCAN_WITHIN is the end of the text.
 */
static enum sdp_scan_byte next_cell(struct cursor *c, size_t *from, size_t *to)
{
	enum sdp_scan_byte end = SDP_SCAN_WITHIN;
	bool closed = false;
	*from = c->at;
	while (c->at < c->length && end == SDP_SCAN_WITHIN) {
		char byte = c->text[c->at++];
		end = sdp_scan_byte(&c->state, byte, c->dialect);
		if (closed && end == SDP_SCAN_WITHIN && !c->state.inside && byte != '\r' &&
		    !sdp_is_blank(byte))
			c->malformed = true;
		closed = !c->state.inside && (closed || c->state.previous == SDP_SCAN_CLOSE);
	}
	if (end == SDP_SCAN_CELL_END && c->at < c->length && c->text[c->at] != ' ')
		c->tight = true;
	*to = c->at - (end != SDP_SCAN_WITHIN);
	return end;
}

/* Skips lines that are comments or, between records, have nothing but blanks. */
static void skip_lines(struct cursor *c, char comment)
{
	while (c->at < c->length) {
		const char *line = c->text + c->at;
		size_t left = c->length - c->at, blanks = 0;
		const char *lf = memchr(line, '\n', left);
		while (blanks < left && line[blanks] == ' ')
			blanks++;
		blanks += blanks + 1 < left && line[blanks] == '\r';
		bool empty = blanks == left || line[blanks] == '\n';
		if (!(comment && *line == comment) && !empty)
			return;
		c->at = lf ? (size_t)(lf - c->text) + 1 : c->length;
	}
}

/*
 * Counts the cells of the next record. Returns 0 after the last record; whole: the text does not
 * end within a record.
 */
static size_t count_cells(struct cursor *c, char comment, bool whole)
{
	size_t from, to, cells = 1;
	enum sdp_scan_byte end = SDP_SCAN_CELL_END;
	skip_lines(c, comment);
	if (c->at == c->length)
		return 0;
	c->state = (struct sdp_scan_state){0};
	while ((end = next_cell(c, &from, &to)) == SDP_SCAN_CELL_END)
		cells++;
	if (end == SDP_SCAN_WITHIN && whole && c->state.inside)
		c->malformed = true;
	return end == SDP_SCAN_RECORD_END || (whole && !c->state.inside) ? cells : 0;
}

/* ---- what a delimiter makes of the records ---- */

struct trial {
	struct sdp_dialect dialect;
	size_t columns, records, equal, more;
	size_t typed;   /* columns that have a type other than string; SIZE_MAX: not yet known */
	bool malformed; /* a record is an error */
	bool prose;     /* all delimiters are commas before a blank */
};

static void try_dialect(const struct sdp_delimiting *d, const char *text, size_t length, bool whole,
			struct trial *t)
{
	struct cursor c = {.text = text, .length = length, .dialect = t->dialect};
	size_t cells;
	t->records = t->equal = t->more = 0;
	t->typed = SIZE_MAX;
	t->columns = count_cells(&c, d->comment, whole);
	while (t->columns > 1 && (cells = count_cells(&c, d->comment, whole)) > 0) {
		t->records++;
		t->equal += cells == t->columns;
		t->more += cells > t->columns;
		if (cells != t->columns && d->ragged == SDP_RAGGED_ERROR)
			break;
	}
	t->malformed = c.malformed;
	t->prose = t->dialect.delimiter == ',' && !c.tight;
}

/* Returns whether the records have as many cells as the first, or most if --ragged allows that. */
static bool fits(const struct sdp_delimiting *d, const struct trial *t)
{
	if (t->columns < 2)
		return false;
	if (d->ragged == SDP_RAGGED_ERROR)
		return t->equal == t->records;
	return (t->records == 0 || 2 * t->equal > t->records) &&
	       (t->more == 0 || d->ragged == SDP_RAGGED_SKIP);
}

/* Where the comma is not the delimiter, it may be the decimal point: 1.234,5 is a number, too. */
static unsigned seen_in(const struct sdp_delimiting *d, const char *text, size_t length,
			struct sdp_dialect dialect)
{
	if (length >= 2 && *text == dialect.quote && text[length - 1] == dialect.quote) {
		text++;
		length -= 2;
	}
	if (sdp_is_null(d->nulls, text, length))
		return 0;
	unsigned seen = sdp_cell_seen(text, length, d->decimal, d->thousands);
	if (seen == SDP_SEEN_STRING && dialect.delimiter != ',' && !d->thousands)
		seen = sdp_cell_seen(text, length, ',', ".");
	return seen;
}

/* Counts the columns that have a type other than string, 0 also for want of memory. */
static void count_typed(const struct sdp_delimiting *d, const char *text, size_t length, bool whole,
			struct trial *t)
{
	struct sdp_err ignored;
	struct cursor c = {.text = text, .length = length, .dialect = t->dialect};
	unsigned char *seen = sdp_alloc(t->columns, 1, &ignored);
	size_t typed = 0, from, to;
	if (!seen || count_cells(&c, d->comment, whole) == 0)
		goto out;
	for (size_t record = 0; record < t->records; record++) {
		enum sdp_scan_byte end = SDP_SCAN_CELL_END;
		skip_lines(&c, d->comment);
		c.state = (struct sdp_scan_state){0};
		for (size_t i = 0; end == SDP_SCAN_CELL_END; i++) {
			end = next_cell(&c, &from, &to);
			to -= end != SDP_SCAN_CELL_END && to > from && text[to - 1] == '\r';
			if (i < t->columns)
				seen[i] |= (unsigned char)seen_in(d, text + from, to - from,
								  t->dialect);
		}
	}
	for (size_t i = 0; i < t->columns; i++)
		typed += seen[i] && sdp_type_of(seen[i]) != SDP_STRING;
out:
	free(seen);
	t->typed = typed;
}

/* ---- the choice ---- */

size_t sdp_delimiter_candidates(const struct sdp_delimiting *d, const char *text, size_t length,
				bool *whole, char candidates[4])
{
	struct sdp_scan_state state = {0};
	struct sdp_dialect dialect = d->dialect;
	bool found[4] = {false};
	enum sdp_scan_byte end = SDP_SCAN_WITHIN;
	size_t count = 0;
	dialect.delimiter = ',';
	for (size_t i = 0; i < length && end != SDP_SCAN_RECORD_END; i++) {
		/* Each of them may precede a quoted cell. */
		const char *c = memchr(all_delimiters, text[i], 4);
		bool cr = text[i] == '\r' && !state.inside && i + 1 < length && text[i + 1] != '\n';
		end = cr ? SDP_SCAN_RECORD_END : sdp_scan_byte(&state, c ? ',' : text[i], dialect);
		if (c && end == SDP_SCAN_CELL_END)
			found[c - all_delimiters] = true;
	}
	*whole = end == SDP_SCAN_RECORD_END;
	for (size_t k = 0; k < 4; k++)
		if (found[k] && all_delimiters[k] != d->decimal && all_delimiters[k] != d->comment)
			candidates[count++] = all_delimiters[k];
	/* The error about a comment that is the delimiter says more than a table of one column. */
	for (size_t k = 0; k < 4 && count == 0; k++)
		if (found[k] && all_delimiters[k] == d->comment)
			candidates[count++] = d->comment;
	return count;
}

/*
 * Chooses the best candidate. malformed: also one with which a record is an error, if it is the
 * only error.
 */
static struct trial choose(struct sdp_delimiting *d, const char *candidates, size_t count,
			   const char *text, size_t length, bool whole, bool malformed)
{
	struct trial best = {0};
	for (size_t k = 0; k < count; k++) {
		struct trial t = {.dialect = d->dialect};
		bool wins = true;
		t.dialect.delimiter = candidates[k];
		try_dialect(d, text, length, whole, &t);
		if (candidates[k] == '\t' && (t.malformed || !fits(d, &t))) {
			t.dialect.quote = '\n'; /* quotes may be plain text in TSV */
			try_dialect(d, text, length, whole, &t);
		}
		if (!fits(d, &t) || (t.malformed && !malformed) || t.columns < best.columns)
			continue;
		if (t.columns > best.columns) {
			d->other = '\0';
		} else {
			if (best.typed == SIZE_MAX)
				count_typed(d, text, length, whole, &best);
			count_typed(d, text, length, whole, &t);
			wins = t.typed > best.typed;
			const struct trial *loser = wins ? &best : &t;
			if (!d->other && (t.typed == best.typed || !loser->prose))
				d->other = loser->dialect.delimiter;
		}
		best = wins ? t : best;
	}
	return best;
}

void sdp_sniff_delimiter(struct sdp_delimiting *d, const char *candidates, size_t count,
			 const char *text, size_t length, bool whole)
{
	d->other = '\0';
	struct trial best = choose(d, candidates, count, text, length, whole, false);
	if (!best.columns)
		best = choose(d, candidates, count, text, length, whole, true);
	d->delimiter = best.columns ? best.dialect.delimiter : '\0';
	d->columns = best.columns;
	d->records = best.records;
}

/* ---- lines before the header ---- */

/* Returns whether a cell of the next record has a type other than string. */
static bool is_data(const struct sdp_delimiting *d, struct cursor c)
{
	size_t from, to;
	enum sdp_scan_byte end = SDP_SCAN_CELL_END;
	c.state = (struct sdp_scan_state){0};
	while (end == SDP_SCAN_CELL_END) {
		end = next_cell(&c, &from, &to);
		to -= end != SDP_SCAN_CELL_END && to > from && c.text[to - 1] == '\r';
		unsigned seen = seen_in(d, c.text + from, to - from, c.dialect);
		if (seen && seen != SDP_SEEN_STRING)
			return true;
	}
	return false;
}

/* Notes that the header may begin at this offset. Returns whether that is so. */
static bool note(const struct sdp_delimiting *d, struct cursor c, size_t at, size_t cells,
		 size_t columns, struct sdp_preamble *found)
{
	c.at = at;
	if (columns > 1 && is_data(d, c))
		return false;
	*found = (struct sdp_preamble){c.dialect.delimiter, cells, 0};
	for (size_t i = 0; i < at; i++)
		found->lines += c.text[i] == '\n';
	return true;
}

/*
 * Looks for two records with the same number of cells, two or more, among the first few, or up to
 * the end of the text (late). Returns the number of records that it saw.
 */
static size_t look_for_records(const struct sdp_delimiting *d, struct cursor c, bool whole,
			       bool late, size_t columns, struct sdp_preamble *found)
{
	enum { MOST = 5 };
	size_t start = 0, cells = 1, same = 0, record = 0, run = 0;
	for (; late || record < MOST; record++) {
		skip_lines(&c, d->comment);
		size_t at = c.at, previous = record > (columns > 1) ? cells : 0;
		if ((cells = count_cells(&c, d->comment, whole)) == 0)
			break;
		same = cells == previous ? same + 1 : 0;
		start = same ? start : at;
		run = cells;
		if (!late && same && cells > 1 && note(d, c, start, cells, columns, found))
			return record;
	}
	if (late && same && start && run > 1)
		note(d, c, start, run, columns, found);
	return record;
}

/* Returns whether the records after the header are those of a table. */
static bool are_rows(const struct sdp_delimiting *d, struct cursor c, bool whole, size_t columns,
		     bool *known)
{
	enum { MOST = 4 };
	size_t record = 0, cells = 0;
	for (; record <= MOST; record++) {
		skip_lines(&c, d->comment);
		if (record && c.at < c.length && columns == 1 && is_data(d, c))
			return true;
		if ((cells = count_cells(&c, d->comment, whole)) == 0)
			break;
		if (record && columns > 1)
			return cells == columns;
	}
	*known = whole || cells > 0;
	return false;
}

bool sdp_sniff_preamble(const struct sdp_delimiting *d, size_t columns, const char *text,
			size_t length, bool whole, struct sdp_preamble *found)
{
	enum { LATE = 4096, FEW = 5 };
	const char one[2] = {d->delimiter, '\0'}, *tried = d->delimiter ? one : all_delimiters;
	struct cursor c = {.text = text, .length = length, .dialect = d->dialect};
	bool known = true, all_records = true, rows = are_rows(d, c, whole, columns, &known);
	found->columns = 0;
	if (columns > 1 && rows)
		return true;
	for (int late = 0; late <= !rows; late++) {
		if (found->columns)
			return (all_records && (known || columns == 1)) ||
			       length >= SDP_SNIFF_CHUNK;
		c.length = late && length > LATE ? LATE : length;
		for (const char *t = tried; *t && !found->columns; t++) {
			c.dialect.delimiter = *t;
			if (*t == d->decimal || (d->thousands && *t == *d->thousands))
				continue;
			size_t n = look_for_records(d, c, whole && c.length == length, late,
						    columns, found);
			all_records = all_records && (late || found->columns || n == FEW || whole);
		}
	}
	return (known && all_records && (rows || whole || length >= LATE)) ||
	       length >= SDP_SNIFF_CHUNK;
}

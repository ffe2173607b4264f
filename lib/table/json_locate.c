/*
 * Locates the records of a JSON input. The first bytes decide:
 *
 *	{…} {…}        records one after the other, one per line or not
 *	[{…}, {…}]     the elements of an array; with --records, of an array inside the document
 *	[[…], […]]     the same, where records are arrays
 *	[1, 2] [3, 4]  records one after the other that are arrays
 *
 * The parent reads up to the first record. It reads the first record itself only if that is an
 * array, because it may be the header.
 */
#include "table/input.h"

#include "base/signals.h"
#include "sdp/mem.h"

#include <inttypes.h>
#include <stdio.h>

struct beginning {
	struct sdp_source *s;
	struct sdp_input *input;
	/* its window starts with the bytes that are not processed yet */
	struct sdp_json_validator *check;
	struct sdp_err *err;
	bool ended;
};

/* Feeds more bytes to the validator. Returns 1, 0 at the end of the input, or -1. */
static int more(struct beginning *b)
{
	struct sdp_buf text = {0};
	if (sdp_interrupted)
		return sdp_fail(b->err, SDP_SYSTEM, "interrupted");
	ssize_t n =
		b->ended ? 0 : sdp_source_read_some(b->s, b->input, &text, SDP_INPUT_READ, b->err);
	int rc = n < 0 ? -1 : n > 0;
	b->ended = n == 0;
	if (n > 0 && sdp_json_validator_feed(b->check, text.data, (size_t)n, b->err) < 0)
		rc = -1;
	sdp_buf_release(&text);
	return rc;
}

/*
 * Fails because what was found is not a table. If the input is not valid JSON, that is the error
 * instead.
 */
static int no_table(struct beginning *b, const char *what)
{
	struct sdp_json_validator *c = b->check;
	int rc;
	c->finding = c->found = false;
	if (sdp_json_validator_go_on(c, b->err) < 0)
		return -1;
	while ((rc = more(b)) > 0)
		;
	if (rc < 0 || sdp_json_validator_end(c, b->err) < 0)
		return -1;
	return sdp_fail_at(b->err, (struct sdp_place){.file = b->input->name},
			   "not a table: %s%s%s, not an array of records",
			   b->s->json.pointed ? b->s->json.pointer.text : "",
			   b->s->json.pointed ? " is " : "it is ", what);
}

static int find_value(struct beginning *b)
{
	int rc = 0;
	while (!b->check->found && (rc = more(b)) > 0)
		;
	if (rc < 0 || b->check->found)
		return rc < 0 ? -1 : 0;
	return sdp_json_validator_end(b->check, b->err);
}

/*
 * Sets *next to the next byte that is not white space, and *at to its offset, from offset *at of
 * the window on. *next is NUL at the end of the input. Returns 0 or -1.
 */
static int peek(struct beginning *b, size_t *at, char *next)
{
	struct sdp_json_validator *c = b->check;
	for (;;) {
		*at = (size_t)(sdp_json_blanks(c->window.data + *at) - c->window.data);
		*next = c->window.data[*at];
		if (*at < c->window.length)
			return 0;
		*next = '\0';
		int rc = more(b);
		if (rc <= 0)
			return rc;
	}
}

/* ---- a first record that is an array ---- */

struct row {
	struct sdp_cells cells; /* the strings among its elements */
	size_t count, length;   /* the numbers of elements and bytes */
	bool strings;           /* all elements are strings */
};

static int add_name(struct row *row, const struct sdp_json_token *t, struct sdp_err *err)
{
	struct sdp_cells *cells = &row->cells;
	if (sdp_buf_reserve(&cells->text, t->length, err) < 0)
		return -1;
	char *text = cells->text.data + cells->text.length;
	size_t length = sdp_json_decode(t->start, t->length, text);
	row->strings = row->strings && !memchr(text, '\0', length);
	cells->text.length += length;
	return sdp_cells_end(cells, err);
}

/*
 * Reads the array in the window. Returns 1; 0 if it does not end there; -1 on failure. The
 * validator reports faults in it.
 */
static int read_row(struct beginning *b, size_t at, struct row *row)
{
	struct sdp_json j;
	sdp_json_init(&j, true);
	j.nan_fault = b->check->json.nan_fault;
	j.text = b->check->window.data;
	j.length = b->check->window.length;
	j.at = at;
	j.final = b->ended;
	row->cells.text.length = row->cells.count = row->count = 0;
	row->strings = true;
	do {
		struct sdp_json_token t = {0};
		enum sdp_json_kind kind = sdp_json_next(&j, &t);
		unsigned outside = j.depth - (kind == SDP_JSON_OBJECT || kind == SDP_JSON_ARRAY);
		if (kind == SDP_JSON_MORE || kind == SDP_JSON_FAULT)
			return kind == SDP_JSON_MORE ? 0 : no_table(b, "damaged");
		if (kind == SDP_JSON_CLOSE || kind == SDP_JSON_KEY || outside != 1)
			continue;
		row->count++;
		row->strings = row->strings && kind == SDP_JSON_STRING;
		if (row->strings && add_name(row, &t, b->err) < 0)
			return -1;
	} while (j.depth > 0);
	row->length = j.at - at;
	return 1;
}

static int whole_row(struct beginning *b, size_t at, struct row *row)
{
	int rc;
	while ((rc = read_row(b, at, row)) == 0) {
		if (b->check->window.length - at > b->s->options.max_record)
			return sdp_fail_at(b->err, (struct sdp_place){b->input->name, 1, NULL},
					   "the record is longer than %" PRIu64 " bytes",
					   b->s->options.max_record);
		/* Wait for twice as many bytes, since reading starts over. */
		for (size_t have = b->check->window.length;
		     rc >= 0 && b->check->window.length < 2 * have;)
			if ((rc = more(b)) == 0)
				break;
		if (rc < 0)
			return -1;
	}
	return rc;
}

const char *sdp_json_column_name(const struct sdp_source *s, size_t index, size_t *length)
{
	return sdp_cells_text(&s->json.names, index, length);
}

/* Makes the names of a table without a header: c1, c2, … */
static int make_names(struct sdp_cells *cells, size_t count, struct sdp_err *err)
{
	cells->text.length = cells->count = 0;
	for (size_t i = 0; i < count; i++)
		if (sdp_buf_format(&cells->text, err, "c%zu", i + 1) < 0 ||
		    sdp_cells_end(cells, err) < 0)
			return -1;
	return 0;
}

static int refuse_duplicate_names(const struct beginning *b, const struct sdp_cells *cells)
{
	struct sdp_map map = {0};
	int rc = 1;
	for (size_t i = 0; rc > 0 && i < cells->count; i++) {
		size_t length;
		char quoted[64];
		const char *name = sdp_cells_text(cells, i, &length);
		rc = sdp_map_add(&map, name, length, i, b->err);
		if (rc == 0)
			rc = sdp_fail_at(b->err, (struct sdp_place){b->input->name, 1, NULL},
					 "the header has %s twice",
					 sdp_quote(quoted, sizeof quoted, name, length));
	}
	sdp_map_release(&map);
	return rc < 0 ? -1 : 0;
}

/*
 * Sets header and width from the first record of the first input, and compares the first records of
 * other inputs with it.
 */
static int take_row(struct beginning *b, struct row *row)
{
	struct sdp_json_table *table = &b->s->json;
	struct sdp_place place = {b->input->name, 1, NULL};
	if (b->input == b->s->inputs) {
		table->width = row->count;
		table->header = row->strings && row->count > 0 && !b->s->options.no_header;
		if (table->header ? refuse_duplicate_names(b, &row->cells) < 0
				  : make_names(&row->cells, row->count, b->err) < 0)
			return -1;
		table->names = row->cells;
		row->cells = (struct sdp_cells){0};
		return 0;
	}
	if (!table->header)
		return 0;
	for (size_t i = 0; i < row->cells.count && row->strings && row->count == table->width;
	     i++) {
		size_t length, wanted;
		char quoted[64], first[64];
		const char *name = sdp_cells_text(&row->cells, i, &length),
			   *other = sdp_cells_text(&table->names, i, &wanted);
		if (length != wanted || memcmp(name, other, length) != 0)
			return sdp_fail_at(b->err, place, "column %zu is %s where %s has %s", i + 1,
					   sdp_quote(quoted, sizeof quoted, name, length),
					   b->s->inputs[0].name,
					   sdp_quote(first, sizeof first, other, wanted));
	}
	if (row->strings && row->count == table->width)
		return 0;
	return sdp_fail_at(b->err, place, "this is not the header that %s has",
			   b->s->inputs[0].name);
}

/*
 * Processes the first record, whose bracket is at *at in the window. If it is a header, *at moves
 * to after it.
 */
static int first_row(struct beginning *b, size_t *at, bool needs_more)
{
	struct row row = {0};
	char next = ' ';
	int rc = whole_row(b, *at, &row);
	size_t end = *at + row.length;
	if (rc > 0)
		rc = peek(b, &end, &next) < 0 ? -1 : 1;
	/* There is one row and nothing else, or the array that contains it does not end. */
	if (rc > 0 && next == '\0' && needs_more)
		rc = no_table(b, "one array of values");
	if (rc > 0)
		rc = take_row(b, &row);
	if (rc == 0 && b->s->json.header)
		*at += row.length;
	sdp_cells_release(&row.cells);
	return rc;
}

/* ---- beginning an input ---- */

static int objects_for_arrays(const struct beginning *b)
{
	return sdp_fail_at(b->err, (struct sdp_place){b->input->name, 1, NULL},
			   "an object, where %s has arrays", b->s->inputs[0].name);
}

static int take_objects(struct beginning *b)
{
	if (b->s->json.arrays)
		return objects_for_arrays(b);
	if (b->s->options.no_header)
		return sdp_fail(
			b->err, SDP_USAGE,
			"--no-header: objects of JSON have no header, their members have names");
	return 0;
}

/* Processes an array: it contains the records, or is one of several that are records themselves. */
static int take_array(struct beginning *b, bool inner, unsigned *base, size_t *at)
{
	char next = '[';
	struct sdp_json_table *table = &b->s->json;
	enum sdp_source_format format = b->s->options.format;
	bool first = b->input == b->s->inputs;
	bool may_be_row = !inner && format != SDP_SOURCE_JSON,
	     row = may_be_row && format == SDP_SOURCE_NDJSON;
	size_t open = *at - 1;
	if (!row && peek(b, at, &next) < 0)
		return -1;
	if (!row && next != '{' && next != '[' && next != ']') {
		if (!may_be_row || next == '\0')
			return no_table(b, "an array of values");
		row = true;
	}
	*base = row ? 0 : b->check->json.depth;
	if (row)
		*at = open;
	bool arrays = row || next == '[';
	if (first)
		table->arrays = arrays;
	if (next == '{')
		return take_objects(b);
	if (!arrays || !table->arrays)
		return 0;
	/* A single array of values is not a table, unless those in earlier inputs are records. */
	return first_row(b, at, !row || (first && format != SDP_SOURCE_NDJSON));
}

static int begin(struct beginning *b, unsigned *base, uint64_t *start)
{
	struct sdp_json_validator *c = b->check;
	bool pointed = b->s->json.pointed;
	if (find_value(b) < 0)
		return -1;
	size_t at = c->json.at;
	*base = 0;
	if (c->kind == SDP_JSON_ARRAY) {
		if (take_array(b, pointed, base, &at) < 0)
			return -1;
	} else if (c->kind == SDP_JSON_OBJECT && !pointed) {
		at--;
		if (take_objects(b) < 0)
			return -1;
	} else {
		return no_table(b, sdp_json_kind_name(c->kind));
	}
	*start = c->offset + at;
	return 0;
}

int sdp_source_begin_json(struct sdp_source *s, uint32_t number, struct sdp_head *head,
			  uint64_t *start, struct sdp_err *err)
{
	struct beginning b = {.s = s, .input = sdp_source_input(s, number), .err = err};
	const struct sdp_buf *text = &head->text;
	/* What is before the records is white space for the validator. */
	for (size_t i = head->mark; i < head->mark + head->before; i++)
		if (text->data[i] != '\n')
			text->data[i] = ' ';
	unsigned base = 0;
	b.check = sdp_json_validator_new(b.input->name,
					 s->options.format != SDP_SOURCE_JSON && !s->json.pointed,
					 err);
	if (!b.check)
		return -1;
	b.check->json.nan_fault = s->json.nan_fault;
	sdp_json_validator_find(b.check, s->json.pointed ? &s->json.pointer : NULL);
	int rc = text->length ? sdp_json_validator_feed(b.check, text->data, text->length, err) : 0;
	if (rc == 0)
		rc = begin(&b, &base, start);
	atomic_store(&s->shared[number].base, base);
	sdp_json_validator_free(b.check);
	return rc;
}

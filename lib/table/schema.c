/*
 * Makes the schema of a table: the columns of its header or those found in JSON, and the types that
 * --types gives.
 */
#include "table/input.h"

#include "sdp/block.h"

#include "base/csv_cell.h"
#include "base/utf8.h"
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "table/encoding.h"
#include "table/relayout.h"
#include "json/paths.h"

#include <stdio.h>
#include <string.h>

enum { MADE_NAME = 24 };

/* Makes the name of a column that has none in the header. */
static const char *make_name(char name[MADE_NAME], size_t index, size_t *length)
{
	*length = (size_t)snprintf(name, MADE_NAME, "c%zu", index + 1);
	return name;
}

int sdp_source_add_column(struct sdp_source *s, const char *text, size_t length,
			  struct sdp_err *err)
{
	char made[MADE_NAME];
	if (sdp_grow(&s->schema.columns, &s->column_capacity, s->schema.count + 1,
		     sizeof *s->schema.columns, err) < 0)
		return -1;
	size_t index = s->schema.count++;
	struct sdp_column *column = &s->schema.columns[index];
	*column = (struct sdp_column){0};
	if (length == 0)
		text = make_name(made, index, &length);
	column->name = sdp_strndup(text, length, err);
	column->guess = SDP_CLASS_NONE;
	int added = column->name ? sdp_map_add(&s->names, text, length, index, err) : -1;
	if (added == 0)
		*sdp_map_find(&s->names, text, length) |= SDP_SCHEMA_TWICE;
	s->schema.names = &s->names;
	return added < 0 ? -1 : 0;
}

/* Returns the value of cell i of a parsed record, as sdp_block_cell does. */
static const char *cell_at(const struct sdp_source *source, const struct sdp_cells *cells, size_t i,
			   size_t *length)
{
	const char *s = sdp_cells_text(cells, i, length);
	for (; *length && sdp_is_blank(*s); s++)
		--*length;
	while (*length && sdp_is_blank(s[*length - 1]))
		--*length;
	if (*length >= 2 && *s == source->schema.dialect.quote) {
		s++;
		*length -= 2;
	}
	return s;
}

int sdp_source_add_label(struct sdp_source *s, struct sdp_err *err)
{
	const char *name = s->options.label;
	char quoted[64];
	if (!name)
		return 0;
	if (sdp_map_find(&s->names, name, strlen(name)))
		return sdp_fail_at(err, (struct sdp_place){.file = s->inputs[0].name},
				   "--source: there is a column %s already",
				   sdp_quote(quoted, sizeof quoted, name, strlen(name)));
	if (sdp_relayout_check_labels(s, &s->schema, err) < 0)
		return -1;
	s->labelled = true;
	return sdp_source_add_column(s, name, strlen(name), err);
}

static int make_schema(struct sdp_source *s, const struct sdp_cells *cells, struct sdp_err *err)
{
	for (size_t i = 0; i < cells->count; i++) {
		size_t length = 0;
		bool lines = s->schema.format == SDP_FORMAT_LINES;
		const char *text = lines                  ? "line"
				   : s->options.no_header ? ""
							  : cell_at(s, cells, i, &length);
		length = lines ? 4 : length;
		if (sdp_source_add_column(s, text, length, err) < 0)
			return -1;
	}
	return 0;
}

static int same_header(const struct sdp_source *s, const struct sdp_cells *cells,
		       struct sdp_place place, struct sdp_err *err)
{
	bool follow = s->options.follow;
	const char *first = follow ? "the file before" : s->inputs[0].name,
		   *hint = s->options.unites && !follow ? " (--union?)" : "";
	size_t count = s->schema.count - s->labelled;
	if (cells->count != count)
		return sdp_fail_at(err, place, "%zu column%s where %s has %zu%s", cells->count,
				   cells->count == 1 ? "" : "s", first, count, hint);
	for (size_t i = 0; i < cells->count; i++) {
		size_t length;
		const char *text = cell_at(s, cells, i, &length), *name = s->schema.columns[i].name;
		char quoted[64], made[MADE_NAME];
		if (length == 0)
			text = make_name(made, i, &length);
		if (strlen(name) != length || memcmp(name, text, length) != 0)
			return sdp_fail_at(err, place, "column %zu is %s where %s has '%s'%s",
					   i + 1, sdp_quote(quoted, sizeof quoted, text, length),
					   first, name, hint);
	}
	return 0;
}

/*
 * Refuses a header of one cell that another delimiter would split, because it would become an odd
 * column of the union.
 */
static int check_delimiter(const struct sdp_source *s, const struct sdp_cells *cells,
			   struct sdp_place place, struct sdp_err *err)
{
	char used[4], other[4];
	size_t length;
	const char *text = cell_at(s, cells, 0, &length), *found = NULL;
	for (const char *d = SDP_CSV_DELIMITERS; *d && !found; d++)
		found = *d == s->schema.dialect.delimiter ? NULL : memchr(text, *d, length);
	if (cells->count > 1 || s->options.delimiter || !found)
		return 0;
	return sdp_fail_at(err, place,
			   "the header has no %s, which separates the cells of %s, but %s: all "
			   "files must have one delimiter",
			   sdp_delimiter_name(s->schema.dialect.delimiter, used), s->inputs[0].name,
			   sdp_delimiter_name(*found, other));
}

/* Keeps the names of the cells of an input for sdp_source_unite, in place of its text. */
static int keep_header(struct sdp_source *s, uint32_t input, const struct sdp_cells *cells,
		       struct sdp_place place, struct sdp_err *err)
{
	struct sdp_map seen = {0};
	int rc = input ? check_delimiter(s, cells, place, err) : 0;
	for (size_t i = 0; rc == 0 && i < cells->count; i++) {
		size_t length;
		const char *text = cell_at(s, cells, i, &length);
		char made[MADE_NAME], quoted[64];
		if (length == 0)
			text = make_name(made, i, &length);
		int added = sdp_map_add(&seen, text, length, i, err);
		if (added == 0)
			rc = sdp_fail_at(err, place,
					 "two columns are named %s, so --union cannot tell them "
					 "apart",
					 sdp_quote(quoted, sizeof quoted, text, length));
		else
			rc = added < 0 ? -1
				       : sdp_cells_add(&sdp_source_input(s, input)->header, text,
						       length, err);
	}
	sdp_map_release(&seen);
	return rc;
}

int sdp_source_header(struct sdp_source *s, uint32_t input, const struct sdp_head *head,
		      struct sdp_err *err)
{
	struct sdp_place place = {sdp_source_input(s, input)->name, head->lines + 1, NULL};
	size_t start = head->mark + head->before, length = head->length;
	const char *text = head->text.data + start;
	struct sdp_csv_context context = {.file = place.file,
					  .first_record = place.record,
					  .dialect = s->schema.dialect,
					  .quotes = s->schema.quotes};
	size_t bad = sdp_utf8_valid(text, length);
	if (bad < length)
		return sdp_fail_at(err, place,
				   "invalid UTF-8: byte 0x%02x at offset %zu" SDP_ENCODING_HINT,
				   (unsigned char)text[bad], start + bad);
	const char *nul = memchr(text, '\0', length);
	if (nul)
		return sdp_fail_at(err, place, "NUL byte at offset %zu",
				   start + (size_t)(nul - text));
	const char *cr = memchr(text, '\r', length);
	if (cr && cr + 1 < text + length && cr[1] != '\n' &&
	    !memchr(text, s->schema.dialect.quote, length))
		return sdp_fail_at(err, place,
				   "a carriage return without a line feed at offset %zu",
				   start + (size_t)(cr - text));
	struct sdp_cells cells = {0};
	int rc = sdp_csv_parse(&context, text, length, &cells, err);
	if (rc == 0 && !s->schema.columns)
		rc = make_schema(s, &cells, err);
	else if (rc == 0 && !s->options.no_header && !s->options.unite)
		rc = same_header(s, &cells, place, err);
	if (rc == 0 && s->options.unite)
		rc = keep_header(s, input, &cells, place, err);
	sdp_cells_release(&cells);
	return rc;
}

static const char *last_equals(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] != '=')
		length--;
	return length ? text + length - 1 : NULL;
}

/*
 * Parses "column=type,column=type". The name of a column may contain "="; the last one separates.
 */
int sdp_source_fix_types(struct sdp_source *s, struct sdp_err *err)
{
	for (const char *p = s->options.types; p && *p;) {
		size_t n = strcspn(p, ",");
		const char *equals = last_equals(p, n);
		enum sdp_type type;
		if (!equals || !sdp_type_by_name(equals + 1, n - (size_t)(equals + 1 - p), &type))
			return sdp_fail(err, SDP_USAGE,
					"--types: not "
					"COLUMN=boolean|integer|real|date|datetime|string: '%.*s'",
					(int)n, p);
		size_t i;
		struct sdp_err why;
		if (sdp_columns_find(&s->schema, p, (size_t)(equals - p), &i, &why) < 0)
			return sdp_fail(err, why.code, "--types: %.900s", why.text);
		s->schema.columns[i].fixed = true;
		s->schema.columns[i].padded = sdp_type_class(type) == SDP_CLASS_NUMBER;
		s->schema.columns[i].type = type;
		s->schema.columns[i].guess = sdp_type_class(type);
		p += n + (p[n] == ',');
	}
	return 0;
}

int sdp_source_set_columns(struct sdp_source *s, const struct sdp_cells *paths, struct sdp_err *err)
{
	if (paths->count > SDP_JSON_COLUMNS)
		return sdp_fail_at(err, (struct sdp_place){.file = s->inputs[0].name},
				   "more than %d columns: is the table nested deeper (--records), "
				   "or stored by columns (jq -c '%s')?",
				   SDP_JSON_COLUMNS, SDP_JSON_BY_COLUMNS);
	for (size_t i = 0; i < paths->count; i++) {
		size_t length;
		const char *path = sdp_cells_text(paths, i, &length);
		if (sdp_source_add_column(s, path, length, err) < 0)
			return -1;
		if (sdp_map_add(&s->json.columns, path, length, i, err) < 0)
			return -1;
	}
	s->json.known = true;
	return sdp_source_add_label(s, err) < 0 ? -1 : sdp_source_fix_types(s, err);
}

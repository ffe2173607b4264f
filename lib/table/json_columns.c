/* The columns of JSON, and what they tell about the input. */
#include "table/json_columns.h"

#include "base/order.h"
#include "sdp/mem.h"
#include "table/chunk_reader.h"
#include "table/input.h"
#include "json/paths.h"

#include <stdio.h>
#include <string.h>

/* Adds a path, or lowers its place if it is there. */
static int add(struct sdp_map *places, const char *path, size_t length, size_t place,
	       const struct sdp_map_memory *memory, struct sdp_err *err)
{
	size_t *there = sdp_map_find(places, path, length);
	if (there && place < *there)
		*there = place;
	/* One too many is enough to fail. */
	if (there || places->count > SDP_JSON_COLUMNS)
		return 0;
	return sdp_map_add_in(places, path, length, place, memory, err) < 0 ? -1 : 0;
}

int sdp_json_columns_add(struct sdp_json_columns *columns, const struct sdp_block *block,
			 const struct sdp_map_memory *memory, struct sdp_err *err)
{
	const struct sdp_cells *paths = block->paths;
	int rc = 0;
	columns->records += block->rows;
	columns->empty_list |= block->empty_list;
	for (size_t i = 0; rc == 0 && i < paths->count; i++) {
		size_t length;
		const char *path = sdp_cells_text(paths, i, &length);
		rc = add(&columns->places, path, length, block->chunk << 32 | i, memory, err);
	}
	return rc;
}

int sdp_json_columns_merge(struct sdp_json_columns *into, const struct sdp_json_columns *from,
			   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	int rc = 0;
	into->records += from->records;
	into->empty_list |= from->empty_list;
	for (uint32_t i = 0; rc == 0 && i < from->places.count; i++) {
		const struct sdp_map_entry *e = &from->places.entries[i];
		rc = add(&into->places, e->key, e->length, e->value, memory, err);
	}
	return rc;
}

SDP_ORDER_BY(by_place, struct sdp_map_entry, value)

/* Writes the paths to cells, in the order in which they appear in the input. */
static int list(const struct sdp_map *places, struct sdp_cells *cells, struct sdp_err *err)
{
	size_t count = places->count;
	struct sdp_map_entry *paths = sdp_alloc(count, sizeof *paths, err);
	int rc = paths ? 0 : -1;
	if (rc == 0) {
		memcpy(paths, places->entries, count * sizeof *paths);
		qsort(paths, count, sizeof *paths, by_place);
	}
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = sdp_cells_add(cells, paths[i].key, paths[i].length, err);
	free(paths);
	return rc;
}

/* Returns whether there is a column of this name, or of the elements of its arrays. */
static bool has_list(const struct sdp_map *places, const char *list)
{
	size_t length = strlen(list);
	for (uint32_t i = 0; i < places->count; i++) {
		const struct sdp_map_entry *e = &places->entries[i];
		if (e->length >= length && memcmp(e->key, list, length) == 0 &&
		    (e->length == length || e->key[length] == '.'))
			return true;
	}
	return false;
}

/* Adds the source's list as a column without values if all its arrays are empty. */
static int add_empty_list(const struct sdp_json_columns *columns, const char *list,
			  struct sdp_cells *cells, struct sdp_err *err)
{
	if (!columns->empty_list || has_list(&columns->places, list))
		return 0;
	return sdp_cells_add(cells, list, strlen(list), err);
}

int sdp_json_columns_set(const struct sdp_json_columns *columns, struct sdp_source *source,
			 struct sdp_err *err)
{
	struct sdp_cells cells = {0};
	if (columns->places.count == 0 && !columns->empty_list) {
		const char *wanted = source->options.list;
		struct sdp_place place = {.file = sdp_source_name(source, 0)};
		char quoted[80];
		return wanted ? sdp_fail_at(err, place, "no column %s: the records have no values",
					    sdp_quote(quoted, sizeof quoted, wanted,
						      strlen(wanted)))
			      : sdp_fail_at(err, place, "not a table: its records have no values");
	}
	int rc = columns->places.count ? list(&columns->places, &cells, err) : 0;
	if (rc == 0)
		rc = add_empty_list(columns, source->options.list, &cells, err);
	if (rc == 0)
		rc = sdp_source_set_columns(source, &cells, err);
	source->json.records = columns->records;
	sdp_cells_release(&cells);
	return rc;
}

static int add_block(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	return sdp_json_columns_add(context, block, NULL, err);
}

/*
 * Cuts the next chunk from what is there, and takes in more until there is one. A long record needs
 * a lot more, and cutting it starts over; so the input must have doubled then.
 */
static enum sdp_chunk_status cut_next(struct sdp_chunk_reader *reader, uint64_t number,
				      const struct sdp_chunk *previous, struct sdp_chunk *chunk,
				      struct sdp_err *err)
{
	enum { LONG = 4 << 20 };
	for (;;) {
		enum sdp_chunk_status found =
			sdp_chunk_reader_cut(reader, number, SDP_CHUNK_RECORDS, previous, chunk,
					     err);
		if (found != SDP_CHUNK_WAIT)
			return found;
		if (number && sdp_source_caught_up(reader->source))
			return SDP_CHUNK_END;
		uint64_t have = sdp_source_spooled(reader->source);
		if (sdp_source_take_in(reader->source, have > LONG ? 2 * have : 0, err) < 0)
			return SDP_CHUNK_FAILED;
	}
}

int sdp_json_find_columns(struct sdp_source *source, uint64_t most, struct sdp_err *err)
{
	struct sdp_json_columns columns = {0};
	struct sdp_chunk_reader reader = {.source = source};
	struct sdp_chunk before, chunk;
	enum sdp_chunk_status found = SDP_CHUNK_READY;
	int rc = 0;
	if (!sdp_source_columns_unknown(source))
		return 0;
	for (uint64_t n = 0; rc == 0 && columns.records < most; n++, before = chunk) {
		found = cut_next(&reader, n, n ? &before : NULL, &chunk, err);
		if (found != SDP_CHUNK_READY)
			break;
		rc = sdp_chunk_reader_apply(&reader, n, &chunk, most - columns.records, add_block,
					    &columns, err);
	}
	if (rc == 0 && found != SDP_CHUNK_FAILED)
		rc = sdp_json_columns_set(&columns, source, err);
	else
		rc = -1;
	if (found == SDP_CHUNK_READY || sdp_source_follows(source))
		source->json.records = 0; /* there may be more */
	sdp_map_release(&columns.places);
	sdp_chunk_reader_release(&reader);
	return rc;
}

uint64_t sdp_source_records(const struct sdp_source *source)
{
	return source->json.records;
}

bool sdp_source_table_within(const struct sdp_source *source, char *out, size_t size)
{
	const char *name = NULL, *end = NULL;
	if (source->json.pointed || source->json.arrays)
		return false;
	for (size_t i = 0; i < source->schema.count && !end; i++) {
		name = source->schema.columns[i].name;
		end = strstr(name, ".0.");
	}
	size_t n = (size_t)snprintf(out, size, "/");
	for (; end && name < end && n < size; name++) {
		char plain[2] = {*name, '\0'};
		const char *as = *name == '.'   ? "/"
				 : *name == '/' ? "~1"
				 : *name == '~' ? "~0"
						: plain;
		n += (size_t)snprintf(out + n, size - n, "%s", as);
	}
	return end && n < size;
}

/* Returns the length of the first key of a path, with its full stop; 0 if there is no other. */
static size_t first_key(const char *path)
{
	const char *dot = strchr(path, '.');
	return dot ? (size_t)(dot + 1 - path) : 0;
}

bool sdp_source_table_across(const struct sdp_source *source, const char **filter)
{
	const struct sdp_column *columns = source->schema.columns;
	size_t count = source->schema.count, width = 0;
	bool numbers = true;
	if (source->json.pointed || source->json.arrays || count < 2)
		return false;
	size_t key = first_key(columns[0].name);
	while (width < count && strncmp(columns[width].name, columns[0].name, key) == 0)
		width++;
	if (key == 0 || width < 2 || count % width != 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *name = columns[i].name, *member = columns[i - i % width].name;
		size_t n = first_key(member);
		char number[24];
		if (n == 0 || strncmp(name, member, n) != 0 ||
		    strcmp(name + n, columns[i % width].name + key) != 0)
			return false;
		snprintf(number, sizeof number, "%zu", i % width);
		numbers = numbers && strcmp(name + n, number) == 0;
	}
	*filter = numbers ? SDP_JSON_BY_COLUMNS : ".[]";
	return numbers || count > width;
}

/* The columns of JSON, and what they tell about the input. */
#include "table/json_columns.h"

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
	for (size_t i = 0; rc == 0 && i < paths->count; i++) {
		size_t start = i ? paths->ends[i - 1] + 1 : 0;
		rc = add(&columns->places, paths->text.data + start, paths->ends[i] - start,
			 block->chunk << 32 | i, memory, err);
	}
	return rc;
}

int sdp_json_columns_merge(struct sdp_json_columns *into, const struct sdp_json_columns *from,
			   const struct sdp_map_memory *memory, struct sdp_err *err)
{
	const char *path;
	size_t at = 0, length, place;
	int rc = 0;
	into->records += from->records;
	while (rc == 0 && sdp_map_next(&from->places, &at, &path, &length, &place))
		rc = add(&into->places, path, length, place, memory, err);
	return rc;
}

struct path {
	const char *text;
	size_t length, place;
};

static int by_place(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Writes the paths to cells, in the order in which they appear in the input. */
static int list(const struct sdp_map *places, struct sdp_cells *cells, struct sdp_err *err)
{
	struct path *paths = sdp_alloc(places->count, sizeof *paths, err), next;
	int rc = paths ? sdp_grow(&cells->ends, &cells->ends_capacity, places->count,
				  sizeof *cells->ends, err)
		       : -1;
	size_t at = 0, count = 0;
	while (rc == 0 && sdp_map_next(places, &at, &next.text, &next.length, &next.place))
		paths[count++] = next;
	if (rc == 0)
		qsort(paths, count, sizeof *paths, by_place);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = sdp_buf_add(&cells->text, paths[i].text, paths[i].length, err);
		cells->ends[cells->count++] = (uint32_t)cells->text.length;
		if (rc == 0)
			rc = sdp_buf_add(&cells->text, "\n", 1, err);
	}
	free(paths);
	return rc;
}

int sdp_json_columns_set(const struct sdp_json_columns *columns, struct sdp_source *source,
			 struct sdp_err *err)
{
	struct sdp_cells cells = {0};
	if (columns->places.count == 0)
		return sdp_fail_at(err, (struct sdp_place){.file = sdp_source_name(source, 0)},
				   "no table: there are no values in its records");
	int rc = list(&columns->places, &cells, err);
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

int sdp_json_find_columns(struct sdp_source *source, struct sdp_err *err)
{
	struct sdp_json_columns columns = {0};
	if (!sdp_source_columns_unknown(source))
		return 0;
	int rc = sdp_chunk_each(source, add_block, &columns, err);
	if (rc == 0)
		rc = sdp_json_columns_set(&columns, source, err);
	sdp_map_release(&columns.places);
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

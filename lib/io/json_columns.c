/* The columns of a JSON input that is small enough for one process; what columns say of the input. */
#include "input.h"
#include "sdp/cut.h"
#include "sdp/map.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>

static int add_paths(struct sdp_map *known, struct sdp_cells *all, const struct sdp_cells *paths, struct sdp_err *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		size_t start = i ? paths->ends[i - 1] + 1 : 0, length = paths->ends[i] - start;
		const char *path = paths->text.data + start;
		int added = sdp_map_add(known, path, length, 0, err);
		if (added == 0)
			continue;
		if (added < 0 || sdp_grow(&all->ends, &all->ends_capacity, all->count + 1, sizeof *all->ends, err) < 0 ||
		    sdp_buf_add(&all->text, path, length, err) < 0)
			return -1;
		all->ends[all->count++] = (uint32_t)all->text.length;
		if (sdp_buf_add(&all->text, "\n", 1, err) < 0)
			return -1;
	}
	return 0;
}

static int read_paths(struct sdp_source *source, struct sdp_map *known, struct sdp_cells *all, struct sdp_err *err)
{
	struct sdp_reader reader = {0};
	struct sdp_chunk before, chunk;
	struct sdp_block block;
	enum sdp_cut found = SDP_CUT_CHUNK;
	int rc = 0;
	for (size_t n = 0; rc == 0 && found == SDP_CUT_CHUNK; n++, before = chunk) {
		found = sdp_cut_next(&reader, source, sdp_source_schema(source), false, n ? &before : NULL, &chunk, err);
		if (found == SDP_CUT_CHUNK)
			rc = sdp_reader_block(&reader, source, sdp_source_schema(source), &chunk, &block, err);
		if (found == SDP_CUT_CHUNK && rc == 0)
			rc = add_paths(known, all, block.paths, err);
	}
	sdp_reader_release(&reader);
	return rc == 0 && found == SDP_CUT_END ? 0 : -1;
}

int sdp_cut_find_columns(struct sdp_source *source, struct sdp_err *err)
{
	struct sdp_map known = {0};
	struct sdp_cells all = {0};
	if (!sdp_source_columns_unknown(source))
		return 0;
	int rc = read_paths(source, &known, &all, err);
	if (rc == 0 && all.count == 0)
		rc = sdp_fail_at(err, (struct sdp_place){.file = sdp_source_name(source, 0)},
				 "no table: there are no values in its records");
	if (rc == 0)
		rc = sdp_source_set_columns(source, &all, err);
	sdp_map_release(&known);
	sdp_cells_release(&all);
	return rc;
}

uint64_t sdp_source_records(const struct sdp_source *source)
{
	return source->json.records;
}

void sdp_source_set_records(struct sdp_source *source, uint64_t records)
{
	source->json.records = records;
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
		const char *as = *name == '.' ? "/" : *name == '/' ? "~1" : *name == '~' ? "~0" : plain;
		n += (size_t)snprintf(out + n, size - n, "%s", as);
	}
	return end && n < size;
}

/* Finds the columns of a small JSON input in one process, and what they tell about the input. */
#include "base/map.h"
#include "sdp/mem.h"
#include "table/chunk_reader.h"
#include "table/input.h"
#include "json/paths.h"

#include <stdio.h>
#include <string.h>

struct paths {
	struct sdp_map known;
	struct sdp_cells all;
};

static int add_paths(void *context, const struct sdp_block *block, struct sdp_err *err)
{
	struct paths *p = context;
	struct sdp_cells *all = &p->all;
	const struct sdp_cells *found = block->paths;
	/* One too many is enough to fail. */
	for (size_t i = 0; i < found->count && all->count <= SDP_JSON_NODES; i++) {
		size_t start = i ? found->ends[i - 1] + 1 : 0, length = found->ends[i] - start;
		const char *path = found->text.data + start;
		int added = sdp_map_add(&p->known, path, length, 0, err);
		if (added == 0)
			continue;
		if (added < 0 ||
		    sdp_grow(&all->ends, &all->ends_capacity, all->count + 1, sizeof *all->ends,
			     err) < 0 ||
		    sdp_buf_add(&all->text, path, length, err) < 0)
			return -1;
		all->ends[all->count++] = (uint32_t)all->text.length;
		if (sdp_buf_add(&all->text, "\n", 1, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_json_find_columns(struct sdp_source *source, struct sdp_err *err)
{
	struct paths paths = {0};
	if (!sdp_source_columns_unknown(source))
		return 0;
	int rc = sdp_chunk_each(source, add_paths, &paths, err);
	if (rc == 0 && paths.all.count == 0)
		rc = sdp_fail_at(err, (struct sdp_place){.file = sdp_source_name(source, 0)},
				 "no table: there are no values in its records");
	if (rc == 0)
		rc = sdp_source_set_columns(source, &paths.all, err);
	sdp_map_release(&paths.known);
	sdp_cells_release(&paths.all);
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
		const char *as = *name == '.'   ? "/"
				 : *name == '/' ? "~1"
				 : *name == '~' ? "~0"
						: plain;
		n += (size_t)snprintf(out + n, size - n, "%s", as);
	}
	return end && n < size;
}

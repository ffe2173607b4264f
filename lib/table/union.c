/*
 * Files with different columns as one table (--union), and the column with the name of the file
 * (--source).
 */
#include "base/map.h"
#include "sdp/mem.h"
#include "table/input.h"

/* Takes in the inputs until all have begun, so that all headers are known. */
static int begin_all(struct sdp_source *s, struct sdp_err *err)
{
	uint32_t last = s->count;
	while (last > 0 && atomic_load(&s->shared[last - 1].begun))
		last--;
	while (last > 0 && !atomic_load(&s->shared[last - 1].begun))
		if (sdp_source_take_in(s, 0, err) < 0)
			return -1;
	return 0;
}

/* Finds or makes the column of each cell of an input. */
static int unite_input(struct sdp_source *s, struct sdp_input *input, struct sdp_err *err)
{
	const struct sdp_cells *header = &input->header;
	input->columns = sdp_alloc(header->count, sizeof *input->columns, err);
	if (!input->columns)
		return -1;
	for (size_t i = 0; i < header->count; i++) {
		size_t length, *there;
		const char *name = sdp_cells_text(header, i, &length);
		there = sdp_map_find(&s->names, name, length);
		input->columns[i] = there ? *there : s->schema.count;
		if (!there && sdp_source_add_column(s, name, length, err) < 0)
			return -1;
	}
	return 0;
}

int sdp_source_unite(struct sdp_source *s, struct sdp_err *err)
{
	if (s->options.unite && begin_all(s, err) < 0)
		return -1;
	for (uint32_t i = 0; s->options.unite && i < s->count; i++)
		if (unite_input(s, &s->inputs[i], err) < 0)
			return -1;
	return sdp_source_add_label(s, err);
}

/* The tree of the paths in JSON records. */
#include "json/paths.h"

#include "sdp/mem.h"

#include <string.h>

void sdp_json_paths_release(struct sdp_json_paths *s)
{
	free(s->nodes);
	sdp_buf_release(&s->names);
	sdp_buf_release(&s->scratch);
	sdp_map_release(&s->children);
	*s = (struct sdp_json_paths){0};
}

int sdp_json_paths_start(struct sdp_json_paths *s, struct sdp_err *err)
{
	sdp_map_release(&s->children);
	s->names.length = 0;
	s->count = 1;
	if (sdp_grow(&s->nodes, &s->capacity, 64, sizeof *s->nodes, err) < 0)
		return -1;
	s->nodes[0] = (struct sdp_json_node){.index = UINT32_MAX, .column = SDP_JSON_NO_COLUMN};
	return 0;
}

uint32_t sdp_json_paths_child(struct sdp_json_paths *s, uint32_t parent, const char *key,
			      size_t length, uint32_t index, struct sdp_err *err)
{
	uint32_t where[2] = {parent, index};
	s->scratch.length = 0;
	if (sdp_buf_add(&s->scratch, where, sizeof where, err) < 0 ||
	    (index == UINT32_MAX && sdp_buf_add(&s->scratch, key, length, err) < 0))
		return 0;
	const size_t *found = sdp_map_find(&s->children, s->scratch.data, s->scratch.length);
	if (found)
		return (uint32_t)*found;
	if (s->count == SDP_JSON_NODES ||
	    sdp_grow(&s->nodes, &s->capacity, s->count + 1, sizeof *s->nodes, err) < 0 ||
	    sdp_map_add(&s->children, s->scratch.data, s->scratch.length, s->count, err) < 0)
		return 0;
	size_t name = s->names.length;
	if (sdp_buf_reserve(&s->names, length + 8, err) < 0 ||
	    sdp_buf_add(&s->names, key, length, err) < 0)
		return 0;
	s->nodes[s->count] = (struct sdp_json_node){
		.parent = parent,
		.index = index,
		.name = (uint32_t)name,
		.length = (uint32_t)length,
		.column = SDP_JSON_NO_COLUMN,
		.plain = !memchr(key, '"', length) && !memchr(key, '\\', length),
	};
	return (uint32_t)s->count++;
}

int sdp_json_paths_name(const struct sdp_json_paths *s, uint32_t node, struct sdp_buf *out,
			struct sdp_err *err)
{
	uint32_t path[520]; /* more than the maximum depth */
	size_t depth = 0;
	for (; node; node = s->nodes[node].parent)
		path[depth++] = node;
	while (depth-- > 0) {
		const struct sdp_json_node *n = &s->nodes[path[depth]];
		if (sdp_buf_add(out, s->names.data + n->name, n->length, err) < 0 ||
		    (depth && sdp_buf_add(out, ".", 1, err) < 0))
			return -1;
	}
	return 0;
}

int sdp_json_paths_list(const struct sdp_json_paths *s, const uint32_t *nodes, size_t count,
			struct sdp_cells *paths, struct sdp_err *err)
{
	paths->text.length = 0;
	paths->count = 0;
	for (size_t i = 0; i < count; i++)
		if (sdp_json_paths_name(s, nodes[i], &paths->text, err) < 0 ||
		    sdp_cells_end(paths, err) < 0)
			return -1;
	return 0;
}

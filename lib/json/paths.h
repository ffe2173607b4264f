/*
 * The keys of a chunk's records as a tree: a node a path, such as a.b or a.0.
 *
 *	{"a": {"b": 1, "c": 2}, "d": [3]}        root ── a ── b, c
 *	                                              └─ d ── 0
 *
 * A node remembers what followed it last time, so that mostly one comparison finds the next key.
 */
#ifndef SDP_JSON_PATHS_H
#define SDP_JSON_PATHS_H

#include "base/map.h"
#include "table/csv.h"

enum {
	SDP_JSON_NODES = 100000, /* at most, in a chunk; and columns of a table */
	SDP_JSON_NONE = 0,       /* no node: the root is nobody's child */
};

#define SDP_JSON_UNPLACED UINT32_MAX

struct sdp_json_node {
	uint32_t parent, first, after; /* first child and next sibling, as it was last time */
	uint32_t index;                /* in an array; UINT32_MAX: a key */
	uint32_t name, length;         /* of the key, in names */
	uint32_t column;               /* SDP_JSON_UNPLACED: not known yet */
	uint32_t row;                  /* the last in which it was seen */
	bool plain;                    /* the key stands in the text as it is */
};

struct sdp_json_paths {
	struct sdp_json_node *nodes; /* nodes[0]: the record */
	size_t count, capacity;
	struct sdp_buf names, scratch; /* 8 bytes behind names may be read */
	struct sdp_map children;
};

int sdp_json_paths_start(struct sdp_json_paths *shape, struct sdp_err *err);
void sdp_json_paths_release(struct sdp_json_paths *shape);

/*
 * The child of a node, made if need be: by key (index UINT32_MAX), or element index of an array,
 * whose key is its name.  0 when memory ends, or with count at SDP_JSON_NODES there are too many.
 */
uint32_t sdp_json_paths_child(struct sdp_json_paths *shape, uint32_t parent, const char *key,
			      size_t length, uint32_t index, struct sdp_err *err);

/* The node's path, keys joined by full stops, appended to out. */
int sdp_json_paths_name(const struct sdp_json_paths *shape, uint32_t node, struct sdp_buf *out,
			struct sdp_err *err);

/* The paths of these nodes as cells. */
int sdp_json_paths_list(const struct sdp_json_paths *shape, const uint32_t *nodes, size_t count,
			struct sdp_cells *paths, struct sdp_err *err);

#endif

/*
 * The paths of the keys in a chunk's records, as a tree with one node per path, such as a.b or a.0.
 *
 *	{"a": {"b": 1, "c": 2}, "d": [3]}        root ── a ── b, c
 *	                                              └─ d ── 0
 *
 * A node remembers the node that followed it in the previous record, so in most cases one
 * comparison finds the next key.
 */
#ifndef SDP_JSON_PATHS_H
#define SDP_JSON_PATHS_H

#include "base/cells.h"
#include "base/map.h"

enum {
	SDP_JSON_COLUMNS = 100000, /* maximum of columns of a table */
	/* Maximum of nodes per chunk: columns, and the objects and arrays that they are in. */
	SDP_JSON_NODES = 1 << 20,
	SDP_JSON_NONE = 0, /* no node; the root can have this number as it is no child */
};

#define SDP_JSON_NO_COLUMN UINT32_MAX

struct sdp_json_node {
	/* The parent, and the first child and the next sibling in the previous record. */
	uint32_t parent, first, after;
	uint32_t index;        /* of an array element; UINT32_MAX: the node is a key */
	uint32_t name, length; /* offset and bytes of the key in names */
	uint32_t column;       /* SDP_JSON_NO_COLUMN: not known yet */
	uint32_t row;          /* the last row in which the node occurred */
	bool plain;            /* in JSON the key has no escapes */
};

/* The struct owns its memory; {0} is fresh. */
struct sdp_json_paths {
	struct sdp_json_node *nodes; /* nodes[0] is the record itself */
	size_t count, capacity;
	struct sdp_buf names, scratch; /* 8 bytes after names may be read */
	struct sdp_map children;
};

/* Starts a tree that has only the root, with the memory of the tree before. */
int sdp_json_paths_start(struct sdp_json_paths *shape, struct sdp_err *err);
void sdp_json_paths_release(struct sdp_json_paths *shape);

/*
 * Returns the child of a node, which is created if it does not exist.  It is the child with this
 * key if index is UINT32_MAX, otherwise array element number index, whose name is key.  Returns 0
 * if memory is exhausted or, with count at SDP_JSON_NODES, there are too many nodes.
 */
uint32_t sdp_json_paths_child(struct sdp_json_paths *shape, uint32_t parent, const char *key,
			      size_t length, uint32_t index, struct sdp_err *err);

/* Appends the path of a node, its keys joined by full stops, to out. */
int sdp_json_paths_name(const struct sdp_json_paths *shape, uint32_t node, struct sdp_buf *out,
			struct sdp_err *err);

/* Sets paths to the paths of count nodes, one cell each. */
int sdp_json_paths_list(const struct sdp_json_paths *shape, const uint32_t *nodes, size_t count,
			struct sdp_cells *paths, struct sdp_err *err);

#endif

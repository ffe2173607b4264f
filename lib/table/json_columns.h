/*
 * Finds the columns of JSON: the union of the paths of all records, in the order in which they
 * first appear.
 *
 * The set of paths has the earliest place (chunk and position in it) of each, so it depends neither
 * on the order of the blocks nor on how they are grouped. It may be in the shared memory of workers
 * (engine/json_columns.c). {0} is an empty set.
 */
#ifndef SDP_TABLE_JSON_COLUMNS_H
#define SDP_TABLE_JSON_COLUMNS_H

#include "base/map.h"
#include "sdp/block.h"
#include "table/source.h"

struct sdp_json_columns {
	struct sdp_map places; /* the value of a path is its place */
	uint64_t records;
	bool empty_list; /* whether a record has an empty array as the source's list */
};

/* Adds the paths of a block. memory is that of the set; NULL: the heap. Returns 0 or -1. */
int sdp_json_columns_add(struct sdp_json_columns *columns, const struct sdp_block *block,
			 const struct sdp_map_memory *memory, struct sdp_err *err);

/* Adds the paths of another set. Returns 0 or -1. */
int sdp_json_columns_merge(struct sdp_json_columns *into, const struct sdp_json_columns *from,
			   const struct sdp_map_memory *memory, struct sdp_err *err);

/*
 * Sets the columns of the source to those of the set. Returns 0, or -1: there are none, or more
 * than SDP_JSON_COLUMNS.
 */
int sdp_json_columns_set(const struct sdp_json_columns *columns, struct sdp_source *source,
			 struct sdp_err *err);

/*
 * Finds the columns as sdp_discover_columns (engine.h) does, but in this process, and only those of
 * the first most records (UINT64_MAX: all). Takes in no more of the input than these need. Does
 * nothing if the columns are known. Returns 0 or -1.
 */
int sdp_json_find_columns(struct sdp_source *source, uint64_t most, struct sdp_err *err);

#endif

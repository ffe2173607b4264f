/*
 * Searches of sdp-cat: tasks that read the input to find out which rows are chosen, before the rows
 * are printed. They make no document; their plan and their states are in shared memory.
 */
#ifndef SDP_CMD_CAT_SEARCH_H
#define SDP_CMD_CAT_SEARCH_H

#include "cat.h"
#include "sdp/task.h"

/* A list of elements of one size in shared memory, in no order; zeros are an empty one. */
struct cat_list {
	struct cat_piece *pieces;
	uint64_t count;
};

/* Appends a copy of an element of so many bytes. Returns 0 or -1. */
int cat_list_add(struct cat_list *list, const void *element, size_t size, struct sdp_work *work,
		 struct sdp_err *err);

/* Moves the elements of from to into. */
void cat_list_join(struct cat_list *into, struct cat_list *from);

/* Returns a sorted copy of the elements, which the caller frees with free(); NULL on failure. */
void *cat_list_sorted(const struct cat_list *list, size_t size,
		      int (*compare)(const void *, const void *), struct sdp_err *err);

/* The parameters of a search. */
struct cat_search {
	struct sdp_common common;
	uint64_t wanted;           /* rows */
	struct cat_choice *choice; /* which the search completes, in the parent */
};

/* The callback emit of a search. */
int cat_search_emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);

/* Runs a search over the source. */
int cat_search_run(const struct sdp_task *task, const struct params *params,
		   struct sdp_source *source, uint64_t wanted, struct cat_choice *choice,
		   struct sdp_err *err);

#endif

/*
 * A task: an analysis whose state is a commutative monoid.
 *
 * Rows come in blocks; a block's cells are folded into a state; states are merged in any
 * order.  What crosses a block boundary is exact (integers, minima and maxima, sets, exact
 * accumulators), so neither who computed which block nor how often it was tried can matter.
 *
 * The engine calls, for each pass that the task asks for:
 *
 *	init    once a worker: a fresh state (the identity)
 *	update  once a block of the pass, or item once an item, on the state of whoever claimed it
 *	merge   into the root, once a worker, in any order
 *	step    the root after the pass: the task is done, or names the next pass
 *
 * Laws, tested for every task: merging a fresh state changes nothing, on either side; any
 * grouping and order of blocks gives the same document; callbacks read only their arguments.
 *
 * The plan (what open made: resolved columns, results of former passes) lies in shared memory.
 * Workers see what step writes there, from the next pass on; they never write it.
 */
#ifndef SDP_TASK_H
#define SDP_TASK_H

#include "sdp/block.h"
#include "sdp/spill.h"

#include <cjson/cJSON.h>

enum sdp_pass_kind {
	SDP_PASS_DONE,
	SDP_PASS_CHUNKS, /* update over all chunks of the input */
	SDP_PASS_ITEMS,  /* item over 0 … items-1; the costliest first, if they differ */
};

struct sdp_pass {
	enum sdp_pass_kind kind;
	size_t items;
	const char *phase; /* for the progress line: "reading", "sorting" */
	bool fleeting;     /* merge takes nothing over: the pass's states can be thrown away */
};

/* What a callback may use besides its arguments; one a process. */
struct sdp_work {
	struct sdp_spill spill; /* shared memory for states and what hangs on them */
	uint64_t memory;        /* bytes of private memory that one callback may take */
	int workers;
	struct sdp_number_column numbers; /* scratch; any callback may overwrite it */
	void *scratch;                    /* see sdp_work_scratch */
	size_t scratch_size;
};

/* size bytes, aligned to 64, zeroed when first taken or grown, else as the last user left them. */
void *sdp_work_scratch(struct sdp_work *work, size_t size, struct sdp_err *err);
void sdp_work_release(struct sdp_work *work);

struct sdp_task {
	const char *name; /* "descriptive_stats": "task" in the document */
	/* Resolves columns against the schema, makes the plan; names the first pass. */
	int (*open)(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		    void **plan, struct sdp_pass *first, struct sdp_err *err);
	size_t (*state_size)(const void *plan);
	/* state is state_size zeroed bytes of shared memory; NULL if zeros are the fresh state. */
	int (*init)(const void *plan, void *state, struct sdp_work *work, struct sdp_err *err);
	int (*update)(const void *plan, void *state, const struct sdp_block *block,
		      struct sdp_work *work, struct sdp_err *err);
	int (*item)(const void *plan, void *state, size_t item, struct sdp_work *work,
		    struct sdp_err *err);
	/* from is used up: into may take over what hangs on it. */
	int (*merge)(const void *plan, void *into, void *from, struct sdp_work *work,
		     struct sdp_err *err);
	int (*step)(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		    struct sdp_err *err);
	/* Adds the document's members to doc, which has "task" already. */
	int (*emit)(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);
};

#endif

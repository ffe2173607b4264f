/*
 * A task: an analysis whose state is a commutative monoid.
 *
 * Rows come in blocks.  A worker folds the cells of a block into a state; the states are merged in
 * any order.  Everything that is carried from one block to another is exact (integers, minima and
 * maxima, sets, exact accumulators), so the result does not depend on which worker computed which
 * block, or how often a block was tried.
 *
 * For each pass that the task asks for, the engine calls
 *
 *	init    once per worker: initializes a state (the identity of the monoid)
 *	update  once per block of the pass, or item once per item, on the state of the worker
 *	        that claimed it
 *	merge   once per worker, in any order: merges its state into the root
 *	step    on the root, after the pass: ends the task or names the next pass
 *
 * init, update and item run in the workers; open, merge, step and emit in the parent, which also
 * initializes the root, once for all passes.  If a worker dies, its state is discarded and another
 * worker repeats all its blocks.
 *
 * Laws, which are tested for every task: merging a state that was only initialized, on either side,
 * changes nothing; every grouping and order of blocks gives the same document; callbacks read only
 * their arguments.
 *
 * The plan (which open made: the resolved columns, the results of earlier passes) is in shared
 * memory.  step may write it; the workers see these changes in the next pass and never write it.
 *
 * The memory of all states, and all that merge and step take, belongs to the owner of the spill
 * that step gets; plan and root belong to owner 0.  So a task that starts over may drop that owner
 * in step, once nothing refers to it.
 *
 * All callbacks that return int return 0, or -1 with err filled.
 */
#ifndef SDP_TASK_H
#define SDP_TASK_H

#include "sdp/block.h"
#include "sdp/spill.h"

#include <cjson/cJSON.h>

enum sdp_pass_kind {
	SDP_PASS_DONE,   /* there is no further pass */
	SDP_PASS_CHUNKS, /* update over all chunks of the input */
	SDP_PASS_ITEMS, /* item over 0 … items-1; if their costs differ, the most expensive first */
};

struct sdp_pass {
	enum sdp_pass_kind kind;
	size_t items;      /* of SDP_PASS_ITEMS */
	const char *phase; /* for the progress line: "reading", "sorting" */
	/*
	 * After merge, nothing refers to the memory of the workers' states any more, so the engine
	 * frees it.  Otherwise it is kept to the end of the run.
	 */
	bool discard_states;
	/*
	 * The estimated share of this pass in the time of it and all passes after it, for the
	 * progress, which is that of the whole run.  0: this is the last pass, as far as is known.
	 */
	double share;
};

/* What a callback may use besides its arguments.  Each process has its own. */
struct sdp_work {
	struct sdp_spill spill; /* shared memory for states and everything that they refer to */
	uint64_t memory;        /* bytes of private memory that a callback may allocate */
	int workers;            /* number of worker processes */
	struct sdp_number_column numbers; /* scratch that any callback may overwrite */
	void *scratch;                    /* of sdp_work_scratch */
	size_t scratch_size;
};

/*
 * Returns private scratch memory of at least size bytes, aligned to 64; NULL if memory is
 * exhausted.  It is zeroed when it is first allocated and whenever it grows; otherwise it has the
 * contents that the last user left.  Valid until the next call.
 */
void *sdp_work_scratch(struct sdp_work *work, size_t size, struct sdp_err *err);

/* Frees the scratch memory, not the spill. */
void sdp_work_release(struct sdp_work *work);

struct sdp_task {
	const char *name; /* "descriptive_stats": the member "task" of the document */
	/*
	 * Resolves the columns against the schema (which has guesses from the first rows), makes
	 * the plan in work->spill, and sets *first to the first pass.
	 */
	int (*open)(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		    void **plan, struct sdp_pass *first, struct sdp_err *err);
	/*
	 * Returns the size of a state in bytes, without the memory that it refers to.  NULL: the
	 * size is state_bytes.
	 */
	size_t (*state_size)(const void *plan);
	size_t state_bytes;
	/*
	 * Initializes a state, which is sdp_task_state_size zeroed bytes of shared memory.  NULL:
	 * zeros are an initialized state.
	 */
	int (*init)(const void *plan, void *state, struct sdp_work *work, struct sdp_err *err);
	/* Folds a block into a state.  NULL if the task has no pass over chunks. */
	int (*update)(const void *plan, void *state, const struct sdp_block *block,
		      struct sdp_work *work, struct sdp_err *err);
	/* Computes an item into a state.  NULL if the task has no pass over items. */
	int (*item)(const void *plan, void *state, size_t item, struct sdp_work *work,
		    struct sdp_err *err);
	/*
	 * Merges from into into.  from is not used afterwards: unless the pass discards its states,
	 * into may take over the memory that from refers to.
	 */
	int (*merge)(const void *plan, void *into, void *from, struct sdp_work *work,
		     struct sdp_err *err);
	/* Sets *next to the next pass, or its kind to SDP_PASS_DONE.  NULL: one pass is enough. */
	int (*step)(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		    struct sdp_err *err);
	/*
	 * Adds the members of the document to doc, which already has "task".  err is empty at the
	 * call; if it is filled afterwards, the task has failed, even if emit returns 0.
	 */
	int (*emit)(const void *plan, const void *root, cJSON *doc, struct sdp_err *err);
};

/* Returns the bytes of a state of a task, without the memory that it refers to. */
static inline size_t sdp_task_state_size(const struct sdp_task *task, const void *plan)
{
	return task->state_size ? task->state_size(plan) : task->state_bytes;
}

#endif

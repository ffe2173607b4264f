/*
 * The descendants of this process, as /proc shows them, except those that are left out.  {0} is an
 * empty tree; release it when done.
 */
#ifndef SDP_PROCESS_TREE_H
#define SDP_PROCESS_TREE_H

#include "sdp/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sdp_process {
	pid_t pid, parent;
};

struct sdp_process_tree {
	struct sdp_process *processes; /* all processes of the machine */
	size_t count, capacity;
	pid_t *below; /* the descendants of this process: children, then grandchildren, … */
	size_t below_count, below_capacity;
	size_t children; /* how many of below are children of this process; they come first */
	pid_t *others;   /* descendants that are left out: they are not in below */
	size_t others_count, others_capacity;
};

/* Frees the memory. */
void sdp_process_tree_release(struct sdp_process_tree *tree);

/*
 * Leaves out the processes that are descendants now, and those that they start later.  A later one
 * is recognized only if a function below reads /proc before its parent ends.
 */
int sdp_process_tree_leave_out(struct sdp_process_tree *tree, struct sdp_err *err);

/* Returns whether a process is left out, as far as is known. */
bool sdp_process_tree_leaves_out(const struct sdp_process_tree *tree, pid_t pid);

/*
 * Reads /proc again and returns the bytes of memory, without files, of all descendants together; 0
 * if /proc cannot be read.
 */
uint64_t sdp_process_tree_memory(struct sdp_process_tree *tree);

/*
 * Reads /proc again and sends SIGKILL to all descendants, which are then in below. Returns 0, or
 * -1 if /proc cannot be read, and below is then empty.
 */
int sdp_process_tree_kill(struct sdp_process_tree *tree);

#endif

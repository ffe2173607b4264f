/* All processes below this one, as /proc has them.  {0} is fresh; release when done. */
#ifndef SDP_PROCESS_TREE_H
#define SDP_PROCESS_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sdp_measure_process {
	pid_t pid, parent;
};

struct sdp_process_tree {
	struct sdp_measure_process *processes; /* of the whole machine, by pid */
	size_t count, capacity;
	pid_t *below; /* this one: children, grandchildren, … */
	size_t below_count, below_capacity;
};

void sdp_process_tree_release(struct sdp_process_tree *tree);

/* Bytes of memory of all of them, 0 if it cannot be told. */
uint64_t sdp_process_tree_memory(struct sdp_process_tree *tree);

/* SIGKILL to all of them. */
void sdp_process_tree_kill(struct sdp_process_tree *tree);

#endif

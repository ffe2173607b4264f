/*
 * All descendants of this process, as /proc shows them.  {0} is an empty tree; release it when
 * done.
 */
#ifndef SDP_PROCESS_TREE_H
#define SDP_PROCESS_TREE_H

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
};

/* Frees the memory. */
void sdp_process_tree_release(struct sdp_process_tree *tree);

/*
 * Reads /proc again and returns the bytes of memory, without files, of all descendants together; 0
 * if /proc cannot be read.
 */
uint64_t sdp_process_tree_memory(struct sdp_process_tree *tree);

/* Reads /proc again and sends SIGKILL to all descendants. */
void sdp_process_tree_kill(struct sdp_process_tree *tree);

#endif

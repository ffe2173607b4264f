/*
 * Groups: byte strings with numbers from 0 in the order of their coming, in shared memory.
 *
 * All-zero bytes are no groups.  What hangs on them belongs to the store's owner.
 */
#ifndef SDP_GROUPS_H
#define SDP_GROUPS_H

#include "sdp/spill.h"

struct sdp_group {
	const char *key;
	uint64_t hash;
	size_t length;
};

struct sdp_groups {
	struct sdp_group *list;
	uint32_t *table; /* number + 1, 0: free; twice as many places as list has */
	uint32_t count, capacity;
};

/* Puts the key's number into *number; 1 if it is a new one, which keeps a copy, 0, or -1. */
int sdp_groups_add(struct sdp_groups *groups, struct sdp_store *store, const char *key,
		   size_t length, uint32_t *number, struct sdp_err *err);

#endif

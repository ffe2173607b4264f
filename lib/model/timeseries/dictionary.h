/*
 * Groups: byte strings with numbers from 0 in the order of their coming, in shared memory.
 *
 * All-zero bytes are no groups.  What hangs on them belongs to the spill's owner.
 */
#ifndef SDP_MODEL_TIMESERIES_DICTIONARY_H
#define SDP_MODEL_TIMESERIES_DICTIONARY_H

#include "sdp/spill.h"

struct sdp_dictionary_entry {
	const char *key;
	uint64_t hash;
	size_t length;
};

struct sdp_dictionary {
	struct sdp_dictionary_entry *list;
	uint32_t *table; /* number + 1, 0: free; twice as many places as list has */
	uint32_t count, capacity;
};

/* Puts the key's number into *number; 1 if it is a new one, which keeps a copy, 0, or -1. */
int sdp_dictionary_add(struct sdp_dictionary *groups, struct sdp_spill *spill, const char *key,
		       size_t length, uint32_t *number, struct sdp_err *err);

#endif

/*
 * A dictionary of groups in shared memory: byte strings with numbers, from 0 in the order in which
 * they were added.
 *
 * All-zero bytes are an empty dictionary.  Its memory belongs to the owner of the spill, so there
 * is nothing to free.
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
	uint32_t *table; /* hash table of number + 1, or 0 if free; it has 2 × capacity entries */
	uint32_t count, capacity;
};

/*
 * Sets *number to the number of the key.  Returns 1 if the key is new (the dictionary keeps a
 * copy), 0 if it is not, -1 with a message on failure.
 */
int sdp_dictionary_add(struct sdp_dictionary *groups, struct sdp_spill *spill, const char *key,
		       size_t length, uint32_t *number, struct sdp_err *err);

#endif

/*
 * The doubles to which several numbers of a value store round, for counting distinct numbers in the
 * order of their doubles: where no two numbers round to one double, there are as many distinct
 * numbers as doubles, and only the others have to be compared.  Private to lib/model/stats.
 */
#ifndef SDP_MODEL_STATS_SHARED_DOUBLES_H
#define SDP_MODEL_STATS_SHARED_DOUBLES_H

#include "model/stats/value_view.h"

struct sdp_shared_doubles {
	uint64_t *keys; /* of a view of doubles (offsets from its origin), ascending */
	size_t count, capacity;
	bool too_many; /* there are more than is worth this way, or they were not noted */
};

/* Makes room for as many as are worth it. Returns 0 or -1. */
int sdp_shared_doubles_init(struct sdp_shared_doubles *shared, struct sdp_err *err);
void sdp_shared_doubles_release(struct sdp_shared_doubles *shared);

/* Notes a key that occurs at least twice; call it in ascending order. */
static inline void sdp_shared_doubles_note(struct sdp_shared_doubles *shared, uint64_t key)
{
	if (shared->count && shared->keys[shared->count - 1] == key)
		return;
	if (shared->count < shared->capacity)
		shared->keys[shared->count++] = key;
	else
		shared->too_many = true;
}

/*
 * Adds to *unique the number of distinct numbers that round to these doubles, less the number of
 * the doubles.  Sets too_many instead if there are too many such numbers.  Returns 0 or -1.
 */
int sdp_shared_doubles_count(struct sdp_shared_doubles *shared, const struct sdp_value_view *view,
			     uint64_t *unique, struct sdp_err *err);

#endif

/*
 * Counts the rows that repeat the time of another row of their group.
 *
 * If rows are in ascending order of time, it suffices to store for each chunk its first and last
 * time and the groups that have these times; the chunks are joined at the end.  If they are not,
 * the hashes of all rows have to be counted (sdp_duplicate_times_hash).
 *
 * All-zero bytes are an empty collection.  Its memory belongs to the owner of the spill, so there
 * is nothing to free.
 */
#ifndef SDP_MODEL_TIMESERIES_DUPLICATE_TIMES_H
#define SDP_MODEL_TIMESERIES_DUPLICATE_TIMES_H

#include "base/map.h"
#include "model/stats/value_store.h"

struct sdp_duplicate_times {
	struct sdp_duplicate_times_chunk *chunks;
};

/* The rows of a chunk, given by their row numbers, which index the other arrays. */
struct sdp_duplicate_times_rows {
	size_t count;
	const uint32_t *row;
	const int64_t *second;
	const uint32_t *nano;
	const uint32_t *group; /* NULL if there is only one group */
	const struct sdp_map *groups;
	uint64_t *room; /* scratch space for count numbers */
};

/* Adds the rows of a chunk; chunk is its number in the input.  Returns 0 or -1. */
int sdp_duplicate_times_add(struct sdp_duplicate_times *repeats, struct sdp_spill *spill,
			    uint64_t chunk, const struct sdp_duplicate_times_rows *rows,
			    struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
void sdp_duplicate_times_merge(struct sdp_duplicate_times *into, struct sdp_duplicate_times *from);

/*
 * Returns 1 and sets *count to the number of repetitions if all rows are in ascending order of
 * time; returns 0 if they are not, -1 on failure.
 */
int sdp_duplicate_times_count(const struct sdp_duplicate_times *repeats, uint64_t *count,
			      struct sdp_err *err);

/* Computes the hash of a row: equal for equal times of the same group, which has the given key. */
void sdp_duplicate_times_hash(uint64_t hash[2], int64_t second, uint32_t nano, const char *key,
			      size_t length);

#endif

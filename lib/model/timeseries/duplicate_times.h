/*
 * Rows that repeat the time of another row of their group.
 *
 * While the rows come in order of time it is enough to know, of each chunk, its first and last time
 * and which groups have them: the chunks are joined in the end.  Else hashes of all rows have to be
 * counted.
 */
#ifndef SDP_MODEL_TIMESERIES_DUPLICATE_TIMES_H
#define SDP_MODEL_TIMESERIES_DUPLICATE_TIMES_H

#include "model/stats/value_store.h"
#include "model/timeseries/dictionary.h"

struct sdp_duplicate_times {
	struct sdp_duplicate_times_chunk *chunks;
};

/* The rows of a chunk, by their numbers in the block, which index the other arrays. */
struct sdp_duplicate_times_rows {
	size_t count;
	const uint32_t *row;
	const int64_t *second;
	const uint32_t *nano;
	const uint32_t *group; /* NULL: there is one group */
	const struct sdp_dictionary *groups;
	uint64_t *room; /* for as many as there are rows */
};

int sdp_duplicate_times_add(struct sdp_duplicate_times *repeats, struct sdp_spill *spill,
			    uint64_t chunk, const struct sdp_duplicate_times_rows *rows,
			    struct sdp_err *err);

/* from is used up. */
void sdp_duplicate_times_merge(struct sdp_duplicate_times *into, struct sdp_duplicate_times *from);

/* 1 and the number of repetitions if all rows were in order of time, else 0; -1 on failure. */
int sdp_duplicate_times_count(const struct sdp_duplicate_times *repeats, uint64_t *count,
			      struct sdp_err *err);

/* A row's hash, to be counted: the same for the same time of the same group. */
void sdp_duplicate_times_hash(uint64_t hash[2], int64_t second, uint32_t nano, const char *key,
			      size_t length);

#endif

/*
 * Decides whether integers are all different, exactly and in bounded memory.
 *
 * The integers come in parts, such as the blocks of a column, which may be asked for several times.
 * A duplicate among the first ones, or more integers than there are between the least and the
 * greatest, decide at once, and so do parts that ascend or descend from the first to the last.
 * Otherwise the integers are marked in a bitmap if their range is not much wider than their number,
 * or else sorted; if that would take more memory than is allowed, a part of the range or of the
 * integers at a time.
 */
#ifndef SDP_BASE_ALL_DIFFERENT_H
#define SDP_BASE_ALL_DIFFERENT_H

#include "sdp/err.h"

#include <stdbool.h>
#include <stdint.h>

struct sdp_integer_parts {
	size_t count;
	/*
	 * Sets *values to the *n integers of part number, which stay valid until the next call.
	 * Returns 0 or -1.
	 */
	int (*read)(void *context, size_t number, const int64_t **values, size_t *n,
		    struct sdp_err *err);
	void *context;
	uint64_t memory; /* bytes that a bitmap or sorting may take; 256 MiB at most */
};

struct sdp_all_different {
	bool different; /* The integers are all different; the following is set only then. */
	uint64_t count;
	int64_t low, high; /* 0 if there are none */
	/* Set by callers that compare something else: low and high are not of the integers. */
	bool no_range;
};

/* Returns 0, or -1 if a part cannot be read or memory is exhausted. */
int sdp_all_different(const struct sdp_integer_parts *parts, struct sdp_all_different *result,
		      struct sdp_err *err);

#endif

/*
 * The area under the ROC curve of a score: the chance that a positive row scores higher than a
 * negative one, ties counting half (Mann-Whitney).  Exact: a count of pairs, divided once.
 *
 * Scores are collected as order-preserving integers in sorted runs, one a block, in shared memory
 * or past the spill's limit in its file.  Counting is split into ranges of scores, which may be
 * counted in any order, by anyone.
 *
 * All-zero bytes are an empty collection.  What hangs on it belongs to the spill's owner.
 * Functions return 0 or -1 (memory or disk ended).
 */
#ifndef SDP_MODEL_REGRESSION_AUC_H
#define SDP_MODEL_REGRESSION_AUC_H

#include "sdp/exact.h"
#include "sdp/spill.h"

#include <stddef.h>

struct sdp_auc_run;

struct sdp_auc {
	struct sdp_auc_run *runs, *last;
	uint64_t count[2]; /* of negative and positive scores */
};

/* The key of a score: never NaN; -0 counts as 0. */
uint64_t sdp_auc_key(double score);

/*
 * Takes the keys of a block's n[0] negative and n[1] positive rows, which it overwrites; scratch
 * has room for the more of them.
 */
int sdp_auc_add(struct sdp_auc *auc, struct sdp_spill *spill, uint64_t *const keys[2],
		const size_t n[2], uint64_t *scratch, struct sdp_err *err);

/* from is used up. */
void sdp_auc_merge(struct sdp_auc *into, const struct sdp_auc *from);

/*
 * Splits all scores into parts ranges of about as many: range i has the keys k with bounds[i-1] ≤ k
 * < bounds[i] (bounds[-1] is 0, the last range has no end).  parts - 1 bounds.
 */
int sdp_auc_split(const struct sdp_auc *auc, const struct sdp_spill *spill, size_t parts,
		  uint64_t *bounds, struct sdp_err *err);

/* What was found in a range: scores, and twice the pairs in it that a positive score wins. */
struct sdp_auc_part {
	uint64_t count[2];
	sdp_uint128 twice;
};

/* Counts a range of keys, from ≤ k < to, or k ≥ from if to is 0. */
int sdp_auc_count(const struct sdp_auc *auc, const struct sdp_spill *spill, uint64_t from,
		  uint64_t to, struct sdp_auc_part *part, struct sdp_err *err);

/* The area from all ranges, in ascending order; NaN if one kind of rows is missing. */
double sdp_auc_area(const struct sdp_auc_part *parts, size_t count);

#endif

/*
 * The area under the ROC curve of a score: the probability that a positive row has a higher score
 * than a negative row, where a tie counts as half (the Mann-Whitney statistic).  It is exact: a
 * count of pairs, divided once.
 *
 * Scores are stored as integers that keep their order, in sorted runs, one run for each call of
 * sdp_auc_add.  The runs are in shared memory or, beyond the limit of the spill, in its file.  The
 * counting is split into ranges of scores, which different workers may count in any order.
 *
 * All-zero bytes are an empty collection.  Its memory belongs to the owner of the spill, so there
 * is nothing to free.  Functions return 0, or -1 if memory or disk space runs out.
 */
#ifndef SDP_MODEL_REGRESSION_AUC_H
#define SDP_MODEL_REGRESSION_AUC_H

#include "sdp/exact.h"
#include "sdp/spill.h"

#include <stddef.h>

struct sdp_auc_run;

struct sdp_auc {
	struct sdp_auc_run *runs, *last;
	uint64_t count[2]; /* of negative scores, of positive scores */
};

/* Returns the key of a score, which must not be NaN; -0 has the key of 0. */
uint64_t sdp_auc_key(double score);

/*
 * Adds the keys of n[0] negative and n[1] positive rows, and overwrites the arrays.  scratch has
 * room for the larger of the two numbers of keys.
 */
int sdp_auc_add(struct sdp_auc *auc, struct sdp_spill *spill, uint64_t *const keys[2],
		const size_t n[2], uint64_t *scratch, struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
void sdp_auc_merge(struct sdp_auc *into, const struct sdp_auc *from);

/*
 * Splits all scores into `parts` ranges of about equal numbers of scores, and writes the parts - 1
 * bounds between them.  Range i contains the keys k with bounds[i-1] ≤ k < bounds[i]; the first
 * range starts at 0, and the last one has no end.
 */
int sdp_auc_split(const struct sdp_auc *auc, const struct sdp_spill *spill, size_t parts,
		  uint64_t *bounds, struct sdp_err *err);

/*
 * The result for a range: its numbers of negative and positive scores, and twice the number of
 * pairs within the range in which the positive score is higher, where a tie counts as half.
 */
struct sdp_auc_part {
	uint64_t count[2];
	sdp_uint128 twice;
};

/* Counts the range of keys from ≤ k < to, or k ≥ from if to is 0. */
int sdp_auc_count(const struct sdp_auc *auc, const struct sdp_spill *spill, uint64_t from,
		  uint64_t to, struct sdp_auc_part *part, struct sdp_err *err);

/*
 * Returns the area, from all ranges in ascending order; NaN if there are no positive or no negative
 * rows.
 */
double sdp_auc_area(const struct sdp_auc_part *parts, size_t count);

#endif

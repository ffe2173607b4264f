/*
 * What is known of columns before a fit: their extremes within each label, and sums.
 *
 * Bytes of zero are fresh; sdp_logreg_ranges_size of them.  Columns are those of rows: without the
 * intercept.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_RANGES_H
#define SDP_MODEL_REGRESSION_LOGREG_RANGES_H

#include "model/regression/logreg.h"

struct sdp_logreg_range {
	double low, high;
};

struct sdp_logreg_ranges {
	uint64_t counts[SDP_LOGREG_LABELS]; /* rows of each label */
	struct sdp_exact_sum sums[];        /* a column; behind them a range a column and label */
};

size_t sdp_logreg_ranges_size(size_t columns, size_t labels);
void sdp_logreg_ranges_add(struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			   const struct sdp_logreg_rows *rows);
void sdp_logreg_ranges_merge(struct sdp_logreg_ranges *into, const struct sdp_logreg_ranges *from,
			     size_t columns, size_t labels);

/* Centre and scale of a column, for a shape. */
void sdp_logreg_ranges_scale(const struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			     size_t column, bool intercept, double *centre, double *scale);

/* Has the column one value only? */
bool sdp_logreg_ranges_constant(const struct sdp_logreg_ranges *ranges, size_t columns,
				size_t labels, size_t column);

/*
 * Does a threshold on the column alone part a label from all others?  0: no; 1: but for rows at the
 * threshold; 2: completely.  *label is the first such.
 */
int sdp_logreg_ranges_split(const struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			    size_t column, size_t *label);

#endif

/*
 * The extremes of columns within each label, and the sums of columns, before a fit.
 *
 * All-zero bytes, sdp_logreg_ranges_size of them, are empty.  Columns are numbered as in struct
 * sdp_logreg_rows: without the intercept.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_RANGES_H
#define SDP_MODEL_REGRESSION_LOGREG_RANGES_H

#include "model/regression/logreg.h"

struct sdp_logreg_range {
	double low, high;
};

struct sdp_logreg_ranges {
	uint64_t counts[SDP_LOGREG_LABELS]; /* number of rows of each label */
	/* one per column; after them, for each column, one range per label */
	struct sdp_exact_sum sums[];
};

/* Returns the bytes of struct sdp_logreg_ranges. */
size_t sdp_logreg_ranges_size(size_t columns, size_t labels);

/* Adds the rows of a block. */
void sdp_logreg_ranges_add(struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			   const struct sdp_logreg_rows *rows);

/* Merges `from` into `into`; both have the same columns and labels. */
void sdp_logreg_ranges_merge(struct sdp_logreg_ranges *into, const struct sdp_logreg_ranges *from,
			     size_t columns, size_t labels);

/* Computes the centre and the scale of a column, for struct sdp_logreg_shape. */
void sdp_logreg_ranges_scale(const struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			     size_t column, bool intercept, double *centre, double *scale);

/* Returns whether all values of the column are equal. */
bool sdp_logreg_ranges_constant(const struct sdp_logreg_ranges *ranges, size_t columns,
				size_t labels, size_t column);

/*
 * Returns how many decimal digits doubles keep of the differences between the values of the column:
 * those of (high - low) in units of the last bit of the larger magnitude.  0: it is constant.
 */
int sdp_logreg_ranges_digits(const struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			     size_t column);

/*
 * Tests whether a threshold on the column alone separates one label from all others.  Returns 0 if
 * not, 1 if it does except for rows at the threshold, 2 if it does completely.  *label is the first
 * such label.
 */
int sdp_logreg_ranges_split(const struct sdp_logreg_ranges *ranges, size_t columns, size_t labels,
			    size_t column, size_t *label);

#endif

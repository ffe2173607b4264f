/*
 * The rows of the output of a time series: the buckets or samples of all groups in order, with
 * their aggregates, gaps filled, and window functions applied.
 *
 * Memory is taken from the spill and belongs to its owner.  Functions that return int return 0, or
 * -1 with a message.
 */
#ifndef SDP_MODEL_TIMESERIES_RESAMPLE_H
#define SDP_MODEL_TIMESERIES_RESAMPLE_H

#include "model/timeseries/aggregates.h"
#include "model/timeseries/time_buckets.h"
#include "model/timeseries/window_functions.h"

struct sdp_timeline_row {
	int64_t start;
	uint32_t group;                 /* rows of a group are adjacent, in order of start */
	uint32_t nano;                  /* of a sample; else 0 */
	const struct sdp_value *values; /* values of a sample, one per column; NULL for a bucket */
	uint64_t rows;                  /* number of rows of the input; 0 if the bucket is empty */
	/* for each column the aggregates of the list, then the number of its values */
	struct sdp_aggregate *aggregates;
};

struct sdp_timeline {
	/* stride: aggregates per column, those of the list and the number of values */
	size_t count, columns, stride;
	struct sdp_timeline_row *rows;
	/* results of window functions for each row and column; NULL if there are none */
	struct sdp_aggregate *derived;
	size_t derived_stride;
};

enum sdp_fill_kind {
	SDP_FILL_NOT,
	SDP_FILL_NULL,
	SDP_FILL_VALUE,
	SDP_FILL_PREVIOUS,
	SDP_FILL_NEXT,
	SDP_FILL_LINEAR,
};

struct sdp_fill {
	enum sdp_fill_kind kind;
	struct sdp_aggregate value; /* of SDP_FILL_VALUE */
};

/*
 * Reads "null", "zero", "previous", "next", "linear" or a number; if text is NULL, nothing is
 * filled.  A number keeps all its digits, in memory of the spill; if it is
 * NULL, text is only checked.  Returns 0, or -1, with SDP_USAGE if text is none of these.
 */
int sdp_fill_init(struct sdp_fill *fill, const char *text, struct sdp_spill *spill,
		  struct sdp_err *err);

/*
 * Adds the empty buckets between the first and the last bucket of each group, and also the
 * empty buckets from `from` on and before `to`, which are edges of buckets or NULL.
 *
 * fill determines the aggregates of empty buckets.  Counts are 0.  previous, next and linear
 * (linear interpolation over the number of buckets) give null if a neighbour is missing.  A bucket
 * without values of a column counts as empty for that column.  If exact, what is between two
 * aggregates is a rational, otherwise the nearest double.  limit is the maximum number of rows.
 */
int sdp_timeline_fill(struct sdp_timeline *timeline, const struct sdp_aggregate_list *list,
		      const struct sdp_time_buckets *edges, const struct sdp_fill *fill, bool exact,
		      const int64_t *from, const int64_t *to, size_t limit, struct sdp_spill *spill,
		      struct sdp_err *err);

/*
 * Makes the rows of the samples of a series, ordered by the ranks of their groups, by time, and by
 * values.
 */
int sdp_timeline_of_samples(struct sdp_timeline *timeline, const struct sdp_bucket_table *series,
			    size_t columns, const uint32_t *ranks, struct sdp_spill *spill,
			    struct sdp_err *err);

/*
 * Applies a window function to one aggregate (an index into the list) of each column, group by
 * group.
 */
int sdp_timeline_derive(struct sdp_timeline *timeline, const struct sdp_window_function *derive,
			size_t aggregate, struct sdp_spill *spill, struct sdp_err *err);

/*
 * Writes n points of a column, from row on: the values of the samples, or one aggregate of the
 * list.
 */
void sdp_timeline_points(const struct sdp_timeline *timeline, size_t row, size_t n, size_t column,
			 size_t aggregate, struct sdp_point *points);

/* Returns the number of rows from this one on that are of its group. */
size_t sdp_timeline_group(const struct sdp_timeline *timeline, size_t row);

/* Returns the number of empty buckets between the first and the last bucket of each group. */
uint64_t sdp_timeline_gaps(const struct sdp_timeline *timeline,
			   const struct sdp_time_buckets *edges);

#endif

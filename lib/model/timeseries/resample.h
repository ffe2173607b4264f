/*
 * The buckets of all groups in order, with their figures: what is left to do once reading is done.
 */
#ifndef SDP_MODEL_TIMESERIES_RESAMPLE_H
#define SDP_MODEL_TIMESERIES_RESAMPLE_H

#include "model/timeseries/aggregates.h"
#include "model/timeseries/time_buckets.h"
#include "model/timeseries/window_functions.h"

struct sdp_timeline_row {
	int64_t start;
	uint32_t group;                 /* rows of a group stand together, by start */
	uint32_t nano;                  /* of a sample */
	const struct sdp_value *values; /* of a sample, for each column */
	uint64_t rows;                  /* of the input; 0: the bucket is empty */
	/* for each column those of the list, and the count of its values */
	struct sdp_aggregate *figures;
};

struct sdp_timeline {
	size_t count, columns, stride; /* stride: figures a column, the list's and one */
	struct sdp_timeline_row *rows;
	struct sdp_aggregate *derived; /* for each row and column those of derive.h; or NULL */
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
	double value;
};

/* "null", "zero", "previous", "next", "linear" or a number. */
int sdp_fill_init(struct sdp_fill *fill, const char *text, struct sdp_err *err);

/*
 * Adds the empty buckets between a group's first and last one, and out to from and to (not NULL:
 * edges, to exclusive), with figures as fill says: counts 0; previous, next and linear (by places,
 * between neighbours) null where there are none.  Buckets without a value of a column are empty for
 * it.  limit: rows that there may be.
 */
int sdp_timeline_fill(struct sdp_timeline *timeline, const struct sdp_aggregate_list *list,
		      const struct sdp_time_buckets *edges, const struct sdp_fill *fill,
		      const int64_t *from, const int64_t *to, size_t limit, struct sdp_spill *spill,
		      struct sdp_err *err);

/*
 * The samples of a series as rows, in order: by the ranks of their groups, time, then their values.
 */
int sdp_timeline_of_samples(struct sdp_timeline *timeline, const struct sdp_bucket_table *series,
			    size_t columns, const uint32_t *ranks, struct sdp_spill *spill,
			    struct sdp_err *err);

/*
 * What derive makes of each group's figure (of the list) of each column.
 */
int sdp_timeline_derive(struct sdp_timeline *timeline, const struct sdp_window_function *derive,
			size_t figure, struct sdp_spill *spill, struct sdp_err *err);

/* The points of a column from row on, n of them: figure of the list, or the samples. */
void sdp_timeline_points(const struct sdp_timeline *timeline, size_t row, size_t n, size_t column,
			 size_t figure, struct sdp_point *points);

/* How many rows from this one on are of its group. */
size_t sdp_timeline_group(const struct sdp_timeline *timeline, size_t row);

/* Empty buckets between the first and the last of each group. */
uint64_t sdp_timeline_gaps(const struct sdp_timeline *timeline,
			   const struct sdp_time_buckets *edges);

#endif

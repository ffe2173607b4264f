/*
 * The edges of time buckets: the instants at which the buckets of a time axis begin.
 *
 * Grid times are times of the local clock at equal steps: a number of seconds from an anchor, or a
 * number of months.  The edges are the instants at which the clock shows a grid time.  If the clock
 * is put forward over grid times, the edge is the instant of the change.  If it is put back, steps
 * shorter than a day have an edge each time the clock shows a grid time, and longer steps only the
 * first time.  So a day has 23, 24 or 25 hours, and hourly buckets continue through the change.
 *
 *	step 1h    local  0:00  1:00        3:00  4:00      the clock jumps from 2:00 to 3:00
 *	           edges  |     |           |     |
 *	step 1d           |                             |   23 hours
 */
#ifndef SDP_MODEL_TIMESERIES_TIME_BUCKETS_H
#define SDP_MODEL_TIMESERIES_TIME_BUCKETS_H

#include "base/tz.h"

struct sdp_step {
	bool months;   /* whether count is in months, or else in seconds */
	int64_t count; /* at least 1 */
};

struct sdp_time_buckets {
	const struct sdp_tz *zone;
	struct sdp_step step;
	int64_t anchor;       /* some grid time, in local seconds */
	int64_t anchor_month; /* for months: the months of the anchor since 0000-01 … */
	/* … and its seconds since the start of that month, less than 28 days */
	int64_t anchor_rest;
};

/*
 * Reads a step such as "30s", "5m", "1h", "1d", "1w", "1mo", "1q" or "1y".  Returns false if it is
 * not one, or if it is longer than about 10,000 years.
 */
bool sdp_step_parse(const char *text, struct sdp_step *step);

/*
 * Sets the grid.  anchor is in local seconds; if it is NULL, the grid contains 2000-01-03, a
 * Monday, or for steps in months 2000-01-01.  Returns false for steps in months if the anchor is
 * after the 28th of its month.  The zone remains the caller's and must outlive the buckets.
 */
bool sdp_time_buckets_init(struct sdp_time_buckets *edges, const struct sdp_tz *zone,
			   struct sdp_step step, const int64_t *anchor);

/* A bucket: the instants of [start, end). */
struct sdp_bucket {
	int64_t start, end;
};

/*
 * Returns the bucket that contains an instant of the years 0 to 9999.  *stretch, 0 at first, is a
 * position in the zone that speeds up the next call.
 */
struct sdp_bucket sdp_time_buckets_around(const struct sdp_time_buckets *edges, int64_t instant,
					  size_t *stretch);

/* Returns the first edge that is not before an instant. */
int64_t sdp_time_buckets_from(const struct sdp_time_buckets *edges, int64_t instant,
			      size_t *stretch);

/* Returns the number of edges that are after `after` and before `before`. */
uint64_t sdp_time_buckets_between(const struct sdp_time_buckets *edges, int64_t after,
				  int64_t before);

#endif

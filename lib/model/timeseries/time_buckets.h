/*
 * Edges: where the buckets of a time line begin.
 *
 * Grid times lie on the local clock, a step apart: a number of seconds from an anchor, or a number
 * of months.  The edges are the instants at which the clock shows a grid time.  Where the clock is
 * put forward over grid times, the edge is the instant of the change; where it is put back, steps
 * of less than a day have an edge each time the clock shows a grid time, others only the first
 * time. So a day has 23, 24 or 25 hours, and hours go on through the change.
 *
 *	step 1h    local  0:00  1:00        3:00  4:00      the clock jumps from 2:00 to 3:00
 *	           edges  |     |           |     |
 *	step 1d           |                             |   23 hours
 */
#ifndef SDP_MODEL_TIMESERIES_TIME_BUCKETS_H
#define SDP_MODEL_TIMESERIES_TIME_BUCKETS_H

#include "base/tz.h"

struct sdp_step {
	bool months;   /* count months, else seconds */
	int64_t count; /* at least 1 */
};

struct sdp_time_buckets {
	const struct sdp_tz *zone;
	struct sdp_step step;
	int64_t anchor;       /* local seconds of some grid time */
	int64_t anchor_month; /* of months: months since 0000-01 … */
	int64_t anchor_rest;  /* … and seconds into that month, less than 28 days */
};

/*
 * "5m", "1h", "1d", "1w", "1mo", "1q", "1y", "30s": false if it is none of these or longer than
 * some thousand years.
 */
bool sdp_step_parse(const char *text, struct sdp_step *step);

/*
 * anchor NULL: 2000-01-03, a Monday, and 2000-01-01 for months; else local seconds.  false if
 * months cannot begin there (past the 28th).  zone stays the caller's.
 */
bool sdp_time_buckets_init(struct sdp_time_buckets *edges, const struct sdp_tz *zone,
			   struct sdp_step step, const int64_t *anchor);

/* A bucket [start, end) in instants. */
struct sdp_bucket {
	int64_t start, end;
};

/*
 * The bucket that holds an instant of the years 0 to 9999.  *stretch: of the zone, kept between
 * calls.
 */
struct sdp_bucket sdp_time_buckets_around(const struct sdp_time_buckets *edges, int64_t instant,
					  size_t *stretch);

/* The first edge that is not before an instant. */
int64_t sdp_time_buckets_from(const struct sdp_time_buckets *edges, int64_t instant,
			      size_t *stretch);

/* How many edges lie in (after, before). */
uint64_t sdp_time_buckets_between(const struct sdp_time_buckets *edges, int64_t after,
				  int64_t before);

#endif

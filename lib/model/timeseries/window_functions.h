/*
 * Functions of a time series: statistics of moving windows, moving averages, lags, differences,
 * cumulative sums, decomposition.
 *
 * A series is n points in order of time; some may have no value.  A function has one or more
 * results per point, out[point × results + k].
 */
#ifndef SDP_MODEL_TIMESERIES_WINDOW_FUNCTIONS_H
#define SDP_MODEL_TIMESERIES_WINDOW_FUNCTIONS_H

#include "model/timeseries/aggregates.h"

struct sdp_point {
	int64_t second;
	uint32_t nano;
	struct sdp_value x; /* of kind SDP_NO_VALUE if the point has no value */
};

enum sdp_window_function_kind {
	SDP_WINDOW_NOT,
	SDP_WINDOW_WINDOW,     /* count, mean, min, max, sum, stddev of the values in a window */
	SDP_WINDOW_EWMA,       /* s = alpha x + (1 - alpha) s; the first value is the first s */
	SDP_WINDOW_LAG,        /* the value `points` points before */
	SDP_WINDOW_DIFF,       /* x minus the value `points` points before */
	SDP_WINDOW_PCT_CHANGE, /* that difference divided by the earlier value; none if it is 0 */
	SDP_WINDOW_CUMULATIVE, /* the sum of all values so far */
	SDP_WINDOW_ADDITIVE,   /* trend, seasonal, residual, by moving averages */
	SDP_WINDOW_MULTIPLICATIVE,
};

struct sdp_window_function {
	enum sdp_window_function_kind kind;
	size_t points;   /* length of a window, a lag or a period */
	int64_t seconds; /* length of a window in seconds; 0 if it is in points */
	/* whether the window is centred at the point; if not, it ends with the point */
	bool center;
	size_t min_periods; /* minimum number of values in a window */
	double alpha;       /* taken as its shortest decimal: 0.3 is 3/10 */
};

/* Returns the number of results per point, and sets *names to their names, which are constants. */
size_t sdp_window_function_names(const struct sdp_window_function *derive,
				 const char *const **names);

/*
 * Computes the results for n points into out.
 *
 * A window of w points is the last w points, or if centred the points from floor(w/2) before to
 * floor((w - 1)/2) after the point.  A window of s seconds is (t - s, t], or if centred (t - s/2,
 * t + s/2].  All results but those of a decomposition and of an average with alpha < 1, which is
 * kept to 512 bits, are exact, then rounded once; what is a decimal is kept as such, in memory of
 * the spill if it needs any.  Returns 0, or -1 if memory runs out.  A decomposition fails with
 * SDP_DATA if there are fewer points than two periods, points without a value or, if it is
 * multiplicative, values that are not above 0; the message does not name a place in the input.
 */
int sdp_window_function(const struct sdp_window_function *derive, const struct sdp_point *points,
			size_t n, struct sdp_aggregate *out, struct sdp_spill *spill,
			struct sdp_err *err);

#endif

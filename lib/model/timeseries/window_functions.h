/*
 * Series made of a series: windows, moving averages, lags, differences, sums, decomposition.
 *
 * A series is n points in order of time, of which some may have no value.  What is made of it has
 * some figures a point, out[point × figures + k].
 */
#ifndef SDP_MODEL_TIMESERIES_WINDOW_FUNCTIONS_H
#define SDP_MODEL_TIMESERIES_WINDOW_FUNCTIONS_H

#include "model/timeseries/aggregates.h"

struct sdp_point {
	int64_t second;
	uint32_t nano;
	struct sdp_value x; /* of the kind SDP_NO_VALUE: none */
};

enum sdp_window_function_kind {
	SDP_WINDOW_NOT,
	SDP_WINDOW_WINDOW,     /* count, mean, min, max, sum, stddev of the values in a window */
	SDP_WINDOW_EWMA,       /* s = alpha x + (1 - alpha) s; the first value is the first s */
	SDP_WINDOW_LAG,        /* the value some points before */
	SDP_WINDOW_DIFF,       /* x minus that */
	SDP_WINDOW_PCT_CHANGE, /* that difference divided by the former value; none if it is 0 */
	SDP_WINDOW_CUMULATIVE, /* the sum of all values so far */
	SDP_WINDOW_ADDITIVE,   /* trend, seasonal, residual, by moving averages */
	SDP_WINDOW_MULTIPLICATIVE,
};

struct sdp_window_function {
	enum sdp_window_function_kind kind;
	size_t points;      /* of a window, a lag or a period */
	int64_t seconds;    /* of a window that is not of points, else 0 */
	bool center;        /* a window around the point, else up to and with it */
	size_t min_periods; /* values that a window must have */
	double alpha;
};

/* How many figures a point, and what they are called: constants. */
size_t sdp_window_function_names(const struct sdp_window_function *derive,
				 const char *const **names);

/*
 * A window of n points is the last n, or if centred those from floor(n/2) before to (n - 1) / 2
 * behind; one of seconds is (t - s, t], or (t - s/2, t + s/2].  Sums are exact, then rounded once. 
 * Fails (SDP_DATA, a text without place) where a decomposition has too few points, points without
 * value or, if multiplicative, values that are not above 0.
 */
int sdp_window_function(const struct sdp_window_function *derive, const struct sdp_point *points,
			size_t n, struct sdp_aggregate *out, struct sdp_err *err);

#endif

/*
 * The figures of a bucket: which were asked for, and what they come to.
 */
#ifndef SDP_MODEL_TIMESERIES_AGGREGATES_H
#define SDP_MODEL_TIMESERIES_AGGREGATES_H

#include "model/stats/quantiles.h"
#include "model/timeseries/bucket_table.h"

enum sdp_aggregate_name {
	SDP_AGGREGATE_COUNT,
	SDP_AGGREGATE_MEAN,
	SDP_AGGREGATE_MIN,
	SDP_AGGREGATE_MAX,
	SDP_AGGREGATE_SUM,
	SDP_AGGREGATE_STDDEV,
	SDP_AGGREGATE_VARIANCE,
	SDP_AGGREGATE_FIRST,
	SDP_AGGREGATE_LAST,
	SDP_AGGREGATE_RANGE,
	SDP_AGGREGATE_UNIQUE,
	SDP_AGGREGATE_QUANTILE,
};

enum { SDP_AGGREGATES_MAX = 24 };

/* A number, or none. */
struct sdp_aggregate {
	enum { SDP_NO_FIGURE, SDP_AGGREGATE_INTEGER, SDP_AGGREGATE_REAL } kind;
	union {
		int64_t integer;
		double real;
	} of;
};

struct sdp_aggregate_list {
	size_t count, quantiles;
	bool ends, keys; /* what they need of a series */
	struct {
		enum sdp_aggregate_name what;
		const char *name; /* as the document has it: a constant … */
		char own[8];      /* … or NULL and this: "q10" */
		size_t quantile;  /* which of probabilities */
	} figures[SDP_AGGREGATES_MAX];
	struct sdp_probability probabilities[SDP_QUANTILES_QUANTILES];
};

/* The name of figure i, which is not constant if own. */
static inline const char *sdp_aggregate_label(const struct sdp_aggregate_list *list, size_t i)
{
	return list->figures[i].name ? list->figures[i].name : list->figures[i].own;
}

/*
 * "count,mean,…": count, mean, min, max, sum, stddev, variance, first, last, range, median, q0 to
 * q100 (up to two digits behind a point), unique, and ohlc, which is open, high, low and close. 
 * NULL: the first six.
 */
int sdp_aggregate_list_init(struct sdp_aggregate_list *list, const char *text, struct sdp_err *err);

/* Those of a slot's column, and behind them the count of its values, into out (list->count + 1). */
int sdp_aggregates_make(const struct sdp_aggregate_list *list,
			const struct sdp_bucket_table_plan *plan, struct sdp_slot *slot,
			size_t column, const struct sdp_spill *spill, uint64_t memory,
			struct sdp_aggregate *out, struct sdp_err *err);

static inline struct sdp_aggregate sdp_aggregate_integer(int64_t value)
{
	return (struct sdp_aggregate){SDP_AGGREGATE_INTEGER, {.integer = value}};
}

/* None for NaN and infinity. */
struct sdp_aggregate sdp_aggregate_real(double value);

struct sdp_aggregate sdp_aggregate_value(struct sdp_value value);

/* NaN if there is none. */
double sdp_aggregate_double(struct sdp_aggregate figure);

#endif

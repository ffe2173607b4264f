/* The aggregates of a bucket: the list of wanted statistics, and their values. */
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

/* The value of an aggregate: a decimal integer × 10^-scale, a real number, a rational, or none. */
struct sdp_aggregate {
	enum {
		SDP_AGGREGATE_NONE,
		SDP_AGGREGATE_DECIMAL,
		SDP_AGGREGATE_REAL,
		SDP_AGGREGATE_RATIONAL
	} kind;
	int scale;
	union {
		int64_t integer;
		double real;
		const struct sdp_rational *rational;
	} of;
};

struct sdp_aggregate_list {
	size_t count, quantiles;
	/* whether they need the first and last values, and all values, of a bucket */
	bool ends, keys;
	/* whether they are computed with: quotients, such as means, are then kept as rationals */
	bool exact;
	struct {
		enum sdp_aggregate_name what;
		const char *name; /* its name in the document: a constant … */
		char own[8];      /* … or NULL, and then the name is this: "q10" */
		size_t quantile;  /* index into probabilities */
	} items[SDP_AGGREGATES_MAX];
	struct sdp_probability probabilities[SDP_QUANTILES_QUANTILES];
};

/* Returns the name of aggregate i. */
static inline const char *sdp_aggregate_label(const struct sdp_aggregate_list *list, size_t i)
{
	return list->items[i].name ? list->items[i].name : list->items[i].own;
}

/*
 * Reads a list such as "count,mean": count, mean, min, max, sum, stddev, variance, first, last,
 * range, median, q0 to q100 (with at most two digits after the decimal point), unique, and ohlc,
 * which stands for open, high, low and close.  NULL stands for count, mean, min, max, sum and
 * stddev.  Returns 0, or -1 with SDP_USAGE.
 */
int sdp_aggregate_list_init(struct sdp_aggregate_list *list, const char *text, struct sdp_err *err);

/*
 * Computes the aggregates of one column of a slot, followed by the number of its values, into out,
 * which has room for list->count + 1.  memory is as for sdp_quantiles_solve.  Returns 0 or -1.
 */
int sdp_aggregates_make(const struct sdp_aggregate_list *list,
			const struct sdp_bucket_table_plan *plan, struct sdp_slot *slot,
			size_t column, struct sdp_spill *spill, uint64_t memory,
			struct sdp_aggregate *out, struct sdp_err *err);

/* Returns an integer as an aggregate. */
static inline struct sdp_aggregate sdp_aggregate_integer(int64_t value)
{
	return (struct sdp_aggregate){SDP_AGGREGATE_DECIMAL, 0, {.integer = value}};
}

/* Returns the value as an aggregate; NaN and infinity become none. */
struct sdp_aggregate sdp_aggregate_real(double value);

/* Returns the value as an aggregate, and the other way round; none is SDP_NO_VALUE. */
struct sdp_aggregate sdp_aggregate_value(struct sdp_value value);
struct sdp_value sdp_aggregate_number(struct sdp_aggregate aggregate);

#endif

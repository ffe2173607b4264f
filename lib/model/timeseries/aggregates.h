/*
 * The figures of a bucket: which were asked for, and what they come to.
 */
#ifndef SDP_FIGURES_H
#define SDP_FIGURES_H

#include "model/stats/quantiles.h"
#include "model/timeseries/bucket_table.h"

enum sdp_figure_name {
	SDP_FIGURE_COUNT,
	SDP_FIGURE_MEAN,
	SDP_FIGURE_MIN,
	SDP_FIGURE_MAX,
	SDP_FIGURE_SUM,
	SDP_FIGURE_STDDEV,
	SDP_FIGURE_VARIANCE,
	SDP_FIGURE_FIRST,
	SDP_FIGURE_LAST,
	SDP_FIGURE_RANGE,
	SDP_FIGURE_UNIQUE,
	SDP_FIGURE_QUANTILE,
};

enum { SDP_FIGURES_MAX = 24 };

/* A number, or none. */
struct sdp_figure {
	enum { SDP_NO_FIGURE, SDP_FIGURE_INTEGER, SDP_FIGURE_REAL } kind;
	union {
		int64_t integer;
		double real;
	} of;
};

struct sdp_figure_list {
	size_t count, quantiles;
	bool ends, keys; /* what they need of a series */
	struct {
		enum sdp_figure_name what;
		const char *name; /* as the document has it: a constant … */
		char own[8];      /* … or NULL and this: "q10" */
		size_t quantile;  /* which of probabilities */
	} figures[SDP_FIGURES_MAX];
	struct sdp_probability probabilities[SDP_ORDER_QUANTILES];
};

/* The name of figure i, which is not constant if own. */
static inline const char *sdp_figure_label(const struct sdp_figure_list *list, size_t i)
{
	return list->figures[i].name ? list->figures[i].name : list->figures[i].own;
}

/*
 * "count,mean,…": count, mean, min, max, sum, stddev, variance, first, last, range, median, q0 to
 * q100 (up to two digits behind a point), unique, and ohlc, which is open, high, low and close. 
 * NULL: the first six.
 */
int sdp_figure_list_init(struct sdp_figure_list *list, const char *text, struct sdp_err *err);

/* Those of a slot's column, and behind them the count of its values, into out (list->count + 1). */
int sdp_figures_make(const struct sdp_figure_list *list, const struct sdp_series_plan *plan,
		     struct sdp_slot *slot, size_t column, const struct sdp_store *store,
		     uint64_t memory, struct sdp_figure *out, struct sdp_err *err);

static inline struct sdp_figure sdp_figure_integer(int64_t value)
{
	return (struct sdp_figure){SDP_FIGURE_INTEGER, {.integer = value}};
}

/* None for NaN and infinity. */
struct sdp_figure sdp_figure_real(double value);

struct sdp_figure sdp_figure_value(struct sdp_value value);

/* NaN if there is none. */
double sdp_figure_double(struct sdp_figure figure);

#endif

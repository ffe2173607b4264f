/* Reads lists of aggregates, and computes the aggregates of a bucket. */
#include "model/timeseries/aggregates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sdp_aggregate sdp_aggregate_real(double value)
{
	if (!isfinite(value))
		return (struct sdp_aggregate){.kind = SDP_AGGREGATE_NONE};
	return (struct sdp_aggregate){SDP_AGGREGATE_REAL, {.real = value}};
}

struct sdp_aggregate sdp_aggregate_value(struct sdp_value v)
{
	return v.kind == 0 ? sdp_aggregate_integer(v.value)
			   : sdp_aggregate_real(sdp_value_double(v));
}

double sdp_aggregate_double(struct sdp_aggregate f)
{
	if (f.kind == SDP_AGGREGATE_NONE)
		return NAN;
	return f.kind == SDP_AGGREGATE_REAL ? f.of.real : (double)f.of.integer;
}

/* ---- the list ---- */

/*
 * Reads a percentage from 0 to 100 with at most two digits after the decimal point, such as 10 or
 * 2.5.  Returns false if it is not one.
 */
static bool percentage(const char *s, size_t n, struct sdp_probability *p)
{
	struct sdp_number number;
	sdp_number_parse(s, n, '.', &number);
	for (size_t i = 0; i < n; i++)
		if ((s[i] < '0' || s[i] > '9') && s[i] != '.')
			return false;
	if (n == 0 || number.kind != SDP_NUMBER_DECIMAL || number.scale > 2 ||
	    number.mantissa > 10000)
		return false;
	uint64_t hundredths = (uint64_t)number.mantissa * (number.scale == 0   ? 100
							   : number.scale == 1 ? 10
									       : 1);
	*p = (struct sdp_probability){hundredths, 10000};
	return hundredths <= 10000;
}

/* Adds an aggregate that is not in the list yet.  name must be a constant. */
static int add(struct sdp_aggregate_list *list, enum sdp_aggregate_name what, const char *name,
	       struct sdp_err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(sdp_aggregate_label(list, i), name) == 0)
			return 0;
	if (list->count == SDP_AGGREGATES_MAX)
		return sdp_fail(err, SDP_USAGE, "--agg: more than %d figures", SDP_AGGREGATES_MAX);
	list->items[list->count].what = what;
	list->items[list->count++].name = name;
	list->ends |= what == SDP_AGGREGATE_FIRST || what == SDP_AGGREGATE_LAST;
	list->keys |= what == SDP_AGGREGATE_UNIQUE || what == SDP_AGGREGATE_QUANTILE;
	return 0;
}

static int add_quantile(struct sdp_aggregate_list *list, const char *name, size_t length,
			struct sdp_probability p, struct sdp_err *err)
{
	size_t place = list->count;
	char own[sizeof list->items->own];
	snprintf(own, sizeof own, "%.*s", (int)length, name);
	if (add(list, SDP_AGGREGATE_QUANTILE, own, err) < 0)
		return -1;
	if (place == list->count)
		return 0;
	if (list->quantiles == SDP_QUANTILES_QUANTILES)
		return sdp_fail(err, SDP_USAGE, "--agg: more than %d quantiles",
				SDP_QUANTILES_QUANTILES);
	list->items[place].name = NULL;
	memcpy(list->items[place].own, own, sizeof own);
	list->items[place].quantile = list->quantiles;
	list->probabilities[list->quantiles++] = p;
	return 0;
}

static int add_named(struct sdp_aggregate_list *list, const char *name, size_t length,
		     struct sdp_err *err)
{
	static const struct {
		const char *name;
		enum sdp_aggregate_name what;
	} names[] = {
		{"count", SDP_AGGREGATE_COUNT},       {"mean", SDP_AGGREGATE_MEAN},
		{"min", SDP_AGGREGATE_MIN},           {"max", SDP_AGGREGATE_MAX},
		{"sum", SDP_AGGREGATE_SUM},           {"stddev", SDP_AGGREGATE_STDDEV},
		{"variance", SDP_AGGREGATE_VARIANCE}, {"first", SDP_AGGREGATE_FIRST},
		{"last", SDP_AGGREGATE_LAST},         {"range", SDP_AGGREGATE_RANGE},
		{"unique", SDP_AGGREGATE_UNIQUE},     {"open", SDP_AGGREGATE_FIRST},
		{"high", SDP_AGGREGATE_MAX},          {"low", SDP_AGGREGATE_MIN},
		{"close", SDP_AGGREGATE_LAST},
	};
	struct sdp_probability p = {1, 2};
	char quoted[128];
	if (length == 4 && memcmp(name, "ohlc", 4) == 0) {
		for (size_t i = 0; i < 4; i++) {
			if (add(list, names[11 + i].what, names[11 + i].name, err) < 0)
				return -1;
		}
		return 0;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)
			return add(list, names[i].what, names[i].name, err);
	if ((length == 6 && memcmp(name, "median", 6) == 0) ||
	    (length > 1 && length < sizeof list->items->own && *name == 'q' &&
	     percentage(name + 1, length - 1, &p)))
		return add_quantile(list, name, length, p, err);
	return sdp_fail(err, SDP_USAGE,
			"--agg: %s is none of count, mean, min, max, sum, stddev, variance, first, "
			"last, range, median, "
			"q10 (any percentage from 0 to 100), unique, ohlc",
			sdp_quote(quoted, sizeof quoted, name, length));
}

int sdp_aggregate_list_init(struct sdp_aggregate_list *list, const char *text, struct sdp_err *err)
{
	*list = (struct sdp_aggregate_list){0};
	if (!text)
		text = "count,mean,min,max,sum,stddev";
	for (;;) {
		size_t length = strcspn(text, ",");
		if (add_named(list, text, length, err) < 0)
			return -1;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

/* ---- a slot ---- */

static struct sdp_aggregate compute(const struct sdp_aggregate_list *list, size_t i,
				    const struct sdp_accumulator *tally,
				    const struct sdp_moment_result *m, const struct sdp_ends *ends,
				    const struct sdp_quantiles_result *order)
{
	switch (list->items[i].what) {
	case SDP_AGGREGATE_COUNT:
		return sdp_aggregate_integer((int64_t)tally->count);
	case SDP_AGGREGATE_UNIQUE:
		return sdp_aggregate_integer((int64_t)order->unique);
	default:
		break;
	}
	if (tally->count == 0)
		return (struct sdp_aggregate){.kind = SDP_AGGREGATE_NONE};
	switch (list->items[i].what) {
	case SDP_AGGREGATE_MEAN:
		return sdp_aggregate_real(m->mean);
	case SDP_AGGREGATE_SUM:
		return m->has_integer_sum ? sdp_aggregate_integer(m->integer_sum)
					  : sdp_aggregate_real(m->sum);
	case SDP_AGGREGATE_STDDEV:
		return sdp_aggregate_real(m->stddev);
	case SDP_AGGREGATE_VARIANCE:
		return sdp_aggregate_real(m->variance);
	case SDP_AGGREGATE_MIN:
		return sdp_aggregate_value(tally->low);
	case SDP_AGGREGATE_MAX:
		return sdp_aggregate_value(tally->high);
	case SDP_AGGREGATE_FIRST:
		return sdp_aggregate_value(ends->first.value);
	case SDP_AGGREGATE_LAST:
		return sdp_aggregate_value(ends->last.value);
	case SDP_AGGREGATE_RANGE:
		return sdp_aggregate_real(sdp_value_difference(tally->high, tally->low));
	default:
		return sdp_aggregate_real(order->quantile[list->items[i].quantile]);
	}
}

int sdp_aggregates_make(const struct sdp_aggregate_list *list,
			const struct sdp_bucket_table_plan *plan, struct sdp_slot *slot,
			size_t column, const struct sdp_spill *spill, uint64_t memory,
			struct sdp_aggregate *out, struct sdp_err *err)
{
	const struct sdp_accumulator *tally = &slot->accumulators[column];
	struct sdp_moment_result m;
	struct sdp_quantiles_result order = {0};
	if (list->keys && tally->count &&
	    sdp_quantiles_solve(&sdp_slot_keys(plan, slot)[column], spill, memory,
				list->probabilities, list->quantiles, &order, err) < 0)
		return -1;
	sdp_accumulator_moments(tally, &m);
	for (size_t i = 0; i < list->count; i++)
		out[i] = compute(list, i, tally, &m,
				 list->ends ? &sdp_slot_ends(plan, slot)[column] : NULL, &order);
	out[list->count] = sdp_aggregate_integer((int64_t)tally->count);
	return 0;
}

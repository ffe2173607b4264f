/* Reads lists of aggregates, and computes the aggregates of a bucket. */
#include "model/timeseries/aggregates.h"

#include "base/text.h"
#include "model/stats/statistic_names.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sdp_aggregate sdp_aggregate_real(double value)
{
	if (!isfinite(value))
		return (struct sdp_aggregate){.kind = SDP_AGGREGATE_NONE};
	return (struct sdp_aggregate){SDP_AGGREGATE_REAL, 0, {.real = value}};
}

struct sdp_aggregate sdp_aggregate_value(struct sdp_value v)
{
	if (v.kind == SDP_NO_VALUE)
		return (struct sdp_aggregate){.kind = SDP_AGGREGATE_NONE};
	if (v.kind == SDP_KEY_REAL)
		return sdp_aggregate_real(sdp_key_to_double(v.value));
	if (v.kind != SDP_KEY_RATIONAL)
		return (struct sdp_aggregate){SDP_AGGREGATE_DECIMAL, v.kind, {.integer = v.value}};
	return (struct sdp_aggregate){SDP_AGGREGATE_RATIONAL,
				      0,
				      {.rational = (const struct sdp_rational *)(intptr_t)v.value}};
}

struct sdp_value sdp_aggregate_number(struct sdp_aggregate f)
{
	switch (f.kind) {
	case SDP_AGGREGATE_NONE:
		break;
	case SDP_AGGREGATE_DECIMAL:
		return (struct sdp_value){f.scale, f.of.integer};
	case SDP_AGGREGATE_REAL:
		return (struct sdp_value){SDP_KEY_REAL, sdp_key_of_double(f.of.real)};
	case SDP_AGGREGATE_RATIONAL:
		return (struct sdp_value){SDP_KEY_RATIONAL, (intptr_t)f.of.rational};
	}
	return (struct sdp_value){SDP_NO_VALUE, 0};
}

/* ---- the list ---- */

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

/* Fails for an unknown name of --agg.  Names of other programs are translated in the message. */
static int unknown_name(const char *name, size_t length, struct sdp_err *err)
{
	char quoted[128];
	if (sdp_statistic_translate(name, length, err) < 0)
		return -1;
	sdp_quote(quoted, sizeof quoted, name, length);
	return sdp_fail(err, SDP_USAGE,
			"--agg: %s is none of count, mean, min, max, sum, stddev, variance, first, "
			"last, range, median, "
			"q10 (any percentage from 0 to 100), unique, ohlc",
			quoted);
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
	if (sdp_text_is(name, length, "ohlc")) {
		for (size_t i = 0; i < 4; i++) {
			if (add(list, names[11 + i].what, names[11 + i].name, err) < 0)
				return -1;
		}
		return 0;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (sdp_text_is(name, length, names[i].name))
			return add(list, names[i].what, names[i].name, err);
	if (sdp_text_is(name, length, "median") ||
	    (length > 1 && length < sizeof list->items->own && *name == 'q' &&
	     sdp_percentage_parse(name + 1, length - 1, &p)))
		return add_quantile(list, name, length, p, err);
	return unknown_name(name, length, err);
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

/* What the aggregates of a slot are made of. */
struct parts {
	const struct sdp_accumulator *tally;
	const struct sdp_ends *ends;
	struct sdp_moment_result moments;
	struct sdp_quantiles_result order;
	struct sdp_quantile_place places[SDP_QUANTILES_QUANTILES];
	bool exact;
	struct sdp_spill *spill;
	struct sdp_err *err;
};

/* Sets *out to the sum, which is no decimal of 64 bits. */
static int make_sum(const struct parts *p, struct sdp_value *out)
{
	struct sdp_totals t;
	if (!p->moments.exact) {
		*out = (struct sdp_value){SDP_KEY_REAL, sdp_key_of_double(p->moments.sum)};
		if (!p->exact || !isfinite(p->moments.sum))
			return 0;
	}
	sdp_totals_init(&t);
	sdp_accumulator_totals(p->tally, &t);
	int rc = 0;
	if (p->moments.exact) {
		rc = sdp_value_of_decimal(out, p->spill, t.sum, t.scale, p->err);
	} else {
		mpz_t d;
		mpz_init(d);
		sdp_totals_denominator(&t, d);
		rc = sdp_value_of_quotient(out, p->spill, t.sum, d, p->err);
		mpz_clear(d);
	}
	sdp_totals_clear(&t);
	return rc;
}

/* Sets *out to the mean, or to the variance of at least two values, as a rational. */
static int make_quotient(const struct parts *p, bool variance, struct sdp_value *out)
{
	struct sdp_totals t;
	mpz_t n, d;
	sdp_totals_init(&t);
	mpz_inits(n, d, (mpz_ptr)NULL);
	sdp_accumulator_totals(p->tally, &t);
	sdp_totals_denominator(&t, d);
	if (variance) {
		mpz_mul_ui(n, t.square, t.count);
		mpz_submul(n, t.sum, t.sum);
		mpz_mul(d, d, d);
		mpz_mul_ui(d, d, t.count - 1);
	} else {
		mpz_set(n, t.sum);
	}
	mpz_mul_ui(d, d, t.count);
	int rc = sdp_value_of_quotient(out, p->spill, n, d, p->err);
	mpz_clears(n, d, (mpz_ptr)NULL);
	sdp_totals_clear(&t);
	return rc;
}

/* Computes an aggregate that is a quotient.  rounded is its double. */
static int compute_quotient(const struct parts *p, enum sdp_aggregate_name what, size_t quantile,
			    double rounded, struct sdp_aggregate *out)
{
	struct sdp_value v;
	int rc = 0;
	*out = sdp_aggregate_real(rounded);
	if (!p->exact || out->kind == SDP_AGGREGATE_NONE)
		return 0;
	if (what == SDP_AGGREGATE_QUANTILE) {
		const struct sdp_quantile_place *q = &p->places[quantile];
		rc = sdp_value_mix(&v, p->spill, q->low, q->high, q->part, q->of, p->err);
	} else {
		rc = make_quotient(p, what == SDP_AGGREGATE_VARIANCE, &v);
	}
	if (rc == 0)
		*out = sdp_aggregate_value(v);
	return rc;
}

/* Computes an aggregate that is a decimal if the values are. */
static int compute_value(const struct parts *p, enum sdp_aggregate_name what, struct sdp_value *out)
{
	const struct sdp_moment_result *m = &p->moments;
	switch (what) {
	case SDP_AGGREGATE_SUM:
		*out = (struct sdp_value){m->sum_scale, m->sum_mantissa};
		return m->has_decimal_sum ? 0 : make_sum(p, out);
	case SDP_AGGREGATE_MIN:
		*out = p->tally->low;
		return 0;
	case SDP_AGGREGATE_MAX:
		*out = p->tally->high;
		return 0;
	case SDP_AGGREGATE_FIRST:
		*out = p->ends->first.value;
		return 0;
	case SDP_AGGREGATE_LAST:
		*out = p->ends->last.value;
		return 0;
	default: /* the range */
		return sdp_value_subtract(out, p->spill, p->tally->high, p->tally->low, p->err);
	}
}

static int compute(const struct sdp_aggregate_list *list, size_t i, const struct parts *p,
		   struct sdp_aggregate *out)
{
	enum sdp_aggregate_name what = list->items[i].what;
	size_t quantile = list->items[i].quantile;
	struct sdp_value v;
	*out = (struct sdp_aggregate){.kind = SDP_AGGREGATE_NONE};
	if (what == SDP_AGGREGATE_COUNT || what == SDP_AGGREGATE_UNIQUE) {
		*out = sdp_aggregate_integer(
			(int64_t)(what == SDP_AGGREGATE_COUNT ? p->tally->count : p->order.unique));
		return 0;
	}
	if (p->tally->count == 0)
		return 0;
	switch (what) {
	case SDP_AGGREGATE_STDDEV:
		*out = sdp_aggregate_real(p->moments.stddev);
		return 0;
	case SDP_AGGREGATE_MEAN:
		return compute_quotient(p, what, 0, p->moments.mean, out);
	case SDP_AGGREGATE_VARIANCE:
		return compute_quotient(p, what, 0, p->moments.variance, out);
	case SDP_AGGREGATE_QUANTILE:
		return compute_quotient(p, what, quantile, p->order.quantile[quantile], out);
	default:
		if (compute_value(p, what, &v) < 0)
			return -1;
		*out = sdp_aggregate_value(v);
		return 0;
	}
}

int sdp_aggregates_make(const struct sdp_aggregate_list *list,
			const struct sdp_bucket_table_plan *plan, struct sdp_slot *slot,
			size_t column, struct sdp_spill *spill, uint64_t memory,
			struct sdp_aggregate *out, struct sdp_err *err)
{
	const struct sdp_accumulator *tally = &slot->accumulators[column];
	struct parts p;
	p.tally = tally;
	p.ends = list->ends ? &sdp_slot_ends(plan, slot)[column] : NULL;
	p.exact = list->exact;
	p.spill = spill;
	p.err = err;
	p.order.unique = 0;
	if (list->keys && tally->count &&
	    sdp_quantiles_solve_places(&sdp_slot_keys(plan, slot)[column], spill, memory, true,
				       list->probabilities, list->quantiles, p.places, &p.order,
				       err) < 0)
		return -1;
	sdp_accumulator_moments(tally, &p.moments);
	for (size_t i = 0; i < list->count; i++)
		if (compute(list, i, &p, &out[i]) < 0)
			return -1;
	out[list->count] = sdp_aggregate_integer((int64_t)tally->count);
	return 0;
}

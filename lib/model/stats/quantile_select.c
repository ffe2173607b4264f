/*
 * Quantiles of doubles in two passes over the data: count in buckets, then collect the buckets that
 * contain a wanted rank.
 */
#include "model/stats/quantile_select.h"

#include "base/radix_sort.h"
#include "model/stats/exact_value.h"
#include "model/stats/value_view.h"
#include "sdp/exact.h"

#include <math.h>
#include <stdbool.h>

enum { MAX_VALUES = 1024 };

static inline uint32_t bucket_of(double value)
{
	return (uint32_t)(sdp_sort_key_of(sdp_key_of_double(value)) >>
			  (64 - SDP_QUANTILE_SELECT_BUCKET_BITS));
}

void sdp_quantile_select_count(struct sdp_quantile_select_counts *c, const double *values, size_t n)
{
	c->values += n;
	for (size_t i = 0; i < n; i++)
		c->buckets[bucket_of(values[i])]++;
}

void sdp_quantile_select_merge(struct sdp_quantile_select_counts *into,
			       const struct sdp_quantile_select_counts *from)
{
	into->values += from->values;
	for (size_t i = 0; i < 1 << SDP_QUANTILE_SELECT_BUCKET_BITS; i++)
		if (from->buckets[i])
			into->buckets[i] += from->buckets[i];
}

/*
 * Returns the rank of the value at or below the quantile.  *part / denominator is the position of
 * the quantile between that value and the next one.
 */
static uint64_t rank_of(const struct sdp_probability *p, uint64_t values, uint64_t *part)
{
	sdp_uint128 h = (sdp_uint128)(values - 1) * p->numerator;
	*part = (uint64_t)(h % p->denominator);
	return (uint64_t)(h / p->denominator);
}

static bool wanted(const struct sdp_quantile_select_plan *plan, uint64_t first, uint64_t end)
{
	for (size_t i = 0; i < plan->count; i++) {
		uint64_t part, rank = rank_of(&plan->probabilities[i], plan->values, &part);
		if (rank < end && rank + (part > 0) >= first)
			return true;
	}
	return false;
}

void sdp_quantile_select_plan(const struct sdp_quantile_select_counts *c,
			      const struct sdp_probability *probabilities, size_t count,
			      struct sdp_quantile_select_plan *plan)
{
	uint64_t first = 0;
	*plan = (struct sdp_quantile_select_plan){.values = c->values,
						  .probabilities = probabilities,
						  .count = count};
	for (uint32_t b = 0; b < 1 << SDP_QUANTILE_SELECT_BUCKET_BITS; b++) {
		uint64_t end = first + c->buckets[b];
		if (end > first && wanted(plan, first, end)) {
			plan->buckets[plan->bucket_count] = b;
			plan->first[plan->bucket_count] = first;
			plan->absent[plan->bucket_count++] = first - plan->collected;
			plan->collected += end - first;
		}
		first = end;
	}
}

int sdp_quantile_select_collect(const struct sdp_quantile_select_plan *plan, const double *values,
				size_t n, struct sdp_value_store *keys, struct sdp_spill *spill,
				struct sdp_err *err)
{
	int64_t found[MAX_VALUES], low = INT64_MAX, high = INT64_MIN;
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t bucket = bucket_of(values[i]);
		bool hit = false;
		for (size_t k = 0; k < plan->bucket_count; k++)
			hit |= bucket == plan->buckets[k];
		found[count] = sdp_key_of_double(values[i]);
		count += hit;
	}
	for (size_t i = 0; i < count; i++) {
		low = found[i] < low ? found[i] : low;
		high = found[i] > high ? found[i] : high;
	}
	return count ? sdp_value_store_add(keys, spill, found, count, SDP_KEY_REAL, low, high, err)
		     : 0;
}

/* Returns the rank that a value has among the collected values, given its rank among all values. */
static uint64_t place_of(const struct sdp_quantile_select_plan *plan, uint64_t rank)
{
	size_t b = plan->bucket_count - 1;
	while (plan->first[b] > rank)
		b--;
	return rank - plan->absent[b];
}

int sdp_quantile_select_solve(const struct sdp_quantile_select_plan *plan,
			      const struct sdp_value_store *keys, const struct sdp_spill *spill,
			      uint64_t memory, double *quantiles, struct sdp_err *err)
{
	struct sdp_probability places[SDP_QUANTILE_SELECT_RANKS];
	struct sdp_quantiles_result result;
	uint64_t part, last = plan->collected > 1 ? plan->collected - 1 : 1;
	if (2 * plan->count > SDP_QUANTILES_QUANTILES)
		SDP_BUG();
	for (size_t i = 0; i < plan->count; i++)
		quantiles[i] = NAN;
	if (plan->values == 0)
		return 0;
	for (size_t i = 0; i < plan->count; i++) {
		uint64_t rank = rank_of(&plan->probabilities[i], plan->values, &part);
		places[2 * i] = (struct sdp_probability){place_of(plan, rank), last};
		places[2 * i + 1] =
			(struct sdp_probability){place_of(plan, rank + (part > 0)), last};
	}
	if (sdp_quantiles_solve(keys, spill, memory, places, 2 * plan->count, &result, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		struct sdp_value a = {SDP_KEY_REAL, sdp_key_of_double(result.quantile[2 * i])};
		struct sdp_value b = {SDP_KEY_REAL, sdp_key_of_double(result.quantile[2 * i + 1])};
		rank_of(&plan->probabilities[i], plan->values, &part);
		quantiles[i] = sdp_value_between(a, b, part, plan->probabilities[i].denominator);
	}
	return 0;
}

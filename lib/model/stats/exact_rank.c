/*
 * Finds the numbers of given ranks when the numbers were ordered only by the nearest doubles.
 *
 * Rounding keeps the order, so the number of rank r is one of those that round to the double of
 * rank r.  The number of values that round to smaller doubles then tells which one it is.  Only few
 * different numbers round to one double; repetitions are counted.
 */
#include "model/stats/exact_value.h"
#include "model/stats/value_view.h"

#include "sdp/mem.h"

struct candidate {
	struct sdp_value value;
	uint64_t count;
};

/*
 * The numbers of one kind that round to one double: low ≤ value ≤ high, unless it is empty. Values
 * below low round to smaller doubles; if low is above all values, all_below is true.
 */
struct interval {
	int64_t low, high;
	bool empty, all_below;
};

enum { KINDS = SDP_SCALE_MAX + 2 }; /* the scales of decimals, and SDP_KEY_REAL */

/* The numbers that round to the double of one key. */
struct bin {
	int64_t key;
	uint64_t below; /* how many numbers have smaller keys */
	struct candidate *candidates;
	size_t count, capacity;
	struct interval intervals[KINDS];
};

struct search {
	struct bin *bins;
	size_t count;
	struct sdp_err *err;
};

static int by_value(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	return sdp_value_compare(&x->value, &y->value);
}

static int add(struct bin *bin, struct sdp_value value, uint64_t weight, struct sdp_err *err)
{
	for (size_t i = 0; i < bin->count; i++)
		if (sdp_value_compare(&bin->candidates[i].value, &value) == 0) {
			bin->candidates[i].count += weight;
			return 0;
		}
	if (sdp_grow(&bin->candidates, &bin->capacity, bin->count + 1, sizeof *bin->candidates,
		     err) < 0)
		return -1;
	bin->candidates[bin->count++] = (struct candidate){value, weight};
	return 0;
}

/*
 * Returns the smallest mantissa of a scale whose double has a key above key, or at least key if
 * that is included. *none: there is no such mantissa.
 */
static int64_t first_above(int64_t key, bool included, int scale, bool *none)
{
	int64_t low = INT64_MIN, high = INT64_MAX;
	while (low < high) {
		int64_t middle = (low & high) + ((low ^ high) >> 1);
		int64_t k = sdp_key_of_decimal(middle, scale);
		if (k > key || (included && k == key))
			high = middle;
		else
			low = middle + 1;
	}
	int64_t k = sdp_key_of_decimal(low, scale);
	*none = !(k > key || (included && k == key));
	return low;
}

static struct interval interval_of(int64_t key, int scale)
{
	bool no_low, no_end;
	int64_t low = first_above(key, true, scale, &no_low),
		end = first_above(key, false, scale, &no_end);
	struct interval in = {low, INT64_MAX, no_low || (!no_end && end == low), no_low};
	if (!no_end && !in.empty)
		in.high = end - 1;
	return in;
}

static void find_intervals(struct bin *bin)
{
	for (int scale = 0; scale <= SDP_SCALE_MAX; scale++)
		bin->intervals[scale] = interval_of(bin->key, scale);
	bin->intervals[KINDS - 1] = (struct interval){bin->key, bin->key, false, false};
}

/* Counts the values below a bin, and adds those in it. */
static int add_to_bin(struct bin *bin, int kind, const int64_t *values, size_t n, uint64_t weight,
		      struct sdp_err *err)
{
	struct interval in = bin->intervals[kind == SDP_KEY_REAL ? KINDS - 1 : kind];
	size_t below = 0, inside = 0;
	for (size_t i = 0; i < n && !in.all_below; i++) {
		below += values[i] < in.low;
		inside += (values[i] >= in.low) & (values[i] <= in.high);
	}
	bin->below += (in.all_below ? n : below) * weight;
	if (in.empty || inside == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (values[i] >= in.low && values[i] <= in.high &&
		    add(bin, (struct sdp_value){kind, values[i]}, weight, err) < 0)
			return -1;
	return 0;
}

static int add_candidates(void *context, int kind, const int64_t *values, size_t n, uint64_t weight)
{
	struct search *search = context;
	for (size_t b = 0; b < search->count; b++)
		if (add_to_bin(&search->bins[b], kind, values, n, weight, search->err) < 0)
			return -1;
	return 0;
}

static struct sdp_value pick(const struct bin *bin, uint64_t rank)
{
	uint64_t at = bin->below;
	for (size_t i = 0; i < bin->count; i++) {
		at += bin->candidates[i].count;
		if (rank < at)
			return bin->candidates[i].value;
	}
	SDP_BUG();
}

int sdp_exact_rank_resolve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			   struct sdp_tie *ties, size_t count, struct sdp_err *err)
{
	struct search search = {sdp_alloc(count, sizeof *search.bins, err), 0, err};
	if (!search.bins)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (i == 0 || ties[i].key != ties[i - 1].key)
			search.bins[search.count++].key = ties[i].key;
	for (size_t i = 0; i < search.count; i++)
		find_intervals(&search.bins[i]);
	int rc = sdp_value_view_values(keys, spill, add_candidates, &search, err);
	for (size_t b = 0, i = 0; b < search.count; b++) {
		struct bin *bin = &search.bins[b];
		if (rc == 0)
			qsort(bin->candidates, bin->count, sizeof *bin->candidates, by_value);
		for (; rc == 0 && i < count && ties[i].key == bin->key; i++)
			ties[i].value = pick(bin, ties[i].rank);
		free(bin->candidates);
	}
	free(search.bins);
	return rc;
}

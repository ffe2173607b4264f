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

/* The numbers that round to the double of one key. */
struct bin {
	int64_t key;
	uint64_t below; /* how many numbers have smaller keys */
	struct candidate *candidates;
	size_t count, capacity;
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

static int add_candidates(void *context, int kind, const int64_t *values, size_t n, uint64_t weight)
{
	struct search *search = context;
	for (size_t i = 0; i < n; i++) {
		struct sdp_value value = {kind, values[i]};
		int64_t key = kind == SDP_KEY_REAL
				      ? value.value
				      : sdp_key_of_double(sdp_decimal_to_double(value.value, kind));
		for (size_t b = 0; b < search->count; b++) {
			struct bin *bin = &search->bins[b];
			bin->below += key < bin->key ? weight : 0;
			if (key == bin->key && add(bin, value, weight, search->err) < 0)
				return -1;
		}
	}
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

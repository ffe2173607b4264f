/* Counts the distinct numbers among those that round to the same doubles. */
#include "model/stats/shared_doubles.h"

#include "model/stats/exact_value.h"
#include "sdp/mem.h"

enum {
	DOUBLES = 1 << 14,
	VALUES = 1 << 16,
	FILTER = 1 << 18, /* bits */
};

struct collected {
	const struct sdp_shared_doubles *shared;
	uint64_t origin;
	uint64_t *filter; /* the hashes of the keys, a bit each */
	struct sdp_value *values;
	size_t count;
	bool too_many;
};

int sdp_shared_doubles_init(struct sdp_shared_doubles *shared, struct sdp_err *err)
{
	*shared = (struct sdp_shared_doubles){sdp_alloc(DOUBLES, sizeof *shared->keys, err), 0,
					      DOUBLES, false};
	return shared->keys ? 0 : -1;
}

void sdp_shared_doubles_release(struct sdp_shared_doubles *shared)
{
	free(shared->keys);
}

static size_t filter_bit(uint64_t key)
{
	return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 46);
}

static bool is_shared(const struct collected *c, uint64_t key)
{
	size_t bit = filter_bit(key), low = 0, high = c->shared->count;
	if (!(c->filter[bit / 64] >> bit % 64 & 1))
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->shared->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->shared->count && c->shared->keys[low] == key;
}

static int collect(void *context, int kind, const int64_t *values, size_t n, uint64_t weight)
{
	struct collected *c = context;
	(void)weight;
	for (size_t i = 0; i < n && !c->too_many; i++) {
		int64_t key =
			kind == SDP_KEY_REAL ? values[i] : sdp_key_of_decimal(values[i], kind);
		if (!is_shared(c, (uint64_t)key - c->origin))
			continue;
		c->too_many = c->count == VALUES;
		if (!c->too_many)
			c->values[c->count++] = (struct sdp_value){kind, values[i]};
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return sdp_value_compare(a, b);
}

int sdp_shared_doubles_count(struct sdp_shared_doubles *shared, const struct sdp_value_view *view,
			     uint64_t *unique, struct sdp_err *err)
{
	if (shared->count == 0 || shared->too_many)
		return 0;
	struct collected c = {.shared = shared, .origin = (uint64_t)view->origin};
	c.filter = sdp_alloc(FILTER / 64, sizeof *c.filter, err);
	c.values = sdp_alloc(VALUES, sizeof *c.values, err);
	int rc = c.filter && c.values ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < shared->count; i++) {
		size_t bit = filter_bit(shared->keys[i]);
		c.filter[bit / 64] |= UINT64_C(1) << bit % 64;
	}
	if (rc == 0)
		rc = sdp_value_view_values(view->keys, view->spill, collect, &c, err);
	if (rc == 0 && !c.too_many) {
		qsort(c.values, c.count, sizeof *c.values, by_number);
		for (size_t i = 0; i < c.count; i++)
			*unique += i == 0 || by_number(&c.values[i - 1], &c.values[i]) != 0;
		*unique -= shared->count;
	}
	shared->too_many = c.too_many;
	free(c.filter);
	free(c.values);
	return rc;
}

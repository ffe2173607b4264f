/* Stores the rows as blocks, with the range of each feature. */
#include "base/order.h"
#include "model/kmeans/kmeans_private.h"

#include "sdp/mem.h"

#include <math.h>
#include <string.h>

static void widen(struct kmeans_range *r, double low, double high, double least)
{
	r->least = r->any ? fmin(r->least, least) : least;
	r->low = r->any ? fmin(r->low, low) : low;
	r->high = r->any ? fmax(r->high, high) : high;
	r->any = true;
}

static void add_column(struct kmeans_range *r, const double *values, size_t n)
{
	double low = values[0], high = values[0], least = HUGE_VAL, sum = 0;
	for (size_t i = 0; i < n; i++) {
		low = values[i] < low ? values[i] : low;
		high = values[i] > high ? values[i] : high;
		double size = fabs(values[i]);
		least = size < least && size > 0 ? size : least;
		sum += values[i] * 0x1p-32;
	}
	widen(r, low, high, least);
	sdp_exact_sum_add(&r->sum, sum);
}

int sdp_kmeans_points_add(struct sdp_kmeans_points *points, size_t features, uint64_t chunk,
			  const double *values, size_t rows, struct sdp_spill *spill,
			  struct sdp_err *err)
{
	struct kmeans_kept *kept = sdp_spill_take(spill, sizeof *kept, err);
	if (kept && !points->ranges)
		points->ranges = sdp_spill_take(spill, features * sizeof *points->ranges, err);
	if (!kept || !points->ranges ||
	    sdp_spill_keep(spill, values, features * rows * sizeof *values, &kept->block.values,
			   err) < 0)
		return -1;
	for (size_t f = 0; f < features; f++)
		add_column(&points->ranges[f], values + f * rows, rows);
	kept->chunk = chunk;
	kept->block.rows = (uint32_t)rows;
	kept->next = points->kept;
	points->kept = kept;
	points->rows += rows;
	return 0;
}

void sdp_kmeans_points_merge(struct sdp_kmeans_points *into, struct sdp_kmeans_points *from,
			     size_t features)
{
	into->rows += from->rows;
	for (struct kmeans_kept *k; (k = from->kept);) {
		from->kept = k->next;
		k->next = into->kept;
		into->kept = k;
	}
	if (!into->ranges) {
		into->ranges = from->ranges;
		return;
	}
	for (size_t f = 0; from->ranges && f < features; f++) {
		const struct kmeans_range *r = &from->ranges[f];
		widen(&into->ranges[f], r->low, r->high, r->least);
		sdp_exact_sum_merge(&into->ranges[f].sum, &r->sum);
	}
}

size_t sdp_kmeans_points_odd(const struct sdp_kmeans_points *points, size_t features)
{
	for (size_t f = 0; f < features; f++) {
		double magnitude = fmax(fabs(points->ranges[f].low), fabs(points->ranges[f].high));
		if (magnitude >= 0x1p1022 || (magnitude > 0 && magnitude < 0x1p-1000))
			return f;
	}
	return features;
}

SDP_ORDER_POINTERS_BY(by_chunk, struct kmeans_kept, chunk)

struct kmeans_block *sdp_kmeans_blocks(const struct sdp_kmeans_points *points, size_t *count,
				       struct sdp_spill *spill, struct sdp_err *err)
{
	size_t n = 0;
	for (const struct kmeans_kept *k = points->kept; k; k = k->next)
		n++;
	const struct kmeans_kept **order = sdp_alloc(n, sizeof *order, err);
	struct kmeans_block *blocks = order ? sdp_spill_take(spill, n * sizeof *blocks, err) : NULL;
	if (!blocks) {
		free(order);
		return NULL;
	}
	*count = n;
	n = 0;
	for (const struct kmeans_kept *k = points->kept; k; k = k->next)
		order[n++] = k;
	qsort(order, n, sizeof *order, by_chunk);
	uint64_t rows = 0;
	for (size_t i = 0; i < n; i++) {
		blocks[i] = order[i]->block;
		blocks[i].first = rows;
		rows += blocks[i].rows;
	}
	free(order);
	return blocks;
}

/* Reads a feature, block by block. */
struct reading {
	const struct kmeans_block *blocks;
	const struct sdp_spill *spill;
	size_t feature;
	bool bits; /* read the bits of doubles as integers, not the integers that they are */
	double *room;
	int64_t *values;
	size_t room_capacity, capacity;
};

static int read_block(void *context, size_t number, const int64_t **values, size_t *n,
		      struct sdp_err *err)
{
	struct reading *r = context;
	const struct kmeans_block *b = &r->blocks[number];
	size_t bytes = b->rows * sizeof(double);
	if (sdp_grow(&r->room, &r->room_capacity, b->rows, sizeof *r->room, err) < 0 ||
	    sdp_grow(&r->values, &r->capacity, b->rows, sizeof *r->values, err) < 0)
		return -1;
	const double *x =
		sdp_spill_get(r->spill, &b->values, r->feature * bytes, bytes, r->room, err);
	for (size_t i = 0; x && i < b->rows; i++)
		if (!r->bits)
			r->values[i] = (int64_t)x[i];
		else
			memcpy(&r->values[i], &x[i], sizeof x[i]);
	*values = r->values;
	*n = b->rows;
	return x ? 0 : -1;
}

int sdp_kmeans_points_different(const struct sdp_kmeans_points *points, size_t feature,
				struct sdp_spill *spill, struct sdp_all_different *result,
				struct sdp_err *err)
{
	const struct kmeans_range *range = &points->ranges[feature];
	struct reading r = {.spill = spill, .feature = feature};
	struct sdp_integer_parts parts = {0, read_block, &r, spill->limit / 2};
	*result = (struct sdp_all_different){0};
	r.bits = range->low < -0x1p53 || range->high > 0x1p53;
	if (!(r.blocks = sdp_kmeans_blocks(points, &parts.count, spill, err)))
		return -1;
	int rc = sdp_all_different(&parts, result, err);
	free(r.room);
	free(r.values);
	result->no_range = r.bits;
	return rc;
}

/* Removes a feature from a block, which begins at a later place or ends at an earlier one then. */
static int drop_values(struct kmeans_block *b, size_t features, size_t feature,
		       const struct sdp_spill *spill, struct sdp_err *err)
{
	size_t bytes = b->rows * sizeof(double), tail = (features - feature - 1) * bytes;
	int rc = 0;
	if (feature == 0) {
		b->values.at += bytes;
	} else if (tail && !b->values.spilled) {
		char *to = (char *)(uintptr_t)b->values.at + feature * bytes;
		memmove(to, to + bytes, tail);
	} else if (tail) {
		void *room = sdp_alloc(1, tail, err);
		const void *values = room ? sdp_spill_get(spill, &b->values, (feature + 1) * bytes,
							  tail, room, err)
					  : NULL;
		rc = values ? sdp_spill_put(spill, &b->values, feature * bytes, values, tail, err)
			    : -1;
		free(room);
	}
	b->values.length -= bytes;
	return rc;
}

int sdp_kmeans_points_drop(struct sdp_kmeans_points *points, size_t features, size_t feature,
			   const struct sdp_spill *spill, struct sdp_err *err)
{
	struct kmeans_range *ranges = points->ranges;
	for (struct kmeans_kept *k = points->kept; k; k = k->next)
		if (drop_values(&k->block, features, feature, spill, err) < 0)
			return -1;
	memmove(ranges + feature, ranges + feature + 1, (features - feature - 1) * sizeof *ranges);
	return 0;
}

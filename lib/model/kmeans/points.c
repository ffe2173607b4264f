/* Stores the rows as blocks, with the range of each feature. */
#include "model/kmeans/kmeans_private.h"

#include "sdp/mem.h"

#include <math.h>

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

static int by_chunk(const void *a, const void *b)
{
	const struct kmeans_kept *const *x = a, *const *y = b;
	return ((*x)->chunk > (*y)->chunk) - ((*x)->chunk < (*y)->chunk);
}

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

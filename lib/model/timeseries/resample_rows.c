/* Makes rows of samples, and applies window functions to rows. */
#include "model/timeseries/resample.h"
#include "sdp/mem.h"

#include <string.h>

/* ---- samples ---- */

struct ranked {
	struct sdp_timeline_row row;
	uint32_t rank, columns;
};

static int by_time(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	if (x->rank != y->rank)
		return x->rank > y->rank ? 1 : -1;
	if (x->row.start != y->row.start)
		return x->row.start > y->row.start ? 1 : -1;
	if (x->row.nano != y->row.nano)
		return x->row.nano > y->row.nano ? 1 : -1;
	for (uint32_t i = 0; i < x->columns; i++) {
		const struct sdp_value *v = &x->row.values[i], *w = &y->row.values[i];
		bool none = v->kind == SDP_NO_VALUE, other_none = w->kind == SDP_NO_VALUE;
		int order = none || other_none ? none - other_none : sdp_value_compare(v, w);
		if (order)
			return order;
	}
	return 0;
}

int sdp_timeline_of_samples(struct sdp_timeline *t, const struct sdp_bucket_table *series,
			    size_t columns, const uint32_t *ranks, struct sdp_spill *spill,
			    struct sdp_err *err)
{
	size_t n = series->sample_count, at = 0;
	struct ranked *list = sdp_alloc(n, sizeof *list, err);
	*t = (struct sdp_timeline){.count = n, .columns = columns, .stride = 2};
	t->rows = sdp_spill_take(spill, (n + 1) * sizeof *t->rows, err);
	struct sdp_aggregate *aggregates =
		sdp_spill_take(spill, (n * columns * 2 + 1) * sizeof *aggregates, err);
	if (!list || !t->rows || !aggregates) {
		free(list);
		return -1;
	}
	for (const struct sdp_samples *s = series->samples; s; s = s->next)
		for (size_t i = 0; i < s->count; i++)
			list[at++] = (struct ranked){{.start = s->second[i],
						      .group = s->group[i],
						      .nano = s->nano[i],
						      .rows = 1,
						      .values = s->values + i * columns},
						     ranks[s->group[i]],
						     (uint32_t)columns};
	qsort(list, n, sizeof *list, by_time);
	for (size_t i = 0; i < n; i++) {
		t->rows[i] = list[i].row;
		t->rows[i].aggregates = aggregates + i * columns * 2;
		for (size_t c = 0; c < columns; c++) {
			struct sdp_value v = list[i].row.values[c];
			bool has = v.kind != SDP_NO_VALUE;
			if (has)
				t->rows[i].aggregates[2 * c] = sdp_aggregate_value(v);
			t->rows[i].aggregates[2 * c + 1] = sdp_aggregate_integer(has);
		}
	}
	free(list);
	return 0;
}

/* ---- series ---- */

size_t sdp_timeline_group(const struct sdp_timeline *t, size_t row)
{
	size_t n = 1;
	while (row + n < t->count && t->rows[row + n].group == t->rows[row].group)
		n++;
	return n;
}

static struct sdp_value value_of(struct sdp_aggregate f)
{
	if (f.kind == SDP_AGGREGATE_NONE)
		return (struct sdp_value){SDP_NO_VALUE, 0};
	if (f.kind == SDP_AGGREGATE_INTEGER)
		return (struct sdp_value){0, f.of.integer};
	return (struct sdp_value){SDP_KEY_REAL, sdp_key_of_double(f.of.real)};
}

void sdp_timeline_points(const struct sdp_timeline *t, size_t row, size_t n, size_t column,
			 size_t aggregate, struct sdp_point *points)
{
	for (size_t i = 0; i < n; i++) {
		const struct sdp_timeline_row *r = &t->rows[row + i];
		points[i] = (struct sdp_point){
			r->start, r->nano,
			r->values ? r->values[column]
				  : value_of(r->aggregates[column * t->stride + aggregate])};
	}
}

static int apply_to_group(struct sdp_timeline *t, const struct sdp_window_function *derive,
			  size_t row, size_t n, size_t aggregate, struct sdp_point *points,
			  struct sdp_aggregate *out, struct sdp_err *err)
{
	size_t names = t->derived_stride;
	for (size_t c = 0; c < t->columns; c++) {
		sdp_timeline_points(t, row, n, c, aggregate, points);
		if (sdp_window_function(derive, points, n, out, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			memcpy(t->derived + ((row + i) * t->columns + c) * names, out + i * names,
			       names * sizeof *out);
	}
	return 0;
}

int sdp_timeline_derive(struct sdp_timeline *t, const struct sdp_window_function *derive,
			size_t aggregate, struct sdp_spill *spill, struct sdp_err *err)
{
	const char *const *names;
	t->derived_stride = sdp_window_function_names(derive, &names);
	if (t->derived_stride == 0)
		return 0;
	t->derived =
		sdp_spill_take(spill,
			       (t->count * t->columns * t->derived_stride + 1) * sizeof *t->derived,
			       err);
	struct sdp_point *points = sdp_alloc(t->count, sizeof *points, err);
	struct sdp_aggregate *out = sdp_alloc(t->count * t->derived_stride, sizeof *out, err);
	int rc = t->derived && points && out ? 0 : -1;
	for (size_t row = 0, n; rc == 0 && row < t->count; row += n) {
		n = sdp_timeline_group(t, row);
		rc = apply_to_group(t, derive, row, n, aggregate, points, out, err);
	}
	free(points);
	free(out);
	return rc;
}

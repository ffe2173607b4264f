/*
 * Resampling: fills the gaps between buckets, makes rows of samples, and applies window functions
 * to rows.
 */
#include "model/timeseries/resample.h"

#include "sdp/mem.h"

#include <string.h>

uint64_t sdp_timeline_gaps(const struct sdp_timeline *t, const struct sdp_time_buckets *edges)
{
	uint64_t gaps = 0;
	for (size_t i = 1; i < t->count; i++)
		if (t->rows[i].group == t->rows[i - 1].group)
			gaps += sdp_time_buckets_between(edges, t->rows[i - 1].start,
							 t->rows[i].start);
	return gaps;
}

int sdp_fill_init(struct sdp_fill *fill, const char *text, struct sdp_spill *spill,
		  struct sdp_err *err)
{
	static const char *const names[] = {
		[SDP_FILL_NULL] = "null",         [SDP_FILL_VALUE] = "zero",
		[SDP_FILL_PREVIOUS] = "previous", [SDP_FILL_NEXT] = "next",
		[SDP_FILL_LINEAR] = "linear",
	};
	struct sdp_number number;
	struct sdp_value v;
	char quoted[128];
	*fill = (struct sdp_fill){SDP_FILL_NOT, sdp_aggregate_integer(0)};
	if (!text)
		return 0;
	for (int i = SDP_FILL_NULL; i <= SDP_FILL_LINEAR; i++)
		if (strcmp(text, names[i]) == 0) {
			fill->kind = (enum sdp_fill_kind)i;
			return 0;
		}
	sdp_number_parse(text, strlen(text), '.', &number);
	if (number.kind == SDP_NUMBER_NONE)
		return sdp_fail(
			err, SDP_USAGE,
			"--fill: neither null, zero, previous, next, linear nor a number: %s",
			sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	fill->kind = SDP_FILL_VALUE;
	if (number.wide && spill) {
		if (sdp_value_of_text(&v, spill, text, strlen(text), '.', NULL, err) < 0)
			return -1;
		fill->value = sdp_aggregate_value(v);
	} else if (number.kind == SDP_NUMBER_REAL) {
		fill->value = sdp_aggregate_real(number.real);
	} else {
		fill->value =
			sdp_aggregate_value((struct sdp_value){number.scale, number.mantissa});
	}
	return 0;
}

/* The output of add_all, which adds the missing buckets. */
struct filler {
	struct sdp_timeline out; /* if rows is NULL, rows are only counted */
	const struct sdp_time_buckets *edges;
	size_t limit, stretch;
	struct sdp_aggregate *aggregates; /* memory for the aggregates of the empty rows */
};

static int fail_limit(struct sdp_err *err)
{
	return sdp_fail(
		err, SDP_SYSTEM,
		"--fill: more buckets than --max-memory holds: longer ones or more memory will do");
}

static int add_empty(struct filler *f, uint32_t group, int64_t from, int64_t before,
		     struct sdp_err *err)
{
	for (int64_t edge = from; edge < before;
	     edge = sdp_time_buckets_from(f->edges, edge + 1, &f->stretch)) {
		if (f->out.count == f->limit)
			return fail_limit(err);
		if (f->out.rows) {
			f->out.rows[f->out.count] =
				(struct sdp_timeline_row){.start = edge,
							  .group = group,
							  .aggregates = f->aggregates};
			f->aggregates += f->out.columns * f->out.stride;
		}
		f->out.count++;
	}
	return 0;
}

static int add_all(struct filler *f, const struct sdp_timeline *t, const int64_t *from,
		   const int64_t *to, struct sdp_err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct sdp_timeline_row *row = &t->rows[i];
		bool first = i == 0 || row[-1].group != row->group,
		     last = i + 1 == t->count || row[1].group != row->group;
		int64_t next = sdp_time_buckets_from(f->edges, row->start + 1, &f->stretch);
		if (first && from && *from < row->start &&
		    add_empty(f, row->group, *from, row->start, err) < 0)
			return -1;
		if (f->out.rows)
			f->out.rows[f->out.count] = *row;
		f->out.count++;
		if (!last && add_empty(f, row->group, next, row[1].start, err) < 0)
			return -1;
		if (last && to && add_empty(f, row->group, next, *to, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * How empty buckets are filled.  exact: the aggregates are computed with, so that what is between
 * two of them is kept as a rational.
 */
struct filling {
	const struct sdp_fill *fill;
	bool exact;
	struct sdp_spill *spill;
	struct sdp_err *err;
};

/* Sets *out to the aggregate that is part / of of the way from a to b. */
static int between(const struct filling *f, struct sdp_aggregate a, struct sdp_aggregate b,
		   size_t part, size_t of, struct sdp_aggregate *out)
{
	struct sdp_value x = sdp_aggregate_number(a), y = sdp_aggregate_number(b), v;
	if (x.kind == SDP_NO_VALUE || y.kind == SDP_NO_VALUE)
		return 0;
	if (!f->exact) {
		*out = sdp_aggregate_real(sdp_value_between(x, y, part, of));
		return 0;
	}
	if (sdp_value_mix(&v, f->spill, x, y, part, of, f->err) < 0)
		return -1;
	*out = sdp_aggregate_value(v);
	return 0;
}

/*
 * Sets aggregate k of n consecutive empty rows.  before and after are the aggregates of the
 * neighbouring rows, or NULL at the ends of the group.
 */
static int set_aggregates(struct sdp_timeline_row *rows, size_t n, size_t k,
			  const struct filling *f, const struct sdp_aggregate *before,
			  const struct sdp_aggregate *after)
{
	enum sdp_fill_kind kind = f->fill->kind;
	for (size_t i = 0; i < n; i++) {
		struct sdp_aggregate *out = &rows[i].aggregates[k];
		if (kind == SDP_FILL_VALUE)
			*out = f->fill->value;
		else if (kind == SDP_FILL_PREVIOUS && before)
			*out = *before;
		else if (kind == SDP_FILL_NEXT && after)
			*out = *after;
		else if (kind == SDP_FILL_LINEAR && before && after &&
			 between(f, *before, *after, i + 1, n + 1, out) < 0)
			return -1;
	}
	return 0;
}

/* Returns whether the bucket has no value of this column. */
static bool is_empty(const struct sdp_timeline *t, const struct sdp_timeline_row *row,
		     size_t column)
{
	return row->aggregates[(column + 1) * t->stride - 1].of.integer == 0;
}

static int fill_aggregate(struct sdp_timeline *t, size_t column, size_t aggregate, bool counts,
			  const struct filling *f)
{
	size_t k = column * t->stride + aggregate;
	for (size_t i = 0; i < t->count;) {
		struct sdp_timeline_row *row = &t->rows[i];
		size_t n = 0;
		while (i + n < t->count && row[n].group == row->group &&
		       is_empty(t, &row[n], column))
			n++;
		bool has_before = i > 0 && row[-1].group == row->group;
		bool has_after = i + n < t->count && row[n].group == row->group;
		for (size_t j = 0; counts && j < n; j++)
			row[j].aggregates[k] = sdp_aggregate_integer(0);
		if (n && !counts &&
		    set_aggregates(row, n, k, f, has_before ? &row[-1].aggregates[k] : NULL,
				   has_after ? &row[n].aggregates[k] : NULL) < 0)
			return -1;
		i += n ? n : 1;
	}
	return 0;
}

int sdp_timeline_fill(struct sdp_timeline *t, const struct sdp_aggregate_list *list,
		      const struct sdp_time_buckets *edges, const struct sdp_fill *fill, bool exact,
		      const int64_t *from, const int64_t *to, size_t limit, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	struct filling filling = {fill, exact, spill, err};
	struct filler f = {.edges = edges,
			   .limit = limit,
			   .out = {.columns = t->columns, .stride = t->stride}};
	if (add_all(&f, t, from, to, err) < 0)
		return -1;
	if (f.out.count > limit)
		return fail_limit(err);
	size_t empty = f.out.count - t->count, width = t->columns * t->stride;
	f.out.rows = sdp_spill_take(spill, f.out.count * sizeof *f.out.rows, err);
	f.aggregates = sdp_spill_take(spill, empty * width * sizeof *f.aggregates, err);
	if (!f.out.rows || !f.aggregates)
		return -1;
	f.out.count = 0;
	if (add_all(&f, t, from, to, err) < 0)
		return -1;
	*t = f.out;
	for (size_t c = 0; c < t->columns; c++)
		for (size_t k = 0; k < list->count; k++) {
			enum sdp_aggregate_name what = list->items[k].what;
			bool counts = what == SDP_AGGREGATE_COUNT || what == SDP_AGGREGATE_UNIQUE;
			if (fill_aggregate(t, c, k, counts, &filling) < 0)
				return -1;
		}
	return 0;
}

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

void sdp_timeline_points(const struct sdp_timeline *t, size_t row, size_t n, size_t column,
			 size_t aggregate, struct sdp_point *points)
{
	for (size_t i = 0; i < n; i++) {
		const struct sdp_timeline_row *r = &t->rows[row + i];
		points[i] = (struct sdp_point){
			r->start, r->nano,
			r->values ? r->values[column]
				  : sdp_aggregate_number(
					    r->aggregates[column * t->stride + aggregate])};
	}
}

static int apply_to_group(struct sdp_timeline *t, const struct sdp_window_function *derive,
			  size_t row, size_t n, size_t aggregate, struct sdp_point *points,
			  struct sdp_aggregate *out, struct sdp_spill *spill, struct sdp_err *err)
{
	size_t names = t->derived_stride;
	for (size_t c = 0; c < t->columns; c++) {
		sdp_timeline_points(t, row, n, c, aggregate, points);
		if (sdp_window_function(derive, points, n, out, spill, err) < 0)
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
		rc = apply_to_group(t, derive, row, n, aggregate, points, out, spill, err);
	}
	free(points);
	free(out);
	return rc;
}

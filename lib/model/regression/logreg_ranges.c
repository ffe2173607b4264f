/* The extremes and the sums of columns, by label; centres and scales follow from them. */
#include "model/regression/logreg_ranges.h"

#include <float.h>
#include <math.h>

static struct sdp_logreg_range *range_of(const struct sdp_logreg_ranges *r, size_t columns,
					 size_t labels, size_t column)
{
	return (struct sdp_logreg_range *)(void *)(r->sums + columns) + column * labels;
}

size_t sdp_logreg_ranges_size(size_t columns, size_t labels)
{
	return sizeof(struct sdp_logreg_ranges) +
	       columns * (sizeof(struct sdp_exact_sum) + labels * sizeof(struct sdp_logreg_range));
}

void sdp_logreg_ranges_add(struct sdp_logreg_ranges *r, size_t columns, size_t labels,
			   const struct sdp_logreg_rows *rows)
{
	for (size_t j = 0; j < columns; j++) {
		struct sdp_logreg_range *range = range_of(r, columns, labels, j);
		const double *x = rows->columns[j];
		double sum = 0;
		for (size_t k = 0; k < labels; k++)
			if (r->counts[k] == 0)
				range[k] = (struct sdp_logreg_range){INFINITY, -INFINITY};
		for (size_t i = 0; i < rows->rows; i++) {
			struct sdp_logreg_range *mine = &range[rows->codes[i]];
			mine->low = x[i] < mine->low ? x[i] : mine->low;
			mine->high = x[i] > mine->high ? x[i] : mine->high;
			sum += x[i];
		}
		/* A sum that overflows is omitted, as the mean need not be accurate. */
		sdp_exact_sum_add(&r->sums[j], isfinite(sum) ? sum : 0);
	}
	for (size_t i = 0; i < rows->rows; i++)
		r->counts[rows->codes[i]]++;
}

void sdp_logreg_ranges_merge(struct sdp_logreg_ranges *into, const struct sdp_logreg_ranges *from,
			     size_t columns, size_t labels)
{
	for (size_t j = 0; j < columns; j++) {
		struct sdp_logreg_range *a = range_of(into, columns, labels, j),
					*b = range_of(from, columns, labels, j);
		for (size_t k = 0; k < labels; k++) {
			if (from->counts[k] == 0)
				continue;
			a[k].low = into->counts[k] ? fmin(a[k].low, b[k].low) : b[k].low;
			a[k].high = into->counts[k] ? fmax(a[k].high, b[k].high) : b[k].high;
		}
		sdp_exact_sum_merge(&into->sums[j], &from->sums[j]);
	}
	for (size_t k = 0; k < labels; k++)
		into->counts[k] += from->counts[k];
}

/* Returns the extremes over all labels, and the number of all rows in *rows. */
static struct sdp_logreg_range whole_range(const struct sdp_logreg_ranges *r, size_t columns,
					   size_t labels, size_t column, double *rows)
{
	const struct sdp_logreg_range *range = range_of(r, columns, labels, column);
	struct sdp_logreg_range whole = {INFINITY, -INFINITY};
	*rows = 0;
	for (size_t k = 0; k < labels; k++) {
		if (r->counts[k] == 0)
			continue;
		whole.low = fmin(whole.low, range[k].low);
		whole.high = fmax(whole.high, range[k].high);
		*rows += (double)r->counts[k];
	}
	return whole;
}

void sdp_logreg_ranges_scale(const struct sdp_logreg_ranges *r, size_t columns, size_t labels,
			     size_t column, bool intercept, double *centre, double *scale)
{
	double rows;
	struct sdp_logreg_range whole = whole_range(r, columns, labels, column, &rows);
	sdp_logreg_scale(whole.low, whole.high, sdp_exact_sum_value(&r->sums[column]) / rows,
			 intercept, centre, scale);
}

bool sdp_logreg_ranges_constant(const struct sdp_logreg_ranges *r, size_t columns, size_t labels,
				size_t column)
{
	double rows;
	struct sdp_logreg_range whole = whole_range(r, columns, labels, column, &rows);
	return whole.low == whole.high;
}

int sdp_logreg_ranges_digits(const struct sdp_logreg_ranges *r, size_t columns, size_t labels,
			     size_t column)
{
	double rows;
	struct sdp_logreg_range whole = whole_range(r, columns, labels, column, &rows);
	double most = fmax(fabs(whole.low), fabs(whole.high));
	double part = whole.high / most - whole.low / most;
	double last = fmax(DBL_EPSILON, 0x1p-1074 / most); /* digit, of numbers of this size */
	return part > 0 ? (int)fmax(0, log10(part / last)) : 0;
}

int sdp_logreg_ranges_split(const struct sdp_logreg_ranges *r, size_t columns, size_t labels,
			    size_t column, size_t *label)
{
	const struct sdp_logreg_range *range = range_of(r, columns, labels, column);
	int best = 0;
	for (size_t k = 0; k < labels; k++) {
		struct sdp_logreg_range rest = {INFINITY, -INFINITY};
		for (size_t l = 0; l < labels; l++)
			if (l != k && r->counts[l]) {
				rest.low = fmin(rest.low, range[l].low);
				rest.high = fmax(rest.high, range[l].high);
			}
		bool apart = range[k].high < rest.low || range[k].low > rest.high;
		bool touching = range[k].high <= rest.low || range[k].low >= rest.high;
		int found =
			apart ? 2
			: touching && fmin(range[k].low, rest.low) < fmax(range[k].high, rest.high)
				? 1
				: 0;
		if (found > best) {
			best = found;
			*label = k;
		}
	}
	return best;
}

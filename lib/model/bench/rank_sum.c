/* The Mann-Whitney rank-sum test, exact by dynamic programming or by the normal approximation. */
#include "model/bench/rank_sum.h"

#include "sdp/mem.h"

#include <math.h>
#include <stdbool.h>

struct value {
	double value;
	bool of_a;
	size_t rank; /* twice the rank, so that mean ranks are integers */
};

static int ascending(const void *a, const void *b)
{
	double x = ((const struct value *)a)->value, y = ((const struct value *)b)->value;
	return (x > y) - (x < y);
}

/*
 * Assigns twice the mean ranks to sorted values.  Returns Σ(t³ - t) over groups of t equal values.
 */
static double assign_ranks(struct value *values, size_t n)
{
	double ties = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && values[end].value == values[i].value;)
			end++;
		double t = (double)(end - i);
		ties += t * t * t - t;
		for (size_t k = i; k < end; k++)
			values[k].rank = i + 1 + end;
	}
	return ties;
}

/*
 * Computes the fraction of the choices of m values for which the doubled rank sum is at least as
 * far from its mean as sum.
 */
static int exact(const struct value *values, size_t n, size_t m, size_t sum, double *p,
		 struct sdp_err *err)
{
	/* largest value and mean of doubled rank sums */
	size_t most = n * (n + 1), width = most + 1, mean = m * (n + 1);
	size_t apart = sum > mean ? sum - mean : mean - sum;
	/*
	 * ways[k * width + s] is the number of choices of k of the values processed so far that
	 * have the sum s.
	 */
	double *ways = sdp_alloc((m + 1) * width, sizeof *ways, err), all = 0, far = 0;
	if (!ways)
		return -1;
	ways[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = i < m ? i + 1 : m; k > 0; k--)
			for (size_t s = values[i].rank; s <= most; s++)
				ways[k * width + s] += ways[(k - 1) * width + s - values[i].rank];
	for (size_t s = 0; s <= most; s++) {
		all += ways[m * width + s];
		if ((s > mean ? s - mean : mean - s) >= apart)
			far += ways[m * width + s];
	}
	free(ways);
	*p = far / all;
	return 0;
}

static double normal(double a, double b, double u, double ties)
{
	double n = a + b, variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)));
	double apart = fmax(fabs(u - a * b / 2) - 0.5, 0);
	return variance > 0 ? erfc(apart / sqrt(2 * variance)) : 1;
}

int sdp_rank_sum_test(const double *a, size_t a_count, const double *b, size_t b_count,
		      struct sdp_rank_sum *out, struct sdp_err *err)
{
	size_t n = a_count + b_count, sum = 0;
	struct value *values = sdp_alloc(n, sizeof *values, err);
	int rc = 0;
	if (!values)
		return -1;
	for (size_t i = 0; i < n; i++)
		values[i] = (struct value){i < a_count ? a[i] : b[i - a_count], i < a_count, 0};
	qsort(values, n, sizeof *values, ascending);
	double ties = assign_ranks(values, n);
	for (size_t i = 0; i < n; i++)
		sum += values[i].of_a ? values[i].rank : 0;
	out->u = (double)(sum - a_count * (a_count + 1)) / 2;
	if (n <= SDP_RANK_SUM_EXACT)
		rc = exact(values, n, a_count, sum, &out->p, err);
	else
		out->p = normal((double)a_count, (double)b_count, out->u, ties);
	free(values);
	return rc;
}

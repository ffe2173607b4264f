/* Exact sums of the rows of each cluster, and means from them. */
#include "model/kmeans/kmeans_private.h"

#include <math.h>
#include <string.h>

int sdp_kmeans_make_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	size_t k = km->o.last_k;
	sums->counts = sdp_spill_take(spill, k * sizeof *sums->counts, err);
	sums->sums = sums->counts
			     ? sdp_spill_take(spill, k * km->features * sizeof *sums->sums, err)
			     : NULL;
	sums->wide =
		sums->sums ? sdp_spill_take(spill, k * km->wide_count * sizeof *sums->wide + 1, err)
			   : NULL;
	if (!sums->wide)
		sums->counts = NULL;
	return sums->counts ? 0 : -1;
}

int sdp_kmeans_take_sums(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	return state->sums.counts ? 0 : sdp_kmeans_make_sums(km, &state->sums, spill, err);
}

void sdp_kmeans_clear_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums)
{
	size_t k = km->o.last_k;
	memset(sums->counts, 0, k * sizeof *sums->counts);
	memset(sums->sums, 0, k * km->features * sizeof *sums->sums);
	memset(sums->wide, 0, k * km->wide_count * sizeof *sums->wide);
}

void sdp_kmeans_add(const struct sdp_kmeans *km, struct kmeans_sums *sums, size_t cluster,
		    const double *x, size_t stride, int sign)
{
	sdp_int128 *sum = sums->sums + cluster * km->features;
	struct sdp_exact_sum *wide = sums->wide + cluster * km->wide_count;
	sums->counts[cluster] += sign;
	for (size_t f = 0; f < km->features; f++)
		if (!km->wide[f])
			sum[f] += sign * sdp_fixed_sum_of(&km->fixed[f], x[f * stride]);
		else
			sdp_exact_sum_add(&wide[km->wide[f] - 1], sign * x[f * stride]);
}

void sdp_kmeans_add_sums(const struct sdp_kmeans *km, struct kmeans_sums *into,
			 const struct kmeans_sums *from)
{
	for (size_t c = 0; c < km->k; c++)
		into->counts[c] += from->counts[c];
	for (size_t i = 0; i < km->k * km->features; i++)
		into->sums[i] += from->sums[i];
	for (size_t i = 0; i < km->k * km->wide_count; i++)
		sdp_exact_sum_merge(&into->wide[i], &from->wide[i]);
}

static double fixed_mean(const struct sdp_fixed_sum *fixed, sdp_int128 sum, uint64_t size,
			 double from)
{
	return sdp_fixed_sum_mean(fixed, sum - (sdp_int128)size * sdp_fixed_sum_of(fixed, from),
				  size);
}

static double wide_mean(const struct sdp_exact_sum *wide, uint64_t size, double from)
{
	struct sdp_exact_sum sum = *wide;
	/* size × from as the sum of two doubles */
	double product = (double)size * from, rest = fma((double)size, from, -product);
	sdp_exact_sum_add(&sum, -product);
	sdp_exact_sum_add(&sum, -rest);
	return sdp_exact_sum_mean(&sum, size);
}

double sdp_kmeans_mean(const struct sdp_kmeans *km, const struct kmeans_sums *sums, size_t cluster,
		       size_t feature, uint64_t size, double from)
{
	if (km->wide[feature])
		return wide_mean(&sums->wide[cluster * km->wide_count + km->wide[feature] - 1],
				 size, from);
	return fixed_mean(&km->fixed[feature], sums->sums[cluster * km->features + feature], size,
			  from);
}

double sdp_kmeans_mean_of_all(const struct sdp_kmeans *km, size_t feature, double *rest)
{
	struct sdp_exact_sum wide = {0};
	sdp_int128 sum = 0;
	for (size_t c = 0; c < km->k; c++)
		if (km->wide[feature])
			sdp_exact_sum_merge(
				&wide, &km->sums.wide[c * km->wide_count + km->wide[feature] - 1]);
		else
			sum += km->sums.sums[c * km->features + feature];
	if (km->wide[feature]) {
		double mean = wide_mean(&wide, km->rows, 0);
		*rest = wide_mean(&wide, km->rows, mean);
		return mean;
	}
	double mean = fixed_mean(&km->fixed[feature], sum, km->rows, 0);
	*rest = fixed_mean(&km->fixed[feature], sum, km->rows, mean);
	return mean;
}

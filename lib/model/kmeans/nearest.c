/*
 * Assigns rows to given centres.
 *
 * Squared distances are in units in which the distances between the centres are about 1.  A row
 * that is so far away that its distances still overflow is compared in units of its own.
 */
#include "model/kmeans/kmeans_private.h"

#include <math.h>

size_t sdp_kmeans_nearest_scratch(size_t features)
{
	return (features * (KMEANS_LANES + 1) + KMEANS_STRIP * KMEANS_LANES) * sizeof(double);
}

static int exponent_of(double difference, double deviation)
{
	int e, scale;
	frexp(deviation, &scale);
	return frexp(difference, &e) == 0 || deviation == 0 ? INT32_MIN : e - scale;
}

static void weigh(const double *deviations, size_t features, int exponent, double *weight)
{
	for (size_t f = 0; f < features; f++)
		weight[f] = sdp_kmeans_weight(deviations ? deviations[f] : 1,
					      exponent == INT32_MIN ? 0 : exponent);
}

/* Returns the exponent of the largest distance between centres in one feature. */
static int exponent_of_centers(const double *centers, size_t k, size_t features,
			       const double *deviations)
{
	int largest = INT32_MIN;
	for (size_t f = 0; f < features; f++) {
		double low = centers[f], high = centers[f];
		for (size_t c = 0; c < k; c++) {
			low = fmin(low, centers[c * features + f]);
			high = fmax(high, centers[c * features + f]);
		}
		int e = exponent_of(high / 2 - low / 2, deviations ? deviations[f] : 1);
		largest = e > largest ? e : largest;
	}
	return largest;
}

/* Returns the nearest centre of a row whose distances overflow; overwrites weight. */
static uint32_t nearest_of_far(const double *x, const double *centers, size_t k, size_t features,
			       const double *deviations, double *weight)
{
	int largest = INT32_MIN;
	for (size_t f = 0; f < features; f++)
		for (size_t c = 0; c < k; c++) {
			int e = exponent_of(x[f * KMEANS_LANES] / 4 - centers[c * features + f] / 4,
					    deviations ? deviations[f] : 1);
			largest = e > largest ? e : largest;
		}
	weigh(deviations, features, largest, weight);
	uint32_t label = 0;
	double least = HUGE_VAL;
	for (size_t c = 0; c < k; c++) {
		double sum = 0;
		for (size_t f = 0; f < features; f++) {
			double d = (x[f * KMEANS_LANES] / 4 - centers[c * features + f] / 4) *
				   weight[f];
			sum += d * d;
		}
		if (sum < least) {
			least = sum;
			label = (uint32_t)c;
		}
	}
	return label;
}

void sdp_kmeans_nearest(const double *centers, size_t k, size_t features, const double *deviations,
			const double *values, size_t rows, uint32_t *labels, void *scratch)
{
	const struct kmeans_kernel *kernel = sdp_kmeans_kernel();
	double *tile = scratch, *out = tile + features * KMEANS_LANES,
	       *weight = out + KMEANS_STRIP * KMEANS_LANES;
	int exponent = exponent_of_centers(centers, k, features, deviations);
	weigh(deviations, features, exponent, weight);
	for (size_t row = 0; row < rows; row += KMEANS_LANES) {
		double best[KMEANS_LANES];
		uint32_t list[KMEANS_LANES];
		size_t n = rows - row < KMEANS_LANES ? rows - row : KMEANS_LANES;
		for (size_t i = 0; i < n; i++) {
			list[i] = (uint32_t)(row + i);
			best[i] = HUGE_VAL;
			labels[row + i] = 0;
		}
		sdp_kmeans_tile(values, rows, features, list, n, tile);
		for (size_t c = 0; c < k; c += KMEANS_STRIP) {
			size_t strip = k - c < KMEANS_STRIP ? k - c : KMEANS_STRIP;
			kernel->distances(tile, weight, centers + c * features, strip, features,
					  out);
			for (size_t j = 0; j < strip; j++)
				for (size_t i = 0; i < n; i++)
					if (out[j * KMEANS_LANES + i] < best[i]) {
						best[i] = out[j * KMEANS_LANES + i];
						labels[row + i] = (uint32_t)(c + j);
					}
		}
		bool far = false;
		for (size_t i = 0; i < n; i++)
			if (!(best[i] < 0x1p1000)) {
				labels[row + i] = nearest_of_far(tile + i, centers, k, features,
								 deviations, weight);
				far = true;
			}
		if (far)
			weigh(deviations, features, exponent, weight);
	}
}

/*
 * Distances of sixteen rows at a time, with the widest vectors of the machine.
 *
 * A tile has one row per lane: tile[feature × KMEANS_LANES + lane].  Each lane is summed in the
 * order of the features, so exact distances are the same bits for every width of vectors.  The
 * results of rank are in single precision, may differ between machines, and are used only for
 * bounds.
 */
#ifndef SDP_MODEL_KMEANS_KERNEL_H
#define SDP_MODEL_KMEANS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum {
	KMEANS_LANES = 16,
	KMEANS_GROUP = 8, /* rank processes centres in multiples of this */
};

/*
 * Centres in single precision, shifted so that the mean of the rows is 0 and little cancels, and
 * scaled so that distances are below 4.
 */
struct kmeans_fast {
	size_t features, count; /* count: number of centres, padded to a multiple of KMEANS_GROUP */
	const double *shift, *weight;
	/* centers: count × features; norms: their squared norms, infinite for padding */
	const float *centers, *norms;
	float reach; /* the largest norm (not squared) */
	/* the error of a squared distance is below slack (‖x‖ + reach)² + floor */
	float slack;
	float floor;
};

/* The results for each lane.  A score is a squared distance minus the squared norm of the row. */
struct kmeans_rank {
	float norm[KMEANS_LANES];
	float best[KMEANS_LANES], second[KMEANS_LANES]; /* the two lowest scores */
	float error[KMEANS_LANES];                      /* error bound of a score */
	uint32_t index[KMEANS_LANES];                   /* the centre with the best score */
	/* not 0 if the two scores differ by too little to decide which one is lower */
	int32_t near[KMEANS_LANES];
	/* bounds of the distances of the best and the second (not squared) */
	float upper[KMEANS_LANES], lower[KMEANS_LANES];
};

struct kmeans_kernel {
	/* out[center × KMEANS_LANES + lane] = Σ ((x_f - c_f) · weight_f)². */
	void (*distances)(const double *tile, const double *weight, const double *centers,
			  size_t count, size_t features, double *out);
	/*
	 * The same for centres that are sums of two doubles: Σ ((x_f - c_f - rest_f) · weight_f)².
	 */
	void (*spreads)(const double *tile, const double *weight, const double *centers,
			const double *rests, size_t count, size_t features, double *out);
	/*
	 * narrow is scratch space for features × KMEANS_LANES; scores, for count × KMEANS_LANES, is
	 * also a result.
	 */
	void (*rank)(const double *tile, const struct kmeans_fast *fast, float *narrow,
		     float *scores, struct kmeans_rank *rank);
	/*
	 * For each i in order: to[labels[i] × KMEANS_LANES + lane] += √distances[i × KMEANS_LANES +
	 * lane].
	 */
	void (*add_roots)(const double *distances, const uint32_t *labels, size_t count,
			  double *to);
};

/* Returns the best kernel for this machine. */
const struct kmeans_kernel *sdp_kmeans_kernel(void);

/* Bounds of a square root that was computed in single precision. */
#define KMEANS_UPPER(root) ((root) * (1 + 0x1p-20f))
#define KMEANS_LOWER(root) ((root) * (1 - 0x1p-20f))

#endif

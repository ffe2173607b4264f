/*
 * Distances of sixteen rows at a time, with whatever vectors the machine has.
 *
 * A tile holds rows as lanes: tile[feature × KMEANS_LANES + lane].  Each lane goes its own way in
 * the order of the features, so exact distances are the same bits however wide the vectors are.
 * What rank finds is in single precision, of another order on other machines, and good for bounds
 * only.
 */
#ifndef SDP_MODEL_KMEANS_KERNEL_H
#define SDP_MODEL_KMEANS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum {
	KMEANS_LANES = 16,
	KMEANS_GROUP = 8, /* rank takes centres in multiples of this */
};

/*
 * Centres in single precision, moved to where the rows' mean is 0 so that little cancels, and of
 * distances below 4.
 */
struct kmeans_fast {
	size_t features, count; /* count: padded to a multiple of KMEANS_GROUP */
	const double *shift, *weight;
	/* count of them; the norms (squared) of padding are infinite */
	const float *centers, *norms;
	float reach; /* the largest norm, not squared */
	/* the error of a squared distance is below slack (‖x‖ + reach)² + floor */
	float slack;
	float floor;
};

/* Of each lane; scores are squared distances less the row's norm. */
struct kmeans_rank {
	float norm[KMEANS_LANES];
	float best[KMEANS_LANES], second[KMEANS_LANES]; /* the two lowest scores */
	float error[KMEANS_LANES];                      /* of a score */
	uint32_t index[KMEANS_LANES];                   /* whose the best is */
	int32_t near[KMEANS_LANES];                     /* not 0: the two are too near to tell */
	float upper[KMEANS_LANES], lower[KMEANS_LANES]; /* bounds of their distances, not squared */
};

struct kmeans_kernel {
	/* out[center × KMEANS_LANES + lane] = Σ ((x_f - c_f) · weight_f)². */
	void (*distances)(const double *tile, const double *weight, const double *centers,
			  size_t count, size_t features, double *out);
	/* The same of centres in two parts: Σ ((x_f - c_f - rest_f) · weight_f)². */
	void (*spreads)(const double *tile, const double *weight, const double *centers,
			const double *rests, size_t count, size_t features, double *out);
	/*
	 * narrow: room for features × KMEANS_LANES; scores: for count × KMEANS_LANES, which stay.
	 */
	void (*rank)(const double *tile, const struct kmeans_fast *fast, float *narrow,
		     float *scores, struct kmeans_rank *rank);
	/*
	 * to[labels[i] × KMEANS_LANES + lane] += √distances[i × KMEANS_LANES + lane], i in order.
	 */
	void (*add_roots)(const double *distances, const uint32_t *labels, size_t count,
			  double *to);
};

/* The best for this machine. */
const struct kmeans_kernel *sdp_kmeans_kernel(void);

/* "avx512", "avx2" or "plain", for tests; NULL if the machine lacks it. */
const struct kmeans_kernel *sdp_kmeans_kernel_named(const char *name);

/* Bounds of a distance whose square is square ± error. */
#define KMEANS_UPPER(root) ((root) * (1 + 0x1p-20f))
#define KMEANS_LOWER(root) ((root) * (1 - 0x1p-20f))

#endif

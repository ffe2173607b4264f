/* What the files of k-means share. */
#ifndef SDP_MODEL_KMEANS_KMEANS_PRIVATE_H
#define SDP_MODEL_KMEANS_KMEANS_PRIVATE_H

#include "model/kmeans/kernel.h"
#include "model/kmeans/kmeans.h"

/* The used rows of one chunk, column by column: value[feature × rows + row]. */
struct kmeans_block {
	struct sdp_extent values;
	uint64_t first; /* number of its first row among all */
	uint64_t slot;  /* where its rows' labels and bounds lie */
	uint32_t rows;
};

struct kmeans_kept {
	struct kmeans_kept *next;
	uint64_t chunk;
	struct kmeans_block block;
};

struct kmeans_range {
	bool any;
	double low, high, least;  /* least: the smallest magnitude but 0 */
	struct sdp_exact_sum sum; /* of values times 2^-32, so that no block's sum overflows */
};

/* A row that refilled an empty cluster; its label is not in the slots yet. */
struct kmeans_refill {
	uint64_t row;
	uint32_t cluster;
};

struct sdp_kmeans {
	struct sdp_kmeans_options o;
	size_t features;
	struct kmeans_block *blocks;
	size_t block_count, largest; /* rows of the largest block */
	uint64_t rows;
	enum sdp_kmeans_phase phase;

	/* A row's place is (x - shift) · weight, less than about 1 in each direction. */
	bool *constant; /* features */
	double *shift, *span, *deviation, *weight;
	int exponent; /* a distance of 1 is 2^exponent in the user's space */
	struct sdp_fixed_sum *windows;
	/* features whose values no window holds, numbered from 1; else 0 */
	size_t *wide, wide_count;

	/* This run. */
	size_t k, result;
	int restart, iteration;
	bool converged, last; /* last: the assignment that only makes labels fit the centres */
	bool best_again;      /* the best restart's centres are being assigned once more */
	uint64_t changed, refills;
	/* k × features, in the input's units; means: of the rows assigned */
	double *centers, *means, *before;
	/* what the means lost by rounding, which matters to the scores where they are large */
	double *rests;
	int64_t *sizes;
	struct kmeans_sums sums;

	/*
	 * For every row label, upper, lower (or, while seeding, nearest and label), a block's in a
	 * row; two of them, so that a block can be done again.
	 */
	struct sdp_extent slots[2];
	int current;     /* which of them the next phase reads */
	bool unlabelled; /* it holds no labels yet */
	bool fresh;      /* nor bounds: sums begin at zero */
	bool ranked;     /* labels are found by single precision first */

	/* To find labels by. */
	struct kmeans_fast fast;
	float *fast_centers, *fast_norms, *move, *half;
	size_t fast_room;        /* centres */
	float most, second_most; /* of the moves */
	size_t most_of;

	size_t seeds;    /* centres that are there already */
	double *quarter; /* of each: a quarter of its distance to the newest */
	struct kmeans_refill *refilled;
	size_t refilled_count;

	/* To score by. */
	/* of each cluster: Σ of squared distances and of distances to the mean */
	double *within, *spread;
	double *matrix; /* rows × features, a row after the other; of few rows */
	uint32_t *labels;

	struct sdp_kmeans_result best, *results;
	bool any_best;
	double best_inertia; /* as sdp_kmeans_take_spread returns it */
};

/* Where the scratch memory goes. */
struct kmeans_room {
	double *values; /* of a block, if they were spilled */
	double *tile, *distances;
	float *narrow, *scores;
	double *nearest;
	uint32_t *rows, *label;
	float *upper, *lower;
	char *slots;
};

enum {
	KMEANS_SLOT = 12,  /* bytes a row */
	KMEANS_STRIP = 64, /* centres whose distances are computed at once */
};

/* ---- rows.c ---- */

/* Lays out scratch, which may be NULL; returns the bytes it needs. */
size_t sdp_kmeans_room(const struct sdp_kmeans *km, char *scratch, struct kmeans_room *room);

/* A block's values, column by column. */
const double *sdp_kmeans_values(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
				struct kmeans_room *room, struct sdp_err *err);

/* A block's slots as the last pass left them, and room->slots as those for the next. */
const char *sdp_kmeans_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			     struct kmeans_room *room, struct sdp_err *err);
int sdp_kmeans_keep_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			  struct kmeans_room *room, struct sdp_err *err);

/* label, upper and lower of a block's rows; refilled rows have their new labels, and no bounds. */
int sdp_kmeans_get_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err);
int sdp_kmeans_put_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err);

/* Loads the n ≤ KMEANS_LANES rows listed, the last one again for lanes that are left. */
void sdp_kmeans_tile(const double *values, size_t rows, size_t features, const uint32_t *list,
		     size_t n, double *tile);

/* The distance of one row (its first feature at x, the others stride apart) to a centre. */
double sdp_kmeans_distance(const double *x, size_t stride, const double *weight,
			   const double *center, size_t features);

/*
 * distances[row] to the centre of the row's label; rests (NULL: none) are what the centres lost by
 * rounding.
 */
void sdp_kmeans_own(const struct sdp_kmeans *km, const double *values, size_t rows,
		    const uint32_t *label, const double *centers, const double *rests,
		    double *distances);

/* The row is the state's best if its key is lower than all before (the lower row if equal). */
int sdp_kmeans_offer(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, double key,
		     uint64_t row, uint32_t label, const double *x, size_t stride,
		     struct sdp_spill *spill, struct sdp_err *err);

/* ---- sums.c ---- */

/*
 * Exact sums: a row has come to a cluster (sign 1) or gone from it (-1); its features lie stride
 * apart.
 */
void sdp_kmeans_add(const struct sdp_kmeans *km, struct kmeans_sums *sums, size_t cluster,
		    const double *x, size_t stride, int sign);
void sdp_kmeans_add_sums(const struct sdp_kmeans *km, struct kmeans_sums *into,
			 const struct kmeans_sums *from);
int sdp_kmeans_make_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums,
			 struct sdp_spill *spill, struct sdp_err *err);
void sdp_kmeans_clear_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums);

/* Makes the sums of a state that has none. */
int sdp_kmeans_take_sums(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			 struct sdp_spill *spill, struct sdp_err *err);

/*
 * The mean of size rows of a cluster, less from: with all its digits right, even where most cancel.
 */
double sdp_kmeans_mean(const struct sdp_kmeans *km, const struct kmeans_sums *sums, size_t cluster,
		       size_t feature, uint64_t size, double from);

/* Of all rows; *rest is what it lost by rounding. */
double sdp_kmeans_mean_of_all(const struct sdp_kmeans *km, size_t feature, double *rest);

/* ---- points.c ---- */

/* The blocks in the order of chunks, in shared memory. */
struct kmeans_block *sdp_kmeans_blocks(const struct sdp_kmeans_points *points, size_t *count,
				       struct sdp_spill *spill, struct sdp_err *err);

/* ---- assign.c, seed.c, score.c: the phases' items, and what goes on between the phases ---- */

int sdp_kmeans_assign(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* Rows will be assigned to km->centers, which stood at before (NULL: no bounds to keep). */
int sdp_kmeans_aim(struct sdp_kmeans *km, const double *before, struct sdp_spill *spill,
		   struct sdp_err *err);

int sdp_kmeans_seed(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		    struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);
int sdp_kmeans_refill(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* SCALE, SPREAD, SEPARATION, SILHOUETTE. */
int sdp_kmeans_score(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		     struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* Makes the scores of a state that has none. */
int sdp_kmeans_take_scores(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			   struct sdp_spill *spill, struct sdp_err *err);

/* Accumulators that this phase fills, and the most that any does. */
size_t sdp_kmeans_score_count(const struct sdp_kmeans *km);
size_t sdp_kmeans_score_room(const struct sdp_kmeans *km);

/* Deviations from the root of SCALE, then weights. */
void sdp_kmeans_weigh(struct sdp_kmeans *km, const struct sdp_kmeans_state *root);

/* 2^-exponent / deviation; 0 if there is none. */
double sdp_kmeans_weight(double deviation, int exponent);

/* Makes matrix and labels. */
int sdp_kmeans_gather(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err);

/* How many clusters have rows. */
size_t sdp_kmeans_clusters(const struct sdp_kmeans *km);

/*
 * within and spread, and the figures that follow from them, sizes and means.  Returns the inertia
 * in units in which it neither overflows nor vanishes.
 */
double sdp_kmeans_take_spread(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
			      struct sdp_kmeans_result *result);

#endif

/* Declarations shared by the files of k-means. */
#ifndef SDP_MODEL_KMEANS_KMEANS_PRIVATE_H
#define SDP_MODEL_KMEANS_KMEANS_PRIVATE_H

#include "model/kmeans/kernel.h"
#include "model/kmeans/kmeans.h"

/* The used rows of one chunk, column by column: value[feature × rows + row]. */
struct kmeans_block {
	struct sdp_extent values;
	uint64_t first; /* number of its first row among all rows */
	uint64_t slot;  /* offset of the labels and bounds of its rows in the slots */
	uint32_t rows;
};

struct kmeans_kept {
	struct kmeans_kept *next;
	uint64_t chunk;
	struct kmeans_block block;
};

struct kmeans_range {
	bool any;
	double low, high, least; /* least: the smallest magnitude except 0 */
	/* sum of values times 2^-32, so that the sum of a block cannot overflow */
	struct sdp_exact_sum sum;
};

/* A row that was moved to an empty cluster; its label in the slots is not updated yet. */
struct kmeans_refill {
	uint64_t row;
	uint32_t cluster;
};

enum { KMEANS_TRIES = 24 }; /* 2 + ⌊ln 2^32⌋ */

/* The rows with the smallest random numbers so far, by number and then by row. */
struct kmeans_race {
	size_t count;
	struct kmeans_candidate {
		double key;
		uint64_t row;
	} first[KMEANS_TRIES];
};

/* A worker's part of seeding. */
struct kmeans_seeding {
	/*
	 * For each candidate, the sum by which it reduces the squared distances to the nearest
	 * centre, as a fixed sum, and the race for the centre after it, if it is chosen.  Without
	 * candidates, races[0] is the race for the next centre.
	 */
	sdp_int128 gains[KMEANS_TRIES];
	struct kmeans_race races[KMEANS_TRIES];
};

struct sdp_kmeans {
	struct sdp_kmeans_options o;
	size_t features;
	struct kmeans_block *blocks;
	size_t block_count, largest; /* largest: number of rows of the largest block */
	uint64_t rows;
	double least; /* the smallest magnitude except 0 of all values */
	enum sdp_kmeans_phase phase;

	/* The coordinates of a row are (x - shift) · weight, less than about 1 in magnitude. */
	bool *constant; /* whether all values of a feature are equal */
	double *shift, *span, *deviation, *weight;
	int exponent; /* a distance of 1 is 2^exponent in the units of the user */
	struct sdp_fixed_sum *fixed;
	/* wide[f] is 0, or for features that do not fit a fixed sum a number from 1 on */
	size_t *wide, wide_count;

	/* The current run. */
	size_t k, result;
	int restart, iteration;
	/* last: this is the final assignment, which only makes the labels match the centres */
	bool converged, last;
	/* whether the centres of the best restart are being assigned once more */
	bool best_again;
	uint64_t changed, refills;
	/* k × features, in the units of the input; means: of the assigned rows */
	double *centers, *means, *before;
	/* rounding errors of the means, which matter to the scores if the means are large */
	double *rests;
	int64_t *sizes;
	struct kmeans_sums sums;

	/*
	 * Label, upper and lower bound of every row (during seeding: distance to the nearest
	 * centre, and label), block by block.  There are two copies, so that a block can be
	 * processed again.
	 */
	struct sdp_extent slots[2];
	int current;     /* the copy that the next phase reads */
	bool unlabelled; /* whether it contains no labels yet */
	bool fresh;      /* whether it contains no bounds yet; sums then start at zero */
	bool ranked;     /* whether labels are determined in single precision first */

	/* To find labels. */
	struct kmeans_fast fast;
	float *fast_centers, *fast_norms, *move, *half;
	size_t fast_room; /* number of centres for which there is room */
	/* largest and second largest move of a centre; most_of is the centre with the largest */
	float most, second_most;
	size_t most_of;

	size_t seeds; /* number of centres chosen so far */
	/* tries: how many candidates there are for each centre but the first; 1: no choice */
	size_t tries, candidate_count;
	double *sweep; /* the newest centre, then the candidates: (1 + tries) × features */
	/*
	 * For each centre but the newest, a quarter of the squared distance to the nearest centre
	 * in sweep.
	 */
	double *quarter;
	struct sdp_fixed_sum gain; /* the parameters of gains */
	struct kmeans_refill *refilled;
	size_t refilled_count;

	/* To compute scores. */
	/* for each cluster: sums of the squared distances and of the distances to the mean */
	double *within, *spread;
	double *matrix; /* rows × features, row by row; only if there are few rows */
	uint32_t *labels;

	struct sdp_kmeans_result best, *results;
	bool any_best;
	/* of all runs that ended, to estimate those to come; pace: Σ iterations / √k */
	double runs_done, pace;
	uint64_t first_changed; /* labels that changed in the second iteration of this run */
	double best_inertia;    /* in the units of sdp_kmeans_take_spread */
};

/* The parts of the scratch memory of an item. */
struct kmeans_room {
	double *values; /* values of a block, if they were spilled */
	double *tile, *distances;
	float *narrow, *scores;
	double *nearest;
	uint32_t *rows, *label;
	float *upper, *lower;
	char *slots;
};

enum {
	KMEANS_SLOT = 12,  /* bytes per row */
	KMEANS_STRIP = 64, /* number of centres whose distances are computed at once */
};

/* ---- rows.c ---- */

/* Divides scratch into the parts of room; scratch may be NULL.  Returns the bytes that it needs. */
size_t sdp_kmeans_room(const struct sdp_kmeans *km, char *scratch, struct kmeans_room *room);

/* Returns the values of a block, column by column; NULL on failure. */
const double *sdp_kmeans_values(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
				struct kmeans_room *room, struct sdp_err *err);

/* Loads the features of a row, given by its number among all rows. */
int sdp_kmeans_load_row(const struct sdp_kmeans *km, uint64_t row, double *x,
			const struct sdp_spill *spill, struct sdp_err *err);

/*
 * sdp_kmeans_slots returns the slots of a block from the last pass; sdp_kmeans_keep_slots stores
 * room->slots for the next pass.
 */
const char *sdp_kmeans_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			     struct kmeans_room *room, struct sdp_err *err);
int sdp_kmeans_keep_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			  struct kmeans_room *room, struct sdp_err *err);

/*
 * Copy label, upper and lower of a block's rows from and to the slots.  When read, a refilled row
 * has its new label, and no bounds.
 */
int sdp_kmeans_get_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err);
int sdp_kmeans_put_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err);

/*
 * Loads n ≤ KMEANS_LANES rows, the numbers of which are in list; the last one fills the remaining
 * lanes.
 */
void sdp_kmeans_tile(const double *values, size_t rows, size_t features, const uint32_t *list,
		     size_t n, double *tile);

/*
 * Returns the distance of a row to a centre.  The row's first feature is at x, the others at a
 * distance of stride.
 */
double sdp_kmeans_distance(const double *x, size_t stride, const double *weight,
			   const double *center, size_t features);

/*
 * Computes the distance of each row to the centre of its label.  rests are the rounding errors of
 * the centres, or NULL.
 */
void sdp_kmeans_own_distances(const struct sdp_kmeans *km, const double *values, size_t rows,
			      const uint32_t *label, const double *centers, const double *rests,
			      double *distances);

/*
 * Makes the row the best row of the state if its key is lower than the best so far, or equal and
 * its number is lower.
 */
int sdp_kmeans_update_best(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, double key,
			   uint64_t row, uint32_t label, const double *x, size_t stride,
			   struct sdp_spill *spill, struct sdp_err *err);

/* ---- sums.c ---- */

/*
 * Adds a row to the exact sums of a cluster (sign 1), or removes it (sign -1).  Its features are at
 * a distance of stride.
 */
void sdp_kmeans_add(const struct sdp_kmeans *km, struct kmeans_sums *sums, size_t cluster,
		    const double *x, size_t stride, int sign);

/* Adds the sums of `from` to `into`. */
void sdp_kmeans_add_sums(const struct sdp_kmeans *km, struct kmeans_sums *into,
			 const struct kmeans_sums *from);

/* Allocates sums, which are zero. */
int sdp_kmeans_make_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums,
			 struct sdp_spill *spill, struct sdp_err *err);

/* Sets sums to zero. */
void sdp_kmeans_clear_sums(const struct sdp_kmeans *km, struct kmeans_sums *sums);

/* Allocates the sums of a state that has none. */
int sdp_kmeans_take_sums(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			 struct sdp_spill *spill, struct sdp_err *err);

/*
 * Returns the mean of the size rows of a cluster minus `from`, with all digits correct even if most
 * cancel.
 */
double sdp_kmeans_mean(const struct sdp_kmeans *km, const struct kmeans_sums *sums, size_t cluster,
		       size_t feature, uint64_t size, double from);

/* Returns the mean of all rows; *rest is its rounding error. */
double sdp_kmeans_mean_of_all(const struct sdp_kmeans *km, size_t feature, double *rest);

/* ---- points.c ---- */

/* Returns the blocks in the order of their chunks, in shared memory; NULL on failure. */
struct kmeans_block *sdp_kmeans_blocks(const struct sdp_kmeans_points *points, size_t *count,
				       struct sdp_spill *spill, struct sdp_err *err);

/* ---- assign.c, seed.c, score.c: the items of the phases, and the work between phases ---- */

/* Processes an item of ASSIGN: the rows of a block. */
int sdp_kmeans_assign(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/*
 * Prepares an assignment of the rows to km->centers.  before are the centres of the assignment
 * before, or NULL if there are no bounds to keep.
 */
int sdp_kmeans_prepare_assign(struct sdp_kmeans *km, const double *before, struct sdp_spill *spill,
			      struct sdp_err *err);

/* Returns the number of candidates for each centre of k, at most KMEANS_TRIES. */
size_t sdp_kmeans_tries(const struct sdp_kmeans *km, size_t k);

/*
 * Processes an item of SEED: updates the nearest centres, measures the candidates, and finds the
 * candidates for the centre after.
 */
int sdp_kmeans_seed(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		    struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* Adds the seeding of `from` to that of `into`. */
int sdp_kmeans_merge_seeding(struct sdp_kmeans_state *into, const struct sdp_kmeans_state *from,
			     struct sdp_spill *spill, struct sdp_err *err);

/*
 * Ends a pass of SEED: chooses the best candidate as a centre, and loads the next ones.  Returns 1
 * if there are none although centres are missing, and 0 or -1 otherwise.
 */
int sdp_kmeans_choose_seed(struct sdp_kmeans *km, const struct kmeans_seeding *seeding,
			   const struct sdp_spill *spill, struct sdp_err *err);

/* Processes an item of REFILL: finds the row farthest from its centre. */
int sdp_kmeans_refill(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* Processes an item of SCALE, SPREAD, SEPARATION or SILHOUETTE. */
int sdp_kmeans_score(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		     struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err);

/* Allocates the scores of a state that has none. */
int sdp_kmeans_take_scores(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			   struct sdp_spill *spill, struct sdp_err *err);

/*
 * Return the number of accumulators that the current phase uses, and the largest number for any
 * phase.
 */
size_t sdp_kmeans_score_count(const struct sdp_kmeans *km);
size_t sdp_kmeans_score_room(const struct sdp_kmeans *km);

/*
 * Computes the standard deviations from the root state of SCALE, if they are wanted, and then the
 * weights.
 */
void sdp_kmeans_weigh(struct sdp_kmeans *km, const struct sdp_kmeans_state *root);

/* Returns 2^-exponent / deviation; 0 if deviation is 0. */
double sdp_kmeans_weight(double deviation, int exponent);

/* Fills matrix and labels. */
int sdp_kmeans_gather(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err);

/* Returns the number of clusters that have rows. */
size_t sdp_kmeans_clusters(const struct sdp_kmeans *km);

/*
 * Computes within, spread and the statistics that follow from them, sizes and means.  Returns the
 * inertia in units in which it neither overflows nor underflows.
 */
double sdp_kmeans_take_spread(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
			      struct sdp_kmeans_result *result);

#endif

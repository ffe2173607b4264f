/*
 * k-means clustering: Lloyd's iteration, exact and independent of the order of the rows.
 *
 * Distances are squared Euclidean, Σ ((x_f - c_f) · weight_f)², summed in the order of the features
 * in double precision, without contraction of multiplications and additions.  A row belongs to the
 * centre with the smallest distance computed in this way, or the lowest index of several.  Centres
 * are the means of their rows, from exact sums (base/fixed_sum.h, sdp/exact.h).  So labels and
 * centres depend only on the rows, not on which worker computed what.
 *
 * The accelerated algorithm finds the same labels with less work.  For every row it keeps bounds
 * (G. Hamerly, Making k-means even faster, SDM 2010): the distance to the own centre is at most
 * upper, and the distance to every other centre is at least lower.  When centres move, the bounds
 * are relaxed.  As long as upper is less than lower, or less than half the distance from the own
 * centre to the next one, nothing has to be computed.  For other rows, the distances to all centres
 * are computed in single precision with a known error bound.  Only if the two nearest centres
 * differ by less than that error, the double-precision distances above decide.
 *
 * A run is a sequence of phases.  Each phase is a pass over the blocks (sdp_kmeans_item), and
 * sdp_kmeans_step moves from one phase to the next.  The struct is in shared memory, and blocks are
 * stored in a spill.  A state is a worker's part of a phase; states can be merged in any order.
 * All memory belongs to the owner of the spill.  Functions return 0, or -1 with a message: memory
 * or disk space ran out, or SDP_DATA as noted.
 */
#ifndef SDP_MODEL_KMEANS_KMEANS_H
#define SDP_MODEL_KMEANS_KMEANS_H

#include "base/all_different.h"
#include "base/fixed_sum.h"
#include "sdp/spill.h"

enum sdp_kmeans_init { SDP_KMEANS_PLUS_PLUS, SDP_KMEANS_RANDOM, SDP_KMEANS_GIVEN };

struct sdp_kmeans_options {
	size_t first_k, last_k; /* if they differ, all k from first_k to last_k are computed */
	enum sdp_kmeans_init init;
	const double *given; /* first_k × features, in the units of the input; in shared memory */
	int restarts, max_iterations;
	/* limit for the largest move of a centre; 0: iterate until no label changes */
	double tolerance;
	uint64_t seed;
	bool lloyd;       /* whether to use Lloyd's algorithm without acceleration */
	bool standardize; /* whether weight_f is 1 / standard deviation, or else 1 */
};

/*
 * The rows, as they are read.  All-zero bytes are no rows.  Different workers may fill different
 * structs, which are merged in any order.
 */
struct sdp_kmeans_points {
	uint64_t rows;
	struct kmeans_kept *kept;    /* the blocks */
	struct kmeans_range *ranges; /* one range per feature */
};

/*
 * Adds a block of rows > 0 rows, value[feature × rows + row].  chunk determines its position among
 * all blocks.
 */
int sdp_kmeans_points_add(struct sdp_kmeans_points *points, size_t features, uint64_t chunk,
			  const double *values, size_t rows, struct sdp_spill *spill,
			  struct sdp_err *err);

/* Merges `from` into `into`.  `from` must not be used afterwards. */
void sdp_kmeans_points_merge(struct sdp_kmeans_points *into, struct sdp_kmeans_points *from,
			     size_t features);

/*
 * Finds whether the values of a feature, which must be integers, are all different. Beyond 2^53
 * they count as different only if they are so as doubles, and have no range. Returns 0 or -1.
 */
int sdp_kmeans_points_different(const struct sdp_kmeans_points *points, size_t feature,
				struct sdp_spill *spill, struct sdp_all_different *result,
				struct sdp_err *err);

/* Removes a feature; those after it move up. Returns 0 or -1. */
int sdp_kmeans_points_drop(struct sdp_kmeans_points *points, size_t features, size_t feature,
			   const struct sdp_spill *spill, struct sdp_err *err);

/*
 * Returns the first feature whose largest magnitude is out of range: 2^1022 or more, or below
 * 2^-1000 but not 0.  Returns features if there is none.
 */
size_t sdp_kmeans_points_odd(const struct sdp_kmeans_points *points, size_t features);

/* The result for one k. */
struct sdp_kmeans_result {
	size_t k;
	double inertia; /* sum of the squared distances of all rows to their centres */
	/* NaN if undefined */
	double silhouette_squared, silhouette, calinski_harabasz, davies_bouldin;
	int iterations;
	bool converged;
	uint64_t changed; /* labels that changed in the last iteration */
	uint64_t refills; /* how often an empty cluster got a row */
	int restart;
	double *centers; /* k × features, in the units of the input */
	uint64_t *sizes;
};

enum sdp_kmeans_phase {
	SDP_KMEANS_SCALE,      /* standard deviations of the features */
	SDP_KMEANS_SEED,       /* candidates for the next initial centre; the best of them */
	SDP_KMEANS_ASSIGN,     /* assigns rows to centres */
	SDP_KMEANS_REFILL,     /* finds the row farthest from its centre, for an empty cluster */
	SDP_KMEANS_SPREAD,     /* distances of rows to their own centre */
	SDP_KMEANS_SEPARATION, /* distances of rows to all centres */
	SDP_KMEANS_SILHOUETTE, /* distances between all rows */
	SDP_KMEANS_DONE,
};

/* Maximum number of rows for which the Euclidean silhouette is computed. */
enum { SDP_KMEANS_SILHOUETTE_ROWS = 20000 };

struct sdp_kmeans; /* shared by all workers */

/* A worker's part of a phase.  All-zero bytes are an empty state. */
struct sdp_kmeans_state {
	bool any;     /* whether there is a best row */
	double best;  /* key of the best row */
	uint64_t row; /* number of the best row among all rows */
	uint32_t best_label;
	double *best_row; /* features of the best row */
	uint64_t changed; /* number of labels that changed */
	struct kmeans_sums {
		/* number of rows that joined each cluster, minus those that left it */
		int64_t *counts;
		sdp_int128 *sums; /* sums of their features as fixed sums: k × features */
		struct sdp_exact_sum *wide; /* sums of the features that do not fit a fixed sum */
	} sums;
	struct kmeans_seeding *seeding;
	struct sdp_exact_sum *scores;
};

/*
 * Returns a new computation over points, which must have at least one row and no feature out of
 * range, and must not be used afterwards.  Returns NULL on failure; with SDP_DATA if last_k exceeds
 * the number of rows, or if there are 2^32 rows or more.
 */
struct sdp_kmeans *sdp_kmeans_new(const struct sdp_kmeans_options *options, size_t features,
				  struct sdp_kmeans_points *points, struct sdp_spill *spill,
				  struct sdp_err *err);

/* Return the current phase and its number of items, which are blocks or tiles of rows. */
enum sdp_kmeans_phase sdp_kmeans_phase(const struct sdp_kmeans *km);

/* a name for users, such as "seeding" */
const char *sdp_kmeans_phase_name(enum sdp_kmeans_phase phase);
size_t sdp_kmeans_items(const struct sdp_kmeans *km);

/*
 * Return the estimated share of the current phase in the time that it and all phases after it take,
 * and the share of reading the input in the time of all; for struct sdp_pass.
 */
double sdp_kmeans_share(const struct sdp_kmeans *km);
double sdp_kmeans_reading_share(const struct sdp_kmeans_options *options, size_t features);

/* Returns the bytes of scratch memory that an item needs. */
size_t sdp_kmeans_scratch(const struct sdp_kmeans *km);

/* Processes an item.  scratch has sdp_kmeans_scratch bytes, aligned to 64, with any contents. */
int sdp_kmeans_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		    struct sdp_spill *spill, void *scratch, struct sdp_err *err);

/* Merges `from` into `into`, which does not keep pointers into `from`. */
int sdp_kmeans_merge(const struct sdp_kmeans *km, struct sdp_kmeans_state *into,
		     const struct sdp_kmeans_state *from, struct sdp_spill *spill,
		     struct sdp_err *err);

/*
 * Ends a phase: uses the root state and empties it, and moves to the next phase.  Fails with
 * SDP_DATA if there are fewer distinct rows than k.
 */
int sdp_kmeans_step(struct sdp_kmeans *km, struct sdp_kmeans_state *root, struct sdp_spill *spill,
		    struct sdp_err *err);

/*
 * Return the results for each k in ascending order, and the standard deviations (dividing by n;
 * NULL unless standardize), once the phase is SDP_KMEANS_DONE.
 */
const struct sdp_kmeans_result *sdp_kmeans_results(const struct sdp_kmeans *km, size_t *count);
const double *sdp_kmeans_deviations(const struct sdp_kmeans *km);

/*
 * Assigns rows to given centres (k × features): labels[row] becomes the nearest centre of each of
 * `rows` rows, value[feature × rows + row], as in a run.  deviations may be NULL.  scratch has
 * sdp_kmeans_nearest_scratch bytes.
 */
void sdp_kmeans_nearest(const double *centers, size_t k, size_t features, const double *deviations,
			const double *values, size_t rows, uint32_t *labels, void *scratch);
size_t sdp_kmeans_nearest_scratch(size_t features);

#endif

/*
 * k-means: Lloyd's iteration made exact and order-free.
 *
 * Distances are squared Euclidean, Σ ((x_f - c_f) · weight_f)², summed in the order of the features
 * in double precision, without contraction; a row belongs to the centre whose distance, so
 * computed, is smallest, the lower index among equals.  Centres are means of their rows from exact
 * sums (window.h, exact.h).  So labels and centres depend on the rows alone, not on who computed
 * what.
 *
 * The accelerated algorithm finds the same labels with less work.  It keeps, for every row, bounds
 * (Hamerly, Making k-means even faster, SDM 2010): the distance to its own centre is at most upper,
 * that to any other at least lower; centres move, bounds give way, and while upper < lower (or half
 * the way from the own centre to the next) nothing has to be computed.  Other rows get their
 * distances to all centres in single precision, whose error is bounded; only where two centres are
 * nearer to each other than that error the distances above decide.
 *
 * A run goes through phases; each is a pass over the blocks (sdp_kmeans_item) between which
 * sdp_kmeans_step goes on.  The struct lies in shared memory; blocks are kept by sdp/spill.h;
 * states are a worker's share of a phase, merged in any order.  Functions return 0, or -1 (memory
 * or disk ended, or SDP_DATA as noted).
 */
#ifndef SDP_MODEL_KMEANS_KMEANS_H
#define SDP_MODEL_KMEANS_KMEANS_H

#include "base/fixed_sum.h"
#include "sdp/spill.h"

enum sdp_kmeans_init { SDP_KMEANS_PLUS_PLUS, SDP_KMEANS_RANDOM, SDP_KMEANS_GIVEN };

struct sdp_kmeans_options {
	size_t first_k, last_k; /* a scan over all between, if they differ */
	enum sdp_kmeans_init init;
	const double *given; /* first_k × features, in the input's units; shared memory */
	int restarts, max_iterations;
	double tolerance; /* of the largest move of a centre; 0: until no label changes */
	uint64_t seed;
	bool lloyd;       /* without acceleration */
	bool standardize; /* weight_f = 1 / deviation */
};

/*
 * The rows, as they are read; all-zero bytes hold none.  Its parts may be filled by different
 * workers and merged in any order.
 */
struct sdp_kmeans_points {
	uint64_t rows;
	struct kmeans_kept *kept;    /* blocks */
	struct kmeans_range *ranges; /* of the features */
};

/* A block: value[feature × rows + row], rows > 0; chunk is its place among all blocks. */
int sdp_kmeans_points_add(struct sdp_kmeans_points *points, size_t features, uint64_t chunk,
			  const double *values, size_t rows, struct sdp_spill *spill,
			  struct sdp_err *err);

/* from is used up. */
void sdp_kmeans_points_merge(struct sdp_kmeans_points *into, struct sdp_kmeans_points *from,
			     size_t features);

/*
 * The first feature whose largest magnitude is 2^1022 or more, or below 2^-1000 and not 0; features
 * if none.
 */
size_t sdp_kmeans_points_odd(const struct sdp_kmeans_points *points, size_t features);

/* What one k came to. */
struct sdp_kmeans_result {
	size_t k;
	double inertia; /* Σ of squared distances to the own centre */
	/* NaN: has no value */
	double silhouette_squared, silhouette, calinski_harabasz, davies_bouldin;
	int iterations;
	bool converged;
	uint64_t changed; /* labels, in the last iteration */
	uint64_t refills; /* of empty clusters */
	int restart;
	double *centers; /* k × features, in the input's units */
	uint64_t *sizes;
};

enum sdp_kmeans_phase {
	SDP_KMEANS_SCALE,      /* deviations */
	SDP_KMEANS_SEED,       /* one more starting centre */
	SDP_KMEANS_ASSIGN,     /* rows to centres */
	SDP_KMEANS_REFILL,     /* the row farthest from its centre */
	SDP_KMEANS_SPREAD,     /* distances to the own centre */
	SDP_KMEANS_SEPARATION, /* distances to all centres */
	SDP_KMEANS_SILHOUETTE, /* distances between all rows */
	SDP_KMEANS_DONE,
};

/* Rows up to which the Euclidean silhouette is computed. */
enum { SDP_KMEANS_SILHOUETTE_ROWS = 20000 };

struct sdp_kmeans; /* shared by all workers */

/* What a worker found; all-zero bytes are a fresh one. */
struct sdp_kmeans_state {
	bool any;     /* there is a best row */
	double best;  /* its key */
	uint64_t row; /* its number among all rows */
	uint32_t best_label;
	double *best_row; /* its features */
	uint64_t changed; /* labels */
	struct kmeans_sums {
		/* of rows that came to a cluster, less those that went */
		int64_t *counts;
		sdp_int128 *sums;           /* and of their features, in windows: k × features */
		struct sdp_exact_sum *wide; /* of those that fit no window */
	} sums;
	struct sdp_exact_sum *scores;
};

/*
 * Over points with at least a row, which are used up, and no odd feature.  NULL on failure;
 * SDP_DATA: last_k is more than there are rows, or those are more than 2^32.
 */
struct sdp_kmeans *sdp_kmeans_new(const struct sdp_kmeans_options *options, size_t features,
				  struct sdp_kmeans_points *points, struct sdp_spill *spill,
				  struct sdp_err *err);

/* The phase to do now, and the items it has: blocks, or tiles of rows. */
enum sdp_kmeans_phase sdp_kmeans_phase(const struct sdp_kmeans *km);
const char *sdp_kmeans_phase_name(enum sdp_kmeans_phase phase); /* for people: "seeding" */
size_t sdp_kmeans_items(const struct sdp_kmeans *km);

/* Bytes of scratch that an item needs. */
size_t sdp_kmeans_scratch(const struct sdp_kmeans *km);

/* scratch: as many bytes as said, aligned to 64, anything in them. */
int sdp_kmeans_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		    struct sdp_spill *spill, void *scratch, struct sdp_err *err);

/* from's memory may go away afterwards. */
int sdp_kmeans_merge(const struct sdp_kmeans *km, struct sdp_kmeans_state *into,
		     const struct sdp_kmeans_state *from, struct sdp_spill *spill,
		     struct sdp_err *err);

/*
 * After a phase: takes in the root (and empties it), goes on to the next phase.  Fails with
 * SDP_DATA if there are fewer distinct rows than k.
 */
int sdp_kmeans_step(struct sdp_kmeans *km, struct sdp_kmeans_state *root, struct sdp_spill *spill,
		    struct sdp_err *err);

/*
 * When done: a result for each k, in ascending order; and the 1/n deviations (NULL unless
 * standardize).
 */
const struct sdp_kmeans_result *sdp_kmeans_results(const struct sdp_kmeans *km, size_t *count);
const double *sdp_kmeans_deviations(const struct sdp_kmeans *km);

/*
 * Labels by given centres (k × features): the nearest of each of rows rows (value[feature × rows +
 * row]), as in a run.  deviations may be NULL.  scratch as sdp_kmeans_nearest_scratch says.
 */
void sdp_kmeans_nearest(const double *centers, size_t k, size_t features, const double *deviations,
			const double *values, size_t rows, uint32_t *labels, void *scratch);
size_t sdp_kmeans_nearest_scratch(size_t features);

#endif

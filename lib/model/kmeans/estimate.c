/*
 * Estimates of time, for the progress of a run.
 *
 * The unit is the time that one row needs for one feature of one distance.  The constants were
 * measured with narrow tables in memory; a progress display needs no more than that.
 */
#include "model/kmeans/kmeans_private.h"

#include <math.h>

enum {
	PACE = 7,       /* the usual number of iterations, divided by √k */
	RACE = 30,      /* a random number and its comparison */
	BOUNDS = 10,    /* reading, checking and writing the bounds of a row */
	EXACT = 25,     /* adding to an exact sum */
	READING = 200,  /* a cell of the input */
	UNCERTAIN = 4,  /* one row in so many is not settled by its bounds */
	SILHOUETTE = 3, /* a root, and adding it */
};

static double seed_pass(const struct sdp_kmeans_options *o, double features, double tries)
{
	return RACE + BOUNDS + features * (o->init == SDP_KMEANS_PLUS_PLUS ? 1 + tries : 1);
}

static double assign_pass(double features, double k, bool bounds)
{
	return BOUNDS + features * k / (bounds ? UNCERTAIN : 1);
}

/* Returns the time of all iterations of a run but the first. */
static double iterations_of(const struct sdp_kmeans_options *o, double features, double k,
			    double pace)
{
	return (fmin(pace * sqrt(k), o->max_iterations) - 1) * assign_pass(features, k, !o->lloyd);
}

/*
 * Returns how many iterations follow the next one.  The number of rows that change their label
 * tends to fall by the same factor in each iteration, down to none.
 */
static double iterations_left(const struct sdp_kmeans *km, double pace)
{
	double done = km->iteration, left = fmax(pace * sqrt((double)km->k) - done, 1);
	double now = log((double)km->changed + 1), first = log((double)km->first_changed + 1);
	if (km->last)
		return 0;
	if (done > 2)
		left = now < first ? fmin((done - 2) * now / (first - now), 4 * done) : done;
	return fmax(fmin(left, km->o.max_iterations - done) - 1, 0);
}

static double tries_of(double k)
{
	return 2 + floor(log(k));
}

/* The time of one run of k-means: seeds, iterations, inertia. */
static double run_of(const struct sdp_kmeans_options *o, double features, double k, double pace)
{
	double seeds =
		o->init == SDP_KMEANS_GIVEN ? 0 : (k + 1) * seed_pass(o, features, tries_of(k));
	return seeds + assign_pass(features, k, false) + iterations_of(o, features, k, pace) +
	       features + 2 * EXACT;
}

/* The time of the scores of a k; rows is 0 if it is not known yet. */
static double scores_of(double features, double k, double rows)
{
	double silhouette = rows <= SDP_KMEANS_SILHOUETTE_ROWS ? rows * (features + SILHOUETTE) : 0;
	return features * k + EXACT + silhouette;
}

/* The time of all k from `from` to last_k. */
static double all_from(const struct sdp_kmeans_options *o, double features, size_t from,
		       double pace, double rows)
{
	double sum = 0;
	for (size_t k = from; k <= o->last_k; k++)
		sum += o->restarts * run_of(o, features, (double)k, pace) +
		       scores_of(features, (double)k, rows);
	return sum;
}

double sdp_kmeans_reading_share(const struct sdp_kmeans_options *options, size_t features)
{
	double d = (double)features, reading = READING * d;
	return reading / (reading + all_from(options, d, options->first_k, PACE, 0));
}

/* Returns the time of the phase that comes, and in *after that of the rest of its run. */
static double time_of_phase(const struct sdp_kmeans *km, double pace, double *after)
{
	double d = (double)km->features, k = (double)km->k,
	       seed = seed_pass(&km->o, d, tries_of(k)), spread = d + 2 * EXACT;
	switch (km->phase) {
	case SDP_KMEANS_SCALE:
		*after = run_of(&km->o, d, k, pace);
		return 2 * EXACT * d;
	case SDP_KMEANS_SEED:
		*after = (k - (double)km->seeds) * seed + assign_pass(d, k, false) +
			 iterations_of(&km->o, d, k, pace) + spread;
		return seed;
	case SDP_KMEANS_ASSIGN:
	case SDP_KMEANS_REFILL:
		*after = spread + iterations_left(km, pace) * assign_pass(d, k, !km->o.lloyd);
		return assign_pass(d, k, !km->o.lloyd && !km->fresh);
	case SDP_KMEANS_SPREAD:
		return spread;
	case SDP_KMEANS_SEPARATION:
		return d * k + EXACT;
	default:
		return (double)km->rows * (d + SILHOUETTE);
	}
}

double sdp_kmeans_share(const struct sdp_kmeans *km)
{
	double d = (double)km->features, k = (double)km->k, rows = (double)km->rows, after = 0;
	double pace = km->runs_done > 0 ? km->pace / km->runs_done : PACE;
	double phase = time_of_phase(km, pace, &after);
	bool fitting = km->phase < SDP_KMEANS_SEPARATION;
	if (fitting && !km->best_again)
		after += (km->o.restarts - km->restart - 1) * run_of(&km->o, d, k, pace);
	if (fitting)
		after += scores_of(d, k, rows);
	if (km->phase == SDP_KMEANS_SEPARATION)
		after += scores_of(d, k, rows) - (d * k + EXACT);
	after += all_from(&km->o, d, km->k + 1, pace, rows);
	return phase / (phase + after);
}

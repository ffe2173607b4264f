/*
 * The work between passes: from phase to phase, from restart to restart, from k to k.
 *
 *	SCALE → SEED … → ASSIGN ⇄ REFILL → ASSIGN … → SPREAD  (again for each restart; then the best
 *	once more: ASSIGN → SPREAD) → SEPARATION → SILHOUETTE → the next k, or DONE
 */
#include "model/kmeans/kmeans_private.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- allocating ---- */

static void *allocate(struct sdp_spill *spill, size_t count, size_t size, bool *failed,
		      struct sdp_err *err)
{
	void *p = *failed ? NULL : sdp_spill_take(spill, count * size, err);
	*failed |= !p;
	return p;
}

static int make_result(struct sdp_kmeans_result *result, size_t k, size_t features,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	bool failed = false;
	result->centers = allocate(spill, k * features, sizeof *result->centers, &failed, err);
	result->sizes = allocate(spill, k, sizeof *result->sizes, &failed, err);
	return failed ? -1 : 0;
}

static int make_room(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	size_t d = km->features, k = km->o.last_k, room = 0;
	bool failed = false;
	km->constant = allocate(spill, d, sizeof *km->constant, &failed, err);
	km->shift = allocate(spill, 4 * d, sizeof *km->shift, &failed, err);
	km->fixed = allocate(spill, d, sizeof *km->fixed, &failed, err);
	km->centers = allocate(spill, 4 * k * d, sizeof *km->centers, &failed, err);
	km->quarter = allocate(spill, 3 * k, sizeof *km->quarter, &failed, err);
	km->wide = allocate(spill, d, sizeof *km->wide, &failed, err);
	km->sweep =
		allocate(spill, (1 + sdp_kmeans_tries(km, k)) * d, sizeof *km->sweep, &failed, err);
	km->refilled = allocate(spill, k, sizeof *km->refilled, &failed, err);
	km->results = allocate(spill, k - km->o.first_k + 1, sizeof *km->results, &failed, err);
	if (failed || make_result(&km->best, k, d, spill, err) < 0)
		return -1;
	km->span = km->shift + d;
	km->deviation = km->span + d;
	km->weight = km->deviation + d;
	km->means = km->centers + k * d;
	km->before = km->means + k * d;
	km->rests = km->before + k * d;
	km->within = km->quarter + k;
	km->spread = km->within + k;
	for (size_t i = 0; i < km->block_count; i++) {
		struct kmeans_block *b = &km->blocks[i];
		b->slot = room;
		if (b->rows > km->largest)
			km->largest = b->rows;
		room += ((size_t)b->rows * KMEANS_SLOT + 63) / 64 * 64;
	}
	for (int i = 0; i < 2; i++)
		if (sdp_spill_reserve(spill, room, &km->slots[i], err) < 0)
			return -1;
	return 0;
}

static void begin_run(struct sdp_kmeans *km)
{
	km->iteration = 0;
	km->refills = 0;
	km->refilled_count = 0;
	km->seeds = km->candidate_count = 0;
	km->tries = sdp_kmeans_tries(km, km->k);
	km->converged = km->last = km->best_again = false;
	km->unlabelled = true;
	km->phase = SDP_KMEANS_SEED;
}

/* Starts to assign rows to the initial centres. */
static int begin_assigning(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	km->unlabelled = true;
	km->phase = SDP_KMEANS_ASSIGN;
	return sdp_kmeans_prepare_assign(km, NULL, spill, err);
}

static int begin(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	begin_run(km);
	if (km->o.init != SDP_KMEANS_GIVEN)
		return 0;
	memcpy(km->centers, km->o.given, km->k * km->features * sizeof *km->centers);
	return begin_assigning(km, spill, err);
}

static void set_scales(struct sdp_kmeans *km, const struct kmeans_range *ranges)
{
	km->least = HUGE_VAL;
	for (size_t f = 0; f < km->features; f++) {
		const struct kmeans_range *r = &ranges[f];
		km->least = fmin(km->least, r->least);
		double magnitude = fmax(fabs(r->low), fabs(r->high));
		double mean = sdp_exact_sum_value(&r->sum) / (double)km->rows * 0x1p32;
		km->constant[f] = r->low == r->high;
		/*
		 * The last bits of the sum depend on where blocks end. Any value near the mean will
		 * do, so the mean is rounded to a place in the range that hardly ever does.
		 */
		float place = km->constant[f] ? 0 : (float)((mean - r->low) / (r->high - r->low));
		mean = r->low + fmin(fmax(place, 0), 1) * (r->high - r->low);
		km->shift[f] = mean;
		km->span[f] = fmax(fmax(r->high - mean, mean - r->low), 0x1p-1000);
		if (!sdp_fixed_sum_init(&km->fixed[f], magnitude, r->least))
			km->wide[f] = ++km->wide_count;
	}
}

struct sdp_kmeans *sdp_kmeans_new(const struct sdp_kmeans_options *options, size_t features,
				  struct sdp_kmeans_points *points, struct sdp_spill *spill,
				  struct sdp_err *err)
{
	struct sdp_kmeans *km = sdp_spill_take(spill, sizeof *km, err);
	if (!km)
		return NULL;
	if (points->rows < options->last_k || points->rows >> 32) {
		sdp_fail(err, SDP_DATA,
			 points->rows >> 32 ? "%" PRIu64
					      " row%s are more than 2^32, for %zu clusters"
					    : "only %" PRIu64 " row%s for %zu clusters",
			 points->rows, points->rows == 1 ? "" : "s", options->last_k);
		return NULL;
	}
	km->o = *options;
	km->features = features;
	km->rows = points->rows;
	km->k = options->first_k;
	km->blocks = sdp_kmeans_blocks(points, &km->block_count, spill, err);
	if (!km->blocks || make_room(km, spill, err) < 0)
		return NULL;
	set_scales(km, points->ranges);
	/* Coordinates are below 2 in magnitude, so a squared distance is at most 16 × features. */
	sdp_fixed_sum_init(&km->gain, 32 * (double)features, 32 * (double)features);
	if (sdp_kmeans_make_sums(km, &km->sums, spill, err) < 0)
		return NULL;
	km->sizes = km->sums.counts;
	km->phase = SDP_KMEANS_SCALE;
	if (options->standardize)
		return km;
	sdp_kmeans_weigh(km, NULL);
	return begin(km, spill, err) < 0 ? NULL : km;
}

/* ---- seeding ---- */

/*
 * Fails because every row is at one of the centres. If values are so small beside others that the
 * square of a difference may underflow, more rows may be distinct than squared distances tell.
 */
static int fail_too_few(const struct sdp_kmeans *km, uint64_t distinct, struct sdp_err *err)
{
	bool lost = false;
	for (size_t f = 0; f < km->features; f++)
		lost |= km->weight[f] > 0 && km->least * km->weight[f] < 0x1p-484;
	return sdp_fail(err, SDP_DATA, "only %" PRIu64 " distinct row%s for %zu clusters%s",
			distinct, distinct == 1 ? "" : "s", km->k,
			lost ? ", as far as squared distances tell: some values are too small "
			       "beside others"
			     : "");
}

static int step_seed(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
		     struct sdp_spill *spill, struct sdp_err *err)
{
	/* The pass wrote the slots unless there was no centre yet. */
	if (km->seeds > 0)
		km->current = !km->current;
	int rc = sdp_kmeans_choose_seed(km, root->seeding, spill, err);
	if (rc != 0)
		return rc < 0 ? -1 : fail_too_few(km, km->seeds, err);
	return km->seeds < km->k ? 0 : begin_assigning(km, spill, err);
}

/* ---- assigning ---- */

static size_t first_empty(const struct sdp_kmeans *km)
{
	size_t c = 0;
	while (c < km->k && km->sizes[c])
		c++;
	return c;
}

/* Computes the means of the assigned rows; a cluster without rows keeps its centre. */
static void compute_means(struct sdp_kmeans *km)
{
	for (size_t c = 0; c < km->k; c++)
		for (size_t f = 0; f < km->features; f++) {
			size_t at = c * km->features + f;
			uint64_t size = (uint64_t)km->sizes[c];
			km->means[at] = size ? sdp_kmeans_mean(km, &km->sums, c, f, size, 0)
					     : km->centers[at];
			km->rests[at] =
				size ? sdp_kmeans_mean(km, &km->sums, c, f, size, km->means[at])
				     : 0;
		}
}

/* Returns the largest distance of a centre to its new position, in the units of the user. */
static double largest_move(const struct sdp_kmeans *km)
{
	double largest = 0;
	for (size_t c = 0; c < km->k; c++)
		largest = fmax(largest,
			       sdp_kmeans_distance(km->means + c * km->features, 1, km->weight,
						   km->before + c * km->features, km->features));
	return ldexp(sqrt(largest), km->exponent);
}

/*
 * Continues after an assignment in which no cluster is empty: with the means as the new centres, or
 * with the scores.
 */
static int after_assigning(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	bool stable = km->changed == 0 && km->iteration > 1 && km->refilled_count == 0;
	compute_means(km);
	km->phase = SDP_KMEANS_SPREAD;
	if (km->last)
		return 0;
	km->converged = stable;
	if (stable)
		return 0;
	km->converged = km->o.tolerance > 0 && largest_move(km) <= km->o.tolerance;
	km->last = km->converged || km->iteration == km->o.max_iterations;
	memcpy(km->centers, km->means, km->k * km->features * sizeof *km->centers);
	km->phase = SDP_KMEANS_ASSIGN;
	return sdp_kmeans_prepare_assign(km, km->before, spill, err);
}

static int step_assign(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	if (km->fresh)
		sdp_kmeans_clear_sums(km, &km->sums);
	sdp_kmeans_add_sums(km, &km->sums, &root->sums);
	km->current = !km->current;
	km->unlabelled = false;
	km->refilled_count = 0;
	if (km->last)
		return after_assigning(km, spill, err);
	memcpy(km->before, km->centers, km->k * km->features * sizeof *km->centers);
	km->iteration++;
	km->changed = root->changed;
	if (km->iteration == 2)
		km->first_changed = km->changed;
	if (first_empty(km) == km->k)
		return after_assigning(km, spill, err);
	km->phase = SDP_KMEANS_REFILL;
	return 0;
}

static int step_refill(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	size_t empty = first_empty(km);
	if (!root->any)
		return fail_too_few(km, sdp_kmeans_clusters(km), err);
	/* The row moves from its cluster to the empty one and becomes its centre. */
	sdp_kmeans_add(km, &km->sums, root->best_label, root->best_row, 1, -1);
	sdp_kmeans_add(km, &km->sums, empty, root->best_row, 1, 1);
	memcpy(km->centers + empty * km->features, root->best_row,
	       km->features * sizeof *km->centers);
	km->refilled[km->refilled_count++] = (struct kmeans_refill){root->row, (uint32_t)empty};
	km->refills++;
	return first_empty(km) < km->k ? 0 : after_assigning(km, spill, err);
}

/* ---- scoring ---- */

static void keep_best(struct sdp_kmeans *km, const struct sdp_kmeans_result *result)
{
	size_t clusters = km->k;
	double *centers = km->best.centers;
	uint64_t *sizes = km->best.sizes;
	km->best = *result;
	km->best.centers = memcpy(centers, km->centers, clusters * km->features * sizeof *centers);
	km->best.sizes = sizes;
	for (size_t c = 0; c < clusters; c++)
		sizes[c] = (uint64_t)km->sizes[c];
	km->best.k = km->k;
	km->best.iterations = km->iteration;
	km->best.converged = km->converged;
	km->best.changed = km->changed;
	km->best.refills = km->refills;
	km->best.restart = km->restart;
	km->any_best = true;
}

/* Stores the best result for this k, and starts the next k. */
static int finish_k(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_kmeans_result *result = &km->results[km->result++];
	double *centers = km->best.centers;
	uint64_t *sizes = km->best.sizes;
	if (make_result(result, km->k, km->features, spill, err) < 0)
		return -1;
	memcpy(result->centers, centers, km->k * km->features * sizeof *centers);
	memcpy(result->sizes, sizes, km->k * sizeof *sizes);
	centers = result->centers;
	sizes = result->sizes;
	*result = km->best;
	result->centers = centers;
	result->sizes = sizes;
	km->phase = SDP_KMEANS_DONE;
	if (km->k++ == km->o.last_k)
		return 0;
	km->restart = 0;
	km->any_best = false;
	return begin(km, spill, err);
}

static int step_spread(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
		       struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_kmeans_result result = {0};
	double inertia = sdp_kmeans_take_spread(km, root, &result);
	if (!km->best_again) {
		km->runs_done++;
		km->pace += km->iteration / sqrt((double)km->k);
		if (!km->any_best || inertia < km->best_inertia) {
			keep_best(km, &result);
			km->best_inertia = inertia;
		}
		if (++km->restart < km->o.restarts)
			return begin(km, spill, err);
		if (km->best.restart != km->restart - 1) {
			km->best_again = km->last = true;
			memcpy(km->centers, km->best.centers,
			       km->k * km->features * sizeof *km->centers);
			km->unlabelled = true;
			km->phase = SDP_KMEANS_ASSIGN;
			return sdp_kmeans_prepare_assign(km, NULL, spill, err);
		}
	}
	if (sdp_kmeans_clusters(km) < 2)
		return finish_k(km, spill, err);
	km->phase = SDP_KMEANS_SEPARATION;
	return 0;
}

static int step_separation(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
			   struct sdp_spill *spill, struct sdp_err *err)
{
	km->best.silhouette_squared = sdp_exact_sum_value(root->scores) / (double)km->rows;
	if (km->rows > SDP_KMEANS_SILHOUETTE_ROWS)
		return finish_k(km, spill, err);
	km->phase = SDP_KMEANS_SILHOUETTE;
	return sdp_kmeans_gather(km, spill, err);
}

static int step_silhouette(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
			   struct sdp_spill *spill, struct sdp_err *err)
{
	km->best.silhouette = sdp_exact_sum_value(root->scores) / (double)km->rows;
	return finish_k(km, spill, err);
}

static int step_scale(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
		      struct sdp_spill *spill, struct sdp_err *err)
{
	sdp_kmeans_weigh(km, root);
	return begin(km, spill, err);
}

int sdp_kmeans_step(struct sdp_kmeans *km, struct sdp_kmeans_state *root, struct sdp_spill *spill,
		    struct sdp_err *err)
{
	static int (*const steps[])(struct sdp_kmeans *, const struct sdp_kmeans_state *,
				    struct sdp_spill *, struct sdp_err *) = {
		[SDP_KMEANS_SCALE] = step_scale,
		[SDP_KMEANS_SEED] = step_seed,
		[SDP_KMEANS_ASSIGN] = step_assign,
		[SDP_KMEANS_REFILL] = step_refill,
		[SDP_KMEANS_SPREAD] = step_spread,
		[SDP_KMEANS_SEPARATION] = step_separation,
		[SDP_KMEANS_SILHOUETTE] = step_silhouette,
	};
	if (km->phase == SDP_KMEANS_DONE)
		SDP_BUG();
	int rc = steps[km->phase](km, root, spill, err);
	root->any = false;
	root->changed = 0;
	if (root->seeding)
		*root->seeding = (struct kmeans_seeding){0};
	if (root->sums.counts)
		sdp_kmeans_clear_sums(km, &root->sums);
	if (root->scores)
		memset(root->scores, 0, sdp_kmeans_score_room(km) * sizeof *root->scores);
	return rc;
}

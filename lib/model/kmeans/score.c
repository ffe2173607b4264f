/*
 * The quality of the clusters: passes over the rows, and the indices that follow from them.
 *
 * The mean of the squared distances from a row to the rows of a cluster is the squared distance to
 * the cluster's mean plus the mean squared distance of the cluster's rows to that mean.  The
 * silhouette with squared distances (as in Spark's ClusteringEvaluator) therefore takes only one
 * pass.  The Euclidean silhouette needs all distances between rows.
 */
#include "model/kmeans/kmeans_private.h"

#include "sdp/mem.h"

#include <math.h>
#include <string.h>

/* ---- standard deviations ---- */

/*
 * Sums x and x² for each feature, where x is the difference from a value near the mean, in units of
 * the feature's span.
 */
static void scale_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
		       const double *values, size_t rows)
{
	for (size_t f = 0; f < km->features; f++) {
		for (size_t row = 0; row < rows; row++) {
			double d = (values[f * rows + row] - km->shift[f]) / km->span[f];
			sdp_exact_sum_add(&state->scores[2 * f], d);
			sdp_exact_sum_add(&state->scores[2 * f + 1], d * d);
		}
	}
}

double sdp_kmeans_weight(double deviation, int exponent)
{
	int e;
	if (deviation == 0)
		return 0;
	double fraction = frexp(deviation, &e);
	return ldexp(1 / fraction, -e - exponent);
}

void sdp_kmeans_weigh(struct sdp_kmeans *km, const struct sdp_kmeans_state *root)
{
	double n = (double)km->rows;
	int largest = INT32_MIN;
	for (size_t f = 0; f < km->features; f++) {
		int e, scale = 0;
		km->deviation[f] = 1;
		if (km->o.standardize) {
			double sum = sdp_exact_sum_value(&root->scores[2 * f]);
			double squares = sdp_exact_sum_value(&root->scores[2 * f + 1]);
			double variance = (squares - sum * sum / n) / n;
			km->deviation[f] = km->constant[f] || !(variance > 0)
						   ? 0
						   : sqrt(variance) * km->span[f];
			frexp(km->deviation[f], &scale);
		}
		frexp(km->span[f], &e);
		if (!km->constant[f] && e - scale > largest)
			largest = e - scale;
	}
	km->exponent = largest == INT32_MIN ? 0 : largest;
	for (size_t f = 0; f < km->features; f++)
		km->weight[f] = sdp_kmeans_weight(km->deviation[f], km->exponent);
}

/* ---- distances to means ---- */

/* Sums, for each cluster, the squared distances to its mean and the distances. */
static void spread_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			const double *values, size_t rows, struct kmeans_room *room)
{
	sdp_kmeans_own_distances(km, values, rows, room->label, km->means, km->rests,
				 room->nearest);
	for (size_t row = 0; row < rows; row++) {
		uint32_t label = room->label[row];
		sdp_exact_sum_add(&state->scores[2 * label], room->nearest[row]);
		sdp_exact_sum_add(&state->scores[2 * label + 1], sqrt(room->nearest[row]));
	}
}

/*
 * Returns the silhouette of a row, (b - a) / max(a, b).  total[c × KMEANS_LANES] is the sum of its
 * distances to all rows of cluster c.
 */
static double silhouette(const struct sdp_kmeans *km, const double *total, uint32_t own)
{
	double near = HUGE_VAL, within = 0;
	if (km->sizes[own] == 1)
		return 0;
	for (size_t c = 0; c < km->k; c++) {
		double sum = total[c * KMEANS_LANES], size = (double)km->sizes[c];
		if (c == own)
			within = sum / (size - 1);
		else if (km->sizes[c])
			near = fmin(near, sum / size);
	}
	double largest = fmax(within, near);
	return largest > 0 ? (near - within) / largest : 0;
}

static void separation_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			    const double *values, size_t rows, struct kmeans_room *room)
{
	const struct kmeans_kernel *kernel = sdp_kmeans_kernel();
	for (size_t row = 0; row < rows; row += KMEANS_LANES) {
		uint32_t list[KMEANS_LANES];
		size_t n = rows - row < KMEANS_LANES ? rows - row : KMEANS_LANES;
		for (size_t i = 0; i < n; i++)
			list[i] = (uint32_t)(row + i);
		sdp_kmeans_tile(values, rows, km->features, list, n, room->tile);
		kernel->spreads(room->tile, km->weight, km->means, km->rests, km->k, km->features,
				room->distances);
		for (size_t c = 0; c < km->k; c++)
			for (size_t i = 0; i < n; i++) {
				double *d = &room->distances[c * KMEANS_LANES + i];
				*d = *d * (double)km->sizes[c] + km->within[c];
			}
		for (size_t i = 0; i < n; i++)
			sdp_exact_sum_add(state->scores, silhouette(km, room->distances + i,
								    room->label[row + i]));
	}
}

/* ---- distances between rows ---- */

int sdp_kmeans_gather(struct sdp_kmeans *km, struct sdp_spill *spill, struct sdp_err *err)
{
	size_t features = km->features, rows = (size_t)km->rows;
	struct kmeans_room room;
	void *scratch = sdp_alloc(1, sdp_kmeans_room(km, NULL, &room), err);
	if (!km->matrix) {
		km->matrix = sdp_spill_take(spill, rows * features * sizeof *km->matrix, err);
		km->labels = sdp_spill_take(spill, rows * sizeof *km->labels, err);
	}
	if (!scratch || !km->matrix || !km->labels) {
		free(scratch);
		return -1;
	}
	int rc = 0;
	sdp_kmeans_room(km, scratch, &room);
	for (size_t block = 0; rc == 0 && block < km->block_count; block++) {
		const struct kmeans_block *b = &km->blocks[block];
		const double *values = sdp_kmeans_values(km, block, spill, &room, err);
		rc = values ? sdp_kmeans_get_slots(km, block, spill, &room, err) : -1;
		if (rc < 0)
			break;
		memcpy(km->labels + b->first, room.label, b->rows * sizeof *room.label);
		for (size_t row = 0; row < b->rows; row++)
			for (size_t f = 0; f < features; f++)
				km->matrix[(b->first + row) * features + f] =
					values[f * b->rows + row];
	}
	free(scratch);
	return rc;
}

static void silhouette_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			    size_t item, struct kmeans_room *room)
{
	const struct kmeans_kernel *kernel = sdp_kmeans_kernel();
	size_t first = item * KMEANS_LANES, rows = (size_t)km->rows, features = km->features;
	size_t n = rows - first < KMEANS_LANES ? rows - first : KMEANS_LANES;
	double *total = room->distances + KMEANS_STRIP * KMEANS_LANES;
	memset(total, 0, km->k * KMEANS_LANES * sizeof *total);
	for (size_t f = 0; f < features; f++)
		for (size_t i = 0; i < KMEANS_LANES; i++)
			room->tile[f * KMEANS_LANES + i] =
				km->matrix[(first + (i < n ? i : n - 1)) * features + f];
	for (size_t j = 0; j < rows; j += KMEANS_STRIP) {
		size_t strip = rows - j < KMEANS_STRIP ? rows - j : KMEANS_STRIP;
		kernel->distances(room->tile, km->weight, km->matrix + j * features, strip,
				  features, room->distances);
		kernel->add_roots(room->distances, km->labels + j, strip, total);
	}
	for (size_t i = 0; i < n; i++)
		sdp_exact_sum_add(state->scores, silhouette(km, total + i, km->labels[first + i]));
}

/* ---- the phases ---- */

size_t sdp_kmeans_score_count(const struct sdp_kmeans *km)
{
	switch (km->phase) {
	case SDP_KMEANS_SCALE:
		return 2 * km->features;
	case SDP_KMEANS_SPREAD:
		return 2 * km->k;
	default:
		return 1;
	}
}

size_t sdp_kmeans_score_room(const struct sdp_kmeans *km)
{
	return 2 * (km->features > km->o.last_k ? km->features : km->o.last_k);
}

int sdp_kmeans_take_scores(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			   struct sdp_spill *spill, struct sdp_err *err)
{
	if (!state->scores)
		state->scores =
			sdp_spill_take(spill, sdp_kmeans_score_room(km) * sizeof *state->scores,
				       err);
	return state->scores ? 0 : -1;
}

int sdp_kmeans_score(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		     struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err)
{
	if (sdp_kmeans_take_scores(km, state, spill, err) < 0)
		return -1;
	if (km->phase == SDP_KMEANS_SILHOUETTE) {
		silhouette_item(km, state, item, room);
		return 0;
	}
	const double *values = sdp_kmeans_values(km, item, spill, room, err);
	size_t rows = km->blocks[item].rows;
	if (!values)
		return -1;
	if (km->phase == SDP_KMEANS_SCALE) {
		scale_item(km, state, values, rows);
		return 0;
	}
	if (sdp_kmeans_get_slots(km, item, spill, room, err) < 0)
		return -1;
	if (km->phase == SDP_KMEANS_SPREAD)
		spread_item(km, state, values, rows, room);
	else
		separation_item(km, state, values, rows, room);
	return 0;
}

/* ---- indices ---- */

static double between_means(const struct sdp_kmeans *km, size_t a, size_t b)
{
	double sum = 0;
	for (size_t f = 0; f < km->features; f++) {
		size_t i = a * km->features + f, j = b * km->features + f;
		double d = (km->means[i] - km->means[j] + (km->rests[i] - km->rests[j])) *
			   km->weight[f];
		sum += d * d;
	}
	return sum;
}

/*
 * Returns the Davies-Bouldin index, the mean over clusters of the largest (s_i + s_j) / d_ij; D. L.
 * Davies and D. W. Bouldin (1979).
 */
static double davies_bouldin(const struct sdp_kmeans *km, size_t clusters)
{
	double sum = 0;
	for (size_t i = 0; i < km->k; i++) {
		double worst = 0;
		for (size_t j = 0; km->sizes[i] && j < km->k; j++)
			if (j != i && km->sizes[j]) {
				double s = km->spread[i] / (double)km->sizes[i] +
					   km->spread[j] / (double)km->sizes[j];
				worst = fmax(worst, s / sqrt(between_means(km, i, j)));
			}
		sum += worst;
	}
	return sum / (double)clusters;
}

/*
 * Returns the sum over clusters of size × squared distance of the cluster's mean to the mean of all
 * rows.
 */
static double between(const struct sdp_kmeans *km)
{
	double total = 0;
	for (size_t f = 0; f < km->features; f++) {
		double rest, mean = sdp_kmeans_mean_of_all(km, f, &rest);
		for (size_t c = 0; c < km->k; c++) {
			size_t at = c * km->features + f;
			double d = (km->means[at] - mean + (km->rests[at] - rest)) * km->weight[f];
			total += (double)km->sizes[c] * (d * d);
		}
	}
	return total;
}

/*
 * Returns the part of the inertia that arises because the centre is not exactly the mean of its
 * cluster.
 */
static double center_offset(const struct sdp_kmeans *km, size_t c)
{
	double sum = 0;
	for (size_t f = 0; f < km->features; f++) {
		size_t at = c * km->features + f;
		double d = (km->means[at] - km->centers[at] + km->rests[at]) * km->weight[f];
		sum += d * d;
	}
	return (double)km->sizes[c] * sum;
}

size_t sdp_kmeans_clusters(const struct sdp_kmeans *km)
{
	size_t clusters = 0;
	for (size_t c = 0; c < km->k; c++)
		clusters += km->sizes[c] != 0;
	return clusters;
}

double sdp_kmeans_take_spread(struct sdp_kmeans *km, const struct sdp_kmeans_state *root,
			      struct sdp_kmeans_result *result)
{
	size_t clusters = sdp_kmeans_clusters(km);
	double within = 0, inertia = 0;
	for (size_t c = 0; c < km->k; c++) {
		km->within[c] = sdp_exact_sum_value(&root->scores[2 * c]);
		km->spread[c] = sdp_exact_sum_value(&root->scores[2 * c + 1]);
		within += km->within[c];
		inertia += km->within[c] + center_offset(km, c);
	}
	result->inertia = ldexp(inertia, 2 * km->exponent);
	result->calinski_harabasz = result->davies_bouldin = NAN;
	result->silhouette_squared = result->silhouette = NAN;
	if (clusters < 2)
		return inertia;
	result->davies_bouldin = davies_bouldin(km, clusters);
	if (km->rows > clusters)
		result->calinski_harabasz = between(km) / (double)(clusters - 1) /
					    (within / (double)(km->rows - clusters));
	return inertia;
}

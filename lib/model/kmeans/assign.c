/*
 * Assigns rows to their nearest centres.
 *
 * For most rows the bounds show that the label has not changed.  The other rows are gathered into
 * tiles and ranked in single precision.  If that cannot decide, exact distances do.
 */
#include "model/kmeans/kmeans_private.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- between passes ---- */

static float round_up(double x)
{
	return KMEANS_UPPER((float)x) + FLT_MIN;
}

static float round_down(double x)
{
	float low = KMEANS_LOWER((float)x) - FLT_MIN;
	return low > 0 ? low : 0;
}

static void narrow_centers(struct sdp_kmeans *km)
{
	size_t k = km->k, features = km->features;
	double reach = 0;
	km->fast.count = (k + KMEANS_GROUP - 1) / KMEANS_GROUP * KMEANS_GROUP;
	for (size_t c = 0; c < km->fast.count; c++) {
		double norm = 0;
		for (size_t f = 0; f < features; f++) {
			double x = c < k ? (km->centers[c * features + f] - km->shift[f]) *
						   km->weight[f]
					 : 0;
			km->fast_centers[c * features + f] = (float)x;
			norm += x * x;
		}
		km->fast_norms[c] = c < k ? (float)norm : HUGE_VALF;
		reach = fmax(reach, norm);
	}
	/*
	 * With u = 2^-24: rounding x and c causes an error of 2u(‖x‖+‖c‖)², and the sums of up to
	 * features + 3 products one of (features + 3)u of the same.  The rest allows for the
	 * rounding of the error itself.
	 */
	km->fast.features = features;
	km->fast.shift = km->shift;
	km->fast.weight = km->weight;
	km->fast.centers = km->fast_centers;
	km->fast.norms = km->fast_norms;
	km->fast.reach = round_up(sqrt(reach));
	km->fast.slack = (float)(features + 8) * 1.25f * 0x1p-24f;
	km->fast.floor = (float)features * 0x1p-100f;
}

/* Computes how far centres moved, and the two largest moves. */
static void compute_moves(struct sdp_kmeans *km, const double *before)
{
	km->most = km->second_most = 0;
	km->most_of = 0;
	for (size_t c = 0; c < km->k; c++) {
		size_t at = c * km->features;
		double d = sdp_kmeans_distance(km->centers + at, 1, km->weight, before + at,
					       km->features);
		float move = km->move[c] = d > 0 ? round_up(sqrt(d)) : 0;
		if (move > km->most) {
			km->second_most = km->most;
			km->most = move;
			km->most_of = c;
		} else if (move > km->second_most) {
			km->second_most = move;
		}
	}
}

/*
 * Computes half the distance of each centre to the next one.  With very many centres that costs
 * more than it saves, and the result is 0.
 */
static void compute_halves(struct sdp_kmeans *km)
{
	enum { MANY = 1024 };
	for (size_t c = 0; c < km->k; c++) {
		double nearest = km->k > MANY ? 0 : HUGE_VAL;
		for (size_t o = 0; o < km->k && nearest > 0; o++)
			if (o != c)
				nearest = fmin(nearest,
					       sdp_kmeans_distance(km->centers + c * km->features,
								   1, km->weight,
								   km->centers + o * km->features,
								   km->features));
		km->half[c] = km->k > 1 ? round_down(sqrt(nearest) / 2) : HUGE_VALF;
	}
}

int sdp_kmeans_prepare_assign(struct sdp_kmeans *km, const double *before, struct sdp_spill *spill,
			      struct sdp_err *err)
{
	if (!km->fast_centers) {
		size_t room = km->o.last_k + KMEANS_GROUP;
		km->fast_centers =
			sdp_spill_take(spill, room * km->features * sizeof *km->fast_centers, err);
		km->fast_norms = sdp_spill_take(spill, 3 * room * sizeof *km->fast_norms, err);
		if (!km->fast_centers || !km->fast_norms)
			return -1;
		km->move = km->fast_norms + room;
		km->half = km->move + room;
	}
	/*
	 * If a centre is so far away that its norm exceeds single precision, bounds are not usable.
	 */
	narrow_centers(km);
	km->ranked = !km->o.lloyd && km->fast.reach < 0x1p40f;
	km->fresh = !before || km->o.lloyd;
	if (km->o.lloyd)
		return 0;
	if (before) {
		compute_moves(km, before);
		compute_halves(km);
	}
	return 0;
}

/* ---- in a block ---- */

/*
 * Relaxes the bounds by the moves of the centres, and lists the rows for which they do not suffice.
 * Returns their number.
 */
static size_t find_uncertain(const struct sdp_kmeans *km, size_t rows, struct kmeans_room *room)
{
	/* An exact distance has an error of about 2^-53 per feature; bounds are much coarser. */
	const float safe = 1 + 0x1p-18f;
	size_t n = 0;
	for (size_t row = 0; row < rows; row++) {
		uint32_t label = room->label[row];
		float upper = KMEANS_UPPER(room->upper[row] + km->move[label]);
		float away = label == km->most_of ? km->second_most : km->most;
		float lower = KMEANS_LOWER(room->lower[row] - away);
		float limit = lower > km->half[label] ? lower : km->half[label];
		room->upper[row] = upper;
		room->lower[row] = lower;
		room->rows[n] = (uint32_t)row;
		n += !(upper * safe < limit);
	}
	return n;
}

/*
 * Returns the nearest centre by exact distances, among the centres that the error bound does not
 * exclude.
 */
static uint32_t find_exactly(const struct sdp_kmeans *km, const struct kmeans_rank *rank,
			     size_t lane, const struct kmeans_room *room)
{
	float limit = rank->best[lane] + 2.01f * rank->error[lane];
	double least = HUGE_VAL;
	uint32_t label = rank->index[lane];
	for (size_t c = 0; c < km->k; c++) {
		if (!(room->scores[c * KMEANS_LANES + lane] <= limit))
			continue;
		double d = sdp_kmeans_distance(room->tile + lane, KMEANS_LANES, km->weight,
					       km->centers + c * km->features, km->features);
		if (d < least) {
			least = d;
			label = (uint32_t)c;
		}
	}
	return label;
}

/* Computes labels and bounds of the rows of a tile. */
static void rank_tile(const struct sdp_kmeans *km, const uint32_t *rows, size_t n,
		      const struct kmeans_kernel *kernel, struct kmeans_room *room, uint32_t *label)
{
	struct kmeans_rank rank;
	kernel->rank(room->tile, &km->fast, room->narrow, room->scores, &rank);
	for (size_t i = 0; i < n; i++) {
		label[i] = rank.index[i];
		room->upper[rows[i]] = rank.upper[i];
		room->lower[rows[i]] = rank.lower[i];
		if (!rank.near[i])
			continue;
		label[i] = find_exactly(km, &rank, i, room);
		float score = room->scores[label[i] * KMEANS_LANES + i];
		float other = label[i] == rank.index[i] ? rank.second[i] : rank.best[i];
		room->upper[rows[i]] =
			round_up(sqrtf(fmaxf(rank.norm[i] + score + rank.error[i], 0)));
		room->lower[rows[i]] =
			round_down(sqrtf(fmaxf(rank.norm[i] + other - rank.error[i], 0)));
	}
}

/* Computes labels from exact distances to all centres, without bounds. */
static void compare_tile(const struct sdp_kmeans *km, const uint32_t *rows, size_t n,
			 const struct kmeans_kernel *kernel, struct kmeans_room *room,
			 uint32_t *label)
{
	double least[KMEANS_LANES];
	for (size_t i = 0; i < n; i++) {
		room->upper[rows[i]] = HUGE_VALF;
		room->lower[rows[i]] = 0;
	}
	for (size_t c = 0; c < km->k; c += KMEANS_STRIP) {
		size_t strip = km->k - c < KMEANS_STRIP ? km->k - c : KMEANS_STRIP;
		kernel->distances(room->tile, km->weight, km->centers + c * km->features, strip,
				  km->features, room->distances);
		for (size_t j = 0; j < strip; j++)
			for (size_t i = 0; i < n; i++) {
				double d = room->distances[j * KMEANS_LANES + i];
				if (c + j == 0 || d < least[i]) {
					least[i] = d;
					label[i] = (uint32_t)(c + j);
				}
			}
	}
}

static void assign_tile(const struct sdp_kmeans *km, struct sdp_kmeans_state *state,
			const double *values, size_t rows, const uint32_t *list, size_t n,
			const struct kmeans_kernel *kernel, struct kmeans_room *room)
{
	uint32_t label[KMEANS_LANES];
	sdp_kmeans_tile(values, rows, km->features, list, n, room->tile);
	if (!km->ranked)
		compare_tile(km, list, n, kernel, room, label);
	else
		rank_tile(km, list, n, kernel, room, label);
	for (size_t i = 0; i < n; i++) {
		uint32_t old = room->label[list[i]];
		bool changed = old != label[i];
		state->changed += changed;
		if (changed && !km->fresh)
			sdp_kmeans_add(km, &state->sums, old, room->tile + i, KMEANS_LANES, -1);
		if (changed || km->fresh)
			sdp_kmeans_add(km, &state->sums, label[i], room->tile + i, KMEANS_LANES, 1);
		room->label[list[i]] = label[i];
	}
}

int sdp_kmeans_assign(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_kernel *kernel = sdp_kmeans_kernel();
	size_t rows = km->blocks[block].rows, uncertain = rows;
	if (sdp_kmeans_take_sums(km, state, spill, err) < 0)
		return -1;
	if (km->unlabelled)
		memset(room->label, 0xff, rows * sizeof *room->label);
	else if (sdp_kmeans_get_slots(km, block, spill, room, err) < 0)
		return -1;
	if (!km->fresh)
		uncertain = find_uncertain(km, rows, room);
	for (size_t row = 0; km->fresh && row < rows; row++)
		room->rows[row] = (uint32_t)row;
	const double *values = uncertain ? sdp_kmeans_values(km, block, spill, room, err) : NULL;
	if (uncertain && !values)
		return -1;
	for (size_t i = 0; i < uncertain; i += KMEANS_LANES) {
		size_t n = uncertain - i < KMEANS_LANES ? uncertain - i : KMEANS_LANES;
		assign_tile(km, state, values, rows, room->rows + i, n, kernel, room);
	}
	return sdp_kmeans_put_slots(km, block, spill, room, err);
}

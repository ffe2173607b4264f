/*
 * Chooses initial centres, and rows for clusters that have become empty.
 *
 * Weighted choice that does not depend on the order of the rows: every row draws an exponential
 * random number with its weight as the rate, -log u / weight, and the row with the smallest number
 * is chosen.  The weight of k-means++ (D. Arthur and S. Vassilvitskii, k-means++, SODA 2007) is the
 * squared distance to the nearest centre.  u is a function of seed, row and draw.
 */
#include "model/kmeans/kmeans_private.h"

#include "base/portable_math.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

/*
 * During seeding, a slot contains the distance to the nearest centre, and the number of that
 * centre.
 */
static int get_nearest(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
		       struct kmeans_room *room, struct sdp_err *err)
{
	size_t n = km->blocks[block].rows;
	const char *slots = sdp_kmeans_slots(km, block, spill, room, err);
	if (!slots)
		return -1;
	memcpy(room->nearest, slots, n * sizeof *room->nearest);
	memcpy(room->label, slots + 8 * n, n * sizeof *room->label);
	return 0;
}

static int put_nearest(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
		       struct kmeans_room *room, struct sdp_err *err)
{
	size_t n = km->blocks[block].rows;
	memcpy(room->slots, room->nearest, n * sizeof *room->nearest);
	memcpy(room->slots + 8 * n, room->label, n * sizeof *room->label);
	return sdp_kmeans_keep_slots(km, block, spill, room, err);
}

/*
 * Updates the nearest centres by the newest centre.  Rows that are nearer to their centre than half
 * the distance between it and the newest one are skipped.
 */
static void update_nearest(const struct sdp_kmeans *km, const double *values, size_t rows,
			   struct kmeans_room *room)
{
	const struct kmeans_kernel *kernel = sdp_kmeans_kernel();
	uint32_t newest = (uint32_t)km->seeds - 1;
	size_t n = 0;
	for (size_t row = 0; row < rows; row++) {
		room->rows[n] = (uint32_t)row;
		n += newest == 0 || room->nearest[row] > km->quarter[room->label[row]];
	}
	for (size_t i = 0; i < n; i += KMEANS_LANES) {
		size_t lanes = n - i < KMEANS_LANES ? n - i : KMEANS_LANES;
		sdp_kmeans_tile(values, rows, km->features, room->rows + i, lanes, room->tile);
		kernel->distances(room->tile, km->weight, km->centers + newest * km->features, 1,
				  km->features, room->distances);
		for (size_t lane = 0; lane < lanes; lane++) {
			uint32_t row = room->rows[i + lane];
			if (newest == 0 || room->distances[lane] < room->nearest[row]) {
				room->nearest[row] = room->distances[lane];
				room->label[row] = newest;
			}
		}
	}
}

static double weight_of(const struct sdp_kmeans *km, const struct kmeans_room *room, size_t row)
{
	if (km->seeds == 0)
		return 1;
	double nearest = room->nearest[row];
	return km->o.init == SDP_KMEANS_RANDOM ? nearest > 0 : nearest;
}

/* Finds the row of the block with the smallest random number. */
static int choose_row(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      const double *values, const struct kmeans_room *room, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	uint64_t draw = (uint64_t)km->restart << 32 | km->seeds;
	double least = state->any ? state->best : HUGE_VAL;
	size_t winner = b->rows;
	for (size_t row = 0; row < b->rows; row++) {
		double weight = weight_of(km, room, row);
		if (!(weight > 0))
			continue;
		double u = sdp_rng_unit(km->o.seed, b->first + row, draw);
		if (1 - u > least * weight * (1 + 0x1p-30))
			continue; /* -log u exceeds that */
		double key = -sdp_portable_log(u) / weight;
		if (key < least || (winner == b->rows && !(key > least))) {
			least = key;
			winner = row;
		}
	}
	if (winner == b->rows)
		return 0;
	return sdp_kmeans_update_best(km, state, least, b->first + winner, 0, values + winner,
				      b->rows, spill, err);
}

int sdp_kmeans_seed(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		    struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err)
{
	const double *values = sdp_kmeans_values(km, block, spill, room, err);
	if (!values)
		return -1;
	if (km->seeds > 0) {
		if (km->seeds > 1 && get_nearest(km, block, spill, room, err) < 0)
			return -1;
		update_nearest(km, values, km->blocks[block].rows, room);
		if (put_nearest(km, block, spill, room, err) < 0)
			return -1;
	}
	return choose_row(km, state, block, values, room, spill, err);
}

/* Finds the row farthest from its centre, among the clusters with more than one row. */
int sdp_kmeans_refill(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		      struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	const double *values = sdp_kmeans_values(km, block, spill, room, err);
	if (!values || sdp_kmeans_get_slots(km, block, spill, room, err) < 0)
		return -1;
	sdp_kmeans_own_distances(km, values, b->rows, room->label, km->centers, NULL,
				 room->nearest);
	size_t farthest = b->rows;
	for (size_t row = 0; row < b->rows; row++) {
		if (km->sizes[room->label[row]] > 1 && room->nearest[row] > 0 &&
		    (farthest == b->rows || room->nearest[row] > room->nearest[farthest]))
			farthest = row;
	}
	if (farthest == b->rows)
		return 0;
	return sdp_kmeans_update_best(km, state, -room->nearest[farthest], b->first + farthest,
				      room->label[farthest], values + farthest, b->rows, spill,
				      err);
}

/*
 * Chooses initial centres, and rows for clusters that have become empty.
 *
 * Weighted choice that does not depend on the order of the rows: every row draws an exponential
 * random number with its weight as the rate, -log u / weight, and the row with the smallest number
 * is chosen.  The weight of k-means++ (D. Arthur and S. Vassilvitskii, k-means++, SODA 2007) is the
 * squared distance to the nearest centre.  u is a function of seed, row and draw.
 *
 * Greedy k-means++ (in the same paper) chooses several candidates for a centre and takes the one
 * that leaves the least sum of weights.  The candidates are the rows with the smallest numbers of
 * one race, which therefore differ.  One pass does two things: it measures the candidates for a
 * centre, and runs the race for the next centre once for each of them, because only then is it
 * known which weights count.  All races use the same u.  A row takes part in them only if -log u
 * may be small enough for the weight without the candidates, so nearly all rows are skipped after
 * one comparison.
 *
 *	pass 1        the first centre: a race of equal weights
 *	pass 2        candidates for the second centre
 *	pass i + 1    the best candidate for centre i; candidates for centre i + 1
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
 * Updates the nearest centres by the newest centre, and adds what each candidate would gain.  Rows
 * that are nearer to their centre than half the distance between it and all of these are skipped.
 */
static void sweep_rows(const struct sdp_kmeans *km, struct kmeans_seeding *seeding,
		       const double *values, size_t rows, struct kmeans_room *room)
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
		kernel->distances(room->tile, km->weight, km->sweep, 1 + km->candidate_count,
				  km->features, room->distances);
		for (size_t lane = 0; lane < lanes; lane++) {
			uint32_t row = room->rows[i + lane];
			if (newest == 0 || room->distances[lane] < room->nearest[row]) {
				room->nearest[row] = room->distances[lane];
				room->label[row] = newest;
			}
		}
		for (size_t c = 0; c < km->candidate_count; c++)
			for (size_t lane = 0; lane < lanes; lane++) {
				double gain = room->nearest[room->rows[i + lane]] -
					      room->distances[(1 + c) * KMEANS_LANES + lane];
				if (gain > 0)
					seeding->gains[c] += sdp_fixed_sum_of(&km->gain, gain);
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

/* Keeps the `most` best candidates of a race, among them perhaps this one. */
static void enter(struct kmeans_race *race, size_t most, double key, uint64_t row)
{
	size_t at = race->count;
	while (at > 0 && (key < race->first[at - 1].key ||
			  (key == race->first[at - 1].key && row < race->first[at - 1].row)))
		at--;
	if (at == most)
		return;
	race->count += race->count < most;
	memmove(&race->first[at + 1], &race->first[at],
		(race->count - 1 - at) * sizeof *race->first);
	race->first[at] = (struct kmeans_candidate){key, row};
}

/* Returns the number that a row must not exceed to enter one of the races. */
static double find_limit(const struct sdp_kmeans *km, const struct kmeans_seeding *seeding,
			 size_t most)
{
	double limit = 0;
	for (size_t i = 0; i == 0 || i < km->candidate_count; i++) {
		const struct kmeans_race *race = &seeding->races[i];
		limit = fmax(limit, race->count < most ? HUGE_VAL : race->first[most - 1].key);
	}
	return limit;
}

/* The rows of the block run for the next centre, once for each candidate for the one before it. */
static void run_races(const struct sdp_kmeans *km, struct kmeans_seeding *seeding, size_t block,
		      const double *values, const struct kmeans_room *room)
{
	const struct kmeans_block *b = &km->blocks[block];
	size_t next = km->seeds + (km->candidate_count > 0), most = next > 0 ? km->tries : 1;
	uint64_t draw = (uint64_t)km->restart << 32 | next;
	double limit = find_limit(km, seeding, most);
	for (size_t row = 0; row < b->rows; row++) {
		double weight = weight_of(km, room, row);
		if (!(weight > 0))
			continue;
		double u = sdp_rng_unit(km->o.seed, b->first + row, draw);
		if (1 - u > limit * weight * (1 + 0x1p-30))
			continue; /* -log u exceeds that, and no candidate makes weight larger */
		double exponential = -sdp_portable_log(u);
		for (size_t i = 0; i == 0 || i < km->candidate_count; i++) {
			double left = weight;
			if (km->candidate_count)
				left = fmin(left,
					    sdp_kmeans_distance(values + row, b->rows, km->weight,
								km->sweep + (1 + i) * km->features,
								km->features));
			if (left > 0)
				enter(&seeding->races[i], most, exponential / left, b->first + row);
		}
		limit = find_limit(km, seeding, most);
	}
}

static int take_seeding(struct sdp_kmeans_state *state, struct sdp_spill *spill,
			struct sdp_err *err)
{
	if (!state->seeding)
		state->seeding = sdp_spill_take(spill, sizeof *state->seeding, err);
	return state->seeding ? 0 : -1;
}

int sdp_kmeans_seed(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t block,
		    struct sdp_spill *spill, struct kmeans_room *room, struct sdp_err *err)
{
	const double *values = sdp_kmeans_values(km, block, spill, room, err);
	if (!values || take_seeding(state, spill, err) < 0)
		return -1;
	if (km->seeds > 0) {
		if (km->seeds > 1 && get_nearest(km, block, spill, room, err) < 0)
			return -1;
		sweep_rows(km, state->seeding, values, km->blocks[block].rows, room);
		if (put_nearest(km, block, spill, room, err) < 0)
			return -1;
	}
	if (km->candidate_count == 0 || km->seeds + 1 < km->k)
		run_races(km, state->seeding, block, values, room);
	return 0;
}

int sdp_kmeans_merge_seeding(struct sdp_kmeans_state *into, const struct sdp_kmeans_state *from,
			     struct sdp_spill *spill, struct sdp_err *err)
{
	if (take_seeding(into, spill, err) < 0)
		return -1;
	for (size_t i = 0; i < KMEANS_TRIES; i++) {
		const struct kmeans_race *race = &from->seeding->races[i];
		into->seeding->gains[i] += from->seeding->gains[i];
		for (size_t j = 0; j < race->count; j++)
			enter(&into->seeding->races[i], KMEANS_TRIES, race->first[j].key,
			      race->first[j].row);
	}
	return 0;
}

/* ---- between passes ---- */

size_t sdp_kmeans_tries(const struct sdp_kmeans *km, size_t k)
{
	return km->o.init == SDP_KMEANS_PLUS_PLUS ? 2 + (size_t)log((double)k) : 1;
}

/* Makes a candidate the next centre. */
static void adopt(struct sdp_kmeans *km, size_t candidate)
{
	size_t size = km->features * sizeof *km->sweep;
	memcpy(km->sweep, km->sweep + (1 + candidate) * km->features, size);
	memcpy(km->centers + km->seeds++ * km->features, km->sweep, size);
	km->candidate_count = 0;
}

static void set_quarters(struct sdp_kmeans *km)
{
	size_t features = km->features;
	for (size_t c = 0; c + 1 < km->seeds; c++) {
		double least = HUGE_VAL;
		for (size_t i = 0; i <= km->candidate_count; i++)
			least = fmin(least,
				     sdp_kmeans_distance(km->centers + c * features, 1, km->weight,
							 km->sweep + i * features, features));
		km->quarter[c] = 0.25 * (1 - 0x1p-30) * least;
	}
}

int sdp_kmeans_choose_seed(struct sdp_kmeans *km, const struct kmeans_seeding *seeding,
			   const struct sdp_spill *spill, struct sdp_err *err)
{
	size_t best = 0;
	for (size_t c = 1; c < km->candidate_count; c++)
		if (seeding->gains[c] > seeding->gains[best])
			best = c;
	if (km->candidate_count)
		adopt(km, best);
	if (km->seeds == km->k)
		return 0;
	const struct kmeans_race *race = &seeding->races[best];
	size_t count = race->count < km->tries ? race->count : km->tries;
	if (count == 0)
		return 1;
	for (size_t i = 0; i < count; i++)
		if (sdp_kmeans_load_row(km, race->first[i].row, km->sweep + (1 + i) * km->features,
					spill, err) < 0)
			return -1;
	km->candidate_count = count;
	if (km->seeds == 0 || km->tries == 1)
		adopt(km, 0);
	set_quarters(km);
	return 0;
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

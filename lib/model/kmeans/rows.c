/*
 * The data of a block in a worker: scratch memory, values and slots, exact distances, and the best
 * row.
 */
#include "model/kmeans/kmeans_private.h"

#include <math.h>
#include <string.h>

/* ---- scratch memory, values and slots ---- */

static void *room_for(char *scratch, size_t *used, size_t count, size_t size)
{
	size_t at = *used;
	*used += (count * size + 63) / 64 * 64;
	return scratch ? scratch + at : NULL;
}

size_t sdp_kmeans_room(const struct sdp_kmeans *km, char *scratch, struct kmeans_room *room)
{
	size_t rows = km->largest, tile = km->features * KMEANS_LANES, used = 0;
	size_t centers = km->o.last_k + KMEANS_GROUP > KMEANS_STRIP ? km->o.last_k + KMEANS_GROUP
								    : KMEANS_STRIP;
	room->values = room_for(scratch, &used, rows * km->features, sizeof *room->values);
	room->tile = room_for(scratch, &used, tile, sizeof *room->tile);
	room->distances =
		room_for(scratch, &used, 2 * centers * KMEANS_LANES, sizeof *room->distances);
	room->narrow = room_for(scratch, &used, tile, sizeof *room->narrow);
	room->scores = room_for(scratch, &used, centers * KMEANS_LANES, sizeof *room->scores);
	room->rows = room_for(scratch, &used, rows, sizeof *room->rows);
	room->nearest = room_for(scratch, &used, rows, sizeof *room->nearest);
	room->label = room_for(scratch, &used, rows, sizeof *room->label);
	room->upper = room_for(scratch, &used, rows, sizeof *room->upper);
	room->lower = room_for(scratch, &used, rows, sizeof *room->lower);
	room->slots = room_for(scratch, &used, rows, KMEANS_SLOT);
	return used;
}

const double *sdp_kmeans_values(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
				struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	return sdp_spill_get(spill, &b->values, 0, b->values.length, room->values, err);
}

int sdp_kmeans_load_row(const struct sdp_kmeans *km, uint64_t row, double *x,
			const struct sdp_spill *spill, struct sdp_err *err)
{
	size_t low = 0, high = km->block_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (km->blocks[middle].first <= row)
			low = middle;
		else
			high = middle;
	}
	const struct kmeans_block *b = &km->blocks[low];
	for (size_t f = 0; f < km->features; f++) {
		uint64_t at = (f * b->rows + (row - b->first)) * sizeof *x;
		const double *value = sdp_spill_get(spill, &b->values, at, sizeof *x, &x[f], err);
		if (!value)
			return -1;
		x[f] = *value;
	}
	return 0;
}

const char *sdp_kmeans_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			     struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	return sdp_spill_get(spill, &km->slots[km->current], b->slot, b->rows * KMEANS_SLOT,
			     room->slots, err);
}

int sdp_kmeans_keep_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			  struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	return sdp_spill_put(spill, &km->slots[!km->current], b->slot, room->slots,
			     b->rows * KMEANS_SLOT, err);
}

int sdp_kmeans_get_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err)
{
	const struct kmeans_block *b = &km->blocks[block];
	size_t n = b->rows;
	const char *slots = sdp_kmeans_slots(km, block, spill, room, err);
	if (!slots)
		return -1;
	memcpy(room->label, slots, n * sizeof *room->label);
	memcpy(room->upper, slots + 4 * n, n * sizeof *room->upper);
	memcpy(room->lower, slots + 8 * n, n * sizeof *room->lower);
	for (size_t i = 0; i < km->refilled_count; i++) {
		uint64_t row = km->refilled[i].row - b->first;
		if (km->refilled[i].row >= b->first && row < n) {
			room->label[row] = km->refilled[i].cluster;
			room->upper[row] = HUGE_VALF;
		}
	}
	return 0;
}

int sdp_kmeans_put_slots(const struct sdp_kmeans *km, size_t block, struct sdp_spill *spill,
			 struct kmeans_room *room, struct sdp_err *err)
{
	size_t n = km->blocks[block].rows;
	memcpy(room->slots, room->label, n * sizeof *room->label);
	memcpy(room->slots + 4 * n, room->upper, n * sizeof *room->upper);
	memcpy(room->slots + 8 * n, room->lower, n * sizeof *room->lower);
	return sdp_kmeans_keep_slots(km, block, spill, room, err);
}

/* ---- distances ---- */

void sdp_kmeans_tile(const double *values, size_t rows, size_t features, const uint32_t *list,
		     size_t n, double *tile)
{
	bool run = n == KMEANS_LANES && list[n - 1] - list[0] == KMEANS_LANES - 1;
	uint32_t lanes[KMEANS_LANES];
	for (size_t i = 0; i < KMEANS_LANES; i++)
		lanes[i] = list[i < n ? i : n - 1];
	for (size_t f = 0; f < features; f++, tile += KMEANS_LANES) {
		const double *column = values + f * rows;
		if (run)
			memcpy(tile, column + list[0], KMEANS_LANES * sizeof *tile);
		else
			for (size_t i = 0; i < KMEANS_LANES; i++)
				tile[i] = column[lanes[i]];
	}
}

double sdp_kmeans_distance(const double *x, size_t stride, const double *weight,
			   const double *center, size_t features)
{
	double sum = 0;
	for (size_t f = 0; f < features; f++) {
		double d = (x[f * stride] - center[f]) * weight[f];
		sum += d * d;
	}
	return sum;
}

void sdp_kmeans_own_distances(const struct sdp_kmeans *km, const double *values, size_t rows,
			      const uint32_t *label, const double *centers, const double *rests,
			      double *distances)
{
	size_t features = km->features;
	for (size_t row = 0; row < rows; row++)
		distances[row] = 0;
	for (size_t f = 0; f < features; f++)
		for (size_t row = 0; row < rows; row++) {
			size_t at = label[row] * features + f;
			double d = values[f * rows + row] - centers[at];
			d = (rests ? d - rests[at] : d) * km->weight[f];
			distances[row] += d * d;
		}
}

/* ---- the best row ---- */

int sdp_kmeans_update_best(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, double key,
			   uint64_t row, uint32_t label, const double *x, size_t stride,
			   struct sdp_spill *spill, struct sdp_err *err)
{
	if (state->any && (key > state->best || (key == state->best && row > state->row)))
		return 0;
	if (!state->best_row)
		state->best_row =
			sdp_spill_take(spill, km->features * sizeof *state->best_row, err);
	if (!state->best_row)
		return -1;
	state->any = true;
	state->best = key;
	state->row = row;
	state->best_label = label;
	for (size_t f = 0; f < km->features; f++)
		state->best_row[f] = x[f * stride];
	return 0;
}

/*
 * Exact area under the ROC curve.
 *
 * To count a range, its part of each run is found by bisection, as runs are sorted.  The parts are
 * copied into one array and sorted again; then one pass goes over the positive and the negative
 * scores together.
 */
#include "model/regression/auc.h"

#include "base/radix_sort.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 32 }; /* samples of each run, from which the bounds are chosen */

struct sdp_auc_run {
	struct sdp_auc_run *next;
	struct sdp_extent extent[2];
	uint64_t count[2];
};

uint64_t sdp_auc_key(double score)
{
	uint64_t bits;
	score += 0.; /* -0 + 0 is 0 */
	memcpy(&bits, &score, sizeof bits);
	return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

int sdp_auc_add(struct sdp_auc *auc, struct sdp_spill *spill, uint64_t *const keys[2],
		const size_t n[2], uint64_t *scratch, struct sdp_err *err)
{
	struct sdp_auc_run *run = sdp_spill_take(spill, sizeof *run, err);
	if (!run)
		return -1;
	for (int kind = 0; kind < 2; kind++) {
		run->count[kind] = n[kind];
		auc->count[kind] += n[kind];
		if (n[kind] == 0)
			continue;
		const uint64_t *sorted = sdp_radix_sort_u64(keys[kind], scratch, n[kind]);
		if (sdp_spill_keep(spill, sorted, n[kind] * sizeof *sorted, &run->extent[kind],
				   err) < 0)
			return -1;
	}
	run->next = auc->runs;
	auc->runs = run;
	if (!auc->last)
		auc->last = run;
	return 0;
}

void sdp_auc_merge(struct sdp_auc *into, const struct sdp_auc *from)
{
	if (!from->runs)
		return;
	from->last->next = into->runs;
	into->runs = from->runs;
	if (!into->last)
		into->last = from->last;
	into->count[0] += from->count[0];
	into->count[1] += from->count[1];
}

static size_t run_count(const struct sdp_auc *auc)
{
	size_t n = 0;
	for (const struct sdp_auc_run *run = auc->runs; run; run = run->next)
		n++;
	return n;
}

static const uint64_t *load(const struct sdp_spill *spill, const struct sdp_auc_run *run, int kind,
			    size_t from, size_t n, uint64_t *room, struct sdp_err *err)
{
	return sdp_spill_get(spill, &run->extent[kind], from * sizeof *room, n * sizeof *room, room,
			     err);
}

int sdp_auc_split(const struct sdp_auc *auc, const struct sdp_spill *spill, size_t parts,
		  uint64_t *bounds, struct sdp_err *err)
{
	size_t most = run_count(auc) * 2 * SAMPLES, n = 0;
	uint64_t *samples = sdp_alloc(2 * most, sizeof *samples, err);
	if (!samples)
		return -1;
	for (const struct sdp_auc_run *run = auc->runs; run; run = run->next)
		for (int kind = 0; kind < 2; kind++)
			for (size_t i = 0; i < SAMPLES && run->count[kind]; i++) {
				uint64_t room;
				const uint64_t *key =
					load(spill, run, kind, run->count[kind] * i / SAMPLES, 1,
					     &room, err);
				if (!key) {
					free(samples);
					return -1;
				}
				samples[n++] = *key;
			}
	const uint64_t *sorted = sdp_radix_sort_u64(samples, samples + most, n);
	for (size_t i = 1; i < parts; i++)
		bounds[i - 1] = n ? sorted[n * i / parts] : 0;
	free(samples);
	return 0;
}

/* Returns how many keys of the run are below key; -1 on failure. */
static int64_t rank(const struct sdp_spill *spill, const struct sdp_auc_run *run, int kind,
		    uint64_t key, struct sdp_err *err)
{
	uint64_t low = 0, high = run->count[kind], room;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		const uint64_t *there = load(spill, run, kind, middle, 1, &room, err);
		if (!there)
			return -1;
		if (*there < key)
			low = middle + 1;
		else
			high = middle;
	}
	return (int64_t)low;
}

/*
 * Returns the keys of one kind in the range, sorted, or NULL on failure.  The caller frees *room.
 */
static const uint64_t *gather(const struct sdp_auc *auc, const struct sdp_spill *spill, int kind,
			      uint64_t from, uint64_t to, uint64_t **room, uint64_t *n,
			      struct sdp_err *err)
{
	size_t runs = run_count(auc), i = 0, total = 0;
	int64_t *places = sdp_alloc(2 * runs, sizeof *places, err);
	if (!places)
		return NULL;
	for (const struct sdp_auc_run *run = auc->runs; run; run = run->next, i++) {
		places[2 * i] = from ? rank(spill, run, kind, from, err) : 0;
		places[2 * i + 1] =
			to ? rank(spill, run, kind, to, err) : (int64_t)run->count[kind];
		if (places[2 * i] < 0 || places[2 * i + 1] < 0)
			goto failed;
		total += (size_t)(places[2 * i + 1] - places[2 * i]);
	}
	*room = sdp_alloc(2 * total, sizeof **room, err);
	if (!*room)
		goto failed;
	uint64_t *end = *room;
	i = 0;
	for (const struct sdp_auc_run *run = auc->runs; run; run = run->next, i++) {
		size_t here = (size_t)(places[2 * i + 1] - places[2 * i]);
		const uint64_t *keys =
			here ? load(spill, run, kind, (size_t)places[2 * i], here, end, err) : end;
		if (!keys)
			goto failed;
		if (keys != end)
			memcpy(end, keys, here * sizeof *end);
		end += here;
	}
	free(places);
	*n = total;
	return sdp_radix_sort_u64(*room, *room + total, total);
failed:
	free(places);
	return NULL;
}

int sdp_auc_count(const struct sdp_auc *auc, const struct sdp_spill *spill, uint64_t from,
		  uint64_t to, struct sdp_auc_part *part, struct sdp_err *err)
{
	uint64_t *rooms[2] = {NULL, NULL}, n[2];
	const uint64_t *keys[2] = {NULL, NULL};
	int rc = -1;
	*part = (struct sdp_auc_part){0};
	if (to && to <= from)
		return 0;
	for (int kind = 0; kind < 2; kind++) {
		keys[kind] = gather(auc, spill, kind, from, to, &rooms[kind], &n[kind], err);
		if (!keys[kind])
			goto out;
		part->count[kind] = n[kind];
	}
	/* Negative scores below the positive score i, and negative scores that do not exceed it. */
	uint64_t below = 0, not_above = 0;
	for (uint64_t i = 0; i < n[1]; i++) {
		uint64_t key = keys[1][i];
		while (below < n[0] && keys[0][below] < key)
			below++;
		not_above = not_above > below ? not_above : below;
		while (not_above < n[0] && keys[0][not_above] == key)
			not_above++;
		part->twice += below + not_above;
	}
	rc = 0;
out:
	free(rooms[0]);
	free(rooms[1]);
	return rc;
}

double sdp_auc_area(const struct sdp_auc_part *parts, size_t count)
{
	sdp_uint128 twice = 0;
	uint64_t n[2] = {0, 0};
	for (size_t i = 0; i < count; i++) {
		twice += parts[i].twice + (sdp_uint128)2 * n[0] * parts[i].count[1];
		n[0] += parts[i].count[0];
		n[1] += parts[i].count[1];
	}
	sdp_uint128 pairs = (sdp_uint128)2 * n[0] * n[1];
	return pairs ? (double)twice / (double)pairs : NAN;
}

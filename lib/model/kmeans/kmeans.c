/* The interface for programs: the current phase, its items, merging of states, and the results. */
#include "model/kmeans/kmeans_private.h"

enum sdp_kmeans_phase sdp_kmeans_phase(const struct sdp_kmeans *km)
{
	return km->phase;
}

const char *sdp_kmeans_phase_name(enum sdp_kmeans_phase phase)
{
	static const char *const names[] = {
		[SDP_KMEANS_SCALE] = "scaling",      [SDP_KMEANS_SEED] = "seeding",
		[SDP_KMEANS_ASSIGN] = "clustering",  [SDP_KMEANS_REFILL] = "clustering",
		[SDP_KMEANS_SPREAD] = "scoring",     [SDP_KMEANS_SEPARATION] = "scoring",
		[SDP_KMEANS_SILHOUETTE] = "scoring", [SDP_KMEANS_DONE] = "done",
	};
	return names[phase];
}

size_t sdp_kmeans_items(const struct sdp_kmeans *km)
{
	if (km->phase == SDP_KMEANS_SILHOUETTE)
		return (size_t)(km->rows + KMEANS_LANES - 1) / KMEANS_LANES;
	return km->block_count;
}

size_t sdp_kmeans_scratch(const struct sdp_kmeans *km)
{
	struct kmeans_room room;
	return sdp_kmeans_room(km, NULL, &room);
}

int sdp_kmeans_item(const struct sdp_kmeans *km, struct sdp_kmeans_state *state, size_t item,
		    struct sdp_spill *spill, void *scratch, struct sdp_err *err)
{
	struct kmeans_room room;
	sdp_kmeans_room(km, scratch, &room);
	switch (km->phase) {
	case SDP_KMEANS_SEED:
		return sdp_kmeans_seed(km, state, item, spill, &room, err);
	case SDP_KMEANS_REFILL:
		return sdp_kmeans_refill(km, state, item, spill, &room, err);
	case SDP_KMEANS_ASSIGN:
		return sdp_kmeans_assign(km, state, item, spill, &room, err);
	default:
		return sdp_kmeans_score(km, state, item, spill, &room, err);
	}
}

int sdp_kmeans_merge(const struct sdp_kmeans *km, struct sdp_kmeans_state *into,
		     const struct sdp_kmeans_state *from, struct sdp_spill *spill,
		     struct sdp_err *err)
{
	into->changed += from->changed;
	if (from->any && sdp_kmeans_update_best(km, into, from->best, from->row, from->best_label,
						from->best_row, 1, spill, err) < 0)
		return -1;
	if (from->sums.counts) {
		if (sdp_kmeans_take_sums(km, into, spill, err) < 0)
			return -1;
		sdp_kmeans_add_sums(km, &into->sums, &from->sums);
	}
	if (from->seeding && sdp_kmeans_merge_seeding(into, from, spill, err) < 0)
		return -1;
	if (from->scores) {
		if (sdp_kmeans_take_scores(km, into, spill, err) < 0)
			return -1;
		for (size_t i = 0; i < sdp_kmeans_score_count(km); i++)
			sdp_exact_sum_merge(&into->scores[i], &from->scores[i]);
	}
	return 0;
}

const struct sdp_kmeans_result *sdp_kmeans_results(const struct sdp_kmeans *km, size_t *count)
{
	*count = km->result;
	return km->results;
}

const double *sdp_kmeans_deviations(const struct sdp_kmeans *km)
{
	return km->o.standardize ? km->deviation : NULL;
}

/*
 * What rules expect in a basket: the consequents, less what it has, of all rules whose antecedent
 * it holds; in the order of the rules, each item once.  (As Spark's FPGrowthModel.transform, which
 * leaves the order open.)
 *
 * Made once, then read by any number of processes.  {0} is one without rules; release when done.
 */
#ifndef SDP_MODEL_ITEMSETS_RECOMMEND_H
#define SDP_MODEL_ITEMSETS_RECOMMEND_H

#include "base/map.h"

#include <stdint.h>

struct sdp_recommender {
	struct sdp_map items; /* numbers of all items in rules */
	struct sdp_recommender_rule {
		size_t first;         /* in parts: the antecedent, then the consequent */
		uint32_t left, right; /* how many items each has */
	} * rules;
	/* of: rules by that item of their antecedent which the fewest have */
	uint32_t *parts, *of, *of_start;
	const char **texts; /* of items by number, with lengths */
	size_t *lengths;
	size_t count, capacity, part_count, part_capacity, text_capacity, length_capacity;
};

void sdp_recommender_release(struct sdp_recommender *r);

/* The number of an item, a new one if need be; text must outlive the recommender. */
int64_t sdp_recommender_item(struct sdp_recommender *r, const char *text, struct sdp_err *err);

/* A rule of numbers: left of them the antecedent (at least one), then right of them. */
int sdp_recommender_add(struct sdp_recommender *r, const uint32_t *items, uint32_t left,
			uint32_t right, struct sdp_err *err);

/* All rules are there. */
int sdp_recommender_finish(struct sdp_recommender *r, struct sdp_err *err);

/*
 * Bytes of scratch memory that sdp_recommend needs; zeroed before the first basket, then its own.
 */
size_t sdp_recommend_size(const struct sdp_recommender *r);

/*
 * What is expected in a basket of count different numbers: how many items, put into *out (in
 * scratch).
 */
size_t sdp_recommend(const struct sdp_recommender *r, const uint32_t *basket, size_t count,
		     void *scratch, const uint32_t **out);

#endif

/*
 * Applies association rules to a basket: predicts the consequents of all rules whose antecedent is
 * in the basket, without the items that are in the basket already.  Predicted items are in the
 * order of the rules, each item once.  (Spark's FPGrowthModel.transform predicts the same items, in
 * an unspecified order.)
 *
 * A recommender is made once and then read by any number of processes.  {0} is a recommender
 * without rules; release it when done.
 */
#ifndef SDP_MODEL_ITEMSETS_RECOMMEND_H
#define SDP_MODEL_ITEMSETS_RECOMMEND_H

#include "base/map.h"

#include <stdint.h>

struct sdp_recommender {
	struct sdp_map items; /* numbers of the items of all rules */
	struct sdp_recommender_rule {
		/* position in parts of the antecedent, which the consequent follows */
		size_t first;
		uint32_t left, right; /* number of items of the antecedent and of the consequent */
	} * rules;
	/*
	 * parts: items of rules; of: rules, grouped by the item of their antecedent that is in the
	 * fewest antecedents; of_start: beginning of each group
	 */
	uint32_t *parts, *of, *of_start;
	const char **texts; /* texts of items by number, and their lengths */
	size_t *lengths;
	size_t count, capacity, part_count, part_capacity, text_capacity, length_capacity;
};

/* Frees the memory of a recommender; {0} remains. */
void sdp_recommender_release(struct sdp_recommender *r);

/*
 * Returns the number of an item, which is added if it is new; -1 on failure.  text must outlive the
 * recommender.
 */
int64_t sdp_recommender_item(struct sdp_recommender *r, const char *text, struct sdp_err *err);

/*
 * Adds a rule: `left` numbers of the antecedent (at least one), followed by `right` numbers of the
 * consequent.  Returns 0 or -1.
 */
int sdp_recommender_add(struct sdp_recommender *r, const uint32_t *items, uint32_t left,
			uint32_t right, struct sdp_err *err);

/* To be called after the last rule was added.  Returns 0 or -1. */
int sdp_recommender_finish(struct sdp_recommender *r, struct sdp_err *err);

/*
 * Returns the bytes of scratch memory that sdp_recommend needs.  The caller zeroes it before the
 * first basket and must not change it between baskets.
 */
size_t sdp_recommend_size(const struct sdp_recommender *r);

/*
 * Predicts items for a basket of count different numbers.  Returns how many items there are; *out
 * points to them, within scratch.
 */
size_t sdp_recommend(const struct sdp_recommender *r, const uint32_t *basket, size_t count,
		     void *scratch, const uint32_t **out);

#endif

/* Applies association rules to baskets. */
#include "model/itemsets/recommend.h"

#include "base/radix_sort.h"
#include "sdp/mem.h"

#include <string.h>

void sdp_recommender_release(struct sdp_recommender *r)
{
	sdp_map_release(&r->items);
	free(r->rules);
	free(r->parts);
	free(r->of);
	free(r->of_start);
	free(r->texts);
	free(r->lengths);
	*r = (struct sdp_recommender){0};
}

int64_t sdp_recommender_item(struct sdp_recommender *r, const char *text, struct sdp_err *err)
{
	size_t n = r->items.count, length = strlen(text);
	if (n >= UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "over four thousand million items");
	if (sdp_grow(&r->texts, &r->text_capacity, n + 1, sizeof *r->texts, err) < 0 ||
	    sdp_grow(&r->lengths, &r->length_capacity, n + 1, sizeof *r->lengths, err) < 0)
		return -1;
	int added = sdp_map_add(&r->items, text, length, n, err);
	if (added > 0) {
		r->texts[n] = text;
		r->lengths[n] = length;
		return (int64_t)n;
	}
	return added < 0 ? -1 : (int64_t)*sdp_map_find(&r->items, text, length);
}

int sdp_recommender_add(struct sdp_recommender *r, const uint32_t *items, uint32_t left,
			uint32_t right, struct sdp_err *err)
{
	size_t parts = (size_t)left + right;
	if (left == 0)
		SDP_BUG();
	if (r->count >= UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "over four thousand million rules");
	if (sdp_grow(&r->rules, &r->capacity, r->count + 1, sizeof *r->rules, err) < 0 ||
	    sdp_grow(&r->parts, &r->part_capacity, r->part_count + parts, sizeof *r->parts, err) <
		    0)
		return -1;
	r->rules[r->count++] = (struct sdp_recommender_rule){r->part_count, left, right};
	memcpy(r->parts + r->part_count, items, parts * sizeof *items);
	r->part_count += parts;
	return 0;
}

/* Returns the item of the antecedent that is in the fewest antecedents. */
static uint32_t rarest(const struct sdp_recommender *r, const struct sdp_recommender_rule *rule,
		       const uint32_t *counts)
{
	uint32_t best = r->parts[rule->first];
	for (uint32_t i = 1; i < rule->left; i++) {
		uint32_t item = r->parts[rule->first + i];
		if (counts[item] < counts[best])
			best = item;
	}
	return best;
}

int sdp_recommender_finish(struct sdp_recommender *r, struct sdp_err *err)
{
	size_t items = r->items.count;
	uint32_t *counts = sdp_alloc(items + 1, sizeof *counts, err);
	r->of = sdp_alloc(r->count + 1, sizeof *r->of, err);
	r->of_start = sdp_alloc(items + 3, sizeof *r->of_start, err);
	if (!counts || !r->of || !r->of_start) {
		free(counts);
		return -1;
	}
	for (size_t k = 0; k < r->count; k++)
		for (uint32_t i = 0; i < r->rules[k].left; i++)
			counts[r->parts[r->rules[k].first + i]]++;
	/*
	 * The counts are stored two elements later, so that of_start is correct after the loop that
	 * fills `of`.
	 */
	for (size_t k = 0; k < r->count; k++)
		r->of_start[rarest(r, &r->rules[k], counts) + 2]++;
	for (size_t i = 2; i < items + 2; i++)
		r->of_start[i] += r->of_start[i - 1];
	for (size_t k = 0; k < r->count; k++)
		r->of[r->of_start[rarest(r, &r->rules[k], counts) + 1]++] = (uint32_t)k;
	free(counts);
	return 0;
}

/*
 * Scratch memory: matching rules and room to sort them, predicted items, and a mark for each item.
 */
size_t sdp_recommend_size(const struct sdp_recommender *r)
{
	return (2 * r->count + r->items.count) * sizeof(uint32_t) + r->items.count;
}

static bool holds(const struct sdp_recommender *r, const struct sdp_recommender_rule *rule,
		  const unsigned char *marks)
{
	for (uint32_t i = 0; i < rule->left; i++)
		if (!marks[r->parts[rule->first + i]])
			return false;
	return true;
}

size_t sdp_recommend(const struct sdp_recommender *r, const uint32_t *basket, size_t count,
		     void *scratch, const uint32_t **out)
{
	uint32_t *met = scratch, *expected = met + 2 * r->count;
	unsigned char *marks = (unsigned char *)(expected + r->items.count);
	size_t rules = 0, n = 0;
	for (size_t i = 0; i < count; i++)
		marks[basket[i]] = 1;
	for (size_t i = 0; i < count; i++)
		for (uint32_t k = r->of_start[basket[i]]; k < r->of_start[basket[i] + 1]; k++)
			if (holds(r, &r->rules[r->of[k]], marks))
				met[rules++] = r->of[k];
	met = sdp_radix_sort_u32(met, met + r->count, rules);
	for (size_t k = 0; k < rules; k++) {
		const struct sdp_recommender_rule *rule = &r->rules[met[k]];
		for (uint32_t i = 0; i < rule->right; i++) {
			uint32_t item = r->parts[rule->first + rule->left + i];
			if (!marks[item]) {
				marks[item] = 1;
				expected[n++] = item;
			}
		}
	}
	for (size_t i = 0; i < count; i++)
		marks[basket[i]] = 0;
	for (size_t i = 0; i < n; i++)
		marks[expected[i]] = 0;
	*out = expected;
	return n;
}

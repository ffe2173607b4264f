/*
 * Exact quantiles and distinct counts, by selection and counting over ranges of keys.
 *
 * Each step works on one range of keys, [low, high], and knows how many keys the range has:
 *
 *	few keys       gather the keys, sort them, and walk through them
 *	dense range    set one bit for each key that occurs; a histogram tells which buckets
 *	               contain the wanted ranks, and only those buckets are gathered
 *	otherwise      make a histogram of the range's upper bits; adjacent buckets are joined
 *	               into parts that fit into memory; a bucket that does not fit is split in
 *	               the same way
 *
 * Each step divides the size of a range by the number of buckets, so the recursion ends.  Only the
 * bits, the histogram and one part are in memory at any time.
 */
#include "model/stats/quantiles.h"

#include "base/order.h"
#include "base/radix_sort.h"
#include "model/stats/exact_value.h"
#include "model/stats/shared_doubles.h"
#include "model/stats/value_view.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

enum { BUCKETS = 1 << 14, SMALL = 1 << 16, RANKS = 2 * SDP_QUANTILES_QUANTILES };

/* A wanted rank, and the key that was found to have it. */
struct wanted {
	uint64_t rank, key;
};

struct solver {
	const struct sdp_value_view *view;
	uint64_t memory;
	struct wanted *wanted; /* ascending by rank */
	size_t wanted_count;
	bool distinct; /* whether to count distinct keys */
	uint64_t unique;
	struct sdp_shared_doubles *shared; /* notes the keys that occur twice, or NULL */
	struct sdp_err *err;
};

/* The keys of [low, high]: their number, and the number of keys smaller than low. */
struct range {
	uint64_t low, high, keys, below;
};

static size_t keys_that_fit(const struct solver *s)
{
	/* for the keys, the scratch space of the sort, and a reserve */
	return (size_t)(s->memory / 20);
}

static size_t first_wanted(const struct solver *s, uint64_t rank)
{
	size_t i = 0;
	while (i < s->wanted_count && s->wanted[i].rank < rank)
		i++;
	return i;
}

/* ---- gathering and walking ---- */

struct weighted {
	uint64_t key, count;
};

struct gather {
	uint64_t low, span;
	uint64_t *keys;
	size_t count, room;
	struct weighted *heavy; /* from the dictionary */
	size_t heavy_count, heavy_room;
	const uint8_t *buckets; /* if not NULL, only the keys of these buckets are gathered */
	int shift;
};

static void gather_keys(void *context, const uint64_t *keys, size_t n, uint64_t weight)
{
	struct gather *g = context;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = keys[i] - g->low;
		if (k > g->span || (g->buckets && !g->buckets[k >> g->shift]))
			continue;
		if (weight == 1 && g->count < g->room)
			g->keys[g->count++] = keys[i];
		else if (g->heavy_count < g->heavy_room)
			g->heavy[g->heavy_count++] = (struct weighted){keys[i], weight};
		else
			SDP_BUG();
	}
}

SDP_ORDER_BY(by_key, struct weighted, key)

/*
 * The gathered keys are a sequence of stretches.  Within a stretch, the key at position start + p
 * has the rank rank + p.  Stretches are in ascending order, and a stretch ends where the next one
 * starts.
 */
struct stretch {
	uint64_t start, rank; /* the rank of the key at position start */
};

static void walk(struct solver *s, struct gather *g, const uint64_t *keys,
		 const struct stretch *stretches, size_t stretch_count)
{
	uint64_t position = 0, last = 0, unique = 0;
	size_t i = 0, h = 0, t = 0, w = first_wanted(s, stretches[0].rank);
	while (i < g->count || h < g->heavy_count) {
		bool heavy = i == g->count || (h < g->heavy_count && g->heavy[h].key < keys[i]);
		uint64_t key = heavy ? g->heavy[h].key : keys[i];
		uint64_t weight = heavy ? g->heavy[h++].count : (i++, 1);
		if (unique == 0 || key != last)
			unique++;
		else if (s->shared && s->distinct)
			sdp_shared_doubles_note(s->shared, key);
		last = key;
		while (t + 1 < stretch_count && position >= stretches[t + 1].start)
			t++;
		uint64_t rank = stretches[t].rank + (position - stretches[t].start);
		while (w < s->wanted_count && s->wanted[w].rank < rank)
			w++;
		while (w < s->wanted_count && s->wanted[w].rank < rank + weight)
			s->wanted[w++].key = key;
		position += weight;
	}
	if (s->distinct)
		s->unique += unique;
}

static int gather(struct solver *s, struct gather *g, uint64_t keys,
		  const struct stretch *stretches, size_t stretch_count)
{
	g->room = keys < SIZE_MAX / 16 ? (size_t)keys : SIZE_MAX / 16;
	size_t light = 0;
	for (const struct sdp_key_run *r = s->view->keys->runs; r; r = r->next)
		light += (size_t)r->count;
	if (g->room > light)
		g->room = light;
	g->heavy_room = s->view->keys->used;
	g->keys = sdp_alloc(g->room, sizeof *g->keys, s->err);
	uint64_t *scratch = sdp_alloc(g->room, sizeof *scratch, s->err);
	g->heavy = sdp_alloc(g->heavy_room, sizeof *g->heavy, s->err);
	int rc = g->keys && scratch && g->heavy
			 ? sdp_value_view_visit(s->view, gather_keys, g, s->err)
			 : -1;
	if (rc == 0) {
		const uint64_t *sorted = sdp_radix_sort_u64(g->keys, scratch, g->count);
		qsort(g->heavy, g->heavy_count, sizeof *g->heavy, by_key);
		walk(s, g, sorted, stretches, stretch_count);
	}
	free(g->keys);
	free(g->heavy);
	free(scratch);
	return rc;
}

/* ---- counting ---- */

struct tally {
	uint64_t low, span;
	int shift;
	uint64_t *histogram; /* BUCKETS counts */
	uint64_t *bits;      /* one bit for each key of the range; NULL if not wanted */
};

static void tally_keys(void *context, const uint64_t *keys, size_t n, uint64_t weight)
{
	struct tally *t = context;
	uint64_t low = t->low, span = t->span, *histogram = t->histogram, *bits = t->bits;
	int shift = t->shift;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = keys[i] - low;
		if (k > span)
			continue;
		histogram[k >> shift] += weight;
		if (bits)
			bits[k >> 6] |= UINT64_C(1) << (k & 63);
	}
}

static int shift_for(uint64_t span)
{
	int shift = 0;
	while (span >> shift >= BUCKETS)
		shift++;
	return shift;
}

static int solve_range(struct solver *s, struct range range);

/* Returns whether a wanted rank is among the count ranks from below on. */
static bool wants_bucket(const struct solver *s, uint64_t below, uint64_t count)
{
	size_t w = first_wanted(s, below);
	return w < s->wanted_count && s->wanted[w].rank < below + count;
}

static struct range bucket_range(const struct range *range, const struct tally *t, size_t bucket,
				 uint64_t below)
{
	uint64_t low = range->low + ((uint64_t)bucket << t->shift);
	uint64_t last = ((uint64_t)bucket << t->shift) + ((UINT64_C(1) << t->shift) - 1);
	uint64_t high = last > t->span ? range->high : range->low + last;
	return (struct range){low, high, t->histogram[bucket], below};
}

/*
 * Finds the keys of the wanted ranks after the histogram was made, by gathering the buckets that
 * contain the ranks.
 */
static int select_wanted(struct solver *s, const struct range *range, const struct tally *t)
{
	uint8_t *marks = sdp_alloc(BUCKETS, 1, s->err);
	struct stretch stretches[RANKS];
	size_t stretch_count = 0;
	uint64_t below = range->below, marked = 0;
	int rc = marks ? 0 : -1;
	bool distinct = s->distinct;
	s->distinct = false;
	for (size_t b = 0; rc == 0 && b < BUCKETS; below += t->histogram[b], b++) {
		if (!t->histogram[b] || !wants_bucket(s, below, t->histogram[b]))
			continue;
		if (t->histogram[b] > keys_that_fit(s) / RANKS && t->shift > 0) {
			rc = solve_range(s, bucket_range(range, t, b, below));
		} else if (t->shift == 0) {
			for (size_t w = first_wanted(s, below);
			     w < s->wanted_count && s->wanted[w].rank < below + t->histogram[b];
			     w++)
				s->wanted[w].key = range->low + b;
		} else {
			marks[b] = 1;
			stretches[stretch_count++] = (struct stretch){marked, below};
			marked += t->histogram[b];
		}
	}
	if (rc == 0 && stretch_count) {
		struct gather g = {.low = range->low,
				   .span = t->span,
				   .buckets = marks,
				   .shift = t->shift};
		rc = gather(s, &g, marked, stretches, stretch_count);
	}
	s->distinct = distinct;
	free(marks);
	return rc;
}

static uint64_t ones(const uint64_t *bits, size_t words)
{
	uint64_t n = 0;
	for (size_t i = 0; i < words; i++)
		n += (uint64_t)__builtin_popcountll(bits[i]);
	return n;
}

/* Solves a range in parts, each of which is as many adjacent buckets as fit into memory. */
static int solve_parts(struct solver *s, const struct range *range, const struct tally *t)
{
	uint64_t fit = keys_that_fit(s), below = range->below;
	for (size_t b = 0; b < BUCKETS;) {
		struct range part = bucket_range(range, t, b, below);
		for (b++; b < BUCKETS && part.keys + t->histogram[b] <= fit; b++) {
			part.high = bucket_range(range, t, b, 0).high;
			part.keys += t->histogram[b];
		}
		below += part.keys;
		bool wanted = s->distinct || wants_bucket(s, part.below, part.keys);
		if (part.keys && wanted && solve_range(s, part) < 0)
			return -1;
	}
	return 0;
}

static int solve_range(struct solver *s, struct range range)
{
	uint64_t span = range.high - range.low;
	bool dense = span / 8 <= s->memory / 2 && span / 64 <= range.keys;
	if (range.keys <= SMALL || (range.keys <= keys_that_fit(s) && !dense)) {
		struct gather g = {.low = range.low, .span = span};
		struct stretch all = {0, range.below};
		return gather(s, &g, range.keys, &all, 1);
	}
	struct tally t = {.low = range.low, .span = span, .shift = shift_for(span)};
	size_t words = (size_t)(span / 64) + 1;
	t.histogram = sdp_alloc(BUCKETS, sizeof *t.histogram, s->err);
	if (dense && s->distinct)
		t.bits = sdp_alloc(words, sizeof *t.bits, s->err);
	int rc = t.histogram && (t.bits || !dense || !s->distinct) ? 0 : -1;
	if (rc == 0)
		rc = sdp_value_view_visit(s->view, tally_keys, &t, s->err);
	if (rc == 0 && t.bits) {
		s->unique += ones(t.bits, words);
		if (s->shared)
			s->shared->too_many = true;
	}
	free(t.bits);
	if (rc == 0)
		rc = dense || !s->distinct ? select_wanted(s, &range, &t)
					   : solve_parts(s, &range, &t);
	free(t.histogram);
	return rc;
}

/* ---- quantiles ---- */

void sdp_quantiles_place(uint64_t n, struct sdp_probability p, uint64_t *rank, uint64_t *part)
{
	sdp_uint128 h = (sdp_uint128)(n - 1) * p.numerator;
	*rank = (uint64_t)(h / p.denominator);
	*part = (uint64_t)(h % p.denominator);
}

/* Finds the numbers whose keys have the wanted ranks. */
static int find_values(const struct solver *s, struct sdp_tie *found)
{
	const struct sdp_value_view *view = s->view;
	for (size_t i = 0; i < s->wanted_count; i++) {
		int64_t key = (int64_t)(s->wanted[i].key + (uint64_t)view->origin);
		int kind = view->what == SDP_VALUE_VIEW_DECIMALS ? view->scale : SDP_KEY_REAL;
		found[i] = (struct sdp_tie){s->wanted[i].rank, key, {kind, key}};
	}
	if (view->what != SDP_VALUE_VIEW_DOUBLES || s->wanted_count == 0)
		return 0;
	return sdp_exact_rank_resolve(view->keys, view->spill, found, s->wanted_count, s->err);
}

SDP_ORDER_BY(by_rank, struct wanted, rank)

/*
 * Finds the quantiles and, if distinct is true, adds the number of distinct keys of the view. The
 * keys that occur twice are noted in shared, unless it is NULL.
 */
static int solve_view(const struct sdp_value_view *view, uint64_t memory, bool distinct,
		      struct sdp_shared_doubles *shared, const struct sdp_probability *p,
		      size_t count, struct sdp_quantile_place *places,
		      struct sdp_quantiles_result *result, struct sdp_err *err)
{
	struct wanted wanted[RANKS];
	struct solver s = {.view = view,
			   .memory = memory,
			   .wanted = wanted,
			   .distinct = distinct,
			   .shared = shared,
			   .err = err};
	uint64_t rank, part;
	for (size_t i = 0; i < count; i++) {
		sdp_quantiles_place(view->values, p[i], &rank, &part);
		wanted[s.wanted_count++].rank = rank;
		if (part)
			wanted[s.wanted_count++].rank = rank + 1;
	}
	qsort(wanted, s.wanted_count, sizeof *wanted, by_rank);
	if (solve_range(&s, (struct range){0, view->span, view->values, 0}) < 0)
		return -1;
	result->unique += s.unique;
	struct sdp_tie found[RANKS];
	if (find_values(&s, found) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		sdp_quantiles_place(view->values, p[i], &rank, &part);
		struct sdp_value a = found[first_wanted(&s, rank)].value;
		struct sdp_value b = part ? found[first_wanted(&s, rank + 1)].value : a;
		result->quantile[i] = sdp_value_between(a, b, part, p[i].denominator);
		if (places)
			places[i] = (struct sdp_quantile_place){a, b, part, p[i].denominator};
	}
	return 0;
}

/* ---- rationals ---- */

struct counted {
	struct sdp_value value;
	uint64_t count;
};

struct collected {
	struct counted *values;
	size_t count, capacity;
	struct sdp_err *err;
};

static int collect(void *context, int kind, const int64_t *values, size_t n, uint64_t weight)
{
	struct collected *c = context;
	if (sdp_grow(&c->values, &c->capacity, c->count + n, sizeof *c->values, c->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		c->values[c->count++] = (struct counted){{kind, values[i]}, weight};
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;
	return sdp_value_compare(&x->value, &y->value);
}

static struct sdp_value value_at(const struct collected *c, uint64_t rank)
{
	size_t i = 0;
	for (uint64_t below = 0; below + c->values[i].count <= rank; i++)
		below += c->values[i].count;
	return c->values[i].value;
}

/* Solves a store with rationals, in memory. */
static int solve_rationals(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			   const struct sdp_probability *p, size_t count,
			   struct sdp_quantile_place *places, struct sdp_quantiles_result *result,
			   struct sdp_err *err)
{
	struct collected c = {.err = err};
	int rc = sdp_value_view_values(keys, spill, collect, &c, err);
	if (rc == 0)
		qsort(c.values, c.count, sizeof *c.values, by_number);
	for (size_t i = 0; rc == 0 && i < c.count; i++)
		result->unique += i == 0 || sdp_value_compare(&c.values[i - 1].value,
							      &c.values[i].value) != 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		uint64_t rank, part;
		sdp_quantiles_place(result->values, p[i], &rank, &part);
		struct sdp_value a = value_at(&c, rank), b = part ? value_at(&c, rank + 1) : a;
		result->quantile[i] = sdp_value_between(a, b, part, p[i].denominator);
		if (places)
			places[i] = (struct sdp_quantile_place){a, b, part, p[i].denominator};
	}
	free(c.values);
	return rc;
}

/* Adds the number of distinct numbers: of decimals and of reals, which are never equal. */
static int count_distinct(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			  const struct sdp_value_view_content *c, uint64_t memory,
			  struct sdp_quantiles_result *result, struct sdp_err *err)
{
	struct sdp_value_view view;
	if (c->decimals && sdp_distinct_pairs(keys, spill, true, memory, &result->unique, err) < 0)
		return -1;
	if (!c->reals)
		return 0;
	sdp_value_view_init(&view, keys, spill, SDP_VALUE_VIEW_REALS, 0);
	return solve_view(&view, memory, true, NULL, NULL, 0, NULL, result, err);
}

/*
 * Finds the quantiles and the number of distinct numbers of a view of doubles in one sort. It is
 * for numbers with few repetitions: those that share a double are compared one by one.
 */
static int solve_together(const struct sdp_value_view *view, const struct sdp_value_view_content *c,
			  uint64_t memory, const struct sdp_probability *p, size_t count,
			  struct sdp_quantile_place *places, struct sdp_quantiles_result *result,
			  struct sdp_err *err)
{
	struct sdp_shared_doubles shared;
	if (sdp_shared_doubles_init(&shared, err) < 0)
		return -1;
	int rc = solve_view(view, memory, true, &shared, p, count, places, result, err);
	if (rc == 0)
		rc = sdp_shared_doubles_count(&shared, view, &result->unique, err);
	if (rc == 0 && shared.too_many) {
		result->unique = 0;
		rc = count_distinct(view->keys, view->spill, c, memory, result, err);
	}
	sdp_shared_doubles_release(&shared);
	return rc;
}

int sdp_quantiles_solve_places(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			       uint64_t memory, bool distinct, const struct sdp_probability *p,
			       size_t count, struct sdp_quantile_place *places,
			       struct sdp_quantiles_result *result, struct sdp_err *err)
{
	struct sdp_value_view_content c;
	struct sdp_value_view view;
	*result = (struct sdp_quantiles_result){0};
	for (size_t i = 0; i < SDP_QUANTILES_QUANTILES; i++)
		result->quantile[i] = NAN;
	if (memory < 1 << 20)
		memory = 1 << 20;
	sdp_value_view_describe(keys, &c);
	result->values = c.decimals + c.reals + c.rationals + c.hashes;
	if (c.rationals)
		return solve_rationals(keys, spill, p, count, places, result, err);
	if (c.hashes)
		return !distinct ? 0
				 : sdp_distinct_pairs(keys, spill, false, memory, &result->unique,
						      err);
	if (c.decimals && c.fits && !c.reals) {
		sdp_value_view_init(&view, keys, spill, SDP_VALUE_VIEW_DECIMALS, c.scale);
		return solve_view(&view, memory, distinct, NULL, p, count, places, result, err);
	}
	if (c.decimals + c.reals == 0)
		return 0;
	/* There is no common scale: numbers are ordered as doubles. */
	sdp_value_view_init(&view, keys, spill, SDP_VALUE_VIEW_DOUBLES, 0);
	if (distinct && keys->frozen && keys->counted < 2 * (uint64_t)keys->used)
		return solve_together(&view, &c, memory, p, count, places, result, err);
	if (distinct && count_distinct(keys, spill, &c, memory, result, err) < 0)
		return -1;
	return solve_view(&view, memory, false, NULL, p, count, places, result, err);
}

int sdp_quantiles_solve(const struct sdp_value_store *keys, const struct sdp_spill *spill,
			uint64_t memory, const struct sdp_probability *p, size_t count,
			struct sdp_quantiles_result *result, struct sdp_err *err)
{
	return sdp_quantiles_solve_places(keys, spill, memory, true, p, count, NULL, result, err);
}

uint64_t sdp_quantiles_cost(const struct sdp_value_store *keys)
{
	return keys->used + keys->cost;
}

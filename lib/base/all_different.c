/* Decides whether integers are all different. */
#include "base/all_different.h"

#include "base/radix_sort.h"
#include "sdp/mem.h"

#include <string.h>

enum {
	FIRST = 4096,  /* the integers that are looked at before all others */
	WIDEST = 64,   /* the widest range of a bitmap, in integers of the input */
	LEAST = 1024,  /* bytes of a bitmap or of sorting */
	SORTING = 16,  /* bytes that an integer takes with room for its sorting */
	MOST = 1 << 28 /* bytes of a bitmap or of sorting */
};

static uint64_t memory_of(const struct sdp_integer_parts *parts)
{
	uint64_t m = parts->memory < MOST ? parts->memory : MOST;
	return m < LEAST ? LEAST : m;
}

static bool sorted_has_duplicate(const uint64_t *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (keys[i] == keys[i - 1])
			return true;
	return false;
}

/* Returns whether a few integers have a duplicate. */
static bool has_duplicate(const int64_t *values, size_t n)
{
	uint64_t keys[FIRST], scratch[FIRST];
	for (size_t i = 0; i < n; i++)
		keys[i] = sdp_sort_key_of(values[i]);
	return n > 0 && sorted_has_duplicate(sdp_radix_sort_u64(keys, scratch, n), n);
}

/* What one look at all integers shows. */
struct look {
	uint64_t count;
	int64_t low, high, last;
	bool ascending, descending;
	bool duplicate; /* among the first integers, or of neighbours */
	int64_t first[FIRST];
	size_t first_count;
};

/* Adds the integers of a part to the first ones, and looks at those whenever they may be enough. */
static void look_at_first(struct look *l, const int64_t *values, size_t n)
{
	size_t room = FIRST - l->first_count, take = n < room ? n : room;
	if (take == 0)
		return;
	memcpy(l->first + l->first_count, values, take * sizeof *values);
	l->first_count += take;
	if (l->first_count == take || l->first_count == FIRST)
		l->duplicate |= has_duplicate(l->first, l->first_count);
}

static int look_at_all(const struct sdp_integer_parts *parts, struct look *l, struct sdp_err *err)
{
	l->count = l->first_count = 0;
	l->low = l->high = l->last = 0;
	l->ascending = l->descending = true;
	l->duplicate = false;
	for (size_t p = 0; p < parts->count && !l->duplicate; p++) {
		const int64_t *values;
		size_t n;
		if (parts->read(parts->context, p, &values, &n, err) < 0)
			return -1;
		look_at_first(l, values, n);
		if (l->count == 0 && n > 0)
			l->low = l->high = values[0];
		for (size_t i = 0; i < n; i++) {
			int64_t v = values[i];
			l->low = v < l->low ? v : l->low;
			l->high = v > l->high ? v : l->high;
			if (l->count + i > 0) {
				l->ascending &= v > l->last;
				l->descending &= v < l->last;
				l->duplicate |= v == l->last;
			}
			l->last = v;
		}
		l->count += n;
	}
	if (l->count <= FIRST)
		l->duplicate |= has_duplicate(l->first, l->first_count);
	return 0;
}

/* Sets *duplicate to whether an integer of [from, from + window) occurs twice. */
static int mark(const struct sdp_integer_parts *parts, uint64_t low, uint64_t from, uint64_t window,
		uint64_t *bits, bool *duplicate, struct sdp_err *err)
{
	for (size_t p = 0; p < parts->count && !*duplicate; p++) {
		const int64_t *values;
		size_t n;
		if (parts->read(parts->context, p, &values, &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			uint64_t at = (uint64_t)values[i] - low - from;
			if (at >= window)
				continue;
			*duplicate |= bits[at / 64] >> at % 64 & 1;
			bits[at / 64] |= UINT64_C(1) << at % 64;
		}
	}
	return 0;
}

static int find_by_bitmap(const struct sdp_integer_parts *parts, const struct look *l,
			  bool *duplicate, struct sdp_err *err)
{
	const uint64_t window = memory_of(parts) / 8 * 64;
	uint64_t range = (uint64_t)l->high - (uint64_t)l->low;
	size_t words = (size_t)((range < window ? range : window - 1) / 64 + 1);
	uint64_t *bits = sdp_alloc(words, sizeof *bits, err);
	int rc = bits ? 0 : -1;
	for (uint64_t from = 0; rc == 0 && from <= range && !*duplicate; from += window) {
		memset(bits, 0, words * sizeof *bits);
		rc = mark(parts, (uint64_t)l->low, from, window, bits, duplicate, err);
	}
	free(bits);
	return rc;
}

/* A share of the integers: those whose hash is share, modulo the number of shares. */
struct share {
	uint64_t number, of;
	uint64_t *keys;
	size_t count, capacity;
};

static int collect(const struct sdp_integer_parts *parts, struct share *s, struct sdp_err *err)
{
	s->count = 0;
	for (size_t p = 0; p < parts->count; p++) {
		const int64_t *values;
		size_t n;
		if (parts->read(parts->context, p, &values, &n, err) < 0 ||
		    sdp_grow(&s->keys, &s->capacity, s->count + n, sizeof *s->keys, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			uint64_t hash = (uint64_t)values[i] * UINT64_C(0x9e3779b97f4a7c15) >> 32;
			s->keys[s->count] = sdp_sort_key_of(values[i]);
			s->count += hash % s->of == s->number;
		}
	}
	return 0;
}

static int find_by_sorting(const struct sdp_integer_parts *parts, const struct look *l,
			   bool *duplicate, struct sdp_err *err)
{
	struct share s = {.of = l->count / (memory_of(parts) / SORTING) + 1};
	int rc = 0;
	for (; rc == 0 && s.number < s.of && !*duplicate; s.number++) {
		rc = collect(parts, &s, err);
		uint64_t *scratch = rc == 0 ? sdp_alloc(s.count + 1, sizeof *scratch, err) : NULL;
		rc = scratch ? 0 : -1;
		if (rc == 0 && s.count)
			*duplicate =
				sorted_has_duplicate(sdp_radix_sort_u64(s.keys, scratch, s.count),
						     s.count);
		free(scratch);
	}
	free(s.keys);
	return rc;
}

int sdp_all_different(const struct sdp_integer_parts *parts, struct sdp_all_different *result,
		      struct sdp_err *err)
{
	struct look l;
	*result = (struct sdp_all_different){0};
	if (look_at_all(parts, &l, err) < 0)
		return -1;
	uint64_t range = (uint64_t)l.high - (uint64_t)l.low;
	bool duplicate = l.duplicate || (l.count > 0 && range < l.count - 1);
	if (!duplicate && l.count > FIRST && !l.ascending && !l.descending &&
	    (range / WIDEST < l.count ? find_by_bitmap : find_by_sorting)(parts, &l, &duplicate,
									  err) < 0)
		return -1;
	if (!duplicate)
		*result = (struct sdp_all_different){true, l.count, l.low, l.high, false};
	return 0;
}

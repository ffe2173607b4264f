/* Descriptive statistics of one column: numbers, times and strings are added block by block. */
#include "model/stats/column_summary.h"

#include "base/calendar.h"
#include "base/text.h"
#include "model/stats/exact_value.h"
#include "sdp/mem.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

/* ---- extremes ---- */

/*
 * Returns whether a is beyond the extreme found before: below it if sign is -1, above it if sign is
 * 1.
 */
static bool beyond(const struct sdp_extreme_number *a, const struct sdp_extreme_number *old,
		   int sign)
{
	return !old->any || sdp_value_compare(&a->value, &old->value) * sign > 0;
}

/*
 * Equal numbers may differ in scale (1 and 1.0).  The canonical form is kept, so that the result
 * does not depend on the order of the numbers.
 */
static void take_number(struct sdp_extreme_number *to, struct sdp_extreme_number from)
{
	if (from.value.kind != SDP_KEY_REAL)
		sdp_decimal_canonical(&from.value.value, &from.value.kind);
	*to = from;
}

static void note_range(struct sdp_column_summary *s, int64_t low, int64_t high, int kind)
{
	struct sdp_extreme_number l = {true, {kind, low}}, h = {true, {kind, high}};
	if (beyond(&l, &s->low, -1))
		take_number(&s->low, l);
	if (beyond(&h, &s->high, 1))
		take_number(&s->high, h);
}

static int take_text(struct sdp_extreme_text *to, struct sdp_spill *spill, const char *text,
		     size_t length, struct sdp_err *err)
{
	if (length >= to->capacity) {
		size_t capacity = length * 2 + 64;
		char *data = sdp_spill_take(spill, capacity, err);
		if (!data)
			return -1;
		to->data = data;
		to->capacity = capacity;
	}
	memcpy(to->data, text, length);
	to->length = length;
	return 0;
}

static int note_text(struct sdp_column_summary *s, struct sdp_spill *spill, const char *text,
		     size_t length, struct sdp_err *err)
{
	if (!s->least.data || sdp_text_compare(text, length, s->least.data, s->least.length) < 0)
		if (take_text(&s->least, spill, text, length, err) < 0)
			return -1;
	if (!s->greatest.data ||
	    sdp_text_compare(text, length, s->greatest.data, s->greatest.length) > 0)
		if (take_text(&s->greatest, spill, text, length, err) < 0)
			return -1;
	return 0;
}

static void find_range(const int64_t *v, size_t n, int64_t *low, int64_t *high)
{
	int64_t l = v[0], h = v[0];
	for (size_t i = 1; i < n; i++) {
		l = v[i] < l ? v[i] : l;
		h = v[i] > h ? v[i] : h;
	}
	*low = l;
	*high = h;
}

/* ---- numbers ---- */

static struct sdp_scaled_sum *scaled_sum(struct sdp_column_summary *s, struct sdp_spill *spill,
					 int scale, struct sdp_err *err)
{
	if (!s->scaled[scale])
		s->scaled[scale] = sdp_spill_take(spill, sizeof *s->scaled[scale], err);
	return s->scaled[scale];
}

int sdp_column_summary_add_decimals(struct sdp_column_summary *s, struct sdp_spill *spill,
				    const int64_t *v, size_t n, int scale, struct sdp_err *err)
{
	if (n == 0)
		return 0;
	bool sums = !(s->skip & SDP_SUMMARY_NO_SUMS);
	struct sdp_scaled_sum *sum = sums ? scaled_sum(s, spill, scale, err) : NULL;
	if (sums && !sum)
		return -1;
	int64_t low, high;
	find_range(v, n, &low, &high);
	note_range(s, low, high, scale);
	if (sums)
		sdp_scaled_sum_add(sum, v, n);
	s->values += n;
	if (s->skip & SDP_SUMMARY_NO_KEYS)
		return 0;
	return sdp_value_store_add(&s->keys, spill, v, n, scale, low, high, err);
}

int sdp_column_summary_add_reals(struct sdp_column_summary *s, struct sdp_spill *spill,
				 const double *values, size_t n, struct sdp_err *err)
{
	if (n == 0)
		return 0;
	bool sums = !(s->skip & SDP_SUMMARY_NO_SUMS);
	if (sums && !s->real && !(s->real = sdp_spill_take(spill, sizeof *s->real, err)))
		return -1;
	int64_t *keys = sdp_alloc(n, sizeof *keys, err), low, high;
	if (!keys)
		return -1;
	for (size_t i = 0; i < n; i++) {
		keys[i] = sdp_key_of_double(values[i]);
		if (sums)
			sdp_real_sum_add(s->real, values[i]);
	}
	find_range(keys, n, &low, &high);
	note_range(s, low, high, SDP_KEY_REAL);
	s->values += n;
	int rc = 0;
	if (!(s->skip & SDP_SUMMARY_NO_KEYS))
		rc = sdp_value_store_add(&s->keys, spill, keys, n, SDP_KEY_REAL, low, high, err);
	free(keys);
	return rc;
}

/* ---- times ---- */

static int compare_times(const struct sdp_extreme_time *a, const struct sdp_extreme_time *b)
{
	if (a->second != b->second)
		return a->second > b->second ? 1 : -1;
	return (a->nano > b->nano) - (a->nano < b->nano);
}

/*
 * Keeps a time and its text if it is before the extreme found so far (sign -1) or after it (sign
 * 1).  Of several texts for the same time, the first in byte order is kept.
 */
static int note_time(struct sdp_extreme_time *extreme, struct sdp_extreme_text *kept, int sign,
		     struct sdp_spill *spill, struct sdp_extreme_time time, const char *text,
		     size_t length, struct sdp_err *err)
{
	int order = extreme->any ? compare_times(&time, extreme) * sign : 1;
	if (order < 0 ||
	    (order == 0 && sdp_text_compare(text, length, kept->data, kept->length) >= 0))
		return 0;
	*extreme = time;
	return take_text(kept, spill, text, length, err);
}

/* Returns the row that has a time and, of several, the text that is first in byte order. */
static size_t find_time(int64_t time, const int64_t *v, size_t n, const char *const *texts,
			const size_t *lengths)
{
	size_t best = 0;
	while (v[best] != time)
		best++;
	for (size_t i = best + 1; i < n; i++)
		if (v[i] == time &&
		    sdp_text_compare(texts[i], lengths[i], texts[best], lengths[best]) < 0)
			best = i;
	return best;
}

static struct sdp_extreme_time time_of(int64_t mantissa, int scale)
{
	int64_t rest = sdp_floor_mod(mantissa, sdp_pow10[scale]);
	return (struct sdp_extreme_time){true, sdp_floor_div(mantissa, sdp_pow10[scale]),
					 (uint32_t)(rest * sdp_pow10[9 - scale])};
}

/* Notes the extremes of n times, low and high. */
static int note_times(struct sdp_column_summary *s, struct sdp_spill *spill, const int64_t *v,
		      size_t n, int scale, int64_t low, int64_t high, const char *const *texts,
		      const size_t *lengths, struct sdp_err *err)
{
	size_t first = find_time(low, v, n, texts, lengths),
	       last = find_time(high, v, n, texts, lengths);
	if (note_time(&s->first, &s->least, -1, spill, time_of(low, scale), texts[first],
		      lengths[first], err) < 0)
		return -1;
	return note_time(&s->last, &s->greatest, 1, spill, time_of(high, scale), texts[last],
			 lengths[last], err);
}

int sdp_column_summary_add_times(struct sdp_column_summary *s, struct sdp_spill *spill,
				 const int64_t *v, size_t n, int scale, const char *const *texts,
				 const size_t *lengths, struct sdp_err *err)
{
	if (n == 0)
		return 0;
	int64_t low, high;
	find_range(v, n, &low, &high);
	s->values += n;
	if (!(s->skip & SDP_SUMMARY_NO_EXTREMES) &&
	    note_times(s, spill, v, n, scale, low, high, texts, lengths, err) < 0)
		return -1;
	if (s->skip & SDP_SUMMARY_NO_KEYS)
		return 0;
	return sdp_value_store_add(&s->keys, spill, v, n, scale, low, high, err);
}

int sdp_column_summary_add_far_times(struct sdp_column_summary *s, struct sdp_spill *spill,
				     const int64_t *seconds, const uint32_t *nanos, size_t n,
				     const char *const *texts, const size_t *lengths,
				     struct sdp_err *err)
{
	if (n == 0)
		return 0;
	bool extremes = !(s->skip & SDP_SUMMARY_NO_EXTREMES);
	uint64_t *hashes = sdp_alloc(n, 2 * sizeof *hashes, err);
	int rc = hashes ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const int64_t key[2] = {seconds[i], nanos[i]};
		struct sdp_extreme_time time = {true, seconds[i], nanos[i]};
		XXH128_hash_t hash = XXH3_128bits(key, sizeof key);
		hashes[2 * i] = hash.low64;
		hashes[2 * i + 1] = hash.high64;
		if (!extremes)
			continue;
		rc = note_time(&s->first, &s->least, -1, spill, time, texts[i], lengths[i], err) <
					     0 ||
				     note_time(&s->last, &s->greatest, 1, spill, time, texts[i],
					       lengths[i], err) < 0
			     ? -1
			     : 0;
	}
	if (rc == 0 && !(s->skip & SDP_SUMMARY_NO_KEYS))
		rc = sdp_value_store_add_hashes(&s->far_times, spill, hashes, n, err);
	s->values += n;
	free(hashes);
	return rc;
}

/* ---- strings ---- */

/* Counts the characters of valid UTF-8: the bytes that do not continue a character. */
static uint64_t characters(const char *text, size_t length)
{
	uint64_t n = 0;
	for (size_t i = 0; i < length; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static int note_string(struct sdp_column_summary *s, struct sdp_spill *spill, const char *text,
		       size_t length, struct sdp_err *err)
{
	if (s->skip & SDP_SUMMARY_NO_EXTREMES)
		return 0;
	uint64_t n = characters(text, length);
	if (!s->least.data || n < s->shortest)
		s->shortest = n;
	if (n > s->longest)
		s->longest = n;
	return note_text(s, spill, text, length, err);
}

int sdp_column_summary_add_texts(struct sdp_column_summary *s, struct sdp_spill *spill,
				 const char *const *texts, const size_t *lengths, size_t n,
				 uint32_t limit, uint64_t *hashes, struct sdp_err *err)
{
	enum { AHEAD = 8 };
	bool keys = !(s->skip & SDP_SUMMARY_NO_KEYS);
	size_t i = 0;
	for (size_t k = 0; keys && k < n; k++) {
		XXH128_hash_t hash = XXH3_128bits(texts[k], lengths[k]);
		hashes[2 * k] = hash.low64;
		hashes[2 * k + 1] = hash.high64;
	}
	for (; keys && i < n && !s->keys.frozen; i++) {
		size_t ahead = i + AHEAD < n ? i + AHEAD : i;
		sdp_value_store_prefetch(&s->keys, hashes[2 * ahead], hashes[2 * ahead + 1]);
		/* A string that is in the dictionary has been compared with the extremes before. */
		int fresh = sdp_value_store_count_hash(&s->keys, spill, hashes[2 * i],
						       hashes[2 * i + 1], limit, err);
		if (fresh < 0 || (fresh && note_string(s, spill, texts[i], lengths[i], err) < 0))
			return -1;
	}
	for (size_t k = i; k < n; k++)
		if (note_string(s, spill, texts[k], lengths[k], err) < 0)
			return -1;
	s->values += n;
	return !keys ? 0 : sdp_value_store_add_hashes(&s->keys, spill, hashes + 2 * i, n - i, err);
}

/* ---- merging ---- */

static int merge_numbers(struct sdp_column_summary *into, struct sdp_column_summary *from,
			 struct sdp_spill *spill, struct sdp_err *err)
{
	for (int scale = 0; scale <= SDP_SCALE_MAX; scale++) {
		if (!from->scaled[scale])
			continue;
		struct sdp_scaled_sum *sum = scaled_sum(into, spill, scale, err);
		if (!sum)
			return -1;
		sdp_scaled_sum_merge(sum, from->scaled[scale]);
	}
	if (from->real && !into->real)
		into->real = from->real;
	else if (from->real)
		sdp_real_sum_merge(into->real, from->real);
	return 0;
}

/* Times have times and texts, strings only texts, numbers only numbers. */
static int merge_extremes(struct sdp_column_summary *into, const struct sdp_column_summary *from,
			  struct sdp_spill *spill, struct sdp_err *err)
{
	if (from->first.any)
		return note_time(&into->first, &into->least, -1, spill, from->first,
				 from->least.data, from->least.length, err) < 0 ||
				       note_time(&into->last, &into->greatest, 1, spill, from->last,
						 from->greatest.data, from->greatest.length,
						 err) < 0
			       ? -1
			       : 0;
	if (from->low.any) {
		note_range(into, from->low.value.value, from->low.value.value,
			   from->low.value.kind);
		note_range(into, from->high.value.value, from->high.value.value,
			   from->high.value.kind);
	}
	if (!from->least.data)
		return 0;
	if (!into->least.data || from->shortest < into->shortest)
		into->shortest = from->shortest;
	if (from->longest > into->longest)
		into->longest = from->longest;
	if (note_text(into, spill, from->least.data, from->least.length, err) < 0)
		return -1;
	return note_text(into, spill, from->greatest.data, from->greatest.length, err);
}

int sdp_column_summary_merge(struct sdp_column_summary *into, struct sdp_column_summary *from,
			     struct sdp_spill *spill, struct sdp_err *err)
{
	into->values += from->values;
	into->nulls += from->nulls;
	into->seen |= from->seen;
	if (merge_numbers(into, from, spill, err) < 0 ||
	    merge_extremes(into, from, spill, err) < 0 ||
	    sdp_value_store_merge(&into->far_times, &from->far_times, spill, err) < 0)
		return -1;
	return sdp_value_store_merge(&into->keys, &from->keys, spill, err);
}

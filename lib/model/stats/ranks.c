/* Ranks of the values of a column. */
#include "model/stats/ranks.h"

#include "base/radix_sort.h"
#include "sdp/mem.h"

#include <string.h>

enum { FOUR = 4, EIGHT = 8 };

size_t sdp_rank_key_width(size_t limbs, int bits)
{
	return limbs == 1 ? FOUR : bits <= 62 ? EIGHT : limbs * sizeof(int32_t);
}

uint64_t sdp_rank_memory(size_t width, uint64_t n)
{
	return n * (width == FOUR ? 16 : width == EIGHT ? 16 : sizeof(void *));
}

/* The last limb of a cell without a value is one that no integer has. */
static void keep_limbs(const int32_t *tile, size_t limbs, size_t n,
		       const struct sdp_pair_nulls *nulls, int32_t *out)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < limbs; k++)
			out[i * limbs + k] = tile[k * SDP_TILE + i];
	for (size_t i = 0; i < nulls->count; i++)
		out[(nulls->rows[i] + 1) * limbs - 1] = INT32_MIN;
}

void sdp_rank_keys(const int32_t *tile, size_t limbs, size_t n, size_t width,
		   const struct sdp_pair_nulls *nulls, char *out)
{
	int64_t *eight = (int64_t *)(void *)out;
	if (width != EIGHT || limbs == 1) {
		keep_limbs(tile, limbs, n, nulls, (int32_t *)(void *)out);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int64_t value = 0;
		for (size_t k = limbs; k-- > 0;)
			value = value * (INT64_C(1) << SDP_LIMB_BITS) + tile[k * SDP_TILE + i];
		eight[i] = value;
	}
	for (size_t i = 0; i < nulls->count; i++)
		eight[nulls->rows[i]] = INT64_MIN;
}

/* Ranks keys of 31 bits, sorted together with their rows. */
static int rank_four(const int32_t *keys, size_t n, uint32_t *ranks, struct sdp_err *err)
{
	uint64_t *pairs = sdp_alloc(2 * n, sizeof *pairs, err);
	size_t count = 0;
	if (!pairs)
		return -1;
	for (size_t i = 0; i < n; i++) {
		ranks[i] = 0;
		if (keys[i] != INT32_MIN)
			pairs[count++] = ((uint64_t)keys[i] + (UINT64_C(1) << 31)) << 32 | i;
	}
	const uint64_t *sorted = sdp_radix_sort_u64(pairs, pairs + n, count);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && sorted[end] >> 32 == sorted[first] >> 32;)
			end++;
		for (size_t i = first; i < end; i++)
			ranks[(uint32_t)sorted[i]] = (uint32_t)(first + 1 + end);
	}
	free(pairs);
	return 0;
}

/* Returns how many of count sorted keys are below a key, or are not above it. */
static size_t count_below(const uint64_t *sorted, size_t count, uint64_t key, bool equal)
{
	size_t low = 0;
	while (count > 0) {
		size_t half = count / 2;
		bool below = sorted[low + half] < key || (equal && sorted[low + half] == key);
		low += below ? half + 1 : 0;
		count = below ? count - half - 1 : half;
	}
	return low;
}

/* Ranks keys of 62 bits, which are looked up among the sorted ones. */
static int rank_eight(const int64_t *keys, size_t n, uint32_t *ranks, struct sdp_err *err)
{
	uint64_t *all = sdp_alloc(2 * n, sizeof *all, err);
	size_t count = 0;
	if (!all)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (keys[i] != INT64_MIN)
			all[count++] = sdp_sort_key_of(keys[i]);
	const uint64_t *sorted = sdp_radix_sort_u64(all, all + n, count);
	for (size_t i = 0; i < n; i++) {
		uint64_t key = sdp_sort_key_of(keys[i]);
		size_t first = count_below(sorted, count, key, false),
		       last = first + 1 < count && sorted[first + 1] == key
				      ? count_below(sorted, count, key, true)
				      : first + 1;
		ranks[i] = keys[i] == INT64_MIN ? 0 : (uint32_t)(first + 1 + last);
	}
	free(all);
	return 0;
}

/* ---- keys of many limbs ---- */

static int compare(const int32_t *a, const int32_t *b, size_t limbs)
{
	for (size_t k = limbs; k-- > 0;)
		if (a[k] != b[k])
			return a[k] < b[k] ? -1 : 1;
	return 0;
}

/* Sorts rows by their keys: merges runs of ascending length, from rows to room and back. */
static const uint32_t *sort_rows(const int32_t *keys, size_t limbs, uint32_t *rows, uint32_t *room,
				 size_t n)
{
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t from = 0; from < n; from += 2 * run) {
			size_t middle = from + run < n ? from + run : n,
			       end = from + 2 * run < n ? from + 2 * run : n, i = from, j = middle;
			for (size_t k = from; k < end; k++) {
				bool right =
					i == middle ||
					(j < end && compare(keys + rows[j] * limbs,
							    keys + rows[i] * limbs, limbs) < 0);
				room[k] = right ? rows[j++] : rows[i++];
			}
		}
		uint32_t *swap = rows;
		rows = room;
		room = swap;
	}
	return rows;
}

static int rank_limbs(const int32_t *keys, size_t limbs, size_t n, uint32_t *ranks,
		      struct sdp_err *err)
{
	uint32_t *rows = sdp_alloc(2 * n, sizeof *rows, err);
	size_t count = 0;
	if (!rows)
		return -1;
	for (size_t i = 0; i < n; i++) {
		ranks[i] = 0;
		if (keys[(i + 1) * limbs - 1] != INT32_MIN)
			rows[count++] = (uint32_t)i;
	}
	const uint32_t *sorted = sort_rows(keys, limbs, rows, rows + n, count);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1;
		     end < count &&
		     compare(keys + sorted[end] * limbs, keys + sorted[first] * limbs, limbs) == 0;)
			end++;
		for (size_t i = first; i < end; i++)
			ranks[sorted[i]] = (uint32_t)(first + 1 + end);
	}
	free(rows);
	return 0;
}

int sdp_rank(const char *keys, size_t width, size_t n, uint32_t *ranks, struct sdp_err *err)
{
	const void *at = keys;
	return width == FOUR    ? rank_four(at, n, ranks, err)
	       : width == EIGHT ? rank_eight(at, n, ranks, err)
				: rank_limbs(at, width / sizeof(int32_t), n, ranks, err);
}

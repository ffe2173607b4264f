/* Counts repeated times: within each chunk, and then across the borders of chunks. */
#include "model/timeseries/duplicate_times.h"

#include "base/order.h"
#include "sdp/mem.h"

#define XXH_INLINE_ALL
#include <string.h>
#include <xxhash.h>

struct instant {
	int64_t second;
	uint32_t nano;
};

/* The groups that have one particular time: their hashes, ascending and distinct. */
struct set {
	const uint64_t *hashes;
	size_t count;
};

struct sdp_duplicate_times_chunk {
	struct sdp_duplicate_times_chunk *next;
	uint64_t number, repetitions;
	struct instant first, last;
	struct set firsts, lasts;
	bool sorted;
};

static int compare(struct instant a, struct instant b)
{
	if (a.second != b.second)
		return a.second > b.second ? 1 : -1;
	return (a.nano > b.nano) - (a.nano < b.nano);
}

static struct instant at(const struct sdp_duplicate_times_rows *rows, size_t i)
{
	return (struct instant){rows->second[rows->row[i]], rows->nano[rows->row[i]]};
}

static int keep(struct set *set, struct sdp_spill *spill, const uint64_t *hashes, size_t count,
		struct sdp_err *err)
{
	uint64_t *copy = sdp_spill_take(spill, (count + 1) * sizeof *copy, err);
	if (!copy)
		return -1;
	memcpy(copy, hashes, count * sizeof *copy);
	*set = (struct set){copy, count};
	return 0;
}

SDP_ORDER_VALUES(by_value, uint64_t)

/*
 * Writes the distinct hashes of the groups of the rows [from, end) to rows->room, ascending.
 * Returns their number.
 */
static size_t distinct(const struct sdp_duplicate_times_rows *rows, size_t from, size_t end)
{
	uint64_t *room = rows->room;
	size_t n = 0, kept = 1;
	if (!rows->group) {
		room[0] = 0;
		return 1;
	}
	for (size_t i = from; i < end; i++)
		room[n++] = rows->groups->entries[rows->group[rows->row[i]]].hash;
	if (n > 1)
		qsort(room, n, sizeof *room, by_value);
	for (size_t i = 1; i < n; i++)
		if (room[i] != room[i - 1])
			room[kept++] = room[i];
	return kept;
}

int sdp_duplicate_times_add(struct sdp_duplicate_times *r, struct sdp_spill *spill, uint64_t number,
			    const struct sdp_duplicate_times_rows *rows, struct sdp_err *err)
{
	if (rows->count == 0)
		return 0;
	struct sdp_duplicate_times_chunk *c = sdp_spill_take(spill, sizeof *c, err);
	if (!c)
		return -1;
	*c = (struct sdp_duplicate_times_chunk){.next = r->chunks,
						.number = number,
						.sorted = true,
						.first = at(rows, 0),
						.last = at(rows, rows->count - 1)};
	r->chunks = c;
	for (size_t from = 0, end; from < rows->count; from = end) {
		struct instant now = at(rows, from);
		for (end = from + 1; end < rows->count && compare(at(rows, end), now) == 0; end++)
			;
		bool last = end == rows->count;
		c->sorted = last || compare(at(rows, end), now) > 0;
		if (!c->sorted)
			return 0;
		if (end - from == 1 && from > 0 && !last)
			continue;
		size_t groups = distinct(rows, from, end);
		c->repetitions += end - from - groups;
		if ((from == 0 && keep(&c->firsts, spill, rows->room, groups, err) < 0) ||
		    (last && keep(&c->lasts, spill, rows->room, groups, err) < 0))
			return -1;
	}
	return 0;
}

void sdp_duplicate_times_merge(struct sdp_duplicate_times *into, struct sdp_duplicate_times *from)
{
	while (from->chunks) {
		struct sdp_duplicate_times_chunk *c = from->chunks;
		from->chunks = c->next;
		c->next = into->chunks;
		into->chunks = c;
	}
}

SDP_ORDER_POINTERS_BY(by_number, struct sdp_duplicate_times_chunk, number)

static size_t common(struct set a, struct set b)
{
	size_t i = 0, k = 0, n = 0;
	while (i < a.count && k < b.count) {
		n += a.hashes[i] == b.hashes[k];
		uint64_t x = a.hashes[i], y = b.hashes[k];
		i += x <= y;
		k += y <= x;
	}
	return n;
}

/* Writes the union of a and b to room, which may be the memory of a. */
static struct set join(struct set a, struct set b, uint64_t *room)
{
	memmove(room, a.hashes, a.count * sizeof *room);
	memcpy(room + a.count, b.hashes, b.count * sizeof *room);
	size_t n = a.count + b.count, kept = n > 0;
	qsort(room, n, sizeof *room, by_value);
	for (size_t i = 1; i < n; i++)
		if (room[i] != room[i - 1])
			room[kept++] = room[i];
	return (struct set){room, kept};
}

/*
 * Goes through the chunks in order.  open is the set of groups that have the last time so far.
 * Returns 1, or 0 if the rows are not in ascending order.
 */
static int walk(struct sdp_duplicate_times_chunk *const *list, size_t n, uint64_t *room,
		uint64_t *count)
{
	struct set open = {NULL, 0};
	for (size_t i = 0; i < n; i++) {
		const struct sdp_duplicate_times_chunk *c = list[i];
		int order = i ? compare(c->first, list[i - 1]->last) : 1;
		if (!c->sorted || order < 0)
			return 0;
		*count += c->repetitions + (order == 0 ? common(open, c->firsts) : 0);
		open = order == 0 && compare(c->first, c->last) == 0 ? join(open, c->firsts, room)
								     : c->lasts;
	}
	return 1;
}

int sdp_duplicate_times_count(const struct sdp_duplicate_times *r, uint64_t *count,
			      struct sdp_err *err)
{
	size_t n = 0, hashes = 0;
	for (const struct sdp_duplicate_times_chunk *c = r->chunks; c; c = c->next, n++)
		hashes += c->firsts.count + c->lasts.count;
	struct sdp_duplicate_times_chunk **list = sdp_alloc(n, sizeof *list, err);
	uint64_t *room = sdp_alloc(hashes, sizeof *room, err);
	int rc = list && room ? 0 : -1;
	n = 0;
	for (struct sdp_duplicate_times_chunk *c = r->chunks; rc == 0 && c; c = c->next)
		list[n++] = c;
	*count = 0;
	if (rc == 0) {
		qsort(list, n, sizeof *list, by_number);
		rc = walk(list, n, room, count);
	}
	free(list);
	free(room);
	return rc;
}

void sdp_duplicate_times_hash(uint64_t hash[2], int64_t second, uint32_t nano, const char *key,
			      size_t length)
{
	uint64_t parts[3] = {(uint64_t)second, nano, length ? XXH3_64bits(key, length) : 0};
	XXH128_hash_t h = XXH3_128bits(parts, sizeof parts);
	hash[0] = h.low64;
	hash[1] = h.high64;
}

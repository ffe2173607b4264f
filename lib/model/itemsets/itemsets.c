/* Stores itemsets, reads them in order, and looks them up in a table. */
#include "model/itemsets/itemsets.h"

#include "base/rng.h"
#include "model/itemsets/varint.h"
#include "sdp/mem.h"

#include <string.h>

enum { PIECE = 1 << 18 };

/* ---- storing: length, rank, count ---- */

int sdp_itemset_flush(struct sdp_itemset_writer *w, struct sdp_err *err)
{
	int rc = w->bytes.length ? sdp_kept_add(&w->lists[w->rank], w->spill, w->bytes.data,
						w->bytes.length, err)
				 : 0;
	w->bytes.length = 0;
	return rc;
}

int sdp_itemset_found(void *writer, size_t length, uint32_t rank, uint32_t count,
		      struct sdp_err *err)
{
	struct sdp_itemset_writer *w = writer;
	if ((length == 1 || w->bytes.length > PIECE) && sdp_itemset_flush(w, err) < 0)
		return -1;
	if (length == 1)
		w->rank = rank;
	if (sdp_buf_reserve(&w->bytes, 3 * LEB_MOST, err) < 0)
		return -1;
	unsigned char *start = (unsigned char *)w->bytes.data + w->bytes.length;
	w->bytes.length +=
		(size_t)(sdp_varint_put(sdp_varint_put(sdp_varint_put(start, length), rank),
					count) -
			 start);
	w->spectrum->counts[length]++;
	return 0;
}

void sdp_itemset_writer_release(struct sdp_itemset_writer *w)
{
	sdp_buf_release(&w->bytes);
}

/* ---- reading ---- */

int sdp_itemset_reader_init(struct sdp_itemset_reader *r, struct sdp_spill *spill,
			    const struct sdp_kept_list *lists, uint32_t items, size_t longest,
			    struct sdp_err *err)
{
	uint64_t largest = 1;
	*r = (struct sdp_itemset_reader){.spill = spill,
					 .lists = lists,
					 .items = items,
					 .longest = longest};
	for (uint32_t i = 0; i < items; i++)
		for (const struct sdp_kept *k = lists[i].first; k; k = k->next)
			if (k->extent.spilled && k->extent.length > largest)
				largest = k->extent.length;
	r->path = sdp_spill_take(spill, (longest + 1) * sizeof *r->path, err);
	r->room = sdp_spill_take(spill, largest, err);
	return r->path && r->room ? 0 : -1;
}

void sdp_itemset_reader_rewind(struct sdp_itemset_reader *r)
{
	r->next_rank = 0;
	r->kept = NULL;
	r->at = r->end = NULL;
}

/* Opens the next extent.  Returns 1, 0 at the end, -1 on failure. */
static int next_piece(struct sdp_itemset_reader *r, struct sdp_err *err)
{
	r->kept = r->kept ? r->kept->next : NULL;
	while (!r->kept && r->next_rank < r->items)
		r->kept = r->lists[r->next_rank++].first;
	if (!r->kept)
		return 0;
	const struct sdp_extent *extent = &r->kept->extent;
	r->at = sdp_spill_get(r->spill, extent, 0, extent->length, r->room, err);
	r->end = r->at ? r->at + extent->length : NULL;
	return r->at ? 1 : -1;
}

int sdp_itemset_next(struct sdp_itemset_reader *r, struct sdp_itemset *set, struct sdp_err *err)
{
	uint64_t length, rank, count;
	if (r->at == r->end) {
		int rc = next_piece(r, err);
		if (rc <= 0)
			return rc;
	}
	r->at = sdp_varint_get(sdp_varint_get(sdp_varint_get(r->at, &length), &rank), &count);
	/* The rarest item, which changes least often, is the last. */
	uint32_t *first = r->path + r->longest - length;
	*first = (uint32_t)rank;
	*set = (struct sdp_itemset){first, length, (uint32_t)count};
	return 1;
}

/* ---- the table ---- */

/*
 * The key of an itemset is the sum of the keys of its items, and so does not depend on their order.
 */
static uint64_t item_key(uint32_t rank)
{
	return sdp_rng_mix((uint64_t)rank + 1);
}

static void enter(struct sdp_itemset_table *t, uint32_t set, uint64_t key)
{
	if (t->size == 0)
		return;
	uint32_t i = (uint32_t)(key >> 32) & (t->size - 1);
	while (t->slots[i])
		i = (i + 1) & (t->size - 1);
	t->slots[i] = set + 1;
}

/*
 * Fills the table.  keys[l] and sets[l] are the key and the number of the prefix of length l of the
 * current itemset.
 */
static int fill(struct sdp_itemset_table *t, struct sdp_itemset_reader *r, struct sdp_err *err)
{
	uint32_t *sets = sdp_alloc(r->longest + 1, sizeof *sets, err), n = 0;
	uint64_t *keys = sdp_alloc(r->longest + 1, sizeof *keys, err);
	struct sdp_itemset set;
	int rc = sets && keys ? 0 : -1;
	while (rc == 0 && (rc = sdp_itemset_next(r, &set, err)) > 0) {
		rc = 0;
		if (n == t->count)
			SDP_BUG();
		t->rank[n] = set.ranks[0];
		t->support[n] = set.count;
		t->parent[n] = set.length > 1 ? sets[set.length - 1] : UINT32_MAX;
		sets[set.length] = n;
		keys[set.length] = keys[set.length - 1] + item_key(set.ranks[0]);
		enter(t, n++, keys[set.length]);
	}
	free(sets);
	free(keys);
	return rc;
}

int sdp_itemset_table_make(struct sdp_itemset_table *t, struct sdp_itemset_reader *reader,
			   uint64_t count, bool find, struct sdp_spill *spill, struct sdp_err *err)
{
	if (count > UINT32_MAX / 2)
		return sdp_fail(err, SDP_SYSTEM,
				"over two thousand million itemsets: sorting and rules hold fewer");
	*t = (struct sdp_itemset_table){.count = (uint32_t)count,
					.size = find ? 16 : 0,
					.longest = reader->longest};
	while (t->size && t->size < count + count / 2)
		t->size *= 2;
	uint32_t *p = sdp_spill_take(spill, (3 * (size_t)count + t->size) * sizeof *p, err);
	if (!p)
		return -1;
	t->parent = p;
	t->rank = t->parent + count;
	t->support = t->rank + count;
	t->slots = t->support + count;
	return fill(t, reader, err);
}

size_t sdp_itemset_ranks(const struct sdp_itemset_table *t, uint32_t set, uint32_t *ranks)
{
	size_t n = 0;
	for (; set != UINT32_MAX; set = t->parent[set])
		ranks[n++] = t->rank[set];
	return n;
}

static bool is_set(const struct sdp_itemset_table *t, uint32_t set, const uint32_t *ranks,
		   size_t length)
{
	for (size_t i = 0; i < length; i++, set = t->parent[set])
		if (set == UINT32_MAX || t->rank[set] != ranks[i])
			return false;
	return set == UINT32_MAX;
}

uint32_t sdp_itemset_find(const struct sdp_itemset_table *t, const uint32_t *ranks, size_t length)
{
	uint64_t key = 0;
	for (size_t i = 0; i < length; i++)
		key += item_key(ranks[i]);
	for (uint32_t i = (uint32_t)(key >> 32) & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		if (!t->slots[i])
			SDP_BUG(); /* every subset of a frequent itemset is frequent */
		if (is_set(t, t->slots[i] - 1, ranks, length))
			return t->slots[i] - 1;
	}
}

/*
 * Pattern growth on arrays.
 *
 * Baskets are lists of ranks with the rarest rank first.  The list after an item at position p
 * therefore contains the more frequent items of the same basket:
 *
 *	cells   9 7 4 1 END 7 4 END 9 4 0 END …        at   … | of 7: 2 6 | of 9: 1 9 | …
 *	          ^ the tail after 9
 *
 * The tails of an item are its conditional baskets.  The items that are frequent in these tails
 * make a smaller array of lists, recursively.  When items × rows is small enough, bits are used
 * instead: each item has a column of one bit per row, and a candidate needs an intersection and a
 * population count (M. Zaki, Scalable Algorithms for Association Mining, 2000).  Rows that no
 * itemset of the branch contains are removed from the columns.  If itemsets are only counted, an
 * item that is in all rows of an itemset is not tried but multiplies the number of the extensions
 * (C. Borgelt's perfect extensions).
 *
 * Arrays replace the tree of J. Han et al. (Mining Frequent Patterns without Candidate Generation,
 * SIGMOD 2000), because copying tails in order is faster than following the links of nodes.
 */
#include "model/itemsets/frequent.h"

#include "model/itemsets/bits.h"
#include "sdp/mem.h"

#include <string.h>

#define END UINT32_MAX

enum { SLAB = 1 << 18, AHEAD = 16 };

/* A stack of memory.  Slabs that are given back are kept for the next use. */
struct slab {
	struct slab *next, *before;
	size_t size, used;
	uint64_t bytes[];
};

struct mark {
	struct slab *slab;
	size_t used;
};

struct sdp_miner {
	struct sdp_miner_options options;
	const struct sdp_bits_kernel *kernel;
	struct slab *slab; /* the current one */
};

/* The tails of an itemset: its conditional baskets, in which its extensions are found. */
struct tails {
	const uint32_t *cells, *at; /* at: where each tail begins; empty tails are omitted */
	/* count: number of tails; support: of the itemset; bound: items are below it */
	uint32_t count, support, bound;
	/* ranks of the items in cells; NULL if the items are ranks themselves */
	const uint32_t *names;
	size_t length; /* length of the itemset */
	unsigned extras;
};

/* Returns a tail, and prefetches the one AHEAD rows later, as tails are far apart in memory. */
static inline const uint32_t *tail(const struct tails *t, uint32_t row)
{
	if (row + AHEAD < t->count)
		__builtin_prefetch(t->cells + t->at[row + AHEAD]);
	return t->cells + t->at[row];
}

/* The extensions of an itemset as columns of bits, one bit per row. */
struct columns {
	uint64_t *sets;
	uint32_t *support;
	const uint32_t *names;
	size_t count, words;
};

static void *take(struct sdp_miner *m, size_t size, struct sdp_err *err)
{
	size = (size + 63) / 64 * 64;
	while (!m->slab || m->slab->size - m->slab->used < size) {
		struct slab *next = m->slab ? m->slab->next : NULL;
		if (!next || next->size < size) {
			size_t room = size > SLAB ? size : SLAB;
			struct slab *fresh = malloc(sizeof *fresh + room);
			if (!fresh) {
				sdp_fail_memory(err);
				return NULL;
			}
			*fresh = (struct slab){.next = next, .before = m->slab, .size = room};
			if (next)
				next->before = fresh;
			if (m->slab)
				m->slab->next = fresh;
			next = fresh;
		}
		next->used = 0;
		m->slab = next;
	}
	void *p = (char *)m->slab->bytes + m->slab->used;
	m->slab->used += size;
	return p;
}

static struct mark mark_of(const struct sdp_miner *m)
{
	return (struct mark){m->slab, m->slab ? m->slab->used : 0};
}

static void give_back(struct sdp_miner *m, struct mark mark)
{
	while (m->slab != mark.slab && m->slab->before)
		m->slab = m->slab->before;
	m->slab->used = mark.used;
}

/* Counts an itemset, if itemsets are counted. */
static void tally(struct sdp_miner *m, size_t length, unsigned extras)
{
	struct sdp_itemset_counts *s = m->options.spectrum;
	if (s)
		s->counts[extras * (s->longest + 1) + length]++;
}

static int report(struct sdp_miner *m, size_t length, uint32_t rank, uint32_t count,
		  struct sdp_err *err)
{
	return m->options.spectrum ? 0
				   : m->options.found(m->options.context, length, rank, count, err);
}

/*
 * Fails if there is one extra more than can be counted and itemsets may contain all of them: the
 * number of itemsets is then over 2^64.
 */
static int check_extras(const struct sdp_miner *m, const uint32_t *support, size_t count,
			uint32_t whole, size_t length, unsigned extras, struct sdp_err *err)
{
	if (extras < SDP_ITEMSET_COUNTS_EXTRAS || m->options.max_length < length + extras + 1)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (support[i] == whole)
			return sdp_itemset_counts_fail(err);
	return 0;
}

/* ---- bits ---- */

/* Removes the columns that contain all rows of the itemset, and counts them as extras. */
static size_t drop_extras(struct columns *c, uint32_t *which, uint32_t support, unsigned *extras)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (c->support[i] == support && *extras < SDP_ITEMSET_COUNTS_EXTRAS) {
			++*extras;
			continue;
		}
		if (kept != i) {
			memcpy(c->sets + kept * c->words, c->sets + i * c->words,
			       c->words * sizeof *c->sets);
			c->support[kept] = c->support[i];
			which[kept] = which[i];
		}
		kept++;
	}
	return kept;
}

static int mine_columns(struct sdp_miner *m, const struct columns *c, size_t length,
			unsigned extras, struct sdp_err *err);

/* Reports the itemset extended by column a, and mines its extensions by the columns before a. */
static int mine_column(struct sdp_miner *m, const struct columns *c, size_t a, size_t length,
		       unsigned extras, struct sdp_err *err)
{
	const uint64_t *one = c->sets + a * c->words;
	struct columns below = {.words = c->words};
	if (report(m, length, c->names[a], c->support[a], err) < 0)
		return -1;
	if (a == 0 || length == m->options.max_length) {
		tally(m, length, extras);
		return 0;
	}
	uint32_t *which = take(m, 2 * a * sizeof *which, err);
	below.sets = which ? take(m, a * c->words * sizeof *below.sets, err) : NULL;
	if (!below.sets)
		return -1;
	below.support = which + a;
	below.count = m->kernel->intersect(one, c->sets, a, c->words, m->options.min_count,
					   below.sets, below.support, which);
	if (m->options.spectrum && below.count) {
		below.count = drop_extras(&below, which, c->support[a], &extras);
		if (check_extras(m, below.support, below.count, c->support[a], length, extras,
				 err) < 0)
			return -1;
	}
	tally(m, length, extras);
	if (below.count == 0)
		return 0;
	for (size_t i = 0; i < below.count; i++)
		which[i] = c->names[which[i]];
	below.names = which;
	if (below.count > 1 && 2 * (((size_t)c->support[a] + 63) / 64) <= c->words)
		below.words = m->kernel->gather(one, below.sets, below.count, c->words);
	return mine_columns(m, &below, length, extras, err);
}

static int mine_columns(struct sdp_miner *m, const struct columns *c, size_t length,
			unsigned extras, struct sdp_err *err)
{
	struct mark mark = mark_of(m);
	for (size_t a = 0; a < c->count; a++) {
		if (mine_column(m, c, a, length + 1, extras, err) < 0)
			return -1;
		give_back(m, mark);
	}
	return 0;
}

static int mine_as_columns(struct sdp_miner *m, const struct tails *t, const uint32_t *local,
			   const uint32_t *names, uint32_t *support, size_t count,
			   struct sdp_err *err)
{
	struct columns c = {.names = names,
			    .support = support,
			    .count = count,
			    .words = ((size_t)t->count + 63) / 64};
	if (!(c.sets = take(m, count * c.words * sizeof *c.sets, err)))
		return -1;
	memset(c.sets, 0, count * c.words * sizeof *c.sets);
	for (uint32_t row = 0; row < t->count; row++) {
		uint64_t *word = c.sets + row / 64, bit = UINT64_C(1) << row % 64;
		for (const uint32_t *p = tail(t, row); *p != END; p++)
			if (local[*p] != END)
				word[local[*p] * c.words] |= bit;
	}
	return mine_columns(m, &c, t->length, t->extras, err);
}

/* ---- lists ---- */

static int mine_tails(struct sdp_miner *m, struct tails *t, struct sdp_err *err);

/* The lists of the items that are frequent in the tails, in the form of struct sdp_basket_group. */
struct lists {
	uint32_t *cells, *at, *start, *fill;
};

static int make_lists(struct sdp_miner *m, const struct tails *t, const uint32_t *local,
		      const uint32_t *support, size_t count, uint64_t total, struct lists *out,
		      struct sdp_err *err)
{
	size_t used = 0;
	out->cells = take(m, (total + t->count) * sizeof *out->cells, err);
	out->at = out->cells ? take(m, (total + 2 * count) * sizeof *out->at, err) : NULL;
	if (!out->at)
		return -1;
	out->start = out->at + total;
	out->fill = out->start + count;
	for (size_t i = 0, sum = 0; i < count; sum += support[i++])
		out->start[i] = out->fill[i] = (uint32_t)sum;
	for (uint32_t row = 0; row < t->count; row++) {
		size_t begin = used;
		for (const uint32_t *p = tail(t, row); *p != END; p++)
			if (local[*p] != END)
				out->cells[used++] = local[*p];
		if (used - begin < 2) {
			used = begin;
			continue;
		}
		for (size_t i = begin; i + 1 < used; i++)
			out->at[out->fill[out->cells[i]]++] = (uint32_t)i + 1;
		out->cells[used++] = END;
	}
	return 0;
}

static int mine_as_lists(struct sdp_miner *m, const struct tails *t, const uint32_t *local,
			 const uint32_t *names, const uint32_t *support, size_t count,
			 uint64_t total, struct sdp_err *err)
{
	struct lists lists;
	if (make_lists(m, t, local, support, count, total, &lists, err) < 0)
		return -1;
	struct mark mark = mark_of(m);
	for (size_t i = 0; i < count; i++) {
		struct tails below = {lists.cells,
				      lists.at + lists.start[i],
				      lists.fill[i] - lists.start[i],
				      support[i],
				      (uint32_t)i,
				      names,
				      t->length + 1,
				      t->extras};
		if (report(m, below.length, names[i], support[i], err) < 0 ||
		    mine_tails(m, &below, err) < 0)
			return -1;
		give_back(m, mark);
	}
	return 0;
}

/*
 * Returns whether intersecting bits is faster than processing lists, by an estimate in nanoseconds.
 */
static bool bits_are_cheaper(uint32_t rows, size_t items, uint64_t total)
{
	double words = (double)rows / 64 + 1, n = (double)items;
	double lists = (double)total * ((double)total / rows) * 0.75 + 100 * n;
	return n * n * words * 0.15 + n * words <= 2 * lists;
}

/* Counts in how many of the tails each item is. */
static void count_items(const struct tails *t, uint32_t *counts)
{
	memset(counts, 0, t->bound * sizeof *counts);
	for (uint32_t row = 0; row < t->count; row++)
		for (const uint32_t *p = tail(t, row); *p != END; p++)
			counts[*p]++;
}

/* Counts an itemset, which was reported before, and mines all its extensions. */
static int mine_tails(struct sdp_miner *m, struct tails *t, struct sdp_err *err)
{
	if (t->count < m->options.min_count || t->length == m->options.max_length) {
		tally(m, t->length, t->extras);
		return 0;
	}
	uint32_t *local = take(m, 3 * (size_t)t->bound * sizeof *local, err);
	if (!local)
		return -1;
	uint32_t *names = local + t->bound, *support = names + t->bound;
	size_t count = 0;
	uint64_t total = 0;
	count_items(t, local);
	for (uint32_t i = 0; i < t->bound; i++) {
		uint32_t n = local[i];
		local[i] = END;
		if (n < m->options.min_count)
			continue;
		if (m->options.spectrum && n == t->support &&
		    t->extras < SDP_ITEMSET_COUNTS_EXTRAS) {
			t->extras++;
			continue;
		}
		local[i] = (uint32_t)count;
		names[count] = t->names ? t->names[i] : i;
		support[count++] = n;
		total += n;
	}
	if (check_extras(m, support, count, t->support, t->length, t->extras, err) < 0)
		return -1;
	tally(m, t->length, t->extras);
	if (count == 0)
		return 0;
	return bits_are_cheaper(t->count, count, total)
		       ? mine_as_columns(m, t, local, names, support, count, err)
		       : mine_as_lists(m, t, local, names, support, count, total, err);
}

/* ---- the group ---- */

struct sdp_miner *sdp_miner_new(const struct sdp_miner_options *options, struct sdp_err *err)
{
	struct sdp_miner *m = sdp_alloc(1, sizeof *m, err);
	if (!m)
		return NULL;
	m->options = *options;
	m->kernel = sdp_bits_kernel(options->kernel);
	if (!m->kernel || options->min_count == 0 || options->max_length == 0)
		SDP_BUG();
	return m;
}

void sdp_miner_free(struct sdp_miner *m)
{
	if (!m)
		return;
	while (m->slab && m->slab->next)
		m->slab = m->slab->next;
	for (struct slab *before; m->slab; m->slab = before) {
		before = m->slab->before;
		free(m->slab);
	}
	free(m);
}

size_t sdp_group_size(uint32_t first, uint32_t end, uint64_t cells, const uint32_t *support)
{
	uint64_t items = end - first, tails = 0;
	for (size_t i = 0; i < items; i++)
		tails += support[i];
	return cells >= END || tails >= END ? 0 : (cells + tails + 2 * items) * sizeof(uint32_t);
}

void sdp_group_init(struct sdp_basket_group *g, void *memory, uint32_t first, uint32_t end,
		    uint64_t cells, const uint32_t *support)
{
	size_t items = end - first, sum = 0;
	*g = (struct sdp_basket_group){.first = first,
				       .end = end,
				       .support = support,
				       .capacity = cells};
	g->start = memory;
	g->fill = g->start + items;
	g->cells = g->fill + items;
	g->at = g->cells + cells;
	for (size_t i = 0; i < items; sum += support[i++])
		g->start[i] = g->fill[i] = (uint32_t)sum;
}

void sdp_group_add(struct sdp_basket_group *g, const uint32_t *ranks, size_t count)
{
	if (count + 1 > g->capacity - g->used || ranks[0] >= g->end)
		SDP_BUG();
	for (size_t i = 0; i < count; i++) {
		g->cells[g->used++] = ranks[i];
		if (i + 1 < count && ranks[i] >= g->first)
			g->at[g->fill[ranks[i] - g->first]++] = (uint32_t)g->used;
	}
	g->cells[g->used++] = END;
}

int sdp_miner_run(struct sdp_miner *m, const struct sdp_basket_group *g, uint32_t first,
		  uint32_t end, struct sdp_err *err)
{
	if (!take(m, 1, err)) /* so that there is a slab to return to */
		return -1;
	struct mark mark = mark_of(m);
	for (uint32_t rank = first; rank < end; rank++) {
		uint32_t i = rank - g->first;
		struct tails t = {.cells = g->cells,
				  .at = g->at + g->start[i],
				  .count = g->fill[i] - g->start[i],
				  .support = g->support[i],
				  .bound = rank,
				  .length = 1};
		if (t.support < m->options.min_count)
			SDP_BUG();
		if (report(m, 1, rank, t.support, err) < 0 || mine_tails(m, &t, err) < 0)
			return -1;
		give_back(m, mark);
	}
	return 0;
}

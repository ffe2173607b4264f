/*
 * The task of sdp-fpgrowth. Its passes, with the units of each:
 *
 *	reading    chunks   encodes baskets as numbers of items, with a dictionary per worker
 *	           step     makes one dictionary, unless one of a worker had no room for all items
 *	grouping   buckets  (--basket) joins the pieces of each basket
 *	counting   buckets  (no room) finds the frequent items, and makes a dictionary of them
 *	           step     sets the minimum count and the ranks
 *	recoding   blocks   encodes baskets as ranks; counts the ranks before each rank
 *	           step     divides the ranks into groups
 *	mining     groups   finds the itemsets of each group
 *	rules      itemsets (--rules) makes rules from a table of all itemsets, which step made
 */
#include "fpgrowth.h"

#include "base/clock.h"
#include "base/share.h"
#include "sdp/exact.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_CELLS = 1 << 22 };

/* The state of a worker. Each pass fills some of the members. */
struct state {
	struct sdp_basket_part own, *parts; /* parts: own and the parts that were merged */
	uint64_t dropped;
	uint64_t *counts;        /* grouping: in how many baskets each item is */
	struct sdp_map frequent; /* counting */
	uint64_t different;
	struct sdp_kept_list recoded;
	struct sdp_rank_sums sums;
	struct sdp_basket_group whole; /* mining: all baskets, if they are few */
	struct sdp_kept_list *found;
	struct sdp_itemset_counts spectrum;
	struct sdp_kept_list *rules;
};

static size_t state_size(const void *plan)
{
	(void)plan;
	return sizeof(struct state);
}

static int init(const void *plan, void *state, struct sdp_work *work, struct sdp_err *err)
{
	struct state *s = state;
	(void)plan, (void)work, (void)err;
	s->own.stamp = 1;
	s->parts = &s->own;
	return 0;
}

/* Returns ⌈support × baskets⌉, computed in decimal, or the count that was given; at least 1. */
static uint64_t minimum_count(const char *support, uint64_t baskets)
{
	struct sdp_number n;
	bool percent;
	sdp_share_parse(support, &n, &percent);
	if (n.integer && !percent)
		return (uint64_t)n.mantissa;
	sdp_uint128 product = (sdp_uint128)n.mantissa * baskets,
		    one = (sdp_uint128)sdp_pow10[n.scale];
	uint64_t count = (uint64_t)((product + one - 1) / one);
	return count ? count : 1;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	const struct fpgrowth_params *p = params;
	struct sdp_number least;
	bool percent;
	struct fpgrowth_plan *j = sdp_spill_take(&work->spill, sizeof *j, err);
	if (!j || fpgrowth_input_init(&j->input, p, schema, err) < 0)
		return -1;
	size_t size = j->input.count * sizeof *j->input.columns,
	       *columns = sdp_spill_take(&work->spill, size + 1, err);
	if (columns && size)
		memcpy(columns, j->input.columns, size);
	free(j->input.columns);
	if (!(j->input.columns = columns))
		return -1;
	j->params = p;
	sdp_share_parse(p->confidence, &least, &percent);
	j->rule_options = (struct sdp_rule_options){.confidence = least,
						    .lift = p->lift,
						    .max_consequent = (size_t)p->max_consequent};
	j->start = sdp_clock_seconds();
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "reading", false, 0.6};
	*plan = j;
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct fpgrowth_plan *j = plan;
	struct state *s = state;
	/* The dictionaries of all workers may take an eighth of the memory. */
	struct sdp_basket_writer w = {.part = &s->own,
				      .spill = &work->spill,
				      .limit = (uint64_t)j->params->max_basket,
				      .room = work->memory / 2};
	return fpgrowth_read_block(&j->input, block, &w, &s->dropped, err);
}

/* ---- items ---- */

static int recode(const struct fpgrowth_plan *j, struct state *s, size_t number,
		  struct sdp_work *work, struct sdp_err *err)
{
	if (!s->sums.before &&
	    !(s->sums.before =
		      sdp_spill_take(&work->spill, j->count * sizeof *s->sums.before, err)))
		return -1;
	struct sdp_rank_finding finding = {j->ranks, j->keyed ? &j->by_key : NULL};
	return sdp_baskets_recode(j->blocks[number].extent, j->blocks[number].part, &finding,
				  &s->recoded, &s->sums, &work->spill, err);
}

static void fill(void *context, const uint32_t *ranks, size_t count)
{
	sdp_group_add(context, ranks, count);
}

static int fill_group(const struct fpgrowth_plan *j, struct sdp_basket_group *group,
		      const struct sdp_spill *spill, struct sdp_err *err)
{
	for (const struct sdp_kept *k = j->recoded.first; k; k = k->next)
		if (sdp_baskets_each(&k->extent, spill, group->first, group->end, fill, group,
				     err) < 0)
			return -1;
	return 0;
}

/* Prepares a worker's state before the first group that it mines. */
static int begin_mining(const struct fpgrowth_plan *j, struct state *s, struct sdp_work *work,
			struct sdp_err *err)
{
	struct sdp_spill *spill = &work->spill;
	s->spectrum.longest = j->max_length;
	s->spectrum.counts = sdp_spill_take(spill, sdp_itemset_counts_size(j->max_length), err);
	s->found =
		s->spectrum.counts ? sdp_spill_take(spill, j->count * sizeof *s->found, err) : NULL;
	if (!s->found || !j->cells)
		return s->found ? 0 : -1;
	void *memory =
		sdp_spill_take(spill, sdp_group_size(0, j->count, j->cells, j->support), err);
	if (!memory)
		return -1;
	sdp_group_init(&s->whole, memory, 0, j->count, j->cells, j->support);
	return fill_group(j, &s->whole, spill, err);
}

/* Reads the baskets of one group into scratch memory, whose pages later groups reuse. */
static int own_group(const struct fpgrowth_plan *j, const struct fpgrowth_group *plan,
		     struct sdp_basket_group *group, struct sdp_work *work, struct sdp_err *err)
{
	const uint32_t *support = j->support + plan->first;
	size_t size = sdp_group_size(plan->first, plan->end, plan->cells, support);
	if (size == 0)
		return sdp_fail(err, SDP_SYSTEM, "the baskets of one item need more than 16 GiB");
	void *memory = sdp_work_scratch(work, size, err);
	if (!memory)
		return -1;
	sdp_group_init(group, memory, plan->first, plan->end, plan->cells, support);
	return fill_group(j, group, &work->spill, err);
}

static int mine(const struct fpgrowth_plan *j, struct state *s, size_t number,
		struct sdp_work *work, struct sdp_err *err)
{
	const struct fpgrowth_group *plan = &j->groups[number];
	struct sdp_basket_group own = {0};
	int rc = s->found ? 0 : begin_mining(j, s, work, err);
	struct sdp_itemset_writer writer = {.spill = &work->spill,
					    .lists = s->found,
					    .spectrum = &s->spectrum};
	struct sdp_miner_options options = {.min_count = (uint32_t)j->min_count,
					    .max_length = j->max_length,
					    .context = &writer,
					    .spectrum = j->params->count_only ? &s->spectrum : NULL,
					    .found = sdp_itemset_found};
	if (rc == 0 && !j->cells)
		rc = own_group(j, plan, &own, work, err);
	struct sdp_miner *miner = rc == 0 ? sdp_miner_new(&options, err) : NULL;
	rc = miner ? sdp_miner_run(miner, j->cells ? &s->whole : &own, plan->first, plan->end, err)
		   : -1;
	if (rc == 0)
		rc = sdp_itemset_flush(&writer, err);
	sdp_miner_free(miner);
	sdp_itemset_writer_release(&writer);
	return rc;
}

static int make_rules(const struct fpgrowth_plan *j, struct state *s, size_t number,
		      struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_buf rules = {0};
	uint32_t first = (uint32_t)(number * FPGROWTH_SEGMENT), end = first + FPGROWTH_SEGMENT;
	if (!s->rules &&
	    !(s->rules = sdp_spill_take(&work->spill, j->segments * sizeof *s->rules, err)))
		return -1;
	int rc = sdp_rules_make(&j->table, first, end < j->table.count ? end : j->table.count,
				&j->rule_options, &rules, err);
	if (rc == 0 && rules.length)
		rc = sdp_kept_add(&s->rules[number], &work->spill, rules.data, rules.length, err);
	sdp_buf_release(&rules);
	return rc;
}

static int group(const struct fpgrowth_plan *j, struct state *s, size_t number,
		 struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_basket_grouping grouping = {.parts = j->texts,
					       .limit = (uint64_t)j->params->max_basket,
					       .memory = work->memory,
					       .keyed = j->keyed};
	size_t size = (j->items.count + 1) * sizeof *s->counts;
	if (!s->counts && !(s->counts = sdp_spill_take(&work->spill, size, err)))
		return -1;
	return sdp_baskets_group(&grouping, number, &s->own, s->counts, &work->spill, err);
}

static int count(const struct fpgrowth_plan *j, struct state *s, size_t number,
		 struct sdp_work *work, struct sdp_err *err)
{
	struct sdp_item_counting counting = {.texts = j->texts,
					     .counted = j->parts,
					     .min = j->min_count,
					     .memory = work->memory};
	return sdp_items_count(&counting, number, &s->frequent, &s->different, &work->spill, err);
}

static int item(const void *plan, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct fpgrowth_plan *j = plan;
	struct state *s = state;
	switch (j->phase) {
	case FPGROWTH_GROUPING:
		return group(j, s, number, work, err);
	case FPGROWTH_COUNTING:
		return count(j, s, number, work, err);
	case FPGROWTH_RECODING:
		return recode(j, s, number, work, err);
	case FPGROWTH_MINING:
		return mine(j, s, number, work, err);
	case FPGROWTH_RULES:
		return make_rules(j, s, number, work, err);
	default:
		SDP_BUG();
	}
}

/* ---- merging ---- */

static void add_counts(uint64_t **into, uint64_t *from, size_t count)
{
	for (size_t i = 0; *into && from && i < count; i++)
		(*into)[i] += from[i];
	if (!*into)
		*into = from;
}

static void join_lists(struct sdp_kept_list **into, struct sdp_kept_list *from, size_t count)
{
	for (size_t i = 0; *into && from && i < count; i++)
		sdp_kept_join(&(*into)[i], &from[i]);
	if (!*into)
		*into = from;
}

/* The items of different buckets are different. */
static int join_frequent(struct state *into, const struct state *from, struct sdp_work *work,
			 struct sdp_err *err)
{
	struct sdp_map_memory memory = sdp_map_spill(&work->spill);
	into->different += from->different;
	if (into->frequent.count == 0) {
		into->frequent = from->frequent;
		return 0;
	}
	for (uint32_t i = 0; i < from->frequent.count; i++) {
		const struct sdp_map_entry *e = &from->frequent.entries[i];
		int64_t number = sdp_map_adopt(&into->frequent, e, &memory, err);
		if (number < 0)
			return -1;
		into->frequent.entries[number].value = e->value;
	}
	return 0;
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct fpgrowth_plan *j = plan;
	struct state *a = into, *b = from;
	if (j->phase <= FPGROWTH_GROUPING && b->parts) {
		struct sdp_basket_part **last = &a->parts;
		while (*last)
			last = &(*last)->next;
		*last = b->parts;
	}
	if (join_frequent(a, b, work, err) < 0)
		return -1;
	a->dropped += b->dropped;
	add_counts(&a->counts, b->counts, j->items.count);
	sdp_kept_join(&a->recoded, &b->recoded);
	add_counts(&a->sums.before, b->sums.before, j->count);
	a->sums.cells += b->sums.cells;
	a->sums.baskets += b->sums.baskets;
	a->sums.longest = a->sums.longest > b->sums.longest ? a->sums.longest : b->sums.longest;
	join_lists(&a->found, b->found, j->count);
	if (b->spectrum.counts)
		add_counts(&a->spectrum.counts, b->spectrum.counts,
			   sdp_itemset_counts_size(b->spectrum.longest) /
				   sizeof *b->spectrum.counts);
	a->spectrum.longest = b->spectrum.counts ? b->spectrum.longest : a->spectrum.longest;
	join_lists(&a->rules, b->rules, j->segments);
	return 0;
}

/* ---- steps ---- */

/* After all baskets were read: sets the minimum count. */
static int count_baskets(struct fpgrowth_plan *j, struct sdp_err *err)
{
	for (struct sdp_basket_part *part = j->parts; part; part = part->next) {
		j->baskets += part->baskets;
		j->empty += part->empty;
		j->large += part->large;
		sdp_basket_place_first(&j->first_large, &part->first_large);
		j->block_count += part->kept.count;
	}
	if (j->baskets > UINT32_MAX)
		return sdp_fail(err, SDP_SYSTEM, "more than 2^32 - 1 baskets");
	j->rule_options.baskets = j->baskets;
	j->min_count = minimum_count(j->params->support, j->baskets);
	return 0;
}

/* Ranks the frequent items and lists the blocks to be recoded. */
static int rank_items(struct fpgrowth_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	if (sdp_items_rank(&j->items, j->min_count, &j->ranked, &j->count, spill, err) < 0)
		return -1;
	j->ranks = sdp_spill_take(spill, ((size_t)j->items.count + 1) * sizeof *j->ranks, err);
	j->support = sdp_spill_take(spill, ((size_t)j->count + 1) * sizeof *j->support, err);
	j->blocks = sdp_spill_take(spill, (j->block_count + 1) * sizeof *j->blocks, err);
	if (!j->ranks || !j->support || !j->blocks)
		return -1;
	memset(j->ranks, 0xff, ((size_t)j->items.count + 1) * sizeof *j->ranks);
	for (uint32_t rank = 0; rank < j->count; rank++) {
		j->ranks[j->ranked[rank]] = rank;
		j->support[rank] = (uint32_t)j->items.entries[j->ranked[rank]].value;
	}
	size_t n = 0;
	for (struct sdp_basket_part *part = j->parts; part; part = part->next)
		for (const struct sdp_kept *k = part->kept.first; k; k = k->next)
			j->blocks[n++] = (struct fpgrowth_block){&k->extent, part};
	return 0;
}

static int by_cost(const void *a, const void *b)
{
	const struct fpgrowth_group *x = a, *y = b;
	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	return (x->first > y->first) - (x->first < y->first);
}

/*
 * Divides the ranks into groups. If all baskets together are small, each worker holds all of them,
 * and there are many small groups. Otherwise each group reads the baskets by itself, and holds as
 * much of them as a worker's share of memory allows. There are then only as many groups as are
 * needed to keep all workers busy to the end.
 */
static int make_groups(struct fpgrowth_plan *j, const struct sdp_rank_sums *sums,
		       struct sdp_work *work, struct sdp_err *err)
{
	uint64_t all = sums->cells + sums->baskets, workers = (uint64_t)work->workers;
	/*
	 * below: the cells of all baskets, counting only ranks up to this one, and the ends of
	 * lists
	 */
	uint64_t total = 0, own = 0, below = sums->baskets;
	struct fpgrowth_group *g = sdp_spill_take(&work->spill, (size_t)j->count * sizeof *g, err);
	if (!(j->groups = g))
		return -1;
	if (all <= FEW_CELLS && all * 2 * sizeof(uint32_t) <= work->memory)
		j->cells = all;
	uint64_t wanted = workers == 1 ? 1 : (j->cells ? 64 : 8) * workers;
	for (uint32_t i = 0; i < j->count; i++)
		total += sums->before[i] + j->support[i];
	for (uint32_t i = 0; i < j->count; i++) {
		uint64_t more = sums->before[i] + 2 * (uint64_t)j->support[i];
		below += j->support[i];
		uint64_t cells = own + more < below ? own + more : below;
		bool full = g->cost * wanted >= total ||
			    (!j->cells && cells * 2 * sizeof(uint32_t) > work->memory);
		if (g->end > g->first && full) {
			*++g = (struct fpgrowth_group){.first = i};
			own = 0;
			cells = more < below ? more : below;
		}
		own += more;
		g->end = i + 1;
		g->cells = cells;
		g->cost += sums->before[i] + j->support[i];
	}
	j->group_count = (size_t)(g - j->groups) + 1;
	qsort(j->groups, j->group_count, sizeof *j->groups, by_cost);
	return 0;
}

static int count_lengths(struct fpgrowth_plan *j, const struct state *s, struct sdp_spill *spill,
			 struct sdp_err *err)
{
	if (!(j->lengths = sdp_spill_take(spill, (j->longest + 1) * sizeof *j->lengths, err)))
		return -1;
	if (s->spectrum.counts &&
	    !sdp_itemset_counts_finish(&s->spectrum, j->max_length, j->lengths))
		return sdp_itemset_counts_fail(err);
	j->found = s->found;
	return 0;
}

static int make_table(struct fpgrowth_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_itemset_reader reader;
	uint64_t count = 0;
	for (size_t length = 1; length <= j->longest; length++)
		count += j->lengths[length];
	if (sdp_itemset_reader_init(&reader, spill, j->found, j->found ? j->count : 0, j->longest,
				    err) < 0)
		return -1;
	return sdp_itemset_table_make(&j->table, &reader, count, j->params->rules, spill, err);
}

/*
 * After all itemsets were found: makes their table if it is needed and starts the pass over rules,
 * if any.
 */
static int step_mined(struct fpgrowth_plan *j, const struct state *s, struct sdp_work *work,
		      struct sdp_pass *next, struct sdp_err *err)
{
	const struct fpgrowth_params *p = j->params;
	j->mining = sdp_clock_seconds() - j->start - j->reading;
	if (count_lengths(j, s, &work->spill, err) < 0)
		return -1;
	if (!p->count_only && (p->rules || p->sort || p->top) &&
	    make_table(j, &work->spill, err) < 0)
		return -1;
	j->phase = FPGROWTH_RULES;
	j->segments =
		p->rules ? ((size_t)j->table.count + FPGROWTH_SEGMENT - 1) / FPGROWTH_SEGMENT : 0;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, j->segments, "rules", false, 0};
	if (j->segments)
		return 0;
	next->kind = SDP_PASS_DONE;
	return fpgrowth_prepare_output(j, &work->spill, err);
}

/*
 * Fails if there are more than 2^40 itemsets, too many to enumerate. There are two lower bounds:
 * the subsets of the longest basket, if the minimum count is 1; and the subsets of the most
 * frequent items, if so few baskets lack one of them that enough baskets must have them all.
 */
static int check_amount(const struct fpgrowth_plan *j, struct sdp_err *err)
{
	uint64_t together = 0, lack = 0;
	while (together < j->count &&
	       (lack += j->baskets - j->support[together]) + j->min_count <= j->baskets)
		together++;
	if (j->min_count == 1 && together < j->longest)
		together = j->longest;
	if (j->params->count_only ||
	    !sdp_itemset_counts_exceeds(together, j->max_length, UINT64_C(1) << 40))
		return 0;
	return sdp_fail(err, SDP_DATA,
			"more than 2^40 itemsets: raise --support or lower --max-length");
}

/* After the frequent items were found. */
static int step_counted(struct fpgrowth_plan *j, const struct state *s, struct sdp_work *work,
			struct sdp_pass *next, struct sdp_err *err)
{
	j->reading = sdp_clock_seconds() - j->start;
	if (rank_items(j, &work->spill, err) < 0)
		return -1;
	if (j->count == 0)
		return step_mined(j, s, work, next, err);
	j->phase = FPGROWTH_RECODING;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, j->block_count, "recoding", false, 0.2};
	return 0;
}

/* After all baskets were read, and their pieces joined. */
static int step_read(struct fpgrowth_plan *j, const struct state *s, struct sdp_work *work,
		     struct sdp_pass *next, struct sdp_err *err)
{
	if (count_baskets(j, err) < 0)
		return -1;
	if (!j->keyed) {
		j->different = j->items.count;
		return step_counted(j, s, work, next, err);
	}
	j->phase = FPGROWTH_COUNTING;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, SDP_BUCKETS, "counting", false, 0.3};
	return 0;
}

static int step_recoded(struct fpgrowth_plan *j, const struct state *s, struct sdp_work *work,
			struct sdp_pass *next, struct sdp_err *err)
{
	j->phase = FPGROWTH_MINING;
	j->recoded = s->recoded;
	j->longest = s->sums.longest;
	j->max_length = j->longest;
	if (j->params->max_length && (uint64_t)j->params->max_length < j->longest)
		j->max_length = (size_t)j->params->max_length;
	if (check_amount(j, err) < 0 || make_groups(j, &s->sums, work, err) < 0)
		return -1;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, j->group_count, "mining", false,
				  j->params->rules ? 0.6 : 0};
	return 0;
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct fpgrowth_plan *j = plan;
	struct state *s = root;
	if (j->phase <= FPGROWTH_GROUPING) {
		j->parts = s->parts;
		s->parts = NULL;
	}
	switch (j->phase) {
	case FPGROWTH_READING:
		j->dropped = s->dropped;
		j->texts = j->parts;
		j->keyed = sdp_baskets_closed(j->parts);
		if ((j->keyed ? sdp_baskets_key(j->parts, &work->spill, err)
			      : sdp_baskets_number(j->parts, &j->items, &work->spill, err)) < 0)
			return -1;
		if (j->input.form != FPGROWTH_PIECES)
			return step_read(j, s, work, next, err);
		j->phase = FPGROWTH_GROUPING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, SDP_BUCKETS, "grouping", false, 0.3};
		return 0;
	case FPGROWTH_GROUPING:
		for (uint32_t i = 0; i < j->items.count; i++)
			j->items.entries[i].value = s->counts ? s->counts[i] : 0;
		return step_read(j, s, work, next, err);
	case FPGROWTH_COUNTING:
		j->items = s->frequent;
		j->different = s->different;
		if (sdp_items_map(&j->items, &j->by_key, j->parts, &work->spill, err) < 0)
			return -1;
		return step_counted(j, s, work, next, err);
	case FPGROWTH_RECODING:
		return step_recoded(j, s, work, next, err);
	case FPGROWTH_MINING:
		return step_mined(j, s, work, next, err);
	case FPGROWTH_RULES:
		j->rules = s->rules;
		next->kind = SDP_PASS_DONE;
		return fpgrowth_prepare_output(j, &work->spill, err);
	}
	SDP_BUG();
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	(void)root;
	return fpgrowth_emit(plan, doc, err);
}

const struct sdp_task fpgrowth_task = {
	.name = "fp_growth",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = emit,
};

/*
 * The task that computes correlations: reads the numeric columns, and takes the pairs as items.
 *
 *	reading    sums the products of all pairs exactly.  The units of the columns are chosen by
 *	           what a worker has read.  If blocks need so many units that a worker has UNITS
 *	           different ones, the pass is repeated with units that suffice for all blocks.
 *	storing    for ranks: reading finds only the units, and keys are kept in another pass
 *	ranking    ranks a column
 *	finishing  computes the coefficients of a column with those after it, from the sums.
 */
#include "correlation.h"

#include "cli/misfit_warnings.h"
#include "correlation_plan.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <string.h>

enum {
	UNITS = 4, /* sums in different units that a worker may have */
	LIMBS = 5, /* of a column, before its unit is known */
};

/* ---- the plan ---- */

/* Marks the columns that an element of a list names, not those of ranges and expressions. */
static void find_named(struct plan *plan, const char *list)
{
	const struct sdp_schema *schema = plan->schema;
	while (list && *list) {
		size_t length = sdp_columns_element(list), index;
		struct sdp_err ignored;
		if (*list != '/' && sdp_columns_has(schema, list, length) &&
		    sdp_columns_find(schema, list, length, &index, &ignored) == 0)
			for (size_t i = 0; i < plan->count; i++)
				plan->columns[i].named |= plan->columns[i].index == index;
		list += length + (list[length] == ',');
	}
}

static int add_columns(struct plan *plan, const char *list, struct sdp_work *work,
		       struct sdp_err *err)
{
	const struct sdp_schema *schema = plan->schema;
	size_t *indices, count, against = SDP_PAIRS_ALL;
	const char *name = plan->params->against;
	if (name && sdp_columns_find(schema, name, strlen(name), &against, err) < 0)
		return -1;
	if (sdp_columns_select(schema, list, &indices, &count, err) < 0)
		return -1;
	plan->columns = sdp_spill_take(&work->spill, (count + 1) * sizeof *plan->columns, err);
	for (size_t i = 0; plan->columns && i < count + 1; i++) {
		bool last = i == count;
		size_t index = last ? against : indices[i];
		if (last && (!name || plan->against != SDP_PAIRS_ALL))
			break;
		plan->columns[plan->count] = (struct column){
			.index = index,
			.name = schema->columns[index].name,
			.typed = sdp_typed_column(&schema->columns[index]),
			.named = index == against,
			.extra = last,
		};
		if (index == against)
			plan->against = plan->count;
		plan->count++;
	}
	free(indices);
	if (plan->columns)
		find_named(plan, list);
	return plan->columns ? 0 : -1;
}

/* Returns whether the cells of a column may all be numbers. */
static bool may_be_numeric(const struct column *c)
{
	return c->typed.class == SDP_CLASS_NUMBER || c->typed.class == SDP_CLASS_NONE;
}

static int refuse(const struct column *c, struct sdp_err *err)
{
	return sdp_fail(err, SDP_DATA,
			"column '%s' is %s: only columns of numbers have correlations", c->name,
			c->typed.class == SDP_CLASS_NONE ? "without values" : "not one of numbers");
}

/* Chooses the columns that the next pass reads. */
static int choose_columns(struct plan *plan, struct sdp_err *err)
{
	plan->used = 0;
	for (size_t i = 0; i < plan->count; i++) {
		struct column *c = &plan->columns[i];
		if (c->named && !may_be_numeric(c))
			return refuse(c, err);
		if (!may_be_numeric(c) || c->empty)
			continue;
		if (i == plan->against)
			plan->used_against = plan->used;
		plan->read[plan->used] = i;
		plan->indices[plan->used++] = c->index;
	}
	return 0;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **out, struct sdp_pass *first, struct sdp_err *err)
{
	const struct correlation_params *p = params;
	struct plan *plan = sdp_spill_take(&work->spill, sizeof *plan, err);
	if (!plan)
		return -1;
	plan->params = p;
	plan->schema = schema;
	plan->against = plan->used_against = SDP_PAIRS_ALL;
	if (add_columns(plan, p->common.columns, work, err) < 0)
		return -1;
	size_t n = plan->count + 1;
	if (!(plan->read = sdp_spill_take(&work->spill, n * sizeof *plan->read, err)) ||
	    !(plan->indices = sdp_spill_take(&work->spill, n * sizeof *plan->indices, err)) ||
	    !(plan->numeric = sdp_spill_take(&work->spill, n * sizeof *plan->numeric, err)) ||
	    !(plan->units = sdp_spill_take(&work->spill, n * sizeof *plan->units, err)) ||
	    !(plan->widths = sdp_spill_take(&work->spill, n * sizeof *plan->widths, err)) ||
	    !(plan->rows = correlation_rows_new(n, &work->spill, err)) ||
	    choose_columns(plan, err) < 0)
		return -1;
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading", .share = 0.9};
	*out = plan;
	return 0;
}

/* ---- states ---- */

static size_t state_size(const void *opaque)
{
	const struct plan *plan = opaque;
	return sizeof(struct state) +
	       plan->count * (sizeof(struct part) + sizeof(struct sdp_correlation *) +
			      sizeof(struct sdp_extent));
}

static int init(const void *opaque, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	(void)work, (void)err;
	s->results = (struct sdp_correlation **)(void *)&s->parts[plan->count];
	s->ranks = (struct sdp_extent *)(void *)&s->results[plan->count];
	return 0;
}

static void merge_sums(struct state *a, struct sdp_pair_sums *b)
{
	for (struct sdp_pair_sums *next; b; b = next) {
		struct sdp_pair_sums *same = a->sums;
		next = b->next;
		while (same && !sdp_pair_sums_match(same, b))
			same = same->next;
		if (same) {
			sdp_pair_sums_merge(same, b);
			continue;
		}
		b->next = a->sums;
		a->sums = b;
	}
}

static void merge_blocks(struct state *a, struct correlation_block *b)
{
	struct correlation_block **end = &b;
	while (*end)
		end = &(*end)->next;
	*end = a->blocks;
	a->blocks = b;
}

static int merge(const void *opaque, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *a = into, *b = from;
	(void)work, (void)err;
	a->rows += b->rows;
	a->used += b->used;
	a->varied |= b->varied;
	merge_sums(a, b->sums);
	merge_blocks(a, b->blocks);
	for (size_t i = 0; i < plan->count; i++) {
		a->parts[i].seen |= b->parts[i].seen;
		a->parts[i].nulls += b->parts[i].nulls;
		sdp_exact_need_join(&a->parts[i].need, &b->parts[i].need);
		sdp_misfits_merge(&a->parts[i].misfits, &b->parts[i].misfits);
		if (b->results[i])
			a->results[i] = b->results[i];
		if (b->ranks[i].length)
			a->ranks[i] = b->ranks[i];
	}
	return 0;
}

/* ---- reading ---- */

/* What is needed after each column of a block is read. */
struct reading {
	const struct plan *plan;
	struct state *state;
	const struct sdp_block *block;
	struct sdp_fault fault;
	bool count; /* Misfits are counted. */
};

static int note_column(void *context, size_t number, const struct sdp_exact_column *c,
		       struct sdp_number_column *numbers, struct sdp_err *err)
{
	struct reading *r = context;
	const struct column *column = &r->plan->columns[r->plan->read[number]];
	struct part *part = &r->state->parts[r->plan->read[number]];
	part->seen |= c->seen;
	sdp_fault_check_type(&r->fault, r->block, column->index, part->seen);
	return r->count && column->typed.nearly == SDP_CLASS_NUMBER && part->seen
		       ? sdp_typed_column_count(&column->typed, &part->misfits, r->block,
						column->index, numbers, err)
		       : 0;
}

/*
 * Checks the columns that are not read against the types that --types gives them, and counts the
 * misfits of those that are nearly numeric.
 */
static int check_others(struct reading *r, struct sdp_work *work, struct sdp_err *err)
{
	for (size_t i = 0; i < r->plan->count; i++) {
		const struct column *c = &r->plan->columns[i];
		if (may_be_numeric(c))
			continue;
		if (c->typed.fixed && c->typed.class != SDP_CLASS_TEXT)
			sdp_fault_check_type(&r->fault, r->block, c->index,
					     sdp_block_seen(r->block, c->index));
		if (r->count && c->typed.nearly == SDP_CLASS_NUMBER &&
		    sdp_typed_column_count(&c->typed, &r->state->parts[i].misfits, r->block,
					   c->index, &work->numbers, err) < 0)
			return -1;
	}
	return 0;
}

/* Returns whether the units of sums suffice for the columns of a block. */
static bool suffices(const struct sdp_pair_sums *s, const struct sdp_exact_columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		const struct sdp_exact_need *need = &columns->columns[i].need;
		const struct sdp_pair_unit *unit = &s->columns[i].unit;
		if (need->tens > unit->tens ||
		    sdp_limbs_for(sdp_exact_bits(need, unit->tens)) > unit->limbs)
			return false;
	}
	return true;
}

/* Sets the units that suffice for all blocks that a state has read. Returns their limbs. */
static size_t find_units(const struct plan *plan, const struct state *s,
			 struct sdp_pair_unit *units)
{
	size_t limbs = 0;
	for (size_t i = 0; i < plan->used; i++) {
		const struct sdp_exact_need *need = &s->parts[plan->read[i]].need;
		units[i].tens = need->tens;
		units[i].limbs = sdp_limbs_for(sdp_exact_bits(need, need->tens));
		limbs += units[i].limbs;
	}
	return limbs;
}

/* Returns the limbs for which there is room in a tile. */
static size_t tile_limbs(const struct plan *plan)
{
	size_t limbs = 0, most = 0;
	for (size_t i = 0; i < plan->used; i++) {
		size_t own = plan->known ? plan->units[i].limbs : LIMBS;
		limbs += own;
		most = own > most ? own : most;
	}
	return limbs + 2 * most;
}

static struct sdp_pair_sums *new_sums(const struct plan *plan, struct state *s,
				      const struct sdp_pair_unit *units, bool nulls,
				      struct sdp_work *work, struct sdp_err *err)
{
	double limit = (double)correlation_memory(work->spill.limit),
	       bytes = sdp_pair_sums_bytes(units, plan->used, plan->used_against, nulls);
	if (bytes * (work->workers + 1) > limit) {
		sdp_fail(err, SDP_SYSTEM,
			 "the sums of %zu columns need %.0f MB in each of %d workers, which "
			 "exceeds --max-memory: fewer columns, --against or fewer workers will do",
			 plan->used, bytes / 1e6, work->workers);
		return NULL;
	}
	struct sdp_pair_sums *sums =
		sdp_pair_sums_new(units, plan->used, plan->used_against, &work->spill, err);
	if (!sums)
		return NULL;
	sums->next = s->sums;
	return s->sums = sums;
}

/*
 * Sets *out to the sums to which the columns of a block are added; NULL if the pass is to be
 * repeated.
 */
static int choose_sums(const struct plan *plan, struct state *s,
		       const struct sdp_exact_columns *columns, struct sdp_work *work,
		       struct sdp_pair_sums **out, struct sdp_err *err)
{
	size_t count = 0;
	bool nulls = false;
	*out = NULL;
	for (struct sdp_pair_sums *have = s->sums; have && !*out; have = have->next, count++)
		if (suffices(have, columns))
			*out = have;
	if (*out || s->varied)
		return 0;
	for (size_t i = 0; i < columns->count; i++)
		nulls |= columns->columns[i].nulls > 0;
	if (plan->known)
		return (*out = new_sums(plan, s, plan->units, nulls, work, err)) ? 0 : -1;
	struct sdp_pair_unit *units = sdp_alloc(plan->used, sizeof *units, err);
	if (!units)
		return -1;
	int rc = 0;
	if (count == UNITS || find_units(plan, s, units) > plan->used * LIMBS)
		s->varied = true;
	else
		rc = (*out = new_sums(plan, s, units, nulls, work, err)) ? 0 : -1;
	free(units);
	return rc;
}

static int add_rows(struct sdp_pair_sums *sums, const struct sdp_exact_columns *columns,
		    int32_t *tile, struct sdp_pair_nulls *nulls, struct sdp_work *work,
		    struct sdp_err *err)
{
	for (size_t from = 0; from < columns->rows; from += SDP_TILE) {
		size_t n = columns->rows - from < SDP_TILE ? columns->rows - from : SDP_TILE;
		for (size_t i = 0; i < columns->count; i++) {
			const struct sdp_pair_column *c = &sums->columns[i];
			int32_t *limbs = tile + c->limb * SDP_TILE;
			sdp_exact_column_limbs(&columns->columns[i], c->unit.tens, c->unit.limbs,
					       from, n, limbs);
			for (size_t k = 0; k < c->unit.limbs; k++)
				for (size_t row = n; row % 8; row++)
					limbs[k * SDP_TILE + row] = 0;
			correlation_find_nulls(&columns->columns[i], from, n, &nulls[i]);
		}
		if (sdp_pair_sums_add(sums, tile, n, nulls, &work->spill, err) < 0)
			return -1;
	}
	return 0;
}

static int add_block(const struct plan *plan, struct state *s, struct sdp_exact_columns *columns,
		     struct sdp_work *work, struct sdp_err *err)
{
	int32_t *tile = columns->room;
	struct sdp_pair_nulls *nulls =
		(struct sdp_pair_nulls *)(void *)(tile + tile_limbs(plan) * SDP_TILE);
	struct sdp_pair_sums *sums;
	for (size_t i = 0; i < columns->count; i++) {
		sdp_exact_need_join(&s->parts[plan->read[i]].need, &columns->columns[i].need);
		s->parts[plan->read[i]].nulls += columns->columns[i].nulls;
	}
	if (correlation_is_ranked(plan))
		return 0;
	if (choose_sums(plan, s, columns, work, &sums, err) < 0)
		return -1;
	return sums ? add_rows(sums, columns, tile, nulls, work, err) : 0;
}

static int update(const void *opaque, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	/* The document of the columns, if there is one, warns of misfits. */
	struct reading r = {plan, s, block, {0}, !plan->warned && !plan->params->document};
	struct sdp_exact_columns columns;
	size_t room = tile_limbs(plan) * SDP_TILE * sizeof(int32_t) +
		      plan->used * sizeof(struct sdp_pair_nulls);
	s->rows += block->rows;
	if (check_others(&r, work, err) < 0)
		return -1;
	int rc = sdp_exact_columns_read(&columns, block, plan->indices, plan->used, room, work,
					note_column, &r, err);
	if (rc == 0)
		rc = sdp_fault_fail(&r.fault, err);
	if (rc == 0 && plan->params->drop_nulls)
		sdp_exact_columns_drop_nulls(&columns);
	s->used += rc == 0 ? columns.rows : 0;
	if (rc == 0 && columns.rows && plan->used)
		rc = plan->phase == STORING
			     ? correlation_ranks_keep(plan, s, &columns, block->chunk, work, err)
			     : add_block(plan, s, &columns, work, err);
	sdp_exact_columns_release(&columns);
	return rc;
}

/* ---- steps ---- */

/*
 * Finds which columns are numeric. Sets *again if the rows of others were dropped, so that the
 * chunks must be read again.
 */
static int find_numeric(struct plan *plan, const struct state *s, bool *again, struct sdp_err *err)
{
	plan->pairs = 0;
	plan->pair_against = SDP_PAIRS_ALL;
	for (size_t i = 0; i < plan->used; i++) {
		struct column *c = &plan->columns[plan->read[i]];
		unsigned seen = s->parts[plan->read[i]].seen;
		sdp_typed_column_update(&c->typed, seen);
		c->empty = c->typed.class == SDP_CLASS_NONE;
		if (c->named && (!may_be_numeric(c) || c->empty))
			return refuse(c, err);
		if (!may_be_numeric(c) || c->empty) {
			*again |= plan->params->drop_nulls;
			continue;
		}
		if (plan->read[i] == plan->against)
			plan->pair_against = plan->pairs;
		plan->numeric[plan->pairs++] = i;
	}
	return 0;
}

static int warn_of_misfits(const struct plan *plan, const struct state *s, struct sdp_err *err)
{
	size_t found = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (!may_be_numeric(&plan->columns[i]) &&
		    sdp_warn_misfits(NULL, &s->parts[i].misfits, plan->schema,
				     plan->columns[i].index, "is a string", &found, err) < 0)
			return -1;
	return sdp_warn_more_misfits(NULL, found, err);
}

/*
 * Ends a pass that read chunks to find units and sums. Returns 1 if they must be read again, else 0
 * or -1.
 */
static int end_reading(struct plan *plan, const struct state *s, struct sdp_err *err)
{
	bool again = false;
	if (find_numeric(plan, s, &again, err) < 0)
		return -1;
	if (!plan->warned && !plan->params->document && warn_of_misfits(plan, s, err) < 0)
		return -1;
	plan->warned = true;
	if (!again && !correlation_is_ranked(plan) && (!s->varied || plan->known))
		return 0;
	if (choose_columns(plan, err) < 0)
		return -1;
	/* Rows that were dropped may come back: then the units may not suffice. */
	plan->known = !again;
	find_units(plan, s, plan->units);
	/* Those that are not numeric are not read any more. */
	for (size_t i = 0; i < plan->used; i++)
		plan->numeric[i] = i;
	plan->pairs = plan->used;
	plan->pair_against = plan->used_against;
	return 1;
}

static int step(void *opaque, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *plan = opaque;
	struct state *s = root;
	int again = plan->phase == READING ? end_reading(plan, s, err) : 0;
	if (again < 0)
		return -1;
	if (again) {
		if (correlation_is_ranked(plan) && plan->known) {
			if (correlation_ranks_check(plan, s, work, err) < 0)
				return -1;
			plan->phase = STORING;
		}
		memset(s, 0, state_size(plan));
		init(plan, s, work, err);
		*next = (struct sdp_pass){.kind = SDP_PASS_CHUNKS,
					  .phase = "reading again",
					  .share = 0.9};
		return 0;
	}
	if (plan->phase == STORING) {
		plan->phase = RANKING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->pairs, "ranking", false, 0.5};
		return correlation_ranks_take(plan, s, work, err);
	}
	if (plan->phase == FINISHING) {
		next->kind = SDP_PASS_DONE;
		return 0;
	}
	plan->root = s;
	plan->phase = FINISHING;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->pairs, "correlating",
				  .discard_states = false};
	return 0;
}

/* ---- finishing ---- */

static void correlate(const struct plan *plan, size_t number, struct sdp_correlation *results)
{
	struct sdp_pair_total total;
	sdp_pair_total_init(&total);
	for (size_t k = 0; k < correlation_count(plan, number); k++) {
		sdp_pair_total(plan->root->sums, plan->numeric[number],
			       plan->numeric[correlation_partner(plan, number, k)], &total);
		(plan->params->method == CORRELATION_COVARIANCE
			 ? sdp_correlation_covariance
			 : sdp_correlation_pearson)(&total, &results[k]);
	}
	sdp_pair_total_clear(&total);
}

static int item(const void *opaque, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct state *s = state;
	if (plan->phase == RANKING)
		return correlation_ranks_find(plan, s, number, work, err);
	struct sdp_correlation *results =
		sdp_spill_take(&work->spill, correlation_count(plan, number) * sizeof *results,
			       err);
	if (!results)
		return -1;
	if (!correlation_is_ranked(plan))
		correlate(plan, number, results);
	else if (correlation_ranks_correlate(plan, number, results, work, err) < 0)
		return -1;
	s->results[number] = results;
	return 0;
}

const struct sdp_task correlation_task = {
	.name = "descriptive_stats",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = correlation_emit,
};

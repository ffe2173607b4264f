/*
 * The task of sdp-stats: passes that read the columns, then a pass over the columns that sorts
 * them.
 */
#include "sdp/columns.h"
#include "sdp/mem.h"
#include "stats.h"

#include <stdio.h>
#include <string.h>

enum { DICTIONARY = 1 << 16 };

static size_t state_size(const void *opaque)
{
	const struct stats_plan *plan = opaque;
	return sizeof(struct stats_state) +
	       plan->count * (sizeof(struct sdp_column_summary) + sizeof(struct stats_sorted) +
			      sizeof(struct sdp_misfits) + sizeof(struct sdp_wide_store));
}

static int init(const void *opaque, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct stats_plan *plan = opaque;
	struct stats_state *s = state;
	(void)work;
	(void)err;
	s->sorted = (struct stats_sorted *)(void *)&s->columns[plan->count];
	s->misfits = (struct sdp_misfits *)(void *)&s->sorted[plan->count];
	s->wide = (struct sdp_wide_store *)(void *)&s->misfits[plan->count];
	return 0;
}

static uint32_t dictionary_limit(size_t columns, const struct sdp_work *work)
{
	/*
	 * All dictionaries together may use a quarter of the spill's limit, at about 100 bytes per
	 * entry.
	 */
	uint64_t entries = work->spill.limit / 400 / (unsigned)work->workers / columns;
	return entries < 64 ? 64 : entries > DICTIONARY ? DICTIONARY : (uint32_t)entries;
}

/*
 * If the error is that there is no column with the name of a statistic, adds how statistics are
 * chosen.  Returns -1.
 */
static int add_hint(struct sdp_err *err)
{
	struct sdp_err why = *err;
	char start[64];
	const char *name;
	for (size_t i = 0; (name = stats_statistic_name(i)); i++) {
		snprintf(start, sizeof start, "no column '%s' among ", name);
		if (strncmp(why.text, start, strlen(start)) == 0)
			return sdp_fail(err, why.code,
					"%.900s (%s is a statistic: --agg %s chooses it)", why.text,
					name, name);
	}
	return -1;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **out, struct sdp_pass *first, struct sdp_err *err)
{
	const struct stats_params *p = params;
	struct stats_list list;
	size_t *indices, count;
	if (stats_list_init(&list, p->agg, err) < 0)
		return -1;
	if (sdp_columns_select(schema, p->common.columns, &indices, &count, err) < 0)
		return add_hint(err);
	struct stats_plan *plan =
		sdp_spill_take(&work->spill, sizeof *plan + count * sizeof *plan->columns, err);
	size_t *order = sdp_spill_take(&work->spill, count * sizeof *order, err);
	if (!plan || !order) {
		free(indices);
		return -1;
	}
	plan->schema = schema;
	plan->list = list;
	plan->count = count;
	plan->order = order;
	plan->first = true;
	plan->dictionary = dictionary_limit(count, work);
	for (size_t i = 0; i < count; i++) {
		const struct sdp_column *c = &schema->columns[indices[i]];
		plan->columns[i] = (struct stats_column){indices[i], c->name, sdp_typed_column(c),
							 true, false};
	}
	free(indices);
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading", .share = 0.8};
	*out = plan;
	return 0;
}

/* ---- sorting, merging, stepping ---- */

static int item(const void *opaque, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct stats_plan *plan = opaque;
	struct stats_state *s = state;
	size_t i = plan->order[number];
	const struct sdp_column_summary *c = &plan->root->columns[i];
	const struct stats_list *list = &plan->list;
	struct sdp_quantiles_result far;
	s->sorted[i].done = true;
	if (plan->columns[i].wide) {
		struct sdp_wide_result *r = sdp_spill_take(&work->spill, sizeof *r, err);
		if (!r || sdp_wide_store_solve(&plan->root->wide[i], &work->spill, work->memory,
					       list->probabilities, list->quantiles, c->values, r,
					       err) < 0)
			return -1;
		s->sorted[i].order = r->order;
		s->sorted[i].wide = r;
		return 0;
	}
	bool distinct = list->needs & STATS_NEEDS_DISTINCT;
	if (sdp_quantiles_solve_places(&c->keys, &work->spill, work->memory, distinct,
				       list->probabilities, list->quantiles, NULL,
				       &s->sorted[i].order, err) < 0 ||
	    sdp_quantiles_solve(&c->far_times, &work->spill, work->memory, NULL, 0, &far, err) < 0)
		return -1;
	s->sorted[i].order.unique += far.unique;
	return 0;
}

static int merge(const void *opaque, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct stats_plan *plan = opaque;
	struct stats_state *a = into, *b = from;
	a->rows += b->rows;
	for (size_t i = 0; i < plan->count; i++) {
		if (sdp_column_summary_merge(&a->columns[i], &b->columns[i], &work->spill, err) < 0)
			return -1;
		sdp_misfits_merge(&a->misfits[i], &b->misfits[i]);
		sdp_wide_store_merge(&a->wide[i], &b->wide[i]);
		if (!b->sorted[i].done)
			continue;
		a->sorted[i] = b->sorted[i];
		if (b->sorted[i].wide &&
		    !(a->sorted[i].wide =
			      sdp_wide_result_copy(b->sorted[i].wide, &work->spill, err)))
			return -1;
	}
	return 0;
}

struct cost {
	uint64_t cost;
	size_t column;
};

static int by_cost(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;
	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	return (x->column > y->column) - (x->column < y->column);
}

/* Puts the costliest columns first, so that all workers end at about the same time. */
static int order_by_cost(struct stats_plan *plan, const struct stats_state *root,
			 struct sdp_err *err)
{
	struct cost *costs = sdp_alloc(plan->count, sizeof *costs, err);
	if (!costs)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		costs[i] = (struct cost){sdp_quantiles_cost(&root->columns[i].keys) +
						 root->wide[i].bytes,
					 i};
	qsort(costs, plan->count, sizeof *costs, by_cost);
	for (size_t i = 0; i < plan->count; i++)
		plan->order[i] = costs[i].column;
	free(costs);
	return 0;
}

static int refuse_zones(const struct stats_plan *plan, const struct stats_column *c,
			struct sdp_err *err)
{
	char word[SDP_COLUMNS_WORD];
	return sdp_fail(err, SDP_DATA,
			"column '%s': times with and without a zone cannot be compared; --types %s "
			"takes them as text",
			c->name, sdp_columns_word(plan->schema, c->index, "=string", word));
}

static int step(void *opaque, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct stats_plan *plan = opaque;
	struct stats_state *s = root;
	bool again = false;
	bool sorts = plan->list.needs & (STATS_NEEDS_DISTINCT | STATS_NEEDS_QUANTILES);
	(void)work;
	if (next->kind == SDP_PASS_ITEMS) {
		next->kind = SDP_PASS_DONE;
		return 0;
	}
	plan->first = false;
	for (size_t i = 0; i < plan->count; i++) {
		struct stats_column *c = &plan->columns[i];
		struct sdp_column_summary *summary = &s->columns[i];
		if (c->typed.fixed && c->typed.type == SDP_DATETIME &&
		    sdp_type_of(stats_seen_of(summary)) == SDP_STRING && summary->seen)
			return refuse_zones(plan, c, err);
		c->read = sdp_typed_column_update(&c->typed, stats_seen_of(summary));
		if (stats_is_too_narrow(c, summary))
			c->read = c->wide = true;
		again |= c->read;
		sorts |= c->wide;
		if (c->read)
			*summary = (struct sdp_column_summary){0};
	}
	plan->root = root;
	*next = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading again", .share = 0.8};
	if (again)
		return 0;
	if (!sorts) {
		next->kind = SDP_PASS_DONE;
		return 0;
	}
	*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->count, "sorting", .discard_states = true};
	return order_by_cost(plan, root, err);
}

const struct sdp_task stats_task = {
	.name = "descriptive_stats",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = stats_read,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = stats_emit,
};

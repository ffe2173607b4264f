/*
 * Writes the document of sdp-fpgrowth. Itemsets and rules are lazy rows: they are made while they
 * are printed.
 */
#include "fpgrowth.h"

#include "base/radix_sort.h"
#include "sdp/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A rule and its sort key. Rules with equal keys keep their order (number). */
struct sorted {
	double key;
	uint64_t number;
	struct sdp_rule rule;
};

struct fpgrowth_output {
	const struct fpgrowth_plan *plan;
	const struct sdp_spill *spill;
	struct sdp_lazy_rows itemsets, rules;
	struct sdp_lazy_member set_members[3], rule_members[8];
	const char **words;             /* the item of each rank */
	uint32_t *ranks, *left, *right; /* buffers for the current row */
	struct sdp_itemset_reader reader;
	uint64_t *sorted_sets; /* the itemset's number in the lower 32 bits; NULL: not sorted */
	struct sorted *sorted_rules;
	/* The position of the current row. Rows are requested in order. */
	size_t segment;
	uint64_t before; /* number of rules in the segments before */
	struct sdp_rule *room;
};

static uint64_t rules_of(const struct fpgrowth_plan *j, size_t segment)
{
	const struct sdp_kept *kept = j->rules ? j->rules[segment].first : NULL;
	return kept ? kept->extent.length / sizeof(struct sdp_rule) : 0;
}

/* ---- rows ---- */

static void set_row(struct fpgrowth_output *o, size_t length, uint32_t count,
		    struct sdp_lazy_value *values)
{
	values[0] = sdp_lazy_words(o->ranks, length);
	values[1] = sdp_lazy_count(count);
	values[2] = sdp_lazy_real((double)count / (double)o->plan->baskets);
}

static int itemset_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		       struct sdp_err *err)
{
	struct fpgrowth_output *o = context;
	struct sdp_itemset set = {0};
	if (o->sorted_sets) {
		uint32_t n = (uint32_t)o->sorted_sets[number];
		set_row(o, sdp_itemset_ranks(&o->plan->table, n, o->ranks),
			o->plan->table.support[n], values);
		return 0;
	}
	if (number == 0)
		sdp_itemset_reader_rewind(&o->reader);
	do
		if (sdp_itemset_next(&o->reader, &set, err) <= 0)
			return -1;
	while (set.length < (uint64_t)o->plan->params->min_length);
	memcpy(o->ranks, set.ranks, set.length * sizeof *o->ranks);
	set_row(o, set.length, set.count, values);
	return 0;
}

static int find_rule(struct fpgrowth_output *o, uint64_t number, struct sdp_rule *rule,
		     struct sdp_err *err)
{
	const struct fpgrowth_plan *j = o->plan;
	const struct sdp_rule *rules = NULL;
	if (number == 0)
		o->segment = o->before = 0;
	while (number - o->before >= rules_of(j, o->segment))
		o->before += rules_of(j, o->segment++);
	const struct sdp_extent *extent = &j->rules[o->segment].first->extent;
	uint64_t at = number - o->before;
	rules = sdp_spill_get(o->spill, extent, at * sizeof *rules, sizeof *rules, o->room, err);
	if (!rules)
		return -1;
	*rule = *rules;
	return 0;
}

static void measure(const struct fpgrowth_plan *j, const struct sdp_rule *rule,
		    struct sdp_rule_measures *out)
{
	const uint32_t *support = j->table.support;
	sdp_rule_measure(j->baskets, support[rule->set], support[rule->antecedent],
			 support[rule->consequent], out);
}

static int rule_row(void *context, uint64_t number, struct sdp_lazy_value *values,
		    struct sdp_err *err)
{
	struct fpgrowth_output *o = context;
	const struct sdp_itemset_table *table = &o->plan->table;
	struct sdp_rule rule;
	struct sdp_rule_measures m;
	if (o->sorted_rules)
		rule = o->sorted_rules[number].rule;
	else if (find_rule(o, number, &rule, err) < 0)
		return -1;
	measure(o->plan, &rule, &m);
	values[0] = sdp_lazy_words(o->left, sdp_itemset_ranks(table, rule.antecedent, o->left));
	values[1] = sdp_lazy_words(o->right, sdp_itemset_ranks(table, rule.consequent, o->right));
	values[2] = sdp_lazy_count(table->support[rule.set]);
	values[3] = sdp_lazy_real(m.support);
	values[4] = sdp_lazy_real(m.confidence);
	values[5] = sdp_lazy_real(m.lift);
	values[6] = sdp_lazy_real(m.leverage);
	values[7] = sdp_lazy_real(m.conviction);
	return 0;
}

/* ---- sorting ---- */

static int by_key(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

static uint64_t cut(const struct fpgrowth_plan *j, uint64_t rows)
{
	uint64_t top = (uint64_t)j->params->top;
	return top && top < rows ? top : rows;
}

static int sort_itemsets(struct fpgrowth_output *o, uint64_t rows, struct sdp_spill *spill,
			 struct sdp_err *err)
{
	const struct fpgrowth_plan *j = o->plan;
	uint64_t n = 0, *keys = sdp_spill_take(spill, 2 * (rows + 1) * sizeof *keys, err);
	if (!keys)
		return -1;
	/* Sorts by descending count, then by number. */
	for (uint32_t i = 0; i < j->table.count; i++)
		if (sdp_itemset_ranks(&j->table, i, o->ranks) >= (uint64_t)j->params->min_length)
			keys[n++] = (uint64_t)~j->table.support[i] << 32 | i;
	o->sorted_sets = sdp_radix_sort_u64(keys, keys + n, n);
	return 0;
}

static double key_of(const struct fpgrowth_plan *j, const struct sdp_rule *rule)
{
	struct sdp_rule_measures m;
	measure(j, rule, &m);
	switch (j->params->sort) {
	case FPGROWTH_BY_COUNT:
		return (double)j->table.support[rule->set];
	case FPGROWTH_BY_LIFT:
		return m.lift;
	case FPGROWTH_BY_LEVERAGE:
		return m.leverage;
	case FPGROWTH_BY_CONVICTION:
		return m.conviction;
	default:
		return m.confidence;
	}
}

static int sort_rules(struct fpgrowth_output *o, uint64_t rows, struct sdp_spill *spill,
		      struct sdp_err *err)
{
	struct sorted *sorted = sdp_spill_take(spill, (rows + 1) * sizeof *sorted, err);
	if (!sorted)
		return -1;
	for (uint64_t i = 0; i < rows; i++) {
		if (find_rule(o, i, &sorted[i].rule, err) < 0)
			return -1;
		sorted[i].number = i;
		sorted[i].key = key_of(o->plan, &sorted[i].rule);
	}
	qsort(sorted, rows, sizeof *sorted, by_key);
	o->sorted_rules = sorted;
	return 0;
}

/* ---- preparation ---- */

static int prepare_words(struct fpgrowth_output *o, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct fpgrowth_plan *j = o->plan;
	size_t room = j->longest + 1;
	o->words = sdp_spill_take(spill, ((size_t)j->count + 1) * sizeof *o->words, err);
	o->ranks = sdp_spill_take(spill, 3 * room * sizeof *o->ranks, err);
	o->room = sdp_spill_take(spill, sizeof *o->room, err);
	if (!o->words || !o->ranks || !o->room)
		return -1;
	o->left = o->ranks + room;
	o->right = o->left + room;
	for (uint32_t i = 0; i < j->count; i++)
		o->words[i] = j->items.entries[j->ranked[i]].key;
	return 0;
}

static int prepare_itemsets(struct fpgrowth_output *o, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct fpgrowth_plan *j = o->plan;
	uint64_t rows = 0;
	for (size_t length = (size_t)j->params->min_length; length <= j->longest; length++)
		rows += j->lengths[length];
	if (sdp_itemset_reader_init(&o->reader, spill, j->found, j->found ? j->count : 0,
				    j->longest, err) < 0)
		return -1;
	if ((j->params->sort || j->params->top) && sort_itemsets(o, rows, spill, err) < 0)
		return -1;
	o->itemsets = (struct sdp_lazy_rows){.members = o->set_members,
					     .member_count = 3,
					     .words = o->words,
					     .word_count = j->count,
					     .rows = cut(j, rows),
					     .row = itemset_row,
					     .context = o};
	o->set_members[0].name = "items";
	o->set_members[1].name = "count";
	o->set_members[2].name = "support";
	return 0;
}

static int prepare_rules(struct fpgrowth_output *o, struct sdp_spill *spill, struct sdp_err *err)
{
	static const char *const names[] = {"antecedent", "consequent", "count",    "support",
					    "confidence", "lift",       "leverage", "conviction"};
	const struct fpgrowth_plan *j = o->plan;
	uint64_t rows = 0;
	for (size_t i = 0; i < j->segments; i++)
		rows += rules_of(j, i);
	if ((j->params->sort || j->params->top) && sort_rules(o, rows, spill, err) < 0)
		return -1;
	o->rules = (struct sdp_lazy_rows){.members = o->rule_members,
					  .member_count = 8,
					  .words = o->words,
					  .word_count = j->count,
					  .rows = cut(j, rows),
					  .row = rule_row,
					  .context = o};
	for (int i = 0; i < 8; i++)
		o->rule_members[i].name = names[i];
	return 0;
}

int fpgrowth_prepare_output(struct fpgrowth_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	struct fpgrowth_output *o = sdp_spill_take(spill, sizeof *o, err);
	sdp_note("reading: %.3f s, mining: %.3f s", j->reading, j->mining);
	if (!o)
		return -1;
	j->output = o;
	o->plan = j;
	o->spill = spill;
	if (prepare_words(o, spill, err) < 0 ||
	    (!j->params->count_only && prepare_itemsets(o, spill, err) < 0))
		return -1;
	return j->params->rules ? prepare_rules(o, spill, err) : 0;
}

/* ---- the document ---- */

static int warn_large(const struct fpgrowth_plan *j, cJSON *warnings, struct sdp_err *err)
{
	/* The input's name is not in the document, which must not depend on it. */
	sdp_warn("%s:%" PRIu64 ": a basket of %" PRIu64
		 " items is left out, the first one larger than --max-basket",
		 j->first_large.file, j->first_large.record, j->first_large.items);
	return sdp_warn_in(warnings, err,
			   "%" PRIu64 " basket%s of more than %" PRId64 " item%s left out",
			   j->large, j->large == 1 ? "" : "s", j->params->max_basket,
			   j->params->max_basket == 1 ? "" : "s");
}

static int emit_warnings(const struct fpgrowth_plan *j, cJSON *doc, struct sdp_err *err)
{
	cJSON *warnings = sdp_doc_array(doc, "warnings", err);
	if (j->dropped && sdp_warn_in(warnings, err, "%" PRIu64 " row%s without a basket left out",
				      j->dropped, j->dropped == 1 ? "" : "s") < 0)
		return -1;
	if (j->large && warn_large(j, warnings, err) < 0)
		return -1;
	/* If a basket has an item, and no item is frequent, the minimum is at least 2. */
	if (j->count == 0 && j->baskets > j->empty)
		return sdp_warn_in(warnings, err,
				   "no item is in %" PRIu64 " baskets (of %" PRIu64
				   "), the minimum: a lower --support finds rarer items",
				   j->min_count, j->baskets);
	return 0;
}

static void emit_lengths(const struct fpgrowth_plan *j, cJSON *doc, struct sdp_err *err)
{
	cJSON *lengths = sdp_doc_array(doc, "lengths", err);
	sdp_doc_columns(lengths, "length,itemsets", err);
	for (size_t length = (size_t)j->params->min_length; length <= j->longest; length++) {
		if (!j->lengths[length])
			continue;
		cJSON *row = sdp_doc_row(lengths, err);
		sdp_doc_count(row, "length", length, err);
		sdp_doc_count(row, "itemsets", j->lengths[length], err);
	}
}

int fpgrowth_emit(const struct fpgrowth_plan *j, cJSON *doc, struct sdp_err *err)
{
	struct fpgrowth_output *o = j->output;
	uint64_t sets = 0;
	for (size_t length = (size_t)j->params->min_length; length <= j->longest; length++)
		sets += j->lengths[length];
	sdp_doc_count(doc, "baskets", j->baskets, err);
	sdp_doc_count(doc, "empty_baskets", j->empty, err);
	sdp_doc_count(doc, "items", j->different, err);
	sdp_doc_count(doc, "min_count", j->min_count, err);
	sdp_doc_count(doc, "frequent_itemsets", sets, err);
	if (!j->params->count_only)
		sdp_lazy_rows(doc, "itemsets", &o->itemsets, err);
	if (j->params->rules)
		sdp_lazy_rows(doc, "rules", &o->rules, err);
	emit_lengths(j, doc, err);
	return emit_warnings(j, doc, err);
}

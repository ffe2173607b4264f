/* Makes association rules of itemsets, and computes their measures. */
#include "model/itemsets/itemsets.h"

#include "sdp/exact.h"
#include "sdp/mem.h"

#include <math.h>

/* Returns a / b, b > 0, rounded once. */
static double quotient(uint64_t a, uint64_t b)
{
	if ((a | b) >> 53 == 0 || a == 0)
		return (double)a / (double)b;
	/* The quotient has at least 63 bits; its last bit tells whether there is a remainder. */
	int shift = 64 + __builtin_clzll(a);
	sdp_uint128 scaled = (sdp_uint128)a << shift, q = scaled / b;
	return ldexp((double)(q | (q * b != scaled)), -shift);
}

void sdp_rule_measure(uint64_t baskets, uint64_t set, uint64_t antecedent, uint64_t consequent,
		      struct sdp_rule_measures *out)
{
	/* Counts are below 2^32, so all products are exact. */
	uint64_t together = set * baskets, apart = antecedent * consequent;
	out->support = (double)set / (double)baskets;
	out->confidence = (double)set / (double)antecedent;
	out->lift = quotient(together, apart);
	out->leverage = together < apart ? -quotient(apart - together, baskets * baskets)
					 : quotient(together - apart, baskets * baskets);
	out->conviction = set == antecedent ? INFINITY
					    : quotient((baskets - consequent) * antecedent,
						       baskets * (antecedent - set));
}

/*
 * Returns whether set / antecedent is at least the decimal, the mantissa of which is below 2^63;
 * counts are below 2^32.
 */
static bool confident(const struct sdp_number *least, uint32_t set, uint32_t antecedent)
{
	return (sdp_int128)set * sdp_pow10[least->scale] >=
	       (sdp_int128)antecedent * least->mantissa;
}

struct making {
	const struct sdp_itemset_table *table;
	const struct sdp_rule_options *options;
	struct sdp_buf *rules;
	uint32_t set;
	uint32_t *ranks;        /* ranks of the itemset */
	uint32_t *left, *right; /* ranks of the antecedent and of the consequent */
	size_t *chosen;         /* positions of the consequent's items in ranks */
	size_t length;
};

/* Adds the rule with the chosen items as the consequent, if it meets the thresholds. */
static int try_rule(struct making *m, size_t size, struct sdp_err *err)
{
	const struct sdp_itemset_table *t = m->table;
	size_t left = 0, right = 0;
	for (size_t i = 0; i < m->length; i++)
		if (right < size && m->chosen[right] == i)
			m->right[right++] = m->ranks[i];
		else
			m->left[left++] = m->ranks[i];
	struct sdp_rule rule = {.set = m->set, .antecedent = sdp_itemset_find(t, m->left, left)};
	if (!confident(&m->options->confidence, t->support[rule.set], t->support[rule.antecedent]))
		return 0;
	rule.consequent = sdp_itemset_find(t, m->right, right);
	if (m->options->lift > 0) {
		struct sdp_rule_measures figures;
		sdp_rule_measure(m->options->baskets, t->support[rule.set],
				 t->support[rule.antecedent], t->support[rule.consequent],
				 &figures);
		if (figures.lift < m->options->lift)
			return 0;
	}
	return sdp_buf_add(m->rules, &rule, sizeof rule, err);
}

/*
 * Moves on to the next choice of `size` of `length` positions, in lexicographic order.  Returns
 * false after the last.
 */
static bool next_choice(size_t *chosen, size_t size, size_t length)
{
	size_t i = size;
	while (i > 0 && chosen[i - 1] == length - size + i - 1)
		i--;
	if (i == 0)
		return false;
	for (chosen[i - 1]++; i < size; i++)
		chosen[i] = chosen[i - 1] + 1;
	return true;
}

static int make_all(struct making *m, struct sdp_err *err)
{
	for (size_t size = 1; size < m->length && size <= m->options->max_consequent; size++) {
		for (size_t i = 0; i < size; i++)
			m->chosen[i] = i;
		do
			if (try_rule(m, size, err) < 0)
				return -1;
		while (next_choice(m->chosen, size, m->length));
	}
	return 0;
}

int sdp_rules_make(const struct sdp_itemset_table *table, uint32_t first, uint32_t end,
		   const struct sdp_rule_options *options, struct sdp_buf *rules,
		   struct sdp_err *err)
{
	struct making m = {.table = table, .options = options, .rules = rules};
	int rc = 0;
	m.ranks = sdp_alloc(3 * (table->longest + 1), sizeof *m.ranks, err);
	m.chosen = sdp_alloc(table->longest + 1, sizeof *m.chosen, err);
	if (m.ranks && m.chosen) {
		m.left = m.ranks + table->longest + 1;
		m.right = m.left + table->longest + 1;
	} else {
		rc = -1;
	}
	for (m.set = first; rc == 0 && m.set < end; m.set++) {
		m.length = sdp_itemset_ranks(table, m.set, m.ranks);
		rc = make_all(&m, err);
	}
	free(m.ranks);
	free(m.chosen);
	return rc;
}

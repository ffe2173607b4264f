/*
 * Itemsets as they were found: kept by the spill, read in order, looked up, made into rules.
 *
 * Order is that of model/itemsets/frequent.h over all ranks.  In a list of ranks the commonest comes first.
 */
#ifndef SDP_MODEL_ITEMSETS_ITEMSETS_H
#define SDP_MODEL_ITEMSETS_ITEMSETS_H

#include "model/itemsets/baskets.h"
#include "model/itemsets/frequent.h"
#include "sdp/num.h"

/* ---- keeping ---- */

/* Takes what a miner finds (sdp_itemset_found); {.spill, .lists} is fresh.  Flush, then release. */
struct sdp_itemset_writer {
	struct sdp_spill *spill;
	struct sdp_kept_list *lists;         /* a rank: the sets whose rarest item it is */
	struct sdp_itemset_counts *spectrum; /* how many there are, at [0][length] */
	struct sdp_buf bytes;
	uint32_t rank; /* whose sets bytes has */
};

int sdp_itemset_found(void *writer, size_t length, uint32_t rank, uint32_t count,
		      struct sdp_err *err);
int sdp_itemset_flush(struct sdp_itemset_writer *writer, struct sdp_err *err);
void sdp_itemset_writer_release(struct sdp_itemset_writer *writer);

/* ---- reading ---- */

struct sdp_itemset {
	const uint32_t *ranks; /* good until the next */
	size_t length;
	uint32_t count;
};

/* Its memory is taken from a spill. */
struct sdp_itemset_reader {
	const struct sdp_spill *spill;
	const struct sdp_kept_list *lists;
	uint32_t items, next_rank;
	const struct sdp_kept *kept;
	const unsigned char *at, *end;
	void *room;
	size_t longest;
	uint32_t *path; /* longest places for the set, filled from behind */
};

int sdp_itemset_reader_init(struct sdp_itemset_reader *reader, struct sdp_spill *spill,
			    const struct sdp_kept_list *lists, uint32_t items, size_t longest,
			    struct sdp_err *err);
void sdp_itemset_reader_rewind(struct sdp_itemset_reader *reader);

/* The next set: 1, 0 at the end, -1 on failure. */
int sdp_itemset_next(struct sdp_itemset_reader *reader, struct sdp_itemset *set,
		     struct sdp_err *err);

/* ---- a table ---- */

/* All sets by number, in shared memory: each knows the set without its commonest item. */
struct sdp_itemset_table {
	uint32_t count, size; /* size of slots: a power of two, or 0: sets cannot be found */
	uint32_t *parent, *rank, *support; /* parent: UINT32_MAX for one item */
	uint32_t *slots;
	size_t longest;
};

int sdp_itemset_table_make(struct sdp_itemset_table *table, struct sdp_itemset_reader *reader,
			   uint64_t count, bool find, struct sdp_spill *spill, struct sdp_err *err);

/* The ranks of a set into ranks (longest places); their number. */
size_t sdp_itemset_ranks(const struct sdp_itemset_table *table, uint32_t set, uint32_t *ranks);

/* The number of a set that is there; the table was made with find. */
uint32_t sdp_itemset_find(const struct sdp_itemset_table *table, const uint32_t *ranks,
			  size_t length);

/* ---- rules ---- */

struct sdp_rule {
	uint32_t set, antecedent, consequent; /* numbers of sets; set is the union */
};

struct sdp_rule_options {
	uint64_t baskets;
	struct sdp_number confidence; /* at least: a decimal, compared exactly */
	double lift;
	size_t max_consequent;
};

/*
 * The figures of a rule, from the counts of baskets, union, antecedent and consequent, below 2^32:
 * each the exact value rounded once, so that those that are equal are the same double.
 */
struct sdp_rule_measures {
	double support, confidence, lift, leverage, conviction; /* conviction may be infinite */
};

void sdp_rule_measure(uint64_t baskets, uint64_t set, uint64_t antecedent, uint64_t consequent,
		      struct sdp_rule_measures *out);

/*
 * The rules that the sets first … end - 1 make, in their order; of one set those of one consequent
 * item first, the commonest first.  Appended to rules as an array of struct sdp_rule.
 */
int sdp_rules_make(const struct sdp_itemset_table *table, uint32_t first, uint32_t end,
		   const struct sdp_rule_options *options, struct sdp_buf *rules,
		   struct sdp_err *err);

#endif

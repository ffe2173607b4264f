/*
 * Stores itemsets in the spill, reads them in order, finds them in a table, and makes rules of
 * them.
 *
 * Itemsets are in the order of model/itemsets/frequent.h, over all ranks.  In a list of ranks the
 * most frequent item comes first.  Memory taken from a spill belongs to the owner of the spill.
 * Functions that return int return 0, or -1 with a message, unless stated otherwise.
 */
#ifndef SDP_MODEL_ITEMSETS_ITEMSETS_H
#define SDP_MODEL_ITEMSETS_ITEMSETS_H

#include "model/itemsets/baskets.h"
#include "model/itemsets/frequent.h"
#include "sdp/num.h"

/* ---- storing ---- */

/*
 * Stores the itemsets that a miner finds: sdp_itemset_found is the miner's callback.  {.spill,
 * .lists, .spectrum} is a new writer.  Flush it, then release it.
 */
struct sdp_itemset_writer {
	struct sdp_spill *spill;
	/* one list per rank: the itemsets with this rarest item */
	struct sdp_kept_list *lists;
	struct sdp_itemset_counts *spectrum; /* the numbers of itemsets, at [0][length] */
	struct sdp_buf bytes;
	uint32_t rank; /* rarest item of the itemsets in bytes */
};

/* Appends an itemset, as described in struct sdp_miner_options. */
int sdp_itemset_found(void *writer, size_t length, uint32_t rank, uint32_t count,
		      struct sdp_err *err);

/* Moves what is still in private memory to the spill. */
int sdp_itemset_flush(struct sdp_itemset_writer *writer, struct sdp_err *err);
void sdp_itemset_writer_release(struct sdp_itemset_writer *writer);

/* ---- reading ---- */

struct sdp_itemset {
	const uint32_t *ranks; /* valid until the next call */
	size_t length;
	uint32_t count;
};

/* A reader of all itemsets; its memory is taken from the spill. */
struct sdp_itemset_reader {
	const struct sdp_spill *spill;
	const struct sdp_kept_list *lists;
	uint32_t items, next_rank;
	const struct sdp_kept *kept;
	const unsigned char *at, *end;
	void *room;
	size_t longest;
	uint32_t *path; /* the current itemset, right-aligned in `longest` elements */
};

/* Starts reading the lists of `items` ranks; longest is the length of the longest itemset. */
int sdp_itemset_reader_init(struct sdp_itemset_reader *reader, struct sdp_spill *spill,
			    const struct sdp_kept_list *lists, uint32_t items, size_t longest,
			    struct sdp_err *err);

/* Continues with the first itemset. */
void sdp_itemset_reader_rewind(struct sdp_itemset_reader *reader);

/* Reads the next itemset.  Returns 1, 0 at the end, -1 on failure. */
int sdp_itemset_next(struct sdp_itemset_reader *reader, struct sdp_itemset *set,
		     struct sdp_err *err);

/* ---- a table ---- */

/*
 * All itemsets by number, in shared memory.  Each itemset refers to the itemset without its most
 * frequent item, its parent.
 */
struct sdp_itemset_table {
	/* count: itemsets; size: slots, a power of two, or 0 if itemsets cannot be looked up */
	uint32_t count, size;
	uint32_t *parent, *rank, *support; /* parent is UINT32_MAX for an itemset of one item */
	uint32_t *slots;
	size_t longest;
};

/*
 * Makes a table of the count itemsets that the reader, which is at the start, returns.  With find,
 * itemsets can be looked up in the table.
 */
int sdp_itemset_table_make(struct sdp_itemset_table *table, struct sdp_itemset_reader *reader,
			   uint64_t count, bool find, struct sdp_spill *spill, struct sdp_err *err);

/*
 * Writes the ranks of an itemset to ranks, which has room for `longest` of them.  Returns their
 * number.
 */
size_t sdp_itemset_ranks(const struct sdp_itemset_table *table, uint32_t set, uint32_t *ranks);

/*
 * Returns the number of an itemset, which must be in the table; the table must have been made with
 * find.
 */
uint32_t sdp_itemset_find(const struct sdp_itemset_table *table, const uint32_t *ranks,
			  size_t length);

/* ---- rules ---- */

struct sdp_rule {
	/* numbers of itemsets; set is the union of the other two */
	uint32_t set, antecedent, consequent;
};

struct sdp_rule_options {
	uint64_t baskets;
	struct sdp_number confidence; /* minimum confidence, a decimal that is compared exactly */
	double lift;
	size_t max_consequent;
};

/*
 * The measures of a rule.  Each is the exact value rounded once, so that equal values are the same
 * double.
 */
struct sdp_rule_measures {
	double support, confidence, lift, leverage, conviction; /* conviction may be infinity */
};

/*
 * Computes the measures of a rule from the number of all baskets and from the numbers of baskets
 * that contain the union, the antecedent and the consequent, all below 2^32.
 */
void sdp_rule_measure(uint64_t baskets, uint64_t set, uint64_t antecedent, uint64_t consequent,
		      struct sdp_rule_measures *out);

/*
 * Appends the rules of the itemsets first … end - 1 to rules, an array of struct sdp_rule.  Rules
 * are in the order of their itemsets; those of one itemset begin with the rules of one consequent
 * item, the most frequent first.
 */
int sdp_rules_make(const struct sdp_itemset_table *table, uint32_t first, uint32_t end,
		   const struct sdp_rule_options *options, struct sdp_buf *rules,
		   struct sdp_err *err);

#endif

/*
 * Evaluates an expression of --where for the rows of a block.
 *
 *	where_eval.c     walks the tree; conditions
 *	where_numbers.c  numbers and times: columns, sums, comparisons
 *	where_text.c     strings: columns, functions, comparisons, regular expressions
 *	where_filter.c   removes the rows that are not wanted
 *
 * Each node of the tree has a value, an array with an element per row; constants have one element
 * for all rows. Functions return 0 or -1; -1 is a lack of memory or the like. A cell that has the
 * wrong type is noted in scratch->fault, and evaluation goes on.
 */
#ifndef SDP_TABLE_WHERE_EVAL_H
#define SDP_TABLE_WHERE_EVAL_H

#include "sdp/buf.h"
#include "table/keep_rows.h"
#include "table/where_private.h"

/* A condition in a row. */
enum { SDP_WHERE_FALSE, SDP_WHERE_TRUE, SDP_WHERE_NULL };

/* The value of a node. */
struct sdp_where_value {
	bool constant; /* the arrays have one element */
	/* Conditions: SDP_WHERE_FALSE, _TRUE or _NULL. */
	uint8_t *truth;
	size_t truth_capacity;
	/*
	 * Numbers and times: scale is SDP_CELL_NULL, or SDP_CELL_REAL if the number must be
	 * computed exactly for the row (sdp_where_exact).
	 */
	struct sdp_number_column numbers;
	/* Strings: NULL is null. */
	const char **text;
	uint32_t *lengths;
	size_t text_capacity, length_capacity;
	struct sdp_buf room; /* of changed texts */
	void *match;         /* pcre2_match_data of SDP_WHERE_MATCH */
};

struct sdp_where_scratch {
	const struct sdp_where *where;
	const struct sdp_block *block;  /* that is being evaluated */
	struct sdp_where_value *values; /* by the index of the node */
	struct sdp_fault fault;
	void *limits; /* pcre2_match_context */
	struct sdp_kept_rows kept;
};

static inline struct sdp_where_value *sdp_where_value(const struct sdp_where_scratch *s,
						      const struct sdp_where_node *node)
{
	return &s->values[node->index];
}

/* Make room for the conditions or numbers of the rows of the block, or for one if constant. */
int sdp_where_need_truth(struct sdp_where_scratch *s, struct sdp_where_value *v,
			 struct sdp_err *err);
int sdp_where_need_numbers(struct sdp_where_scratch *s, struct sdp_where_value *v,
			   struct sdp_err *err);

/* Evaluates a node and all below it. */
int sdp_where_evaluate(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		       struct sdp_err *err);

/* These evaluate a node whose operands have their values. */
int sdp_where_number_node(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			  struct sdp_err *err);
int sdp_where_text_node(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			struct sdp_err *err);
int sdp_where_match(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		    struct sdp_err *err);

/*
 * Compare two operands by one of the six comparisons; out has an element per row of the block, or
 * one if both operands are constant.
 */
int sdp_where_compare_numbers(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			      const struct sdp_where_node *a, const struct sdp_where_node *b,
			      uint8_t *out, struct sdp_err *err);
int sdp_where_compare_text(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			   const struct sdp_where_node *a, const struct sdp_where_node *b,
			   uint8_t *out, struct sdp_err *err);

/* Returns whether a comparison holds if the operands compare as order: below, at or above 0. */
static inline bool sdp_where_holds(enum sdp_where_kind kind, int order)
{
	switch (kind) {
	case SDP_WHERE_EQUAL:
		return order == 0;
	case SDP_WHERE_UNEQUAL:
		return order != 0;
	case SDP_WHERE_LESS:
		return order < 0;
	case SDP_WHERE_AT_MOST:
		return order <= 0;
	case SDP_WHERE_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* Frees what a value owns. */
void sdp_where_value_release(struct sdp_where_value *v);

#endif

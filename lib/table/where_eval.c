/*
 * Evaluates an expression of --where for rows of a block: reads its columns, checks the types of
 * their cells, and combines comparisons by the logic of three values.
 */
#include "table/where_eval.h"

#include "sdp/mem.h"

#include <stdlib.h>
#include <string.h>

struct sdp_where_vector *sdp_where_vector_take(struct sdp_where_scratch *s, struct sdp_err *err)
{
	if (sdp_grow(&s->vectors, &s->vectors_capacity, s->vectors_used + 1,
		     sizeof(struct sdp_where_vector *), err) < 0)
		return NULL;
	if (s->vectors_used == s->vectors_taken) {
		struct sdp_where_vector *v = sdp_alloc(1, sizeof *v, err);
		if (!v)
			return NULL;
		s->vectors[s->vectors_taken++] = v;
	}
	return s->vectors[s->vectors_used++];
}

uint8_t *sdp_where_truth_take(struct sdp_where_scratch *s, struct sdp_err *err)
{
	if (sdp_grow(&s->truths, &s->truths_capacity, s->truths_used + 1, sizeof(uint8_t *), err) <
	    0)
		return NULL;
	if (s->truths_used == s->truths_taken) {
		uint8_t *truth = sdp_alloc(SDP_WHERE_ROWS, 1, err);
		if (!truth)
			return NULL;
		s->truths[s->truths_taken++] = truth;
	}
	return s->truths[s->truths_used++];
}

/* ---- columns ---- */

struct sdp_where_column *sdp_where_column_of(struct sdp_where_scratch *s,
					     const struct sdp_where_node *node)
{
	size_t from = 0, until = s->column_count;
	while (from < until) {
		size_t middle = (from + until) / 2;
		struct sdp_where_column *c = &s->columns[middle];
		if (c->column == node->column && c->type == node->type)
			return c;
		if (c->column < node->column || (c->column == node->column && c->type < node->type))
			from = middle + 1;
		else
			until = middle;
	}
	SDP_BUG();
}

/* Gives all decimals one scale; those that do not fit it are marked. */
static void unite_scales(struct sdp_number_column *n)
{
	if (n->one_scale || sdp_number_column_align(n))
		return;
	for (size_t i = 0; i < n->rows; i++) {
		if (n->scale[i] > SDP_SCALE_MAX)
			continue;
		if (__builtin_mul_overflow(n->mantissa[i], sdp_pow10[n->max_scale - n->scale[i]],
					   &n->mantissa[i])) {
			n->scale[i] = SDP_CELL_REAL;
			n->reals++;
		}
	}
}

static int read_numbers(struct sdp_where_scratch *s, struct sdp_where_column *c,
			struct sdp_err *err)
{
	const struct sdp_column *column = &s->block->schema->columns[c->column];
	struct sdp_number_column *n = &c->numbers;
	bool time = c->type == SDP_WHERE_TYPE_TIME;
	if ((time ? sdp_block_times : sdp_block_numbers)(s->block, c->column, n, err) < 0)
		return -1;
	enum sdp_type type = column->fixed ? column->type : time ? SDP_DATETIME : SDP_REAL_TYPE;
	if (n->others || n->seen & ~sdp_type_admits(type))
		sdp_fault_find(&s->fault, s->block, c->column, type);
	unite_scales(n);
	return 0;
}

static int read_booleans(struct sdp_where_scratch *s, struct sdp_where_column *c,
			 struct sdp_err *err)
{
	const struct sdp_block *block = s->block;
	bool others = false;
	if (!c->truth && !(c->truth = sdp_alloc(SDP_WHERE_ROWS, 1, err)))
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, c->column, &length);
		bool null = sdp_is_null(&block->schema->nulls, text, length);
		int truth = null ? 0 : sdp_boolean_parse(text, length);
		others |= truth < 0;
		c->truth[row] = null        ? SDP_WHERE_NULL
				: truth > 0 ? SDP_WHERE_TRUE
					    : SDP_WHERE_FALSE;
	}
	if (others)
		sdp_fault_find(&s->fault, block, c->column, SDP_BOOLEAN);
	return 0;
}

int sdp_where_read_columns(struct sdp_where_scratch *s, struct sdp_err *err)
{
	for (size_t i = 0; i < s->column_count; i++) {
		struct sdp_where_column *c = &s->columns[i];
		if ((c->type == SDP_WHERE_TYPE_BOOLEAN ? read_booleans : read_numbers)(s, c, err) <
		    0)
			return -1;
	}
	return 0;
}

/* ---- logic ---- */

/* Replaces a by "a and b", the minimum, or "a or b", the maximum. */
static void combine(bool both, uint8_t *a, const uint8_t *b, size_t rows)
{
	if (both)
		for (size_t i = 0; i < rows; i++)
			a[i] = a[i] < b[i] ? a[i] : b[i];
	else
		for (size_t i = 0; i < rows; i++)
			a[i] = a[i] > b[i] ? a[i] : b[i];
}

static int logic(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		 struct sdp_err *err)
{
	size_t used = s->truths_used;
	uint8_t *other = sdp_where_truth_take(s, err);
	if (!other || sdp_where_truths(s, node->operands[0], out, err) < 0)
		return -1;
	for (size_t i = 1; i < node->count; i++) {
		if (sdp_where_truths(s, node->operands[i], other, err) < 0)
			return -1;
		combine(node->kind == SDP_WHERE_AND, out, other, s->block->rows);
	}
	for (size_t i = 0; node->kind == SDP_WHERE_NOT && i < s->block->rows; i++)
		out[i] = (uint8_t)(SDP_WHERE_TRUE - out[i]);
	s->truths_used = used;
	return 0;
}

/* Compares booleans, for equality. */
static int compare_truths(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			  const struct sdp_where_node *left, const struct sdp_where_node *right,
			  uint8_t *out, struct sdp_err *err)
{
	size_t used = s->truths_used;
	uint8_t *other = sdp_where_truth_take(s, err);
	if (!other || sdp_where_truths(s, left, out, err) < 0 ||
	    sdp_where_truths(s, right, other, err) < 0)
		return -1;
	for (size_t i = 0; i < s->block->rows; i++)
		out[i] = out[i] == SDP_WHERE_NULL || other[i] == SDP_WHERE_NULL
				 ? SDP_WHERE_NULL
				 : sdp_where_holds(kind, out[i] - other[i]);
	s->truths_used = used;
	return 0;
}

static int compare(struct sdp_where_scratch *s, enum sdp_where_kind kind,
		   const struct sdp_where_node *left, const struct sdp_where_node *right,
		   uint8_t *out, struct sdp_err *err)
{
	switch (left->type) {
	case SDP_WHERE_TYPE_BOOLEAN:
		return compare_truths(s, kind, left, right, out, err);
	case SDP_WHERE_TYPE_STRING:
		return sdp_where_compare_texts(s, kind, left, right, out, err);
	default:
		return sdp_where_compare_numbers(s, kind, left, right, out, err);
	}
}

static int between(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		   struct sdp_err *err)
{
	size_t used = s->truths_used;
	uint8_t *other = sdp_where_truth_take(s, err);
	struct sdp_where_node *const *of = node->operands;
	if (!other || compare(s, SDP_WHERE_AT_LEAST, of[0], of[1], out, err) < 0 ||
	    compare(s, SDP_WHERE_AT_MOST, of[0], of[2], other, err) < 0)
		return -1;
	combine(true, out, other, s->block->rows);
	s->truths_used = used;
	return 0;
}

/* x in (1, 2, y) is: x is in the set of 1 and 2, or x == y. */
static int in(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
	      struct sdp_err *err)
{
	size_t used = s->truths_used;
	uint8_t *other = sdp_where_truth_take(s, err);
	bool listed = false;
	if (!other)
		return -1;
	memset(out, SDP_WHERE_FALSE, s->block->rows);
	for (size_t i = 1; i < node->count; i++) {
		const struct sdp_where_node *element = node->operands[i];
		bool is_listed = sdp_where_is_listed(element);
		if (is_listed && listed)
			continue;
		listed |= is_listed;
		if ((is_listed ? sdp_where_in_set(s, node, other, err)
			       : compare(s, SDP_WHERE_EQUAL, node->operands[0], element, other,
					 err)) < 0)
			return -1;
		combine(false, out, other, s->block->rows);
	}
	s->truths_used = used;
	return 0;
}

static int is_null(struct sdp_where_scratch *s, const struct sdp_where_node *of, uint8_t *out,
		   struct sdp_err *err)
{
	const struct sdp_block *block = s->block;
	size_t used = s->vectors_used, length;
	struct sdp_where_numbers numbers = {0};
	const char *text;
	bool truths = of->type == SDP_WHERE_TYPE_BOOLEAN,
	     texts = of->type == SDP_WHERE_TYPE_STRING || of->type == SDP_WHERE_TYPE_UNKNOWN;
	int rc = truths  ? sdp_where_truths(s, of, out, err)
		 : texts ? 0
			 : sdp_where_numbers_of(s, of, &numbers, err);
	for (size_t row = 0; rc == 0 && row < block->rows; row++) {
		bool null;
		if (texts) {
			rc = sdp_where_text(s, of, row, &s->texts[0], &text, &length, err);
			null = rc == 0 && !text;
		} else {
			null = truths ? out[row] == SDP_WHERE_NULL
				      : sdp_where_lacks_number(numbers.state[row]);
		}
		out[row] = null ? SDP_WHERE_TRUE : SDP_WHERE_FALSE;
	}
	s->vectors_used = used;
	return rc;
}

int sdp_where_truths(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out,
		     struct sdp_err *err)
{
	switch (node->kind) {
	case SDP_WHERE_BOOLEAN:
		memset(out, node->truth ? SDP_WHERE_TRUE : SDP_WHERE_FALSE, s->block->rows);
		return 0;
	case SDP_WHERE_COLUMN:
		memcpy(out, sdp_where_column_of(s, node)->truth, s->block->rows);
		return 0;
	case SDP_WHERE_AND:
	case SDP_WHERE_OR:
	case SDP_WHERE_NOT:
		return logic(s, node, out, err);
	case SDP_WHERE_MATCH:
		return sdp_where_match(s, node, out, err);
	case SDP_WHERE_IN:
		return in(s, node, out, err);
	case SDP_WHERE_BETWEEN:
		return between(s, node, out, err);
	case SDP_WHERE_IS_NULL:
		return is_null(s, node->operands[0], out, err);
	default:
		return compare(s, node->kind, node->operands[0], node->operands[1], out, err);
	}
}

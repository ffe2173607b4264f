/*
 * The memory for evaluating an expression of --where, and its columns: they are read, and the types
 * of their cells are checked.
 */
#include "table/where_eval.h"

#include "sdp/mem.h"

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

/* Walks the tree of an expression of --where for a block, and joins conditions. */
#include "table/where_eval.h"

#include "sdp/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

void sdp_where_value_release(struct sdp_where_value *v)
{
	free(v->truth);
	free(v->text);
	free(v->lengths);
	sdp_number_column_release(&v->numbers);
	sdp_buf_release(&v->room);
	pcre2_match_data_free(v->match);
}

int sdp_where_need_truth(struct sdp_where_scratch *s, struct sdp_where_value *v,
			 struct sdp_err *err)
{
	size_t rows = v->constant ? 1 : s->block->rows;
	return sdp_grow(&v->truth, &v->truth_capacity, rows + 1, 1, err);
}

/* Reads a column of booleans. */
static int read_booleans(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 uint8_t *out)
{
	const struct sdp_block *block = s->block;
	bool odd = false;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, node->column, &length);
		int truth = sdp_is_null(&block->schema->nulls, text, length)
				    ? SDP_WHERE_NULL
				    : sdp_boolean_parse(text, length);
		odd |= truth < 0;
		out[row] = truth < 0 ? SDP_WHERE_NULL : (uint8_t)truth;
	}
	if (odd)
		sdp_fault_find(&s->fault, block, node->column, SDP_BOOLEAN);
	return 0;
}

/* Finds the nulls among the values of the operand of "is null". */
static int find_nulls(struct sdp_where_scratch *s, const struct sdp_where_node *node, uint8_t *out)
{
	const struct sdp_where_node *operand = node->operands[0];
	const struct sdp_where_value *o = sdp_where_value(s, operand);
	const struct sdp_block *block = s->block;
	size_t rows = o->constant ? 1 : block->rows;
	if (operand->any_type && operand->kind == SDP_WHERE_COLUMN) {
		for (size_t row = 0; row < rows; row++) {
			size_t length;
			const char *text = sdp_block_cell(block, row, operand->column, &length);
			out[row] = sdp_is_null(&block->schema->nulls, text, length);
		}
		return 0;
	}
	for (size_t row = 0; row < rows; row++)
		switch (operand->type) {
		case SDP_WHERE_TYPE_BOOLEAN:
			out[row] = o->truth[row] == SDP_WHERE_NULL;
			break;
		case SDP_WHERE_TYPE_STRING:
			out[row] = !o->text[row];
			break;
		default:
			out[row] = o->numbers.scale[row] == SDP_CELL_NULL;
		}
	return 0;
}

static int compare_booleans(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			    const struct sdp_where_node *a, const struct sdp_where_node *b,
			    uint8_t *out)
{
	const struct sdp_where_value *x = sdp_where_value(s, a), *y = sdp_where_value(s, b);
	size_t rows = x->constant && y->constant ? 1 : s->block->rows;
	for (size_t row = 0; row < rows; row++) {
		int p = x->truth[x->constant ? 0 : row], q = y->truth[y->constant ? 0 : row];
		out[row] = p == SDP_WHERE_NULL || q == SDP_WHERE_NULL
				   ? SDP_WHERE_NULL
				   : sdp_where_holds(kind, p - q);
	}
	return 0;
}

static int compare(struct sdp_where_scratch *s, enum sdp_where_kind kind,
		   const struct sdp_where_node *a, const struct sdp_where_node *b, uint8_t *out,
		   struct sdp_err *err)
{
	switch (a->type) {
	case SDP_WHERE_TYPE_BOOLEAN:
		return compare_booleans(s, kind, a, b, out);
	case SDP_WHERE_TYPE_STRING:
		return sdp_where_compare_text(s, kind, a, b, out, err);
	default:
		return sdp_where_compare_numbers(s, kind, a, b, out, err);
	}
}

/* Joins conditions: into = into and with, or into or with. step is 0 if with is a constant. */
static void join(uint8_t *into, size_t rows, const uint8_t *with, size_t step, bool and)
{
	/* FALSE decides "and", TRUE decides "or"; else a null makes the result null. */
	uint8_t decides = and? SDP_WHERE_FALSE : SDP_WHERE_TRUE, other = !decides;
	for (size_t row = 0; row < rows; row++) {
		uint8_t a = into[row], b = with[row * step];
		into[row] = a == decides || b == decides ? decides
			    : a == other && b == other   ? other
							 : SDP_WHERE_NULL;
	}
}

static int join_operands(struct sdp_where_scratch *s, const struct sdp_where_node *node)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	size_t rows = v->constant ? 1 : s->block->rows;
	bool and = node->kind == SDP_WHERE_AND;
	memset(v->truth, and? SDP_WHERE_TRUE : SDP_WHERE_FALSE, rows);
	for (size_t k = 0; k < node->count; k++) {
		const struct sdp_where_value *o = sdp_where_value(s, node->operands[k]);
		join(v->truth, rows, o->truth, !o->constant, and);
	}
	return 0;
}

/* Joins the comparisons of operand 0 with all others: for in and between. */
static int join_comparisons(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			    struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	size_t rows = v->constant ? 1 : s->block->rows;
	bool and = node->kind == SDP_WHERE_BETWEEN;
	const struct sdp_where_node *left = node->operands[0];
	uint8_t *part = sdp_alloc(rows + 1, 1, err);
	int rc = part ? 0 : -1;
	if (part)
		memset(v->truth, and? SDP_WHERE_TRUE : SDP_WHERE_FALSE, rows);
	for (size_t k = 1; rc == 0 && k < node->count; k++) {
		const struct sdp_where_node *right = node->operands[k];
		bool constant =
			sdp_where_value(s, left)->constant && sdp_where_value(s, right)->constant;
		enum sdp_where_kind kind = !and     ? SDP_WHERE_EQUAL
					   : k == 1 ? SDP_WHERE_AT_LEAST
						    : SDP_WHERE_AT_MOST;
		rc = compare(s, kind, left, right, part, err);
		join(v->truth, rows, part, !constant, and);
	}
	free(part);
	return rc;
}

static int negate(struct sdp_where_scratch *s, const struct sdp_where_node *node)
{
	static const uint8_t opposite[] = {[SDP_WHERE_FALSE] = SDP_WHERE_TRUE,
					   [SDP_WHERE_TRUE] = SDP_WHERE_FALSE,
					   [SDP_WHERE_NULL] = SDP_WHERE_NULL};
	struct sdp_where_value *v = sdp_where_value(s, node);
	const struct sdp_where_value *o = sdp_where_value(s, node->operands[0]);
	size_t rows = v->constant ? 1 : s->block->rows;
	for (size_t row = 0; row < rows; row++)
		v->truth[row] = opposite[o->truth[row]];
	return 0;
}

/* Evaluates a condition whose operands have their values. */
static int evaluate_condition(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			      struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	v->constant = node->kind != SDP_WHERE_COLUMN;
	for (size_t k = 0; k < node->count; k++) {
		const struct sdp_where_node *o = node->operands[k];
		bool column = o->kind == SDP_WHERE_COLUMN;
		v->constant &= !column && sdp_where_value(s, o)->constant;
	}
	if (sdp_where_need_truth(s, v, err) < 0)
		return -1;
	switch (node->kind) {
	case SDP_WHERE_BOOLEAN:
		v->truth[0] = node->truth;
		return 0;
	case SDP_WHERE_COLUMN:
		return read_booleans(s, node, v->truth);
	case SDP_WHERE_MATCH:
		return sdp_where_match(s, node, err);
	case SDP_WHERE_IS_NULL:
		return find_nulls(s, node, v->truth);
	case SDP_WHERE_NOT:
		return negate(s, node);
	case SDP_WHERE_AND:
	case SDP_WHERE_OR:
		return join_operands(s, node);
	case SDP_WHERE_IN:
	case SDP_WHERE_BETWEEN:
		return join_comparisons(s, node, err);
	default:
		return compare(s, node->kind, node->operands[0], node->operands[1], v->truth, err);
	}
}

int sdp_where_evaluate(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		       struct sdp_err *err)
{
	for (size_t k = 0; k < node->count; k++)
		if (sdp_where_evaluate(s, node->operands[k], err) < 0)
			return -1;
	switch (node->type) {
	case SDP_WHERE_TYPE_BOOLEAN:
		return evaluate_condition(s, node, err);
	case SDP_WHERE_TYPE_STRING:
		return sdp_where_text_node(s, node, err);
	case SDP_WHERE_TYPE_NUMBER:
		return node->kind == SDP_WHERE_LENGTH ? sdp_where_text_node(s, node, err)
						      : sdp_where_number_node(s, node, err);
	case SDP_WHERE_TYPE_TIME:
		return sdp_where_number_node(s, node, err);
	default:
		return 0;
	}
}

/* Evaluates the conditions of an expression of --where by the logic of three values. */
#include "table/where_eval.h"

#include <string.h>

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

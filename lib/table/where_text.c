/* Strings of an expression of --where: columns, functions, comparisons, regular expressions. */
#include "base/signals.h"
#include "base/utf8.h"
#include "sdp/mem.h"
#include "table/where_eval.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

/* What a regular expression may cost for one text. */
enum { MATCH_STEPS = 1000000, MATCH_DEPTH = 100000, MATCH_KIBIBYTES = 1 << 16 };

/* Makes room for the texts of the rows of the block, or for one if it is constant. */
static int need_text(struct sdp_where_scratch *s, struct sdp_where_value *v, struct sdp_err *err)
{
	size_t rows = v->constant ? 1 : s->block->rows;
	v->room.length = 0;
	return sdp_grow(&v->text, &v->text_capacity, rows + 1, sizeof(const char *), err) < 0 ||
			       sdp_grow(&v->lengths, &v->length_capacity, rows + 1,
					sizeof *v->lengths, err) < 0
		       ? -1
		       : 0;
}

static int read_constant(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			 struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	v->constant = true;
	if (need_text(s, v, err) < 0)
		return -1;
	v->text[0] = node->text;
	v->lengths[0] = (uint32_t)node->text_length;
	return 0;
}

static int read_column(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		       struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node);
	const struct sdp_block *block = s->block;
	const struct sdp_nulls *nulls = &block->schema->nulls;
	if (need_text(s, v, err) < 0)
		return -1;
	for (size_t row = 0; row < block->rows; row++) {
		size_t length;
		const char *text = sdp_block_cell(block, row, node->column, &length);
		v->text[row] = sdp_is_null(nulls, text, length) ? NULL : text;
		v->lengths[row] = (uint32_t)length;
	}
	return 0;
}

static int change_case(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		       struct sdp_err *err)
{
	enum { LONGEST = 4 };
	struct sdp_where_value *v = sdp_where_value(s, node),
			       *o = sdp_where_value(s, node->operands[0]);
	bool upper = node->kind == SDP_WHERE_UPPER;
	v->constant = o->constant;
	if (need_text(s, v, err) < 0)
		return -1;
	if (!sdp_utf8_case_known())
		return sdp_fail(
			err, SDP_SYSTEM,
			"--where: lower and upper need the locale C.UTF-8, which is missing");
	size_t rows = v->constant ? 1 : s->block->rows, total = 0;
	for (size_t row = 0; row < rows; row++)
		total += o->text[row] ? (size_t)o->lengths[row] * 2 + LONGEST : 0;
	/* A sequence becomes at most one and a half times as long: ı and ſ become shorter. */
	if (sdp_buf_reserve(&v->room, total, err) < 0)
		return -1;
	char *out = v->room.data;
	for (size_t row = 0; row < rows; row++) {
		const char *text = o->text[row];
		v->text[row] = text ? out : NULL;
		for (size_t i = 0, n; text && i < o->lengths[row]; i += n) {
			n = sdp_utf8_sequence(text + i, o->lengths[row] - i);
			out = n ? sdp_utf8_put_case(out, text + i, n, upper) : out;
			if (!n)
				*out++ = text[i + n++];
		}
		v->lengths[row] = text ? (uint32_t)(out - v->text[row]) : 0;
	}
	return 0;
}

/* Counts the characters of texts: the bytes that do not continue a sequence. */
static int count_characters(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			    struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node),
			       *o = sdp_where_value(s, node->operands[0]);
	v->constant = o->constant;
	if (sdp_where_need_numbers(s, v, err) < 0)
		return -1;
	struct sdp_number_column *n = &v->numbers;
	for (size_t row = 0; row < n->rows; row++) {
		const char *text = o->text[row];
		n->mantissa[row] = 0;
		n->scale[row] = text ? 0 : SDP_CELL_NULL;
		n->nulls += !text;
		for (uint32_t i = 0; text && i < o->lengths[row]; i++)
			n->mantissa[row] += ((unsigned char)text[i] & 0xc0) != 0x80;
	}
	n->one_scale = true;
	n->max_scale = 0;
	return 0;
}

int sdp_where_text_node(struct sdp_where_scratch *s, const struct sdp_where_node *node,
			struct sdp_err *err)
{
	switch (node->kind) {
	case SDP_WHERE_STRING:
		return read_constant(s, node, err);
	case SDP_WHERE_COLUMN:
		return read_column(s, node, err);
	case SDP_WHERE_LENGTH:
		return count_characters(s, node, err);
	default:
		return change_case(s, node, err);
	}
}

/* Compares all texts with a constant for being equal. */
static void find_equal(const struct sdp_where_value *x, size_t rows, const char *text,
		       uint32_t length, bool equal, uint8_t *out)
{
	for (size_t row = 0; row < rows; row++)
		out[row] = !x->text[row] ? SDP_WHERE_NULL
					 : (x->lengths[row] == length &&
					    memcmp(x->text[row], text, length) == 0) == equal;
}

int sdp_where_compare_text(struct sdp_where_scratch *s, enum sdp_where_kind kind,
			   const struct sdp_where_node *a, const struct sdp_where_node *b,
			   uint8_t *out, struct sdp_err *err)
{
	const struct sdp_where_value *x = sdp_where_value(s, a), *y = sdp_where_value(s, b);
	size_t rows = x->constant && y->constant ? 1 : s->block->rows;
	(void)err;
	if (!x->constant && y->constant && y->text[0] &&
	    (kind == SDP_WHERE_EQUAL || kind == SDP_WHERE_UNEQUAL)) {
		find_equal(x, rows, y->text[0], y->lengths[0], kind == SDP_WHERE_EQUAL, out);
		return 0;
	}
	for (size_t row = 0; row < rows; row++) {
		size_t i = x->constant ? 0 : row, j = y->constant ? 0 : row;
		const char *p = x->text[i], *q = y->text[j];
		uint32_t m = x->lengths[i], n = y->lengths[j];
		int order = p && q ? memcmp(p, q, m < n ? m : n) : 0;
		out[row] = !p || !q ? SDP_WHERE_NULL
				    : sdp_where_holds(kind, order ? order : (m > n) - (m < n));
	}
	return 0;
}

/* ---- regular expressions ---- */

static int begin_match(struct sdp_where_scratch *s, struct sdp_where_value *v, struct sdp_err *err)
{
	if (!s->limits && !(s->limits = pcre2_match_context_create(NULL)))
		return sdp_fail_memory(err);
	if (!v->match && !(v->match = pcre2_match_data_create(1, NULL)))
		return sdp_fail_memory(err);
	pcre2_set_match_limit(s->limits, MATCH_STEPS);
	pcre2_set_depth_limit(s->limits, MATCH_DEPTH);
	pcre2_set_heap_limit(s->limits, MATCH_KIBIBYTES);
	return 0;
}

/* Returns the column whose text a node is, or of which a function makes it. */
static size_t column_below(const struct sdp_where_node *node)
{
	while (node->count)
		node = node->operands[0];
	return node->kind == SDP_WHERE_COLUMN ? node->column : SIZE_MAX;
}

int sdp_where_match(struct sdp_where_scratch *s, const struct sdp_where_node *node,
		    struct sdp_err *err)
{
	struct sdp_where_value *v = sdp_where_value(s, node),
			       *o = sdp_where_value(s, node->operands[0]);
	size_t rows = v->constant ? 1 : s->block->rows;
	if (begin_match(s, v, err) < 0)
		return -1;
	for (size_t row = 0; row < rows; row++) {
		const char *text = o->text[row];
		v->truth[row] = SDP_WHERE_NULL;
		if (!text)
			continue;
		int rc = pcre2_match(node->pattern, (PCRE2_SPTR)text, o->lengths[row], 0,
				     PCRE2_NO_UTF_CHECK, v->match, s->limits);
		if (rc == PCRE2_ERROR_NOMEMORY)
			return sdp_fail_memory(err);
		if (sdp_interrupted)
			return sdp_fail(err, SDP_SYSTEM, "interrupted");
		if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH) {
			v->truth[row] = rc >= 0;
			continue;
		}
		size_t column = column_below(node->operands[0]);
		if (column == SIZE_MAX)
			return sdp_fail(err, SDP_DATA,
					"--where: a regular expression takes too many steps");
		sdp_fault_note(&s->fault,
			       (struct sdp_fault){.block = s->block,
						  .row = row,
						  .column = column,
						  .problem = "the regular expression of --where "
							     "takes too many steps: "});
		break;
	}
	return 0;
}

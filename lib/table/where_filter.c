/*
 * Removes from a block the rows that --where does not want. The block is evaluated in parts of
 * SDP_WHERE_ROWS rows, so that a long expression does not need much memory. Then the wanted rows
 * move down (keep_rows.h).
 */
#include "table/where_eval.h"

#include "base/order.h"
#include "sdp/mem.h"

#include <stdlib.h>

void sdp_where_scratch_free(struct sdp_where_scratch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->column_count; i++) {
		sdp_number_column_release(&s->columns[i].numbers);
		free(s->columns[i].truth);
	}
	for (size_t i = 0; i < s->vectors_taken; i++)
		free(s->vectors[i]);
	for (size_t i = 0; i < s->truths_taken; i++)
		free(s->truths[i]);
	sdp_where_sets_release(s);
	free(s->columns);
	free(s->vectors);
	free(s->truths);
	sdp_buf_release(&s->texts[0]);
	sdp_buf_release(&s->texts[1]);
	sdp_buf_release(&s->digits);
	pcre2_match_data_free(s->match);
	pcre2_match_context_free(s->limits);
	free(s->wanted);
	free(s->kept.records);
	free(s);
}

SDP_ORDER_BY_TWO(by_column, struct sdp_where_column, column, type)

/* Lists the columns whose cells must have a type other than string, each once. */
static int list_columns(struct sdp_where_scratch *s, struct sdp_err *err)
{
	size_t count = 0;
	s->columns = sdp_alloc(s->where->count, sizeof *s->columns, err);
	if (!s->columns)
		return -1;
	for (size_t i = 0; i < s->where->count; i++) {
		const struct sdp_where_node *node = s->where->nodes[i];
		if (node->kind == SDP_WHERE_COLUMN && node->type != SDP_WHERE_TYPE_STRING &&
		    node->type != SDP_WHERE_TYPE_UNKNOWN)
			s->columns[count++] = (struct sdp_where_column){.column = node->column,
									.type = node->type};
	}
	if (count)
		qsort(s->columns, count, sizeof *s->columns, by_column);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || by_column(&s->columns[i - 1], &s->columns[i]) != 0)
			s->columns[s->column_count++] = s->columns[i];
	return 0;
}

static struct sdp_where_scratch *new_scratch(const struct sdp_where *where, struct sdp_err *err)
{
	struct sdp_where_scratch *s = sdp_alloc(1, sizeof *s, err);
	if (!s)
		return NULL;
	s->where = where;
	if (list_columns(s, err) == 0 && sdp_where_sets_find(s, err) == 0)
		return s;
	sdp_where_scratch_free(s);
	return NULL;
}

/* Returns count rows of a block, beginning with a row, as a block. */
static struct sdp_block part_of(const struct sdp_block *block, size_t row, size_t count)
{
	struct sdp_block part = *block;
	part.rows = count;
	part.first_record += row;
	if (part.records)
		part.records += row;
	if (part.starts)
		part.starts += row;
	else
		part.ends += row * block->columns;
	return part;
}

/*
 * Sets wanted to 0 or 1 for the rows of a part, and *rows to how many of them come before the first
 * fault.
 */
static int evaluate(struct sdp_where_scratch *s, const struct sdp_block *part, uint8_t *wanted,
		    size_t *rows, struct sdp_err *err)
{
	*rows = 0;
	s->block = part;
	s->fault = (struct sdp_fault){0};
	s->vectors_used = s->truths_used = 0;
	uint8_t *truths = sdp_where_truth_take(s, err);
	if (!truths || sdp_where_read_columns(s, err) < 0 ||
	    sdp_where_truths(s, s->where->root, truths, err) < 0)
		return -1;
	for (size_t i = 0; i < part->rows; i++)
		wanted[i] = truths[i] == SDP_WHERE_TRUE;
	*rows = s->fault.block ? s->fault.row : part->rows;
	return sdp_fault_fail(&s->fault, err);
}

int sdp_where_filter(const struct sdp_where *where, struct sdp_where_scratch **scratch,
		     struct sdp_block *block, struct sdp_err *err)
{
	size_t rows = 0, count;
	struct sdp_err later;
	int rc = 0;
	if (!*scratch && !(*scratch = new_scratch(where, err)))
		goto failed;
	struct sdp_where_scratch *s = *scratch;
	if (sdp_grow(&s->wanted, &s->wanted_capacity, block->rows + 1, 1, err) < 0)
		goto failed;
	for (; rc == 0 && rows < block->rows; rows += count) {
		size_t left = block->rows - rows;
		struct sdp_block part =
			part_of(block, rows, left < SDP_WHERE_ROWS ? left : SDP_WHERE_ROWS);
		rc = evaluate(s, &part, s->wanted + rows, &count, err);
	}
	block->rows = rows;
	if (sdp_keep_rows(block, s->wanted, &s->kept, rc < 0 ? &later : err) == 0)
		return rc;
failed:
	block->rows = 0;
	return -1;
}

/* Removes the rows of a block that an expression of --where does not want. */
#include "table/where.h"

#include "sdp/mem.h"
#include "table/where_eval.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

static struct sdp_where_scratch *new_scratch(const struct sdp_where *where, struct sdp_err *err)
{
	struct sdp_where_scratch *s = sdp_alloc(1, sizeof *s, err);
	if (!s)
		return NULL;
	s->where = where;
	s->values = sdp_alloc(where->count, sizeof *s->values, err);
	if (s->values)
		return s;
	free(s);
	return NULL;
}

void sdp_where_scratch_free(struct sdp_where_scratch *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->where->count; i++)
		sdp_where_value_release(&s->values[i]);
	pcre2_match_context_free(s->limits);
	free(s->values);
	free(s->records);
	free(s);
}

/* The cells that are kept so far, which are at the start of the text and of the ends. */
struct kept {
	char *text;
	uint32_t *ends;
	size_t cells, bytes;
};

/* Moves the cells from first to last - 1, with the bytes after their ends, behind those kept. */
static void keep_cells(struct kept *kept, size_t first, size_t last)
{
	uint32_t *ends = kept->ends;
	if (first == last)
		return;
	size_t from = (uint32_t)(ends[(ptrdiff_t)first - 1] + 1), to = (size_t)ends[last - 1] + 1;
	uint32_t shift = (uint32_t)(from - kept->bytes);
	if (shift) {
		memmove(kept->text + kept->bytes, kept->text + from, to - from);
		for (size_t i = 0; i < last - first; i++)
			ends[kept->cells + i] = ends[first + i] - shift;
	}
	kept->cells += last - first;
	kept->bytes += to - from;
}

/* Returns the end of the rows from row on that are all wanted, or all not wanted. */
static size_t run_of_rows(const uint8_t *wanted, size_t row, size_t rows)
{
	bool same = wanted[row] == SDP_WHERE_TRUE;
	while (++row < rows && (wanted[row] == SDP_WHERE_TRUE) == same)
		;
	return row;
}

/* Moves the wanted rows to the front. The arrays of the block belong to its reader. */
static int compact(struct sdp_where_scratch *s, struct sdp_block *block, const uint8_t *wanted,
		   struct sdp_err *err)
{
	uint32_t *starts = (uint32_t *)block->starts;
	size_t first = starts ? starts[0] : 0, rows = block->rows, n = 0;
	struct kept kept = {(char *)block->text, (uint32_t *)block->ends, first, 0};
	kept.bytes = (uint32_t)(block->ends[(ptrdiff_t)first - 1] + 1);
	if (sdp_grow(&s->records, &s->record_capacity, rows + 1, sizeof *s->records, err) < 0)
		return -1;
	for (size_t row = 0, end; row < rows; row = end) {
		end = run_of_rows(wanted, row, rows);
		if (wanted[row] != SDP_WHERE_TRUE)
			continue;
		size_t from = starts ? starts[row] : row * block->columns,
		       to = starts ? starts[end] : end * block->columns, before = kept.cells;
		for (size_t i = row; i < end; i++) {
			s->records[n] = sdp_block_record(block, i);
			if (starts)
				starts[n] = (uint32_t)(before + (starts[i] - from));
			n++;
		}
		keep_cells(&kept, from, to);
	}
	if (starts)
		starts[n] = (uint32_t)kept.cells;
	block->rows = n;
	block->records = s->records;
	return 0;
}

/* Returns whether the condition is true for all rows, or makes an array of a constant. */
static bool all_wanted(struct sdp_where_scratch *s, struct sdp_where_value *v, size_t rows)
{
	const uint8_t *truth = v->truth;
	size_t count = 0;
	(void)s;
	for (size_t row = 0; row < rows; row++)
		count += truth[row] == SDP_WHERE_TRUE;
	return count == rows;
}

int sdp_where_filter(const struct sdp_where *where, struct sdp_where_scratch **scratch,
		     struct sdp_block *block, struct sdp_err *err)
{
	if (!*scratch && !(*scratch = new_scratch(where, err)))
		goto failed;
	struct sdp_where_scratch *s = *scratch;
	struct sdp_where_value *v = sdp_where_value(s, where->root);
	s->block = block;
	s->fault = (struct sdp_fault){0};
	if (block->rows == 0)
		return 0;
	if (sdp_where_evaluate(s, where->root, err) < 0)
		goto failed;
	if (v->constant) {
		uint8_t truth = v->truth[0];
		v->constant = false;
		if (sdp_where_need_truth(s, v, err) < 0)
			goto failed;
		memset(v->truth, truth, block->rows);
	}
	/* The message shows the cell, which moves afterwards. */
	int rc = sdp_fault_fail(&s->fault, err);
	if (rc < 0)
		block->rows = s->fault.row;
	struct sdp_err later;
	if (!all_wanted(s, v, block->rows) &&
	    compact(s, block, v->truth, rc < 0 ? &later : err) < 0)
		goto failed;
	return rc;
failed:
	block->rows = 0;
	return -1;
}

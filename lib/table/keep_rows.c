/* Removes rows from a block, in place. */
#include "table/keep_rows.h"

#include "sdp/mem.h"

#include <string.h>

/* The cells that are kept so far, which are at the start of the text and of the ends. */
struct kept_cells {
	char *text;
	uint32_t *ends;
	size_t cells, bytes;
};

/* Moves the cells from first to last - 1, with the bytes after their ends, behind those kept. */
static void keep_cells(struct kept_cells *kept, size_t first, size_t last)
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
	bool same = wanted[row] == 1;
	while (++row < rows && (wanted[row] == 1) == same)
		;
	return row;
}

int sdp_keep_rows(struct sdp_block *block, const uint8_t *wanted, struct sdp_kept_rows *kept,
		  struct sdp_err *err)
{
	uint32_t *starts = (uint32_t *)block->starts;
	size_t first = starts ? starts[0] : 0, rows = block->rows, n = 0;
	if (rows == 0 || (wanted[0] == 1 && run_of_rows(wanted, 0, rows) == rows))
		return 0;
	if (sdp_grow(&kept->records, &kept->capacity, rows, sizeof *kept->records, err) < 0)
		return -1;
	struct kept_cells cells = {(char *)block->text, (uint32_t *)block->ends, first, 0};
	cells.bytes = (uint32_t)(block->ends[(ptrdiff_t)first - 1] + 1);
	for (size_t row = 0, end; row < rows; row = end) {
		end = run_of_rows(wanted, row, rows);
		if (wanted[row] != 1)
			continue;
		size_t from = starts ? starts[row] : row * block->columns,
		       to = starts ? starts[end] : end * block->columns, before = cells.cells;
		for (size_t i = row; i < end; i++) {
			kept->records[n] = sdp_block_record(block, i);
			if (starts)
				starts[n] = (uint32_t)(before + (starts[i] - from));
			n++;
		}
		keep_cells(&cells, from, to);
	}
	if (starts)
		starts[n] = (uint32_t)cells.cells;
	block->rows = n;
	block->records = kept->records;
	return 0;
}

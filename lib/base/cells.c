/* A table of cells. */
#include "base/cells.h"

#include "sdp/mem.h"

int sdp_cells_add(struct sdp_cells *cells, const char *text, size_t length, struct sdp_err *err)
{
	return sdp_buf_add(&cells->text, text, length, err) < 0 ? -1 : sdp_cells_end(cells, err);
}

int sdp_cells_end(struct sdp_cells *cells, struct sdp_err *err)
{
	if (sdp_grow(&cells->ends, &cells->ends_capacity, cells->count + 1, sizeof *cells->ends,
		     err) < 0)
		return -1;
	cells->ends[cells->count++] = (uint32_t)cells->text.length;
	return sdp_buf_add(&cells->text, "\n", 1, err);
}

const char *sdp_cells_text(const struct sdp_cells *cells, size_t i, size_t *length)
{
	size_t start = i ? cells->ends[i - 1] + 1 : 0;
	*length = cells->ends[i] - start;
	return cells->text.data + start;
}

void sdp_cells_release(struct sdp_cells *cells)
{
	sdp_buf_release(&cells->text);
	free(cells->ends);
	free(cells->records);
	*cells = (struct sdp_cells){0};
}

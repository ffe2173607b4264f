/* A table of cells. */
#include "base/cells.h"

#include <stdlib.h>

void sdp_cells_release(struct sdp_cells *cells)
{
	sdp_buf_release(&cells->text);
	free(cells->ends);
	free(cells->records);
	*cells = (struct sdp_cells){0};
}

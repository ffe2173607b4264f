/*
 * What the drawn lines around a table of text, and the distances of its lines, say of its rows.
 * It is used by tables.c only.
 */
#ifndef SDP_PDF_TABLE_FRAME_H
#define SDP_PDF_TABLE_FRAME_H

#include "pdf/rules.h"
#include "pdf/table_runs.h"

/*
 * Returns the least distance of two lines of a run that follow each other, of which each has a cell
 * in the first column and in half of the others; 0 if there are no such lines.  The first lines
 * count only if there are no others, or they have digits: they may be those of a header.
 */
double sdp_table_pitch(const struct sdp_cover *cover, const struct sdp_page *page,
		       const struct sdp_run *run);

/* Returns the distance of a line from the one above. */
double sdp_line_distance(const struct sdp_page *page, size_t line);

/* Lines next to a run: rows that were taken for where they stand alone, and lines left out. */
struct sdp_neighbours {
	size_t above, below; /* how many lines at either end of the run may be no rows */
	size_t left;         /* how many lines are as near as rows are, but are not taken */
	size_t first;        /* the first of them */
};

/*
 * Extends a run by lines within the lines that are drawn around it, and by lines that are nearer
 * than rows are, if their pieces keep the columns of the cover, which then has them, too.  The run
 * stays within the lines from least to limit - 1.  Sets *near.  Returns 0 or -1.
 */
int sdp_table_extend(const struct sdp_drawing *drawing, struct sdp_cover *cover,
		     const struct sdp_page *page, size_t least, size_t limit, struct sdp_run *run,
		     struct sdp_neighbours *near, struct sdp_err *err);

#define SDP_TIGHT 0.87 /* lines at less than this part of the distance of rows are no rows */

#endif

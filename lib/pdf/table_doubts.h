/* Looks for columns of a table that may be several.  It is used by the files that find tables. */
#ifndef SDP_PDF_TABLE_DOUBTS_H
#define SDP_PDF_TABLE_DOUBTS_H

#include "pdf/table_runs.h"

/*
 * Notes the columns of a table of which each cell of the lines from to to (inclusive), but the
 * first, is printed in several pieces: they may be several columns.  Returns 0 or -1.
 */
int sdp_table_doubt_columns(struct sdp_table *table, const struct sdp_cover *cover,
			    const struct sdp_page *page, const struct sdp_run *run,
			    const struct sdp_rule *texts, size_t count, struct sdp_err *err);

#endif

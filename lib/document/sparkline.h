/* Sparklines: a line of bars for each series of the buckets of a time series. */
#ifndef SDP_DOCUMENT_SPARKLINE_H
#define SDP_DOCUMENT_SPARKLINE_H

#include "sdp/doc.h"

/*
 * Appends a line a series of the rows, of at most width columns: its name, bars from its least to
 * its greatest figure, and these two.  Nothing if rows are not buckets, or no series has two
 * points.
 */
int sdp_sparkline_print(const cJSON *rows, int digits, int width, struct sdp_buf *out,
			struct sdp_err *err);

#endif

/* Sparklines: one line of bars for each series of the buckets of a time series. */
#ifndef SDP_DOCUMENT_SPARKLINE_H
#define SDP_DOCUMENT_SPARKLINE_H

#include "sdp/doc.h"

/*
 * Appends one line per series of the rows to out, at most width columns wide: the name of the
 * series, bars from its minimum to its maximum, and these two values with digits significant
 * digits. Appends nothing if the rows are not buckets or if there are fewer than two. Returns 0, or
 * -1 if err is filled, even if it was filled before the call.
 */
int sdp_sparkline_print(const cJSON *rows, int digits, int width, struct sdp_buf *out,
			struct sdp_err *err);

#endif

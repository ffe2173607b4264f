/* How lists of statistics are read: percentiles, and the names that other programs use. */
#ifndef SDP_MODEL_STATS_STATISTIC_NAMES_H
#define SDP_MODEL_STATS_STATISTIC_NAMES_H

#include "model/stats/quantiles.h"

/*
 * Reads a percentage from 0 to 100 with at most two digits after the decimal point, such as 10,
 * 05 or 2.5.  Returns false if it is not one.
 */
bool sdp_percentage_parse(const char *text, size_t length, struct sdp_probability *out);

/*
 * Fails for an unknown name of --agg if it is the name that another program has for a statistic, or
 * "p10" for q10, and suggests ours; returns -1 then.  Returns 0, without an error, if it is not.
 */
int sdp_statistic_translate(const char *name, size_t length, struct sdp_err *err);

#endif

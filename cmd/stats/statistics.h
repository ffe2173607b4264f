/*
 * The statistics of sdp-stats, and lists of them.  A statistic is a row of the table in
 * statistics.c: its name, what must be known of a column, and how it is printed.
 */
#ifndef SDP_CMD_STATS_STATISTICS_H
#define SDP_CMD_STATS_STATISTICS_H

#include "model/stats/quantiles.h"
#include "sdp/doc.h"

/* What a statistic needs of a column. */
enum {
	STATS_NEEDS_SUMS = 1,
	STATS_NEEDS_EXTREMES = 2, /* with the lengths of strings */
	STATS_NEEDS_DISTINCT = 4,
	STATS_NEEDS_QUANTILES = 8,
};

enum { STATS_LIST_MAX = 40 };

struct stats_finished;

struct stats_statistic {
	const char *name;
	unsigned needs; /* STATS_NEEDS_ bits */
	/* Prints it as the member key of row. quantile is an index into the probabilities. */
	void (*put)(cJSON *row, const char *key, const struct stats_finished *column,
		    size_t quantile, struct sdp_err *err);
	struct sdp_probability p; /* of a quantile */
};

/* The statistics that are printed, in this order. */
struct stats_list {
	size_t count, quantiles;
	unsigned needs; /* of all */
	struct stats_list_item {
		const struct stats_statistic *what;
		char name[16];
		size_t quantile; /* index into probabilities */
	} items[STATS_LIST_MAX];
	struct sdp_probability probabilities[SDP_QUANTILES_QUANTILES];
};

/*
 * Reads a list of names, separated by commas; NULL is "default".  A name that is repeated counts
 * once.  Fails with SDP_USAGE for an unknown name.
 */
int stats_list_init(struct stats_list *list, const char *text, struct sdp_err *err);

/* Returns the name of statistic number i, or NULL if there are not so many. */
const char *stats_statistic_name(size_t i);

#endif

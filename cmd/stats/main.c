/* sdp-stats: descriptive statistics of every column. */
#include "stats.h"

#include <stddef.h>

static const struct sdp_option options[] = {
	{0, "agg", SDP_TEXT, offsetof(struct stats_params, agg), "LIST", NULL, NULL, 0, 0,
	 "print only these statistics, in this order: mean,q1,q99.5"},
	{0},
};

static const char *const examples[] = {
	"sdp-sample flights | sdp-stats -x dep_delay,carrier",
	"sdp-stats --agg q1,median,q3,q95 -f table table.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"columns", "columns"},
	{"statistics", "agg"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "columns"},
	{"agg",
	 "count nulls null_percent unique min max mean sum stddev variance q1 median q3 min_length "
	 "max_length q10 q90 default all"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-stats",
	.summary = "print descriptive statistics of every column",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_COLUMNS | SDP_GROUP_DOCUMENT |
		  SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct stats_params),
	.task = &stats_task,
};

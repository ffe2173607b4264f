/* sdp-stats: descriptive statistics of every column. */
#include "stats.h"

static const struct sdp_option options[] = {{0}};

static const char *const examples[] = {
	"sdp-sample flights | sdp-stats -x dep_delay,carrier",
	"sdp-stats -f csv table.csv | sdp-cat -x name,q1,median,q3 -f table",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"columns", "columns"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "columns"},
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

/* sdp-stats: descriptive statistics of every column. */
#include "stats.h"

#include <stddef.h>

#define AT(member) offsetof(struct stats_params, member)

static const struct sdp_task *choose_task(const void *params)
{
	const struct stats_params *p = params;
	return p->correlation.method ? &correlation_task : &stats_task;
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct stats_params *p = params;
	return correlation_run(&p->correlation, &stats_task, count, operands, err);
}

static const struct sdp_option options[] = {
	{0, "agg", SDP_TEXT, AT(agg), "LIST", NULL, NULL, 0, 0,
	 "print only these statistics, in this order: mean,q1,q99.5"},
	{0, "correlation", SDP_CHOICE, AT(correlation.method),
	 "pearson|spearman|kendall|covariance", NULL, NULL, 1, 0,
	 "also print the correlations or covariances of all pairs of numeric columns"},
	{0, "against", SDP_TEXT, AT(correlation.against), "COL", NULL, NULL, 0, 0,
	 "with --correlation: print only pairs with this column"},
	{0, "drop-nulls", SDP_FLAG, AT(correlation.drop_nulls), NULL, NULL, NULL, 0, 0,
	 "with --correlation: use only rows that have a value in every numeric column"},
	{0, "wide", SDP_FLAG, AT(correlation.wide), NULL, NULL, NULL, 0, 0,
	 "with --correlation: print CSV, TSV and tables as a matrix"},
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
	{"pairs of columns", "correlation against drop-nulls wide"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "columns correlation covariance"},
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
	.choose_task = choose_task,
	.run = run,
};

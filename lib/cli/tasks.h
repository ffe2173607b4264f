/* The analyses as tasks that sdp-bench and sdp-job can run on a table. */
#ifndef SDP_CLI_TASKS_H
#define SDP_CLI_TASKS_H

#include "sdp/program.h"

#include <cjson/cJSON.h>

/* How many numbers of workers can be given, and the greatest of them. */
enum { SDP_BENCH_COUNTS = 64, SDP_BENCH_WORKERS_MAX = 1024 };

/*
 * Tasks.  A program joins with an entry of sdp_bench_tasks (bench_tasks.c): the options that its
 * parameters become, and a function that looks at the table's columns, picks what was not given,
 * or says why the task does not fit the data.
 */
enum { SDP_BENCH_PARAMETERS = 6, SDP_BENCH_TASKS = 6 };

/*
 * What is known of the input: the document of sdp-stats, whose columns have name, type, unique, …
 */
struct sdp_bench_profile {
	uint64_t rows;
	const cJSON *columns;
};

struct sdp_bench_choice {
	bool wanted;
	/* as the options take them; NULL: the program's own default */
	char *values[SDP_BENCH_PARAMETERS];
	const char *reason; /* why the task is skipped; NULL if it is not */
};

struct sdp_bench_task {
	const char *name, *program;
	struct {
		const char *name, *option; /* ends with a NULL */
	} parameters[SDP_BENCH_PARAMETERS + 1];
	/* Fills in values that are NULL where the program needs one (allocated), or sets reason. */
	int (*resolve)(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
		       struct sdp_err *err);
};

extern const struct sdp_bench_task sdp_bench_tasks[SDP_BENCH_TASKS];

/* "descriptive_stats,…" or "all": which of the SDP_BENCH_TASKS choices are wanted. */
int sdp_bench_choose(const char *list, struct sdp_bench_choice *choices, struct sdp_err *err);

/* "descriptive_stats.columns=a,b" */
int sdp_bench_parameter(const char *text, struct sdp_bench_choice *choices, struct sdp_err *err);

void sdp_bench_choices_release(struct sdp_bench_choice *choices);

#endif

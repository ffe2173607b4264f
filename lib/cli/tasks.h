/*
 * The tasks that sdp-bench and sdp-job can run on a table, and their parameters.
 *
 * Functions return 0, or -1 with err set.
 */
#ifndef SDP_CLI_TASKS_H
#define SDP_CLI_TASKS_H

#include "sdp/buf.h"
#include "sdp/program.h"

#include <cjson/cJSON.h>

/* How many worker counts one benchmark can have. */
enum { SDP_BENCH_COUNTS = 64 };

/*
 * How many parameters a task has at most, and how many tasks there are.  To add a task, add an
 * entry to sdp_bench_tasks (tasks.c): its program, the names of its parameters, and a function
 * that looks at the columns of the table, chooses the parameters that were not given, or says why
 * the task cannot run on this table.
 */
enum { SDP_BENCH_PARAMETERS = 6, SDP_BENCH_TASKS = 6 };

/*
 * What is known about the table.  columns is the array of the document of sdp-stats, whose elements
 * have name, type, unique, …; it stays the caller's.
 */
struct sdp_bench_profile {
	uint64_t rows;
	const cJSON *columns;
	/*
	 * Of the beginning of the input: whether it is delimited text; whether it looks like lines
	 * of items, as sdp-fpgrowth reads them: one column without a delimiter, and several words
	 * in the first line; whether it is JSON; whether it has a column of items (that of the
	 * parameter items_column, otherwise called items), or arrays of that name in JSON.
	 */
	bool text, lines, json, items;
	uint64_t baskets; /* the number of lines, if sdp_bench_reads_lines */
};

/* Whether a task runs, and with which parameters.  {0} is a task that does not run. */
struct sdp_bench_choice {
	bool wanted;
	/*
	 * Texts as the options take them, owned by the struct; NULL: the default of the program.
	 * The order is that of the parameters in struct sdp_bench_task.
	 */
	char *values[SDP_BENCH_PARAMETERS];
	const char *reason; /* why the task is skipped, a constant; NULL: it is not skipped */
};

/* The choice of fp_growth. */
enum { SDP_BENCH_BASKETS = SDP_BENCH_TASKS - 1 };
/* Its parameters. */
enum {
	SDP_BASKETS_COLUMN,
	SDP_BASKETS_BASKET,
	SDP_BASKETS_ITEM,
	SDP_BASKETS_SUPPORT,
	SDP_BASKETS_SEPARATOR
};

/* What the options --tasks take, for completion. */
#define SDP_BENCH_TASK_NAMES                                                                       \
	"all descriptive_stats linear_regression logistic_regression kmeans fp_growth time_series"

struct sdp_bench_task {
	const char *name, *program; /* "kmeans", "sdp-kmeans" */
	/*
	 * The names of the parameters, then NULL.  A parameter is the option of the program that
	 * has this long name (with - for _) or letter.
	 */
	const char *parameters[SDP_BENCH_PARAMETERS + 1];
	/*
	 * For each parameter without which the program refuses to start, a value that it accepts
	 * for any table; NULL: it starts without it.
	 */
	const char *needed[SDP_BENCH_PARAMETERS];
	/*
	 * Allocates the values that are NULL and that the program needs, or sets reason if the task
	 * cannot run on this table.  all are the choices of all tasks.
	 */
	int (*resolve)(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choice,
		       const struct sdp_bench_choice *all, struct sdp_err *err);
};

extern const struct sdp_bench_task sdp_bench_tasks[SDP_BENCH_TASKS];

/*
 * Appends the options for the values (in the order of the parameters; NULL: not given) to words,
 * which end at *n, and increments *n. At most 2 × SDP_BENCH_PARAMETERS words are added; they point
 * into values and names, whose SDP_BENCH_PARAMETERS buffers the caller releases.
 */
int sdp_bench_words(const struct sdp_bench_task *task, char *const *values, struct sdp_buf *names,
		    char **words, int *n, struct sdp_err *err);

/*
 * Runs the program of each wanted task that has values with them on an empty input. Fails with
 * SDP_USAGE and the message of the first one that refuses its command line, after
 * "--param: TASK: ".
 */
int sdp_bench_check(const struct sdp_bench_choice *choices, struct sdp_err *err);

/*
 * Sets wanted for the tasks in list: names separated by commas, "descriptive_stats,kmeans", or
 * "all".  choices has SDP_BENCH_TASKS elements in the order of sdp_bench_tasks.  An unknown name is
 * SDP_USAGE.
 */
int sdp_bench_choose(const char *list, struct sdp_bench_choice *choices, struct sdp_err *err);

/*
 * Sets one parameter from the text of --param, "TASK.NAME=VALUE": "descriptive_stats.columns=a,b".
 * SDP_USAGE if the text has another form, the task is not wanted or it has no such parameter.
 */
int sdp_bench_parameter(const char *text, struct sdp_bench_choice *choices, struct sdp_err *err);

/*
 * Parses the list of --workers, such as "1,2,4,8", of different numbers from 1 to SDP_WORKERS_MAX.
 */
int sdp_bench_counts(const char *text, long counts[SDP_BENCH_COUNTS], size_t *count,
		     struct sdp_err *err);

/* Returns whether fp_growth is wanted and takes lines for baskets, so that no table is needed. */
bool sdp_bench_reads_lines(const struct sdp_bench_profile *profile,
			   const struct sdp_bench_choice *choices);

/*
 * Chooses the parameters of all wanted tasks that were not given, or says why a task is skipped,
 * unless a reason is there.
 */
int sdp_bench_resolve(const struct sdp_bench_profile *profile, struct sdp_bench_choice *choices,
		      struct sdp_err *err);

/* Frees the values of all SDP_BENCH_TASKS choices. */
void sdp_bench_choices_release(struct sdp_bench_choice *choices);

#endif

/* sdp-job: runs benchmarks in the background and shows their progress and results. */
#include "base/data_dir.h"
#include "cli/subcommand.h"
#include "cli/tasks.h"
#include "job.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct job_params, member)

static const struct sdp_option options[] = {
	{0, "follow", SDP_FLAG, AT(follow), NULL, NULL, NULL, 0, 0,
	 "status, logs: go on until the job has ended"},
	{0, "tasks", SDP_TEXT, AT(tasks), "LIST", NULL, NULL, 0, 0,
	 "submit: tasks to run on FILE, instead of JSON; all: every task"},
	{'w', "workers", SDP_TEXT, AT(counts), "LIST", NULL, "1,2,4,8", 0, 0,
	 "submit: the numbers of workers"},
	{0, "runs", SDP_INTEGER, AT(runs), "N", NULL, "5", 1, 1000,
	 "submit: measured runs with each number of workers"},
	{0, "warmup", SDP_INTEGER, AT(warmup), "N", NULL, "1", 0, 1000,
	 "submit: unmeasured runs before them"},
	{0, "param", SDP_LIST, AT(parameters), "TASK.NAME=VALUE", NULL, NULL, 0, 0,
	 "submit: a parameter of a task; may be repeated"},
	{0, "max-jobs", SDP_INTEGER, AT(max_jobs), "N", NULL, "1", 1, 1000,
	 "submit: start when fewer than N jobs run"},
	{0, "on-finish", SDP_TEXT, AT(on_finish), "COMMAND", NULL, NULL, 0, 0,
	 "submit: shell command to run when the job has ended"},
	{0, "keep", SDP_TEXT, AT(keep), "AGE", NULL, "30d", 0, 0,
	 "prune: keep jobs that ended within AGE; such as 30d, 12h, 90m, 0"},
	{0},
};

static int run_job(struct job_call *call, struct sdp_err *err)
{
	return job_run(&call->store, call->id, err);
}

static const struct {
	struct sdp_subcommand command;
	int (*run)(struct job_call *call, struct sdp_err *err);
} commands[] = {
	{{"submit", 0, 1, "[--tasks LIST FILE|JOB.json|-]",
	  SDP_COMMAND_OUTPUT " tasks " JOB_REQUEST_OPTIONS " max-jobs on-finish"},
	 job_submit},
	{{"status", 1, 1, "ID", SDP_COMMAND_OUTPUT " follow"}, job_show_status},
	{{"logs", 1, 1, "ID", "follow output progress quiet verbose"}, job_show_logs},
	{{"metrics", 1, 1, "ID", SDP_COMMAND_OUTPUT}, job_show_metrics},
	{{"result", 2, 2, "ID TASK", SDP_COMMAND_OUTPUT}, job_show_result},
	{{"list", 0, 0, "", SDP_COMMAND_OUTPUT}, job_show_list},
	{{"cancel", 1, 1, "ID", SDP_COMMAND_OUTPUT}, job_cancel},
	{{"wait", 1, 1, "ID", SDP_COMMAND_OUTPUT}, job_wait},
	{{"retry", 1, 1, "ID", SDP_COMMAND_OUTPUT}, job_retry},
	{{"prune", 0, 0, "", SDP_COMMAND_OUTPUT " keep"}, job_prune},
	{{"run", 1, 1, NULL, ""}, run_job},
};

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct job_call call = {.store = {.fd = -1},
				.params = params,
				.count = count - 1,
				.operands = operands + 1};
	int which = sdp_subcommand_find(&commands[0].command, sizeof *commands,
					sizeof commands / sizeof *commands, &call.params->common,
					count, operands, err);
	if (which < 0)
		return -1;
	struct sdp_buf home = {0};
	int rc = sdp_data_dir(&home, err);
	if (rc == 0)
		rc = sdp_folder_open(&call.store, home.data, "jobs", err);
	sdp_buf_release(&home);
	if (rc == 0 && commands[which].command.least)
		rc = sdp_job_match(&call.store, call.operands[0], call.id, err);
	if (rc == 0)
		rc = commands[which].run(&call, err);
	sdp_folder_close(&call.store);
	return rc;
}

static const char *const examples[] = {
	"sdp-job submit --tasks kmeans,fp_growth -w 1,2 table.csv",
	"sdp-job status --follow ID",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"what a job runs", "tasks workers runs warmup param"},
	{"jobs", "max-jobs on-finish follow keep"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "tasks worker_counts parameters progress_by_task"},
	{"tasks", SDP_BENCH_TASK_NAMES},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-job",
	.summary = "run benchmarks as jobs in the background",
	.operands = "submit [--tasks LIST FILE|JOB.json|-] | status|logs|metrics|cancel|wait|retry "
		    "ID | result ID TASK | list | prune",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_DOCUMENT | SDP_GROUP_PROGRESS | SDP_GROUP_SEED | SDP_GROUP_PDF,
	.params_size = sizeof(struct job_params),
	.run = run,
};

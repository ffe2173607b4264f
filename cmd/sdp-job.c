/* sdp-job: benchmarks that run by themselves, and can be watched. */
#include "job.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct job_params, member)

static const struct sdp_option options[] = {
	{0, "follow", SDP_FLAG, AT(follow), NULL, NULL, NULL, 0, 0, "status, logs: go on until the job has ended"},
	{0, "max-jobs", SDP_INTEGER, AT(max_jobs), "N", NULL, "1", 1, 1000,
	 "submit: start it when fewer than N jobs run"},
	{0, "on-finish", SDP_TEXT, AT(on_finish), "COMMAND", NULL, NULL, 0, 0,
	 "submit: have the shell run COMMAND when it has ended"},
	{0, "keep", SDP_TEXT, AT(keep), "AGE", NULL, "30d", 0, 0,
	 "prune: keep jobs that ended no longer ago (30d, 12h, 90m, 0)"},
	{0},
};

static int run_job(struct job_call *call, struct sdp_err *err)
{
	return job_run(&call->store, call->operands[0], err);
}

static const struct {
	const char *name;
	int least, most; /* operands */
	const char *operands;
	const char *without; /* options that it has no use for */
	int (*run)(struct job_call *call, struct sdp_err *err);
} commands[] = {
	{"submit", 0, 1, "[JOB.json|-]", "follow keep", job_submit},
	{"status", 1, 1, "ID", "max-jobs on-finish keep", job_show_status},
	{"logs", 1, 1, "ID", "max-jobs on-finish keep format print digits", job_show_logs},
	{"metrics", 1, 1, "ID", "follow max-jobs on-finish keep", job_show_metrics},
	{"result", 2, 2, "ID TASK", "follow max-jobs on-finish keep", job_show_result},
	{"list", 0, 0, "", "follow max-jobs on-finish keep", job_show_list},
	{"cancel", 1, 1, "ID", "follow max-jobs on-finish keep", job_cancel},
	{"wait", 1, 1, "ID", "follow max-jobs on-finish keep", job_wait},
	{"retry", 1, 1, "ID", "follow max-jobs on-finish keep", job_retry},
	{"prune", 0, 0, "", "follow max-jobs on-finish", job_prune},
	{"run", 1, 1, "ID", "", run_job},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int find_command(const char *name, struct sdp_err *err)
{
	char quoted[80];
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return i;
	return sdp_fail(err, SDP_USAGE, "no command is called %s; there are submit, status, logs, metrics, result, "
			"list, cancel, wait, retry and prune", sdp_quote(quoted, sizeof quoted, name, strlen(name)));
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct job_call call = {.params = params, .count = count - 1, .operands = operands + 1};
	if (count == 0)
		return sdp_fail(err, SDP_USAGE, "which command? submit, status, logs, metrics, result, list, cancel, "
				"wait, retry or prune (try sdp-job --help)");
	char with[20];
	int which = find_command(operands[0], err);
	if (which < 0)
		return -1;
	snprintf(with, sizeof with, "with %s", commands[which].name);
	if (sdp_refuse_given(&call.params->common, commands[which].without, with, err) < 0)
		return -1;
	if (call.count < commands[which].least || call.count > commands[which].most)
		return sdp_fail(err, SDP_USAGE, "usage: sdp-job %s%s%s", commands[which].name,
				*commands[which].operands ? " " : "", commands[which].operands);
	if (commands[which].least && !sdp_uuid_valid(call.operands[0]))
		return sdp_fail(err, SDP_USAGE, "not a job_id: '%.80s'", call.operands[0]);
	int rc = job_store_init(&call.store, err);
	if (rc == 0)
		rc = commands[which].run(&call, err);
	job_store_release(&call.store);
	return rc;
}

const struct sdp_program sdp_program = {
	.name = "sdp-job",
	.summary = "benchmarks that run by themselves, and can be watched",
	.operands = "submit [JOB.json|-] | status|logs|metrics|cancel|wait|retry ID | result ID TASK | list | prune",
	.options = options,
	.groups = SDP_GROUP_DOCUMENT | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct job_params),
	.run = run,
};

/* sdp-databricks: commands for a Databricks workspace, and sdp's tasks on its Spark. */
#include "base/signals.h"
#include "cli/subcommand.h"
#include "databricks.h"
#include "sdp/output.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(struct databricks_params, member)

static const struct sdp_option options[] = {
	{0, "host", SDP_TEXT, AT(host), "HOST", NULL, NULL, 0, 0,
	 "the workspace; takes precedence over DATABRICKS_HOST and profiles"},
	{0, "config-profile", SDP_TEXT, AT(config_profile), "NAME", NULL, NULL, 0, 0,
	 "the profile of ~/.databrickscfg"},
	{0, "local-path", SDP_TEXT, AT(local_path), "FILE", NULL, NULL, 0, 0,
	 "upload: the file to upload"},
	{0, "workspace-path", SDP_TEXT, AT(workspace_path), "PATH", NULL, NULL, 0, 0,
	 "upload: the target in the workspace"},
	{0, "cluster-id", SDP_TEXT, AT(cluster_id), "ID", NULL, NULL, 0, 0,
	 "run, start, terminate: the cluster to use"},
	{0, "cluster-name", SDP_TEXT, AT(cluster_name), "NAME", NULL, NULL, 0, 0,
	 "create-cluster: the name"},
	{0, "num-workers", SDP_INTEGER, AT(workers), "N", NULL, NULL, 0, 100000,
	 "create-cluster, run: workers besides the driver; by default 1, for a run 2 or the "
	 "largest of --worker-counts"},
	{0, "spark-version", SDP_TEXT, AT(spark_version), "KEY", NULL, NULL, 0, 0,
	 "create-cluster, run: runtime version; by default the latest with long-term support"},
	{0, "node-type", SDP_TEXT, AT(node_type), "ID", NULL, NULL, 0, 0,
	 "create-cluster, run: machine type; by default the smallest for general purposes"},
	{0, "autotermination", SDP_INTEGER, AT(autotermination), "N", "minutes", "60", 10, 10000,
	 "create-cluster: idle time after which it ends"},
	{0, "wait", SDP_FLAG, AT(wait), NULL, NULL, NULL, 0, 0,
	 "wait until the cluster or run has the new state; for create-cluster, start, terminate "
	 "and cancel"},
	{0, "task", SDP_CHOICE, AT(task),
	 "descriptive_stats|linear_regression|logistic_regression|kmeans|fp_growth|time_series",
	 NULL, NULL, 1, 0, "run: the task, with the options of its program"},
	{0, "worker-counts", SDP_TEXT, AT(worker_counts), "LIST", NULL, NULL, 0, 0,
	 "run: benchmark with these worker counts, as 1,2,4,8"},
	{0, "runs", SDP_INTEGER, AT(runs), "N", NULL, "3", 1, 1000,
	 "run: repetitions of each worker count"},
	{0, "stage", SDP_TEXT, AT(stage), "PATH", NULL, "dbfs:/tmp", 0, 0,
	 "run: a Volume or DBFS folder for temporary files"},
	{0, "notebook", SDP_TEXT, AT(notebook), "PATH", NULL, NULL, 0, 0,
	 "run: a notebook of the workspace; by default the one of sdp"},
	{0, "recursive", SDP_FLAG, AT(recursive), NULL, NULL, NULL, 0, 0,
	 "rm: remove folders and all they contain"},
	{0, "limit", SDP_INTEGER, AT(limit), "N", NULL, "25", 1, 10000,
	 "runs: list only the last N"},
	{0, "timeout", SDP_INTEGER, AT(timeout), "N", "seconds", "0", 0, 1000000,
	 "longest time to wait; 0: no limit"},
	{0, "poll", SDP_INTEGER, AT(poll), "N", "seconds", "10", 1, 600,
	 "longest time between polls while waiting"},
	{'v', "verbose", SDP_FLAG, AT(common.verbose), NULL, NULL, NULL, 0, 0,
	 "print more, such as the trace of a failed notebook"},
	{0, "retry", SDP_INTEGER, AT(retry), "N", "seconds", "300", 0, 86400,
	 "how long a failing call is retried"},
	{0},
};

#define OF_ALL  SDP_COMMAND_OUTPUT " host config-profile retry timeout poll "
#define CLUSTER " num-workers spark-version node-type"

static const struct {
	struct sdp_subcommand command;
	int (*run)(struct databricks *c, struct sdp_err *err);
} commands[] = {
	{{"check", 0, 0, "", OF_ALL "cluster-id"}, databricks_check},
	{{"upload", 0, 0, "--local-path FILE --workspace-path PATH",
	  OF_ALL "local-path workspace-path"},
	 databricks_upload},
	{{"create-cluster", 0, 0, "--cluster-name NAME",
	  OF_ALL "cluster-name autotermination wait" CLUSTER},
	 databricks_create_cluster},
	{{"clusters", 0, 0, "", OF_ALL}, databricks_clusters},
	{{"start", 0, 1, "[CLUSTER_ID]", OF_ALL "cluster-id wait"}, databricks_start},
	{{"terminate", 0, 1, "[CLUSTER_ID]", OF_ALL "cluster-id wait"}, databricks_terminate},
	{{"run", 0, -1, "--task TASK [OPTION...] [FILE...]",
	  OF_ALL "cluster-id task worker-counts runs stage notebook" CLUSTER},
	 databricks_run},
	{{"runs", 0, 0, "", OF_ALL "limit"}, databricks_runs},
	{{"status", 1, 1, "RUN_ID", OF_ALL}, databricks_status},
	{{"wait", 1, 1, "RUN_ID", OF_ALL}, databricks_wait_run},
	{{"output", 1, 1, "RUN_ID", OF_ALL}, databricks_output},
	{{"cancel", 1, 1, "RUN_ID", OF_ALL "wait"}, databricks_cancel},
	{{"put", 2, 2, "FILE|- PATH", OF_ALL}, databricks_put},
	{{"get", 1, 1, "PATH", OF_ALL}, databricks_get},
	{{"ls", 1, 1, "PATH", OF_ALL}, databricks_ls},
	{{"rm", 1, 1, "PATH", OF_ALL "recursive"}, databricks_rm},
	{{"api", 2, 3, "METHOD PATH [JSON]", OF_ALL}, databricks_api},
};

static void tell(const char *why)
{
	sdp_say("%s; trying again", why);
}

/*
 * Rejects empty values, which are mistakes such as an unset shell variable, and run ids that are
 * not numbers.
 */
static int check_values(const struct databricks *c, const struct sdp_subcommand *command,
			struct sdp_err *err)
{
	for (const struct sdp_option *const *o = c->p->common.given; *o; o++)
		if ((*o)->type == SDP_TEXT &&
		    !**(const char *const *)(const void *)((const char *)c->p + (*o)->offset))
			return sdp_fail(err, SDP_USAGE, "--%s: its value is empty",
					(*o)->long_name);
	for (int i = 0; i < c->count; i++)
		if (!*c->operands[i])
			return sdp_fail(err, SDP_USAGE, "an operand is empty: sdp-databricks %s %s",
					command->name, command->operands);
	const char *id = strcmp(command->operands, "RUN_ID") == 0 ? c->operands[0] : "";
	if (strspn(id, "0123456789") != strlen(id) || (*id == '0' && id[1]))
		return sdp_fail(err, SDP_USAGE, "not a run_id: '%.60s'", id);
	return c->p->worker_counts
		       ? 0
		       : sdp_refuse_given(&c->p->common, "runs", "without --worker-counts", err);
}

static int work(struct databricks *c, int which, struct sdp_err *err)
{
	const struct sdp_databricks_options o = {c->p->host,
						 c->p->config_profile,
						 c->p->cluster_id,
						 (int)c->p->retry,
						 "sdp-databricks/" SDP_VERSION,
						 tell};
	int rc = sdp_databricks_settings_read(&c->settings, &o, err);
	if (rc == 0 && c->settings.overridden[0])
		sdp_warn("%s", c->settings.overridden);
	c->doc = rc == 0 ? cJSON_CreateObject() : NULL;
	c->api = c->doc ? sdp_databricks_new(&c->settings, &o, err) : NULL;
	if (rc == 0)
		rc = c->api ? commands[which].run(c, err) : -1;
	if (rc == 0 && !c->quiet_output)
		rc = sdp_output_document(&c->p->common, c->doc, err);
	cJSON_Delete(c->doc);
	sdp_databricks_free(c->api);
	sdp_databricks_settings_release(&c->settings);
	return rc;
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct databricks c = {.p = params, .count = count - 1, .operands = operands + 1};
	if (!sdp_given(&c.p->common, "num-workers"))
		c.p->workers = -1;
	int which = sdp_subcommand_find(&commands[0].command, sizeof *commands,
					sizeof commands / sizeof *commands, &c.p->common, count,
					operands, err);
	if (which < 0)
		return -1;
	if (c.p->words.count && commands[which].run != databricks_run)
		return sdp_fail(err, SDP_USAGE, "%s is for run only", c.p->words.items[0]);
	if (check_values(&c, &commands[which].command, err) < 0)
		return -1;
	if (sdp_signals_install() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	return work(&c, which, err);
}

static const char *const examples[] = {
	"sdp-databricks run --task kmeans -k 3 table.csv",
	"sdp-databricks check",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"workspace", "host config-profile retry timeout verbose"},
	{"clusters",
	 "cluster-id cluster-name num-workers spark-version node-type autotermination wait"},
	{"runs", "task worker-counts runs stage notebook poll"},
	{"files and lists", "local-path workspace-path recursive limit"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-databricks",
	.summary = "manage a Databricks workspace, and run tasks on its Spark",
	.operands = "check | upload | create-cluster | clusters | start|terminate [ID] | run "
		    "[FILE...] | runs | "
		    "status|wait|output|cancel RUN_ID | put FILE PATH | get|ls|rm PATH | api "
		    "METHOD PATH [JSON]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.groups = SDP_GROUP_DOCUMENT,
	.params_size = sizeof(struct databricks_params),
	.foreign = databricks_foreign,
	.run = run,
};

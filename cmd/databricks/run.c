/*
 * Runs a task on Spark.
 *
 *	FILE here ─ put ─▶ STAGE/sdp-run-UUID/          notebook in the workspace
 *	        └──▶ submit ─▶ run_id ─ follow ─▶ STAGE/…/result.json ─▶ document, exit code
 *
 * The notebook is written to the workspace if it is not there. STAGE/sdp-run-UUID is removed at the
 * end. If this process is killed, `status`, `wait`, `output` and `cancel` continue with the run's
 * id alone.
 */
#include "sdp/run.h"
#include "base/address.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/uuid.h"
#include "databricks.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 10000, NAME_MOST = 100 };
static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

struct submission {
	struct databricks *c;
	char token[SDP_UUID_LENGTH + 1]; /* names the folder; makes repeated submissions one run */
	struct sdp_buf folder;           /* STAGE/sdp-run-TOKEN */
	bool folder_made;
	char *notebook;
	cJSON *arguments;
	cJSON *request;  /* the complete body of the submission */
	int64_t workers; /* of a cluster that is created for the run */
	char run_id[32];
};

/* ---- the arguments of the notebook ---- */

static int add_word(struct submission *j, const char *word, struct sdp_err *err)
{
	return sdp_doc_text(j->arguments, NULL, word, err);
}

/*
 * Copies a file to the folder of the run and adds prefix and the path there to the arguments. The
 * file gets a name of plain characters, since Spark reads [, { and * in a path as patterns and does
 * not accept colons.
 */
static int stage(struct submission *j, const char *name, size_t number, const char *prefix,
		 struct sdp_err *err)
{
	char *shown = sdp_address_shown(name, err);
	if (!shown)
		return -1;
	const char *base = strcmp(name, "-") == 0 ? "stdin" : sdp_file_last_part(shown);
	size_t length = strlen(base), at;
	struct sdp_buf path = {0};
	int fd = databricks_open(name, err);
	base += length > NAME_MOST ? length - NAME_MOST : 0;
	int rc = fd < 0 ? -1
			: sdp_buf_format(&path, err, "%s%s/%zu-", prefix, j->folder.data, number);
	at = path.length;
	if (rc == 0)
		rc = sdp_buf_add_text(&path, base, err);
	for (; rc == 0 && at < path.length; at++)
		if (!strchr(PLAIN, path.data[at]))
			path.data[at] = '_';
	if (rc == 0)
		rc = databricks_put_file(j->c, fd, shown, path.data + strlen(prefix), err);
	j->folder_made = j->folder_made || j->c->touched;
	if (rc == 0)
		rc = add_word(j, path.data, err);
	if (fd >= 0)
		close(fd);
	sdp_buf_release(&path);
	free(shown);
	return rc;
}

/* Returns whether the value of k-means' --init is a file on this machine. */
static bool is_centres(const char *value)
{
	return strcmp(value, "k-means++") != 0 && strcmp(value, "random") != 0 &&
	       !databricks_is_remote(value);
}

static int add_options(struct submission *j, struct sdp_err *err)
{
	const struct databricks_params *p = j->c->p;
	int rc = add_word(j, "--task", err) < 0 ? -1
						: add_word(j, databricks_task_name(p->task), err);
	for (size_t i = 0; rc == 0 && i < p->words.count; i++) {
		const char *word = p->words.items[i], *before = i ? p->words.items[i - 1] : "";
		if (strcmp(before, "--init") == 0 && is_centres(word))
			rc = stage(j, word, 0, "", err);
		else if (strncmp(word, "--init=", 7) == 0 && is_centres(word + 7))
			rc = stage(j, word + 7, 0, "--init=", err);
		else
			rc = add_word(j, word, err);
	}
	if (rc == 0 && p->worker_counts) {
		char runs[24];
		snprintf(runs, sizeof runs, "%d", (int)p->runs);
		if (add_word(j, "--worker-counts", err) < 0 ||
		    add_word(j, p->worker_counts, err) < 0 || add_word(j, "--runs", err) < 0 ||
		    add_word(j, runs, err) < 0)
			rc = -1;
	}
	return rc;
}

static int add_files(struct submission *j, struct sdp_err *err)
{
	struct databricks *c = j->c;
	struct sdp_buf result = {0};
	int rc = sdp_buf_format(&result, err, "%s/result.json", j->folder.data);
	if (rc == 0 && (add_word(j, "--result", err) < 0 || add_word(j, result.data, err) < 0))
		rc = -1;
	sdp_buf_release(&result);
	if (rc == 0 && c->count == 0)
		rc = stage(j, "-", 1, "", err);
	for (int i = 0; rc == 0 && i < c->count; i++)
		rc = databricks_is_remote(c->operands[i])
			     ? add_word(j, c->operands[i], err)
			     : stage(j, c->operands[i], (size_t)i + 1, "", err);
	return rc;
}

/* Parses --worker-counts, such as 1,2,4,8. The largest is the size of a new cluster. */
static int read_counts(struct submission *j, struct sdp_err *err)
{
	const char *text = j->c->p->worker_counts;
	j->workers = j->c->p->workers;
	int64_t most = 0;
	for (const char *s = text; s;) {
		char *end;
		long n = strtol(s, &end, 10);
		if (*s < '0' || *s > '9' || n < 1 || n > 4096 || (*end && *end != ','))
			return sdp_fail(err, SDP_USAGE,
					"--worker-counts: not numbers like 1,2,4,8: '%.60s'", text);
		most = n > most ? n : most;
		s = *end ? end + 1 : NULL;
	}
	if (j->workers < 0)
		j->workers = text ? most : 2;
	return 0;
}

/* ---- the notebook ---- */

/*
 * Returns a path that contains a hash of the notebook. A notebook that exists under this path is
 * therefore the right one.
 */
static char *notebook_path(struct sdp_err *err)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct sdp_buf out = {0};
	for (const char *s = databricks_notebook; s < databricks_notebook_end; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	if (sdp_buf_format(&out, err, "/Shared/sdp/ml_jobs-%016llx", (unsigned long long)hash) < 0)
		sdp_buf_release(&out);
	return out.data;
}

static int find_notebook(struct submission *j, struct sdp_err *err)
{
	struct databricks *c = j->c;
	const char *named = c->p->notebook;
	j->notebook = named ? sdp_strndup(named, strlen(named), err) : notebook_path(err);
	if (!j->notebook || named)
		return j->notebook ? 0 : -1;
	cJSON *there =
		databricks_find(c, "/api/2.0/workspace/get-status", "path", j->notebook, err);
	bool found = there != NULL;
	cJSON_Delete(there);
	if (found || c->status != 404)
		return found ? 0 : -1;
	return databricks_import(c, j->notebook, "ml_jobs.py", databricks_notebook,
				 (size_t)(databricks_notebook_end - databricks_notebook), err);
}

/* ---- submitting ---- */

static int put_task(struct submission *j, cJSON *task, struct sdp_err *err)
{
	struct databricks *c = j->c;
	const char *cluster = c->settings.cluster_id.value;
	char *words = cJSON_PrintUnformatted(j->arguments);
	int rc = words ? 0 : sdp_fail_memory(err);
	if (rc == 0 && strlen(words) > ARGUMENTS_MOST)
		rc = sdp_fail(err, SDP_USAGE,
			      "more than %d bytes of arguments: a run takes no more",
			      ARGUMENTS_MOST);
	if (rc == 0)
		rc = cluster ? sdp_doc_text(task, "existing_cluster_id", cluster, err) : 0;
	if (rc == 0 && !cluster) {
		cJSON *spec = sdp_doc_object(task, "new_cluster", err);
		rc = spec ? databricks_put_cluster(c, spec, j->workers, err) : -1;
	}
	cJSON *notebook = rc == 0 ? sdp_doc_object(task, "notebook_task", err) : NULL;
	cJSON *parameters = notebook ? sdp_doc_object(notebook, "base_parameters", err) : NULL;
	if (!parameters || sdp_doc_text(parameters, "arguments", words, err) < 0 ||
	    sdp_doc_text(notebook, "notebook_path", j->notebook, err) < 0 ||
	    sdp_doc_text(task, "task_key", "ml_jobs", err) < 0)
		rc = -1;
	cJSON_free(words);
	return rc;
}

static int compose(struct submission *j, struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject(), *tasks, *task;
	char name[120];
	snprintf(name, sizeof name, "sdp %s", databricks_task_name(j->c->p->task));
	int rc = body ? 0 : sdp_fail_memory(err);
	if (rc == 0 && (sdp_doc_text(body, "idempotency_token", j->token, err) < 0 ||
			sdp_doc_text(body, "run_name", name, err) < 0 ||
			!(tasks = sdp_doc_array(body, "tasks", err)) ||
			!(task = sdp_doc_row(tasks, err)) || put_task(j, task, err) < 0))
		rc = -1;
	if (rc == 0)
		j->request = body;
	else
		cJSON_Delete(body);
	return rc;
}

/*
 * Submits the run. It is safe to repeat this: because of the token the workspace makes one run
 * only.
 */
static int submit(struct submission *j, struct sdp_err *err)
{
	cJSON *body = cJSON_Duplicate(j->request, true);
	cJSON *answer =
		body ? databricks_ask(j->c, "POST", "/api/2.2/jobs/runs/submit", body, false, err)
		     : NULL;
	const char *id = databricks_id(answer, "run_id");
	if (!body)
		sdp_fail_memory(err);
	else if (answer && !id)
		sdp_fail(err, SDP_SYSTEM,
			 "POST /api/2.2/jobs/runs/submit: the answer has no run_id");
	snprintf(j->run_id, sizeof j->run_id, "%s", id ? id : "");
	cJSON_Delete(answer);
	if (!id)
		return -1;
	sdp_say("run %s (status, wait, output and cancel take this number)", j->run_id);
	return 0;
}

/* ---- the command ---- */

static void cancel(struct submission *j)
{
	struct sdp_err err;
	if (databricks_send_cancel(j->c, j->run_id, &err) == 0)
		sdp_say("run %s is cancelled", j->run_id);
	else
		sdp_warn("run %s could not be cancelled and may continue: %s", j->run_id, err.text);
}

/* Cleans up after a failed submission or interrupted waiting. */
static void abandon(struct submission *j, struct sdp_err *err)
{
	struct sdp_err ignored, why = *err;
	sdp_databricks_finishing(j->c->api);
	/*
	 * A signal may have come between the submission and its answer. Submitting again returns
	 * the run's id.
	 */
	if (sdp_interrupted && j->request && !j->run_id[0])
		submit(j, &ignored);
	if (!j->run_id[0])
		return;
	sdp_fail(err, why.code, "run %s: %.900s", j->run_id, why.text);
	/* A run that a signal or --timeout has ended must not continue at the user's cost. */
	if (sdp_interrupted || j->c->timed_out) {
		cancel(j);
		return;
	}
	sdp_warn("run %s may continue; its files stay in %s", j->run_id, j->folder.data);
	j->folder_made = false;
}

static int prepare(struct submission *j, struct sdp_err *err)
{
	const char *stage_at = j->c->p->stage;
	size_t n = strlen(stage_at);
	if (strncmp(stage_at, "dbfs:/", 6) != 0 && strncmp(stage_at, "/Volumes/", 9) != 0)
		return sdp_fail(err, SDP_USAGE, "--stage: neither dbfs:/… nor /Volumes/…: '%.100s'",
				stage_at);
	if (j->c->p->notebook && *j->c->p->notebook != '/')
		return sdp_fail(
			err, SDP_USAGE,
			"--notebook: not a path of the workspace, which begins with /: '%.100s'",
			j->c->p->notebook);
	/* A notebook of the user may accept other values. */
	if (!j->c->p->notebook &&
	    (databricks_check_where(j->c->p, err) < 0 || databricks_ask_program(j->c->p, err) < 0))
		return -1;
	while (n > 5 && stage_at[n - 1] == '/')
		n--;
	if (sdp_uuid_new(j->token, err) < 0 ||
	    sdp_buf_format(&j->folder, err, "%.*s/sdp-run-%s", (int)n, stage_at, j->token) < 0)
		return -1;
	j->arguments = cJSON_CreateArray();
	if (!j->arguments)
		return sdp_fail_memory(err);
	if (add_options(j, err) < 0 || add_files(j, err) < 0)
		return -1;
	return find_notebook(j, err);
}

static int run_job(struct submission *j, struct sdp_err *err)
{
	cJSON *run = NULL, *doc = NULL;
	struct databricks *c = j->c;
	int rc = prepare(j, err) < 0 || compose(j, err) < 0 || submit(j, err) < 0 ? -1 : 0;
	if (rc == 0 && !(run = databricks_follow(c, j->run_id, err)))
		rc = -1;
	if (rc == 0)
		rc = databricks_take_result(c, run, &doc, err);
	else
		abandon(j, err);
	sdp_databricks_finishing(c->api);
	struct sdp_err why = *err;
	if (c->unread)
		sdp_fail(err, why.code,
			 "%.500s; the result stays in %s, and 'sdp-databricks output %s' will "
			 "print it",
			 why.text, j->folder.data, j->run_id);
	else if ((j->folder_made || run) && databricks_remove(c, j->folder.data, true, &why) < 0 &&
		 c->status != 404)
		sdp_warn("%s was not removed: %s", j->folder.data, why.text);
	if (rc == 0) {
		cJSON_Delete(c->doc);
		c->doc = doc;
	}
	cJSON_Delete(run);
	return rc;
}

int databricks_run(struct databricks *c, struct sdp_err *err)
{
	struct submission j = {.c = c};
	if (databricks_check_task(c->p, err) < 0 || read_counts(&j, err) < 0 ||
	    sdp_refuse_typing(c->count, err) < 0)
		return -1;
	int rc = run_job(&j, err);
	cJSON_Delete(j.arguments);
	cJSON_Delete(j.request);
	free(j.notebook);
	sdp_buf_release(&j.folder);
	return rc;
}

/* The queue: finds jobs whose runner is dead, and starts the next jobs. */
#define _GNU_SOURCE
#include "jobs/jobs.h"
#include "process/find.h"
#include "process/measure.h"
#include "process/spawn.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the end of a job ---- */

/*
 * Starts the --on-finish command. Its standard input is the document of the job, its output goes to
 * the log.
 */
static int start_hook(const struct sdp_job_store *store, const struct sdp_job *job,
		      const char *command, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	char *words[] = {"sh", "-c", (char *)command, NULL};
	char *home = sdp_strndup(store->root, strlen(store->root) - strlen("/jobs"), err);
	const char *environment[] = {"SDP_HOME",
				     home,
				     "SDP_JOB_ID",
				     job->id,
				     "SDP_JOB_STATUS",
				     sdp_job_status_name(job->status),
				     NULL};
	struct sdp_buf text = {0};
	cJSON *doc = sdp_job_document(job, store, false, err);
	char *path = sdp_job_path(store, job->id, "log", err),
	     *finished = sdp_job_path(store, job->id, "finished.json", err);
	int rc = home && doc && path && finished ? sdp_doc_print(doc, &style, &text, err) : -1;
	int in = rc == 0 ? open(finished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	int log = rc == 0 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (rc == 0 && (in < 0 || log < 0 || sdp_write_all(in, text.data, text.length) < 0 ||
			lseek(in, 0, SEEK_SET) < 0))
		rc = sdp_fail_errno(err, "cannot write to %s", store->root);
	struct sdp_spawn launch = {"/bin/sh", words, in, log, log, -1, environment};
	if (rc == 0)
		rc = sdp_spawn_detached(&launch, err);
	if (in >= 0)
		close(in);
	if (log >= 0)
		close(log);
	cJSON_Delete(doc);
	free(home), free(path), free(finished);
	sdp_buf_release(&text);
	return rc;
}

/*
 * Runs the --on-finish command. ended is the job as it ended; in the store it may have been queued
 * again already.
 */
static void run_hook(const struct sdp_job_store *store, const struct sdp_job *ended)
{
	struct sdp_job job;
	struct sdp_err err;
	if (sdp_job_load(&job, store, ended->id, &err) < 0)
		return;
	const char *command =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(job.request, "on_finish"));
	/*
	 * The event comes first: if this process dies now, the command is not run rather than run
	 * twice.
	 */
	if (command && sdp_job_event(store, job.id, "on_finish", NULL, &err) == 0 &&
	    start_hook(store, sdp_job_ended(&job) ? &job : ended, command, &err) < 0)
		sdp_job_log(store, job.id, err.text, strlen(err.text));
	sdp_job_release(&job);
}

static int note_end(const struct sdp_job_store *store, const struct sdp_job *ended,
		    const char *event, struct sdp_err *err)
{
	char line[1100];
	const char *error = *ended->error ? ended->error : NULL;
	cJSON *more = cJSON_CreateObject();
	/* The log comes first, so that it is complete when the job appears as ended. */
	snprintf(line, sizeof line, "%s%s%s", event, error ? ": " : "", error ? error : "");
	sdp_job_log(store, ended->id, line, strlen(line));
	int rc = more ? 0 : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_doc_integer(more, "exit_code", ended->exit_code, err);
	if (rc == 0)
		rc = sdp_doc_text(more, "error", error, err);
	if (rc == 0)
		rc = sdp_job_event(store, ended->id, event, more, err);
	cJSON_Delete(more);
	return rc;
}

int sdp_job_end(const struct sdp_job_store *store, const char *id, const char *event, int exit_code,
		const char *error, struct sdp_err *err)
{
	struct sdp_job job;
	if (sdp_job_load(&job, store, id, err) < 0)
		return -1;
	job.status = strcmp(event, "succeeded") == 0   ? SDP_JOB_SUCCEEDED
		     : strcmp(event, "cancelled") == 0 ? SDP_JOB_CANCELLED
						       : SDP_JOB_FAILED;
	job.dead = false;
	job.exit_code = exit_code;
	sdp_timestamp_now(job.finished_at);
	snprintf(job.error, sizeof job.error, "%s", error ? error : "");
	int rc = note_end(store, &job, event, err);
	if (rc == 0)
		run_hook(store, &job);
	sdp_job_release(&job);
	return rc;
}

static int reap(const struct sdp_job_store *store, const struct sdp_job *job, struct sdp_err *err)
{
	sdp_note("the runner of job %s is dead", job->id);
	if (job->cancelling)
		return sdp_job_end(store, job->id, "cancelled", SDP_SYSTEM, NULL, err);
	return sdp_job_end(store, job->id, "lost", SDP_SYSTEM, sdp_job_death(job), err);
}

/* ---- starting ---- */

/*
 * Starts the runner of a job. This process takes the job's lock and passes it to the runner as
 * descriptor 3, so that it is never free in between.
 */
static int start(const struct sdp_job_store *store, const char *id, struct sdp_err *err)
{
	struct sdp_buf program = {0};
	char *words[] = {"sdp-job", "run", (char *)id, NULL};
	char *home = sdp_strndup(store->root, strlen(store->root) - strlen("/jobs"), err);
	const char *environment[] = {"SDP_HOME", home, NULL};
	int lock = home ? sdp_job_lock(store, id, err) : -1, rc = lock == -1 ? -1 : 0;
	if (lock >= 0) {
		struct sdp_spawn launch = {NULL, words, -1, -1, -1, lock, environment};
		struct sdp_err why;
		sdp_note("job %s is started", id);
		rc = sdp_job_event(store, id, "started", NULL, err);
		if (rc == 0 &&
		    (sdp_find_program("sdp-job", &program, &why) < 0 ||
		     (launch.path = program.data, sdp_spawn_detached(&launch, &why)) < 0))
			rc = sdp_job_end(store, id, "failed", SDP_SYSTEM, why.text, err);
		close(lock);
	}
	free(home);
	sdp_buf_release(&program);
	return rc;
}

struct waiting {
	char id[SDP_UUID_LENGTH + 1], queued_at[SDP_TIMESTAMP_SIZE];
	int64_t max_jobs;
};

struct queue {
	const struct sdp_job_store *store;
	struct waiting *items;
	size_t count, capacity;
	int64_t running;
};

static int examine_job(void *context, const char *id, struct sdp_err *err)
{
	struct queue *q = context;
	struct sdp_job job;
	char *path = sdp_job_path(q->store, id, "job.json", err);
	bool there = path && access(path, F_OK) == 0;
	int rc = 0;
	free(path);
	if (!path)
		return -1;
	if (!there) /* the process that submitted it died */
		return sdp_job_store_activate(q->store, id, false, err);
	if (sdp_job_load(&job, q->store, id, err) < 0) {
		/* A damaged job must not stop the others. */
		sdp_warn("%s", err->text);
		return err->code == SDP_DATA ? sdp_job_store_activate(q->store, id, false, err)
					     : -1;
	}
	if (job.dead)
		rc = reap(q->store, &job, err);
	if (rc == 0 && (job.dead || sdp_job_ended(&job)))
		rc = sdp_job_store_activate(q->store, id, false, err);
	else if (rc == 0 && job.status == SDP_JOB_RUNNING)
		q->running++;
	else if (rc == 0 && (rc = sdp_grow(&q->items, &q->capacity, q->count + 1, sizeof *q->items,
					   err)) == 0) {
		const cJSON *most = cJSON_GetObjectItemCaseSensitive(job.request, "max_jobs");
		struct waiting *w = &q->items[q->count++];
		*w = (struct waiting){.max_jobs = cJSON_IsNumber(most) ? (int64_t)most->valuedouble
								       : 1};
		memcpy(w->id, job.id, sizeof w->id);
		memcpy(w->queued_at, job.queued_at, sizeof w->queued_at);
	}
	sdp_job_release(&job);
	return rc;
}

static int by_queue_time(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int order = strcmp(x->queued_at, y->queued_at);
	return order ? order : strcmp(x->id, y->id);
}

int sdp_job_maintain_locked(const struct sdp_job_store *store, struct sdp_err *err)
{
	struct queue q = {.store = store};
	int rc = sdp_job_store_sweep(store, err);
	if (rc == 0)
		rc = sdp_job_store_each(store, ".active", examine_job, &q, err);
	if (q.count)
		qsort(q.items, q.count, sizeof *q.items, by_queue_time);
	for (size_t i = 0; rc == 0 && i < q.count && q.running < q.items[i].max_jobs;
	     i++, q.running++)
		rc = start(store, q.items[i].id, err);
	free(q.items);
	return rc;
}

int sdp_job_maintain(const struct sdp_job_store *store, bool wait, struct sdp_err *err)
{
	struct sdp_err why;
	if (access(store->root, F_OK) < 0 || (access(store->root, W_OK) < 0 && errno != ENOENT))
		return 0;
	int lock = sdp_job_store_lock(store, wait, &why), rc = 0;
	if (lock == -2)
		return 0;
	if (lock == -1) {
		*err = why;
		return -1;
	}
	rc = sdp_job_maintain_locked(store, err);
	close(lock);
	return rc;
}

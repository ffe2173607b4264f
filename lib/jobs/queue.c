/*
 * The queue: finds jobs whose runner is dead, starts commands --on-finish that are due, and starts
 * the next jobs. A step that fails for one job is a note (-v), and is tried again the next time;
 * the other jobs go on. Only if memory is exhausted does all of this end.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "jobs/jobs.h"
#include "process/find.h"
#include "process/spawn.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/messages.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the command --on-finish ---- */

/* Returns a file without a name that holds the document of the job, or -1. */
static int document_file(const struct sdp_folder *store, const struct sdp_job *job,
			 struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf text = {0};
	cJSON *doc = sdp_job_document(job, store, false, err);
	int fd = -1, rc = doc ? sdp_doc_print(doc, &style, &text, err) : -1;
	if (rc == 0 &&
	    ((fd = memfd_create("job", MFD_CLOEXEC)) < 0 ||
	     sdp_write_all(fd, text.data, text.length) < 0 || lseek(fd, 0, SEEK_SET) < 0))
		rc = sdp_fail_errno(err, "cannot make a temporary file");
	if (rc < 0 && fd >= 0)
		close(fd);
	cJSON_Delete(doc);
	sdp_buf_release(&text);
	return rc < 0 ? -1 : fd;
}

/*
 * Starts the command in the folder of the submitter. Its standard input is the document of the job,
 * its output goes to the log.
 */
static int start_hook(const struct sdp_folder *store, const struct sdp_job *job,
		      struct sdp_err *err)
{
	char *words[] = {"sh", "-c", (char *)sdp_doc_get_text(job->request, "on_finish"), NULL};
	char *home = sdp_strndup(store->path, store->home, err), path[SDP_JOB_PATH];
	const char *environment[] = {"SDP_HOME",
				     home,
				     "SDP_JOB_ID",
				     job->id,
				     "SDP_JOB_STATUS",
				     sdp_job_status_name(job->status),
				     NULL};
	int in = home ? document_file(store, job, err) : -1, rc = -1;
	int log = in < 0 ? -1
			 : sdp_folder_open_file(store, sdp_job_file(path, job->id, "log"),
						O_WRONLY | O_CREAT | O_APPEND, err);
	struct sdp_spawn launch = {.path = "/bin/sh",
				   .words = words,
				   .in = in,
				   .out = log,
				   .messages = log,
				   .keep = -1,
				   .folder = sdp_doc_get_text(job->request, "folder"),
				   .environment = environment};
	if (log >= 0) {
		rc = sdp_spawn_detached(&launch, err);
		close(log);
	}
	sdp_file_close(in);
	free(home);
	return rc;
}

/*
 * Starts the command, and records only then that it was started: if this process dies in between,
 * the command is started once more. In the store, the job may have been queued again already; the
 * command gets it as it ended.
 */
static int run_hook(const struct sdp_folder *store, const struct sdp_job *job, struct sdp_err *err)
{
	struct sdp_job ended = *job;
	ended.status = job->last.status;
	ended.end = job->last;
	ended.dead = false;
	return start_hook(store, &ended, err) < 0
		       ? -1
		       : sdp_job_event(store, job->id, "on_finish", NULL, err);
}

/* ---- the end of a job ---- */

static int note_end(const struct sdp_folder *store, const char *id, const char *event,
		    int exit_code, const char *error, struct sdp_err *err)
{
	char line[1100];
	cJSON *more = cJSON_CreateObject();
	/* The log comes first, so that it is complete when the job appears as ended. */
	snprintf(line, sizeof line, "%s%s%s", event, error ? ": " : "", error ? error : "");
	sdp_job_log(store, id, line, strlen(line));
	int rc = more ? 0 : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_doc_integer(more, "exit_code", exit_code, err);
	if (rc == 0)
		rc = sdp_doc_text(more, "error", error, err);
	if (rc == 0)
		rc = sdp_job_event(store, id, event, more, err);
	cJSON_Delete(more);
	return rc;
}

int sdp_job_end(const struct sdp_folder *store, const char *id, const char *event, int exit_code,
		const char *error, struct sdp_err *err)
{
	struct sdp_job job;
	struct sdp_err why;
	if (note_end(store, id, event, exit_code, error && *error ? error : NULL, err) < 0)
		return -1;
	/* The end is recorded. What fails now is left to the next look at the queue. */
	if (sdp_job_load(&job, store, id, &why) < 0)
		return 0;
	if (job.hook_due && run_hook(store, &job, &why) < 0) {
		sdp_job_log(store, id, why.text, strlen(why.text));
		sdp_warn("job %s: --on-finish: %s", id, why.text);
	}
	sdp_job_release(&job);
	return 0;
}

/* ---- looking at the queue ---- */

struct waiting {
	char id[SDP_UUID_LENGTH + 1], queued_at[SDP_TIMESTAMP_SIZE];
	int64_t max_jobs;
};

struct queue {
	const struct sdp_folder *store;
	struct waiting *items;
	size_t count, capacity;
	int64_t running;
};

/* Notes what has failed for a job. Returns -1 if it concerns all of them. */
static int leave(const char *id, const struct sdp_err *err)
{
	if (sdp_job_no_memory(err))
		return -1;
	sdp_note("job %s is left as it is: %s", id, err->text);
	return 0;
}

static int deactivate(const struct queue *q, const char *id, struct sdp_err *err)
{
	return sdp_job_activate(q->store, id, false, err) < 0 ? leave(id, err) : 0;
}

/* A job that cannot be read keeps its mark; it may be running. */
static int leave_sick(struct queue *q, const char *id, struct sdp_err *err)
{
	struct sdp_err ignored;
	q->running += sdp_job_locked(q->store, id, &ignored) == 1;
	return leave(id, err);
}

static int add_waiting(struct queue *q, const struct sdp_job *job, struct sdp_err *err)
{
	if (sdp_grow(&q->items, &q->capacity, q->count + 1, sizeof *q->items, err) < 0)
		return -1;
	struct waiting *w = &q->items[q->count++];
	*w = (struct waiting){.max_jobs = (int64_t)sdp_doc_get_count(job->request, "max_jobs", 1)};
	memcpy(w->id, job->id, sizeof w->id);
	memcpy(w->queued_at, job->queued_at, sizeof w->queued_at);
	return 0;
}

/*
 * Starts the command --on-finish of a job if it is due. A runner that is ending starts it itself
 * while it holds the lock. Returns whether it is not due any more.
 */
static bool settle_hook(const struct queue *q, const struct sdp_job *job)
{
	struct sdp_job now = {0};
	struct sdp_err why;
	if (!job->hook_due)
		return true;
	int held = sdp_job_locked(q->store, job->id, &why);
	/* Between the reading of the job and this, the runner may have started it and ended. */
	int rc = held == 0 ? sdp_job_load(&now, q->store, job->id, &why) : -1;
	if (rc == 0 && now.hook_due)
		rc = run_hook(q->store, &now, &why);
	sdp_job_release(&now);
	if (rc < 0 && held <= 0)
		sdp_note("job %s: --on-finish: %s", job->id, why.text);
	return rc == 0;
}

/* Records the end of a job whose runner is dead. Returns 1, or 0 if it could not, or -1. */
static int reap(const struct queue *q, const struct sdp_job *job, struct sdp_err *err)
{
	const char *event = job->cancelling ? "cancelled" : "lost";
	const char *error = job->cancelling ? NULL : sdp_job_death(job);
	sdp_note("the runner of job %s is dead", job->id);
	return sdp_job_end(q->store, job->id, event, SDP_SYSTEM, error, err) < 0
		       ? leave(job->id, err)
		       : 1;
}

/* Looks at one job. A job that has ended stays in the queue as long as its command is due. */
static int examine(void *context, const char *id, struct sdp_err *err)
{
	struct queue *q = context;
	struct sdp_job job;
	int rc = sdp_job_load(&job, q->store, id, err);
	if (rc == SDP_JOB_SICK)
		return leave_sick(q, id, err);
	if (rc == SDP_JOB_ABANDONED && sdp_job_remove(q->store, id, err) < 0)
		return leave(id, err);
	/* The process that was submitting it has died, or it was removed. */
	if (rc == SDP_JOB_ABANDONED || rc == SDP_ABSENT)
		return deactivate(q, id, err);
	if (rc < 0)
		return -1;
	if (job.dead) {
		rc = reap(q, &job, err);
		sdp_job_release(&job);
		return rc == 1 ? examine(q, id, err) : rc;
	}
	bool settled = settle_hook(q, &job);
	if (sdp_job_ended(&job))
		rc = settled ? deactivate(q, id, err) : 0;
	else if (job.status == SDP_JOB_RUNNING)
		q->running++;
	else if (!job.prepared)
		rc = add_waiting(q, &job, err);
	sdp_job_release(&job);
	return rc;
}

/* ---- starting ---- */

/*
 * Starts the runner of a job. This process takes the job's lock and passes it to the runner as
 * descriptor 3, so that it is never free in between.
 */
static int start_runner(const struct sdp_folder *store, const char *id, int lock,
			struct sdp_err *err)
{
	struct sdp_buf program = {0};
	char *words[] = {"sdp-job", "run", (char *)id, NULL};
	char *home = sdp_strndup(store->path, store->home, err);
	const char *environment[] = {"SDP_HOME", home, NULL};
	struct sdp_spawn launch = {.words = words,
				   .in = -1,
				   .out = -1,
				   .messages = -1,
				   .keep = lock,
				   .environment = environment};
	int rc = home ? sdp_find_program("sdp-job", &program, err) : -1;
	launch.path = program.data;
	if (rc == 0)
		rc = sdp_spawn_detached(&launch, err);
	free(home);
	sdp_buf_release(&program);
	return rc;
}

/* Starts a job. Returns 1, or 0 if it could not be started, or -1. */
static int start(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct sdp_err why;
	int lock = sdp_job_lock(store, id, err), rc = 0;
	if (lock < 0) /* if it is held, a process is ending with this job, and looks again then */
		return lock == SDP_HELD ? 0 : leave(id, err);
	sdp_note("job %s is started", id);
	if (sdp_job_event(store, id, "started", NULL, err) < 0)
		rc = leave(id, err);
	else if (start_runner(store, id, lock, &why) == 0)
		rc = 1;
	else if (sdp_job_end(store, id, "failed", SDP_SYSTEM, why.text, err) < 0)
		rc = leave(id, err);
	close(lock);
	return rc;
}

static int by_queue_time(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	int order = strcmp(x->queued_at, y->queued_at);
	return order ? order : strcmp(x->id, y->id);
}

int sdp_job_maintain_locked(const struct sdp_folder *store, struct sdp_err *err)
{
	struct queue q = {.store = store};
	int rc = sdp_job_sweep(store, err);
	if (rc == 0)
		rc = sdp_job_each(store, ".active", examine, &q, err);
	if (q.count)
		qsort(q.items, q.count, sizeof *q.items, by_queue_time);
	for (size_t i = 0; rc >= 0 && i < q.count && q.running < q.items[i].max_jobs; i++) {
		rc = start(store, q.items[i].id, err);
		q.running += rc > 0;
	}
	free(q.items);
	return rc < 0 ? -1 : 0;
}

int sdp_job_maintain(struct sdp_folder *store, bool wait, struct sdp_err *err)
{
	if (store->fd < 0 || faccessat(store->fd, ".", W_OK, AT_EACCESS) < 0)
		return 0;
	int lock = sdp_job_store_lock(store, wait, err);
	if (lock < 0)
		return lock == SDP_HELD ? 0 : -1;
	int rc = sdp_job_maintain_locked(store, err);
	close(lock);
	return rc;
}

int sdp_job_submitted(const struct sdp_folder *store, const char *id, int lock, struct sdp_err *err)
{
	struct sdp_err why;
	int rc = sdp_job_event(store, id, "submitted", NULL, err);
	close(lock);
	if (rc == 0)
		sdp_job_log(store, id, "submitted", 9);
	/* The job exists now. An error of the queue must not look as if it did not. */
	if (rc == 0 && sdp_job_maintain_locked(store, &why) < 0)
		sdp_warn("%s", why.text);
	return rc;
}

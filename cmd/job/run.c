/*
 * The runner: a process in a session of its own that runs one job to its end. The process that
 * starts it passes it the job's lock as descriptor 3. If the runner is killed, its children are
 * killed, too.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/signals.h"
#include "job.h"
#include "process/listen.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOCK = 3, ERROR = sizeof((struct sdp_err *)0)->text };

/* ---- sdp-bench ---- */

struct words {
	char **items;
	size_t count, capacity;
};

static int add_word(struct words *w, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int add_word(struct words *w, struct sdp_err *err, const char *format, ...)
{
	struct sdp_buf word = {0};
	va_list ap;
	va_start(ap, format);
	int rc = sdp_buf_vformat(&word, err, format, ap);
	va_end(ap);
	if (rc == 0)
		rc = sdp_grow(&w->items, &w->capacity, w->count + 2, sizeof *w->items, err);
	if (rc < 0) {
		sdp_buf_release(&word);
		return -1;
	}
	w->items[w->count++] = word.data;
	w->items[w->count] = NULL;
	return 0;
}

/* Adds an option whose value is a list, separated by commas. */
static int add_list(struct words *w, const char *option, const cJSON *list, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	const cJSON *item;
	int rc = sdp_buf_add_text(&text, "", err);
	cJSON_ArrayForEach(item, list)
	{
		const char *comma = item == list->child ? "" : ",";
		if (rc == 0)
			rc = cJSON_IsString(item)
				     ? sdp_buf_format(&text, err, "%s%s", comma, item->valuestring)
				     : sdp_buf_format(&text, err, "%s%.0f", comma,
						      item->valuedouble);
	}
	if (rc == 0)
		rc = add_word(w, err, "%s=%s", option, text.data);
	sdp_buf_release(&text);
	return rc;
}

static int add_number(struct words *w, const struct sdp_job *job, const char *name,
		      struct sdp_err *err)
{
	return add_word(w, err, "--%s=%.0f", name, sdp_doc_get_number(job->request, name, 0));
}

static int bench_words(struct words *w, const struct sdp_folder *store, const struct sdp_job *job,
		       const char *input, struct sdp_err *err)
{
	const cJSON *task, *value;
	const char *root = store->path, *id = job->id;
	if (add_word(w, err, "sdp-bench") < 0 || add_word(w, err, "-v") < 0 ||
	    add_word(w, err, "--progress=never") < 0 || add_word(w, err, "--format=json") < 0 ||
	    add_word(w, err, "--output=%s/%s/metrics.json", root, id) < 0 ||
	    add_word(w, err, "--journal=%s/%s/runs.ndjson", root, id) < 0 ||
	    add_word(w, err, "--save=%s/%s/results", root, id) < 0 ||
	    add_number(w, job, "runs", err) < 0 || add_number(w, job, "warmup", err) < 0 ||
	    add_number(w, job, "seed", err) < 0 ||
	    add_list(w, "--workers", sdp_doc_member(job->request, "worker_counts"), err) < 0 ||
	    add_list(w, "--tasks", sdp_doc_member(job->request, "tasks"), err) < 0)
		return -1;
	const cJSON *table = sdp_doc_member(job->request, "pdf_table");
	if (table && add_word(w, err, "--pdf-table=%.0f", table->valuedouble) < 0)
		return -1;
	cJSON_ArrayForEach(task, sdp_doc_member(job->request, "parameters"))
		cJSON_ArrayForEach(value, task) if (add_word(w, err, "--param=%s.%s=%s",
							     task->string, value->string,
							     cJSON_GetStringValue(value)
								     ? value->valuestring
								     : "") < 0) return -1;
	return add_word(w, err, "--") < 0 ? -1 : add_word(w, err, "%s", input);
}

/* Runs sdp-bench. Returns its exit code, or -1. error gets its last messages. */
static int run_bench(const struct sdp_folder *store, const struct sdp_job *job, const char *input,
		     char error[ERROR], struct sdp_err *err)
{
	struct job_log log = {store, job->id};
	struct sdp_listener child = {.line = job_log_line, .context = &log};
	struct words w = {0};
	int rc = bench_words(&w, store, job, input, err);
	if (rc == 0)
		rc = sdp_listen(&child, "sdp-bench", w.items, err);
	/*
	 * If the line before the last is a message of the failed command, it is part of the error.
	 * A message of sdp-bench is not.
	 */
	if (strncmp(child.last[1], "sdp-bench: ", 11) == 0)
		child.last[1][0] = '\0';
	if (rc > 0 && !*child.last[0])
		snprintf(error, ERROR, "sdp-bench ended with exit code %d", rc);
	else
		snprintf(error, ERROR, "%s%s%s", child.last[1], *child.last[1] ? "; " : "",
			 child.last[0]);
	for (size_t i = 0; i < w.count; i++)
		free(w.items[i]);
	free(w.items);
	return rc;
}

/* ---- the runner ---- */

/* Calls each for the names of what sdp-bench writes in the folder of the job. */
static int each_result(const struct sdp_folder *store, const struct sdp_job *job,
		       int (*each)(const struct sdp_folder *store, const char *path,
				   struct sdp_err *err),
		       struct sdp_err *err)
{
	static const char *const others[] = {"results", "metrics.json", "runs.ndjson", "."};
	char name[SDP_JOB_PATH], path[SDP_JOB_PATH];
	const cJSON *task;
	int rc = 0;
	cJSON_ArrayForEach(task, sdp_doc_member(job->request, "tasks"))
	{
		sdp_job_file(name, "results", task->valuestring);
		if (rc == 0)
			rc = each(store, sdp_job_file(path, job->id, name), err);
	}
	for (size_t i = 0; rc == 0 && i < sizeof others / sizeof *others; i++)
		rc = each(store, sdp_job_file(path, job->id, others[i]), err);
	return rc;
}

static int sync_one(const struct sdp_folder *store, const char *path, struct sdp_err *err)
{
	struct stat st;
	int rc = sdp_folder_stat(store, path, &st, err);
	if (rc < 0 || S_ISDIR(st.st_mode))
		return rc == SDP_ABSENT ? 0 : rc < 0 ? -1 : sdp_folder_sync(store, path, err);
	int fd = sdp_folder_open_file(store, path, O_RDONLY, err);
	if (fd < 0)
		return fd == SDP_ABSENT ? 0 : -1;
	if (sdp_file_sync(fd) < 0)
		rc = sdp_fail_errno(err, "cannot write %s/%s", store->path, path);
	close(fd);
	return rc;
}

/* Unlike this program, sdp-bench follows symbolic links, and waits for a FIFO. */
static int refuse_odd(const struct sdp_folder *store, const char *path, struct sdp_err *err)
{
	struct stat st;
	int rc = sdp_folder_stat(store, path, &st, err);
	if (rc == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return sdp_fail(err, SDP_SYSTEM, "%s/%s is not a regular file", store->path, path);
	return rc == SDP_ABSENT ? 0 : rc;
}

static int note_runner(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	char boot[64];
	cJSON *more = cJSON_CreateObject();
	sdp_job_boot(boot);
	int rc = more ? 0 : sdp_fail_memory(err);
	if (rc == 0 && (sdp_doc_integer(more, "pid", getpid(), err) < 0 ||
			sdp_doc_text(more, "boot_id", boot, err) < 0 ||
			sdp_doc_count(more, "born", sdp_job_process_start(getpid()), err) < 0))
		rc = -1;
	if (rc == 0)
		rc = sdp_job_event(store, id, "runner", more, err);
	cJSON_Delete(more);
	return rc;
}

static int note(const struct sdp_folder *store, const char *id, const char *event,
		const char *member, const char *text, struct sdp_err *err)
{
	cJSON *more = cJSON_CreateObject();
	int rc = more ? sdp_doc_text(more, member, text, err) : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_job_event(store, id, event, more, err);
	cJSON_Delete(more);
	return rc;
}

static int work(struct sdp_folder *store, const char *id, char error[ERROR], struct sdp_err *err)
{
	struct sdp_job job;
	struct sdp_buf input = {0}, place = {0};
	if (sdp_job_load(&job, store, id, err) < 0)
		return -1;
	int rc = note_runner(store, id, err);
	if (rc == 0)
		rc = each_result(store, &job, refuse_odd, err);
	if (rc == 0)
		rc = note(store, id, "phase", "phase", "looking for the file", err);
	if (rc == 0)
		rc = job_input(store, &job, &input, &place, err);
	if (rc == 0)
		/* for people who look into the store */
		rc = note(store, id, "input", "path", place.data, err);
	if (rc == 0 && *input.data != '/')
		rc = job_input_enter(store, id, err);
	if (rc == 0)
		rc = note(store, id, "phase", "phase", "looking at the columns", err);
	if (rc == 0)
		rc = run_bench(store, &job, input.data, error, err);
	if (rc == 0)
		rc = each_result(store, &job, sync_one, err);
	if (rc == 0)
		error[0] = '\0';
	sdp_buf_release(&input);
	sdp_buf_release(&place);
	sdp_job_release(&job);
	return rc;
}

static bool cancel_requested(const struct sdp_folder *store, const char *id)
{
	struct sdp_job job;
	struct sdp_err err;
	bool asked = sdp_job_load(&job, store, id, &err) == 0 && job.cancelling;
	sdp_job_release(&job);
	return asked;
}

static int run_to_the_end(struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	char error[ERROR] = "";
	struct sdp_err ignored;
	sdp_job_log(store, id, "started", 7);
	int rc = work(store, id, error, err);
	if (rc < 0)
		snprintf(error, sizeof error, "%s", err->text);
	(void)job_input_drop(store, id, &ignored);
	int code = rc < 0 ? (int)err->code : rc;
	if (rc == 0)
		return sdp_job_end(store, id, "succeeded", 0, NULL, err);
	if (cancel_requested(store, id))
		return sdp_job_end(store, id, "cancelled", SDP_SYSTEM, NULL, err);
	if (sdp_interrupted) {
		snprintf(error, sizeof error, "ended by signal %d; sdp-job retry goes on with it",
			 (int)sdp_interrupted);
		code = SDP_SYSTEM;
	}
	return sdp_job_end(store, id, "failed", code, error, err);
}

int job_run(struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct sdp_job job;
	struct sdp_err why;
	if (!sdp_job_is_lock(store, id, LOCK))
		return sdp_fail(err, SDP_USAGE, "run is only started by submit");
	if (fcntl(LOCK, F_SETFD, FD_CLOEXEC) < 0 || sdp_signals_install() < 0)
		return sdp_fail_errno(err, "cannot handle signals");
	int rc = sdp_job_load(&job, store, id, err);
	enum sdp_job_status status = job.status;
	sdp_job_release(&job);
	if (rc == 0 && status != SDP_JOB_RUNNING)
		return sdp_fail(err, SDP_USAGE, "job %s is %s", id, sdp_job_status_name(status));
	if (rc == 0)
		rc = run_to_the_end(store, id, err);
	/* Whatever became of this job, the next ones are waiting. */
	close(LOCK);
	return sdp_job_maintain(store, true, rc < 0 ? &why : err) < 0 || rc < 0 ? -1 : 0;
}

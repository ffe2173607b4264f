/* The commands that show jobs: status, logs, metrics, result, list, wait. */
#include "base/file.h"
#include "cli/progress.h"
#include "job.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/messages.h"
#include "sdp/output.h"
#include "json/validate.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * TURN: nanoseconds between two checks; MAINTAIN: number of checks between two calls of
 * sdp_job_maintain
 */
enum { TURN = 200000000, MAINTAIN = 5 };

/* Waits until the next check. Calls sdp_job_maintain every MAINTAIN checks. */
static int pause_between(struct sdp_folder *store, unsigned *turn, struct sdp_err *err)
{
	struct timespec t = {0, TURN};
	nanosleep(&t, NULL);
	return ++*turn % MAINTAIN ? 0 : sdp_job_maintain(store, false, err);
}

/* Looks at the queue before a job is shown. What is wrong with the queue does not hide the job. */
static int look(struct sdp_folder *store, struct sdp_err *err)
{
	if (sdp_job_maintain(store, false, err) == 0)
		return 0;
	if (sdp_job_no_memory(err))
		return -1;
	sdp_warn("the queue is left as it is: %s", err->text);
	return 0;
}

/* ---- status, wait ---- */

static bool same_member(const cJSON *a, const cJSON *b, const char *name)
{
	return cJSON_Compare(sdp_doc_member(a, name), sdp_doc_member(b, name), true);
}

/*
 * Returns whether a document differs from the last one. The remaining time changes always and does
 * not count.
 */
static bool is_news(const cJSON *doc, const cJSON *last)
{
	return !last || !same_member(doc, last, "status") || !same_member(doc, last, "progress") ||
	       !same_member(doc, last, "phase");
}

static int print_line(struct sdp_output *out, const cJSON *doc, struct sdp_err *err)
{
	static const struct sdp_doc_style style = {.format = SDP_DOC_JSON};
	struct sdp_buf text = {0};
	int rc = sdp_doc_print(doc, &style, &text, err);
	if (rc == 0)
		rc = sdp_output_write(out, text.data, text.length, err);
	if (rc == 0)
		rc = sdp_output_flush(out, err);
	sdp_buf_release(&text);
	return rc;
}

static void show_line(struct sdp_progress_line *line, const cJSON *doc)
{
	const char *phase = sdp_doc_get_text(doc, "phase");
	double fraction = sdp_doc_get_number(doc, "progress", 0);
	line->left = sdp_doc_get_number(doc, "eta_seconds", -1);
	if (line->how != SDP_PROGRESS_NONE && phase)
		sdp_progress_line_show(line,
				       &(struct sdp_progress){phase, 1, (uint64_t)(fraction * 1e4),
							      10000});
}

/*
 * Follows a job to its end. Prints one document per line to out, or a progress line if out is NULL.
 */
static int follow(struct job_call *call, struct sdp_output *out, struct sdp_job *job,
		  struct sdp_err *err)
{
	struct sdp_progress_line line;
	cJSON *last = NULL;
	unsigned turn = 0;
	int rc = 0;
	sdp_progress_line_init(&line, "sdp-job", &call->params->common);
	for (;;) {
		if ((rc = sdp_job_load(job, &call->store, call->id, err)) < 0)
			break;
		cJSON *doc = sdp_job_document(job, &call->store, false, err);
		rc = doc ? 0 : -1;
		if (rc == 0 && !out)
			show_line(&line, doc);
		else if (rc == 0 && is_news(doc, last))
			rc = print_line(out, doc, err);
		cJSON_Delete(last);
		last = doc;
		if (rc < 0 || sdp_job_ended(job))
			break;
		sdp_job_release(job);
		if ((rc = pause_between(&call->store, &turn, err)) < 0)
			break;
	}
	sdp_progress_line_end(&line);
	if (rc == 0 && out)
		job_warn_skipped(job, last);
	cJSON_Delete(last);
	return rc;
}

int job_show_status(struct job_call *call, struct sdp_err *err)
{
	struct sdp_job job = {0};
	struct sdp_output out;
	int rc = look(&call->store, err);
	if (rc < 0)
		return -1;
	if (!call->params->follow || !job_json_wanted(&call->params->common)) {
		rc = call->params->follow ? follow(call, NULL, &job, err)
					  : sdp_job_load(&job, &call->store, call->id, err);
		if (rc == 0)
			rc = job_print(call, &job, err);
		sdp_job_release(&job);
		return rc;
	}
	if (sdp_output_open(&out, call->params->common.output, err) < 0)
		return -1;
	rc = follow(call, &out, &job, err);
	sdp_job_release(&job);
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

int job_wait(struct job_call *call, struct sdp_err *err)
{
	struct sdp_job job = {0};
	int rc = sdp_job_maintain(&call->store, false, err);
	if (rc == 0)
		rc = follow(call, NULL, &job, err);
	if (rc == 0)
		rc = job_print(call, &job, err);
	if (rc == 0 && job.status != SDP_JOB_SUCCEEDED) {
		int code = job.end.exit_code >= SDP_DATA && job.end.exit_code <= SDP_SYSTEM
				   ? job.end.exit_code
				   : SDP_SYSTEM;
		rc = sdp_fail(err, (enum sdp_code)code, "job %s %s%s%.800s", job.id,
			      job.status == SDP_JOB_CANCELLED ? "was cancelled" : "failed",
			      *job.end.error ? ": " : "", job.end.error);
	}
	sdp_job_release(&job);
	return rc;
}

/* ---- logs ---- */

/* Copies the bytes after *at to out and advances *at. Returns 0, SDP_ABSENT or -1. */
static int copy_new_bytes(const struct sdp_folder *store, const char *path, off_t *at,
			  struct sdp_output *out, struct sdp_err *err)
{
	char bytes[1 << 14];
	int fd = sdp_folder_open_file(store, path, O_RDONLY, err), rc = 0;
	ssize_t n = 0;
	if (fd < 0)
		return fd;
	while (rc == 0 && (n = sdp_read_at(fd, bytes, sizeof bytes, (uint64_t)*at)) > 0) {
		*at += n;
		rc = sdp_output_write(out, bytes, (size_t)n, err);
	}
	if (n < 0)
		rc = sdp_fail_errno(err, "cannot read %s/%s", store->path, path);
	close(fd);
	return rc < 0 ? -1 : sdp_output_flush(out, err);
}

static int follow_log(struct job_call *call, const char *path, struct sdp_output *out,
		      struct sdp_err *err)
{
	unsigned turn = 0;
	off_t at = 0;
	for (;;) {
		struct sdp_job job;
		if (sdp_job_load(&job, &call->store, call->id, err) < 0)
			return -1;
		bool more = call->params->follow && !sdp_job_ended(&job);
		sdp_job_release(&job);
		/* If the job has ended, its log is complete now. */
		if (copy_new_bytes(&call->store, path, &at, out, err) == -1)
			return -1;
		if (!more)
			return 0;
		if (pause_between(&call->store, &turn, err) < 0)
			return -1;
	}
}

/* Prints a whole file unchanged. Returns 0, SDP_ABSENT or -1. */
static int print_bytes(struct job_call *call, const char *path, struct sdp_err *err)
{
	struct sdp_output out;
	off_t at = 0;
	if (sdp_output_open(&out, call->params->common.output, err) < 0)
		return -1;
	int rc = copy_new_bytes(&call->store, path, &at, &out, err);
	if (rc == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return rc;
}

int job_show_logs(struct job_call *call, struct sdp_err *err)
{
	struct sdp_output out;
	char path[SDP_JOB_PATH];
	if (look(&call->store, err) < 0 ||
	    sdp_output_open(&out, call->params->common.output, err) < 0)
		return -1;
	if (follow_log(call, sdp_job_file(path, call->id, "log"), &out, err) == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

/* ---- documents of other programs ---- */

/*
 * Checks that a file is JSON to its end, before anything of it is printed. Returns 0, SDP_ABSENT or
 * -1.
 */
static int check_json(const struct sdp_folder *store, const char *path, struct sdp_err *err)
{
	char bytes[1 << 14];
	int fd = sdp_folder_open_file(store, path, O_RDONLY, err);
	struct sdp_json_validator *check = fd < 0 ? NULL : sdp_json_validator_new(NULL, false, err);
	ssize_t n = 1;
	int rc = check ? 0 : fd < 0 ? fd : -1;
	for (uint64_t at = 0; rc == 0 && n > 0; at += n > 0 ? (uint64_t)n : 0) {
		n = sdp_read_at(fd, bytes, sizeof bytes, at);
		rc = n < 0 ? sdp_fail_errno(err, "cannot read %s/%s", store->path, path)
			   : sdp_json_validator_feed(check, bytes, (size_t)n, err);
	}
	if (rc == 0)
		rc = sdp_json_validator_end(check, err);
	sdp_json_validator_free(check);
	sdp_file_close(fd);
	struct sdp_err why = *err;
	return rc == -1 && why.code == SDP_DATA ? sdp_fail(err, SDP_DATA, "%s/%s is damaged: %s",
							   store->path, path, why.text)
						: rc;
}

/*
 * Prints a document that is stored as JSON: unchanged, or converted to another format. Returns 0,
 * SDP_ABSENT or -1.
 */
static int print_document(struct job_call *call, const char *path, struct sdp_err *err)
{
	enum { MOST = 1 << 30 };
	struct sdp_buf text = {0};
	int rc = check_json(&call->store, path, err);
	if (rc != 0)
		return rc;
	if (job_json_wanted(&call->params->common) && !call->params->common.digits)
		return print_bytes(call, path, err);
	rc = sdp_folder_read(&call->store, path, MOST, &text, err);
	cJSON *doc = rc == 0 ? sdp_doc_parse(text.data, text.length, err) : NULL;
	if (rc == 0)
		rc = doc ? sdp_output_document(&call->params->common, doc, err) : -1;
	cJSON_Delete(doc);
	sdp_buf_release(&text);
	return rc;
}

static int print_file(struct job_call *call, const char *name, const char *what,
		      struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	struct sdp_job job;
	if (look(&call->store, err) < 0 || sdp_job_load(&job, &call->store, call->id, err) < 0)
		return -1;
	int rc = print_document(call, sdp_job_file(path, job.id, name), err);
	if (rc == SDP_ABSENT)
		rc = sdp_fail(err, SDP_DATA, "job %s (%s) has no %s", job.id,
			      sdp_job_status_name(job.status), what);
	sdp_job_release(&job);
	return rc;
}

int job_show_metrics(struct job_call *call, struct sdp_err *err)
{
	return print_file(call, "metrics.json", "metrics", err);
}

int job_show_result(struct job_call *call, struct sdp_err *err)
{
	struct sdp_buf name = {0};
	struct sdp_job job;
	char quoted[80], what[100];
	const char *task = call->operands[1];
	bool known = false;
	const cJSON *item;
	if (sdp_job_load(&job, &call->store, call->id, err) < 0)
		return -1;
	cJSON_ArrayForEach(item, sdp_doc_member(job.request, "tasks")) known |=
		cJSON_IsString(item) && strcmp(item->valuestring, task) == 0;
	sdp_job_release(&job);
	sdp_quote(quoted, sizeof quoted, task, strlen(task));
	if (!known)
		return sdp_fail(err, SDP_USAGE, "job %s has no task %s", call->id, quoted);
	snprintf(what, sizeof what, "result of %s", quoted);
	int rc = sdp_buf_format(&name, err, "results/%s", task);
	if (rc == 0)
		rc = print_file(call, name.data, what, err);
	sdp_buf_release(&name);
	return rc;
}

/* ---- all jobs ---- */

struct readable {
	const struct sdp_folder *store;
	int (*each)(void *context, const struct sdp_job *job, cJSON *doc, struct sdp_err *err);
	void *context;
	int sick;
};

static int take_readable(void *context, const char *id, struct sdp_err *err)
{
	struct readable *r = context;
	struct sdp_job job;
	int rc = sdp_job_load(&job, r->store, id, err);
	if (rc == SDP_ABSENT || rc == SDP_JOB_ABANDONED)
		return 0; /* it was removed meanwhile */
	cJSON *doc = rc == 0 ? sdp_job_document(&job, r->store, true, err) : NULL;
	if (doc)
		rc = r->each(r->context, &job, doc, err);
	else if (rc == -1 || sdp_job_no_memory(err))
		rc = -1;
	else {
		sdp_warn("job %s cannot be read: %s", id, err->text);
		r->sick++;
		rc = 0;
	}
	sdp_job_release(&job);
	return rc;
}

int job_each(const struct sdp_folder *store,
	     int (*each)(void *context, const struct sdp_job *job, cJSON *doc, struct sdp_err *err),
	     void *context, int *sick, struct sdp_err *err)
{
	struct readable r = {store, each, context, 0};
	int rc = sdp_job_each(store, "", take_readable, &r, err);
	*sick = r.sick;
	return rc;
}

static int list_one(void *context, const struct sdp_job *job, cJSON *doc, struct sdp_err *err)
{
	(void)job;
	return cJSON_AddItemToArray(context, doc) ? 0 : sdp_fail_memory(err);
}

int job_show_list(struct job_call *call, struct sdp_err *err)
{
	cJSON *docs = cJSON_CreateArray();
	struct sdp_err queue;
	int sick = 0, rc = docs ? 0 : sdp_fail_memory(err);
	/* What is wrong with the queue does not hide its jobs, but is the outcome. */
	bool looked = rc == 0 && sdp_job_maintain(&call->store, false, &queue) == 0;
	if (rc == 0 && !looked && sdp_job_no_memory(&queue))
		rc = sdp_fail_memory(err);
	if (rc == 0)
		rc = job_each(&call->store, list_one, docs, &sick, err);
	if (rc == 0)
		rc = job_print_list(call, docs, err);
	if (rc == 0 && !looked)
		rc = sdp_fail(err, queue.code, "%s", queue.text);
	if (rc == 0 && sick)
		rc = sdp_fail(err, SDP_SYSTEM, "jobs that cannot be read: %d", sick);
	cJSON_Delete(docs);
	return rc;
}

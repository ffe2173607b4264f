/* The commands that show jobs: status, logs, metrics, result, list, wait. */
#include "cli/progress.h"
#include "job.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <errno.h>
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
static int pause_between(const struct sdp_job_store *store, unsigned *turn, struct sdp_err *err)
{
	struct timespec t = {0, TURN};
	nanosleep(&t, NULL);
	return ++*turn % MAINTAIN ? 0 : sdp_job_maintain(store, false, err);
}

/* ---- status, wait ---- */

static bool same_member(const cJSON *a, const cJSON *b, const char *name)
{
	return cJSON_Compare(cJSON_GetObjectItemCaseSensitive(a, name),
			     cJSON_GetObjectItemCaseSensitive(b, name), true);
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
	const cJSON *progress = cJSON_GetObjectItemCaseSensitive(doc, "progress");
	const char *phase = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(doc, "phase"));
	double fraction =
		progress && progress->valuestring ? strtod(progress->valuestring, NULL) : 0;
	const cJSON *eta = cJSON_GetObjectItemCaseSensitive(doc, "eta_seconds");
	line->left = eta && eta->valuestring ? strtod(eta->valuestring, NULL) : -1;
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
	int rc = sdp_job_maintain(&call->store, false, err);
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
		int code = job.exit_code >= SDP_DATA && job.exit_code <= SDP_SYSTEM ? job.exit_code
										    : SDP_SYSTEM;
		rc = sdp_fail(err, (enum sdp_code)code, "job %s %s%s%.800s", job.id,
			      job.status == SDP_JOB_CANCELLED ? "was cancelled" : "failed",
			      *job.error ? ": " : "", job.error);
	}
	sdp_job_release(&job);
	return rc;
}

/* ---- logs ---- */

/* Copies the bytes after *at to out and advances *at. */
static int copy_new_bytes(const char *path, off_t *at, struct sdp_output *out, struct sdp_err *err)
{
	char bytes[1 << 14];
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	ssize_t n = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : sdp_fail_errno(err, "cannot read %s", path);
	while (rc == 0 && (n = sdp_read_at(fd, bytes, sizeof bytes, (uint64_t)*at)) > 0) {
		*at += n;
		rc = sdp_output_write(out, bytes, (size_t)n, err);
	}
	if (n < 0)
		rc = sdp_fail_errno(err, "cannot read %s", path);
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
		if (copy_new_bytes(path, &at, out, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (pause_between(&call->store, &turn, err) < 0)
			return -1;
	}
}

/* Prints a whole file unchanged. */
static int print_bytes(struct job_call *call, const char *path, struct sdp_err *err)
{
	struct sdp_output out;
	off_t at = 0;
	if (sdp_output_open(&out, call->params->common.output, err) < 0)
		return -1;
	if (copy_new_bytes(path, &at, &out, err) == 0)
		return sdp_output_close(&out, err);
	sdp_output_abandon(&out);
	return -1;
}

int job_show_logs(struct job_call *call, struct sdp_err *err)
{
	struct sdp_output out;
	char *path = sdp_job_maintain(&call->store, false, err) < 0
			     ? NULL
			     : sdp_job_path(&call->store, call->id, "log", err);
	int rc = path ? sdp_output_open(&out, call->params->common.output, err) : -1;
	if (rc == 0 && (rc = follow_log(call, path, &out, err)) < 0)
		sdp_output_abandon(&out);
	else if (rc == 0)
		rc = sdp_output_close(&out, err);
	free(path);
	return rc;
}

/* ---- documents of other programs ---- */

/* Prints a document that is stored as JSON: unchanged, or converted to another format. */
static int print_document(struct job_call *call, const char *path, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	if (job_json_wanted(&call->params->common) && !call->params->common.digits)
		return print_bytes(call, path, err);
	int rc = sdp_job_read_file(path, &text, err);
	cJSON *doc = rc == 1 ? sdp_doc_parse(text.data, text.length, err) : NULL;
	rc = doc ? sdp_output_document(&call->params->common, doc, err) : -1;
	cJSON_Delete(doc);
	sdp_buf_release(&text);
	return rc;
}

static int print_file(struct job_call *call, const char *name, const char *what,
		      struct sdp_err *err)
{
	struct sdp_job job;
	if (sdp_job_maintain(&call->store, false, err) < 0 ||
	    sdp_job_load(&job, &call->store, call->id, err) < 0)
		return -1;
	char *path = sdp_job_path(&call->store, job.id, name, err);
	int rc = !path ? -1
		 : access(path, F_OK) == 0
			 ? print_document(call, path, err)
			 : sdp_fail(err, SDP_DATA, "job %s (%s) has no %s", job.id,
				    sdp_job_status_name(job.status), what);
	free(path);
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
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(job.request, "tasks")) known |=
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

/* ---- list ---- */

struct listing {
	const struct sdp_job_store *store;
	cJSON *docs;
};

static int list_one(void *context, const char *id, struct sdp_err *err)
{
	struct listing *l = context;
	struct sdp_job job;
	struct sdp_err why;
	if (sdp_job_load(&job, l->store, id, &why) < 0) {
		sdp_warn("%s", why.text); /* it is damaged, or was pruned meanwhile */
		return 0;
	}
	cJSON *doc = sdp_job_document(&job, l->store, true, err);
	sdp_job_release(&job);
	if (doc && cJSON_AddItemToArray(l->docs, doc))
		return 0;
	return doc ? sdp_fail_memory(err) : -1;
}

int job_show_list(struct job_call *call, struct sdp_err *err)
{
	struct listing l = {&call->store, cJSON_CreateArray()};
	int rc = l.docs ? sdp_job_maintain(&call->store, false, err) : sdp_fail_memory(err);
	if (rc == 0)
		rc = sdp_job_store_each(&call->store, "", list_one, &l, err);
	if (rc == 0)
		rc = job_print_list(call, l.docs, err);
	cJSON_Delete(l.docs);
	return rc;
}

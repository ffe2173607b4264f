/* Derives the state of a job from its events and from whether it has a runner. */
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *sdp_job_status_name(enum sdp_job_status status)
{
	static const char *const names[] = {"pending", "running", "succeeded", "failed",
					    "cancelled"};
	return names[status];
}

static void read_line(const char *path, char *out, size_t size)
{
	struct sdp_buf text = {0};
	struct sdp_err err;
	out[0] = '\0';
	if (sdp_job_read_file(path, &text, &err) == 1)
		snprintf(out, size, "%.*s", (int)strcspn(text.data, "\n"), text.data);
	sdp_buf_release(&text);
}

void sdp_job_boot(char out[64])
{
	read_line("/proc/sys/kernel/random/boot_id", out, 64);
}

/* Returns field 22 of "PID (any name) STATE PARENT …". */
unsigned long long sdp_job_process_start(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	read_line(path, text, sizeof text);
	const char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

/* ---- events ---- */

static const char *text_of(const cJSON *event, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, name));
	return text ? text : "";
}

static double number_of(const cJSON *event, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(event, name);
	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 0x1p53
		       ? item->valuedouble
		       : 0;
}

#define COPY(to, text) snprintf(to, sizeof(to), "%s", text)

static void queue(struct sdp_job *job, const char *at)
{
	job->status = SDP_JOB_PENDING;
	job->cancelling = false;
	job->exit_code = 0;
	job->started_at[0] = job->finished_at[0] = job->error[0] = job->phase[0] = '\0';
	COPY(job->queued_at, at);
}

static void begin(struct sdp_job *job, const char *at)
{
	job->status = SDP_JOB_RUNNING;
	job->attempts++;
	job->pid = 0;
	COPY(job->started_at, at);
	COPY(job->phase, "starting");
}

static void end(struct sdp_job *job, enum sdp_job_status status, const cJSON *event)
{
	if (sdp_job_ended(job)) /* only the first end counts */
		return;
	job->status = status;
	job->exit_code = (int)number_of(event, "exit_code");
	COPY(job->finished_at, text_of(event, "at"));
	COPY(job->error, text_of(event, "error"));
}

static void take_event(struct sdp_job *job, const cJSON *event)
{
	const char *name = text_of(event, "event"), *at = text_of(event, "at");
	if (strcmp(name, "submitted") == 0 || strcmp(name, "retried") == 0) {
		queue(job, at);
	} else if (strcmp(name, "started") == 0) {
		begin(job, at);
	} else if (strcmp(name, "runner") == 0) {
		job->pid = (pid_t)number_of(event, "pid");
		job->start_ticks = (unsigned long long)number_of(event, "born");
		COPY(job->boot, text_of(event, "boot_id"));
	} else if (strcmp(name, "phase") == 0) {
		COPY(job->phase, text_of(event, "phase"));
	} else if (strcmp(name, "cancel") == 0) {
		job->cancelling = true;
	} else if (strcmp(name, "succeeded") == 0) {
		end(job, SDP_JOB_SUCCEEDED, event);
	} else if (strcmp(name, "failed") == 0 || strcmp(name, "lost") == 0) {
		end(job, SDP_JOB_FAILED, event);
	} else if (strcmp(name, "cancelled") == 0) {
		end(job, SDP_JOB_CANCELLED, event);
	}
}

/* Applies all complete lines. An incomplete line is being written, or was cut off by a crash. */
static void take_events(struct sdp_job *job, const struct sdp_buf *text)
{
	const char *at = text->data, *newline;
	while ((newline = memchr(at, '\n', text->length - (size_t)(at - text->data)))) {
		cJSON *event = cJSON_ParseWithLength(at, (size_t)(newline - at));
		if (event)
			take_event(job, event);
		cJSON_Delete(event);
		at = newline + 1;
	}
}

static int load_events(struct sdp_job *job, const struct sdp_job_store *store, struct sdp_err *err)
{
	struct sdp_buf text = {0};
	char *path = sdp_job_path(store, job->id, "events.ndjson", err);
	int rc = path ? sdp_job_read_file(path, &text, err) : -1;
	job->attempts = 0;
	queue(job, text_of(job->request, "created_at"));
	if (rc == 1 && text.length)
		take_events(job, &text);
	free(path);
	sdp_buf_release(&text);
	return rc < 0 ? -1 : 0;
}

const char *sdp_job_death(const struct sdp_job *job)
{
	char boot[64];
	sdp_job_boot(boot);
	return job->boot[0] && strcmp(job->boot, boot) != 0
		       ? "the machine went down while it ran; sdp-job retry goes on with it"
		       : "its runner was killed; sdp-job retry goes on with it";
}

int sdp_job_load(struct sdp_job *job, const struct sdp_job_store *store, const char *id,
		 struct sdp_err *err)
{
	struct sdp_buf text = {0};
	*job = (struct sdp_job){0};
	snprintf(job->id, sizeof job->id, "%s", id);
	char *path = sdp_job_path(store, id, "job.json", err);
	int rc = path ? sdp_job_read_file(path, &text, err) : -1;
	if (rc == 0)
		rc = sdp_fail(err, SDP_DATA, "there is no job %s in %s", id, store->root);
	else if (rc == 1)
		rc = (job->request = cJSON_ParseWithLength(text.data, text.length))
			     ? 0
			     : sdp_fail(err, SDP_DATA, "%s is damaged", path);
	/*
	 * A runner releases the lock after its last event. A job is therefore dead if it appears as
	 * running twice while nobody held the lock in between.
	 */
	int attempt = -1;
	while (rc == 0 && (rc = load_events(job, store, err)) == 0 &&
	       job->status == SDP_JOB_RUNNING && !sdp_job_locked(store, id)) {
		job->dead = attempt == job->attempts;
		if (job->dead)
			break;
		attempt = job->attempts;
	}
	free(path);
	sdp_buf_release(&text);
	if (rc < 0)
		sdp_job_release(job);
	return rc;
}

void sdp_job_release(struct sdp_job *job)
{
	cJSON_Delete(job->request);
	job->request = NULL;
}

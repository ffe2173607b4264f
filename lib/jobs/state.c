/* Derives the state of a job from its events and from whether it has a runner. */
#include "base/file.h"
#include "base/json_tree.h"
#include "base/utf8.h"
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The largest files that are read, in bytes. */
enum { REQUEST_MOST = 4 << 20, EVENTS_MOST = 64 << 20 };

const char *sdp_job_status_name(enum sdp_job_status status)
{
	static const char *const names[] = {"pending", "running", "succeeded", "failed",
					    "cancelled"};
	return names[status];
}

bool sdp_job_no_memory(const struct sdp_err *err)
{
	struct sdp_err memory;
	sdp_fail_memory(&memory);
	return err->code == memory.code && strcmp(err->text, memory.text) == 0;
}

void sdp_job_boot(char out[64])
{
	sdp_file_read_start("/proc/sys/kernel/random/boot_id", out, 64);
	out[strcspn(out, "\n")] = '\0';
}

/* Returns field 22 of "PID (any name) STATE PARENT …". */
unsigned long long sdp_job_process_start(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	sdp_file_read_start(path, text, sizeof text);
	const char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static const char *text_of(const cJSON *event, const char *name)
{
	const char *text = sdp_doc_get_text(event, name);
	return text ? text : "";
}

/* ---- events ---- */

#define COPY(to, text) snprintf(to, sizeof(to), "%s", text)

static void queue(struct sdp_job *job, const char *at)
{
	job->status = SDP_JOB_PENDING;
	job->cancelling = false;
	job->end = (struct sdp_job_end){0};
	job->started_at[0] = job->phase[0] = '\0';
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
	job->status = job->end.status = status;
	job->end.exit_code = (int)sdp_doc_get_count(event, "exit_code", 0);
	COPY(job->end.at, text_of(event, "at"));
	COPY(job->end.error, text_of(event, "error"));
	job->last = job->end;
	job->hook_due = sdp_doc_get_text(job->request, "on_finish") != NULL;
}

/* Returns whether the event is one of those with which the events of a job begin. */
static bool take_event(struct sdp_job *job, const cJSON *event)
{
	const char *name = text_of(event, "event"), *at = text_of(event, "at");
	bool submitted = strcmp(name, "submitted") == 0, prepared = strcmp(name, "prepared") == 0;
	if (submitted || prepared) {
		job->prepared = prepared;
	} else if (strcmp(name, "retried") == 0) {
		queue(job, at);
	} else if (strcmp(name, "started") == 0) {
		begin(job, at);
	} else if (strcmp(name, "runner") == 0) {
		job->pid = (pid_t)sdp_doc_get_count(event, "pid", 0);
		job->start_ticks = sdp_doc_get_count(event, "born", 0);
		COPY(job->boot, text_of(event, "boot_id"));
	} else if (strcmp(name, "phase") == 0) {
		COPY(job->phase, text_of(event, "phase"));
	} else if (strcmp(name, "cancel") == 0) {
		job->cancelling = true;
	} else if (strcmp(name, "on_finish") == 0) {
		job->hook_due = false;
	} else if (strcmp(name, "succeeded") == 0) {
		end(job, SDP_JOB_SUCCEEDED, event);
	} else if (strcmp(name, "failed") == 0 || strcmp(name, "lost") == 0) {
		end(job, SDP_JOB_FAILED, event);
	} else if (strcmp(name, "cancelled") == 0) {
		end(job, SDP_JOB_CANCELLED, event);
	}
	return submitted || prepared;
}

/*
 * Applies all complete lines. An incomplete line is being written, or was cut off by a crash: then
 * the next event is on a new line, and the part is skipped.
 */
static int take_events(struct sdp_job *job, const struct sdp_buf *text, struct sdp_err *err)
{
	const char *at = text->data, *newline;
	bool begun = false;
	while (at && (newline = memchr(at, '\n', text->length - (size_t)(at - text->data)))) {
		cJSON *event = sdp_json_tree_parse(at, (size_t)(newline - at), NULL, err);
		if (!event && err->code != SDP_DATA)
			return -1;
		begun |= event && take_event(job, event);
		cJSON_Delete(event);
		at = newline + 1;
	}
	return begun ? 0 : sdp_fail(err, SDP_DATA, "it does not record the submission of the job");
}

/* Reads a file that every job has. */
static int read_file(const struct sdp_folder *store, const char *path, size_t most,
		     struct sdp_buf *text, struct sdp_err *err)
{
	int rc = sdp_folder_read(store, path, most, text, err);
	return rc == SDP_ABSENT
		       ? sdp_fail(err, SDP_DATA, "there is no file %s/%s", store->path, path)
		       : rc;
}

/* Says in which file the error is that err describes, if it is one. */
static int damaged(const struct sdp_folder *store, const char *path, struct sdp_err *err)
{
	struct sdp_err why = *err;
	return why.code == SDP_DATA ? sdp_fail(err, SDP_DATA, "%s/%s is damaged: %s", store->path,
					       path, why.text)
				    : -1;
}

static int check_utf8(const struct sdp_buf *text, struct sdp_err *err)
{
	return sdp_utf8_valid(text->data, text->length) < text->length
		       ? sdp_fail(err, SDP_DATA, "it is not UTF-8")
		       : 0;
}

static int load_events(struct sdp_job *job, const struct sdp_folder *store, struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	struct sdp_buf text = {0};
	cJSON *request = job->request;
	*job = (struct sdp_job){.request = request};
	memcpy(job->id, text_of(request, "job_id"), SDP_UUID_LENGTH);
	queue(job, text_of(request, "created_at"));
	int rc = read_file(store, sdp_job_file(path, job->id, "events.ndjson"), EVENTS_MOST, &text,
			   err);
	if (rc == 0 && (check_utf8(&text, err) < 0 || take_events(job, &text, err) < 0))
		rc = damaged(store, path, err);
	sdp_buf_release(&text);
	return rc;
}

/* ---- a job ---- */

const char *sdp_job_death(const struct sdp_job *job)
{
	char boot[64];
	sdp_job_boot(boot);
	return job->boot[0] && strcmp(job->boot, boot) != 0
		       ? "the machine went down while it ran; sdp-job retry goes on with it"
		       : "its runner was killed; sdp-job retry goes on with it";
}

/* Returns whether the member is an array that is not empty, of items of a kind. */
static bool has_list(const cJSON *request, const char *name, cJSON_bool (*is)(const cJSON *))
{
	const cJSON *item, *list = sdp_doc_member(request, name);
	bool all = cJSON_IsArray(list) && list->child;
	cJSON_ArrayForEach(item, list) all = all && is(item);
	return all;
}

/* Returns whether the item is a whole number as it is in each request, 1 to 1000. */
static cJSON_bool is_count(const cJSON *item)
{
	return cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= 1000 &&
	       item->valuedouble == item->valueint;
}

/*
 * Parses the request, and checks what other functions take for granted. With a max_jobs of 0 a job
 * would not only wait for ever, but also all jobs behind it.
 */
static int take_request(struct sdp_job *job, const char *id, const struct sdp_buf *text,
			struct sdp_err *err)
{
	if (check_utf8(text, err) < 0)
		return -1;
	job->request = sdp_json_tree_parse(text->data, text->length, NULL, err);
	if (!job->request)
		return -1;
	if (strcmp(text_of(job->request, "job_id"), id) != 0 ||
	    !has_list(job->request, "tasks", cJSON_IsString) ||
	    !has_list(job->request, "worker_counts", is_count) ||
	    !is_count(sdp_doc_member(job->request, "max_jobs")) ||
	    !is_count(sdp_doc_member(job->request, "runs")) ||
	    !*text_of(job->request, "created_at"))
		return sdp_fail(err, SDP_DATA, "it is not the request of this job");
	return 0;
}

static int load_request(struct sdp_job *job, const struct sdp_folder *store, const char *id,
			struct sdp_err *err)
{
	char path[SDP_JOB_PATH];
	struct sdp_buf text = {0};
	int rc = read_file(store, sdp_job_file(path, id, "job.json"), REQUEST_MOST, &text, err);
	if (rc == 0 && take_request(job, id, &text, err) < 0)
		rc = damaged(store, path, err);
	sdp_buf_release(&text);
	return rc;
}

/*
 * Reads the events and the lock. A runner releases the lock after its last event. A job is
 * therefore dead if it appears as running twice while nobody held the lock in between. The same is
 * true of a submitter.
 */
static int load_state(struct sdp_job *job, const struct sdp_folder *store, struct sdp_err *err)
{
	for (int seen = -1;; seen = job->attempts) {
		if (load_events(job, store, err) < 0)
			return -1;
		if (job->status != SDP_JOB_RUNNING && !job->prepared)
			return 0;
		int locked = sdp_job_locked(store, job->id, err);
		if (locked)
			return locked < 0 ? -1 : 0;
		if (seen == job->attempts)
			break;
	}
	job->dead = true;
	return 0;
}

int sdp_job_load(struct sdp_job *job, const struct sdp_folder *store, const char *id,
		 struct sdp_err *err)
{
	struct stat st;
	struct sdp_err ignored;
	*job = (struct sdp_job){0};
	int rc = load_request(job, store, id, err);
	if (rc == 0)
		rc = load_state(job, store, err);
	if (rc < 0)
		rc = sdp_job_no_memory(err)                                    ? -1
		     : sdp_folder_stat(store, id, &st, &ignored) == SDP_ABSENT ? SDP_ABSENT
									       : SDP_JOB_SICK;
	else if (job->prepared && job->dead)
		rc = SDP_JOB_ABANDONED;
	if (rc == SDP_ABSENT || rc == SDP_JOB_ABANDONED)
		sdp_fail(err, SDP_DATA, "there is no job %s in %s", id, store->path);
	if (rc < 0)
		sdp_job_release(job);
	return rc;
}

void sdp_job_release(struct sdp_job *job)
{
	cJSON_Delete(job->request);
	job->request = NULL;
}

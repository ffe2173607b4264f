/* The commands that change jobs: submit, cancel, retry, prune. */
#include "base/file.h"
#include "base/signals.h"
#include "base/utf8.h"
#include "cli/cli.h"
#include "job.h"
#include "sdp/doc.h"
#include "sdp/mem.h"
#include "sdp/output.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void sleep_briefly(double seconds)
{
	struct timespec t = {(time_t)seconds, 0};
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

/*
 * Prints the job that a command has changed. On failure, *broken says whether the reader of the
 * output is gone.
 */
static int print_job(const struct job_call *call, const char *id, bool *broken, struct sdp_err *err)
{
	struct sdp_job job;
	*broken = false;
	int rc = sdp_job_load(&job, &call->store, id, err);
	if (rc < 0)
		return -1;
	rc = job_print_changed(call, &job, broken, err);
	sdp_job_release(&job);
	return rc;
}

/* Does the same. If it fails, the message says that the change has been made, and names the job. */
static int print_changed(const struct job_call *call, const char *id, const char *change,
			 struct sdp_err *err)
{
	bool broken;
	if (print_job(call, id, &broken, err) == 0)
		return 0;
	struct sdp_err why = *err;
	sdp_fail(err, why.code, "job %s is %s, but %.800s", id, change, why.text);
	if (broken && !sdp_signals_ignored(SIGPIPE)) {
		sdp_print_error("%s", err->text);
		sdp_signals_broken_pipe();
	}
	return -1;
}

/* ---- submit ---- */

/*
 * Adds a job that is submitted later. Until then it is not started, and it ceases to be a job if
 * this process dies. Returns its lock, or -1.
 */
static int prepare(struct sdp_folder *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
		   struct sdp_err *err)
{
	int held = sdp_job_store_lock(store, true, err);
	int lock = held < 0 ? -1 : sdp_job_add(store, request, id, err);
	sdp_file_close(held);
	return lock;
}

/*
 * Removes a job that has not been submitted. No other process uses it, so the store's lock is not
 * needed. The next command removes what cannot be removed here.
 */
static void withdraw(const struct sdp_folder *store, const char *id)
{
	struct sdp_err ignored;
	if (sdp_job_remove(store, id, &ignored) == 0)
		sdp_job_activate(store, id, false, &ignored);
}

/*
 * Submits a job whose document has been printed, or withdraws it. From then on signals are blocked,
 * because a command that dies of a signal must leave no job.
 */
static int submit(struct sdp_folder *store, const char *id, int lock, struct sdp_err *err)
{
	int held = sdp_job_store_lock(store, true, err), rc = -1;
	sdp_signals_block();
	if (held >= 0)
		rc = sdp_job_submitted(store, id, lock, err);
	if (rc < 0)
		withdraw(store, id);
	sdp_file_close(held);
	return rc;
}

/* Finds out the name of the file.  A FILE of --tasks that is not stored may be a mistyped path. */
static int find_input(const struct job_call *call, cJSON *request, struct sdp_err *err)
{
	if (job_input_name(request, err) == 0)
		return 0;
	if (call->params->tasks && err->code == SDP_DATA && !sdp_uuid_valid(call->operands[0])) {
		struct sdp_err why = *err;
		sdp_fail(err, why.code, "cannot open %.300s: No such file or directory; %.600s",
			 call->operands[0], why.text);
	}
	return -1;
}

/* The command --on-finish runs where the job was submitted. */
static int note_folder(cJSON *request, struct sdp_err *err)
{
	char here[PATH_MAX];
	if (!sdp_doc_get_text(request, "on_finish"))
		return 0;
	return getcwd(here, sizeof here) ? sdp_doc_text(request, "folder", here, err)
					 : sdp_fail_errno(err, "the current folder");
}

/* Returns a text in the request that is not UTF-8, so that JSON cannot hold it, or NULL. */
static const char *bad_text(const cJSON *item)
{
	const char *text = cJSON_GetStringValue(item);
	const char *bad = text && text[sdp_utf8_valid(text, strlen(text))] ? text : NULL;
	for (const cJSON *child = item->child; !bad && child; child = child->next)
		bad = bad_text(child);
	return bad;
}

static int check_texts(const cJSON *request, struct sdp_err *err)
{
	const char *bad = bad_text(request);
	return bad ? sdp_fail(err, SDP_USAGE, "the request: not UTF-8: %.800s", bad) : 0;
}

/*
 * The document is printed before the job is submitted: if it cannot be printed, the user does not
 * know the id of the job, so there must be no job.
 */
int job_submit(struct job_call *call, struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	bool broken = false;
	if (sdp_output_check(&call->params->common, err) < 0)
		return -1;
	cJSON *request =
		job_request_read(call->params, call->count ? call->operands[0] : NULL, err);
	int lock = request && find_input(call, request, err) == 0 &&
				   note_folder(request, err) == 0 && check_texts(request, err) == 0
			   ? prepare(&call->store, request, id, err)
			   : -1;
	cJSON_Delete(request);
	if (lock < 0)
		return -1;
	if (print_job(call, id, &broken, err) == 0)
		return submit(&call->store, id, lock, err);
	withdraw(&call->store, id);
	if (broken)
		sdp_signals_broken_pipe();
	return -1;
}

/* ---- cancel ---- */

enum next { DONE, SIGNAL, FAILED };

/* Fails if the job has ended in another way. */
static int check_end(const struct sdp_job *job, struct sdp_err *err)
{
	return sdp_job_ended(job) && job->status != SDP_JOB_CANCELLED
		       ? sdp_fail(err, SDP_DATA, "job %s has %s already", job->id,
				  sdp_job_status_name(job->status))
		       : 0;
}

/*
 * Ends a pending job, or records that a running one is to be cancelled. The store's lock must be
 * held.
 */
static enum next mark_cancelled(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct sdp_job job;
	enum next next = DONE;
	int rc = sdp_job_maintain_locked(store, err);
	if (rc < 0 || sdp_job_load(&job, store, id, err) < 0)
		return FAILED;
	if (job.status == SDP_JOB_PENDING)
		rc = sdp_job_end(store, id, "cancelled", SDP_SYSTEM, NULL, err);
	else if (job.status == SDP_JOB_RUNNING && (next = SIGNAL) && !job.cancelling)
		rc = sdp_job_event(store, id, "cancel", NULL, err);
	else
		rc = check_end(&job, err);
	sdp_job_release(&job);
	return rc < 0 ? FAILED : next;
}

/*
 * Sends a signal to the process group of the runner. Returns false if the pid may belong to another
 * process now.
 */
static bool send_signal(const struct sdp_folder *store, const struct sdp_job *job, int number)
{
	char boot[64];
	struct sdp_err ignored;
	sdp_job_boot(boot);
	if (job->pid <= 1 || strcmp(boot, job->boot) != 0 ||
	    sdp_job_process_start(job->pid) != job->start_ticks ||
	    sdp_job_locked(store, job->id, &ignored) != 1)
		return false;
	kill(-job->pid, number);
	return true;
}

/* Ends the runner: sends SIGTERM, so that it can clean up, and some seconds later SIGKILL. */
static int stop(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	enum { TURNS = 700, KILL_AFTER = 500 };
	bool asked = false;
	for (int turn = 0; turn < TURNS; turn++) {
		struct sdp_job job;
		if (sdp_job_load(&job, store, id, err) < 0)
			return -1;
		bool runs = job.status == SDP_JOB_RUNNING && !job.dead;
		if (runs && !asked)
			asked = send_signal(store, &job, SIGTERM);
		else if (runs && turn > KILL_AFTER)
			send_signal(store, &job, SIGKILL);
		sdp_job_release(&job);
		if (!runs)
			return 0;
		sleep_briefly(0.01);
	}
	return sdp_fail(err, SDP_SYSTEM, "job %s: its runner cannot be ended", id);
}

int job_cancel(struct job_call *call, struct sdp_err *err)
{
	const char *id = call->id;
	struct sdp_job job;
	if (sdp_job_load(&job, &call->store, id, err) < 0)
		return -1;
	sdp_job_release(&job);
	int lock = sdp_job_store_lock(&call->store, true, err);
	if (lock < 0)
		return -1;
	enum next next = mark_cancelled(&call->store, id, err);
	close(lock);
	if (next == FAILED || (next == SIGNAL && stop(&call->store, id, err) < 0))
		return -1;
	/* Marks the job if the runner could not do so, and starts the next one. */
	if (sdp_job_maintain(&call->store, true, err) < 0 ||
	    sdp_job_load(&job, &call->store, id, err) < 0)
		return -1;
	int rc = check_end(&job, err); /* it may have been faster than the signal */
	sdp_job_release(&job);
	return rc < 0 ? -1 : print_changed(call, id, "cancelled", err);
}

/* ---- retry ---- */

static int queue_again(const struct sdp_folder *store, const char *id, struct sdp_err *err)
{
	struct sdp_job job;
	if (sdp_job_maintain_locked(store, err) < 0 || sdp_job_load(&job, store, id, err) < 0)
		return -1;
	enum sdp_job_status status = job.status;
	sdp_job_release(&job);
	if (status == SDP_JOB_SUCCEEDED)
		return sdp_fail(err, SDP_DATA, "job %s has succeeded: there is nothing left to do",
				id);
	if (status == SDP_JOB_PENDING || status == SDP_JOB_RUNNING)
		return sdp_fail(err, SDP_DATA, "job %s is %s", id, sdp_job_status_name(status));
	if (sdp_job_activate(store, id, true, err) < 0 ||
	    sdp_job_event(store, id, "retried", NULL, err) < 0)
		return -1;
	sdp_job_log(store, id, "retried", 7);
	return sdp_job_maintain_locked(store, err);
}

int job_retry(struct job_call *call, struct sdp_err *err)
{
	const char *id = call->id;
	struct sdp_job job;
	if (sdp_job_load(&job, &call->store, id, err) < 0)
		return -1;
	sdp_job_release(&job);
	int lock = sdp_job_store_lock(&call->store, true, err);
	if (lock < 0)
		return -1;
	int rc = queue_again(&call->store, id, err);
	close(lock);
	return rc < 0 ? -1 : print_changed(call, id, "queued again", err);
}

/* ---- prune ---- */

/* Parses an age: "30d", "12h", "90m", "45s" or "0". */
static int parse_age(const char *text, double *seconds, struct sdp_err *err)
{
	static const struct {
		char unit;
		double seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	char *end;
	char quoted[80];
	double count = *text >= '0' && *text <= '9' ? strtod(text, &end) : -1;
	*seconds = count == 0 && !*end ? 0 : -1;
	for (size_t i = 0;
	     count >= 0 && count < 1e9 && *end && !end[1] && i < sizeof units / sizeof *units; i++)
		if (units[i].unit == *end)
			*seconds = count * units[i].seconds;
	if (*seconds < 0 || strspn(text, "0123456789.") < strlen(text) - 1)
		return sdp_fail(err, SDP_USAGE, "--keep: not an age like 30d, 12h, 90m or 0: %s",
				sdp_quote(quoted, sizeof quoted, text, strlen(text)));
	return 0;
}

struct pruning {
	struct job_call *call;
	double before; /* seconds since 1970 */
	cJSON *docs;
};

/* Returns whether the job is not there any more; a failure is a warning. */
static bool removed(const struct sdp_folder *store, const struct sdp_job *job)
{
	struct stat st;
	struct sdp_err why, ignored;
	if (sdp_job_remove(store, job->id, &why) < 0) {
		sdp_warn("%s", why.text);
		if (sdp_folder_stat(store, job->id, &st, &ignored) != SDP_ABSENT)
			return false;
	}
	if (job->hook_due)
		sdp_warn("job %s is removed, but its --on-finish could not be started", job->id);
	return true;
}

static int prune_one(void *context, const struct sdp_job *job, cJSON *doc, struct sdp_err *err)
{
	struct pruning *p = context;
	const struct sdp_folder *store = &p->call->store;
	if (sdp_job_ended(job) && sdp_timestamp_seconds(job->end.at) <= p->before &&
	    sdp_job_locked(store, job->id, err) == 0 && removed(store, job))
		return cJSON_AddItemToArray(p->docs, doc) ? 0 : sdp_fail_memory(err);
	cJSON_Delete(doc);
	return 0;
}

int job_prune(struct job_call *call, struct sdp_err *err)
{
	struct pruning p = {.call = call, .docs = cJSON_CreateArray()};
	struct timespec now;
	double age = 0;
	int sick;
	clock_gettime(CLOCK_REALTIME, &now);
	int rc = p.docs ? parse_age(call->params->keep, &age, err) : sdp_fail_memory(err);
	int lock = rc == 0 ? sdp_job_store_lock(&call->store, true, err) : -1;
	if (lock >= 0) {
		p.before = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec - age;
		rc = sdp_job_maintain_locked(&call->store, err);
		if (rc == 0)
			rc = job_each(&call->store, prune_one, &p, &sick, err);
		close(lock);
	}
	if (rc == 0 && lock >= 0 && (rc = job_print_list(call, p.docs, err)) < 0 && p.docs->child) {
		struct sdp_err why = *err;
		sdp_fail(err, why.code, "jobs are removed (%d), but %.800s",
			 cJSON_GetArraySize(p.docs), why.text);
	}
	cJSON_Delete(p.docs);
	return lock < 0 ? -1 : rc;
}

/* The commands that change jobs: submit, cancel, retry, prune. */
#include "base/signals.h"
#include "cli/cli.h"
#include "job.h"
#include "sdp/mem.h"
#include "sdp/output.h"

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
 * Removes a job that has not started, as if it had not been submitted. Returns whether it could.
 */
static bool withdraw(const struct sdp_job_store *store, const char *id)
{
	struct sdp_err ignored;
	struct sdp_job job;
	int lock = sdp_job_store_lock(store, true, &ignored);
	if (lock < 0)
		return false;
	bool done = sdp_job_load(&job, store, id, &ignored) == 0;
	if (done) {
		done = job.status == SDP_JOB_PENDING &&
		       sdp_job_store_remove(store, id, &ignored) == 0;
		sdp_job_release(&job);
	}
	/* A mark that stays is removed with the next command. */
	if (done)
		sdp_job_store_activate(store, id, false, &ignored);
	close(lock);
	return done;
}

/*
 * Prints the job that a command has changed. If that fails, the message says that the change has
 * been made, and names the job; a new job that has not started is withdrawn, because nobody knows
 * its id.
 */
static int print_changed(const struct job_call *call, const char *id, const char *change, bool new,
			 struct sdp_err *err)
{
	struct sdp_job job;
	bool broken = false;
	int rc = sdp_job_load(&job, &call->store, id, err);
	if (rc == 0) {
		rc = job_print_changed(call, &job, &broken, err);
		sdp_job_release(&job);
	}
	if (rc == 0)
		return 0;
	bool stays = !new || !withdraw(&call->store, id);
	struct sdp_err why = *err;
	if (stays)
		sdp_fail(err, why.code, "job %s is %s, but %.800s", id, change, why.text);
	if (broken && stays)
		sdp_print_error("%s", err->text);
	if (broken)
		sdp_signals_die_of(SIGPIPE);
	return -1;
}

/* ---- submit ---- */

static int add(const struct sdp_job_store *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
	       struct sdp_err *err)
{
	struct sdp_err why;
	int lock = sdp_job_store_lock(store, true, err);
	if (lock < 0)
		return -1;
	int rc = sdp_job_store_add(store, request, id, err);
	if (rc == 0)
		sdp_job_log(store, id, "submitted", 9);
	/* The job exists now. An error of the queue must not look as if it did not. */
	if (rc == 0 && sdp_job_maintain_locked(store, &why) < 0)
		sdp_warn("%s", why.text);
	close(lock);
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

int job_submit(struct job_call *call, struct sdp_err *err)
{
	char id[SDP_UUID_LENGTH + 1];
	if (sdp_output_check(&call->params->common, err) < 0)
		return -1;
	cJSON *request =
		job_request_read(call->params, call->count ? call->operands[0] : NULL, err);
	int rc = request && find_input(call, request, err) == 0
			 ? add(&call->store, request, id, err)
			 : -1;
	cJSON_Delete(request);
	return rc < 0 ? -1 : print_changed(call, id, "submitted", true, err);
}

/* ---- cancel ---- */

enum next { DONE, SIGNAL, FAILED };

/*
 * Ends a pending job, or records that a running one is to be cancelled. The store's lock must be
 * held.
 */
static enum next mark_cancelled(const struct sdp_job_store *store, const char *id,
				struct sdp_err *err)
{
	struct sdp_job job;
	enum next next = DONE;
	int rc = sdp_job_maintain_locked(store, err);
	if (rc < 0 || sdp_job_load(&job, store, id, err) < 0)
		return FAILED;
	if (job.status == SDP_JOB_PENDING)
		rc = sdp_job_end(store, id, "cancelled", SDP_SYSTEM, NULL, err) < 0
			     ? -1
			     : sdp_job_store_activate(store, id, false, err);
	else if (job.status == SDP_JOB_RUNNING && (next = SIGNAL) && !job.cancelling)
		rc = sdp_job_event(store, id, "cancel", NULL, err);
	else if (sdp_job_ended(&job) && job.status != SDP_JOB_CANCELLED)
		rc = sdp_fail(err, SDP_DATA, "job %s has %s already", id,
			      sdp_job_status_name(job.status));
	sdp_job_release(&job);
	return rc < 0 ? FAILED : next;
}

/*
 * Sends a signal to the process group of the runner. Returns false if the pid may belong to another
 * process now.
 */
static bool send_signal(const struct sdp_job_store *store, const struct sdp_job *job, int number)
{
	char boot[64];
	sdp_job_boot(boot);
	if (job->pid <= 1 || strcmp(boot, job->boot) != 0 ||
	    sdp_job_process_start(job->pid) != job->start_ticks || !sdp_job_locked(store, job->id))
		return false;
	kill(-job->pid, number);
	return true;
}

/* Ends the runner: sends SIGTERM, so that it can clean up, and some seconds later SIGKILL. */
static int stop(const struct sdp_job_store *store, const char *id, struct sdp_err *err)
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
	return sdp_job_maintain(&call->store, true, err) < 0
		       ? -1
		       : print_changed(call, id, "cancelled", false, err);
}

/* ---- retry ---- */

static int queue_again(const struct sdp_job_store *store, const char *id, struct sdp_err *err)
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
	if (sdp_job_store_activate(store, id, true, err) < 0 ||
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
	return rc < 0 ? -1 : print_changed(call, id, "queued again", false, err);
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

static int prune_one(void *context, const char *id, struct sdp_err *err)
{
	struct pruning *p = context;
	struct sdp_job job;
	struct sdp_err why;
	if (sdp_job_load(&job, &p->call->store, id, &why) < 0) {
		sdp_warn("%s", why.text);
		return 0;
	}
	bool old = sdp_job_ended(&job) && sdp_timestamp_seconds(job.finished_at) <= p->before;
	cJSON *doc = old ? sdp_job_document(&job, &p->call->store, true, err) : NULL;
	sdp_job_release(&job);
	if (!old)
		return 0;
	if (!doc || !cJSON_AddItemToArray(p->docs, doc))
		return -1;
	return sdp_job_store_remove(&p->call->store, id, err);
}

int job_prune(struct job_call *call, struct sdp_err *err)
{
	struct pruning p = {.call = call, .docs = cJSON_CreateArray()};
	struct timespec now;
	double age = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	int rc = p.docs ? parse_age(call->params->keep, &age, err) : sdp_fail_memory(err);
	int lock = rc == 0 ? sdp_job_store_lock(&call->store, true, err) : -1;
	if (lock >= 0) {
		p.before = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec - age;
		rc = sdp_job_maintain_locked(&call->store, err);
		if (rc == 0)
			rc = sdp_job_store_each(&call->store, "", prune_one, &p, err);
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

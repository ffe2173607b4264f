/*
 * Makes the document of a job from its request, its events and sdp-bench's journal, which says how
 * far it is.
 */
#include "base/address.h"
#include "base/json_tree.h"
#include "base/utf8.h"
#include "jobs/jobs.h"
#include "sdp/doc.h"
#include "sdp/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The runs of a task with one number of workers. */
struct pair {
	size_t done;
	double seconds;
};

struct journal {
	cJSON *header;
	const cJSON *commands, *workers;
	size_t cases, counts, rounds, warmup, done;
	struct pair *pairs; /* ordered by case */
	long current;       /* the pair that is running, or was when the job ended; -1: none */
	size_t round;
	double since; /* time of the last write to the journal, in seconds since 1970 */
};

static const char *name_of(const cJSON *object)
{
	const char *name = sdp_doc_get_text(object, "name");
	return name ? name : "";
}

/* ---- the journal ---- */

static long find_case(const struct journal *j, const char *name)
{
	const cJSON *item;
	long i = 0;
	cJSON_ArrayForEach(item, j->commands)
	{
		if (strcmp(name_of(item), name) == 0)
			return i;
		i++;
	}
	return -1;
}

static long find_pair(const struct journal *j, const cJSON *line)
{
	const cJSON *item;
	long which = find_case(j, name_of(line)), k = 0;
	cJSON_ArrayForEach(item, j->workers)
	{
		if (which >= 0 && cJSON_IsNumber(item) &&
		    item->valuedouble == (double)sdp_doc_get_count(line, "workers", 0))
			return which * (long)j->counts + k;
		k++;
	}
	return -1;
}

static void take_line(struct journal *j, const cJSON *line)
{
	const char *kind = sdp_doc_get_text(line, "run");
	long at = kind ? find_pair(j, line) : -1;
	if (at < 0)
		return;
	if (strcmp(kind, "begin") == 0) {
		j->current = at;
		j->round = sdp_doc_get_count(line, "round", 0);
	} else if (j->pairs[at].done < j->rounds) {
		j->pairs[at].done++;
		j->pairs[at].seconds += sdp_doc_get_number(line, "wall", 0);
		j->done++;
		j->current = -1;
	}
}

static int take_header(struct journal *j, cJSON *header, struct sdp_err *err)
{
	j->header = header;
	j->commands = sdp_doc_member(header, "commands");
	j->workers = sdp_doc_member(header, "workers");
	j->cases = (size_t)cJSON_GetArraySize(j->commands);
	j->counts = (size_t)cJSON_GetArraySize(j->workers);
	j->warmup = sdp_doc_get_count(header, "warmup", 0);
	j->rounds = j->warmup + sdp_doc_get_count(header, "runs", 0);
	j->pairs = sdp_alloc(j->cases * j->counts, sizeof *j->pairs, err);
	return j->pairs ? 0 : -1;
}

/*
 * Reads the lines of the journal. Like sdp-bench, ignores what follows an incomplete line, as after
 * a crash.
 */
static int take_journal(struct journal *j, const struct sdp_buf *text, struct sdp_err *err)
{
	const char *at = text->data, *newline;
	int rc = 0;
	while (rc == 0 && (newline = memchr(at, '\n', text->length - (size_t)(at - text->data)))) {
		cJSON *line = sdp_json_tree_parse(at, (size_t)(newline - at), NULL, err);
		if (!line)
			return err->code == SDP_DATA ? 0 : -1;
		if (!j->header) {
			rc = take_header(j, line, err);
		} else {
			take_line(j, line);
			cJSON_Delete(line);
		}
		at = newline + 1;
	}
	return rc;
}

static int read_journal(struct journal *j, const struct sdp_job *job,
			const struct sdp_folder *store, struct sdp_err *err)
{
	enum { MOST = 256 << 20 };
	char path[SDP_JOB_PATH];
	struct sdp_buf text = {0};
	struct stat st;
	*j = (struct journal){.current = -1};
	sdp_job_file(path, job->id, "runs.ndjson");
	int rc = sdp_folder_read(store, path, MOST, &text, err);
	if (rc == 0 && (rc = sdp_folder_stat(store, path, &st, err)) == 0)
		j->since = (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9;
	if (rc == 0 && text.length)
		rc = take_journal(j, &text, err);
	sdp_buf_release(&text);
	return rc == SDP_ABSENT ? 0 : rc;
}

/* ---- progress ---- */

static size_t total_runs(const struct journal *j, const struct sdp_job *job)
{
	if (j->header)
		return j->cases * j->counts * j->rounds;
	return (size_t)cJSON_GetArraySize(sdp_doc_member(job->request, "tasks")) *
	       (size_t)cJSON_GetArraySize(sdp_doc_member(job->request, "worker_counts")) *
	       (sdp_doc_get_count(job->request, "runs", 0) +
		sdp_doc_get_count(job->request, "warmup", 0));
}

static double rounded(double value, double unit)
{
	return round(value * unit) / unit;
}

/*
 * Returns the expected duration of a run of this pair: the mean of its runs so far, else of all
 * runs of its task, else of all runs.
 */
static double expected(const struct journal *j, size_t at)
{
	size_t done = j->pairs[at].done, first = at / j->counts * j->counts;
	double seconds = j->pairs[at].seconds;
	for (size_t i = first; done == 0 && i < first + j->counts; i++) {
		done += j->pairs[i].done;
		seconds += j->pairs[i].seconds;
	}
	for (size_t i = 0; done == 0 && i < j->cases * j->counts; i++) {
		done += j->pairs[i].done;
		seconds += j->pairs[i].seconds;
	}
	return done ? seconds / (double)done : NAN;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_left(const struct journal *j)
{
	double left = 0;
	if (!j->header || !j->done)
		return NAN;
	for (size_t i = 0; i < j->cases * j->counts; i++)
		if (j->pairs[i].done < j->rounds)
			left += expected(j, i) * (double)(j->rounds - j->pairs[i].done);
	if (j->current >= 0)
		left -= fmin(fmax(now() - j->since, 0), expected(j, (size_t)j->current));
	return rounded(fmax(left, 0), 10);
}

static void describe_phase(const struct journal *j, const struct sdp_job *job, char phase[160])
{
	const cJSON *workers =
		j->current < 0
			? NULL
			: cJSON_GetArrayItem(j->workers, (int)(j->current % (long)j->counts));
	/*
	 * The last line of the journal may belong to the previous attempt. Timestamps have
	 * milliseconds. A journal without commands has no runs.
	 */
	if (!j->header || j->cases == 0 ||
	    j->since + 0.001 < sdp_timestamp_seconds(job->started_at)) {
		snprintf(phase, 160, "%.*s", (int)sdp_utf8_prefix(job->phase, 80), job->phase);
		return;
	}
	if (!workers) {
		snprintf(phase, 160, "%s",
			 j->done < total_runs(j, job) ? "between two runs"
						      : "writing the statistics");
		return;
	}
	bool measured = j->round >= j->warmup;
	const char *name =
		name_of(cJSON_GetArrayItem(j->commands, (int)(j->current / (long)j->counts)));
	snprintf(phase, 160, "%.*s, %.0f worker%s, %s %zu", (int)sdp_utf8_prefix(name, 80), name,
		 workers->valuedouble, workers->valuedouble == 1 ? "" : "s",
		 measured ? "run" : "warm-up", measured ? j->round - j->warmup + 1 : j->round + 1);
}

/* ---- rows of tasks ---- */

static const char *task_status(const struct journal *j, enum sdp_job_status status, long which,
			       size_t done, const char *reason)
{
	size_t all = j->counts * j->rounds;
	if (reason)
		return "skipped";
	if (which >= 0 && done == all)
		return "succeeded";
	if (status == SDP_JOB_FAILED && which >= 0 && j->current >= 0 &&
	    j->current / (long)j->counts == which)
		return "failed";
	if (status == SDP_JOB_CANCELLED)
		return "cancelled";
	return status == SDP_JOB_RUNNING && which >= 0 ? "running" : "pending";
}

static const char *skipped(const struct journal *j, const char *name)
{
	const cJSON *row;
	cJSON_ArrayForEach(row, sdp_doc_member(j->header,
					       "skipped")) if (strcmp(name_of(row), name) ==
							       0) return sdp_doc_get_text(row,
											  "reason");
	return NULL;
}

static int put_task(cJSON *rows, const struct journal *j, const struct sdp_job *job,
		    enum sdp_job_status status, const char *name, struct sdp_err *err)
{
	long which = find_case(j, name);
	const char *reason = skipped(j, name);
	size_t done = 0, all = reason ? 0 : total_runs(j, job);
	size_t tasks = j->header
			       ? j->cases
			       : (size_t)cJSON_GetArraySize(sdp_doc_member(job->request, "tasks"));
	double seconds = 0;
	cJSON *row = sdp_doc_row(rows, err);
	for (size_t k = 0; which >= 0 && k < j->counts; k++) {
		done += j->pairs[(size_t)which * j->counts + k].done;
		seconds += j->pairs[(size_t)which * j->counts + k].seconds;
	}
	all = tasks ? all / tasks : 0;
	if (!row || sdp_doc_text(row, "name", name, err) < 0 ||
	    sdp_doc_text(row, "status", task_status(j, status, which, done, reason), err) < 0 ||
	    sdp_doc_real(row, "progress", all ? rounded((double)done / (double)all, 1e4) : NAN,
			 err) < 0 ||
	    sdp_doc_count(row, "runs_done", done, err) < 0 ||
	    sdp_doc_count(row, "runs_total", all, err) < 0 ||
	    sdp_doc_real(row, "seconds", rounded(seconds, 1e6), err) < 0)
		return -1;
	return sdp_doc_text(row, "reason", reason, err);
}

/* ---- the whole document ---- */

static int put_copy(cJSON *doc, const cJSON *request, const char *name, struct sdp_err *err)
{
	const cJSON *item = sdp_doc_member(request, name);
	if (!item)
		return sdp_doc_null(doc, name, err);
	if (cJSON_IsNumber(item))
		return sdp_doc_real(doc, name, item->valuedouble, err);
	cJSON *copy = cJSON_Duplicate(item, true);
	return copy && cJSON_AddItemToObject(doc, name, copy) ? 0 : sdp_fail_memory(err);
}

static int put_time(cJSON *doc, const char *name, const char *stamp, struct sdp_err *err)
{
	return sdp_doc_text(doc, name, *stamp ? stamp : NULL, err);
}

static int put_state(cJSON *doc, const struct sdp_job *job, const struct journal *j,
		     enum sdp_job_status status, struct sdp_err *err)
{
	size_t total = total_runs(j, job);
	double progress = total ? (double)j->done / (double)total : 0;
	char phase[160];
	describe_phase(j, job, phase);
	if (status == SDP_JOB_SUCCEEDED)
		progress = 1;
	if (sdp_doc_text(doc, "task", "job", err) < 0 ||
	    sdp_doc_text(doc, "job_id", job->id, err) < 0 ||
	    sdp_doc_text(doc, "status", sdp_job_status_name(status), err) < 0 ||
	    sdp_doc_real(doc, "progress", rounded(progress, 1e4), err) < 0)
		return -1;
	if (status == SDP_JOB_PENDING)
		snprintf(phase, sizeof phase, "queued");
	if (sdp_doc_text(doc, "phase", status == SDP_JOB_SUCCEEDED ? NULL : phase, err) < 0)
		return -1;
	return sdp_doc_real(doc, "eta_seconds",
			    status == SDP_JOB_RUNNING     ? seconds_left(j)
			    : status == SDP_JOB_SUCCEEDED ? 0
							  : NAN,
			    err);
}

/* Shows an address without its secrets, which are for the runner alone. */
static int hide_secrets(cJSON *doc, struct sdp_err *err)
{
	static const char *const members[] = {"file_id", "path"};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof members / sizeof *members; i++) {
		cJSON *item = cJSON_GetObjectItemCaseSensitive(doc, members[i]);
		if (!cJSON_IsString(item))
			continue;
		char *shown = sdp_address_shown(item->valuestring, err);
		rc = !shown ? -1 : !cJSON_SetValuestring(item, shown) ? sdp_fail_memory(err) : 0;
		free(shown);
	}
	return rc;
}

static int put_all(cJSON *doc, const struct sdp_job *job, const struct journal *j, bool brief,
		   struct sdp_err *err)
{
	static const char *const asked[] = {"file_id",       "path",     "name",     "tasks",
					    "worker_counts", "runs",     "warmup",   "seed",
					    "parameters",    "max_jobs", "on_finish"};
	/*
	 * A job whose runner is dead, but which nobody could mark in the store, already gets its
	 * later status.
	 */
	enum sdp_job_status status = !job->dead        ? job->status
				     : job->cancelling ? SDP_JOB_CANCELLED
						       : SDP_JOB_FAILED;
	const char *error = !job->dead ? job->end.error : job->cancelling ? "" : sdp_job_death(job);
	const cJSON *task;
	if (put_state(doc, job, j, status, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (put_copy(doc, job->request, asked[i], err) < 0)
			return -1;
	if (hide_secrets(doc, err) < 0)
		return -1;
	if (cJSON_HasObjectItem(job->request, "pdf_table") &&
	    put_copy(doc, job->request, "pdf_table", err) < 0)
		return -1;
	if (sdp_doc_integer(doc, "attempts", job->attempts, err) < 0 ||
	    put_copy(doc, job->request, "created_at", err) < 0 ||
	    put_time(doc, "started_at", job->started_at, err) < 0 ||
	    put_time(doc, "finished_at", job->end.at, err) < 0 ||
	    (job->dead || sdp_job_ended(job)
		     ? sdp_doc_integer(doc, "exit_code",
				       job->dead ? SDP_SYSTEM : job->end.exit_code, err)
		     : sdp_doc_null(doc, "exit_code", err)) < 0 ||
	    sdp_doc_text(doc, "error", *error ? error : NULL, err) < 0)
		return -1;
	cJSON *rows = brief ? NULL : sdp_doc_array(doc, "progress_by_task", err);
	if (!brief && !rows)
		return -1;
	if (!brief)
		cJSON_ArrayForEach(task, sdp_doc_member(job->request,
							"tasks")) if (cJSON_IsString(task) &&
								      put_task(rows, j, job, status,
									       task->valuestring,
									       err) < 0) return -1;
	return 0;
}

cJSON *sdp_job_document(const struct sdp_job *job, const struct sdp_folder *store, bool brief,
			struct sdp_err *err)
{
	struct journal j;
	int rc = read_journal(&j, job, store, err);
	cJSON *doc = rc == 0 ? cJSON_CreateObject() : NULL;
	if (rc == 0)
		rc = doc ? put_all(doc, job, &j, brief, err) : sdp_fail_memory(err);
	cJSON_Delete(j.header);
	free(j.pairs);
	if (rc == 0)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}

/*
 * The store of jobs, the state of a job, and the queue.
 *
 *	$SDP_HOME/jobs/ID/job.json        the request; never changed
 *	                  events.ndjson   one line per event; lines are only appended
 *	                  lock            locked by the job's runner while it lives
 *	                  runs.ndjson     sdp-bench's journal
 *	                  results/TASK    the output of each task
 *	                  metrics.json    the benchmark document, once it exists
 *	                  log             messages for people
 *	                  input/NAME      the stored file, while it is needed: a link or a copy
 *	             .active/ID           marks a job that has not ended, or whose command
 *	                                  --on-finish has not been started yet
 *	             .tmp/ID              a job that is being added or removed
 *	             .lock                held briefly to add, start, end or remove a job
 *
 * No file contains the status of a job. It follows from the job's events, its journal, and whether
 * its runner holds the lock, which the system releases however the runner dies.
 *
 * A job that cannot be read, or is damaged, does not stop the others: the functions that look at
 * all jobs leave it as it is and go on.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. The caller frees
 * the strings and cJSON trees that a function returns.
 */
#ifndef SDP_JOBS_JOBS_H
#define SDP_JOBS_JOBS_H

#include "base/folder.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "sdp/buf.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <sys/types.h>

/* ---- the store (store.c): the folder $SDP_HOME/jobs ---- */

/* Calls each for the id of every job in FOLDER of the store, in ascending order. */
int sdp_job_each(const struct sdp_folder *store, const char *folder,
		 int (*each)(void *context, const char *id, struct sdp_err *err), void *context,
		 struct sdp_err *err);

/*
 * Writes the id of the one job that word stands for, its id or the beginning of it. Fails with
 * SDP_DATA if there is none, or several, which the message names.
 */
int sdp_job_match(const struct sdp_folder *store, const char *word, char id[SDP_UUID_LENGTH + 1],
		  struct sdp_err *err);

/*
 * Makes the folders and takes the lock of the store. If another process holds it, waits for it or
 * returns SDP_HELD. Otherwise returns a descriptor, which the caller closes to release the lock, or
 * -1.
 */
int sdp_job_store_lock(struct sdp_folder *store, bool wait, struct sdp_err *err);

/*
 * Adds a job for the request, which gets an id and a time. The job is added completely or not at
 * all. Until sdp_job_submitted is called, it is not started, and it ceases to be a job if this
 * process dies. Returns the lock of the job (sdp_job_lock), or -1. The store's lock must be held,
 * here and in the next functions.
 */
int sdp_job_add(const struct sdp_folder *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
		struct sdp_err *err);
/* Removes a job from the store in one step, and then deletes its files. */
int sdp_job_remove(const struct sdp_folder *store, const char *id, struct sdp_err *err);
/* Deletes what processes that died have left in .tmp, as far as possible. */
int sdp_job_sweep(const struct sdp_folder *store, struct sdp_err *err);
/* Marks a job as active or removes this mark. */
int sdp_job_activate(const struct sdp_folder *store, const char *id, bool active,
		     struct sdp_err *err);

/* ---- files of a job (events.c) ---- */

/* Writes the path of a file of a job, relative to the store. */
enum { SDP_JOB_PATH = 200 };
const char *sdp_job_file(char path[SDP_JOB_PATH], const char *id, const char *name);

/*
 * Appends {"event":name,"at":now,…} with the members of more, which may be NULL, to the events, and
 * syncs the file to disk.
 */
int sdp_job_event(const struct sdp_folder *store, const char *id, const char *name,
		  const cJSON *more, struct sdp_err *err);
/* Appends a line with the time to the log. Failures are ignored. */
void sdp_job_log(const struct sdp_folder *store, const char *id, const char *text, size_t length);

/*
 * Takes the lock of a job for its runner. Returns a descriptor, or SDP_HELD if another process
 * holds the lock, or -1.
 */
int sdp_job_lock(const struct sdp_folder *store, const char *id, struct sdp_err *err);
/* Returns 1 if a process holds the lock of the job, such as its runner, or 0, or -1. */
int sdp_job_locked(const struct sdp_folder *store, const char *id, struct sdp_err *err);
/* Returns whether fd is an open descriptor of the job's lock file. */
bool sdp_job_is_lock(const struct sdp_folder *store, const char *id, int fd);

/* ---- the state of a job (state.c) ---- */

enum sdp_job_status {
	SDP_JOB_PENDING,
	SDP_JOB_RUNNING,
	SDP_JOB_SUCCEEDED,
	SDP_JOB_FAILED,
	SDP_JOB_CANCELLED
};

/* The end of an attempt. */
struct sdp_job_end {
	enum sdp_job_status status;
	int exit_code;
	char at[SDP_TIMESTAMP_SIZE]; /* "": not yet */
	char error[1000];
};

struct sdp_job {
	char id[SDP_UUID_LENGTH + 1];
	cJSON *request;
	enum sdp_job_status status;
	bool prepared;   /* it has been added and not been submitted yet */
	bool dead;       /* its runner died without recording an end */
	bool cancelling; /* its cancellation was requested */
	int attempts;
	char queued_at[SDP_TIMESTAMP_SIZE], started_at[SDP_TIMESTAMP_SIZE]; /* "": not yet */
	struct sdp_job_end end;                                             /* of this attempt */
	struct sdp_job_end last; /* of the last attempt that ended */
	bool hook_due;           /* its command --on-finish has not been started after last */
	char phase[80], boot[64];
	pid_t pid;                      /* of the runner; 0: unknown */
	unsigned long long start_ticks; /* start of the runner, in clock ticks since boot */
};

/*
 * What sdp_job_load returns besides 0, SDP_ABSENT and -1, with err filled.  SICK: the job cannot be
 * read (SDP_SYSTEM) or is damaged (SDP_DATA).  ABANDONED: its submitter died before submitting it.
 */
enum { SDP_JOB_SICK = -10, SDP_JOB_ABANDONED = -11 };

/*
 * Reads a job from the store. Returns 0, and the caller releases the job; or SDP_ABSENT, with
 * SDP_DATA in err, if there is no such job; or SDP_JOB_SICK or SDP_JOB_ABANDONED; or -1 if this
 * process has no memory.
 */
int sdp_job_load(struct sdp_job *job, const struct sdp_folder *store, const char *id,
		 struct sdp_err *err);
void sdp_job_release(struct sdp_job *job);
static inline bool sdp_job_ended(const struct sdp_job *job)
{
	return job->status >= SDP_JOB_SUCCEEDED;
}
/* Returns the error message for a job whose runner is dead, a constant. */
const char *sdp_job_death(const struct sdp_job *job);
const char *sdp_job_status_name(enum sdp_job_status status);

/* Returns whether an error says that memory is exhausted. */
bool sdp_job_no_memory(const struct sdp_err *err);

/*
 * Writes the id of this boot of the machine; returns the start of a process in clock ticks since
 * boot, or 0 if there is no such process.
 */
void sdp_job_boot(char out[64]);
unsigned long long sdp_job_process_start(pid_t pid);

/* ---- the document (document.c) ---- */

/* Returns the document of a job, or NULL. brief: without the array of tasks. */
cJSON *sdp_job_document(const struct sdp_job *job, const struct sdp_folder *store, bool brief,
			struct sdp_err *err);

/* ---- the queue (queue.c) ---- */

/*
 * Marks jobs whose runner is dead, starts the commands --on-finish that are due, and starts the
 * next jobs of the queue. Every command calls this. If another process holds the store's lock,
 * waits for it or does nothing. Does nothing if the store is not writable.
 */
int sdp_job_maintain(struct sdp_folder *store, bool wait, struct sdp_err *err);
/* Does the same. The store's lock must be held. */
int sdp_job_maintain_locked(const struct sdp_folder *store, struct sdp_err *err);

/*
 * Submits a job that sdp_job_add has added, gives up its lock, and does what sdp_job_maintain does;
 * errors of that are warnings. The store's lock must be held.
 */
int sdp_job_submitted(const struct sdp_folder *store, const char *id, int lock,
		      struct sdp_err *err);

/*
 * Records the end of a job (event: succeeded, failed, cancelled, lost) and starts its --on-finish
 * command. error may be NULL.
 */
int sdp_job_end(const struct sdp_folder *store, const char *id, const char *event, int exit_code,
		const char *error, struct sdp_err *err);

#endif

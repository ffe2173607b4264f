/*
 * What the files of sdp-job share.
 *
 *	$SDP_HOME/jobs/ID/job.json        what was asked for; never changed
 *	                  events.ndjson   what happened, a line each; only ever added to
 *	                  lock            locked by the job's runner while it lives
 *	                  runs.ndjson     sdp-bench's journal
 *	                  results/TASK    what each task printed
 *	                  metrics.json    the benchmark document, once there is one
 *	                  log             what is for reading
 *	                  input           a file that had to be fetched, while it is needed
 *	             .active/ID           a job that has not ended
 *	             .tmp/ID              a job that comes or goes
 *	             .lock                held for moments by who adds, starts, ends or removes jobs
 *
 * Nothing states how a job is doing: that is made of its events, its journal and whether its runner
 * holds the lock, which the system takes from a runner that dies, however it dies.
 *
 * Functions return 0 or -1 with err filled, unless they say otherwise.
 */
#ifndef SDP_CMD_JOB_H
#define SDP_CMD_JOB_H

#include "base/timestamp.h"
#include "base/uuid.h"
#include "sdp/buf.h"
#include "sdp/program.h"

#include <cjson/cJSON.h>
#include <sys/types.h>

struct job_params {
	struct sdp_common common;
	const char *on_finish, *keep;
	int64_t max_jobs;
	bool follow;
};

/* ---- the request (request.c) ---- */

/*
 * The body of operand (NULL or "-": standard input), checked, with its defaults, as job.json keeps
 * it.
 */
cJSON *job_request_read(const struct job_params *params, const char *operand, struct sdp_err *err);

/* ---- paths of the store (layout.c) ---- */

struct job_store {
	char *root; /* $SDP_HOME/jobs */
};

int job_store_init(struct job_store *store, struct sdp_err *err);
void job_store_release(struct job_store *store);

/* ROOT/FOLDER/NAME (either may be ""), to be freed. */
char *job_path(const struct job_store *store, const char *folder, const char *name,
	       struct sdp_err *err);

/* Calls each for every job's id in ROOT/FOLDER, in the order of ids. */
int job_store_each(const struct job_store *store, const char *folder,
		   int (*each)(void *context, const char *id, struct sdp_err *err), void *context,
		   struct sdp_err *err);

/* Appends a file to text; 1, or 0 if there is none. */
int job_read_file(const char *path, struct sdp_buf *text, struct sdp_err *err);

/* ---- the store (store.c) ---- */

/*
 * Makes the folders and takes the store's lock, waiting for it or not: a descriptor, -2 if another
 * holds it.
 */
int job_store_lock(const struct job_store *store, bool wait, struct sdp_err *err);

/*
 * With the lock held: the job of a request, which gets its id and time, is there whole or not at
 * all.
 */
int job_store_add(const struct job_store *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
		  struct sdp_err *err);
/* With the lock held: out of the store at once, then off the disk. */
int job_store_remove(const struct job_store *store, const char *id, struct sdp_err *err);
/* With the lock held: takes away what the dead left in .tmp. */
int job_store_sweep(const struct job_store *store, struct sdp_err *err);
/* Marks a job as one that has not ended, or that has. */
int job_store_activate(const struct job_store *store, const char *id, bool active,
		       struct sdp_err *err);

/* ---- files of a job (files.c) ---- */

/*
 * Adds {"event":name,"at":now,…} with the members of more, which may be NULL, to the events, on the
 * disk.
 */
int job_event(const struct job_store *store, const char *id, const char *name, const cJSON *more,
	      struct sdp_err *err);
/* Adds a line with the time to the log; failures are nobody's concern. */
void job_log(const struct job_store *store, const char *id, const char *text, size_t length);

/* Takes the lock of a job for a runner: a descriptor, -2 if another holds it. */
int job_lock(const struct job_store *store, const char *id, struct sdp_err *err);
/* Is there a runner? */
bool job_locked(const struct job_store *store, const char *id);
/* Is fd the job's lock file? */
bool job_is_lock(const struct job_store *store, const char *id, int fd);

/* ---- how a job is doing (state.c) ---- */

enum job_status { JOB_PENDING, JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED };

struct job {
	char id[SDP_UUID_LENGTH + 1];
	cJSON *request;
	enum job_status status;
	bool dead;       /* said to be running, but its runner is no more */
	bool cancelling; /* somebody has asked for its end */
	int attempts, exit_code;
	char queued_at[SDP_TIMESTAMP_SIZE], started_at[SDP_TIMESTAMP_SIZE],
		finished_at[SDP_TIMESTAMP_SIZE]; /* "": not yet */
	char phase[80], error[1000], boot[64];
	pid_t pid;               /* of the runner; 0: not known */
	unsigned long long born; /* its start, in ticks since the boot */
};

/* Reads it; SDP_DATA if there is no such job. */
int job_load(struct job *job, const struct job_store *store, const char *id, struct sdp_err *err);
void job_release(struct job *job);
static inline bool job_ended(const struct job *job)
{
	return job->status >= JOB_SUCCEEDED;
}
/* What is to be said of a dead one. */
const char *job_death(const struct job *job);
const char *job_status_name(enum job_status status);

/* This boot of the machine; a process's start, 0 if there is none. */
void job_boot(char out[64]);
unsigned long long job_born(pid_t pid);

/* ---- the document (document.c) ---- */

/* brief: without the rows of tasks. */
cJSON *job_document(const struct job *job, const struct job_store *store, bool brief,
		    struct sdp_err *err);

/* ---- the queue (queue.c) ---- */

/*
 * Marks jobs whose runner is dead and starts what is due.  Every command does this, waiting for the
 * lock if it must be done, else leaving it to who holds that.  In a store that cannot be written to
 * nothing is done.
 */
int job_maintain(const struct job_store *store, bool wait, struct sdp_err *err);
/* The same by who holds the lock. */
int job_maintain_locked(const struct job_store *store, struct sdp_err *err);
/*
 * Writes how a job ended (succeeded, failed, cancelled, lost) and has its --on-finish run.  error
 * may be NULL.
 */
int job_end(const struct job_store *store, const char *id, const char *event, int exit_code,
	    const char *error, struct sdp_err *err);

/* ---- a program that the runner waits for (child.c) ---- */

/* A program that the runner waits for. */
struct job_child {
	const struct job_store *store;
	const char *id;
	struct sdp_buf *out; /* what it prints; NULL: it goes to the log, as its messages do */
	char last[2][400];   /* the last lines of its messages, the later one first */
};

/*
 * Runs a sibling to its end: its exit code, or -1 with err if it could not be run or died of a
 * signal.
 */
int job_child_run(struct job_child *child, const char *program, char *const *words,
		  struct sdp_err *err);

/* ---- the runner (run.c, input.c) ---- */

int job_run(const struct job_store *store, const char *id, struct sdp_err *err);

/* Where the job's file is, fetched if need be. */
int job_input(const struct job_store *store, const struct job *job, struct sdp_buf *path,
	      struct sdp_err *err);

/* ---- the commands (change.c, show.c), and what they print (print.c) ---- */

struct job_call {
	const struct job_params *params;
	struct job_store store;
	int count;
	char **operands; /* behind the command's name */
};

int job_submit(struct job_call *call, struct sdp_err *err); /* change.c */
int job_cancel(struct job_call *call, struct sdp_err *err);
int job_retry(struct job_call *call, struct sdp_err *err);
int job_prune(struct job_call *call, struct sdp_err *err);
int job_show_status(struct job_call *call, struct sdp_err *err); /* show.c */
int job_show_logs(struct job_call *call, struct sdp_err *err);
int job_show_metrics(struct job_call *call, struct sdp_err *err);
int job_show_result(struct job_call *call, struct sdp_err *err);
int job_show_list(struct job_call *call, struct sdp_err *err);
int job_wait(struct job_call *call, struct sdp_err *err);

/* Prints the document of one job; an array of brief ones (as rows their lists are cells). */
int job_print(const struct job_call *call, const struct job *job, struct sdp_err *err);
int job_print_list(const struct job_call *call, cJSON *docs, struct sdp_err *err);

/* Is it JSON that is asked for, by -f, SDP_FORMAT or where it goes? */
bool job_json_wanted(const struct sdp_common *common);

#endif

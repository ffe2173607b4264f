/*
 * The types and functions that the files of sdp-job share.
 *
 *	$SDP_HOME/jobs/ID/job.json        the request; never changed
 *	                  events.ndjson   one line per event; lines are only appended
 *	                  lock            locked by the job's runner while it lives
 *	                  runs.ndjson     sdp-bench's journal
 *	                  results/TASK    the output of each task
 *	                  metrics.json    the benchmark document, once it exists
 *	                  log             messages for people
 *	                  input/NAME      the stored file, while it is needed: a link or a copy
 *	             .active/ID           marks a job that has not ended
 *	             .tmp/ID              a job that is being added or removed
 *	             .lock                held briefly to add, start, end or remove a job
 *
 * No file contains the status of a job. It follows from the job's events, its journal, and whether
 * its runner holds the lock, which the system releases however the runner dies.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. The caller frees
 * the strings and cJSON trees that a function returns.
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
	const char *on_finish, *keep, *tasks, *counts;
	struct sdp_list parameters;
	int64_t max_jobs, runs, warmup;
	bool follow;
};

/* ---- the request (request.c, given.c) ---- */

/*
 * Makes the request of the options --tasks and so on for the file, or else reads it as JSON from
 * operand (NULL or "-": standard input); checks it and adds the defaults.  Returns it as job.json
 * has it, or NULL.
 */
cJSON *job_request_read(const struct job_params *params, const char *operand, struct sdp_err *err);

/* The options that describe a request with --tasks, which a JSON request has members for. */
#define JOB_REQUEST_OPTIONS "workers runs warmup seed param pdf-table"

/* Returns the JSON request that says the same as the options and FILE, or NULL. */
cJSON *job_request_given(const struct job_params *params, const char *file, struct sdp_err *err);

/* ---- paths of the store (layout.c) ---- */

struct job_store {
	char *root; /* $SDP_HOME/jobs; owned */
};

int job_store_init(struct job_store *store, struct sdp_err *err);
void job_store_release(struct job_store *store);

/* Returns ROOT/FOLDER/NAME, or NULL. folder and name may be "". */
char *job_path(const struct job_store *store, const char *folder, const char *name,
	       struct sdp_err *err);

/* Calls each for the id of every job in ROOT/FOLDER, in ascending order. */
int job_store_each(const struct job_store *store, const char *folder,
		   int (*each)(void *context, const char *id, struct sdp_err *err), void *context,
		   struct sdp_err *err);

/*
 * Writes the id of the one job that word stands for, its id or the beginning of it. Fails with
 * SDP_DATA if there is none, or several, which the message names.
 */
int job_store_match(const struct job_store *store, const char *word, char id[SDP_UUID_LENGTH + 1],
		    struct sdp_err *err);

/* Appends a file to text. Returns 1, or 0 if the file does not exist, or -1. */
int job_read_file(const char *path, struct sdp_buf *text, struct sdp_err *err);

/* ---- the store (store.c) ---- */

/*
 * Makes the folders and takes the lock of the store. If another process holds it, waits for it or
 * returns -2. Otherwise returns a descriptor, which the caller closes to release the lock, or -1.
 */
int job_store_lock(const struct job_store *store, bool wait, struct sdp_err *err);

/*
 * Adds a job for the request, which gets an id and a time. The job is added completely or not at
 * all. The store's lock must be held, here and in the next two functions.
 */
int job_store_add(const struct job_store *store, cJSON *request, char id[SDP_UUID_LENGTH + 1],
		  struct sdp_err *err);
/* Removes a job from the store in one step, and then deletes its files. */
int job_store_remove(const struct job_store *store, const char *id, struct sdp_err *err);
/* Deletes what processes that died have left in .tmp. */
int job_store_sweep(const struct job_store *store, struct sdp_err *err);
/* Makes a folder and its parents. Returns -1 with errno set on failure. */
int job_make_folders(const char *path);
/* Removes a folder and what is in it, if it exists. */
int job_remove_tree(const char *path, struct sdp_err *err);
/* Marks a job as active (it has not ended) or removes this mark. */
int job_store_activate(const struct job_store *store, const char *id, bool active,
		       struct sdp_err *err);

/* ---- files of a job (files.c) ---- */

/*
 * Appends {"event":name,"at":now,…} with the members of more, which may be NULL, to the events, and
 * syncs the file to disk.
 */
int job_event(const struct job_store *store, const char *id, const char *name, const cJSON *more,
	      struct sdp_err *err);
/* Appends a line with the time to the log. Failures are ignored. */
void job_log(const struct job_store *store, const char *id, const char *text, size_t length);

/*
 * Takes the lock of a job for its runner. Returns a descriptor, or -2 if another process holds the
 * lock, or -1.
 */
int job_lock(const struct job_store *store, const char *id, struct sdp_err *err);
/* Returns whether the job has a runner. */
bool job_locked(const struct job_store *store, const char *id);
/* Returns whether fd is an open descriptor of the job's lock file. */
bool job_is_lock(const struct job_store *store, const char *id, int fd);

/* ---- the state of a job (state.c) ---- */

enum job_status { JOB_PENDING, JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED };

struct job {
	char id[SDP_UUID_LENGTH + 1];
	cJSON *request;
	enum job_status status;
	bool dead;       /* its runner died without recording an end */
	bool cancelling; /* its cancellation was requested */
	int attempts, exit_code;
	char queued_at[SDP_TIMESTAMP_SIZE], started_at[SDP_TIMESTAMP_SIZE],
		finished_at[SDP_TIMESTAMP_SIZE]; /* "": not yet */
	char phase[80], error[1000], boot[64];
	pid_t pid;                      /* of the runner; 0: unknown */
	unsigned long long start_ticks; /* start of the runner, in clock ticks since boot */
};

/*
 * Reads a job from the store. Fails with SDP_DATA if there is no such job. Release it if that
 * succeeded.
 */
int job_load(struct job *job, const struct job_store *store, const char *id, struct sdp_err *err);
void job_release(struct job *job);
static inline bool job_ended(const struct job *job)
{
	return job->status >= JOB_SUCCEEDED;
}
/* Returns the error message for a job whose runner is dead, a constant. */
const char *job_death(const struct job *job);
const char *job_status_name(enum job_status status);

/*
 * Writes the id of this boot of the machine; returns the start of a process in clock ticks since
 * boot, or 0 if there is no such process.
 */
void job_boot(char out[64]);
unsigned long long job_process_start(pid_t pid);

/* ---- the document (document.c) ---- */

/* Returns the document of a job, or NULL. brief: without the array of tasks. */
cJSON *job_document(const struct job *job, const struct job_store *store, bool brief,
		    struct sdp_err *err);

/* ---- the queue (queue.c) ---- */

/*
 * Marks jobs whose runner is dead, and starts the next jobs of the queue. Every command calls this.
 * If another process holds the store's lock, waits for it or does nothing. Does nothing if the
 * store is not writable.
 */
int job_maintain(const struct job_store *store, bool wait, struct sdp_err *err);
/* Does the same. The store's lock must be held. */
int job_maintain_locked(const struct job_store *store, struct sdp_err *err);
/*
 * Records the end of a job (event: succeeded, failed, cancelled, lost) and starts its --on-finish
 * command. error may be NULL.
 */
int job_end(const struct job_store *store, const char *id, const char *event, int exit_code,
	    const char *error, struct sdp_err *err);

/* A program that the runner starts and waits for. */
struct job_child {
	const struct job_store *store; /* NULL: there is no job yet, and nothing is logged */
	const char *id;
	struct sdp_buf *out; /* gets its standard output; NULL: that goes to the log, too */
	char last[2][490];   /* the last two lines of its standard error, the newer one first */
};

/*
 * Runs another program of sdp. Returns its exit code, or -1 with err filled if it could not be run
 * or was killed by a signal.
 */
int job_child_run(struct job_child *child, const char *program, char *const *words,
		  struct sdp_err *err);

/* ---- the runner (run.c, input.c) ---- */

int job_run(const struct job_store *store, const char *id, struct sdp_err *err);

/*
 * Prepares the input of a job, which job_input_drop removes. Appends to word what the tasks get,
 * with the job's folder input as their working directory (job_input_enter), unless it is an
 * absolute path; and to place the path of the bytes.
 */
int job_input(const struct job_store *store, const struct job *job, struct sdp_buf *word,
	      struct sdp_buf *place, struct sdp_err *err);
int job_input_enter(const struct job_store *store, const char *id, struct sdp_err *err);
int job_input_drop(const struct job_store *store, const char *id, struct sdp_err *err);
/*
 * Adds to a request the name of its file, and makes a file_id that is a name or the beginning of an
 * id the whole id. Fails if the file is unknown; s3://BUCKET/KEY is not looked for.
 */
int job_input_name(cJSON *request, struct sdp_err *err);

/* ---- the commands (change.c, show.c), and what they print (print.c) ---- */

struct job_call {
	const struct job_params *params;
	struct job_store store;
	int count;
	char **operands;              /* after the name of the command, as they were typed */
	char id[SDP_UUID_LENGTH + 1]; /* of the job that the first one stands for; "": of none */
};

int job_submit(struct job_call *call, struct sdp_err *err); /* in change.c */
int job_cancel(struct job_call *call, struct sdp_err *err);
int job_retry(struct job_call *call, struct sdp_err *err);
int job_prune(struct job_call *call, struct sdp_err *err);
int job_show_status(struct job_call *call, struct sdp_err *err); /* in show.c */
int job_show_logs(struct job_call *call, struct sdp_err *err);
int job_show_metrics(struct job_call *call, struct sdp_err *err);
int job_show_result(struct job_call *call, struct sdp_err *err);
int job_show_list(struct job_call *call, struct sdp_err *err);
int job_wait(struct job_call *call, struct sdp_err *err);

/*
 * Print the document of one job, or an array of brief documents. In formats other than JSON their
 * lists become cells. After that of one job, job_warn_skipped follows.
 */
int job_print(const struct job_call *call, const struct job *job, struct sdp_err *err);
int job_print_list(const struct job_call *call, cJSON *docs, struct sdp_err *err);
/*
 * Prints the document of one job, too, but returns -1 and sets *broken if the output is a broken
 * pipe. From then on, SIGPIPE is ignored.
 */
int job_print_changed(const struct job_call *call, const struct job *job, bool *broken,
		      struct sdp_err *err);

/*
 * Warns of each task that the request names and that is skipped; doc is the job's document. A
 * request for all tasks names none.
 */
void job_warn_skipped(const struct job *job, const cJSON *doc);

/* Returns whether the output format is JSON, by -f, SDP_FORMAT or the kind of output. */
bool job_json_wanted(const struct sdp_common *common);

#endif

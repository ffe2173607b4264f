/*
 * The types and functions that the files of sdp-job share.  The store, the queue and the documents
 * of jobs are in lib/jobs.
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. The caller frees
 * the strings and cJSON trees that a function returns.
 */
#ifndef SDP_CMD_JOB_H
#define SDP_CMD_JOB_H

#include "jobs/jobs.h"
#include "sdp/program.h"

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

/* ---- the runner (run.c, input.c) ---- */

/* What a program that the runner starts says is logged: a listener (process/listen.h). */
struct job_log {
	const struct sdp_folder *store;
	const char *id;
};
void job_log_line(void *context, const char *line, size_t length);

int job_run(struct sdp_folder *store, const char *id, struct sdp_err *err);

/* Returns whether a name is an address, and not an id, of which the runner makes a copy. */
bool job_is_address(const char *what);

/*
 * Prepares the input of a job, which job_input_drop removes. Appends to word what the tasks get,
 * with the job's folder input as their working directory (job_input_enter), unless it is an
 * absolute path; and to place the path of the bytes.
 */
int job_input(struct sdp_folder *store, const struct sdp_job *job, struct sdp_buf *word,
	      struct sdp_buf *place, struct sdp_err *err);
int job_input_enter(const struct sdp_folder *store, const char *id, struct sdp_err *err);
int job_input_drop(const struct sdp_folder *store, const char *id, struct sdp_err *err);
/*
 * Adds to a request the name of its file, and makes a file_id that is a name or the beginning of an
 * id the whole id. Fails if the file is unknown; what is at an address is not looked for.
 */
int job_input_name(cJSON *request, struct sdp_err *err);

/*
 * Calls each for every job of the store that can be read, oldest first, with its brief document,
 * which each owns. Warns of the others, and sets *sick to their number.
 */
int job_each(const struct sdp_folder *store,
	     int (*each)(void *context, const struct sdp_job *job, cJSON *doc, struct sdp_err *err),
	     void *context, int *sick, struct sdp_err *err);

/* ---- the commands (change.c, show.c), and what they print (print.c) ---- */

struct job_call {
	const struct job_params *params;
	struct sdp_folder store; /* $SDP_HOME/jobs */
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
int job_print(const struct job_call *call, const struct sdp_job *job, struct sdp_err *err);
int job_print_list(const struct job_call *call, cJSON *docs, struct sdp_err *err);
/*
 * Prints the document of one job, too, but returns -1 and sets *broken if the output is a broken
 * pipe. From then on, SIGPIPE is ignored.
 */
int job_print_changed(const struct job_call *call, const struct sdp_job *job, bool *broken,
		      struct sdp_err *err);

/*
 * Warns of each task that the request names and that is skipped; doc is the job's document. A
 * request for all tasks names none.
 */
void job_warn_skipped(const struct sdp_job *job, const cJSON *doc);

/* Returns whether the output format is JSON, by -f, SDP_FORMAT or the kind of output. */
bool job_json_wanted(const struct sdp_common *common);

#endif

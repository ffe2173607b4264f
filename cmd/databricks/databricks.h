/*
 * The types and functions that the files of sdp-databricks share.
 *
 *	command line ─ settings ─▶ struct databricks ─ a command ─▶ calls ─▶ c->doc, printed by main
 *
 * Functions return 0, or -1 with err filled, unless the comment says otherwise. The caller frees
 * the cJSON trees and strings that a function returns, except for members of an object that it
 * passed.
 */
#ifndef SDP_CMD_DATABRICKS_H
#define SDP_CMD_DATABRICKS_H

#include "net/databricks.h"
#include "sdp/doc.h"
#include "sdp/program.h"

struct databricks_params {
	struct sdp_common common;
	const char *host, *config_profile, *cluster_id;
	const char *local_path, *workspace_path;
	const char *cluster_name, *spark_version, *node_type;
	int64_t workers; /* -1: not given */
	int64_t autotermination, limit, timeout, poll, retry;
	bool wait, recursive;
	int task; /* its number in --task, from 1; 0: not given */
	const char *stage, *notebook, *worker_counts;
	int64_t runs;
	struct {
		const char *items[256];
		size_t count;
	} words; /* options of the task, as the user typed them */
};

struct databricks {
	struct databricks_params *p;
	struct sdp_databricks_settings settings;
	struct sdp_databricks *api;
	int count; /* number of operands */
	char **operands;
	cJSON *doc;
	bool quiet_output; /* the command has written its output itself */
	bool any_answer;   /* answers need not be JSON objects */

	bool timed_out; /* waiting ended because of --timeout */
	bool unread;    /* the run has a result that could not be fetched */

	/*
	 * About the last call, for callers that continue after a failure: its HTTP status (0: no
	 * answer), the error_code of its answer, and whether the request may have been carried out.
	 */
	int status;
	bool done;
	bool touched; /* whether any request may have been carried out */
	char code[80];
	char workspace[40];
};

/* ---- calls (call.c) ---- */

/*
 * Makes a call with a JSON body, which is freed here and may be NULL. Returns the parsed answer,
 * with numbers as raw text, or NULL. once: the call must not be repeated after a network failure.
 */
cJSON *databricks_ask(struct databricks *c, const char *method, const char *path, cJSON *body,
		      bool once, struct sdp_err *err);
/* Does the same without returning the answer. */
int databricks_tell(struct databricks *c, const char *method, const char *path, cJSON *body,
		    struct sdp_err *err);
/* Copies the status, code and so on of a call to the members of c about the last call. */
void databricks_note(struct databricks *c, const struct sdp_databricks_call *call);

/* Returns "path?name=value" with value percent-encoded, or NULL. The caller frees it. */
char *databricks_query(const char *path, const char *name, const char *value, struct sdp_err *err);
/* Returns the answer to GET path?name=value, or NULL. */
cJSON *databricks_find(struct databricks *c, const char *path, const char *name, const char *value,
		       struct sdp_err *err);

/*
 * Reads all pages of a list. Calls take for each object in the array `member`, until there are no
 * more or take returns 1 or -1.
 */
int databricks_pages(struct databricks *c, const char *path, const char *member,
		     int (*take)(void *context, const cJSON *item, struct sdp_err *err),
		     void *context, struct sdp_err *err);

/* Returns the text of a member, for a number its digits, or NULL if it is neither. */
const char *databricks_text(const cJSON *object, const char *name);
/* Returns the digits of a member that is an integer of any length, or NULL. */
const char *databricks_id(const cJSON *object, const char *name);
int64_t databricks_integer(const cJSON *object, const char *name); /* 0 if there is none */

/*
 * Copies a member of object (a number, text or boolean) to doc[key], which is null if there is no
 * such member.
 */
int databricks_copy(cJSON *doc, const char *key, const cJSON *object, const char *name,
		    struct sdp_err *err);
/* Does the same for a time in milliseconds since 1970, as a timestamp. 0 becomes null. */
int databricks_copy_time(cJSON *doc, const char *key, const cJSON *object, const char *name,
			 struct sdp_err *err);

/*
 * Waits for 1, 2, … seconds, at most --poll; *turn counts the calls. Fails if more than --timeout
 * seconds (0: no limit) have passed since begin (sdp_clock_ms).
 */
int databricks_wait(struct databricks *c, int *turn, uint64_t begin, struct sdp_err *err);
/*
 * Returns the answer to GET path?name=value, for a caller that has been waiting since begin.
 * Repeats the call for --retry seconds if a gateway fails (status 500, 502 or 504).
 */
cJSON *databricks_poll(struct databricks *c, const char *path, const char *name, const char *value,
		       uint64_t begin, struct sdp_err *err);

/* ---- commands ---- */

int databricks_check(struct databricks *c, struct sdp_err *err);
int databricks_upload(struct databricks *c, struct sdp_err *err);
int databricks_api(struct databricks *c, struct sdp_err *err);

int databricks_create_cluster(struct databricks *c, struct sdp_err *err);
int databricks_clusters(struct databricks *c, struct sdp_err *err);
int databricks_start(struct databricks *c, struct sdp_err *err);
int databricks_terminate(struct databricks *c, struct sdp_err *err);

int databricks_runs(struct databricks *c, struct sdp_err *err);
int databricks_status(struct databricks *c, struct sdp_err *err);
int databricks_wait_run(struct databricks *c, struct sdp_err *err);
int databricks_output(struct databricks *c, struct sdp_err *err);
int databricks_cancel(struct databricks *c, struct sdp_err *err);
int databricks_run(struct databricks *c, struct sdp_err *err);

int databricks_put(struct databricks *c, struct sdp_err *err);
int databricks_get(struct databricks *c, struct sdp_err *err);
int databricks_ls(struct databricks *c, struct sdp_err *err);
int databricks_rm(struct databricks *c, struct sdp_err *err);

/* ---- parts of commands ---- */

/*
 * Chooses from the answer of the API the newest version with long-term support, or the smallest
 * general-purpose node. --spark-version or --node-type take precedence. Returns NULL if there is
 * none (clusters.c).
 */
char *databricks_choose_version(struct databricks *c, cJSON *answer, struct sdp_err *err);
char *databricks_choose_node(struct databricks *c, cJSON *answer, struct sdp_err *err);
/*
 * Writes the specification of a new cluster: spark_version, node_type_id, num_workers and so on
 * (clusters.c).
 */
int databricks_put_cluster(struct databricks *c, cJSON *spec, int64_t workers, struct sdp_err *err);

/*
 * Reads a whole file of size bytes, which is to go to the workspace. Returns 1 if the workspace
 * does not accept a file of this size (workspace.c).
 */
int databricks_read_local(int fd, const char *title, off_t size, struct sdp_buf *text,
			  struct sdp_err *err);
/* Writes bytes to the workspace and replaces what is there (workspace.c). */
int databricks_import(struct databricks *c, const char *path, const char *name, const void *bytes,
		      size_t length, struct sdp_err *err);

/* Files (files.c). A path is dbfs:/…, /Volumes/… or in the workspace. */
/*
 * Opens a regular file, or a temporary copy of a pipe ("-": standard input). Returns a descriptor
 * or -1.
 */
int databricks_open(const char *name, struct sdp_err *err);
int databricks_put_file(struct databricks *c, int fd, const char *title, const char *path,
			struct sdp_err *err);
/* Reads a whole small file. If it does not exist, returns -1 with c->status 404. */
int databricks_read_file(struct databricks *c, const char *path, struct sdp_buf *out,
			 struct sdp_err *err);
int databricks_remove(struct databricks *c, const char *path, bool recursive, struct sdp_err *err);
/* Returns whether the path is not on this machine: dbfs:/, s3://, /Volumes/ and so on. */
bool databricks_is_remote(const char *path);

/*
 * Finds the result of a run (result.c). run is an answer of runs/get. Sets *doc, or fills err with
 * the exit code of the task.
 */
int databricks_take_result(struct databricks *c, const cJSON *run, cJSON **doc,
			   struct sdp_err *err);
/* Waits until the run has ended. Returns the last answer of runs/get, or NULL (runs.c). */
cJSON *databricks_follow(struct databricks *c, const char *run_id, struct sdp_err *err);
/* Asks the workspace to cancel a run (runs.c). */
int databricks_send_cancel(struct databricks *c, const char *run_id, struct sdp_err *err);
/*
 * Removes the folder of a run, which the --result among its arguments names. Only warns if it
 * cannot.
 */
void databricks_clean(struct databricks *c, const cJSON *run);

/* Returns the name of a task, or NULL for 0 (task.c). */
const char *databricks_task_name(int task);
/* Options of tasks (task.c). databricks_foreign is sdp_program.foreign. */
int databricks_foreign(void *params, const char *word, const char *next, struct sdp_err *err);
/* Fails with SDP_USAGE if an option, by its name or letter, does not belong to the task. */
int databricks_check_task(const struct databricks_params *p, struct sdp_err *err);
/*
 * Runs the program of the task with the options and without data. Fails with SDP_USAGE and the
 * program's message if the program rejects the options.
 */
int databricks_ask_program(const struct databricks_params *p, struct sdp_err *err);
/* Fails with SDP_USAGE if --where has a regular expression that Spark lacks (pattern.c). */
int databricks_check_where(const struct databricks_params *p, struct sdp_err *err);

/* The text of the notebook, which is part of this program (notebook.c). */
extern const char databricks_notebook[] __attribute__((visibility("hidden")));
extern const char databricks_notebook_end[] __attribute__((visibility("hidden")));

#endif

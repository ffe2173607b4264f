/*
 * What the files of sdp-databricks share.
 *
 *	command line ─ settings ─▶ struct databricks ─ a command ─▶ calls ─▶ c->doc, printed by main
 *
 * Functions return 0 or -1 with err filled, unless they say otherwise.
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
	const char *task, *stage, *notebook, *worker_counts;
	int64_t runs;
	struct {
		const char *items[256];
		size_t count;
	} words; /* options of the task, as they were typed */
};

struct databricks {
	struct databricks_params *p;
	struct sdp_databricks_settings settings;
	struct sdp_databricks *api;
	int count; /* operands */
	char **operands;
	cJSON *doc;
	bool quiet_output; /* the command wrote what there is to write */
	bool any_answer;   /* an answer need not be an object */

	bool timed_out; /* --timeout ended the waiting */
	bool unread;    /* a result is there that could not be fetched */

	/*
	 * Of the last call: its status, and error_code if it failed, for those who can go on; may
	 * it have been done?
	 */
	int status;
	bool done;
	bool touched; /* any may have been done */
	char code[80];
	char workspace[40];
};

/* ---- calls (databricks_call.c) ---- */

/*
 * A call with a body (freed here; NULL: none): the answer, parsed, numbers as they stood; NULL.
 * once: it is not to be made twice.
 */
cJSON *databricks_ask(struct databricks *c, const char *method, const char *path, cJSON *body,
		      bool once, struct sdp_err *err);
/* The same where the answer does not matter. */
int databricks_tell(struct databricks *c, const char *method, const char *path, cJSON *body,
		    struct sdp_err *err);
/* Keeps of a call what the members of c say of the last one. */
void databricks_note(struct databricks *c, const struct sdp_databricks_call *call);

/* "path?name=value", encoded, to be freed. */
char *databricks_query(const char *path, const char *name, const char *value, struct sdp_err *err);
/* The answer to GET path?name=value, or NULL. */
cJSON *databricks_find(struct databricks *c, const char *path, const char *name, const char *value,
		       struct sdp_err *err);

/*
 * All pages of a list: each of the objects in member goes to take, until there are no more or it
 * returns 1.
 */
int databricks_pages(struct databricks *c, const char *path, const char *member,
		     int (*take)(void *context, const cJSON *item, struct sdp_err *err),
		     void *context, struct sdp_err *err);

/* A member's text, of a number its digits; NULL if there is none. */
const char *databricks_text(const cJSON *object, const char *name);
/* the same of a whole number only, however long */
const char *databricks_id(const cJSON *object, const char *name);
int64_t databricks_integer(const cJSON *object, const char *name); /* 0 if there is none */
const cJSON *databricks_member(const cJSON *object, const char *name);

/* doc[key] = the member of an object, a number, text, true or false; null if it has none. */
int databricks_copy(cJSON *doc, const char *key, const cJSON *object, const char *name,
		    struct sdp_err *err);
/* The same of milliseconds since 1970, as a stamp; 0 is null. */
int databricks_copy_time(cJSON *doc, const char *key, const cJSON *object, const char *name,
			 struct sdp_err *err);

/*
 * Waits 1, 2, … seconds, up to --poll; *turn counts.  Fails when --timeout is over since begin (0:
 * never).
 */
int databricks_wait(struct databricks *c, int *turn, uint64_t begin, struct sdp_err *err);
/*
 * GET path?name=value while waiting since begin: the trouble of a gateway (500, 502, 504) is looked
 * past for --retry seconds.
 */
cJSON *databricks_look(struct databricks *c, const char *path, const char *name, const char *value,
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

/* ---- pieces ---- */

/*
 * The newest version with long support, and the smallest node for general purposes, to be freed
 * (databricks_clusters.c).
 */
char *databricks_choose_version(struct databricks *c, cJSON *answer, struct sdp_err *err);
char *databricks_choose_node(struct databricks *c, cJSON *answer, struct sdp_err *err);
/* A new object spec with spark_version, node_type_id, num_workers and what belongs to them. */
int databricks_put_cluster(struct databricks *c, cJSON *spec, int64_t workers, struct sdp_err *err);

/*
 * A whole file of so many bytes for the workspace (databricks_workspace.c); 1: it takes none as
 * large.
 */
int databricks_read_local(int fd, const char *title, off_t size, struct sdp_buf *text,
			  struct sdp_err *err);
/* Puts bytes into the workspace, over what is there (databricks_workspace.c). */
int databricks_import(struct databricks *c, const char *path, const char *name, const void *bytes,
		      size_t length, struct sdp_err *err);

/* Files (databricks_files.c): paths are dbfs:/…, /Volumes/… or of the workspace. */
/* A regular file, or a copy of a pipe ("-": standard input): a descriptor, or -1. */
int databricks_open(const char *name, struct sdp_err *err);
int databricks_put_file(struct databricks *c, int fd, const char *title, const char *path,
			struct sdp_err *err);
/* A whole small file; what is not there is -1 with c->status 404. */
int databricks_read_file(struct databricks *c, const char *path, struct sdp_buf *out,
			 struct sdp_err *err);
int databricks_remove(struct databricks *c, const char *path, bool recursive, struct sdp_err *err);
/* dbfs:/, s3://, /Volumes/, … : nothing that lies here */
bool databricks_is_remote(const char *path);

/*
 * What came of a run (databricks_result.c), which is an answer of runs/get: *doc, or err with the
 * task's exit code.
 */
int databricks_take_result(struct databricks *c, const cJSON *run, cJSON **doc,
			   struct sdp_err *err);
/* Goes on until the run has ended; the last answer of runs/get. */
cJSON *databricks_follow(struct databricks *c, const char *run_id, struct sdp_err *err);
/* Asks for the end of a run (databricks_runs.c). */
int databricks_send_cancel(struct databricks *c, const char *run_id, struct sdp_err *err);
/* Removes what a run had put aside, by the --result among its arguments; silently if it cannot. */
void databricks_clean(struct databricks *c, const cJSON *run);

/* Options of tasks (databricks_task.c). */
int databricks_foreign(void *params, const char *word, const char *next, struct sdp_err *err);
/* Fails (SDP_USAGE) unless the option, its name or letter, belongs to the task. */
int databricks_check_task(const struct databricks_params *p, struct sdp_err *err);
/*
 * The task's program, if it is here, is run with the options and no data: fails with its message
 * (SDP_USAGE) if it does not take them.
 */
int databricks_ask_program(const struct databricks_params *p, struct sdp_err *err);

/* The notebook that this program has in it (databricks_notebook.c). */
extern const char databricks_notebook[] __attribute__((visibility("hidden")));
extern const char databricks_notebook_end[] __attribute__((visibility("hidden")));

#endif

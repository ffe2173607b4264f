/* Runs a task over a source, on a number of forked worker processes. */
#ifndef SDP_ENGINE_H
#define SDP_ENGINE_H

#include "sdp/task.h"

/* The maximum of worker processes. */
enum { SDP_WORKERS_MAX = 256 };

struct sdp_progress {
	const char *phase; /* of struct sdp_pass */
	int pass;          /* from 1 */
	/*
	 * done of total parts of the whole run, which never become fewer; with a total of 0, bytes
	 * of an input whose size is not known yet.
	 */
	uint64_t done, total;
};

struct sdp_engine_options {
	int workers;         /* 1 to SDP_WORKERS_MAX */
	uint64_t max_memory; /* bytes for the states and scratch of all processes together */
	/* Called several times a second in the parent; may be NULL. */
	void (*progress)(void *context, const struct sdp_progress *progress);
	void *progress_context;
	/*
	 * Called once with the finished document, while the memory that it may refer to
	 * (sdp_lazy_rows) is still valid.  Returns 0 or -1.  May be NULL.
	 */
	int (*finish)(void *context, const cJSON *doc, struct sdp_err *err);
	void *finish_context;
};

/* Numbers about a run, for the user; not part of the result. */
struct sdp_engine_report {
	uint64_t chunks;
	uint64_t rows;      /* rows that are wanted; of a row stream, that were written */
	uint64_t rows_read; /* rows, wanted or not */
	/* Bytes in temporary files: those of pipes and gzip, and those that memory did not hold. */
	uint64_t temporary;
	/* deaths: of workers, each of which was replaced. */
	int passes, deaths;
};

/*
 * Runs the task, adds the members of its document to doc, and fills *report.
 *
 * If several records are faulty, the error is that of the first one in the input, whichever worker
 * found it.  If a signal ended the run, the code is SDP_SYSTEM and sdp_interrupted is set.
 */
int sdp_engine_run(const struct sdp_task *task, const void *params, struct sdp_source *source,
		   const struct sdp_engine_options *options, cJSON *doc,
		   struct sdp_engine_report *report, struct sdp_err *err);

/*
 * Finds the columns of JSON input and stores them in the schema of the source.  Any record may have
 * further columns, so this is a pass over the whole input, of a pipe to its end.  Does nothing if
 * the columns are known.  sdp_engine_run and sdp_rows_run call it first; others call it to see the
 * schema before that.
 */
int sdp_discover_columns(struct sdp_source *source, const struct sdp_engine_options *options,
			 struct sdp_err *err);

#endif

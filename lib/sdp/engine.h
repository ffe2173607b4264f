/*
 * Running a task over a source on N forked workers.
 */
#ifndef SDP_ENGINE_H
#define SDP_ENGINE_H

#include "sdp/task.h"

struct sdp_progress {
	const char *phase;
	int pass;
	uint64_t done, total; /* bytes or items; total 0: not known yet */
};

struct sdp_engine_options {
	int workers;         /* 1 to 256 */
	uint64_t max_memory; /* bytes for states and scratch of all processes */
	/* Called now and then in the parent; NULL for none. */
	void (*progress)(void *context, const struct sdp_progress *progress);
	void *progress_context;
	/*
	 * Called with the document while all that it may refer to (sdp_lazy_rows) is still there;
	 * NULL for none.
	 */
	int (*finish)(void *context, const cJSON *doc, struct sdp_err *err);
	void *finish_context;
};

/* How a run went, for people. */
struct sdp_engine_report {
	uint64_t chunks;
	uint64_t rows; /* of a row stream */
	/* bytes in temporary files: of pipes and gzip, and what memory did not hold */
	uint64_t temporary;
	int passes, deaths; /* deaths: of workers, each of which was replaced */
};

/*
 * Runs the task and adds its members to doc.  The first failing record of the input is the one
 * reported, whoever found it.  Code SDP_SYSTEM with sdp_interrupted set: a signal ended it.
 */
int sdp_engine_run(const struct sdp_task *task, const void *params, struct sdp_source *source,
		   const struct sdp_engine_options *options, cJSON *doc,
		   struct sdp_engine_report *report, struct sdp_err *err);

/*
 * Finds the columns of JSON, of which any record may have others: a pass over all of the input, of
 * a pipe to its end.  Does nothing where they are known; running a task or streaming rows does it
 * first, so it is for who wants to see the schema before.
 */
int sdp_discover_columns(struct sdp_source *source, const struct sdp_engine_options *options,
			 struct sdp_err *err);

#endif

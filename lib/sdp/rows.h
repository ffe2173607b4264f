/*
 * Row streams: the input's rows as they stood, with added columns, in order, made by all workers.
 *
 * The output does not depend on the number of workers, on how the input comes (file, pipe, gzip) or
 * on workers that died.  A pipe is passed on as it goes: what has waited for a tenth of a second is
 * worked on and flushed, whole records of it, though it be less than a chunk.  (Only of a record
 * longer than 1 MiB the next MiB, or the end, has to be there too.)  Of JSON nothing is written
 * before the input has ended, since any record may have other columns.
 *
 * A chunk is written only when it and all before it are found good, the header with the first; so
 * an input of one chunk comes whole or not at all.  The first faulty record ends the run, as in
 * engine.h, after all chunks before its own are written.  With a limit, faults behind the last row
 * that is wanted are none.
 */
#ifndef SDP_ROWS_H
#define SDP_ROWS_H

#include "sdp/engine.h"
#include "sdp/row_writer.h"

struct sdp_rows {
	/* What make reads; made before the run and not changed in it.  Workers have it by fork. */
	const void *plan;
	const struct sdp_added_column *added;
	size_t added_count;
	enum sdp_row_format format;
	const struct sdp_row_columns *choice; /* of the input's columns; NULL: all */
	bool limited; /* to this many rows; the rest of the input is not read */
	uint64_t limit;
	bool count_only; /* nothing is written: the report's rows are all that is wanted */
	/*
	 * In a worker: adds added_count cells for each row of the block, row by row, to added
	 * (empty).  A row's cells must be a function of plan and of that row, its record number
	 * included, alone: where blocks are cut may differ from run to run.  Of work it may use
	 * numbers, scratch and memory. NULL: there are no added columns.
	 */
	int (*make)(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		    struct sdp_work *work, struct sdp_err *err);
};

/* Where the text goes, in the parent. */
struct sdp_rows_sink {
	int (*write)(void *context, const char *text, size_t length, struct sdp_err *err);
	/* what was written must not wait any longer */
	int (*flush)(void *context, struct sdp_err *err);
	void *context;
};

/*
 * Runs over all rows of the source, from its start, whether or not a task has read it before.  It
 * is the last to read it: the spool is given back to the system as it goes, and a writer that is
 * faster than the workers or than the sink is made to wait.
 */
int sdp_rows_run(const struct sdp_rows *rows, struct sdp_source *source,
		 const struct sdp_engine_options *options, const struct sdp_rows_sink *sink,
		 struct sdp_engine_report *report, struct sdp_err *err);

#endif

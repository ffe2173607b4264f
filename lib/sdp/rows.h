/*
 * Row streams: all workers together produce the rows of the input, unchanged and in order, with
 * added columns.
 *
 * The output does not depend on the number of workers, on the kind of input (file, pipe, gzip) or
 * on workers that died.  Rows of a pipe are written as they come: after a tenth of a second, the
 * complete records that have arrived are processed and flushed, even if they are less than a chunk.
 * (For a record longer than 1 MiB, the next MiB or the end of the input must have arrived as well.)
 * For JSON, nothing is written before the end of the input, since any record may have further
 * columns.
 *
 * A chunk is written only if it and all chunks before it are free of errors; the header is written
 * with the first chunk.  So the output of an input of one chunk is complete or empty.  The first
 * faulty record ends the run, as in sdp/engine.h, after all chunks before its own were written.
 * With a limit, errors after the last row wanted do not count.
 */
#ifndef SDP_ROWS_H
#define SDP_ROWS_H

#include "sdp/engine.h"
#include "sdp/row_writer.h"

/* Which rows to produce, and how.  The pointers belong to the caller. */
struct sdp_rows {
	/*
	 * The argument of make.  It is complete before the run and does not change during it; the
	 * workers have copies by fork.
	 */
	const void *plan;
	const struct sdp_added_column *added;
	size_t added_count;
	enum sdp_row_format format;
	const struct sdp_row_columns *choice; /* the columns of the input; NULL: all */
	bool limited; /* at most limit rows are written; the rest of the input is not read */
	uint64_t limit;
	bool count_only; /* nothing is written; the caller only needs the number of rows */
	/*
	 * Called in a worker: appends the cells of the added columns to added (which is empty),
	 * added_count cells for each row of the block, row by row.  The cells of a row must depend
	 * only on plan and on that row, including its record number, because the bounds of blocks
	 * may differ from run to run.  make may use the numbers, scratch and memory of work, but
	 * not its spill.  Returns 0 or -1.  NULL: there are no added columns.
	 */
	int (*make)(const void *plan, const struct sdp_block *block, struct sdp_added *added,
		    struct sdp_work *work, struct sdp_err *err);
};

/* The destination of the text; called in the parent.  The functions return 0 or -1. */
struct sdp_rows_sink {
	int (*write)(void *context, const char *text, size_t length, struct sdp_err *err);
	/* Passes on what was written before, without further delay. */
	int (*flush)(void *context, struct sdp_err *err);
	/*
	 * Called while there is nothing to write: fails if nobody would read it any more. NULL: no
	 * call.
	 */
	int (*check)(void *context, struct sdp_err *err);
	void *context;
};

/*
 * Streams all rows of the source, from its start, even if a task has read it before, and fills
 * *report.  Nothing can read the source afterwards: the disk space of its spool is freed during the
 * run.  If the input comes faster than the workers or the sink can process it, the writer of the
 * pipe has to wait.
 */
int sdp_rows_run(const struct sdp_rows *rows, struct sdp_source *source,
		 const struct sdp_engine_options *options, const struct sdp_rows_sink *sink,
		 struct sdp_engine_report *report, struct sdp_err *err);

#endif

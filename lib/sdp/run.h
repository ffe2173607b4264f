/*
 * The steps of a program that reads tables, for those whose run is more than one task: a model that
 * is fitted and then assigns rows, one that is read and predicts.
 *
 *	source = sdp_run_open(&params->common, count, operands, err);
 *	model = …                                  sdp_run_task_on(…), or sdp_model_file_read(…)
 *	rc = sdp_run_rows_on(&params->common, &rows, source, err);
 *	sdp_source_free(source);
 */
#ifndef SDP_RUN_H
#define SDP_RUN_H

#include "sdp/program.h"
#include "sdp/rows.h"

#include <cjson/cJSON.h>

/*
 * Opens the operands as one table by the common options.  Refuses an -o that is one of them and
 * warns of a header that looks like data.  Of JSON it finds the columns (sdp_discover_columns).  From here
 * on signals are polled for.
 */
struct sdp_source *sdp_run_open(const struct sdp_common *common, int count, char **operands,
				struct sdp_err *err);

/*
 * Runs a task (params begins with struct sdp_common) with progress and -v's note: doc, an empty
 * object, gets "task" and the task's members.
 */
int sdp_run_task_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
		    cJSON *doc, struct sdp_err *err);

/* The same, and prints the document. */
int sdp_run_document_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
			struct sdp_err *err);

/*
 * Streams rows to where -o says, with progress; of rows->count_only their number alone, as a line. 
 * rows->format is set from -f (csv by default; what is no format of rows is a usage error:
 * sdp_run_rows_check finds it before work is done).
 */
int sdp_run_rows_on(const struct sdp_common *common, struct sdp_rows *rows,
		    struct sdp_source *source, struct sdp_err *err);
int sdp_run_rows_check(const struct sdp_common *common, struct sdp_err *err);

/*
 * A warning for the user (sdp_warn) that goes to the end of a document's array of warnings as well.
 */
int sdp_warn_in(cJSON *warnings, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Says in the array alone, since it is no surprise, which columns are not among the features
 * (ascending indices in the schema) that were chosen by default.
 */
int sdp_warn_left_out(cJSON *warnings, const struct sdp_schema *schema, const size_t *features,
		      size_t count, struct sdp_err *err);

#endif

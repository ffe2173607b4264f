/*
 * The steps of a program that reads tables and does more than run one task: for example, it fits a
 * model and then assigns rows to it, or reads a model and predicts.
 *
 *	source = sdp_run_open(&params->common, count, operands, err);
 *	model = …                       by sdp_run_task_on(…), or by sdp_model_file_read(…)
 *	rc = sdp_run_rows_on(&params->common, &rows, source, err);
 *	sdp_source_free(source);
 */
#ifndef SDP_RUN_H
#define SDP_RUN_H

#include "sdp/program.h"
#include "sdp/rows.h"

#include <cjson/cJSON.h>

/*
 * Opens the operands as one table, as the common options say; without operands, standard input.
 * For JSON input, it finds the columns (sdp_discover_columns).  Warns if the header looks like
 * data, or if another delimiter would give more than one column.
 *
 * From this call on, signals only set sdp_interrupted (base/signals.h), so the program must poll
 * for them.
 *
 * Returns a source, which the caller frees with sdp_source_free; NULL on failure, also
 * (SDP_USAGE) if -o names one of the operands.
 */
struct sdp_source *sdp_run_open(const struct sdp_common *common, int count, char **operands,
				struct sdp_err *err);

/*
 * Runs a task over the source, with the progress line and the note of -v.  params begins with
 * struct sdp_common.  doc is an empty object, to which "task" and the members of the task's
 * document are added.
 */
int sdp_run_task_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
		    cJSON *doc, struct sdp_err *err);

/* Runs a task in the same way and prints its document (sdp_output_document). */
int sdp_run_document_on(const struct sdp_task *task, const void *params, struct sdp_source *source,
			struct sdp_err *err);

/*
 * Streams rows to standard output or the file of -o, with the progress line and the note of -v.
 * With rows->count_only it writes only the number of rows, as one line.  Sets rows->format from -f
 * (csv by default); any other format of -f is a usage error.  For a table, the first rows are held
 * back until the widths of its columns are known (document/row_table.h).
 */
int sdp_run_rows_on(const struct sdp_common *common, struct sdp_rows *rows,
		    struct sdp_source *source, struct sdp_err *err);

/*
 * Fails if -f is not a format of rows, or if --print or --digits was given, which have no effect on
 * rows.  A program calls it before it starts work whose result it prints as rows.
 */
int sdp_run_rows_check(const struct sdp_common *common, struct sdp_err *err);

/*
 * Prints a warning (sdp_warn) and appends its text to warnings, the array of warnings of a
 * document.
 */
int sdp_warn_in(cJSON *warnings, struct sdp_err *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Appends to the array of warnings which columns of the schema are not among the features that
 * were chosen by default, as "left out, not numeric: a, b"; nothing if there are none.  features
 * are count ascending indices into the schema's columns.  Prints nothing.
 */
int sdp_warn_left_out(cJSON *warnings, const struct sdp_schema *schema, const size_t *features,
		      size_t count, struct sdp_err *err);

/*
 * Fails with SDP_USAGE, and how the program is used, if there are no operands and standard input is
 * a terminal: whoever started the program most likely wants to know.  The operand - reads what is
 * typed.
 */
int sdp_refuse_typing(int operands, struct sdp_err *err);

#endif

/*
 * Model files: JSON documents of fitted models that a program has printed and that it reads again
 * for --predict.
 *
 * Functions return 0, or -1 with err set.
 */
#ifndef SDP_CLI_MODEL_FILE_H
#define SDP_CLI_MODEL_FILE_H

#include "table/source.h"

#include <cjson/cJSON.h>

/*
 * Reads the file or the address path, which must hold one JSON document whose member "task" is
 * task, and nothing else.  The caller owns *doc (cJSON_Delete); it is NULL on failure.
 *
 * Errors: SDP_SYSTEM if the file cannot be opened; SDP_USAGE if path is "-", since standard input
 * is for the data; SDP_DATA if the file is not such a document.  A file of more than 256 MiB is
 * refused.
 */
int sdp_model_file_read(const char *path, const char *task, cJSON **doc, struct sdp_err *err);

/*
 * Finds the columns of source whose names are in the array doc[key].  *columns receives *count
 * indices into the schema, in the order of the names; the caller frees the array.  A name that is
 * not a column is an error.
 */
int sdp_model_file_columns(const cJSON *doc, const char *key, struct sdp_source *source,
			   size_t **columns, size_t *count, struct sdp_err *err);

/*
 * Copies the numbers of a JSON array to values.  The array must have exactly count numbers, all
 * finite as doubles; otherwise the error is SDP_DATA.  The array may come from a file (numbers, or
 * texts of numbers) or from a document made in this process (raw lexemes).  key is its name in
 * messages.
 */
int sdp_model_file_reals(const cJSON *array, const char *key, double *values, size_t count,
			 struct sdp_err *err);

/*
 * Warns, in one line that names them, of columns for which the model has no coefficient because the
 * fit dropped them.  rows is the member "coefficients"; the first count of its rows are those of
 * the columns.
 */
int sdp_model_file_warn_dropped(const cJSON *rows, const bool *dropped, size_t count,
				struct sdp_err *err);

#endif

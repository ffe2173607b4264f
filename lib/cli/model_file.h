/* Models: documents that programs printed and read again (--predict). */
#ifndef SDP_CLI_MODEL_FILE_H
#define SDP_CLI_MODEL_FILE_H

#include "table/source.h"

#include <cjson/cJSON.h>

/*
 * Reads a file that holds the document of this task and nothing else: *doc is the caller's to
 * cJSON_Delete.  A missing file is SDP_SYSTEM as for inputs, "-" (where the data comes from) is
 * SDP_USAGE; what is no such document is SDP_DATA.  Files over 256 MiB are refused.
 */
int sdp_model_file_read(const char *path, const char *task, cJSON **doc, struct sdp_err *err);

/* The source's columns that the array doc[key] names: *columns is the caller's to free. */
int sdp_model_file_columns(const cJSON *doc, const char *key, struct sdp_source *source,
			   size_t **columns, size_t *count, struct sdp_err *err);

/*
 * The numbers of an array of that many, of a document that was read or one just made.  key names it
 * in messages.
 */
int sdp_model_file_reals(const cJSON *array, const char *key, double *values, size_t count,
			 struct sdp_err *err);

#endif

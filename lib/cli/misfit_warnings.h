/* Warnings about columns that a few cells keep from being numbers or times. */
#ifndef SDP_CLI_MISFIT_WARNINGS_H
#define SDP_CLI_MISFIT_WARNINGS_H

#include "table/misfits.h"

#include <cjson/cJSON.h>

/*
 * Warns of a column (index in the schema) if it has few misfits and is one of the first five such
 * columns, which *found counts. fate is what becomes of it: "is a string". The text is added to
 * warnings, the array of a document, unless that is NULL; when it is printed, the place of the
 * first misfit comes first. Returns 0 or -1.
 */
int sdp_warn_misfits(cJSON *warnings, const struct sdp_misfits *misfits,
		     const struct sdp_schema *schema, size_t column, const char *fate,
		     size_t *found, struct sdp_err *err);

/* Says how many more columns there are than were warned of, if there are any. Returns 0 or -1. */
int sdp_warn_more_misfits(cJSON *warnings, size_t found, struct sdp_err *err);

#endif

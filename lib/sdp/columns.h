/*
 * Choosing columns by -x: names, numbers from 1, ranges "a:f" (either end may be missing),
 * "/regular expression/" (POSIX extended), separated by commas.
 */
#ifndef SDP_COLUMNS_H
#define SDP_COLUMNS_H

#include "sdp/schema.h"

/*
 * *indices (the caller's to free) lists the columns in the order given, each once.  list NULL: all
 * columns.  A name that is no column, or names two, is an error; so is an expression that
 * finds nothing.
 */
int sdp_columns_select(const struct sdp_schema *schema, const char *list, size_t **indices,
		       size_t *count, struct sdp_err *err);

/* Bytes of a list's first element; a comma or the list's end is behind it. */
size_t sdp_columns_element(const char *list);

/* The column of this name (length bytes) or, failing that, number. */
int sdp_columns_find(const struct sdp_schema *schema, const char *name, size_t length,
		     size_t *index, struct sdp_err *err);

/* The one column of this very name, which a model uses; file is the input's name, for messages. */
int sdp_columns_of_model(const struct sdp_schema *schema, const char *file, const char *name,
			 size_t *index, struct sdp_err *err);

/* Would it be found? */
bool sdp_columns_has(const struct sdp_schema *schema, const char *name, size_t length);

#endif

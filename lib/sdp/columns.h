/*
 * Selection of columns by the list of -x: names, numbers from 1, ranges "a:f" (either end may be
 * missing) and "/regular expression/" (PCRE2), separated by commas.
 *
 * A name takes precedence over a number, and a name that contains a colon over a range.  A name
 * that no column or several columns have is an error (SDP_DATA), and the message suggests
 * a similar name.
 */
#ifndef SDP_COLUMNS_H
#define SDP_COLUMNS_H

#include "sdp/schema.h"

/*
 * Finds the columns of a list; NULL: all columns.  Sets *indices to an array of *count indices into
 * the schema's columns, in the order of the list, each once; the caller frees it with free().
 * Those of a regular expression come in the order of the table.
 *
 * Fails with SDP_DATA if a range runs backwards or an expression matches no column, and with
 * SDP_USAGE if a name is empty, or an expression is invalid or takes too many steps for a name.
 */
int sdp_columns_select(const struct sdp_schema *schema, const char *list, size_t **indices,
		       size_t *count, struct sdp_err *err);

/*
 * Returns the length in bytes of the first element of a list; the byte after it is a comma or the
 * NUL.  A comma within /…/ does not end the element.
 */
size_t sdp_columns_element(const char *list);

/* Finds the column that has this name (length bytes) or, if none has it, this number. */
int sdp_columns_find(const struct sdp_schema *schema, const char *name, size_t length,
		     size_t *index, struct sdp_err *err);

/* Finds the column that has exactly this name; numbers do not count. */
int sdp_columns_find_name(const struct sdp_schema *schema, const char *name, size_t length,
			  size_t *index, struct sdp_err *err);

/*
 * Finds the column that has exactly this name, which a model uses; numbers do not count.  file is
 * the name of the input, for messages.
 */
int sdp_columns_of_model(const struct sdp_schema *schema, const char *file, const char *name,
			 size_t *index, struct sdp_err *err);

/*
 * Writes into out, quoted for a shell, what names a column in the list of an option: its name or,
 * if this is empty, not the only one, long, or has a comma, a "=" or another character that lists
 * take apart, its number; and after it suffix, at most 20 bytes ("=real").  Returns out.
 */
enum { SDP_COLUMNS_NAME = 100, SDP_COLUMNS_WORD = 4 * (SDP_COLUMNS_NAME + 20) + 3 };
const char *sdp_columns_word(const struct sdp_schema *schema, size_t column, const char *suffix,
			     char out[SDP_COLUMNS_WORD]);

/*
 * Returns whether name is the column of JSON of an item of the arrays called array ("items.0"), or
 * of a member of such an item ("items.0.id"): then *within is true.
 */
bool sdp_columns_is_item(const char *name, const char *array, bool *within);

/* Returns how many columns have this name (0 leaves *index unset). *index is the first of them. */
size_t sdp_columns_named(const struct sdp_schema *schema, const char *name, size_t length,
			 size_t *index);

/* Returns whether sdp_columns_find would succeed. */
bool sdp_columns_has(const struct sdp_schema *schema, const char *name, size_t length);

#endif

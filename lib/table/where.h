/*
 * Expressions of --where: which rows of a table are wanted. The grammar and the meaning are in
 * sdp-csv(5).
 *
 *	where = sdp_where_parse(text, err);          no table is needed: exit code 2 if it fails
 *	rc = sdp_where_bind(where, schema, &first_block, err);
 *	rc = sdp_where_filter(where, &scratch, &block, err);    in each process, for each block
 *
 * An expression is one of three values for each row: true, false or null. Rows for which it is true
 * are wanted.
 *
 * The types of columns are those of --types, or otherwise the guesses of the schema at the time of
 * sdp_where_bind, which are those of the first rows, wanted or not. A cell that has another type
 * fails the run with its place, in a wanted row or not; so the result does not depend on how the
 * input is cut into blocks.
 */
#ifndef SDP_TABLE_WHERE_H
#define SDP_TABLE_WHERE_H

#include "sdp/block.h"

struct sdp_where;

/* The longest expression in bytes, and how deeply it may be nested. */
enum { SDP_WHERE_BYTES_MAX = 1 << 16, SDP_WHERE_DEPTH_MAX = 200 };

/*
 * Parses an expression, which must stay valid as long as the result. Fails with SDP_USAGE; the
 * message shows the expression with a caret below the fault. Free the result with sdp_where_free.
 */
struct sdp_where *sdp_where_parse(const char *text, struct sdp_err *err);

/*
 * Returns the regular expression of this number (from 0) in an expression, or NULL if there are not
 * so many.
 */
const char *sdp_where_pattern(const struct sdp_where *where, size_t number);

/* Frees an expression; it may be NULL. */
void sdp_where_free(struct sdp_where *where);

/*
 * Returns whether the types of all columns that the expression names are fixed in the schema, or do
 * not matter (is null); then sdp_where_bind needs no guesses. Unknown columns count as fixed.
 */
bool sdp_where_is_typed(const struct sdp_where *where, const struct sdp_schema *schema);

/*
 * Finds the columns and checks the types. Fails with SDP_DATA if a column does not exist, and if
 * values of unlike types are compared. Warns of columns that are compared as strings because of a
 * few cells; the block has the rows from which the types were guessed.
 */
int sdp_where_bind(struct sdp_where *where, const struct sdp_schema *schema,
		   const struct sdp_block *block, struct sdp_err *err);

/* Returns whether sdp_where_bind has succeeded. */
bool sdp_where_is_bound(const struct sdp_where *where);

/* The memory of a process for filtering. */
struct sdp_where_scratch;

/* Frees the memory; it may be NULL. */
void sdp_where_scratch_free(struct sdp_where_scratch *scratch);

/*
 * Removes from a block the rows that are not wanted; *scratch, which is NULL before, is made by the
 * first call. The cells that are left may move within the block's text and ends, which therefore
 * must be the reader's own. Afterwards, records is set, unless all rows are left.
 *
 * Fails at the first cell of the wrong type, and at a text for which a regular expression takes too
 * many steps; the block then holds the wanted rows before it.
 */
int sdp_where_filter(const struct sdp_where *where, struct sdp_where_scratch **scratch,
		     struct sdp_block *block, struct sdp_err *err);

#endif

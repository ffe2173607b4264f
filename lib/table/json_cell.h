/* Writes the cells of a table as JSON values. */
#ifndef SDP_TABLE_JSON_CELL_H
#define SDP_TABLE_JSON_CELL_H

#include "sdp/schema.h"

/* The maximum of bytes that a cell takes: as a string, or as a number with a zero before it. */
#define SDP_JSON_CELL(length) (6 * (length) + 5)

/*
 * Writes a cell that is not null.  A number by the rules of sdp-csv(5) is written by its value:
 * without blanks, plus sign, separators of thousands and leading zeros, with a full stop as its
 * point, and with all its other digits.  "true" and "false" in lower case become booleans,
 * everything else a string.  If --types fixes the type of the column, the cell is of that type, and
 * strings, dates and times are strings; column may be NULL.  p has room for SDP_JSON_CELL(length)
 * bytes.  Returns the end of what was written.
 */
char *sdp_json_put_cell(char *p, const struct sdp_schema *schema, const struct sdp_column *column,
			const char *s, size_t length);

/*
 * Writes a cell of JSON input that is not null.  It keeps its type, unless --types fixes that of
 * its column.  quoted: it was a string.
 */
char *sdp_json_put_json_cell(char *p, const struct sdp_schema *schema,
			     const struct sdp_column *column, const char *s, size_t length,
			     bool quoted);

#endif

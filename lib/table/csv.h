/*
 * A careful parser of CSV records: it reads byte by byte and reports the first fault.
 *
 * Parsed cells are a text and the offset of the end of each cell in it. Cell i is the bytes from
 * one past end i - 1 to end i, without a CR before the end of a record. A cell that begins with the
 * quote of the dialect (LF where there are no quotes) is quoted; its value is the bytes between its
 * first and last byte, unchanged, because the parser has already replaced doubled quotes by single
 * ones. A cell with escapes is written as a quoted one.
 */
#ifndef SDP_TABLE_CSV_H
#define SDP_TABLE_CSV_H

#include "base/cells.h"
#include "sdp/buf.h"
#include "sdp/schema.h"

#include <stdbool.h>

struct sdp_csv_context {
	const char *file;
	uint64_t first_record; /* the number of the record at the start of the text */
	struct sdp_dialect dialect;
	enum sdp_quotes quotes; /* for messages */
	size_t columns;         /* the number of cells that every record must have; 0: any number */
	/* for messages; NULL: columns have no names */
	const char *(*column_name)(const void *names, size_t column);
	const void *names;
	enum sdp_ragged ragged;
	const char *pad; /* the text of missing cells, for SDP_RAGGED_PAD */
	size_t pad_length;
	char comment; /* records that begin with it are skipped; 0: none */
	size_t most;  /* the most rows to parse; 0: all */
};

/*
 * Parses the records in text into cells, which are emptied first. The last record need not end in
 * LF. Lines of nothing but blanks are skipped if a record has more than one column. Returns 0, or
 * -1 with the place of the first fault; cells then hold the rows before it.
 */
int sdp_csv_parse(const struct sdp_csv_context *context, const char *text, size_t length,
		  struct sdp_cells *cells, struct sdp_err *err);

/*
 * Return -1 with the error for a record that is longer than most bytes (quoted: it ends within a
 * quoted cell), and for a quoted cell that is not closed (or not quoted: an escape without a byte
 * after it).
 */
int sdp_csv_too_long(struct sdp_place place, bool quoted, uint64_t most, struct sdp_err *err);
int sdp_csv_not_closed(struct sdp_place place, bool quoted, struct sdp_err *err);

#endif

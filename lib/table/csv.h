/*
 * CSV records, the careful way: byte by byte, with an error for whatever is not in order.
 *
 * A table of cells is a text and the offset of each cell's end in it: cell i is the bytes from
 * behind end i-1 to end i, less a CR before a record's end.  A cell that begins with a quote is
 * quoted: its value is what stands between its first and last byte, as it is (doubled quotes
 * have been made single here).
 */
#ifndef SDP_TABLE_CSV_H
#define SDP_TABLE_CSV_H

#include "sdp/buf.h"
#include "sdp/schema.h"

#include <stdbool.h>

struct sdp_cells {
	struct sdp_buf text;
	uint32_t *ends; /* ends[0] is the end of the first cell; owned */
	size_t count, ends_capacity;
	uint64_t *records; /* of each row its record number; owned */
	size_t rows, records_capacity;
	uint64_t ragged, first_ragged; /* records padded or skipped, and the number of the first */
};

void sdp_cells_release(struct sdp_cells *cells);

struct sdp_csv_context {
	const char *file;
	uint64_t first_record; /* number of the record at the text's start */
	char delimiter;        /* LF: lines of text, see scan.h */
	size_t columns;        /* every record must have; 0: any number */
	const char *(*column_name)(const void *names, size_t column); /* for messages, or NULL */
	const void *names;
	enum sdp_ragged ragged;
	const char *pad; /* what missing cells are filled with */
	size_t pad_length;
	char comment; /* records that begin with it are passed over; 0: none do */
	size_t most;  /* rows, behind which the text is not parsed; 0: all */
};

/*
 * Parses the records in text (the last need not end in LF) into cells, which are emptied first.
 * Empty lines are passed over where a record has more than one column.
 */
int sdp_csv_parse(const struct sdp_csv_context *context, const char *text, size_t length,
		  struct sdp_cells *cells, struct sdp_err *err);

/* What a record that goes on too long is refused with; quoted: within a quoted cell. */
int sdp_csv_too_long(struct sdp_place place, bool quoted, uint64_t most, struct sdp_err *err);
int sdp_csv_not_closed(struct sdp_place place, struct sdp_err *err);

#endif

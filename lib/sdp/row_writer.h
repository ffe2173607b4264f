/*
 * Rows as text: those of a block as they stood in the input, all columns or some of them, with
 * added cells behind them, as CSV, TSV or NDJSON.
 *
 * CSV of an input separated by commas, and TSV of one separated by tabs, keep a record byte for
 * byte, quotes included; only the line end becomes LF.  Otherwise a cell's value is written anew:
 * CSV quotes what has to be (sdp_csv_add_cell), TSV escapes (sdp_tsv_add_cell).  NDJSON: an object
 * a row; null texts (--na) become null, a cell that is a JSON number stays as it stands, all else
 * is a string; names that occur twice come twice.
 */
#ifndef SDP_ROW_WRITER_H
#define SDP_ROW_WRITER_H

#include "sdp/block.h"
#include "sdp/buf.h"

enum sdp_row_format { SDP_ROW_CSV, SDP_ROW_TSV, SDP_ROW_NDJSON };

/* A column that is added to the input's. */
struct sdp_added_column {
	const char *name; /* not copied */
	/* its cells are JSON numbers or empty; otherwise they are as the input's */
	bool numeric;
};

/* The added cells of a block, all columns of row 0, then row 1, …; {0} is fresh. */
struct sdp_added {
	struct sdp_buf text;
	uint32_t *ends; /* of each cell in text; owned */
	size_t count, capacity;
};

void sdp_added_release(struct sdp_added *added);

/* The next cell.  An empty one is null, and so is a real that is not finite. */
int sdp_added_text(struct sdp_added *added, const char *text, size_t length, struct sdp_err *err);
int sdp_added_null(struct sdp_added *added, struct sdp_err *err);
int sdp_added_integer(struct sdp_added *added, int64_t value, struct sdp_err *err);
/* shortest round-trip */
int sdp_added_real(struct sdp_added *added, double value, struct sdp_err *err);

/* Columns of the input (indices in the schema, each once) in the order in which they are wanted. */
struct sdp_row_columns {
	const size_t *columns;
	size_t count;
};

/* Chosen columns that stand one behind the other in the input. */
struct sdp_row_writer_run {
	size_t first, last;
};

/*
 * How rows are written; made once for a schema, read-only then (so workers may have copies of it).
 */
struct sdp_row_writer {
	enum sdp_row_format format;
	const struct sdp_schema *schema;
	const struct sdp_added_column *added;
	size_t added_count;
	size_t *columns, column_count;   /* those of the input */
	struct sdp_row_writer_run *runs; /* the same, in their order */
	size_t run_count;
	char *keys;       /* of NDJSON: "name": in front of every value */
	size_t *key_ends; /* column_count + added_count of them */
};

/*
 * schema and added must outlive it; choice NULL: all columns.  Fails (SDP_DATA) if an added column
 * has the name of a chosen one; file is the input's name, for the message.
 */
int sdp_row_writer_init(struct sdp_row_writer *rowtext, enum sdp_row_format format,
			const char *file, const struct sdp_schema *schema,
			const struct sdp_row_columns *choice, const struct sdp_added_column *added,
			size_t added_count, struct sdp_err *err);
void sdp_row_writer_release(struct sdp_row_writer *rowtext);

/* Appends the header; NDJSON has none. */
int sdp_row_writer_header(const struct sdp_row_writer *rowtext, struct sdp_buf *out,
			  struct sdp_err *err);

/* Appends the rows of a block; added has rows × added_count cells. */
int sdp_row_writer_block(const struct sdp_row_writer *rowtext, const struct sdp_block *block,
			 const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err);

#endif

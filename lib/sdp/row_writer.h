/*
 * Writes the rows of a block as CSV, TSV or NDJSON: all columns of the input or some of them, with
 * the cells of added columns after them.
 *
 * CSV of a comma-separated input and TSV of a tab-separated input keep each record byte for byte,
 * including its quotes; only the line end becomes LF.  In all other cases, and for cells with
 * quotes that are plain text in the input, the values are formatted again, quoted where necessary
 * (sdp_csv_add_cell).  In TSV of several columns, all cells of a record are quoted if one of them
 * spans lines: so sdp-csv(5) tells quotes that are syntax from those that are text.
 *
 * NDJSON has one object per row.  sdp-cat(1) says which cells become null, numbers, booleans and
 * strings.  If several columns have the same name, the second is written as NAME_2, the third as
 * NAME_3 and so on, skipping names that other columns have.
 *
 * A program that lays out rows itself takes them as cells (sdp_row_cell_next), with the text that
 * they have in CSV, but without quotes.
 */
#ifndef SDP_ROW_WRITER_H
#define SDP_ROW_WRITER_H

#include "sdp/block.h"
#include "sdp/buf.h"

enum sdp_row_format { SDP_ROW_CSV, SDP_ROW_TSV, SDP_ROW_NDJSON, SDP_ROW_CELLS };

/* What the cells of an added column become in NDJSON; an empty one is null. */
enum sdp_added_kind {
	SDP_ADDED_CELL,   /* what they look like, as the cells of CSV */
	SDP_ADDED_NUMBER, /* numbers, which they are */
	SDP_ADDED_STRING, /* strings, even if they look like numbers */
};

/* A column that is added to those of the input. */
struct sdp_added_column {
	const char *name; /* not copied */
	enum sdp_added_kind kind;
};

/*
 * The added cells of a block: those of all added columns of row 0, then of row 1, ….  {0} is empty.
 * The struct owns its memory; release it when done.
 */
struct sdp_added {
	struct sdp_buf text;
	uint32_t *ends; /* the end of each cell in text */
	size_t count, capacity;
};

void sdp_added_release(struct sdp_added *added);

/*
 * Append the next cell.  An empty text is null.  Return 0, or -1 if memory is exhausted or the
 * cells of the block exceed 4 GiB.
 */
int sdp_added_text(struct sdp_added *added, const char *text, size_t length, struct sdp_err *err);
int sdp_added_null(struct sdp_added *added, struct sdp_err *err);
int sdp_added_integer(struct sdp_added *added, int64_t value, struct sdp_err *err);
/* Prints the shortest text that reads back as value (sdp_num_print); NaN and infinity are null. */
int sdp_added_real(struct sdp_added *added, double value, struct sdp_err *err);

/* Columns of the input: indices in the schema, each once, in the order of the output. */
struct sdp_row_columns {
	const size_t *columns;
	size_t count;
};

/* Chosen columns that are adjacent in the input, from first to last. */
struct sdp_row_writer_run {
	size_t first, last;
};

/*
 * The parameters of writing.  sdp_row_writer_init makes them once for a schema; they do not change
 * afterwards, so workers may use copies made by fork.
 */
struct sdp_row_writer {
	enum sdp_row_format format;
	const struct sdp_schema *schema;
	const struct sdp_added_column *added;
	size_t added_count;
	size_t *columns, column_count;   /* the chosen columns of the input */
	struct sdp_row_writer_run *runs; /* the same columns in the same order */
	size_t run_count;
	char *keys;       /* for NDJSON: the text before each value, {"name": or ,"name": */
	size_t *key_ends; /* the end of each of these texts, column_count + added_count */
	/* For NDJSON: a warning that names a column that was renamed; empty: none was. */
	struct sdp_buf renamed;
};

/*
 * Initializes a writer.  schema and added (added_count of them) must outlive it; choice, which may
 * be NULL for all columns, is copied.  Fails with SDP_DATA if an added column has the name of a
 * chosen one; file is the name of the input, for this message.
 */
int sdp_row_writer_init(struct sdp_row_writer *writer, enum sdp_row_format format, const char *file,
			const struct sdp_schema *schema, const struct sdp_row_columns *choice,
			const struct sdp_added_column *added, size_t added_count,
			struct sdp_err *err);
void sdp_row_writer_release(struct sdp_row_writer *writer);

/* What a cell is, in NDJSON too, or the end of a row. */
enum sdp_row_cell_kind {
	SDP_ROW_CELL_NULL,
	SDP_ROW_CELL_NUMBER,
	SDP_ROW_CELL_OTHER, /* a boolean or a string; also a name in the header */
	SDP_ROW_CELL_END,
};

struct sdp_row_cell {
	enum sdp_row_cell_kind kind;
	const char *text; /* as the input has it; not NUL-terminated */
	size_t length;
};

/* Reads the next cell of SDP_ROW_CELLS, which is at p.  Returns what follows it. */
const char *sdp_row_cell_next(const char *p, struct sdp_row_cell *cell);

/* Appends the header to out; NDJSON has none. */
int sdp_row_writer_header(const struct sdp_row_writer *writer, struct sdp_buf *out,
			  struct sdp_err *err);

/* Appends the rows of a block to out.  added must have rows × added_count cells. */
int sdp_row_writer_block(const struct sdp_row_writer *writer, const struct sdp_block *block,
			 const struct sdp_added *added, struct sdp_buf *out, struct sdp_err *err);

#endif

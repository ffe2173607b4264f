/*
 * A block: the rows of one chunk of the input, as cells, and its columns as numbers or times.
 *
 * A block belongs to the reader that made it.  It and the cells it points to are valid until the
 * callback that got it returns.
 */
#ifndef SDP_BLOCK_H
#define SDP_BLOCK_H

#include "sdp/schema.h"

struct sdp_cells;

struct sdp_block {
	const struct sdp_schema *schema;
	const char *file; /* name of the input, for messages */
	uint32_t input;   /* its number, from 0 */
	size_t rows, columns;
	uint64_t first_record;   /* record number of the first row */
	const uint64_t *records; /* record number of each row; NULL: consecutive numbers */
	struct sdp_oddity odd[SDP_ODD_KINDS]; /* skipped records are not among the rows */
	const char *text;                     /* the cells, for sdp_block_cell */
	bool changed;      /* text is not that of the input: escapes, or records, were removed */
	char quote;        /* the first and the last byte of quoted cells in text */
	unsigned char low; /* no byte above it is a quote, a blank or CR; see sdp_block_quote */
	/*
	 * The end of each cell in text, rows × columns offsets, row by row.  Cell i is the bytes
	 * from ends[i-1] + 1 to ends[i]; ends[-1] is UINT32_MAX, so the first cell starts at 0.
	 */
	const uint32_t *ends;
	/*
	 * Set in a sparse block, which JSON of very many columns has, and delimited text that has
	 * few of the columns of --union, else NULL: the cells of row r are ends[starts[r]] to
	 * ends[starts[r + 1] - 1], slots[column] is the index of a column's cell among them, and a
	 * cell that is not there is null: that is cell 0, before those of all rows.  The slot of a
	 * column without any cell is UINT32_MAX.
	 */
	const uint32_t *starts, *slots;
	uint64_t chunk; /* number of the chunk among those of all inputs, from 0 */
	/*
	 * For JSON whose columns are not known yet: the paths of this block's columns in the order
	 * of their first appearance.  Otherwise NULL.
	 */
	const struct sdp_cells *paths;
	bool empty_list; /* and whether the source's list (table/source.h) is empty in a row */
};

/* Sets the quote of the cells in text, and low. */
static inline void sdp_block_quote(struct sdp_block *block, char quote)
{
	block->quote = quote;
	block->low = (unsigned char)quote > ' ' ? (unsigned char)quote : ' ';
}

/* Returns the record number of a row (0 ≤ row < rows). */
static inline uint64_t sdp_block_record(const struct sdp_block *block, size_t row)
{
	return block->records ? block->records[row] : block->first_record + row;
}

/* Returns the pointer to the end of a cell, for the functions below. */
static inline const uint32_t *sdp_block_end(const struct sdp_block *block, size_t row,
					    size_t column)
{
	if (__builtin_expect(!block->starts, 1))
		return block->ends + row * block->columns + column;
	uint32_t first = block->starts[row], slot = block->slots[column];
	return block->ends + (slot < block->starts[row + 1] - first ? first + slot : 0);
}

/* Returns whether all cells of a column are known to be null without looking at them. */
static inline bool sdp_block_lacks(const struct sdp_block *block, size_t column)
{
	return block->slots && block->slots[column] == UINT32_MAX;
}

/*
 * Returns the value of a cell, without its quotes and the blanks around it, and sets *length to its
 * bytes.  It is not NUL-terminated; 16 bytes after it may be read.
 */
static inline const char *sdp_block_cell(const struct sdp_block *block, size_t row, size_t column,
					 size_t *length)
{
	const uint32_t *end = sdp_block_end(block, row, column);
	const char *s = block->text + (uint32_t)(end[-1] + 1), *e = block->text + *end;
	/* Most cells begin and end with other bytes than quotes, blanks and CR. */
	if (e > s && ((unsigned char)*s <= block->low || (unsigned char)e[-1] <= block->low)) {
		if (column + 1 == block->columns && e[-1] == '\r')
			e--;
		if (block->schema->format != SDP_FORMAT_LINES) {
			while (e > s && sdp_is_blank(*s))
				s++;
			while (e > s && sdp_is_blank(e[-1]))
				e--;
		}
		if (e > s && *s == block->quote) {
			s++;
			e--;
		}
	}
	*length = (size_t)(e - s);
	return s;
}

/* Returns whether a cell is in quotes; value is what sdp_block_cell returned for it. */
static inline bool sdp_block_cell_is_quoted(const struct sdp_block *block, size_t row,
					    size_t column, const char *value)
{
	const uint32_t *end = sdp_block_end(block, row, column);
	const char *raw = block->text + (uint32_t)(end[-1] + 1);
	return value != raw && *raw == block->quote;
}

/* Returns the place of a cell, for sdp_fail_at. */
struct sdp_place sdp_block_place(const struct sdp_block *block, size_t row, size_t column);

/* Values in scale[] of rows whose cell is not a decimal. */
enum {
	SDP_CELL_NULL = 0xff,
	/* a number that is not a decimal, or is wide (sdp/num.h): real[] has the nearest double */
	SDP_CELL_REAL = 0xfe,
	SDP_CELL_OTHER = 0xfd, /* any other cell */
};

/*
 * A column of a block as decimals mantissa × 10^-scale (sdp/num.h), which need not be canonical.
 * Times are in seconds (sdp_time_parse).  {0} is an empty column.  The arrays belong to the struct,
 * have an element per row, and are reused by the next call.
 */
struct sdp_number_column {
	size_t rows, capacity; /* capacity: allocated elements of each array */
	int64_t *mantissa;
	uint8_t *scale; /* 0 to 18, or SDP_CELL_… */
	double *real;   /* only valid where scale is SDP_CELL_REAL */
	/* The number of rows with SDP_CELL_NULL, _REAL and _OTHER; all other rows have decimals. */
	size_t nulls, reals, others;
	size_t wides;   /* number of cells that are wide (sdp/num.h) */
	bool padded;    /* numbers may have leading zeros */
	unsigned seen;  /* SDP_SEEN_ bits of all cells that are not null */
	int max_scale;  /* of the decimals; 0 if there are none */
	bool one_scale; /* all decimals have the scale max_scale */
};

/* Frees the arrays. */
void sdp_number_column_release(struct sdp_number_column *numbers);

/* Reads a column (index in the schema) as numbers.  Fails only if memory is exhausted. */
int sdp_block_numbers(const struct sdp_block *block, size_t column,
		      struct sdp_number_column *numbers, struct sdp_err *err);

/*
 * Reads a column as times, in the same way.  SDP_CELL_REAL is a time whose decimal does not fit 64
 * bits, one with 8 or 9 digits of a fraction far from 1970; real[] is not set for it.
 */
int sdp_block_times(const struct sdp_block *block, size_t column, struct sdp_number_column *numbers,
		    struct sdp_err *err);

/*
 * Converts all decimals to one scale, the smallest that holds their values (1 for 10.50 and 1.50),
 * and sets one_scale and max_scale.  Returns whether that was possible, that is, whether all
 * mantissas fit 64 bits at this scale.  If not, each decimal is canonical.
 */
bool sdp_number_column_align(struct sdp_number_column *numbers);

/*
 * Returns the SDP_SEEN_ bits of the cells of a column that are not null; it stops at the first
 * string, which decides the type.
 */
unsigned sdp_block_seen(const struct sdp_block *block, size_t column);

/*
 * The first cell of a block that cannot be used: the lowest row and, in this row, the lowest column
 * in the schema.  {0}: there is none.
 */
struct sdp_fault {
	const struct sdp_block *block; /* NULL: there is none */
	size_t row, column;            /* index in the schema */
	/* The message is these texts with the quoted cell before the hint; NULL: no text. */
	const char *subject, *problem, *hint;
	bool number; /* The cell must be a number; the hint is the option that may help. */
};

/* Sets *first to other if that is earlier.  If both are of one cell, *first is kept. */
void sdp_fault_note(struct sdp_fault *first, struct sdp_fault other);

/* Notes the first cell of a column (index in the schema) that a column of this type cannot have. */
void sdp_fault_find(struct sdp_fault *first, const struct sdp_block *block, size_t column,
		    enum sdp_type type);

/*
 * Does so with the type that --types gives the column, if there is one.  seen are the SDP_SEEN_
 * bits of its cells; if the type admits them all, no cell is read.
 */
void sdp_fault_check_type(struct sdp_fault *first, const struct sdp_block *block, size_t column,
			  unsigned seen);

/* Fails (SDP_DATA) with the place and the text of the cell.  Returns 0 if there is no fault. */
int sdp_fault_fail(const struct sdp_fault *fault, struct sdp_err *err);

/*
 * Guesses the classes of the columns. sdp_schema_forget makes all guesses SDP_CLASS_NONE. After it,
 * sdp_schema_guess sets guess and nearly of the columns that have a value in a block, if their type
 * is not fixed and no earlier block has set them. It returns whether no guess is SDP_CLASS_NONE.
 */
void sdp_schema_forget(struct sdp_schema *schema);
bool sdp_schema_guess(struct sdp_schema *schema, const struct sdp_block *block);

#endif

/*
 * A block: the rows of one chunk, as cells, and its columns read as numbers or times.
 */
#ifndef SDP_BLOCK_H
#define SDP_BLOCK_H

#include "sdp/schema.h"

struct sdp_cells;

struct sdp_block {
	const struct sdp_schema *schema;
	const char *file;
	size_t rows, columns;
	uint64_t first_record;         /* of the first row */
	const uint64_t *records;       /* of each row; NULL: they follow the first without a gap */
	uint64_t ragged, first_ragged; /* as of a chunk; those that were skipped are no rows */
	const char *text;
	const uint32_t *ends; /* rows × columns, see csv.h; ends[-1] is readable (-1) */
	uint64_t chunk;       /* number of the chunk in the input */
	/*
	 * Of JSON whose columns are not known yet: those of this block, as they first appear.  Else
	 * NULL.
	 */
	const struct sdp_cells *paths;
};

static inline uint64_t sdp_block_record(const struct sdp_block *block, size_t row)
{
	return block->records ? block->records[row] : block->first_record + row;
}

/* The cell's value, its quotes taken off.  16 bytes behind it may be read. */
static inline const char *sdp_block_cell(const struct sdp_block *block, size_t row, size_t column,
					 size_t *length)
{
	const uint32_t *end = block->ends + row * block->columns + column;
	const char *s = block->text + (uint32_t)(end[-1] + 1), *e = block->text + *end;
	if (column + 1 == block->columns && e > s && e[-1] == '\r')
		e--;
	/* of lines of text it is a part */
	if (e > s && *s == '"' && block->schema->delimiter != '\n') {
		s++;
		e--;
	}
	*length = (size_t)(e - s);
	return s;
}

/* A failure at a cell. */
struct sdp_place sdp_block_place(const struct sdp_block *block, size_t row, size_t column);

/* What stands in scale[] for a row without a decimal. */
enum {
	SDP_CELL_NULL = 0xff,
	SDP_CELL_REAL = 0xfe,  /* a number, only as a double: in real[] */
	SDP_CELL_OTHER = 0xfd, /* something else */
};

/* A column of a block as decimals mantissa × 10^-scale; times are in seconds (type.h). */
struct sdp_number_column {
	size_t rows, capacity;
	int64_t *mantissa;
	uint8_t *scale; /* 0 to 18, or SDP_CELL_… */
	double *real;
	size_t nulls, reals, others; /* the rest are decimals */
	unsigned seen;               /* SDP_SEEN_ bits of all cells with a value */
	int max_scale;               /* of the decimals; 0 if there are none */
	bool one_scale;              /* the decimals all have max_scale */
};

void sdp_number_column_release(struct sdp_number_column *numbers);

/* Reads a column as numbers or as times; numbers' arrays grow as needed. */
int sdp_block_numbers(const struct sdp_block *block, size_t column,
		      struct sdp_number_column *numbers, struct sdp_err *err);
int sdp_block_times(const struct sdp_block *block, size_t column, struct sdp_number_column *numbers,
		    struct sdp_err *err);

/*
 * Brings all decimals to one scale, the least that holds their values (10.50 and 1.50: 1), where
 * all of them fit 64 bits there: true, and one_scale is set.  Else they are canonical.
 */
bool sdp_number_column_align(struct sdp_number_column *numbers);

/* The type bits of all cells of a column: for guesses, and where a guess failed. */
unsigned sdp_block_seen(const struct sdp_block *block, size_t column);

/*
 * Fails at the first cell, by records, in these columns (indices in the schema) that a type fixed
 * by --types does not admit.  There must be one.
 */
int sdp_block_refuse(const struct sdp_block *block, const size_t *columns, size_t count,
		     struct sdp_err *err);

/* Where that cell is: its row, and which of columns. */
size_t sdp_block_refused(const struct sdp_block *block, const size_t *columns, size_t count,
			 size_t *row);

/* Sets the guesses of the schema's columns that are not fixed, from a block. */
void sdp_schema_guess(struct sdp_schema *schema, const struct sdp_block *block);

#endif

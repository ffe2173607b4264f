/*
 * Columns of a block as exact integers in a unit that is chosen afterwards: value = integer ×
 * 10^-tens.
 *
 * Cells that are not numbers count as null.  The columns are in scratch memory of a work, except
 * for numbers of many digits, which sdp_exact_columns_release frees.
 */
#ifndef SDP_ENGINE_EXACT_COLUMNS_H
#define SDP_ENGINE_EXACT_COLUMNS_H

#include "base/gmp.h"
#include "base/limbs.h"
#include "sdp/task.h"

/* What the numbers of a column need: every value other than 0 is below 2^top in magnitude. */
struct sdp_exact_need {
	bool any; /* there is a value other than 0 */
	int tens; /* digits after the point, at least 0 */
	double top;
};

/* A number that is no decimal of 64 bits. */
struct sdp_exact_odd {
	size_t row;
	int scale;
	mpz_t mantissa;
};

struct sdp_exact_column {
	int64_t *mantissa; /* one per row; 0 for a null */
	uint8_t *scale;    /* one per row, SDP_CELL_NULL for a null, SDP_CELL_REAL for an odd one */
	bool one_scale;    /* all decimals have the scale one */
	int one;
	struct sdp_exact_odd *odd; /* in ascending order of rows */
	size_t odd_count, odd_capacity;
	size_t nulls;
	unsigned seen; /* SDP_SEEN_ bits of the cells */
	struct sdp_exact_need need;
};

struct sdp_exact_columns {
	size_t rows, count;
	struct sdp_exact_column *columns;
	void *room;     /* bytes for the caller, aligned to 64 */
	uint32_t *kept; /* one per row of the block: the rows that are left */
};

/* Adds the needs of other numbers. */
void sdp_exact_need_join(struct sdp_exact_need *need, const struct sdp_exact_need *other);

/* Returns the bits of the integers in the unit 10^-tens: |integer| < 2^bits. */
int sdp_exact_bits(const struct sdp_exact_need *need, int tens);

/* Called after a column is read; numbers is what sdp_block_numbers made of it. */
typedef int sdp_exact_each(void *context, size_t column, const struct sdp_exact_column *c,
			   struct sdp_number_column *numbers, struct sdp_err *err);
/*
 * Reads columns (count indices into the schema) of a block, and takes room bytes for the caller
 * with them.  each may be NULL.  Returns 0 or -1; in both cases the caller calls
 * sdp_exact_columns_release.
 */
int sdp_exact_columns_read(struct sdp_exact_columns *out, const struct sdp_block *block,
			   const size_t *indices, size_t count, size_t room, struct sdp_work *work,
			   sdp_exact_each *each, void *context, struct sdp_err *err);
void sdp_exact_columns_release(struct sdp_exact_columns *columns);

/* Drops the rows in which one of the columns is null, and computes the needs of the rest. */
void sdp_exact_columns_drop_nulls(struct sdp_exact_columns *columns);

/*
 * Writes the limbs of rows [from, from + n), n ≤ SDP_TILE, in the unit 10^-tens, which the column's
 * need does not exceed: out[k × SDP_TILE + i].  Nulls are 0.
 */
void sdp_exact_column_limbs(const struct sdp_exact_column *column, int tens, size_t limbs,
			    size_t from, size_t n, int32_t *out);

#endif

/*
 * The design matrix of a regression: the terms of a frame as columns of numbers.
 *
 * A term of numbers is one column. A term of levels has one column for every level except the
 * reference; a cell is 1 if the row has that level and 0 otherwise. A product with levels has one
 * column for every combination of non-reference levels of its factors; a cell is the product of the
 * numbers if the row has these levels, and 0 otherwise. The intercept, a column of ones, comes
 * first; the terms follow in their order.
 *
 * As integers, the values of a column are integer × 10^-tens × 2^twos. They are exact, also those
 * of products. Only if all columns together have more than some 54,000 bits, the widest columns and
 * products are rounded to 2048 bits or, if that does not suffice, to fewer, at least 124; digits
 * says what remains. Logarithms and square roots are computed by libm as doubles, in units of 2^-78
 * for logarithms and 2^-88 of the maximum for square roots. But if the numbers have more than
 * SDP_DESIGN_SAFE_BITS bits and differ by less than 2^-10 of them, MPFR computes them in a unit
 * that is smaller by as many bits as the column has, up to 1024. The integers are split into limbs
 * (base/limbs.h), so that sums of products are fast and exact (model/regression/gram.h). As
 * doubles, numbers are the nearest doubles, and products are products of these.
 *
 * A design made by sdp_design_new is in the spill and is not freed; one made by sdp_design_read is
 * on the heap and is freed by sdp_design_free.
 */
#ifndef SDP_ENGINE_DESIGN_H
#define SDP_ENGINE_DESIGN_H

#include "base/gmp.h"
#include "base/limbs.h"
#include "engine/frame.h"

#include <cjson/cJSON.h>

enum {
	SDP_DESIGN_COLUMNS = 1000, /* The most columns, not counting the intercept. */
	/*
	 * Different numbers of a column of that many bits differ as doubles, and so do their
	 * logarithms.
	 */
	SDP_DESIGN_SAFE_BITS = 44,
};

/* --collinear: what becomes of a term that the terms before it determine. */
enum sdp_collinear { SDP_COLLINEAR_DROP, SDP_COLLINEAR_ERROR };

struct sdp_design_column {
	const char *name; /* "(intercept)", "x1", "a*b", "species=Gentoo", "a*species=Gentoo" */
	const struct sdp_term *term;      /* NULL: the intercept */
	uint16_t levels[SDP_TERM_DEGREE]; /* the levels of those factors that have levels */
	int tens, twos;
	/* The limbs of the column are [limb, limb + limbs) of all limbs. */
	size_t limb, limbs;
	bool wide; /* It is computed limb by limb, or with more digits than doubles have. */
	/* The limbs that are dropped from a product after each factor. */
	int drop[SDP_TERM_DEGREE];
	int digits; /* The decimal digits of the integers if some were dropped; otherwise 0. */
};

/* Returns whether a column is a logarithm or root with more digits than doubles have. */
static inline bool sdp_design_is_precise(const struct sdp_design_column *column)
{
	return column->term && column->wide && sdp_term_is_function(column->term);
}

struct sdp_design {
	const struct sdp_frame *frame;
	bool intercept;
	/* count columns, followed by the target if it is a number. */
	struct sdp_design_column *columns;
	size_t count;
	size_t limbs; /* of all columns, including the target */
	size_t room;  /* the most limbs of a factor or product */
};

/*
 * Makes the design of a frame that is ready (sdp_frame_step returned 0). Returns NULL on failure;
 * it is an error if there are no columns or more than SDP_DESIGN_COLUMNS.
 */
struct sdp_design *sdp_design_new(const struct sdp_frame *frame, bool intercept,
				  struct sdp_spill *spill, struct sdp_err *err);

/*
 * Returns the bytes of scratch memory, aligned to 64, that sdp_design_limbs and sdp_design_doubles
 * need.
 */
size_t sdp_design_scratch(const struct sdp_design *design);

/*
 * Writes the limbs of the rows [from, from + n), n ≤ SDP_TILE, to tile: limb k of row from + i is
 * tile[k × SDP_TILE + i]. The cells from n on are zeros.
 */
void sdp_design_limbs(const struct sdp_design *design, const struct sdp_frame_rows *rows,
		      size_t from, size_t n, int32_t *tile, void *scratch);

/*
 * Writes the same rows as doubles, without the target: column c of row from + i is
 * out[c × stride + i].
 */
void sdp_design_doubles(const struct sdp_design *design, const struct sdp_frame_rows *rows,
			size_t from, size_t n, double *out, size_t stride, void *scratch);

/* ---- the document ---- */

/*
 * Adds the members "features", "rows", "rows_used", "rows_dropped" and, if rows are held out,
 * "rows_held_out" to doc; the caller checks for failure (sdp_err_result).
 */
void sdp_design_put_rows(const struct sdp_design *design, cJSON *doc, struct sdp_err *err);

/*
 * Adds the members "intercept", "inputs" (what sdp_design_read needs to make the columns again) and
 * "warnings" to doc in the same way.
 */
void sdp_design_put_inputs(const struct sdp_design *design, cJSON *doc, struct sdp_err *err);

/* ---- new rows ---- */

/*
 * Makes the design in the document of a model, for a table with this schema. Returns NULL on
 * failure; a column that is missing from the table is an error, and so is a model without columns,
 * whose fit would have failed. file is the name of the model for
 * messages. doc, schema and file must outlive the design.
 */
struct sdp_design *sdp_design_read(const cJSON *doc, const struct sdp_schema *schema,
				   const char *file, struct sdp_err *err);
/* Frees a design made by sdp_design_read; NULL is allowed. */
void sdp_design_free(struct sdp_design *design);

/*
 * Checks that rows, a member of the document, is an array whose rows have the names of the columns
 * in their order, as often as times says. what names the rows in messages. Returns 0 or -1.
 */
int sdp_design_check_rows(const struct sdp_design *design, const cJSON *rows, size_t times,
			  const char *what, struct sdp_err *err);

/*
 * The cells of a block as the design needs them. They are in the scratch memory of the work and
 * valid until it is used again.
 */
struct sdp_design_cells {
	const uint8_t *null; /* one per row: it has a null in a used column */
	/*
	 * One array per column of the frame (not for the target), with a number or the index of a
	 * level for each row.
	 */
	const double **values;
	/*
	 * What the numbers exceed the doubles in values by: values + lows is the number up to
	 * 2^-104 of it. It is NaN where sdp_design_exact must be asked. NULL if it was not wanted.
	 */
	const double **lows;
	double *tile; /* room for a tile of all columns of the design, and of their lows */
};

/*
 * Parses the cells of a block, with lows if they are wanted. Returns 0 or -1; the error names the
 * first cell that is not a number, not a level of the model, or outside the domain of a term.
 */
int sdp_design_parse(const struct sdp_design *design, const struct sdp_block *block, bool lows,
		     struct sdp_work *work, struct sdp_design_cells *cells, struct sdp_err *err);

/* Writes doubles as sdp_design_doubles does. The values of rows with a null are undefined. */
void sdp_design_values(const struct sdp_design *design, const struct sdp_design_cells *cells,
		       size_t from, size_t n, double *out, size_t stride);

/*
 * Writes the values of one column as pairs of doubles (base/double_double.h) to high and low:
 * products are those of the exact numbers, and logarithms and square roots are doubles. low is NaN
 * for a value that is beyond the range of pairs, or has more digits. cells must have lows.
 */
void sdp_design_pairs(const struct sdp_design *design, const struct sdp_design_cells *cells,
		      size_t column, size_t from, size_t n, double *high, double *low);

/*
 * The exact values of a row: column c is values[c] × 10^-scale, with the same logarithms and square
 * roots. {0} is empty; the struct owns its memory and can be used again.
 */
struct sdp_design_exact {
	size_t count, factor_count;
	mpz_t *values, *factors;
	int64_t *scales; /* of the factors, then of the values */
	int64_t scale;
};

/* Computes the exact values of a row without nulls, which sdp_design_parse has accepted. */
int sdp_design_exact(const struct sdp_design *design, const struct sdp_block *block,
		     const struct sdp_design_cells *cells, size_t row, struct sdp_design_exact *out,
		     struct sdp_err *err);
void sdp_design_exact_release(struct sdp_design_exact *exact);

#endif

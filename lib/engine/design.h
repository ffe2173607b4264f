/*
 * The design matrix of a regression: a frame's terms as columns of numbers.
 *
 * A term of numbers is one column, one of levels a column for every level but the reference, 1
 * where the row has it and else 0.  A product with levels has a column for every choice of one
 * level but the reference from each of them: the product of its numbers where the row has these
 * levels, else 0.  The intercept, a column of ones, comes first, then the terms in their order.
 *
 * As integers a column's values are integer × 10^-tens × 2^twos: exact for columns, and for
 * products whose integers stay below 2^124; else rounded by at most 2^-120 of the product of the
 * factors' maxima. Logarithms and roots are doubles (of libm), in units of 2^-78 and of 2^-88 of
 * their maximum.  The integers are cut into limbs (base/limbs.h), of which sums of products are fast
 * and exact (model/regression/gram.h).  As doubles values are the nearest ones, products are products of these.
 */
#ifndef SDP_ENGINE_DESIGN_H
#define SDP_ENGINE_DESIGN_H

#include "base/limbs.h"
#include "engine/frame.h"

#include <cjson/cJSON.h>

enum {
	SDP_DESIGN_COLUMNS = 1000, /* at most, the intercept apart */
};

struct sdp_design_column {
	const char *name; /* "(intercept)", "x1", "a*b", "species=Gentoo", "a*species=Gentoo" */
	const struct sdp_term *term;      /* NULL: the intercept */
	uint16_t levels[SDP_TERM_DEGREE]; /* of its factors that are levels */
	int tens, twos;
	size_t limb, limbs;          /* which of all limbs are its own */
	int shifts[SDP_TERM_DEGREE]; /* of a product's integers behind each factor */
};

struct sdp_design {
	const struct sdp_frame *frame;
	bool intercept;
	/* count of them; behind them the target, if it is a number */
	struct sdp_design_column *columns;
	size_t count;
	size_t limbs; /* of all columns, the target too */
};

/* In step, of a frame that is ready.  Too many columns, or none, is an error. */
struct sdp_design *sdp_design_new(const struct sdp_frame *frame, bool intercept,
				  struct sdp_spill *spill, struct sdp_err *err);

/* Bytes of scratch, aligned to 64, that making a tile takes. */
size_t sdp_design_scratch(const struct sdp_design *design);

/*
 * The limbs of rows [from, from + n), n ≤ SDP_TILE: limb k of row from + i is
 * tile[k × SDP_TILE + i]; behind n zeros.
 */
void sdp_design_limbs(const struct sdp_design *design, const struct sdp_frame_rows *rows,
		      size_t from, size_t n, int32_t *tile, void *scratch);

/* The same rows as doubles, column c of row from + i at out[c × stride + i]; without the target. */
void sdp_design_doubles(const struct sdp_design *design, const struct sdp_frame_rows *rows,
			size_t from, size_t n, double *out, size_t stride, void *scratch);

/* ---- the document ---- */

/* "features", "rows", "rows_used", "rows_dropped" and, if rows are held out, "rows_held_out". */
int sdp_design_put_rows(const struct sdp_design *design, cJSON *doc, struct sdp_err *err);

/* "intercept", "inputs" (what a later reader needs to make the columns again) and "warnings". */
int sdp_design_put_inputs(const struct sdp_design *design, cJSON *doc, struct sdp_err *err);

/* ---- new rows ---- */

/*
 * The design of a model's document for tables of this schema; a column that is missing is an error.
 * doc, schema and file (a name for messages) must outlive it.
 */
struct sdp_design *sdp_design_read(const cJSON *doc, const struct sdp_schema *schema,
				   const char *file, struct sdp_err *err);
void sdp_design_free(struct sdp_design *design); /* of sdp_design_read only */

/* A block's cells as the design needs them; they lie in work's scratch, good until its next use. */
struct sdp_design_cells {
	const uint8_t *null;   /* a row: has a null in a column that is used */
	const double **values; /* a column of the frame: a number a row, or the number of a level */
	double *tile;          /* room for a tile of all columns */
};

/* Fails by place at a cell that is no number, no level of the model, or out of a term's domain. */
int sdp_design_parse(const struct sdp_design *design, const struct sdp_block *block,
		     struct sdp_work *work, struct sdp_design_cells *cells, struct sdp_err *err);

/* As sdp_design_doubles; rows with a null have no meaning. */
void sdp_design_values(const struct sdp_design *design, const struct sdp_design_cells *cells,
		       size_t from, size_t n, double *out, size_t stride);

#endif

/* Declarations shared by the files of the design: the columns of a term. */
#ifndef SDP_ENGINE_DESIGN_PRIVATE_H
#define SDP_ENGINE_DESIGN_PRIVATE_H

#include "engine/design.h"

#include "sdp/buf.h"

#include <math.h>
#include <mpfr.h>

#define SDP_DESIGN_INTERCEPT "(intercept)"

static inline bool sdp_design_is_level(const struct sdp_frame *f, const struct sdp_term *t,
				       size_t k)
{
	return f->columns[t->factor[k]].role == SDP_FRAME_LEVEL;
}

/* Returns the number of factors with levels; the other factors are numbers. */
static inline size_t sdp_design_count_levels(const struct sdp_frame *f, const struct sdp_term *t)
{
	size_t count = 0;
	for (size_t k = 0; k < t->degree; k++)
		count += sdp_design_is_level(f, t, k);
	return count;
}

static inline double sdp_design_apply(enum sdp_term_kind kind, double x)
{
	return kind == SDP_TERM_LOG ? log(x) : sqrt(x);
}

/*
 * Sets integer to the function of the number integer / unit in units of 2^twos, as MPFR computes it
 * with the precision of x, which is scratch space.
 */
static inline void sdp_design_apply_exactly(enum sdp_term_kind kind, mpz_t integer, mpfr_t unit,
					    int twos, mpfr_t x)
{
	mpfr_set_z(x, integer, MPFR_RNDN);
	mpfr_div(x, x, unit, MPFR_RNDN);
	if (kind == SDP_TERM_LOG)
		mpfr_log(x, x, MPFR_RNDN);
	else
		mpfr_sqrt(x, x, MPFR_RNDN);
	mpfr_mul_2si(x, x, -(long)twos, MPFR_RNDN);
	mpfr_get_z(integer, x, MPFR_RNDN);
}

/* Chooses the units and limbs of all columns, the target's too (design_limbs.c). */
void sdp_design_plan(struct sdp_design *design);

/* Returns whether the plan of a precise column could have chosen the unit 2^twos. */
bool sdp_design_is_unit(enum sdp_term_kind kind, double twos);

/*
 * Returns the number of columns of a term: the product, over its factors with levels, of the number
 * of levels other than the reference. It is a double because it can exceed 2^64.
 */
double sdp_design_term_columns(const struct sdp_frame *frame, const struct sdp_term *term);

/*
 * These enumerate the columns of a term by the levels of its factors; the levels of the first
 * factor change fastest. first sets levels to those of the first column. next advances to the next
 * column and returns whether there is one.
 */
void sdp_design_first_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			     uint16_t levels[SDP_TERM_DEGREE]);
bool sdp_design_next_levels(const struct sdp_frame *frame, const struct sdp_term *term,
			    uint16_t levels[SDP_TERM_DEGREE]);

/*
 * Appends the name of a column: that of its term with the levels of the factors, as in
 * "a^2*species=Gentoo".
 */
int sdp_design_column_name(const struct sdp_frame *frame, const struct sdp_design_column *column,
			   struct sdp_buf *name, struct sdp_err *err);

/*
 * Sets lows (see struct sdp_design_cells) of a column, an index in the schema, whose numbers have
 * the nearest doubles high.
 */
void sdp_design_lows(const struct sdp_block *block, size_t column,
		     const struct sdp_number_column *numbers, const double *high, double *low);

#endif

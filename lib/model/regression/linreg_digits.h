/*
 * The numbers of a fit as decimals with the digits that predictions need: linreg_digits.c says how
 * many.
 */
#ifndef SDP_MODEL_REGRESSION_LINREG_DIGITS_H
#define SDP_MODEL_REGRESSION_LINREG_DIGITS_H

#include "model/regression/normal_equations.h"
#include "sdp/buf.h"

/*
 * Returns β_j, in units of the integers, with the precision that sdp_linreg_put_estimate needs, as
 * normal.n numbers that free releases; NULL if memory runs out.
 */
mpfr_t *sdp_linreg_refine(const struct normal *normal, const struct factors *factors, uint64_t rows,
			  struct sdp_err *err);

/*
 * Append a coefficient, or an entry of the factor of the leverage, and a NUL.  integer is the
 * number in units of the integers, for column j.  Return 0, or -1 if memory runs out.
 */
int sdp_linreg_put_estimate(const struct normal *normal, uint64_t rows, size_t j, mpfr_t integer,
			    mpfr_t estimate, struct sdp_buf *out, struct sdp_err *err);
int sdp_linreg_put_root(const struct normal *normal, size_t j, mpfr_t integer, mpfr_t entry,
			struct sdp_buf *out, struct sdp_err *err);

#endif

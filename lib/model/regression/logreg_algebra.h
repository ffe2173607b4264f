/* Small dense positive definite systems, by GSL. */
#ifndef SDP_MODEL_REGRESSION_LOGREG_ALGEBRA_H
#define SDP_MODEL_REGRESSION_LOGREG_ALGEBRA_H

#include "sdp/err.h"

/* a = D L Lᵀ D with D the roots of its diagonal. */
struct logreg_factor {
	size_t n;
	double *lower; /* n × n, rows; above the diagonal is not defined */
	double *roots;
	/* the least square of L's diagonal: 1 for a diagonal matrix, 0 for a singular one */
	double pivot;
};

/*
 * Factors a (n × n, both triangles).  Where it is not positive definite to rounding its diagonal is
 * raised, as little as helps, and pivot is 0.
 */
int sdp_logreg_factor_init(struct logreg_factor *factor, const double *a, size_t n,
			   struct sdp_err *err);
void sdp_logreg_factor_release(struct logreg_factor *factor);

/* x = a⁻¹ x. */
void sdp_logreg_factor_solve(const struct logreg_factor *factor, double *x);

/* vᵀ a⁻¹ v; v is overwritten. */
double sdp_logreg_factor_form(const struct logreg_factor *factor, double *v);

#endif

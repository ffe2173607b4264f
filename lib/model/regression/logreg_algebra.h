/*
 * Factors and solves small dense positive definite systems, with GSL.  The caller releases a
 * factor.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_ALGEBRA_H
#define SDP_MODEL_REGRESSION_LOGREG_ALGEBRA_H

#include "sdp/err.h"

/* The factors of a = D L Lᵀ D, where D contains the square roots of a's diagonal. */
struct logreg_factor {
	size_t n;
	double *lower; /* L, n × n by rows; undefined above the diagonal */
	double *roots;
	/*
	 * the smallest square on the diagonal of L: 1 for a diagonal matrix, 0 for a singular one
	 */
	double pivot;
};

/*
 * Factors a (n × n, both triangles).  If a is not positive definite within rounding, its diagonal
 * is raised by the smallest amount of a fixed series that helps, and pivot is 0.  Returns 0; -1 if
 * memory runs out, or with SDP_DATA if a contains values that are not finite.
 */
int sdp_logreg_factor_init(struct logreg_factor *factor, const double *a, size_t n,
			   struct sdp_err *err);
void sdp_logreg_factor_release(struct logreg_factor *factor);

/* Replaces x by a⁻¹ x. */
void sdp_logreg_factor_solve(const struct logreg_factor *factor, double *x);

/* Returns vᵀ a⁻¹ v and overwrites v. */
double sdp_logreg_factor_form(const struct logreg_factor *factor, double *v);

#endif

/* Cholesky decomposition of a scaled matrix, and solving with it. */
#include "model/regression/logreg_algebra.h"

#include "base/library.h"
#include "sdp/mem.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_version.h>
#include <math.h>
#include <stdbool.h>

SDP_LIBRARY(gsl, gsl_version);

/*
 * Computes L of the scaled matrix, with `added` added to its diagonal of ones.  Returns false if
 * the matrix is not positive definite.
 */
static bool decompose(struct logreg_factor *f, const double *a, double added)
{
	size_t n = f->n;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++)
			f->lower[i * n + j] =
				a[i * n + j] / (f->roots[i] * f->roots[j]) + (i == j ? added : 0);
	gsl_matrix_view m = gsl_matrix_view_array(f->lower, n, n);
	if (gsl_linalg_cholesky_decomp1(&m.matrix) != GSL_SUCCESS)
		return false;
	f->pivot = 1;
	for (size_t i = 0; i < n; i++)
		f->pivot = fmin(f->pivot, f->lower[i * n + i] * f->lower[i * n + i]);
	return f->pivot > 0;
}

int sdp_logreg_factor_init(struct logreg_factor *f, const double *a, size_t n, struct sdp_err *err)
{
	f->n = n;
	f->lower = sdp_alloc(n * n, sizeof *f->lower, err);
	f->roots = sdp_alloc(n, sizeof *f->roots, err);
	if (!f->lower || !f->roots) {
		sdp_logreg_factor_release(f);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		f->roots[i] = a[i * n + i] > 0 ? sqrt(a[i * n + i]) : 1;
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	bool done = decompose(f, a, 0);
	for (double added = 1e-12; !done && added < 1e6; added *= 100)
		if (decompose(f, a, added)) {
			done = true;
			f->pivot = 0;
		}
	gsl_set_error_handler(handler);
	if (done)
		return 0;
	sdp_logreg_factor_release(f);
	return sdp_fail(err, SDP_DATA, "the Hessian has no finite numbers");
}

void sdp_logreg_factor_release(struct logreg_factor *f)
{
	free(f->lower);
	free(f->roots);
	*f = (struct logreg_factor){0};
}

void sdp_logreg_factor_solve(const struct logreg_factor *f, double *x)
{
	gsl_matrix_const_view m = gsl_matrix_const_view_array(f->lower, f->n, f->n);
	gsl_vector_view v = gsl_vector_view_array(x, f->n);
	for (size_t i = 0; i < f->n; i++)
		x[i] /= f->roots[i];
	gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, &m.matrix, &v.vector);
	gsl_blas_dtrsv(CblasLower, CblasTrans, CblasNonUnit, &m.matrix, &v.vector);
	for (size_t i = 0; i < f->n; i++)
		x[i] /= f->roots[i];
}

double sdp_logreg_factor_form(const struct logreg_factor *f, double *x)
{
	gsl_matrix_const_view m = gsl_matrix_const_view_array(f->lower, f->n, f->n);
	gsl_vector_view v = gsl_vector_view_array(x, f->n);
	double sum = 0;
	for (size_t i = 0; i < f->n; i++)
		x[i] /= f->roots[i];
	gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, &m.matrix, &v.vector);
	for (size_t i = 0; i < f->n; i++)
		sum += x[i] * x[i];
	return sum;
}

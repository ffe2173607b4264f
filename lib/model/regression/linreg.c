/*
 * Statistics of a linear regression, computed from its factors at full precision and rounded once.
 */
#include "model/regression/normal_equations.h"

#include "base/library.h"
#include "model/regression/distribution.h"
#include "model/regression/gram.h"
#include "model/regression/linreg_digits.h"
#include "sdp/mem.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_version.h>
#include <limits.h>
#include <math.h>
#include <string.h>

SDP_LIBRARY(gsl, gsl_version);

struct solution {
	const struct sdp_linreg_problem *problem;
	struct sdp_linreg_fit *fit;
	struct normal normal;
	struct factors factors;
	size_t *used; /* indices of the columns used, then that of the target */
	bool exact;   /* whether all residuals are exactly 0 */
};

/* x × (10^-tens × 2^twos)^power */
static void scale(mpfr_t x, const struct sdp_linreg_column *c, int power)
{
	mpfr_t unit;
	mpfr_init2(unit, mpfr_get_prec(x) + 64);
	mpfr_set_ui(unit, 10, MPFR_RNDN);
	mpfr_pow_si(unit, unit, (long)-c->tens * power, MPFR_RNDN);
	mpfr_mul(x, x, unit, MPFR_RNDN);
	mpfr_mul_2si(x, x, (long)c->twos * power, MPFR_RNDN);
	mpfr_clear(unit);
}

static const struct sdp_linreg_column *column(const struct solution *s, size_t j)
{
	return &s->problem->columns[s->used[j]];
}

/* ---- which columns ---- */

static int find_used(struct solution *s, struct sdp_err *err)
{
	const struct sdp_linreg_problem *p = s->problem;
	size_t count = p->count + 1;
	struct sdp_gram_column *limbs = sdp_alloc(count, sizeof *limbs, err);
	bool *independent = sdp_alloc(count, sizeof *independent, err);
	bool *zero = s->normal.zero = sdp_alloc(count, sizeof *zero, err);
	s->used = sdp_alloc(count, sizeof *s->used, err);
	int rc = limbs && independent && zero && s->used ? 0 : -1;
	for (size_t i = 0; rc == 0 && i < count; i++)
		limbs[i] = p->columns[i].limbs;
	if (rc == 0)
		rc = sdp_gram_independent(p->gram, limbs, count, independent, zero, err);
	for (size_t i = 0; rc == 0 && i < p->count; i++) {
		struct sdp_linreg_coefficient *c = &s->fit->coefficients[i];
		*c = (struct sdp_linreg_coefficient){.dropped = !independent[i],
						     .estimate = NAN,
						     .std_error = NAN,
						     .t = NAN,
						     .p = NAN,
						     .ci_low = NAN,
						     .ci_high = NAN,
						     .vif = NAN};
		if (!independent[i])
			continue;
		zero[s->fit->used] = zero[i];
		s->used[s->fit->used++] = i;
	}
	if (rc == 0) {
		s->used[s->fit->used] = p->count;
		s->exact = !independent[p->count];
	}
	free(limbs);
	free(independent);
	return rc;
}

static int make_normal(struct solution *s, struct sdp_err *err)
{
	size_t n = s->fit->used;
	s->normal.n = n;
	s->normal.products = sdp_alloc((n + 1) * (n + 2) / 2, sizeof(mpz_t), err);
	if (!s->normal.products)
		return -1;
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= i; j++) {
			mpz_init(s->normal.products[normal_at(i, j)]);
			sdp_gram_product(s->problem->gram, &column(s, i)->limbs,
					 &column(s, j)->limbs, s->normal.products[normal_at(i, j)]);
		}
	return 0;
}

static void release(struct solution *s)
{
	size_t n = s->normal.n;
	for (size_t i = 0; s->normal.products && i < (n + 1) * (n + 2) / 2; i++)
		mpz_clear(s->normal.products[i]);
	free(s->normal.products);
	free(s->normal.zero);
	sdp_normal_factors_release(&s->factors);
	free(s->used);
}

/*
 * n Σ a² - (Σ a)² of a column, or n Σ a² without intercept, in units of its integers: n times its
 * sum of squares.
 */
static void square_sum(const struct sdp_linreg_problem *p, const struct sdp_linreg_column *c,
		       mpz_t out)
{
	mpz_t sum;
	mpz_init(sum);
	sdp_gram_product(p->gram, &c->limbs, &c->limbs, out);
	mpz_mul_ui(out, out, p->rows);
	if (p->intercept) {
		sdp_gram_product(p->gram, &p->columns[0].limbs, &c->limbs, sum);
		mpz_submul(out, sum, sum);
	}
	mpz_clear(sum);
}

static void find_constants(struct solution *s)
{
	mpz_t squares;
	mpz_init(squares);
	for (size_t i = 0; i < s->problem->count; i++) {
		struct sdp_linreg_coefficient *c = &s->fit->coefficients[i];
		if (!c->dropped)
			continue;
		square_sum(s->problem, &s->problem->columns[i], squares);
		c->constant = mpz_sgn(squares) == 0;
	}
	mpz_clear(squares);
}

/* ---- statistics ---- */

/* Returns x / k as a double. */
static double divide(mpfr_t x, double k)
{
	mpfr_t q;
	mpfr_init2(q, mpfr_get_prec(x));
	mpfr_div_d(q, x, k, MPFR_RNDN);
	double result = mpfr_get_d(q, MPFR_RNDN);
	mpfr_clear(q);
	return result;
}

static double root_of(mpfr_t x, double k)
{
	mpfr_t q;
	mpfr_init2(q, mpfr_get_prec(x));
	mpfr_div_d(q, x, k, MPFR_RNDN);
	mpfr_sqrt(q, q, MPFR_RNDN);
	double result = mpfr_get_d(q, MPFR_RNDN);
	mpfr_clear(q);
	return result;
}

/* Computes sse and sst in the units of the target. */
static void fit_sums(struct solution *s, mpfr_t sse, mpfr_t sst)
{
	const struct sdp_linreg_problem *p = s->problem;
	const struct sdp_linreg_column *y = &p->columns[p->count];
	mpz_t squares;
	mpz_init(squares);
	square_sum(p, y, squares);
	mpfr_set_z(sst, squares, MPFR_RNDN);
	mpfr_div_ui(sst, sst, p->rows, MPFR_RNDN);
	scale(sst, y, 2);
	mpz_clear(squares);
	mpfr_set(sse, s->factors.d[s->normal.n], MPFR_RNDN);
	scale(sse, y, 2);
	if (s->exact)
		mpfr_set_zero(sse, 1);
}

/*
 * Computes sst - sse as a sum of squares: Σ D_k l_yk², without the term of the intercept.  The
 * result is 0 if all other estimates are.
 */
static void fit_explained(const struct solution *s, mpfr_t out)
{
	size_t n = s->normal.n;
	bool any = false;
	mpfr_t term;
	mpfr_init2(term, s->factors.precision);
	mpfr_set_ui(out, 0, MPFR_RNDN);
	for (size_t k = s->problem->intercept; k < n; k++) {
		any |= !s->normal.zero[k];
		mpfr_sqr(term, s->factors.l[normal_at(n, k)], MPFR_RNDN);
		mpfr_fma(out, term, s->factors.d[k], out, MPFR_RNDN);
	}
	scale(out, &s->problem->columns[s->problem->count], 2);
	if (!any)
		mpfr_set_zero(out, 1);
	mpfr_clear(term);
}

static void fit_metrics(struct solution *s, mpfr_t sse, mpfr_t sst)
{
	const struct sdp_linreg_problem *p = s->problem;
	struct sdp_linreg_fit *fit = s->fit;
	double n = (double)p->rows, df = (double)fit->residual_df,
	       k = (double)(fit->used - p->intercept);
	mpfr_t x, y;
	mpfr_inits2(s->factors.precision, x, y, (mpfr_ptr)NULL);
	fit->exact = s->exact;
	fit->sse = mpfr_get_d(sse, MPFR_RNDN);
	fit->sst = mpfr_get_d(sst, MPFR_RNDN);
	fit->mse = divide(sse, n);
	fit->rmse = root_of(sse, n);
	fit->sigma = df > 0 ? root_of(sse, df) : NAN;
	bool varies = !mpfr_zero_p(sst);
	fit_explained(s, x);
	mpfr_div(y, x, sst, MPFR_RNDN);
	fit->r2 = varies ? mpfr_get_d(y, MPFR_RNDN) : NAN;
	/* 1 - (1 - r2) (n - 1) / df = (r2 (n - 1) - k) / df */
	mpfr_mul_d(y, y, n - p->intercept, MPFR_RNDN);
	mpfr_sub_d(y, y, k, MPFR_RNDN);
	mpfr_div_d(y, y, df, MPFR_RNDN);
	fit->adjusted_r2 = varies && df > 0 ? mpfr_get_d(y, MPFR_RNDN) : NAN;
	mpfr_mul_d(x, x, df, MPFR_RNDN);
	mpfr_div_d(x, x, k, MPFR_RNDN);
	mpfr_div(x, x, sse, MPFR_RNDN);
	fit->f = k > 0 && df > 0 && !s->exact ? mpfr_get_d(x, MPFR_RNDN) : NAN;
	fit->f_p = sdp_f_upper(fit->f, k, df);
	mpfr_div_d(x, sse, n, MPFR_RNDN);
	mpfr_log(x, x, MPFR_RNDN);
	mpfr_const_pi(y, MPFR_RNDN);
	mpfr_mul_2ui(y, y, 1, MPFR_RNDN);
	mpfr_log(y, y, MPFR_RNDN);
	mpfr_add(x, x, y, MPFR_RNDN);
	mpfr_add_ui(x, x, 1, MPFR_RNDN);
	mpfr_mul_d(x, x, n, MPFR_RNDN); /* -2 ℓ */
	fit->log_likelihood = s->exact ? NAN : -mpfr_get_d(x, MPFR_RNDN) / 2;
	mpfr_add_ui(y, x, 2 * fit->used, MPFR_RNDN);
	fit->aic = s->exact ? NAN : mpfr_get_d(y, MPFR_RNDN);
	mpfr_log_ui(y, p->rows, MPFR_RNDN);
	mpfr_mul_ui(y, y, fit->used, MPFR_RNDN);
	mpfr_add(y, y, x, MPFR_RNDN);
	fit->bic = s->exact ? NAN : mpfr_get_d(y, MPFR_RNDN);
	mpfr_clears(x, y, (mpfr_ptr)NULL);
}

static void fit_vif(struct solution *s, size_t j, mpfr_t variance)
{
	mpz_t squares;
	mpz_init(squares);
	square_sum(s->problem, column(s, j), squares);
	mpfr_mul_z(variance, variance, squares, MPFR_RNDN);
	s->fit->coefficients[s->used[j]].vif = divide(variance, (double)s->problem->rows);
	mpz_clear(squares);
}

static void fit_coefficient(struct solution *s, size_t j, mpfr_t sse, double quantile)
{
	const struct sdp_linreg_column *y = column(s, s->normal.n);
	struct sdp_linreg_coefficient *c = &s->fit->coefficients[s->used[j]];
	mpfr_t estimate, variance, error;
	mpfr_inits2(s->factors.precision, estimate, variance, error, (mpfr_ptr)NULL);
	sdp_normal_estimate(&s->factors, j, estimate);
	sdp_normal_variance(&s->factors, j, variance);
	if (s->normal.zero[j])
		mpfr_set_zero(estimate, 1);
	scale(estimate, y, 1);
	scale(estimate, column(s, j), -1);
	mpfr_mul(error, variance, sse, MPFR_RNDN);
	scale(error, column(s, j), -2);
	mpfr_div_d(error, error, (double)s->fit->residual_df, MPFR_RNDN);
	mpfr_sqrt(error, error, MPFR_RNDN);
	c->estimate = mpfr_get_d(estimate, MPFR_RNDN);
	c->out_of_range = isinf(c->estimate) || (c->estimate == 0 && !mpfr_zero_p(estimate));
	if (s->fit->residual_df) {
		c->std_error = mpfr_get_d(error, MPFR_RNDN);
		c->ci_low = c->estimate - quantile * c->std_error;
		c->ci_high = c->estimate + quantile * c->std_error;
		mpfr_div(estimate, estimate, error, MPFR_RNDN);
		c->t = s->exact ? NAN : mpfr_get_d(estimate, MPFR_RNDN);
		c->p = sdp_t_two_sided(c->t, (double)s->fit->residual_df);
	}
	if (j > 0 || !s->problem->intercept)
		fit_vif(s, j, variance);
	mpfr_clears(estimate, variance, error, (mpfr_ptr)NULL);
}

/* ---- weights of the residual ---- */

/*
 * The weight of a column's integer: minus its coefficient, in units of both columns; that of the
 * target is 1.
 */
static void column_weight(const struct solution *s, size_t j, mpfr_t out)
{
	const struct sdp_linreg_column *y = column(s, s->normal.n);
	if (j == s->normal.n) {
		mpfr_set_ui(out, 1, MPFR_RNDN);
	} else {
		sdp_normal_estimate(&s->factors, j, out);
		mpfr_neg(out, out, MPFR_RNDN);
	}
	scale(out, y, 1);
}

/*
 * Chooses the unit of the weights, relative to the largest weight.  The unit is 88 bits below the
 * largest weight if a residual of the size of rmse then has 52 correct bits; otherwise it is so far
 * below it that it has, with 8 bits in reserve.  If all residuals are 0, those of other rows have
 * 52 correct bits if they are as large as the unit of the target.  A weight has an error of at most
 * half a unit, and a limb is at most 2^26.
 */
static void choose_unit(struct solution *s, mpfr_t sse)
{
	enum { NARROW = 88, RESERVE = 8, RIGHT = 52, GROUP = SDP_LINREG_WEIGHTS * SDP_LIMB_BITS };
	mpfr_exp_t greatest = MPFR_EMIN_DEFAULT, wanted;
	size_t limbs = 1;
	mpfr_t weight;
	mpfr_init2(weight, s->factors.precision);
	for (size_t j = 0; j <= s->normal.n; j++) {
		column_weight(s, j, weight);
		mpfr_exp_t exponent = mpfr_zero_p(weight) ? greatest : mpfr_get_exp(weight);
		exponent += (mpfr_exp_t)(column(s, j)->limbs.limbs - 1) * SDP_LIMB_BITS;
		greatest = exponent > greatest ? exponent : greatest;
		limbs += column(s, j)->limbs.limbs;
	}
	if (s->exact) {
		mpfr_set_ui(weight, 1, MPFR_RNDN);
		scale(weight, column(s, s->normal.n), 2);
	} else {
		mpfr_div_ui(weight, sse, s->problem->rows, MPFR_RNDN);
	}
	wanted = (mpfr_get_exp(weight) - 1) / 2 - RIGHT -
		 (s->exact ? 0 : SDP_LIMB_BITS - 1 + ilogb((double)limbs));
	s->fit->depth = SDP_LINREG_WEIGHTS;
	s->fit->exponent = (int)(greatest - NARROW);
	if (wanted < greatest - NARROW) {
		/* The highest limb of a weight has a sign, and less than its 26 bits. */
		mpfr_exp_t bits = greatest - wanted + RESERVE + 2;
		s->fit->depth = (int)((bits + GROUP - 1) / GROUP) * SDP_LINREG_WEIGHTS;
		s->fit->exponent = (int)wanted - RESERVE;
	}
	mpfr_clear(weight);
}

static int fit_weights(struct solution *s, mpfr_t sse, struct sdp_err *err)
{
	enum { LIMB = 1 << SDP_LIMB_BITS };
	const struct sdp_linreg_problem *p = s->problem;
	size_t all = p->gram->limbs, group = SDP_LINREG_WEIGHTS;
	mpfr_t weight;
	mpz_t whole, limb;
	choose_unit(s, sse);
	int32_t *out = s->fit->weights =
		sdp_spill_take(p->spill, (size_t)s->fit->depth * all * sizeof *out, err);
	if (!out)
		return -1;
	mpfr_init2(weight, s->factors.precision);
	mpz_inits(whole, limb, (mpz_ptr)NULL);
	for (size_t j = 0; j <= s->normal.n; j++) {
		const struct sdp_gram_column *limbs = &column(s, j)->limbs;
		column_weight(s, j, weight);
		mpfr_mul_2si(weight, weight, -(long)s->fit->exponent, MPFR_RNDN);
		for (size_t k = 0; k < limbs->limbs; k++) {
			mpfr_get_z(whole, weight, MPFR_RNDN);
			for (size_t m = 0; m < (size_t)s->fit->depth; m++) {
				mpz_add_ui(limb, whole, LIMB / 2);
				mpz_fdiv_r_2exp(limb, limb, SDP_LIMB_BITS);
				mpz_sub_ui(limb, limb, LIMB / 2);
				out[(m / group * all + limbs->limb + k) * group + m % group] =
					(int32_t)mpz_get_si(limb);
				mpz_sub(whole, whole, limb);
				mpz_fdiv_q_2exp(whole, whole, SDP_LIMB_BITS);
			}
			mpfr_mul_2ui(weight, weight, SDP_LIMB_BITS, MPFR_RNDN);
		}
	}
	mpfr_clear(weight);
	mpz_clears(whole, limb, (mpz_ptr)NULL);
	return 0;
}

/* ---- conditioning ---- */

/*
 * Finds the largest eigenvalue of a symmetric matrix, of which m contains both halves; m is
 * overwritten.  It is NaN if a number of the matrix is beyond the range of doubles.
 */
static int greatest_eigenvalue(double *m, size_t n, double *greatest, struct sdp_err *err)
{
	*greatest = NAN;
	for (size_t i = 0; i < n * n; i++)
		if (!isfinite(m[i])) /* the algorithm would not terminate */
			return 0;
	double *values = sdp_alloc(n, sizeof *values, err);
	/* GSL's own handler would abort. */
	gsl_error_handler_t *handler = gsl_set_error_handler_off();
	gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
	gsl_set_error_handler(handler);
	int rc = values && work ? 0 : sdp_fail_memory(err);
	if (rc == 0) {
		gsl_matrix_view matrix = gsl_matrix_view_array(m, n, n);
		gsl_vector_view vector = gsl_vector_view_array(values, n);
		gsl_eigen_symm(&matrix.matrix, &vector.vector, work);
		*greatest = values[0];
		for (size_t i = 1; i < n; i++)
			*greatest = fmax(*greatest, values[i]);
	}
	if (work)
		gsl_eigen_symm_free(work);
	free(values);
	return rc;
}

/*
 * Computes W / √D in the units of the columns, divided by 2^exponent: the rows for which
 * C = 4^exponent Σ row rowᵀ.
 */
static void make_root(const struct solution *s, long exponent, double *root)
{
	mpfr_t x, d;
	mpfr_inits2(s->factors.precision, x, d, (mpfr_ptr)NULL);
	for (size_t i = 0; i < s->normal.n; i++) {
		mpfr_sqrt(d, s->factors.d[i], MPFR_RNDN);
		for (size_t j = 0; j <= i; j++) {
			mpfr_div(x, s->factors.w[normal_at(i, j)], d, MPFR_RNDN);
			scale(x, column(s, j), -1);
			mpfr_mul_2si(x, x, -exponent, MPFR_RNDN);
			root[normal_at(i, j)] = mpfr_get_d(x, MPFR_RNDN);
		}
	}
	mpfr_clears(x, d, (mpfr_ptr)NULL);
}

/* Computes XᵀX in the units of the columns, divided by 4^exponent. */
static void make_products(const struct solution *s, long exponent, double *m)
{
	size_t n = s->normal.n;
	mpfr_t x;
	mpfr_init2(x, s->factors.precision);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			mpfr_set_z(x, s->normal.products[normal_at(i, j)], MPFR_RNDN);
			scale(x, column(s, i), 1);
			scale(x, column(s, j), 1);
			mpfr_mul_2si(x, x, -2 * exponent, MPFR_RNDN);
			m[i * n + j] = mpfr_get_d(x, MPFR_RNDN);
		}
	mpfr_clear(x);
}

/*
 * Sets *products and *root to the exponents of the roots of the largest numbers in the diagonals of
 * XᵀX and of C, which are the largest of all.
 */
static void find_exponents(const struct solution *s, long *products, long *root)
{
	mpfr_exp_t most[] = {LONG_MIN, LONG_MIN};
	mpfr_t x;
	mpfr_init2(x, s->factors.precision);
	for (size_t j = 0; j < s->normal.n; j++) {
		mpfr_set_z(x, s->normal.products[normal_at(j, j)], MPFR_RNDN);
		scale(x, column(s, j), 2);
		most[0] = mpfr_get_exp(x) > most[0] ? mpfr_get_exp(x) : most[0];
		sdp_normal_variance(&s->factors, j, x);
		scale(x, column(s, j), -2);
		most[1] = mpfr_get_exp(x) > most[1] ? mpfr_get_exp(x) : most[1];
	}
	mpfr_clear(x);
	*products = most[0] / 2;
	*root = most[1] / 2;
}

/*
 * The matrices are divided by powers of two, as their squares may be beyond doubles.  m and root
 * are scratch space.
 */
static int condition_number(const struct solution *s, double *m, double *root, double *number,
			    struct sdp_err *err)
{
	size_t n = s->normal.n;
	double products, roots;
	long products_exponent, root_exponent;
	find_exponents(s, &products_exponent, &root_exponent);
	make_products(s, products_exponent, m);
	if (greatest_eigenvalue(m, n, &products, err) < 0)
		return -1;
	make_root(s, root_exponent, root);
	memset(m, 0, n * n * sizeof *m);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i <= k; i++)
			for (size_t j = 0; j <= k; j++)
				m[i * n + j] += root[normal_at(k, i)] * root[normal_at(k, j)];
	if (greatest_eigenvalue(m, n, &roots, err) < 0)
		return -1;
	*number = ldexp(sqrt(products) * sqrt(roots), (int)(products_exponent + root_exponent));
	if (*number < 1)
		*number = 1; /* by rounding; NaN remains */
	return 0;
}

static int fit_condition(struct solution *s, struct sdp_err *err)
{
	size_t n = s->normal.n;
	s->fit->condition_number = NAN;
	if (n == 0)
		return 0;
	double *m = sdp_alloc(n * n, sizeof *m, err);
	double *root = sdp_alloc(n * (n + 1) / 2, sizeof *root, err);
	int rc = m && root ? 0 : -1;
	if (rc == 0)
		rc = condition_number(s, m, root, &s->fit->condition_number, err);
	if (rc == 0 && s->fit->root)
		make_root(s, 0, s->fit->root);
	free(root);
	free(m);
	return rc;
}

/* ---- digits for predictions ---- */

static int put_estimates(struct solution *s, mpfr_t x, struct sdp_err *err)
{
	uint64_t rows = s->problem->rows;
	mpfr_t *refined = sdp_linreg_refine(&s->normal, &s->factors, rows, err);
	int rc = refined ? 0 : -1;
	for (size_t j = 0; rc == 0 && j < s->normal.n; j++) {
		if (s->normal.zero[j])
			mpfr_set_zero(refined[j], 1);
		mpfr_set_prec(x, mpfr_get_prec(refined[j]));
		mpfr_set(x, refined[j], MPFR_RNDN);
		scale(x, column(s, s->normal.n), 1);
		scale(x, column(s, j), -1);
		rc = sdp_linreg_put_estimate(&s->normal, rows, j, refined[j], x, &s->fit->digits,
					     err);
	}
	free(refined);
	return rc;
}

static int fit_digits(struct solution *s, struct sdp_err *err)
{
	mpfr_t x, integer, d;
	mpfr_inits2(s->factors.precision, x, integer, d, (mpfr_ptr)NULL);
	int rc = put_estimates(s, x, err);
	mpfr_set_prec(x, s->factors.precision);
	for (size_t i = 0; rc == 0 && s->fit->root && i < s->normal.n; i++) {
		mpfr_sqrt(d, s->factors.d[i], MPFR_RNDN);
		for (size_t j = 0; rc == 0 && j <= i; j++) {
			mpfr_div(integer, s->factors.w[normal_at(i, j)], d, MPFR_RNDN);
			mpfr_set(x, integer, MPFR_RNDN);
			scale(x, column(s, j), -1);
			rc = sdp_linreg_put_root(&s->normal, j, integer, x, &s->fit->digits, err);
		}
	}
	mpfr_clears(x, integer, d, (mpfr_ptr)NULL);
	return rc;
}

static int fit_all(struct solution *s, struct sdp_err *err)
{
	mpfr_t sse, sst;
	mpfr_inits2(s->factors.precision + 64, sse, sst, (mpfr_ptr)NULL);
	fit_sums(s, sse, sst);
	fit_metrics(s, sse, sst);
	double quantile = s->fit->residual_df
				  ? sdp_t_quantile(s->problem->level, (double)s->fit->residual_df)
				  : NAN;
	for (size_t j = 0; j < s->normal.n; j++)
		fit_coefficient(s, j, sse, quantile);
	int rc = fit_weights(s, sse, err);
	mpfr_clears(sse, sst, (mpfr_ptr)NULL);
	return rc < 0 || fit_condition(s, err) < 0 ? -1 : fit_digits(s, err);
}

int sdp_linreg_solve(const struct sdp_linreg_problem *problem, struct sdp_linreg_fit *fit,
		     struct sdp_err *err)
{
	struct solution s = {.problem = problem, .fit = fit};
	fit->used = 0;
	int rc = find_used(&s, err);
	if (rc == 0) {
		fit->residual_df = problem->rows - fit->used;
		find_constants(&s);
		rc = make_normal(&s, err);
	}
	if (rc == 0)
		rc = sdp_normal_factor_adaptive(&s.normal, s.exact, &s.factors, err);
	if (rc == 0)
		rc = fit_all(&s, err);
	release(&s);
	mpfr_free_cache();
	return rc;
}

/*
 * Compares the kernels of logistic regression with MPFR and with one another, and tests that sums
 * do not depend on their order.
 */
#include "model/regression/logreg.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <mpfr.h>
#include <string.h>

#include "logreg_tables.h"

static struct sdp_logreg_shape plain_shape(const struct table *t, double *scales)
{
	size_t columns = t->features + 1;
	for (size_t j = 0; j < columns; j++) {
		scales[j] = 0;
		scales[columns + j] = j ? 0.125 : 1;
	}
	return (struct sdp_logreg_shape){columns, t->labels, t->labels - 1,
					 true,    scales,    scales + columns};
}

/* Every width gives the same bytes, and so does every grouping of rows into blocks' sums. */
static void same_bytes(void **state)
{
	(void)state;
	struct sdp_err err;
	for (size_t labels = 2; labels <= 4; labels++) {
		struct table t = made_table(2500, 5, labels, 3, labels);
		double scales[12], theta[18];
		struct sdp_logreg_shape shape = plain_shape(&t, scales);
		enum sdp_logreg_parts parts = SDP_LOGREG_HESSIAN;
		size_t size = sdp_logreg_sums_size(&shape, parts);
		struct sdp_logreg_sums *first = NULL;
		void *scratch =
			aligned_alloc(64, (sdp_logreg_scratch(&shape, parts) + 63) / 64 * 64);
		for (size_t i = 0; i < 18; i++)
			theta[i] = 40 * uniform(9, i, 0);
		for (int lanes = 2; lanes <= 8; lanes *= 2) {
			if (!use_kernel(lanes))
				continue;
			struct sdp_logreg_sums *a = calloc(1, size), *b = calloc(1, size);
			for (size_t from = 0; from < t.rows; from += 512) {
				const double *columns[5];
				for (size_t j = 0; j < 5; j++)
					columns[j] = t.columns[j] + from;
				struct sdp_logreg_rows rows = {t.rows - from < 512 ? t.rows - from
										   : 512,
							       columns, t.codes + from};
				/* Other orders in other widths. */
				assert_int_equal(sdp_logreg_add(&shape, theta, parts, &rows,
								(from / 512 + (size_t)lanes) % 3
									? a
									: b,
								scratch, NULL, NULL, &err),
						 0);
			}
			sdp_logreg_merge(&shape, parts, a, b);
			sdp_exact_sum_normalise(&a->loss);
			if (first)
				assert_memory_equal(first, a, size);
			free(b);
			if (first)
				free(a);
			else
				first = a;
		}
		free(first);
		free(scratch);
		free_table(&t);
	}
	assert_false(use_kernel(3));
}

struct chances {
	const double *x;
	double worst; /* error in units of the last place */
	size_t label;
};

/* 1 / (1 + exp(-x)) rounded from 200 bits, in units of the last place of the exact value. */
static int compare_chances(void *context, const struct sdp_logreg_tile *t, struct sdp_err *err)
{
	struct chances *c = context;
	mpfr_t e, got;
	(void)err;
	mpfr_inits2(200, e, got, (mpfr_ptr)0);
	for (size_t i = 0; i < t->rows; i++) {
		double p = t->probability[c->label * t->stride + i];
		mpfr_set_d(e, -c->x[t->first + i], MPFR_RNDN);
		mpfr_exp(e, e, MPFR_RNDN);
		mpfr_add_ui(e, e, 1, MPFR_RNDN);
		mpfr_ui_div(e, 1, e, MPFR_RNDN);
		int exponent;
		frexp(mpfr_get_d(e, MPFR_RNDN), &exponent);
		mpfr_set_d(got, p, MPFR_RNDN);
		mpfr_sub(got, got, e, MPFR_RNDN);
		c->worst = fmax(c->worst, fabs(ldexp(mpfr_get_d(got, MPFR_RNDN), 53 - exponent)));
	}
	mpfr_clears(e, got, (mpfr_ptr)0);
	return 0;
}

static void probabilities(void **state)
{
	(void)state;
	struct sdp_err err;
	const double scale = 1, centre = 0, theta = 1;
	struct table t = new_table(20000, 1, 2);
	for (size_t i = 0; i < t.rows; i++)
		t.values[i] = 700 * uniform(11, i, 0) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 0.05 : 1e-3);
	struct sdp_logreg_shape shape = {1, 2, 1, false, &centre, &scale};
	struct sdp_logreg_rows rows = rows_of(&t);
	struct chances c = {t.values, 0, 1};
	void *scratch =
		aligned_alloc(64, (sdp_logreg_scratch(&shape, SDP_LOGREG_GRADIENT) + 63) / 64 * 64);
	assert_int_equal(sdp_logreg_add(&shape, &theta, SDP_LOGREG_GRADIENT, &rows, NULL, scratch,
					compare_chances, &c, &err),
			 0);
	print_message("probabilities: at most %.2f units in the last place from the truth\n",
		      c.worst);
	assert_true(c.worst < 2.5);
	free(scratch);
	free_table(&t);
}

/* Predictors beyond exp's range: no infinity, no NaN, and the loss is what it is. */
static void far_out(void **state)
{
	(void)state;
	struct sdp_err err;
	const double scale = 1, centre = 0;
	for (size_t labels = 2; labels <= 3; labels++) {
		struct table t = new_table(3, 1, labels);
		t.values[0] = 1e6;
		t.values[1] = -1e6;
		t.values[2] = 1e300;
		const double theta[] = {1, 2};
		struct sdp_logreg_shape shape = {1, labels, labels - 1, false, &centre, &scale};
		struct sdp_logreg_rows rows = rows_of(&t);
		struct sdp_logreg_sums *sums =
			calloc(1, sdp_logreg_sums_size(&shape, SDP_LOGREG_GRADIENT));
		void *scratch =
			aligned_alloc(64, (sdp_logreg_scratch(&shape, SDP_LOGREG_GRADIENT) + 63) /
						  64 * 64);
		rows.rows = 2;
		assert_int_equal(sdp_logreg_add(&shape, theta, SDP_LOGREG_GRADIENT, &rows, sums,
						scratch, NULL, NULL, &err),
				 0);
		assert_true(sdp_exact_sum_value(&sums->loss) == (labels == 2 ? 1e6 : 2e6));
		memset(&sums->loss, 0, sizeof sums->loss);
		rows.rows = 3;
		assert_int_equal(sdp_logreg_add(&shape, theta, SDP_LOGREG_GRADIENT, &rows, NULL,
						scratch, NULL, NULL, &err),
				 0);
		free(sums);
		free(scratch);
		free_table(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(probabilities),
		cmocka_unit_test(far_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Compares logistic regressions, by both methods, with the results of Newton's method with 50
 * digits (mpmath) on a small table. Also tests separated labels.
 */
#include "model/regression/logreg_fit.h"
#include "model/regression/logreg_ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "logreg_tables.h"

static void expect_near(double got, double wanted, double relative)
{
	if (!(fabs(got - wanted) <= relative * fabs(wanted)))
		fail_msg("%.17g, wanted %.17g", got, wanted);
}

/* ---- fits ---- */

struct fitted {
	struct sdp_logreg_fit fit;
	struct sdp_logreg_sums *sums;
	struct sdp_logreg_ranges *ranges;
	struct sdp_logreg_coefficient *coefficients;
	double *room, *scales;
	int tests; /* passes that looked for separation */
};

static void *scratch_of(const struct sdp_logreg_fit *f)
{
	return aligned_alloc(64, (sdp_logreg_scratch(&f->shape, f->parts) + 63) / 64 * 64);
}

static void run_test_pass(struct fitted *r, const struct sdp_logreg_rows *rows)
{
	struct sdp_logreg_margins margins = {0};
	void *scratch = scratch_of(&r->fit);
	sdp_logreg_margins_add(&r->fit.shape, r->fit.directions, rows, &margins, scratch);
	sdp_logreg_fit_evaluate(&r->fit, &margins);
	free(scratch);
	r->tests++;
}

static void run_pass(struct fitted *r, const struct sdp_logreg_rows *rows)
{
	struct sdp_err err;
	struct sdp_logreg_fit *f = &r->fit;
	void *scratch = scratch_of(f);
	free(r->sums);
	r->sums = calloc(1, sdp_logreg_sums_size(&f->shape, f->parts));
	assert_int_equal(sdp_logreg_add(&f->shape, f->theta, f->parts, rows, r->sums, scratch, NULL,
					NULL, &err),
			 0);
	assert_int_equal(sdp_logreg_fit_step(f, r->sums, &err), 0);
	free(scratch);
}

/* part > 0: begins with a rough fit to so many rows. */
static struct fitted fit_with_part(const struct table *t, bool intercept, double ridge, int limit,
				   size_t part)
{
	struct fitted r = {0};
	struct sdp_err err;
	struct sdp_logreg_rows rows = rows_of(t);
	size_t columns = t->features + intercept;
	r.scales = calloc(2 * columns, sizeof *r.scales);
	r.scales[columns] = 1;
	r.ranges = calloc(1, sdp_logreg_ranges_size(t->features, t->labels));
	sdp_logreg_ranges_add(r.ranges, t->features, t->labels, &rows);
	for (size_t j = 0; j < t->features; j++)
		sdp_logreg_ranges_scale(r.ranges, t->features, t->labels, j, intercept,
					&r.scales[intercept + j],
					&r.scales[columns + intercept + j]);
	struct sdp_logreg_shape shape = {columns,
					 t->labels,
					 t->labels > 2 && ridge > 0 ? t->labels : t->labels - 1,
					 intercept,
					 r.scales,
					 r.scales + columns};
	r.room = calloc(sdp_logreg_fit_room(&shape), sizeof *r.room);
	sdp_logreg_fit_init(&r.fit, &shape, r.ranges->counts, ridge, limit, r.room);
	if (part)
		sdp_logreg_fit_rough(&r.fit);
	while (r.fit.state < SDP_LOGREG_DONE) {
		rows.rows = r.fit.rough ? part : t->rows;
		if (r.fit.state == SDP_LOGREG_TEST)
			run_test_pass(&r, &rows);
		else
			run_pass(&r, &rows);
	}
	r.coefficients = calloc(sdp_logreg_parameters(&shape), sizeof *r.coefficients);
	if (r.fit.state != SDP_LOGREG_SEPARATED)
		assert_int_equal(sdp_logreg_infer(&r.fit, r.sums, 0.95, r.coefficients, &err), 0);
	return r;
}

static struct fitted fit(const struct table *t, bool intercept, double ridge, int limit)
{
	return fit_with_part(t, intercept, ridge, limit, 0);
}

static void release(struct fitted *r)
{
	free(r->sums);
	free(r->ranges);
	free(r->coefficients);
	free(r->room);
	free(r->scales);
}

/* ---- known figures ---- */

enum { SMALL = 16 };

static struct table small_table(size_t labels)
{
	static const double x1[SMALL] = {1.5,  2.25, 3.0, 0.5,  4.75, 2.0,  3.5, 1.0,
					 5.25, 2.5,  4.0, 0.75, 3.25, 1.75, 4.5, 2.75};
	static const double x2[SMALL] = {10, 30, 20, 40, 15, 35, 25, 5,
					 45, 10, 30, 20, 40, 15, 35, 25};
	static const unsigned char two[SMALL] = {0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0};
	static const unsigned char three[SMALL] = {0, 1, 2, 0, 2, 1, 0, 1, 2, 0, 1, 1, 2, 0, 0, 2};
	struct table t = new_table(SMALL, 2, labels);
	memcpy(t.values, x1, sizeof x1);
	memcpy(t.values + SMALL, x2, sizeof x2);
	memcpy(t.codes, labels == 2 ? two : three, SMALL);
	return t;
}

static void expect_fit(size_t labels, bool intercept, double ridge, double log_likelihood,
		       const double *estimates, const double *errors, size_t count)
{
	struct table t = small_table(labels);
	struct fitted r = fit(&t, intercept, ridge, 100);
	assert_int_equal(r.fit.state, SDP_LOGREG_DONE);
	assert_int_equal(sdp_logreg_parameters(&r.fit.shape), count);
	expect_near(-r.fit.loss, log_likelihood, 1e-14);
	assert_true(r.fit.gradient_norm < 1e-14);
	for (size_t i = 0; i < count; i++) {
		expect_near(r.coefficients[i].estimate, estimates[i], 1e-12);
		expect_near(r.coefficients[i].odds_ratio, exp(estimates[i]), 1e-12);
		if (errors)
			expect_near(r.coefficients[i].std_error, errors[i], 1e-12);
		else
			assert_true(isnan(r.coefficients[i].std_error) &&
				    isnan(r.coefficients[i].p));
	}
	release(&r);
	free_table(&t);
}

static void two_labels(void **state)
{
	(void)state;
	expect_fit(2, true, 0, -7.1592983611194361,
		   (const double[]){-4.4786570037350424, 1.1673104017379641, 0.055613932723698116},
		   (const double[]){2.4066301047006777, 0.61905941044354872, 0.066803805482236071},
		   3);
	expect_fit(2, false, 0, -10.143457976698419,
		   (const double[]){0.44510252787099627, -0.030535275426765872},
		   (const double[]){0.39081494143090081, 0.041527200128806009}, 2);
	expect_fit(2, true, 0.5, -7.2004208928596631,
		   (const double[]){-4.0333201470798197, 0.99614137526564165, 0.055652841794998462},
		   NULL, 3);
}

static void three_labels(void **state)
{
	(void)state;
	expect_fit(3, true, 0, -14.842554310268751,
		   (const double[]){0.060583882071627726, -0.31083433891808798,
				    0.018871135337004451, -3.2699631792030768, 0.8775025984597705,
				    0.01442486768449269},
		   (const double[]){1.6245577636413481, 0.54194442254594434, 0.05512551686501751,
				    2.2708334451511212, 0.62782099634396406, 0.069504950022697681},
		   6);
	expect_fit(3, true, 2, -14.991752077357683,
		   (const double[]){0.92502006921000743, -0.13352221655540117,
				    -0.014118937134135386, 0.84249897796207738,
				    -0.35123813123980321, 0.0029816593305909108,
				    -1.7675190471720848, 0.48476034779520437, 0.011137277803544475},
		   NULL, 9);
}

static void fitness(void **state)
{
	(void)state;
	struct table t = small_table(2);
	struct fitted r = fit(&t, true, 0, 100);
	struct sdp_logreg_fitness f;
	sdp_logreg_fitness(&r.fit, r.ranges->counts, &f);
	expect_near(f.null, 16 * log(0.5), 1e-15);
	expect_near(f.deviance, 2 * 7.1592983611194361, 1e-14);
	expect_near(f.aic, 2 * 7.1592983611194361 + 6, 1e-14);
	expect_near(f.bic, 2 * 7.1592983611194361 + 3 * log(16), 1e-14);
	/* Chi-square with two degrees of freedom: exp(-x / 2). */
	expect_near(f.llr_p, exp(f.log_likelihood * -1 + f.null), 1e-12);
	/* z and p of the first feature; the interval's half width is 1.959963984540054 errors. */
	expect_near(r.coefficients[1].z, 1.1673104017379641 / 0.61905941044354872, 1e-12);
	expect_near(r.coefficients[1].p, erfc(r.coefficients[1].z / sqrt(2)), 1e-12);
	expect_near(r.coefficients[1].high - r.coefficients[1].low,
		    2 * 1.959963984540054 * 0.61905941044354872, 1e-12);
	release(&r);
	free_table(&t);
}

/* Shifting a column by a million changes the intercept alone. */
static void far_from_zero(void **state)
{
	(void)state;
	struct table t = small_table(2);
	for (size_t i = 0; i < SMALL; i++)
		t.values[i] += 1e6;
	struct fitted r = fit(&t, true, 0, 100);
	expect_near(r.coefficients[1].estimate, 1.1673104017379641, 1e-12);
	expect_near(r.coefficients[1].std_error, 0.61905941044354872, 1e-12);
	expect_near(r.coefficients[2].estimate, 0.055613932723698116, 1e-12);
	expect_near(r.coefficients[0].estimate, -4.4786570037350424 - 1e6 * 1.1673104017379641,
		    1e-12);
	release(&r);
	free_table(&t);
}

/* ---- many parameters, few steps ---- */

static void many_parameters(void **state)
{
	(void)state;
	struct table t = made_table(4000, 320, 2, 60, 1);
	struct fitted r = fit(&t, true, 0, 200);
	assert_true(sdp_logreg_parameters(&r.fit.shape) > SDP_LOGREG_NEWTON);
	assert_int_equal(r.fit.state, SDP_LOGREG_DONE);
	assert_true(r.fit.gradient_norm < 1e-13);
	assert_true(r.coefficients[5].std_error > 0);
	release(&r);
	free_table(&t);
	t = made_table(3000, 24, 14, 20, 2);
	r = fit(&t, true, 0.1, 300);
	assert_int_equal(r.fit.state, SDP_LOGREG_DONE);
	assert_true(r.fit.gradient_norm < 1e-13);
	release(&r);
	free_table(&t);
}

/*
 * A rough beginning on a part of the rows leads to the same end in fewer steps, or at least there.
 */
static void rough_beginning(void **state)
{
	(void)state;
	struct table t = made_table(20000, 4, 3, 3, 12);
	struct fitted plain = fit(&t, true, 0, 100), begun = fit_with_part(&t, true, 0, 100, 2000);
	assert_int_equal(begun.fit.state, SDP_LOGREG_DONE);
	assert_true(begun.fit.begun_well && begun.fit.iterations < plain.fit.iterations);
	for (size_t i = 0; i < 10; i++)
		expect_near(begun.coefficients[i].estimate, plain.coefficients[i].estimate, 1e-12);
	release(&begun);
	/*
	 * A part of one label only; one in which a column is the label; one that is quite unlike
	 * the rest.
	 */
	for (int kind = 0; kind < 3; kind++) {
		struct table odd = made_table(20000, 4, 3, 3, 12);
		for (size_t i = 0; i < 1000; i++) {
			if (kind == 0)
				odd.codes[i] = 1;
			if (kind == 1)
				odd.values[i] = odd.codes[i];
			for (size_t j = 0; j < 4 && kind == 2; j++)
				odd.values[j * odd.rows + i] *= -1;
		}
		struct fitted a = fit(&odd, true, 0, 100),
			      b = fit_with_part(&odd, true, 0, 100, 1000);
		assert_int_equal(b.fit.state, SDP_LOGREG_DONE);
		assert_int_equal(b.fit.begun_well, false);
		for (size_t i = 0; i < 10; i++)
			expect_near(b.coefficients[i].estimate, a.coefficients[i].estimate, 1e-12);
		release(&a);
		release(&b);
		free_table(&odd);
	}
	release(&plain);
	free_table(&t);
}

static void give_up(void **state)
{
	(void)state;
	struct table t = small_table(2);
	struct fitted r = fit(&t, true, 0, 2);
	assert_int_equal(r.fit.state, SDP_LOGREG_STUCK);
	assert_false(r.fit.converged);
	assert_true(r.fit.gradient_norm > 1e-6);
	release(&r);
	free_table(&t);
}

/* ---- separation ---- */

static void expect_separation(struct table t, bool complete, double only)
{
	struct fitted r = fit(&t, true, 0, 100);
	assert_int_equal(r.fit.state, SDP_LOGREG_SEPARATED);
	assert_int_equal(r.fit.complete, complete);
	for (size_t j = 1; j < r.fit.shape.columns; j++)
		if (only > 0 && (double)j != only)
			assert_true(fabs(r.fit.directions[j]) <
				    1e-6 * fabs(r.fit.directions[(size_t)only]));
	release(&r);
	r = fit(&t, true, 1e-3, 100);
	assert_int_equal(r.fit.state, SDP_LOGREG_DONE);
	release(&r);
	free_table(&t);
}

static void separated(void **state)
{
	(void)state;
	/* By a combination of columns. */
	expect_separation(made_table(300, 5, 2, 0, 3), true, 0);
	expect_separation(made_table(300, 3, 4, 0, 4), true, 0);
	/* By one column; with ties at the threshold; by a column that is 1 for one label only. */
	struct table t = made_table(200, 3, 2, 100, 5);
	for (size_t i = 0; i < t.rows; i++)
		t.codes[i] = t.values[t.rows + i] > 0.1;
	expect_separation(t, true, 0);
	t = made_table(200, 3, 2, 100, 6);
	for (size_t i = 0; i < t.rows; i++)
		t.values[t.rows + i] = i < 40 ? 0 : t.codes[i] ? 1 + (double)i : -1 - (double)i;
	expect_separation(t, false, 2);
	/* One of many labels, and many parameters. */
	t = made_table(3000, 40, 10, 40, 8);
	for (size_t i = 0; i < t.rows; i++)
		t.codes[i] = t.values[i] > 0.1 ? 9 : t.codes[i] % 9;
	expect_separation(t, false, 0);
	t = made_table(200, 3, 2, 100, 7);
	for (size_t i = 0; i < t.rows; i++)
		t.values[t.rows + i] = t.codes[i] && i % 5 == 0;
	expect_separation(t, false, 2);
}

/*
 * One row on the wrong side is enough for a maximum; steps are large for long, and yet it is found.
 */
static void nearly_separated(void **state)
{
	(void)state;
	struct table t = new_table(101, 1, 2);
	for (size_t i = 0; i < t.rows; i++) {
		t.values[i] = (double)i - 50;
		t.codes[i] = i >= 50;
	}
	t.codes[52] = 0;
	struct fitted r = fit(&t, true, 0, 100);
	assert_int_equal(r.fit.state, SDP_LOGREG_DONE);
	assert_true(r.fit.gradient_norm < 1e-12);
	release(&r);
	free_table(&t);
}

static void split_by_one_column(void **state)
{
	(void)state;
	struct table t = new_table(6, 3, 3);
	static const double values[] = {1, 2, 5, 6, 8, 9, 1, 2, 2, 3, 1, 3, 1, 2, 2, 3, 4, 5};
	static const unsigned char codes[] = {0, 0, 1, 1, 2, 2};
	size_t label = 9;
	memcpy(t.values, values, sizeof values);
	memcpy(t.codes, codes, sizeof codes);
	struct sdp_logreg_rows rows = rows_of(&t);
	struct sdp_logreg_ranges *r = calloc(1, sdp_logreg_ranges_size(3, 3));
	sdp_logreg_ranges_add(r, 3, 3, &rows);
	assert_int_equal(sdp_logreg_ranges_split(r, 3, 3, 0, &label), 2);
	assert_int_equal(label, 0);
	assert_int_equal(sdp_logreg_ranges_split(r, 3, 3, 1, &label), 0);
	assert_int_equal(sdp_logreg_ranges_split(r, 3, 3, 2, &label), 2);
	assert_int_equal(label, 2);
	free(r);
	free_table(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_labels),       cmocka_unit_test(three_labels),
		cmocka_unit_test(fitness),          cmocka_unit_test(far_from_zero),
		cmocka_unit_test(many_parameters),  cmocka_unit_test(rough_beginning),
		cmocka_unit_test(give_up),          cmocka_unit_test(separated),
		cmocka_unit_test(nearly_separated), cmocka_unit_test(split_by_one_column),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

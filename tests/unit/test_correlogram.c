/*
 * Compares autocorrelations with results worked out by hand and with those of statsmodels 0.15.0
 * (acf, pacf with method ywm, acorr_ljungbox).
 */
#include "model/timeseries/correlogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

static void figures(void **state)
{
	(void)state;
	struct sdp_err err;
	const double x[] = {1, 3, 2, 5, 4, 7, 6, 9};
	static const double want[4][4] = {
		{1.0, 1.0, 0.0, 0.0},
		{0.3355263157894737, 0.3355263157894737, 1.2866046695686584, 0.25667461090380184},
		{0.42042606516290726, 0.34690161486240106, 3.643379019813527, 0.16175223793904492},
		{-0.17637844611528822, -0.49306611626404145, 4.141128719878226, 0.246622508475243},
	};
	struct sdp_correlation c[4];
	assert_int_equal(sdp_correlogram(x, 8, 3, c, &err), 0);
	for (size_t k = 0; k < 4; k++) {
		assert_true(fabs(c[k].acf - want[k][0]) < 1e-13);
		assert_true(fabs(c[k].pacf - want[k][1]) < 1e-13);
		assert_true(k == 0 ? isnan(c[k].q) && isnan(c[k].p)
				   : fabs(c[k].q - want[k][2]) < 1e-12);
		assert_true(k == 0 || fabs(c[k].p - want[k][3]) < 1e-13);
	}
	assert_true(c[0].acf_band == 0);
	assert_true(fabs(c[1].acf_band - 1.959963984540054 / sqrt(8)) < 1e-15);
	assert_true(fabs(c[2].acf_band -
			 1.959963984540054 * sqrt((1 + 2 * c[1].acf * c[1].acf) / 8)) < 1e-15);
	assert_true(fabs(c[3].pacf_band - 1.959963984540054 / sqrt(8)) < 1e-15);
}

static void constants_have_none(void **state)
{
	(void)state;
	struct sdp_err err;
	const double x[] = {0.1, 0.1, 0.1};
	struct sdp_correlation c[2];
	assert_int_equal(sdp_correlogram(x, 3, 1, c, &err), 0);
	for (size_t k = 0; k < 2; k++)
		assert_true(isnan(c[k].acf) && isnan(c[k].pacf) && isnan(c[k].q) && isnan(c[k].p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(figures),
					   cmocka_unit_test(constants_have_none)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

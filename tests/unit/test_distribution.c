/* Compares the tails of the t and F distributions with mpmath (50 digits). */
#include "model/regression/distribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void near(double got, double wanted, double error)
{
	if (!(fabs(got - wanted) <= error * fabs(wanted)))
		fail_msg("%.17g, wanted %.17g", got, wanted);
}

static void t_tails(void **state)
{
	static const struct {
		double t, df, p;
	} cases[] = {
		{0.1, 1, 9.3654896513889285747e-1},
		{1, 1, 5.0e-1},
		{12.7, 1, 5.0024327689344160055e-2},
		{1000, 1, 6.3661956016111787775e-4},
		{1e-08, 2, 9.9999999292893218813e-1},
		{0.5, 2, 6.6666666666666666667e-1},
		{3.25, 9, 9.9973690840215668834e-3},
		{4.5, 9, 1.488949415411731215e-3},
		{30, 9, 2.4837047041582624447e-10},
		{0.75, 385, 4.5371277235835330133e-1},
		{2, 385, 4.6202302263721722645e-2},
		{14.25, 385, 2.6600609956494255911e-37},
		{1.96875, 20000, 4.899559300814976265e-2},
		{25, 20000, 7.4194033247718858156e-136},
		{1.5, 8000000, 1.3361444200010758024e-1},
		{36, 8000000, 8.8167144690032041757e-284},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		near(sdp_t_two_sided(cases[i].t, cases[i].df), cases[i].p, 4e-16);
		near(sdp_t_two_sided(-cases[i].t, cases[i].df), cases[i].p, 4e-16);
	}
	assert_true(sdp_t_two_sided(0, 3) == 1);
	assert_true(sdp_t_two_sided(INFINITY, 3) == 0);
	assert_true(isnan(sdp_t_two_sided(NAN, 3)));
	assert_true(sdp_t_two_sided(60, 20000) == 0);
}

static void f_tails(void **state)
{
	static const struct {
		double f, d1, d2, p;
	} cases[] = {
		{1, 1, 1, 5.0e-1},
		{0.01, 3, 7, 9.9849524704011170006e-1},
		{2.5, 3, 7, 1.4350945627893922172e-1},
		{330.25, 6, 9, 4.9864161584278819004e-10},
		{15750.25, 1, 10, 2.5316281865829477739e-17},
		{0.5, 100, 30, 9.9431779018202326435e-1},
		{1.25, 100, 300, 7.8321127874784195756e-2},
		{4, 1000, 2000, 4.4434510119953902729e-153},
		{1.01, 6, 8000000, 4.1650262920708104924e-1},
		{90, 6, 8000000, 2.0384657232870062855e-113},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		near(sdp_f_upper(cases[i].f, cases[i].d1, cases[i].d2), cases[i].p, 4e-16);
	assert_true(sdp_f_upper(0, 3, 4) == 1);
	assert_true(sdp_f_upper(INFINITY, 3, 4) == 0);
	assert_true(isnan(sdp_f_upper(NAN, 3, 4)));
}

static void t_quantiles(void **state)
{
	static const struct {
		double level, df, t;
	} cases[] = {
		{0.5, 1, 1.0},
		{0.95, 1, 1.2706204736174693314e+1},
		{0.999, 1, 6.3661924876871905078e+2},
		{0.95, 2, 4.3026527297494617894},
		{0.9, 9, 1.8331129326562373085},
		{0.95, 9, 2.2621571627982049992},
		{0.999, 9, 4.7809125859311384303},
		{0.95, 388, 1.9660968781378339043},
		{0.95, 20424, 1.9600801424636544496},
		{0.5, 8000000, 6.744897808629487534e-1},
		{0.95, 8000000, 1.9599642810740017445},
		{0.999999, 30, 6.1190756203738998483},
		{0.01, 5, 1.317198467264688293e-2},
		{1e-20, 1, 1.5707963267948966192e-20},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		near(sdp_t_quantile(cases[i].level, cases[i].df), cases[i].t,
		     1e-15 / fmax(cases[i].level, 1e-2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_tails),
		cmocka_unit_test(f_tails),
		cmocka_unit_test(t_quantiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

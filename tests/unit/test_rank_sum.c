/*
 * Compares the rank-sum test with scipy 1.x (mannwhitneyu, exact and asymptotic). With ties, the
 * expected values come from counting all choices in Python.
 */
#include "model/bench/rank_sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

static void expect(const double *a, size_t a_count, const double *b, size_t b_count, double u,
		   double p)
{
	struct sdp_rank_sum forth, back;
	struct sdp_err err;
	assert_int_equal(sdp_rank_sum_test(a, a_count, b, b_count, &forth, &err), 0);
	assert_int_equal(sdp_rank_sum_test(b, b_count, a, a_count, &back, &err), 0);
	if (forth.u != u || !(fabs(forth.p - p) <= 1e-12 * p))
		fail_msg("U %.17g, p %.17g; wanted %.17g, %.17g", forth.u, forth.p, u, p);
	if (back.u != (double)(a_count * b_count) - u || !(fabs(back.p - p) <= 1e-12 * p))
		fail_msg("the other way round: U %.17g, p %.17g", back.u, back.p);
}

#define EXPECT(a, b, u, p) expect(a, sizeof(a) / sizeof *(a), b, sizeof(b) / sizeof *(b), u, p)

static void without_ties(void **state)
{
	(void)state;
	/* Depression scores of Hollander and Wolfe, 1973, p. 29, taken as two samples. */
	static const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
	static const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.061, 3.14, 1.291};
	static const double low[] = {1, 2, 3, 4, 5}, high[] = {10, 9, 8, 7, 6};
	static const double odd[] = {1, 3, 5, 7}, even[] = {2, 4, 6};
	EXPECT(before, after, 58, 0.13591114767585355);
	EXPECT(low, high, 0, 2. / 252);
	EXPECT(odd, even, 6, 1);
	expect(low, 3, high, 3, 0, 0.1);
	expect(low, 1, high, 1, 0, 1);
}

static void with_ties(void **state)
{
	(void)state;
	static const double a[] = {1, 1, 2, 3}, b[] = {2, 3, 3, 4, 5};
	static const double c[] = {1, 2, 2, 2}, d[] = {2, 2, 7};
	static const double e[] = {5}, f[] = {1, 2, 2}, g[] = {1, 1}, h[] = {1, 1, 1};
	EXPECT(a, b, 2.5, 0.07936507936507936);
	EXPECT(c, d, 3, 0.5714285714285714);
	EXPECT(e, f, 3, 0.5);
	EXPECT(g, h, 3, 1);
}

static void many(void **state)
{
	(void)state;
	double a[80], b[80];
	for (int i = 0; i < 50; i++) {
		a[i] = i * 37 % 101 * 2;
		b[i] = i * 53 % 103 * 2 + 31;
	}
	expect(a, 50, b, 50, 994, 0.07812913432911847);
	for (int i = 0; i < 80; i++) {
		a[i] = i * 37 % 101 / 3;
		b[i] = i * 53 % 103 / 3 + 3;
	}
	expect(a, 80, b, 70, 2270, 0.04599242278497561);
	for (int i = 0; i < 80; i++)
		a[i] = b[i] = 1;
	expect(a, 80, b, 80, 3200, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_ties),
		cmocka_unit_test(with_ties),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Tests p-values and intervals of correlations against numbers that mpmath found with 40 digits: as
 * incomplete beta functions; for many rows as integrals of the density of r; and the last as a
 * continued fraction.
 */
#include "model/stats/correlation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* r is k / 10^6 */
static const struct known {
	uint64_t n;
	long k;
	double p, low, high;
} known[] = {
	{3, 1, 0.99999936338022763, NAN, NAN},
	{3, 30, 0.99998090140682611, NAN, NAN},
	{3, 1000, 0.99936338012152908, NAN, NAN},
	{3, 100000, 0.93623143914148015, NAN, NAN},
	{3, 500000, 0.66666666666666667, NAN, NAN},
	{3, 999999, 0.00090031639118348263, NAN, NAN},
	{4, 1, 0.999999, -0.96108700624896782, 0.96108715887220729},
	{4, 30, 0.99997, -0.96108479314605904, 0.96108937184324695},
	{4, 1000, 0.999, -0.96101069752825792, 0.96116332090870444},
	{4, 100000, 0.9, -0.95264451646537254, 0.96804913104729786},
	{4, 500000, 0.5, -0.88763374643011546, 0.98685857039851447},
	{4, 999999, 1.0e-6, 0.9999496044301719, 0.99999998015746631},
	{5, 1, 0.99999872676045527, -0.88226620411071254, 0.88226664732262064},
	{5, 30, 0.99996180281366367, -0.88225977736227192, 0.8822730737195244},
	{5, 1000, 0.99872676066747146, -0.88204462407466723, 0.8824878363277666},
	{5, 100000, 0.8728885715695382, -0.85796148718719949, 0.90263037798411185},
	{5, 500000, 0.39100221895577064, -0.68400276150249836, 0.95915243183882426},
	{5, 999999, 1.2004215748128621e-9, 0.99998401261210286, 0.99999993745113452},
	{10, 1, 0.9999978125, -0.6296256968172276, 0.62962690395867132},
	{10, 30, 0.99993437500005906, -0.62960819292464564, 0.62964440716797012},
	{10, 1000, 0.99781250218749869, -0.6290223494030457, 0.63022949132531071},
	{10, 100000, 0.78342440625, -0.5652136375417753, 0.68640823277265564},
	{10, 500000, 0.14111328125, -0.18918387068441596, 0.85915348520929546},
	{10, 999999, 4.3749947500021875e-24, 0.9999956000560197, 0.99999977272467766},
	{30, 1, 0.99999581551253797, -0.36026835238916367, 0.36027009280133817},
	{30, 30, 0.99987446537662827, -0.36024311613078624, 0.36029532849602737},
	{30, 1000, 0.99581553067066996, -0.35939870288685533, 0.36113911528725104},
	{30, 100000, 0.5990480217807456, -0.26999636048512521, 0.44426376642001288},
	{30, 500000, 0.0048999336670680904, 0.17043136511180008, 0.72895855638835554},
	{30, 999999, 2.4485080948879693e-81, 0.99999787368608078, 0.99999952970269693},
	{101, 1, 0.99999208117083007, -0.19543830142891159, 0.19544022503590037},
	{101, 30, 0.99976243512835496, -0.1954104089585846, 0.19546811716824981},
	{101, 1000, 0.99208129884919378, -0.19447727172729582, 0.19640087878954509},
	{101, 100000, 0.3197484741393014, -0.09734170229033695, 0.28977590430853214},
	{101, 500000, 1.0174517823555108e-7, 0.3375455650364863, 0.63353086088896847},
	{101, 999999, 6.3679587555176115e-284, 0.99999851417187266, 0.99999932697470039},
	{1000, 1, 0.99997480023209427, -0.061992086326259552, 0.061994078639975},
	{1000, 30, 0.99924400707564792, -0.06196319772186785, 0.06202296713333151},
	{1000, 1000, 0.97480441462792333, -0.06099686386679194, 0.062989177589897153},
	{1000, 100000, 0.0015441161074010941, 0.038244003885557407, 0.16099502469862669},
	{1000, 500000, 2.278101929537929e-64, 0.45201790928387569, 0.54509696201928317},
	{1000000, 1, 0.99920211656953345, -0.0019589644186177303, 0.0019609644109348093},
	{1000000, 30, 0.97606708307361839, -0.0019299645282580836, 0.0019899642977704534},
	{1000000, 1000, 0.31731099180502856, -0.00095996629627800982, 0.0029599586133646783},
	{1000000000, 1, 0.97477287940147747, -6.0979503247840994e-5, 6.2979503240158076e-5},
	{1000000000, 30, 0.34278171164262364, -3.1979503303523727e-5, 9.1979503073036198e-5},
	{1000000000, 1000, 1.7953856809390743e-219, 0.00093802055489398651, 0.0010619794374231035},
};

/* Makes the sums of a pair with means of 0. */
static void make(uint64_t n, long xx, long yy, long xy, struct sdp_pair_total *t)
{
	sdp_pair_total_init(t);
	t->n = n;
	t->x_tens = t->y_tens = 0;
	mpz_set_si(t->xx, xx);
	mpz_set_si(t->yy, yy);
	mpz_set_si(t->xy, xy);
}

static bool is_near(double got, double want, double error)
{
	return isnan(want) ? isnan(got) : fabs(got - want) <= error * fabs(want);
}

static void p_and_interval_are_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			const struct known *k = &known[i];
			struct sdp_pair_total t;
			struct sdp_correlation got;
			make(k->n, 1000000, 1000000, sign * k->k, &t);
			sdp_correlation_pearson(&t, &got);
			assert_int_equal(got.n, k->n);
			assert_true(got.r == sign * ((double)k->k / 1e6));
			assert_true(is_near(got.p, k->p, 1e-13));
			assert_true(is_near(sign < 0 ? -got.ci_high : got.ci_low, k->low, 1e-13));
			assert_true(is_near(sign < 0 ? -got.ci_low : got.ci_high, k->high, 1e-13));
			sdp_pair_total_clear(&t);
		}
}

static void one_is_found_exactly(void **state)
{
	struct sdp_pair_total t;
	struct sdp_correlation got;
	(void)state;
	make(5, 4, 9, -6, &t);
	sdp_correlation_pearson(&t, &got);
	assert_true(got.r == -1 && got.p == 0 && got.ci_low == -1 && got.ci_high == -1);
	sdp_pair_total_clear(&t);
	/* r rounds to 1 and is less: 1 - r^2 is about 1e-18. */
	make(5, 1000000000, 1000000000, 1000000000, &t);
	mpz_ui_pow_ui(t.xx, 10, 18);
	mpz_add_ui(t.xx, t.xx, 1);
	mpz_ui_pow_ui(t.yy, 10, 18);
	mpz_set(t.xy, t.yy);
	sdp_correlation_pearson(&t, &got);
	assert_true(got.r == 1 && got.p > 0 && got.p < 1e-20);
	assert_true(got.ci_high == 1 && got.ci_low < 1.0 + 1e-15 && got.ci_low > 0.9);
	sdp_pair_total_clear(&t);
}

static void what_is_not_defined_is_nan(void **state)
{
	struct sdp_pair_total t;
	struct sdp_correlation got;
	(void)state;
	for (uint64_t n = 0; n < 5; n++) {
		make(n, 4, 9, 3, &t);
		sdp_correlation_pearson(&t, &got);
		assert_true(isnan(got.r) == (n < 3) && isnan(got.p) == (n < 3));
		assert_true(isnan(got.ci_low) == (n < 4) && isnan(got.ci_high) == (n < 4));
		sdp_correlation_covariance(&t, &got);
		assert_true(n < 2 ? isnan(got.r) : got.r == 3.0 / (double)(n - 1));
		assert_true(isnan(got.p) && isnan(got.ci_low) && isnan(got.ci_high));
		sdp_pair_total_clear(&t);
	}
	make(9, 0, 9, 0, &t);
	sdp_correlation_pearson(&t, &got);
	assert_true(isnan(got.r) && isnan(got.p) && isnan(got.ci_low));
	t.x_tens = 1;
	t.y_tens = 2;
	mpz_set_ui(t.xy, 12000);
	sdp_correlation_covariance(&t, &got);
	assert_true(got.r == 1.5);
	sdp_pair_total_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p_and_interval_are_right),
		cmocka_unit_test(one_is_found_exactly),
		cmocka_unit_test(what_is_not_defined_is_nan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

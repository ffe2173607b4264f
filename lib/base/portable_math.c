/* Logarithm, normal quantile and sine, with the same last bit on every machine. */
#include "base/portable_math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

double sdp_portable_log(double x)
{
	static const double ln2 = 0.693147180559945309417, root_half = 0.70710678118654752440;
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	int exponent = (int)(bits >> 52) - 1022;
	bits = (bits & 0xfffffffffffff) | (uint64_t)1022 << 52;
	double m; /* in [1/2, 1) */
	memcpy(&m, &bits, sizeof m);
	if (m < root_half) {
		m *= 2;
		exponent--;
	}
	double s = (m - 1) / (m + 1), q = s * s;
	double even =
		1 / 3.0 +
		q * (1 / 5.0 +
		     q * (1 / 7.0 +
			  q * (1 / 9.0 +
			       q * (1 / 11.0 +
				    q * (1 / 13.0 +
					 q * (1 / 15.0 +
					      q * (1 / 17.0 + q * (1 / 19.0 + q / 21.0))))))));
	return exponent * ln2 + (2 * s + 2 * s * q * even);
}

static double ratio(const double num[8], const double den[8], double r)
{
	double a = num[7], b = den[7];
	for (int i = 6; i >= 0; i--) {
		a = a * r + num[i];
		b = b * r + den[i];
	}
	return a / b;
}

double sdp_portable_normal(double p)
{
	static const double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
				    1.9715909503065514427e3, 1.3731693765509461125e4,
				    4.5921953931549871457e4, 6.7265770927008700853e4,
				    3.3430575583588128105e4, 2.5090809287301226727e3};
	static const double b[8] = {1.0,
				    4.2313330701600911252e1,
				    6.8718700749205790830e2,
				    5.3941960214247511077e3,
				    2.1213794301586595867e4,
				    3.9307895800092710610e4,
				    2.8729085735721942674e4,
				    5.2264952788528545610e3};
	static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
				    5.76949722146069140550e0,  3.64784832476320460504e0,
				    1.27045825245236838258e0,  2.41780725177450611770e-1,
				    2.27238449892691845833e-2, 7.74545014278341407640e-4};
	static const double d[8] = {1.0,
				    2.05319162663775882187e0,
				    1.67638483018380384940e0,
				    6.89767334985100004550e-1,
				    1.48103976427480074590e-1,
				    1.51986665636164571966e-2,
				    5.47593808499534494600e-4,
				    1.05075007164441684324e-9};
	static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
				    1.78482653991729133580e0,  2.96560571828504891230e-1,
				    2.65321895265761230930e-2, 1.24266094738807843860e-3,
				    2.71155556874348757815e-5, 2.01033439929228813265e-7};
	static const double f[8] = {1.0,
				    5.99832206555887937690e-1,
				    1.36929880922735805310e-1,
				    1.48753612908506148525e-2,
				    7.86869131145613259100e-4,
				    1.84631831751005468180e-5,
				    1.42151175831644588870e-7,
				    2.04426310338993978564e-15};
	double q = p - 0.5;
	if (q >= -0.425 && q <= 0.425)
		return q * ratio(a, b, 0.180625 - q * q);
	double r = sqrt(-sdp_portable_log(q < 0 ? p : 1 - p));
	double x = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
	return q < 0 ? -x : x;
}

double sdp_portable_sin_turn(unsigned k, unsigned n)
{
	static const double turn = 6.28318530717958647692;
	/* Reduce the angle to at most π/4 from the nearest quarter of the turn. */
	unsigned eighth = (unsigned)((uint64_t)k * 8 / n);
	unsigned quarter = (eighth + 1) / 2;
	double x = turn * ((double)((int64_t)k * 4 - (int64_t)quarter * n) / (4.0 * n));
	double q = x * x;
	double sine =
		x *
		(1 -
		 q / 6 *
			 (1 -
			  q / 20 *
				  (1 -
				   q / 42 *
					   (1 -
					    q / 72 *
						    (1 -
						     q / 110 *
							     (1 -
							      q / 156 *
								      (1 -
								       q / 210 *
									       (1 - q / 272))))))));
	double cosine =
		1 -
		q / 2 *
			(1 -
			 q / 12 *
				 (1 -
				  q / 30 *
					  (1 -
					   q / 56 *
						   (1 -
						    q / 90 *
							    (1 -
							     q / 132 *
								     (1 -
								      q / 182 * (1 - q / 240)))))));
	double value = quarter % 2 ? cosine : sine;
	return quarter == 2 || quarter == 3 ? -value : value;
}

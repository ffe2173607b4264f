/*
 * The arithmetic kernels of logreg.c.  This file is included once for each instruction set.  Before
 * it is included, these macros must be defined:
 *
 *	KERNEL(name)   the name with the kernel's suffix
 *	TARGET         the function attribute
 *	WIDTH          doubles in a vector: 2, 4 or 8
 *
 * Each row is computed in one lane, in the same order at every width.  Sums over rows have eight
 * lanes at every width: lane i sums the rows i, i + 8, i + 16, …, and the lanes are added in one
 * fixed order.  All kernels therefore produce the same bits.
 */

typedef double KERNEL(real) __attribute__((vector_size(8 * WIDTH), may_alias));
typedef int64_t KERNEL(word) __attribute__((vector_size(8 * WIDTH), may_alias));
#define REAL         KERNEL(real)
#define WORD         KERNEL(word)
#define LANE_VECTORS (8 / WIDTH)
#define INLINE       TARGET __attribute__((always_inline)) static inline

INLINE void KERNEL(select)(REAL *out, const WORD *mask, const REAL *yes, const REAL *no)
{
	*out = (REAL)(((WORD)*yes & *mask) | ((WORD)*no & ~*mask));
}

INLINE void KERNEL(larger)(REAL *a, const REAL *b)
{
	WORD mask = *b > *a;
	KERNEL(select)(a, &mask, b, a);
}

/*
 * Replaces x ≤ 0 by exp(x), with an error below 1 unit in the last place; the result is at least
 * exp(-708). x = k ln 2 + r, |r| ≤ ln 2 / 2, where k ln 2 has two parts, the first of which is
 * exact.  exp(r) is its Taylor series up to r^13, the remainder of which is below 2^-57.
 */
INLINE void KERNEL(exp)(REAL *x)
{
	static const double c[] = {1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800,
				   1. / 362880,     1. / 40320,     1. / 5040,     1. / 720,
				   1. / 120,        1. / 24,        1. / 6,        1. / 2};
	const REAL least = *x * 0 - 708, magic = *x * 0 + 0x1.8p52;
	KERNEL(larger)(x, &least);
	REAL shifted = *x * 0x1.71547652b82fep0 + magic, k = shifted - magic;
	REAL r = (*x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
	REAL q = r * c[0] + c[1];
	UNROLL for (int i = 2; i < 12; i++) q = q * r + c[i];
	REAL e = 1 + (r + r * r * q);
	*x = (REAL)((WORD)e + ((WORD)shifted << 52));
}

INLINE double KERNEL(total)(const REAL *lanes)
{
	double l[8];
	memcpy(l, lanes, sizeof l);
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

/* z = (x - centre) scale for n rows, n a multiple of 8; x need not be aligned. */
TARGET static void KERNEL(shift)(const double *x, double centre, double scale, double *z, size_t n)
{
	for (size_t row = 0; row < n; row += WIDTH) {
		REAL v;
		memcpy(&v, x + row, sizeof v);
		*(REAL *)(void *)(z + row) = (v - centre) * scale;
	}
}

/* eta = Σ theta_j z_j for n rows, n a multiple of 32. */
TARGET static void KERNEL(linear)(const double *z, size_t columns, const double *theta, double *eta,
				  size_t n)
{
	enum { AT_ONCE = 32 / WIDTH };
	for (size_t row = 0; row < n; row += 32) {
		REAL sum[AT_ONCE];
		UNROLL for (int i = 0; i < AT_ONCE; i++) sum[i] =
			((const REAL *)(const void *)(z + row))[i] * theta[0];
		for (size_t j = 1; j < columns; j++) {
			const REAL *x = (const REAL *)(const void *)(z + j * STRIDE + row);
			UNROLL for (int i = 0; i < AT_ONCE; i++) sum[i] += x[i] * theta[j];
		}
		memcpy(eta + row, sum, sizeof sum);
	}
}

/*
 * The kernel for two labels.  m = y eta is the margin, e = exp(-|m|), q = 1 / (1 + e).  The
 * residual is e q or q with the sign of y, without cancellation.  log(1 + e) is the logarithm of
 * the rounded 1 + e, taken for a product of 64 of them, plus a correction for the rounding.
 */
TARGET static void KERNEL(two)(const double *eta, const double *y, double *p, double *r, double *w,
			       size_t n, struct loss_lanes *loss)
{
	REAL excess[LANE_VECTORS], product[LANE_VECTORS], rest[LANE_VECTORS];
	memcpy(excess, loss->excess, sizeof excess);
	memcpy(product, loss->product, sizeof product);
	memcpy(rest, loss->rest, sizeof rest);
	for (size_t row = 0; row < n; row += 8)
		UNROLL for (int i = 0; i < LANE_VECTORS; i++)
		{
			size_t at = row + (size_t)i * WIDTH;
			REAL x, sign;
			memcpy(&x, eta + at, sizeof x);
			memcpy(&sign, y + at, sizeof sign);
			REAL valid = sign * sign, m = sign * x;
			REAL size = (REAL)((WORD)m & INT64_MAX), e = -size;
			KERNEL(exp)(&e);
			REAL sum = 1 + e, q = 1 / sum, eq = e * q;
			WORD right = m >= 0, up = x >= 0;
			REAL residual, probability;
			KERNEL(select)(&residual, &right, &eq, &q);
			KERNEL(select)(&probability, &up, &q, &eq);
			residual *= sign;
			REAL weight = valid * (q * eq), left = valid * e, factor = 1 + left;
			memcpy(p + at, &probability, sizeof probability);
			memcpy(r + at, &residual, sizeof residual);
			memcpy(w + at, &weight, sizeof weight);
			excess[i] += (size - m) * 0.5;
			product[i] *= factor;
			rest[i] += (left - (factor - 1)) * q;
		}
	memcpy(loss->excess, excess, sizeof excess);
	memcpy(loss->product, product, sizeof product);
	memcpy(loss->rest, rest, sizeof rest);
}

/*
 * The kernel for any number of labels.  eta, p and r have STRIDE doubles per label.  y is the label
 * of each row.  rows is 1 for a row; it is 0 where there is no row, and y is -1 there.
 */
TARGET static void KERNEL(many)(const double *eta, const double *y, const double *rows, double *p,
				double *r, size_t labels, size_t n, struct loss_lanes *loss)
{
	REAL excess[LANE_VECTORS], product[LANE_VECTORS];
	memcpy(excess, loss->excess, sizeof excess);
	memcpy(product, loss->product, sizeof product);
	for (size_t row = 0; row < n; row += 8)
		UNROLL for (int i = 0; i < LANE_VECTORS; i++)
		{
			size_t at = row + (size_t)i * WIDTH;
			REAL top, label, own, sum, others;
			memcpy(&label, y + at, sizeof label);
			memcpy(&top, eta + at, sizeof top);
			const REAL zero = label * 0;
			for (size_t k = 1; k < labels; k++) {
				REAL x;
				memcpy(&x, eta + k * STRIDE + at, sizeof x);
				KERNEL(larger)(&top, &x);
			}
			own = sum = others = zero;
			for (size_t k = 0; k < labels; k++) {
				REAL x, mine, other;
				memcpy(&x, eta + k * STRIDE + at, sizeof x);
				x -= top;
				WORD is = label == (double)k;
				KERNEL(select)(&mine, &is, &x, &zero);
				own += mine;
				KERNEL(exp)(&x);
				KERNEL(select)(&other, &is, &zero, &x);
				sum += x;
				others += other;
				memcpy(p + k * STRIDE + at, &x, sizeof x);
			}
			REAL one = zero + 1, valid, factor;
			memcpy(&valid, rows + at, sizeof valid);
			for (size_t k = 0; k < labels; k++) {
				REAL x, residual;
				memcpy(&x, p + k * STRIDE + at, sizeof x);
				x = x / sum * valid;
				WORD is = label == (double)k;
				REAL short_of = others / sum, minus = -x;
				KERNEL(select)(&residual, &is, &short_of, &minus);
				memcpy(p + k * STRIDE + at, &x, sizeof x);
				memcpy(r + k * STRIDE + at, &residual, sizeof residual);
			}
			factor = sum * valid + (one - valid);
			excess[i] -= own;
			product[i] *= factor;
		}
	memcpy(loss->excess, excess, sizeof excess);
	memcpy(loss->product, product, sizeof product);
}

/* Adds Σ z r to *sum and Σ |z r| to *sizes. */
TARGET static void KERNEL(dot)(const double *z, const double *r, size_t n, double *sum,
			       double *sizes)
{
	REAL s[LANE_VECTORS], a[LANE_VECTORS];
	memset(s, 0, sizeof s);
	memset(a, 0, sizeof a);
	for (size_t row = 0; row < n; row += 8) {
		const REAL *x = (const REAL *)(const void *)(z + row),
			   *v = (const REAL *)(const void *)(r + row);
		UNROLL for (int i = 0; i < LANE_VECTORS; i++)
		{
			REAL t = x[i] * v[i];
			s[i] += t;
			a[i] += (REAL)((WORD)t & INT64_MAX);
		}
	}
	*sum += KERNEL(total)(s);
	*sizes += KERNEL(total)(a);
}

/* out = z w for each column. */
TARGET static void KERNEL(weigh)(const double *z, size_t columns, const double *w, double *out,
				 size_t n)
{
	for (size_t j = 0; j < columns; j++)
		for (size_t row = 0; row < n; row += WIDTH) {
			const REAL *x = (const REAL *)(const void *)(z + j * STRIDE + row);
			*(REAL *)(void *)(out + j * STRIDE + row) =
				*x * *(const REAL *)(const void *)(w + row);
		}
}

/*
 * Adds to h[0…3] the sums of products of two columns at a with two at b: a0 b0, a0 b1, a1 b0, a1
 * b1.
 */
TARGET static void KERNEL(gram)(const double *a, const double *b, size_t n, double h[4])
{
	REAL s00[LANE_VECTORS], s01[LANE_VECTORS], s10[LANE_VECTORS], s11[LANE_VECTORS];
	memset(s00, 0, sizeof s00);
	memset(s01, 0, sizeof s01);
	memset(s10, 0, sizeof s10);
	memset(s11, 0, sizeof s11);
	for (size_t row = 0; row < n; row += 8) {
		const REAL *a0 = (const REAL *)(const void *)(a + row),
			   *a1 = (const REAL *)(const void *)(a + STRIDE + row);
		const REAL *b0 = (const REAL *)(const void *)(b + row),
			   *b1 = (const REAL *)(const void *)(b + STRIDE + row);
		UNROLL for (int i = 0; i < LANE_VECTORS; i++)
		{
			s00[i] += a0[i] * b0[i];
			s01[i] += a0[i] * b1[i];
			s10[i] += a1[i] * b0[i];
			s11[i] += a1[i] * b1[i];
		}
	}
	h[0] += KERNEL(total)(s00);
	h[1] += KERNEL(total)(s01);
	h[2] += KERNEL(total)(s10);
	h[3] += KERNEL(total)(s11);
}

static const struct kernel KERNEL(kernel) = {
	KERNEL(shift), KERNEL(linear), KERNEL(two),  KERNEL(many),
	KERNEL(dot),   KERNEL(weigh),  KERNEL(gram),
};

#undef REAL
#undef WORD
#undef LANE_VECTORS
#undef INLINE
#undef KERNEL
#undef TARGET
#undef WIDTH

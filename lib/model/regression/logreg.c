/*
 * The sums of a pass over the rows of a logistic regression.
 *
 * A block is processed in tiles of 512 rows, which are small enough for everything about a tile to
 * stay in the cache: its columns, centred and scaled (z); a linear predictor, a probability and a
 * residual for each label; and for each pair of coefficient sets the columns times the pair's
 * weights.  The values of two tiles are summed in a fixed order into doubles, which are then added
 * to the exact integers.
 *
 *	z ──linear──> eta ──two, many──> p, r, loss
 *	z · r ──dot──> gradient                 z w_kl ──gram── z ──> the (k, l) part of the Hessian
 */
#include "model/regression/logreg.h"

#include "base/fixed_sum.h"
#include "base/portable_math.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

enum {
	TILE = 512,
	/* not a power of two, which would map all columns to a few sets of the cache */
	STRIDE = TILE + 8,
	FLUSH = 2 * TILE, /* rows summed in doubles before they are added to the exact sums */
};

#define UNROLL _Pragma("GCC unroll 16")

/*
 * The sum of -log likelihood over rows, in eight lanes: excess + log(product) + rest.  excess is
 * summed directly; product is a product of terms 1 + e; rest corrects for the rounding of these
 * terms.
 */
struct loss_lanes {
	double excess[8], product[8], rest[8];
};

struct kernel {
	void (*shift)(const double *x, double centre, double scale, double *z, size_t n);
	void (*linear)(const double *z, size_t columns, const double *theta, double *eta, size_t n);
	void (*two)(const double *eta, const double *y, double *p, double *r, double *w, size_t n,
		    struct loss_lanes *loss);
	void (*many)(const double *eta, const double *y, const double *rows, double *p, double *r,
		     size_t labels, size_t n, struct loss_lanes *loss);
	void (*dot)(const double *z, const double *r, size_t n, double *sum, double *sizes);
	void (*weigh)(const double *z, size_t columns, const double *w, double *out, size_t n);
	void (*gram)(const double *a, const double *b, size_t n, double h[4]);
};

#define KERNEL(name) name##_2
#define TARGET
#define WIDTH 2
#include "model/regression/logreg_kernel.h"

#ifdef __x86_64__
#define KERNEL(name) name##_4
#define TARGET       __attribute__((target("avx2")))
#define WIDTH        4
#include "model/regression/logreg_kernel.h"

#define KERNEL(name) name##_8
#define TARGET       __attribute__((target("avx512f,avx512dq")))
#define WIDTH        8
#include "model/regression/logreg_kernel.h"
#endif

static const struct kernel *chosen; /* NULL until a kernel has been chosen */

/* Chooses the kernel of 2, 4 or 8 lanes.  Returns false if the machine does not support it. */
static bool use_kernel(int lanes)
{
	const struct kernel *found = lanes == 2 ? &kernel_2 : NULL;
#ifdef __x86_64__
	__builtin_cpu_init();
	if (lanes == 8 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
		found = &kernel_8;
	if (lanes == 4 && __builtin_cpu_supports("avx2"))
		found = &kernel_4;
#endif
	chosen = found ? found : chosen;
	return found;
}

static const struct kernel *choose_kernel(void)
{
	if (!chosen && !use_kernel(8) && !use_kernel(4))
		use_kernel(2);
	return chosen;
}

/* ---- sizes ---- */

static size_t triangle(size_t n)
{
	return n * (n + 1) / 2;
}

/* Returns the number of doubles that are summed for a block. */
static size_t value_count(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts)
{
	size_t p = sdp_logreg_parameters(s);
	return 2 * p + (parts == SDP_LOGREG_HESSIAN    ? triangle(s->sets) * triangle(s->columns)
			: parts == SDP_LOGREG_DIAGONAL ? p
						       : 0);
}

size_t sdp_logreg_sums_size(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts)
{
	return sizeof(struct sdp_logreg_sums) + value_count(s, parts) * sizeof(sdp_int128);
}

/*
 * Returns the number of columns rounded up to an even number: the Gram kernel processes columns in
 * pairs, so an odd number is filled up with a column of zeros.
 */
static size_t even_columns(const struct sdp_logreg_shape *s)
{
	return s->columns + s->columns % 2;
}

struct scratch {
	double *z, *weighted;                 /* even_columns × STRIDE */
	double *eta, *probability, *residual; /* labels × STRIDE */
	double *y, *valid, *weight;
	double *values; /* value_count */
};

static size_t scratch_doubles(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts)
{
	return (2 * even_columns(s) + 3 * s->labels + 3) * STRIDE + value_count(s, parts);
}

size_t sdp_logreg_scratch(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts)
{
	return scratch_doubles(s, parts) * sizeof(double);
}

static void lay_out(struct scratch *t, const struct sdp_logreg_shape *s,
		    enum sdp_logreg_parts parts, double *room)
{
	t->z = room;
	t->weighted = t->z + even_columns(s) * STRIDE;
	t->eta = t->weighted + even_columns(s) * STRIDE;
	t->probability = t->eta + s->labels * STRIDE;
	t->residual = t->probability + s->labels * STRIDE;
	t->y = t->residual + s->labels * STRIDE;
	t->valid = t->y + STRIDE;
	t->weight = t->valid + STRIDE;
	t->values = t->weight + STRIDE;
	memset(t->values, 0, value_count(s, parts) * sizeof *t->values);
	memset(t->eta, 0, STRIDE * sizeof *t->eta); /* the base's predictors */
	for (size_t j = s->columns; j < even_columns(s); j++) {
		memset(t->z + j * STRIDE, 0, STRIDE * sizeof *t->z);
		memset(t->weighted + j * STRIDE, 0, STRIDE * sizeof *t->z);
	}
}

void sdp_logreg_scale(double low, double high, double middle, bool intercept, double *centre,
		      double *scale)
{
	int exponent;
	/*
	 * A column that spans nearly the whole range of doubles is not shifted, as the result could
	 * overflow.
	 */
	bool vast = fmax(fabs(low), fabs(high)) >= 0x1p1022;
	*centre = intercept && !vast ? fmin(fmax(middle, low), high) : 0;
	frexp(fmax(fabs(high - *centre), fabs(low - *centre)), &exponent);
	*scale = ldexp(1, exponent < -1022 ? 1022 : -exponent);
}

/* ---- a tile ---- */

/* Converts the labels of a tile to the form of the kernels. */
static void load_labels(const struct sdp_logreg_shape *s, const unsigned char *codes, size_t n,
			size_t padded, struct scratch *t)
{
	bool two = s->sets == 1;
	for (size_t i = 0; i < n; i++) {
		t->y[i] = two ? 2 * codes[i] - 1 : codes[i];
		t->valid[i] = 1;
	}
	for (size_t i = n; i < padded; i++) {
		t->y[i] = two ? 0 : -1;
		t->valid[i] = 0;
	}
}

/* Centres and scales the columns of a tile of n rows, and fills up with zeros to `padded` rows. */
static void load(const struct kernel *k, const struct sdp_logreg_shape *s,
		 const struct sdp_logreg_rows *rows, size_t first, size_t n, size_t padded,
		 struct scratch *t)
{
	size_t whole = n / 8 * 8;
	for (size_t j = 0; j < s->columns; j++) {
		double *z = t->z + j * STRIDE;
		bool ones = s->intercept && j == 0;
		const double *x = ones ? NULL : rows->columns[j - s->intercept] + first;
		if (!ones)
			k->shift(x, s->centre[j], s->scale[j], z, whole);
		for (size_t i = ones ? 0 : whole; i < n; i++)
			z[i] = ones ? 1 : (x[i] - s->centre[j]) * s->scale[j];
		for (size_t i = n; i < padded; i++)
			z[i] = 0;
	}
	load_labels(s, rows->codes + first, n, padded, t);
}

static double finish_loss(const struct loss_lanes *loss)
{
	double sum[8];
	for (int i = 0; i < 8; i++)
		sum[i] = loss->excess[i] + (sdp_portable_log(loss->product[i]) + loss->rest[i]);
	return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* Computes the predictors, probabilities and residuals of a tile.  Returns its loss. */
static double predict(const struct kernel *k, const struct sdp_logreg_shape *s, const double *theta,
		      size_t n, struct scratch *t)
{
	struct loss_lanes loss = {.product = {1, 1, 1, 1, 1, 1, 1, 1}};
	size_t base = s->labels - s->sets;
	for (size_t set = 0; set < s->sets; set++)
		k->linear(t->z, s->columns, theta + set * s->columns,
			  t->eta + (base + set) * STRIDE, n);
	if (s->sets == 1) {
		k->two(t->eta + STRIDE, t->y, t->probability + STRIDE, t->residual + STRIDE,
		       t->weight, n, &loss);
		return finish_loss(&loss);
	}
	/*
	 * Each lane multiplies 64 factors, each of which is a sum of at most 100 terms of at most
	 * 1.
	 */
	k->many(t->eta, t->y, t->valid, t->probability, t->residual, s->labels, n, &loss);
	return finish_loss(&loss);
}

/* Computes the row weights of the Hessian's part for the sets a and b. */
static void pair_weights(const struct sdp_logreg_shape *s, size_t a, size_t b, size_t n,
			 struct scratch *t)
{
	size_t base = s->labels - s->sets;
	const double *p = t->probability + (base + a) * STRIDE,
		     *q = t->probability + (base + b) * STRIDE;
	if (s->sets == 1)
		return;
	for (size_t i = 0; i < n; i++)
		t->weight[i] = a == b ? p[i] * (1 - p[i]) : -(p[i] * q[i]);
}

static void add_hessian(const struct kernel *k, const struct sdp_logreg_shape *s, size_t n,
			struct scratch *t)
{
	double *h = t->values + 2 * sdp_logreg_parameters(s);
	for (size_t a = 0; a < s->sets; a++)
		for (size_t b = 0; b <= a; b++, h += triangle(s->columns)) {
			pair_weights(s, a, b, n, t);
			k->weigh(t->z, s->columns, t->weight, t->weighted, n);
			for (size_t i = 0; i < s->columns; i += 2)
				for (size_t j = 0; j <= i; j += 2) {
					double part[4] = {0};
					double *upper = h + triangle(i) + j,
					       *lower = h + triangle(i + 1) + j;
					k->gram(t->weighted + i * STRIDE, t->z + j * STRIDE, n,
						part);
					bool last = i + 1 == s->columns;
					upper[0] += part[0];
					if (j < i)
						upper[1] += part[1];
					if (!last) {
						lower[0] += part[2];
						lower[1] += part[3];
					}
				}
		}
}

static void add_diagonal(const struct kernel *k, const struct sdp_logreg_shape *s, size_t n,
			 struct scratch *t)
{
	double *d = t->values + 2 * sdp_logreg_parameters(s), ignored = 0;
	for (size_t a = 0; a < s->sets; a++) {
		pair_weights(s, a, a, n, t);
		k->weigh(t->z, s->columns, t->weight, t->weighted, n);
		for (size_t j = 0; j < s->columns; j++)
			k->dot(t->z + j * STRIDE, t->weighted + j * STRIDE, n, d++, &ignored);
	}
}

static void add_gradient(const struct kernel *k, const struct sdp_logreg_shape *s, size_t n,
			 struct scratch *t)
{
	size_t p = sdp_logreg_parameters(s), base = s->labels - s->sets;
	for (size_t set = 0; set < s->sets; set++)
		for (size_t j = 0; j < s->columns; j++) {
			double *g = t->values + set * s->columns + j;
			k->dot(t->z + j * STRIDE, t->residual + (base + set) * STRIDE, n, g, g + p);
		}
}

/* ---- a block ---- */

/*
 * Adds the doubles of at most FLUSH rows to the exact sums.  No row contributes more than 1 to a
 * sum.  What a sum has below the unit of the fixed sums, 10^-25 of the maximum for one row, is
 * discarded, always in the same way.
 */
static void flush(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts,
		  const struct sdp_fixed_sum *fixed, double *values, struct sdp_logreg_sums *sums)
{
	for (size_t i = 0; i < value_count(s, parts); i++) {
		sums->values[i] += sdp_fixed_sum_of(fixed, values[i]);
		values[i] = 0;
	}
}

int sdp_logreg_add(const struct sdp_logreg_shape *s, const double *theta,
		   enum sdp_logreg_parts parts, const struct sdp_logreg_rows *rows,
		   struct sdp_logreg_sums *sums, void *scratch, sdp_logreg_visit *visit,
		   void *context, struct sdp_err *err)
{
	const struct kernel *k = choose_kernel();
	struct sdp_fixed_sum fixed;
	struct scratch t;
	lay_out(&t, s, parts, scratch);
	sdp_fixed_sum_init(&fixed, FLUSH, FLUSH);
	for (size_t first = 0; first < rows->rows; first += TILE) {
		size_t n = rows->rows - first < TILE ? rows->rows - first : TILE,
		       padded = (n + 31) / 32 * 32;
		load(k, s, rows, first, n, padded, &t);
		double loss = predict(k, s, theta, padded, &t);
		struct sdp_logreg_tile tile = {first,      n,
					       loss,       STRIDE,
					       t.eta,      t.probability,
					       t.residual, rows->codes + first};
		if (visit && visit(context, &tile, err) < 0)
			return -1;
		if (!sums)
			continue;
		sdp_exact_sum_add(&sums->loss, loss);
		add_gradient(k, s, padded, &t);
		if (parts == SDP_LOGREG_HESSIAN)
			add_hessian(k, s, padded, &t);
		else if (parts == SDP_LOGREG_DIAGONAL)
			add_diagonal(k, s, padded, &t);
		if ((first + TILE) % FLUSH == 0 || first + n == rows->rows)
			flush(s, parts, &fixed, t.values, sums);
	}
	if (sums)
		sums->rows += rows->rows;
	return 0;
}

void sdp_logreg_merge(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts,
		      struct sdp_logreg_sums *into, const struct sdp_logreg_sums *from)
{
	into->rows += from->rows;
	sdp_exact_sum_merge(&into->loss, &from->loss);
	for (size_t i = 0; i < value_count(s, parts); i++)
		into->values[i] += from->values[i];
}

void sdp_logreg_read(const struct sdp_logreg_shape *s, enum sdp_logreg_parts parts,
		     const struct sdp_logreg_sums *sums, double *loss, double *gradient,
		     double *sizes, double *diagonal, double *hessian)
{
	size_t p = sdp_logreg_parameters(s), c = s->columns;
	const sdp_int128 *h = sums->values + 2 * p;
	struct sdp_fixed_sum fixed;
	sdp_fixed_sum_init(&fixed, FLUSH, FLUSH);
	*loss = sdp_exact_sum_value(&sums->loss);
	for (size_t i = 0; i < p; i++) {
		gradient[i] = sdp_fixed_sum_mean(&fixed, sums->values[i], 1);
		sizes[i] = sdp_fixed_sum_mean(&fixed, sums->values[p + i], 1);
		if (diagonal && parts == SDP_LOGREG_DIAGONAL)
			diagonal[i] = sdp_fixed_sum_mean(&fixed, h[i], 1);
	}
	if (!hessian || parts != SDP_LOGREG_HESSIAN)
		return;
	for (size_t a = 0; a < s->sets; a++)
		for (size_t b = 0; b <= a; b++)
			for (size_t i = 0; i < c; i++)
				for (size_t j = 0; j <= i; j++) {
					double v = sdp_fixed_sum_mean(&fixed, *h++, 1);
					size_t ai = a * c + i, aj = a * c + j, bi = b * c + i,
					       bj = b * c + j;
					hessian[ai * p + bj] = hessian[bj * p + ai] = v;
					hessian[aj * p + bi] = hessian[bi * p + aj] = v;
				}
}

/*
 * Logistic regression, binary and multinomial: sums over blocks of rows, which do not depend on how
 * the rows are grouped into blocks, and the results computed from them.
 *
 * Labels have the codes 0 … labels-1.  There are labels-1 sets of coefficients, and label 0 is the
 * base; with a penalty on more than two labels there are as many sets as labels (symmetric
 * softmax):
 *
 *	P(label k) = exp(eta_k) / Σ exp(eta_l),  eta_k = Σ_j theta_kj z_j,  eta_base = 0
 *
 * Internally, a column is z = (x - centre) scale with |z| ≤ 1, where scale is a power of two (1 for
 * the intercept, which is column 0).  Only the subtraction is rounded, so a column such as
 * 1,000,000.1 … 1,000,000.9 loses no digits.  Sums over rows have a known range and are exact
 * integers in fixed point (base/fixed_sum.h).  The last digits of a gradient come from the
 * residuals, which are computed without cancellation.
 *
 * Results do not depend on the instruction set.  Shapes, sums and fits may be in shared memory.
 * The caller owns all memory.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_H
#define SDP_MODEL_REGRESSION_LOGREG_H

#include "sdp/err.h"
#include "sdp/exact.h"

#include <stdbool.h>

enum { SDP_LOGREG_LABELS = 100 };

struct sdp_logreg_shape {
	/* columns of the design: the intercept, if there is one, then the features */
	size_t columns;
	size_t labels; /* 2 to 100 */
	/* sets of coefficients, each with one coefficient per column: labels - 1 or labels */
	size_t sets;
	bool intercept;
	const double *centre, *scale; /* one value per column */
};

/* Returns the number of parameters: one per set and column. */
static inline size_t sdp_logreg_parameters(const struct sdp_logreg_shape *shape)
{
	return shape->sets * shape->columns;
}

/*
 * Computes the centre and the scale of a column with the extremes low and high.  middle is a value
 * between them, the closer to the mean the better.  Without an intercept, which compensates for the
 * shift, the centre is 0 and middle is not used.
 */
void sdp_logreg_scale(double low, double high, double middle, bool intercept, double *centre,
		      double *scale);

/* Rows of a block: columns[j][i] without the column of the intercept, and codes[i]. */
struct sdp_logreg_rows {
	size_t rows;
	const double *const *columns;
	const unsigned char *codes;
};

/*
 * The sums of a pass over the rows, sdp_logreg_sums_size bytes.  All-zero bytes are empty sums.
 *
 * The loss is -log likelihood.  values contains, in the units of sdp_fixed_sum, Σ z r for each
 * parameter (r is the residual, so this is the gradient of the log likelihood), then Σ |z r| for
 * each parameter, and then, depending on parts, the Hessian of -log likelihood: its diagonal, or
 * for each pair of sets the lower triangle of their block.
 */
struct sdp_logreg_sums {
	uint64_t rows;
	struct sdp_exact_sum loss;
	sdp_int128 values[];
};

enum sdp_logreg_parts { SDP_LOGREG_GRADIENT, SDP_LOGREG_DIAGONAL, SDP_LOGREG_HESSIAN };

/* Returns the bytes of struct sdp_logreg_sums. */
size_t sdp_logreg_sums_size(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts);

/* Returns the bytes of scratch memory, aligned to 64, that sdp_logreg_add needs. */
size_t sdp_logreg_scratch(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts);

/*
 * A block is processed in tiles of rows.  This is the state of a tile, for the visitor of
 * sdp_logreg_add.
 */
struct sdp_logreg_tile {
	size_t first, rows; /* first row within the block, and number of rows */
	double loss;        /* -log likelihood of the rows */
	/* distance between the values of one label and those of the next, in … */
	size_t stride;
	const double *eta;         /* linear predictors, labels × stride; 0 for the base */
	const double *probability; /* probabilities; with two labels only that of label 1 */
	const double *residual;    /* with two labels only that of label 1 */
	const unsigned char *codes;
};
typedef int sdp_logreg_visit(void *context, const struct sdp_logreg_tile *tile,
			     struct sdp_err *err);

/*
 * Adds a block to the sums and calls visit for each tile; sums or visit may be NULL.  Returns 0, or
 * -1 if visit returned a negative value.
 */
int sdp_logreg_add(const struct sdp_logreg_shape *shape, const double *theta,
		   enum sdp_logreg_parts parts, const struct sdp_logreg_rows *rows,
		   struct sdp_logreg_sums *sums, void *scratch, sdp_logreg_visit *visit,
		   void *context, struct sdp_err *err);

/* Adds the sums of `from` to `into`. */
void sdp_logreg_merge(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts,
		      struct sdp_logreg_sums *into, const struct sdp_logreg_sums *from);

/*
 * Rounds the sums to doubles.  gradient and sizes (Σ |z r|) have one double per parameter.  hessian
 * (parameters × parameters, full and symmetric, set by set) and diagonal may be NULL; each is
 * filled only if parts has it.
 */
void sdp_logreg_read(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts,
		     const struct sdp_logreg_sums *sums, double *loss, double *gradient,
		     double *sizes, double *diagonal, double *hessian);

#endif

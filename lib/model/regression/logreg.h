/*
 * Logistic regression, binary and multinomial: sums over blocks of rows that do not depend on
 * which rows came together, and what is made of them.
 *
 * Labels have codes 0 … labels-1.  There are labels-1 sets of coefficients, label 0 being the
 * base, or with a penalty on more than two labels as many as labels (symmetric softmax):
 *
 *	P(label k) = exp(eta_k) / Σ exp(eta_l),  eta_k = Σ_j theta_kj z_j,  eta_base = 0
 *
 * Inside, a column is z = (x - centre) scale with |z| ≤ 1, scale a power of two (1 for the
 * intercept, which is column 0): so the subtraction is all that is rounded, a column such as
 * 1,000,000.1 … 1,000,000.9 costs no digits, and sums over rows fit a known window (window.h), in
 * which they are exact integers.  A gradient's last digits come from the residuals, which
 * are computed without cancellation.
 *
 * Results do not depend on the machine's instruction set.  Shapes, sums and fits may lie in shared
 * memory.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_H
#define SDP_MODEL_REGRESSION_LOGREG_H

#include "sdp/err.h"
#include "sdp/exact.h"

#include <stdbool.h>

enum { SDP_LOGREG_LABELS = 100 };

struct sdp_logreg_shape {
	size_t columns; /* of the design: the intercept, if there is one, then features */
	size_t labels;  /* 2 to 100 */
	size_t sets;    /* of coefficients, each of so many columns; labels - 1 or labels */
	bool intercept;
	const double *centre, *scale; /* of each column */
};

static inline size_t sdp_logreg_parameters(const struct sdp_logreg_shape *shape)
{
	return shape->sets * shape->columns;
}

/*
 * Centre and scale of a column with these extremes; middle lies between them, the nearer to the
 * mean the better; it is not used without an intercept, which makes up for the shift.
 */
void sdp_logreg_scale(double low, double high, double middle, bool intercept, double *centre,
		      double *scale);

/* Rows of a block: columns[j][i], without the intercept's column; codes[i]. */
struct sdp_logreg_rows {
	size_t rows;
	const double *const *columns;
	const unsigned char *codes;
};

/*
 * What a pass sums up.  All zero bytes are a fresh one; it has sdp_logreg_sums_size bytes.  The
 * loss is -log likelihood; values holds, as a window has it, for each parameter Σ z r
 * (r the residual: the log likelihood's gradient), then for each Σ |z r|, and then, as parts says,
 * the Hessian of -log likelihood: its diagonal or all of it.
 */
struct sdp_logreg_sums {
	uint64_t rows;
	struct sdp_exact_sum loss;
	sdp_int128 values[];
};

enum sdp_logreg_parts { SDP_LOGREG_GRADIENT, SDP_LOGREG_DIAGONAL, SDP_LOGREG_HESSIAN };

size_t sdp_logreg_sums_size(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts);

/* Bytes of scratch, aligned to 64, that add and look need. */
size_t sdp_logreg_scratch(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts);

/* A block is worked off in tiles of rows; what is known of one, for whoever visits them. */
struct sdp_logreg_tile {
	size_t first, rows;     /* of the block */
	double loss;            /* the rows' -log likelihood */
	size_t stride;          /* a label's doubles are so far apart in … */
	const double *eta;      /* labels × stride; 0 for the base */
	const double *chance;   /* probabilities; of two labels only that of label 1 */
	const double *residual; /* of two labels only that of label 1 */
	const unsigned char *codes;
};
typedef int sdp_logreg_visit(void *context, const struct sdp_logreg_tile *tile,
			     struct sdp_err *err);

/* Adds a block; sums or visit may be NULL.  Only visit can fail. */
int sdp_logreg_add(const struct sdp_logreg_shape *shape, const double *theta,
		   enum sdp_logreg_parts parts, const struct sdp_logreg_rows *rows,
		   struct sdp_logreg_sums *sums, void *scratch, sdp_logreg_visit *visit,
		   void *context, struct sdp_err *err);

/* Makes add use the kernel of 2, 4 or 8 lanes: for tests.  False if this machine has no such. */
bool sdp_logreg_use(int lanes);

void sdp_logreg_merge(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts,
		      struct sdp_logreg_sums *into, const struct sdp_logreg_sums *from);

/*
 * Rounds what was summed: gradient and sizes have a double a parameter; hessian (parameters ×
 * parameters, full and symmetric, set by set) may be NULL, then diagonal is filled unless it is.
 */
void sdp_logreg_read(const struct sdp_logreg_shape *shape, enum sdp_logreg_parts parts,
		     const struct sdp_logreg_sums *sums, double *loss, double *gradient,
		     double *sizes, double *diagonal, double *hessian);

#endif

/*
 * Predictions of rows whose linear predictor exceeds the doubles.
 *
 * They are computed as long doubles, which have the range for every product of 16 doubles. The
 * probabilities are known if the predictors are, to some 10 digits after the point, or if they
 * differ by so much more than their rounding errors that all but one probability are 0.
 */
#include "logreg.h"

#include "base/limbs.h"

#include <float.h>
#include <math.h>

/* The rounding error of a product of 16 doubles, a part of it. */
static const long double ROUNDING = 0x1p-48L;

/* Returns the value of a column: its double, or the product of its numbers if that overflowed. */
static long double value_of(const struct logreg_far *f, size_t column, size_t row)
{
	const struct sdp_term *t = f->design->columns[column].term;
	double near = f->cells->tile[column * SDP_TILE + row - f->from];
	long double product = 1;
	if (isfinite(near) || !t)
		return near;
	for (size_t k = 0; k < t->degree; k++)
		if (f->design->frame->columns[t->factor[k]].role == SDP_FRAME_NUMBER)
			product *= f->cells->values[t->factor[k]][row];
	return product;
}

/* Computes the predictors of a row and sets *error to a bound of their errors. */
static void predictors(const struct logreg_far *f, size_t row, long double *eta, long double *error)
{
	const struct sdp_logreg_shape *s = f->shape;
	size_t base = s->labels - s->sets;
	*error = 0;
	for (size_t k = 0; k < s->labels; k++) {
		const double *theta = f->theta + (k - base) * s->columns;
		long double sizes = 0;
		eta[k] = 0;
		for (size_t c = 0; k >= base && c < s->columns; c++) {
			bool one = s->intercept && c == 0;
			long double x = one ? 1 : value_of(f, f->used[c], row),
				    centre = one ? 0 : s->centre[c],
				    slope = one ? theta[c] : (long double)theta[c] * s->scale[c];
			eta[k] += slope * (x - centre);
			sizes += fabsl(slope) * (fabsl(x) + fabsl(centre));
		}
		*error = fmaxl(*error, ROUNDING * sizes);
	}
}

bool logreg_far_probabilities(const struct logreg_far *f, size_t row,
			      double probability[SDP_LOGREG_LABELS])
{
	const long double small = 1e-10L, underflow = 800;
	long double eta[SDP_LOGREG_LABELS], error, sum = 0;
	size_t labels = f->shape->labels, best = 0;
	predictors(f, row, eta, &error);
	for (size_t k = 1; k < labels; k++)
		best = eta[k] > eta[best] ? k : best;
	for (size_t k = 0; k < labels; k++) {
		long double less = eta[best] - eta[k];
		if (!isfinite(less) ||
		    (k != best && !(error < small) && !(less > 2 * error + underflow)))
			return false;
		sum += expl(-less);
	}
	for (size_t k = 0; k < labels; k++)
		probability[k] = (double)(expl(eta[k] - eta[best]) / sum);
	return true;
}

int logreg_far_fail(const struct logreg_far *f, const struct sdp_block *block, size_t row,
		    struct sdp_err *err)
{
	const struct sdp_frame *frame = f->design->frame;
	double most = -1;
	size_t column = 0;
	for (size_t i = 1; i < frame->column_count; i++) {
		double size = fabs(f->cells->values[i][row]);
		if (frame->columns[i].role == SDP_FRAME_NUMBER && size > most) {
			most = size;
			column = frame->columns[i].index;
		}
	}
	struct sdp_fault fault = {.block = block,
				  .row = row,
				  .column = column,
				  .subject = "the terms of the model",
				  .problem = " exceed the range of doubles and cancel at "};
	return sdp_fault_fail(&fault, err);
}

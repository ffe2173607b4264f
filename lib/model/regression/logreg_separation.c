/*
 * Margins of the rows along the directions that are tested for separation; see
 * model/regression/logreg_fit.h.
 */
#include "model/regression/logreg_fit.h"

#include <math.h>

struct margin_context {
	struct sdp_logreg_margins *margins;
	int direction;
	const struct sdp_logreg_shape *shape;
};

/*
 * Updates the extremes of the margins.  The margins of a row are the differences between the
 * predictor of its own label and the predictors of the other labels.
 */
static int update_margins(void *context, const struct sdp_logreg_tile *tile, struct sdp_err *err)
{
	const struct margin_context *l = context;
	double *low = &l->margins->low[l->direction], *high = &l->margins->high[l->direction];
	(void)err;
	for (size_t i = 0; i < tile->rows; i++) {
		size_t code = tile->codes[i];
		double own = tile->eta[code * tile->stride + i];
		for (size_t k = 0; k < l->shape->labels; k++) {
			double margin = own - tile->eta[k * tile->stride + i];
			if (k == code)
				continue;
			*low = fmin(*low, margin);
			*high = fmax(*high, margin);
		}
	}
	return 0;
}

void sdp_logreg_margins_add(const struct sdp_logreg_shape *shape, const double *directions,
			    const struct sdp_logreg_rows *rows, struct sdp_logreg_margins *margins,
			    void *scratch)
{
	struct sdp_err ignored;
	for (int d = 0; d < SDP_LOGREG_DIRECTIONS; d++) {
		struct margin_context l = {margins, d, shape};
		if (margins->rows == 0) {
			margins->low[d] = INFINITY;
			margins->high[d] = -INFINITY;
		}
		sdp_logreg_add(shape, directions + (size_t)d * sdp_logreg_parameters(shape),
			       SDP_LOGREG_GRADIENT, rows, NULL, scratch, update_margins, &l,
			       &ignored);
	}
	margins->rows += rows->rows;
}

void sdp_logreg_margins_merge(struct sdp_logreg_margins *into,
			      const struct sdp_logreg_margins *from)
{
	for (int d = 0; d < SDP_LOGREG_DIRECTIONS && from->rows; d++) {
		into->low[d] = into->rows ? fmin(into->low[d], from->low[d]) : from->low[d];
		into->high[d] = into->rows ? fmax(into->high[d], from->high[d]) : from->high[d];
	}
	into->rows += from->rows;
}

/* Scores of a logistic regression: confusion matrix, loss, squared errors, and AUC. */
#include "model/regression/logreg_score.h"

#include "sdp/mem.h"

#include <math.h>

/* maximum number of scores per kind and curve before they are added as a run */
enum { PENDING = 8192 };

size_t sdp_logreg_decide(size_t labels, double threshold, const double *probability, size_t stride)
{
	size_t best = 0;
	if (labels == 2)
		return probability[stride] >= threshold;
	for (size_t k = 1; k < labels; k++)
		if (probability[k * stride] > probability[best * stride])
			best = k;
	return best;
}

int sdp_logreg_scorer_init(struct sdp_logreg_scorer *s, struct sdp_err *err)
{
	size_t curves = sdp_logreg_curves(s->shape);
	s->keys = sdp_alloc((2 * curves + 1) * PENDING, sizeof *s->keys, err);
	s->pending = sdp_alloc(curves, sizeof *s->pending, err);
	if (s->keys && s->pending)
		return 0;
	sdp_logreg_scorer_release(s);
	return -1;
}

void sdp_logreg_scorer_release(struct sdp_logreg_scorer *s)
{
	free(s->keys);
	free(s->pending);
	s->keys = NULL;
	s->pending = NULL;
}

static int flush(struct sdp_logreg_scorer *s, size_t curve, struct sdp_err *err)
{
	uint64_t *room = s->keys + 2 * curve * PENDING;
	uint64_t *scratch = s->keys + 2 * sdp_logreg_curves(s->shape) * PENDING;
	size_t n[2] = {s->pending[curve][0], s->pending[curve][1]};
	s->pending[curve][0] = s->pending[curve][1] = 0;
	if (n[0] + n[1] == 0)
		return 0;
	return sdp_auc_add(&s->scores->auc[curve], s->spill,
			   (uint64_t *const[]){room, room + PENDING}, n, scratch, err);
}

/* Collects the scores of a tile for one curve; a row is positive if it has the curve's label. */
static int collect(struct sdp_logreg_scorer *s, const struct sdp_logreg_tile *t, size_t curve,
		   struct sdp_err *err)
{
	bool two = s->shape->labels == 2;
	size_t label = two ? 1 : curve;
	const double *score = (two ? t->eta : t->probability) + label * t->stride;
	uint64_t *room = s->keys + 2 * curve * PENDING;
	size_t *n = s->pending[curve];
	if ((n[0] > n[1] ? n[0] : n[1]) + t->rows > PENDING && flush(s, curve, err) < 0)
		return -1;
	for (size_t i = 0; i < t->rows; i++) {
		size_t kind = t->codes[i] == label;
		room[kind * PENDING + n[kind]++] = sdp_auc_key(score[i]);
	}
	return 0;
}

int sdp_logreg_score(void *context, const struct sdp_logreg_tile *t, struct sdp_err *err)
{
	struct sdp_logreg_scorer *s = context;
	size_t labels = s->shape->labels;
	double squares = 0;
	for (size_t k = labels == 2; k < labels; k++)
		for (size_t i = 0; i < t->rows; i++)
			squares += t->residual[k * t->stride + i] * t->residual[k * t->stride + i];
	if (!isfinite(t->loss))
		return sdp_fail(err, SDP_DATA,
				"a row lies so far from those of the fit that its linear predictor "
				"exceeds the doubles");
	for (size_t i = 0; i < t->rows; i++)
		s->scores->confusion[t->codes[i]][sdp_logreg_decide(
			labels, s->threshold, t->probability + i, t->stride)]++;
	sdp_exact_sum_add(&s->scores->squares, squares);
	sdp_exact_sum_add(&s->scores->loss, t->loss);
	s->scores->rows += t->rows;
	for (size_t curve = 0; curve < sdp_logreg_curves(s->shape); curve++)
		if (collect(s, t, curve, err) < 0)
			return -1;
	return 0;
}

int sdp_logreg_scorer_finish(struct sdp_logreg_scorer *s, struct sdp_err *err)
{
	for (size_t curve = 0; curve < sdp_logreg_curves(s->shape); curve++)
		if (flush(s, curve, err) < 0)
			return -1;
	return 0;
}

void sdp_logreg_scores_merge(struct sdp_logreg_scores *into, const struct sdp_logreg_scores *from)
{
	into->rows += from->rows;
	sdp_exact_sum_merge(&into->loss, &from->loss);
	sdp_exact_sum_merge(&into->squares, &from->squares);
	for (size_t k = 0; k < SDP_LOGREG_LABELS; k++) {
		for (size_t l = 0; l < SDP_LOGREG_LABELS; l++)
			into->confusion[k][l] += from->confusion[k][l];
		sdp_auc_merge(&into->auc[k], &from->auc[k]);
	}
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

double sdp_logreg_qualities(size_t labels, const struct sdp_logreg_scores *scores,
			    struct sdp_logreg_quality *out)
{
	struct sdp_logreg_quality *plain = out + labels, *weighted = plain + 1;
	double right = 0, rows = (double)scores->rows;
	for (size_t k = 0; k < labels + 2; k++)
		out[k] = scores->rows ? (struct sdp_logreg_quality){0}
				      : (struct sdp_logreg_quality){NAN, NAN, NAN, 0};
	if (scores->rows == 0)
		return NAN;
	for (size_t k = 0; k < labels; k++) {
		uint64_t hits = scores->confusion[k][k], predicted = 0, actual = 0;
		for (size_t l = 0; l < labels; l++) {
			predicted += scores->confusion[l][k];
			actual += scores->confusion[k][l];
		}
		out[k] = (struct sdp_logreg_quality){
			ratio((double)hits, (double)predicted),
			ratio((double)hits, (double)actual),
			ratio(2 * (double)hits, (double)(predicted + actual)),
			actual,
		};
		right += (double)hits;
		plain->precision += out[k].precision;
		plain->recall += out[k].recall;
		plain->f1 += out[k].f1;
		weighted->precision += out[k].precision * (double)actual;
		weighted->recall += out[k].recall * (double)actual;
		weighted->f1 += out[k].f1 * (double)actual;
	}
	plain->precision /= (double)labels;
	plain->recall /= (double)labels;
	plain->f1 /= (double)labels;
	weighted->precision = ratio(weighted->precision, rows);
	weighted->recall = ratio(weighted->recall, rows);
	weighted->f1 = ratio(weighted->f1, rows);
	plain->support = weighted->support = scores->rows;
	return ratio(right, rows);
}

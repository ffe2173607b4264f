/*
 * How well a logistic regression predicts the labels of rows: counts, and sums that are exact.
 *
 * A row is predicted to have the likeliest label, of equally likely ones the lower code; with two
 * labels label 1 if its probability is at least the threshold.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_SCORE_H
#define SDP_MODEL_REGRESSION_LOGREG_SCORE_H

#include "model/regression/auc.h"
#include "model/regression/logreg.h"

/*
 * What is summed; bytes of zero are fresh.  An AUC a label, or one of label 1 if there are two, by
 * the linear predictor of two labels, by the probability of more (one label against the rest).
 */
struct sdp_logreg_scores {
	uint64_t rows;
	/* -log likelihood; (y - p)², of all labels if there are more than two */
	struct sdp_exact_sum loss, squares;
	uint64_t confusion[SDP_LOGREG_LABELS][SDP_LOGREG_LABELS]; /* [true label][predicted] */
	struct sdp_auc auc[SDP_LOGREG_LABELS];
};

static inline size_t sdp_logreg_curves(const struct sdp_logreg_shape *shape)
{
	return shape->labels == 2 ? 1 : shape->labels;
}

/* The predicted label; chance as a tile has it. */
size_t sdp_logreg_decide(size_t labels, double threshold, const double *chance, size_t stride);

/*
 * Scores the rows of a block: init, sdp_logreg_add with the visitor and the scorer as its context,
 * finish if that succeeded, release.
 */
struct sdp_logreg_scorer {
	const struct sdp_logreg_shape *shape;
	struct sdp_logreg_scores *scores;
	struct sdp_spill *spill;
	double threshold;
	/* of each curve, those of negative rows, then of positive ones; scratch */
	uint64_t *keys;
	size_t (*pending)[2]; /* how many of each */
};

/* All but keys and pending is set by the caller. */
int sdp_logreg_scorer_init(struct sdp_logreg_scorer *scorer, struct sdp_err *err);
sdp_logreg_visit sdp_logreg_score;
int sdp_logreg_scorer_finish(struct sdp_logreg_scorer *scorer, struct sdp_err *err);
void sdp_logreg_scorer_release(struct sdp_logreg_scorer *scorer);

void sdp_logreg_scores_merge(struct sdp_logreg_scores *into, const struct sdp_logreg_scores *from);

/* Of one label, or over labels. */
struct sdp_logreg_quality {
	double precision, recall, f1; /* 0 where nothing is there to be divided, as scikit-learn */
	uint64_t support;             /* rows that have the label */
};

/*
 * out: one a label, then their plain and their weighted mean; the accuracy is returned.  All are
 * NaN without rows.
 */
double sdp_logreg_qualities(size_t labels, const struct sdp_logreg_scores *scores,
			    struct sdp_logreg_quality *out);

#endif

/*
 * How well a logistic regression predicts the labels of rows: counts, and exact sums.
 *
 * The predicted label of a row is the one with the highest probability, or the lowest code of
 * several.  With two labels it is label 1 if its probability is at least the threshold.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_SCORE_H
#define SDP_MODEL_REGRESSION_LOGREG_SCORE_H

#include "model/regression/auc.h"
#include "model/regression/logreg.h"

/*
 * The sums over rows.  All-zero bytes are empty.  There is one AUC for each label, of its
 * probability (that label against the rest); with two labels there is one, of label 1's linear
 * predictor.
 */
struct sdp_logreg_scores {
	uint64_t rows;
	/* -log likelihood; (y - p)², summed over all labels if there are more than two */
	struct sdp_exact_sum loss, squares;
	uint64_t confusion[SDP_LOGREG_LABELS][SDP_LOGREG_LABELS]; /* [true label][predicted] */
	struct sdp_auc auc[SDP_LOGREG_LABELS];
};

/* Returns the number of ROC curves. */
static inline size_t sdp_logreg_curves(const struct sdp_logreg_shape *shape)
{
	return shape->labels == 2 ? 1 : shape->labels;
}

/* Returns the predicted label; probability and stride are as in struct sdp_logreg_tile. */
size_t sdp_logreg_decide(size_t labels, double threshold, const double *probability, size_t stride);

/*
 * Scores rows.  Call sdp_logreg_scorer_init, then sdp_logreg_add with the visitor sdp_logreg_score
 * and the scorer as its context, then sdp_logreg_scorer_finish if that succeeded, then
 * sdp_logreg_scorer_release.
 */
struct sdp_logreg_scorer {
	const struct sdp_logreg_shape *shape;
	struct sdp_logreg_scores *scores;
	struct sdp_spill *spill;
	double threshold;
	/*
	 * AUC keys of each curve: those of negative rows, then those of positive rows; then scratch
	 * space
	 */
	uint64_t *keys;
	size_t (*pending)[2]; /* number of negative and of positive keys of each curve */
};

/* Allocates keys and pending; the caller sets the other fields.  Returns 0 or -1. */
int sdp_logreg_scorer_init(struct sdp_logreg_scorer *scorer, struct sdp_err *err);
sdp_logreg_visit sdp_logreg_score;

/* Moves the pending AUC keys to the scores.  Returns 0 or -1. */
int sdp_logreg_scorer_finish(struct sdp_logreg_scorer *scorer, struct sdp_err *err);

/* Frees keys and pending. */
void sdp_logreg_scorer_release(struct sdp_logreg_scorer *scorer);

/* Merges `from` into `into`. */
void sdp_logreg_scores_merge(struct sdp_logreg_scores *into, const struct sdp_logreg_scores *from);

/* The quality of the predictions for one label, or averaged over labels. */
struct sdp_logreg_quality {
	double precision, recall, f1; /* 0 if the denominator is 0, as in scikit-learn */
	uint64_t support;             /* number of rows that have the label */
};

/*
 * Computes the quality for each label, then the unweighted mean over the labels, then the mean
 * weighted by support, into out.  Returns the accuracy.  Without rows everything is NaN.
 */
double sdp_logreg_qualities(size_t labels, const struct sdp_logreg_scores *scores,
			    struct sdp_logreg_quality *out);

#endif

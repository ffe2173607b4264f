/*
 * Fits a logistic regression: decides from the sums of each pass what to evaluate next.
 *
 *	for (;;) {
 *		a pass over the rows fills sums at fit->theta, with fit->parts   (logreg.h)
 *		sdp_logreg_fit_step
 *		state TRY or FINAL: repeat
 *		state TEST: a pass fills margins; sdp_logreg_fit_evaluate; repeat
 *		state DONE, SEPARATED or STUCK: end
 *	}
 *
 * Up to SDP_LOGREG_NEWTON parameters, the method is Newton's with step halving.  With more
 * parameters the fit begins with L-BFGS (J. Nocedal, Math. Comp. 35 (1980) 773-782), scaled by the
 * diagonal of the Hessian, and ends with Newton steps if there are at most SDP_LOGREG_DENSE
 * parameters.
 *
 * The maximum is reached when every component of the gradient is at most 1e-10 of the sum of the
 * absolute values of its terms, and the next step is small in every coefficient; that step is then
 * taken.  If some columns nearly depend on others, this test is meaningless, and the fit is
 * degenerate.  A few outliers may move the mean of a column so far from the rows with most weight
 * that the column nearly equals the intercept in these rows.  Such a column is centred again, at
 * its mean weighted by the Hessian's weights.
 *
 * No maximum exists if some direction d separates the labels, completely or quasi-completely (A.
 * Albert and J. A. Anderson, Biometrika 71 (1984) 1-10): along d no row's margin falls and some
 * margins rise.  The coefficients then grow along such directions without limit, and the gradient
 * may fall below any bound, but the steps do not get small.  If steps stay large, three directions
 * are therefore tested: the step, the coefficients themselves, and their change over some
 * iterations.
 *
 * The caller owns all memory.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_FIT_H
#define SDP_MODEL_REGRESSION_LOGREG_FIT_H

#include "model/regression/logreg.h"
#include "sdp/err.h"

enum {
	SDP_LOGREG_NEWTON = 300,
	/* with at most so many parameters, the Hessian is formed and standard errors are known */
	SDP_LOGREG_DENSE = 2000,
	/* steps that L-BFGS remembers, and iterations whose coefficients are kept */
	SDP_LOGREG_MEMORY = 10,
	SDP_LOGREG_DIRECTIONS = 3,
};

enum sdp_logreg_state {
	SDP_LOGREG_TRY,
	SDP_LOGREG_TEST,
	SDP_LOGREG_FINAL, /* the last evaluation, at the result, is due */
	SDP_LOGREG_DONE,
	SDP_LOGREG_SEPARATED,
	SDP_LOGREG_STUCK, /* not converged; theta is the best found so far, and evaluated */
};

struct sdp_logreg_fit {
	/* its centres and scales change if a column is centred again */
	struct sdp_logreg_shape shape;
	enum sdp_logreg_state state;
	enum sdp_logreg_parts parts; /* of the next pass over the rows */
	/* the penalty is ½ ridge Σ b² over all coefficients except the intercepts */
	double ridge;
	int limit, iterations; /* maximum number of steps, and number of steps taken */
	bool lbfgs;
	/* whether passes cover only a part of the rows: see sdp_logreg_fit_rough */
	bool rough;
	bool begun_well; /* whether the fit on all rows began at the result for a part of them */
	bool converged;
	bool degenerate; /* not converged because columns nearly depend on each other */
	bool rounded;    /* not converged because rounding errors hide every better step */
	bool complete;   /* if SEPARATED: whether all rows are separated, not only some */
	/* For the best parameters so far, and for the result at the end. */
	double loss, objective;
	double null;          /* the loss of the model without features */
	double gradient_norm; /* the largest |gradient| / (Σ |z r| and penalty) of a parameter */
	/*
	 * The smallest pivot of the Hessian with its diagonal scaled to 1: 1 if columns are
	 * orthogonal, 0 if the Hessian is singular.  Coefficients have a relative error of about
	 * 2^-53 / pivot, and standard errors twice that.
	 */
	double pivot;
	double length;          /* theta = best + length × step */
	size_t kept;            /* number of steps that L-BFGS has recorded */
	int shifts;             /* how often columns were centred again */
	double *centre, *scale; /* those of shape, one value per column */
	/* Vectors of one double per parameter. */
	double *theta; /* the next parameters to evaluate */
	double *best, *step, *gradient, *start;
	double *diagonal; /* diagonal of the Hessian, for L-BFGS */
	/* MEMORY vectors: best of the last iterations, or the steps of L-BFGS */
	double *history;
	double *changes;    /* MEMORY vectors: the changes of the gradient, for L-BFGS */
	double *directions; /* DIRECTIONS vectors, to be tested for separation */
};

/* Returns the number of doubles that a fit needs as room. */
size_t sdp_logreg_fit_room(const struct sdp_logreg_shape *shape);

/*
 * Returns the log likelihood of a model with intercepts only, or without intercept that of equal
 * probabilities.
 */
double sdp_logreg_null(const struct sdp_logreg_shape *shape, const uint64_t *counts);

/*
 * Starts a fit, with the intercepts that follow from the numbers of rows of each label (counts; of
 * used rows only).  limit is the maximum number of iterations.  room has sdp_logreg_fit_room
 * doubles, all zero; room and the arrays of shape must outlive the fit.
 */
void sdp_logreg_fit_init(struct sdp_logreg_fit *fit, const struct sdp_logreg_shape *shape,
			 const uint64_t *counts, double ridge, int limit, double *room);

/*
 * To be called after init: until fit->rough is false again, passes cover only a part of the rows,
 * always the same part.  If the result is better than the model without features, the fit on all
 * rows starts from it, and iterations are counted from there.  Has an effect only with Newton's
 * method.
 */
void sdp_logreg_fit_rough(struct sdp_logreg_fit *fit);

/*
 * Processes the sums at fit->theta and sets the next state.  The sums that end the fit (DONE,
 * STUCK) are those at the result, and include the Hessian if there are at most SDP_LOGREG_DENSE
 * parameters.  Returns 0, or -1 on failure.
 */
int sdp_logreg_fit_step(struct sdp_logreg_fit *fit, const struct sdp_logreg_sums *sums,
			struct sdp_err *err);

/*
 * A coefficient of the original columns, with Wald statistics: the standard error from the inverse
 * Hessian, and the two-sided p value of the normal distribution.  low and high are the confidence
 * interval.  With a penalty, and if the Hessian was not formed or is singular, everything except
 * the estimate and the odds ratio is NaN.
 */
struct sdp_logreg_coefficient {
	double estimate, std_error, z, p, low, high, odds_ratio;
};

/*
 * Computes the coefficients, set by set, into out.  sums are those that ended the fit; level is the
 * confidence level.  Returns 0 or -1.
 */
int sdp_logreg_infer(const struct sdp_logreg_fit *fit, const struct sdp_logreg_sums *sums,
		     double level, struct sdp_logreg_coefficient *out, struct sdp_err *err);

/*
 * Statistics that follow from the log likelihood of the model and from that of the model without
 * features.
 */
struct sdp_logreg_fitness {
	double log_likelihood, null, deviance, mcfadden_r2;
	double llr, llr_p, aic, bic; /* NaN with a penalty */
};

/*
 * Computes the statistics.  counts are the rows of each label.  llr is the likelihood-ratio
 * statistic; llr_p is its p value by the chi-squared distribution, with one degree of freedom for
 * each coefficient that is not an intercept.
 */
void sdp_logreg_fitness(const struct sdp_logreg_fit *fit, const uint64_t *counts,
			struct sdp_logreg_fitness *out);

/* ---- separation ---- */

/* The smallest and the largest margin along each direction.  All-zero bytes are empty margins. */
struct sdp_logreg_margins {
	uint64_t rows;
	double low[SDP_LOGREG_DIRECTIONS], high[SDP_LOGREG_DIRECTIONS];
};

/* Adds the margins of a block.  scratch is as for sdp_logreg_add with SDP_LOGREG_GRADIENT. */
void sdp_logreg_margins_add(const struct sdp_logreg_shape *shape, const double *directions,
			    const struct sdp_logreg_rows *rows, struct sdp_logreg_margins *margins,
			    void *scratch);

/* Merges the margins of `from` into `into`. */
void sdp_logreg_margins_merge(struct sdp_logreg_margins *into,
			      const struct sdp_logreg_margins *from);

/*
 * Sets the state to SEPARATED, with the separating direction at the start of fit->directions, or
 * continues the fit.
 */
void sdp_logreg_fit_evaluate(struct sdp_logreg_fit *fit, const struct sdp_logreg_margins *margins);

#endif

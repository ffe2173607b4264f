/*
 * Finding the coefficients of a logistic regression: what to evaluate next, from what was summed.
 *
 *	for (;;) {
 *		a pass over the rows fills sums at fit->theta, with fit->parts   (logreg.h)
 *		sdp_logreg_fit_step
 *		state TRY, FINAL: again
 *		state TEST: a pass fills margins along fit->directions; sdp_logreg_fit_evaluate; again
 *		state DONE, SEPARATED, STUCK: the end
 *	}
 *
 * Newton's method with step halving, up to SDP_LOGREG_NEWTON parameters; more of them begin with
 * L-BFGS (J. Nocedal, Math. Comp. 35 (1980) 773-782), scaled by the Hessian's diagonal, and end
 * with Newton's steps if there are at most SDP_LOGREG_DENSE.  The maximum is reached when every
 * component of the gradient is at most 1e-10 of what its terms sum up to without their signs, and
 * the step that is left is small in every coefficient; that step is then taken.  Columns of which
 * some all but depend on others make that meaningless: the fit is then degenerate.  A few values
 * far out may move a column's mean so far from the rows that count that it looks like the intercept
 * there; such a column is centred anew, at the mean by the Hessian's weights.
 *
 * No maximum exists if some direction d separates the labels, completely or on a part of the rows
 * (A. Albert and J. A. Anderson, Biometrika 71 (1984) 1-10): no row's margin falls along it and
 * some rise.  The coefficients then grow along such directions without end and the gradient may
 * fall below any bound; but the steps do not get small.  So steps that stay large are tested: the
 * step, the coefficients themselves and their change over some iterations.
 */
#ifndef SDP_MODEL_REGRESSION_LOGREG_FIT_H
#define SDP_MODEL_REGRESSION_LOGREG_FIT_H

#include "model/regression/logreg.h"
#include "sdp/err.h"

enum {
	SDP_LOGREG_NEWTON = 300,
	/* the Hessian is formed, once or twice, and standard errors known */
	SDP_LOGREG_DENSE = 2000,
	SDP_LOGREG_MEMORY = 10, /* of L-BFGS, in steps; also how far back coefficients are known */
	SDP_LOGREG_DIRECTIONS = 3,
};

enum sdp_logreg_state {
	SDP_LOGREG_TRY,
	SDP_LOGREG_TEST,
	SDP_LOGREG_FINAL, /* the last evaluation, at the result */
	SDP_LOGREG_DONE,
	SDP_LOGREG_SEPARATED,
	SDP_LOGREG_STUCK, /* not converged; theta is the best so far, evaluated */
};

struct sdp_logreg_fit {
	struct sdp_logreg_shape shape; /* its centres and scales may change: see Newton's method */
	enum sdp_logreg_state state;
	enum sdp_logreg_parts parts; /* of the next pass */
	/* the penalty ½ ridge Σ b² on coefficients but the intercepts */
	double ridge;
	int limit, iterations; /* steps taken */
	bool lbfgs;
	/* on a part of the rows, to begin well: see sdp_logreg_fit_rough */
	bool rough;
	bool begun_well; /* theta is what a part of the rows found */
	bool converged;
	bool degenerate; /* not converged because columns nearly depend on each other */
	bool complete;   /* SEPARATED: all rows, not only some */
	/* At the best so far; of the result in the end. */
	double loss, objective;
	double null;          /* the loss without features */
	double gradient_norm; /* the greatest |gradient| / (sum of sizes) */
	/*
	 * The least pivot of the Hessian, its diagonal brought to 1: 1 if columns are orthogonal, 0
	 * if it is singular.  Coefficients have a relative error of about 2^-53 / pivot, errors
	 * twice that.
	 */
	double pivot;
	double length;          /* of the step that theta is away from best */
	size_t kept;            /* steps that L-BFGS remembers */
	int shifts;             /* times that columns were centred anew */
	double *centre, *scale; /* the shape's, of a column each */
	/* Of a double a parameter each. */
	double *theta; /* where to evaluate */
	double *best, *step, *gradient, *start;
	double *diagonal;   /* of the Hessian; L-BFGS */
	double *history;    /* MEMORY: best of the last iterations, or L-BFGS's steps */
	double *changes;    /* MEMORY: L-BFGS's changes of the gradient */
	double *directions; /* DIRECTIONS: to be tested */
};

/* Doubles of room that a fit needs. */
size_t sdp_logreg_fit_room(const struct sdp_logreg_shape *shape);

/* The log likelihood of the intercepts alone; without them that of equal probabilities. */
double sdp_logreg_null(const struct sdp_logreg_shape *shape, const uint64_t *counts);

/*
 * Begins with the intercepts that the labels' counts (of rows used) ask for.  room (zeroed) and
 * what shape points to must outlive the fit.
 */
void sdp_logreg_fit_init(struct sdp_logreg_fit *fit, const struct sdp_logreg_shape *shape,
			 const uint64_t *counts, double ridge, int limit, double *room);

/*
 * After init: the passes from now on, until fit->rough is false again, cover only a part of the
 * rows, always the same.  What is found there, if it is better than nothing, is where the fit on
 * all rows begins; iterations count from there.  For Newton's method only.
 */
void sdp_logreg_fit_rough(struct sdp_logreg_fit *fit);

/*
 * Takes in the sums at fit->theta.  The sums that end it (DONE, STUCK) are those at the result and
 * have the Hessian if there are at most SDP_LOGREG_DENSE parameters.
 */
int sdp_logreg_fit_step(struct sdp_logreg_fit *fit, const struct sdp_logreg_sums *sums,
			struct sdp_err *err);

/*
 * A coefficient of the columns as they are, by Wald: standard error from the inverse Hessian, p
 * two-sided by the normal distribution.  All but the estimate and the odds ratio are NaN with a
 * penalty, and where the Hessian was not formed or is singular.
 */
struct sdp_logreg_coefficient {
	double estimate, std_error, z, p, low, high, odds_ratio;
};

/* out: parameters, set by set; sums: those that ended the fit; level: of the interval. */
int sdp_logreg_infer(const struct sdp_logreg_fit *fit, const struct sdp_logreg_sums *sums,
		     double level, struct sdp_logreg_coefficient *out, struct sdp_err *err);

/*
 * What follows from the log likelihoods; parameters: of the model and of the one without features.
 */
struct sdp_logreg_fitness {
	double log_likelihood, null, deviance, mcfadden_r2;
	double llr, llr_p, aic, bic; /* NaN with a penalty */
};
void sdp_logreg_fitness(const struct sdp_logreg_fit *fit, const uint64_t *counts,
			struct sdp_logreg_fitness *out);

/* ---- separation ---- */

/* All zero bytes are a fresh one.  Least and greatest margin along each direction. */
struct sdp_logreg_margins {
	uint64_t rows;
	double low[SDP_LOGREG_DIRECTIONS], high[SDP_LOGREG_DIRECTIONS];
};

/* Scratch: that of sdp_logreg_add with SDP_LOGREG_GRADIENT. */
void sdp_logreg_margins_add(const struct sdp_logreg_shape *shape, const double *directions,
			    const struct sdp_logreg_rows *rows, struct sdp_logreg_margins *margins,
			    void *scratch);
void sdp_logreg_margins_merge(struct sdp_logreg_margins *into,
			      const struct sdp_logreg_margins *from);

/* SEPARATED, with the direction in directions, or goes on. */
void sdp_logreg_fit_evaluate(struct sdp_logreg_fit *fit, const struct sdp_logreg_margins *margins);

#endif

/*
 * Newton's method and L-BFGS as a state machine, one step for each evaluation; see
 * model/regression/logreg_fit.h.
 */
#include "model/regression/logreg_fit.h"

#include "model/regression/logreg_algebra.h"
#include "sdp/mem.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-10; /* of the gradient, relative to the sizes of its terms */
/* the tolerance at which L-BFGS hands over to Newton's method */
static const double HANDOVER = 1e-6;
static const double SMALL_STEP = 1e-4; /* a small step in a coefficient, as |z| ≤ 1 */

/* a pivot that leaves fewer than about five correct digits in the coefficients */
static const double DEGENERATE = 1e-11;

/* a column whose weighted variance is below this part of its mean square is nearly constant */
static const double NEARLY_CONSTANT = 1e-5;

enum {
	RECENTRINGS = 4,
	ROUGH_STEPS = 12,
	LARGE_STEPS = 8,  /* Newton steps that stay large before separation is tested */
	TEST_EVERY = 25,  /* L-BFGS steps between two tests for separation */
	LBFGS_STEPS = 60, /* L-BFGS steps after which Newton's method takes over in any case */
};

static size_t count(const struct sdp_logreg_fit *f)
{
	return sdp_logreg_parameters(&f->shape);
}

size_t sdp_logreg_fit_room(const struct sdp_logreg_shape *shape)
{
	return (6 + 2 * SDP_LOGREG_MEMORY + SDP_LOGREG_DIRECTIONS) * sdp_logreg_parameters(shape) +
	       2 * shape->columns;
}

double sdp_logreg_null(const struct sdp_logreg_shape *s, const uint64_t *counts)
{
	double n = 0, sum = 0;
	for (size_t k = 0; k < s->labels; k++)
		n += (double)counts[k];
	for (size_t k = 0; k < s->labels; k++)
		sum += (double)counts[k] *
		       (s->intercept ? log((double)counts[k] / n) : -log((double)s->labels));
	return sum;
}

static enum sdp_logreg_parts usual_parts(const struct sdp_logreg_fit *f)
{
	return f->lbfgs ? SDP_LOGREG_DIAGONAL : SDP_LOGREG_HESSIAN;
}

void sdp_logreg_fit_init(struct sdp_logreg_fit *f, const struct sdp_logreg_shape *shape,
			 const uint64_t *counts, double ridge, int limit, double *room)
{
	*f = (struct sdp_logreg_fit){.shape = *shape,
				     .ridge = ridge,
				     .limit = limit,
				     .objective = INFINITY,
				     .pivot = 1};
	size_t n = count(f), base = shape->labels - shape->sets;
	f->lbfgs = n > SDP_LOGREG_NEWTON;
	f->parts = usual_parts(f);
	double **vectors[] = {&f->theta, &f->best, &f->step, &f->gradient, &f->start, &f->diagonal};
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++, room += n)
		*vectors[i] = room;
	f->history = room;
	f->changes = f->history + SDP_LOGREG_MEMORY * n;
	f->directions = f->changes + SDP_LOGREG_MEMORY * n;
	f->centre = f->directions + SDP_LOGREG_DIRECTIONS * n;
	f->scale = f->centre + shape->columns;
	memcpy(f->centre, shape->centre, shape->columns * sizeof *f->centre);
	memcpy(f->scale, shape->scale, shape->columns * sizeof *f->scale);
	f->shape.centre = f->centre;
	f->shape.scale = f->scale;
	double mean = 0;
	f->null = -sdp_logreg_null(shape, counts);
	for (size_t k = 0; k < shape->labels; k++)
		mean += log((double)counts[k]) / (double)shape->labels;
	for (size_t k = 0; k < shape->sets && shape->intercept; k++)
		f->theta[k * shape->columns] =
			log((double)counts[base + k]) - (base ? log((double)counts[0]) : mean);
	memcpy(f->start, f->theta, n * sizeof *f->start);
}

void sdp_logreg_fit_rough(struct sdp_logreg_fit *f)
{
	f->rough = !f->lbfgs;
}

/* ---- the objective: the loss and its penalty ---- */

static double penalty_of(const struct sdp_logreg_fit *f, size_t parameter)
{
	size_t j = parameter % f->shape.columns;
	double scale = f->shape.scale[j];
	return f->shape.intercept && j == 0 ? 0 : f->ridge * scale * scale;
}

/* The result of an evaluation. */
struct evaluation {
	double loss, objective, norm, rows;
	double *gradient, *sizes; /* gradient of the objective, and the sizes of its terms */
	double *hessian;          /* may be NULL */
};

static void release(struct evaluation *v)
{
	free(v->gradient);
	free(v->hessian);
}

static int read_evaluation(struct sdp_logreg_fit *f, const struct sdp_logreg_sums *sums,
			   struct evaluation *v, struct sdp_err *err)
{
	size_t n = count(f);
	bool full = f->parts == SDP_LOGREG_HESSIAN, diagonal = f->parts == SDP_LOGREG_DIAGONAL;
	*v = (struct evaluation){.gradient = sdp_alloc(2 * n, sizeof *v->gradient, err)};
	v->hessian = full && v->gradient ? sdp_alloc(n * n, sizeof *v->hessian, err) : NULL;
	if (!v->gradient || (full && !v->hessian)) {
		release(v);
		return -1;
	}
	v->sizes = v->gradient + n;
	v->rows = (double)sums->rows;
	sdp_logreg_read(&f->shape, f->parts, sums, &v->loss, v->gradient, v->sizes, f->diagonal,
			v->hessian);
	v->objective = v->loss;
	for (size_t i = 0; i < n; i++) {
		double pull = penalty_of(f, i) * f->theta[i];
		v->objective += pull * f->theta[i] / 2;
		v->gradient[i] = pull - v->gradient[i];
		v->sizes[i] += fabs(pull);
		v->norm =
			fmax(v->norm, v->gradient[i] == 0 ? 0 : fabs(v->gradient[i]) / v->sizes[i]);
		if (full)
			v->hessian[i * n + i] += penalty_of(f, i);
		if (diagonal)
			f->diagonal[i] += penalty_of(f, i);
	}
	return 0;
}

/*
 * The intercepts of a symmetric softmax can all be shifted by the same amount, so the Hessian is
 * singular.  This adds a weight for that direction, in which the gradient is 0.
 */
static void weight_common_shift(const struct sdp_logreg_shape *s, double *hessian)
{
	size_t n = sdp_logreg_parameters(s), c = s->columns;
	double weight = 0;
	if (s->sets < s->labels || !s->intercept)
		return;
	for (size_t k = 0; k < s->sets; k++)
		weight = fmax(weight, hessian[k * c * n + k * c]);
	for (size_t k = 0; k < s->sets; k++)
		for (size_t l = 0; l < s->sets; l++)
			hessian[k * c * n + l * c] += weight;
}

/* ---- steps ---- */

static int newton_step(struct sdp_logreg_fit *f, const struct evaluation *v, struct sdp_err *err)
{
	struct logreg_factor factor;
	size_t n = count(f);
	weight_common_shift(&f->shape, v->hessian);
	if (sdp_logreg_factor_init(&factor, v->hessian, n, err) < 0)
		return -1;
	double *residual = f->directions; /* not in use until a test for separation */
	for (size_t i = 0; i < n; i++)
		f->step[i] = -v->gradient[i];
	sdp_logreg_factor_solve(&factor, f->step);
	f->pivot = factor.pivot;
	/*
	 * Sums of 1024 rows are truncated at 2^-83.  For small diagonal elements this has the
	 * effect of a small pivot.
	 */
	for (size_t i = 0; i < n && f->shifts > 0; i++)
		f->pivot = fmin(f->pivot, factor.pivot * v->hessian[i * n + i] /
						  (v->rows / 1024 + 1) * 0x1p30);
	/* One step of iterative refinement. */
	for (size_t i = 0; i < n; i++) {
		residual[i] = -v->gradient[i];
		for (size_t j = 0; j < n; j++)
			residual[i] -= v->hessian[i * n + j] * f->step[j];
	}
	sdp_logreg_factor_solve(&factor, residual);
	for (size_t i = 0; i < n && factor.pivot > 0; i++)
		f->step[i] += residual[i];
	sdp_logreg_factor_release(&factor);
	return 0;
}

static double inner(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Records the last step and the change of the gradient. */
static void record_step(struct sdp_logreg_fit *f, const struct evaluation *v)
{
	size_t n = count(f), at = f->kept % SDP_LOGREG_MEMORY * n;
	double *moved = f->history + at, *changed = f->changes + at;
	for (size_t i = 0; i < n; i++) {
		moved[i] = f->theta[i] - f->best[i];
		changed[i] = v->gradient[i] - f->gradient[i];
	}
	if (inner(moved, changed, n) > 0)
		f->kept++;
}

/* Computes the L-BFGS step by the two-loop recursion. */
static void lbfgs_step(struct sdp_logreg_fit *f, const struct evaluation *v)
{
	size_t n = count(f), last = f->kept,
	       first = last > SDP_LOGREG_MEMORY ? last - SDP_LOGREG_MEMORY : 0;
	double alpha[SDP_LOGREG_MEMORY], *q = f->step, gamma = 1;
	for (size_t i = 0; i < n; i++)
		q[i] = -v->gradient[i];
	for (size_t k = last; k-- > first;) {
		size_t at = k % SDP_LOGREG_MEMORY;
		const double *s = f->history + at * n, *y = f->changes + at * n;
		alpha[at] = inner(s, q, n) / inner(s, y, n);
		for (size_t i = 0; i < n; i++)
			q[i] -= alpha[at] * y[i];
	}
	if (last) {
		size_t at = (last - 1) % SDP_LOGREG_MEMORY;
		const double *s = f->history + at * n, *y = f->changes + at * n;
		double scaled = 0;
		for (size_t i = 0; i < n; i++)
			scaled += y[i] * y[i] / fmax(f->diagonal[i], 1e-300);
		gamma = inner(s, y, n) / scaled;
	}
	for (size_t i = 0; i < n; i++)
		q[i] *= gamma / fmax(f->diagonal[i], 1e-300);
	for (size_t k = first; k < last; k++) {
		size_t at = k % SDP_LOGREG_MEMORY;
		const double *s = f->history + at * n, *y = f->changes + at * n;
		double beta = inner(y, q, n) / inner(s, y, n);
		for (size_t i = 0; i < n; i++)
			q[i] += (alpha[at] - beta) * s[i];
	}
}

static void move_along_step(struct sdp_logreg_fit *f, double length)
{
	f->length = length;
	for (size_t i = 0; i < count(f); i++)
		f->theta[i] = f->best[i] + length * f->step[i];
}

/* Returns whether no coefficient would change by more than `small`, absolutely or relatively. */
static bool step_is_small(const struct sdp_logreg_fit *f, double small)
{
	for (size_t i = 0; i < count(f); i++)
		if (!(fabs(f->step[i]) <= small) && !(fabs(f->step[i]) <= small * fabs(f->best[i])))
			return false;
	return true;
}

/* Requests the last evaluation, at theta, with the Hessian if there are not too many parameters. */
static void finish(struct sdp_logreg_fit *f, bool converged)
{
	f->state = SDP_LOGREG_FINAL;
	f->converged = converged;
	f->parts = count(f) <= SDP_LOGREG_DENSE ? SDP_LOGREG_HESSIAN : SDP_LOGREG_GRADIENT;
}

/*
 * Requests a test for separation along the step, the coefficients, and their change over five
 * iterations.
 */
static void request_test(struct sdp_logreg_fit *f)
{
	size_t n = count(f);
	size_t back = f->iterations > 5 ? (size_t)(f->iterations - 5) % SDP_LOGREG_MEMORY : 0;
	f->state = SDP_LOGREG_TEST;
	memcpy(f->directions, f->step, n * sizeof *f->step);
	memcpy(f->directions + n, f->best, n * sizeof *f->best);
	for (size_t i = 0; i < n; i++)
		f->directions[2 * n + i] =
			f->lbfgs ? f->step[i] : f->best[i] - f->history[back * n + i];
}

/* Ends the fit on a part of the rows and starts the one on all rows. */
static void end_rough(struct sdp_logreg_fit *f, bool useful)
{
	f->rough = false;
	f->iterations = 0;
	f->kept = 0;
	f->objective = INFINITY;
	f->begun_well = useful;
	if (useful)
		move_along_step(f, 1);
	else
		memcpy(f->theta, f->start, count(f) * sizeof *f->theta);
	f->parts = usual_parts(f);
}

/* ---- processing an evaluation ---- */

/*
 * Centres those columns again that are nearly constant in the rows with most weight in the Hessian.
 * The distance to the new centre is at most twice that to the old centre, so the scale is halved.
 * Returns whether there were any.
 */
static bool recentre(struct sdp_logreg_fit *f, const struct evaluation *v)
{
	size_t n = count(f), c = f->shape.columns;
	bool any = false;
	for (size_t j = 1; j < c && f->shape.intercept && f->shifts < RECENTRINGS; j++) {
		double weight = 0, sum = 0, squares = 0;
		for (size_t at = 0; at < n; at += c) {
			weight += v->hessian[at * n + at];
			sum += v->hessian[at * n + at + j];
			squares += v->hessian[(at + j) * n + at + j];
		}
		double mean = sum / weight;
		if (!(squares - mean * sum < NEARLY_CONSTANT * squares) || f->scale[j] < 0x1p-1020)
			continue;
		f->centre[j] += mean / f->scale[j];
		f->scale[j] /= 2;
		for (size_t at = 0; at < n; at += c) {
			f->theta[at] += f->theta[at + j] * mean;
			f->theta[at + j] *= 2;
		}
		any = true;
	}
	f->shifts += any;
	return any;
}

static int continue_newton(struct sdp_logreg_fit *f, const struct evaluation *v,
			   struct sdp_err *err)
{
	size_t n = count(f);
	if (recentre(f, v)) { /* theta is to be evaluated again */
		f->objective = INFINITY;
		return 0;
	}
	if (newton_step(f, v, err) < 0)
		return -1;
	memcpy(f->history + (size_t)f->iterations % SDP_LOGREG_MEMORY * n, f->best,
	       n * sizeof *f->best);
	bool small = step_is_small(f, SMALL_STEP);
	if (f->rough) {
		bool near = step_is_small(f, 0.1);
		if (near || f->iterations >= ROUGH_STEPS || f->pivot < 1e-10) {
			end_rough(f, near);
			return 0;
		}
		move_along_step(f, 1);
	} else if (v->norm <= TOLERANCE && small) {
		move_along_step(f, 1);
		f->degenerate = f->pivot < DEGENERATE;
		finish(f, !f->degenerate);
	} else if (!small && f->ridge == 0 &&
		   (f->iterations >= LARGE_STEPS || (f->pivot < 1e-10 && f->iterations >= 3))) {
		request_test(f);
	} else if (f->iterations >= f->limit) {
		memcpy(f->theta, f->best, n * sizeof *f->theta);
		finish(f, false);
	} else {
		move_along_step(f, 1);
	}
	f->iterations++;
	return 0;
}

static void continue_lbfgs(struct sdp_logreg_fit *f, const struct evaluation *v)
{
	size_t n = count(f);
	bool dense = n <= SDP_LOGREG_DENSE;
	lbfgs_step(f, v);
	f->iterations++;
	if (v->norm <= (dense ? HANDOVER : TOLERANCE) || (dense && f->iterations >= LBFGS_STEPS)) {
		memcpy(f->theta, f->best, n * sizeof *f->theta);
		f->lbfgs = !dense;
		f->parts = usual_parts(f);
		f->objective = INFINITY;
		if (!dense)
			finish(f, true);
	} else if (f->ridge == 0 && f->iterations % TEST_EVERY == 0) {
		request_test(f);
	} else if (f->iterations >= f->limit) {
		memcpy(f->theta, f->best, n * sizeof *f->theta);
		finish(f, false);
	} else {
		move_along_step(f, 1);
	}
}

int sdp_logreg_fit_step(struct sdp_logreg_fit *f, const struct sdp_logreg_sums *sums,
			struct sdp_err *err)
{
	struct evaluation v;
	size_t n = count(f);
	int rc = 0;
	if (read_evaluation(f, sums, &v, err) < 0)
		return -1;
	double slope = inner(f->gradient, f->step, n), slack = 1e-12 * fabs(f->objective);
	bool fresh = isinf(f->objective);
	bool better = v.objective <=
		      f->objective + slack + (f->lbfgs && !fresh ? 1e-4 * f->length * slope : 0);
	if (f->state == SDP_LOGREG_FINAL) {
		f->state = f->converged ? SDP_LOGREG_DONE : SDP_LOGREG_STUCK;
		f->loss = v.loss;
		f->gradient_norm = v.norm;
	} else if (fresh && f->begun_well && v.objective > f->null) {
		end_rough(f, false);
	} else if (!better && f->length > 1e-9) {
		move_along_step(f, f->length / 2);
	} else if (!better) {
		/* Rounding errors dominate: there is nothing better along the step. */
		memcpy(f->theta, f->best, n * sizeof *f->theta);
		f->rounded = f->gradient_norm > TOLERANCE;
		finish(f, !f->rounded);
	} else {
		if (f->lbfgs && !fresh)
			record_step(f, &v);
		memcpy(f->best, f->theta, n * sizeof *f->best);
		memcpy(f->gradient, v.gradient, n * sizeof *f->gradient);
		f->loss = v.loss;
		f->objective = v.objective;
		f->gradient_norm = v.norm;
		if (f->lbfgs)
			continue_lbfgs(f, &v);
		else
			rc = continue_newton(f, &v, err);
	}
	release(&v);
	return rc;
}

/* ---- separation ---- */

void sdp_logreg_fit_evaluate(struct sdp_logreg_fit *f, const struct sdp_logreg_margins *m)
{
	static const int order[] = {1, 0, 2};
	size_t n = count(f);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		int d = order[i];
		/*
		 * Coefficients that classify every row correctly can only grow; a step must still
		 * be large.
		 */
		bool all = m->low[d] > 1e-9 * m->high[d] && m->high[d] > (d == 1 ? 0 : 0.1);
		bool some = d != 1 && m->high[d] > 0.1 && m->low[d] >= -1e-12 * m->high[d];
		if (!all && !some)
			continue;
		f->complete = all;
		f->state = SDP_LOGREG_SEPARATED;
		memmove(f->directions, f->directions + (size_t)d * n, n * sizeof *f->directions);
		return;
	}
	f->state = SDP_LOGREG_TRY;
	if (f->iterations > f->limit) {
		memcpy(f->theta, f->best, n * sizeof *f->theta);
		finish(f, false);
	} else {
		move_along_step(f, 1);
	}
}

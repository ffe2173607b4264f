/* The fit of the universal scalability law; see model/bench/speedup_models.h. */
#include "model/bench/speedup_models.h"

#include <math.h>
#include <string.h>

enum { P = SDP_SPEEDUP_PARAMETERS, STEPS = 200 };

/* The free parameters: γ always, α and β unless they are held at 0. */
struct face {
	int free[P], count; /* indices into {γ, α, β} */
};

static const struct face faces[] = {
	{{0, 1, 2}, 3},
	{{0, 1}, 2},
	{{0, 2}, 2},
	{{0}, 1},
};

/* Solves a x = b of size n by Gaussian elimination with pivoting.  Returns -1 if a is singular. */
static int solve(double a[P][P], double b[P], int n, double x[P])
{
	for (int k = 0; k < n; k++) {
		int pivot = k;
		for (int i = k + 1; i < n; i++)
			if (fabs(a[i][k]) > fabs(a[pivot][k]))
				pivot = i;
		if (!(fabs(a[pivot][k]) > 0))
			return -1;
		for (int j = 0; j < n; j++) {
			double t = a[k][j];
			a[k][j] = a[pivot][j];
			a[pivot][j] = t;
		}
		double t = b[k];
		b[k] = b[pivot];
		b[pivot] = t;
		for (int i = k + 1; i < n; i++) {
			double factor = a[i][k] / a[k][k];
			for (int j = k; j < n; j++)
				a[i][j] -= factor * a[k][j];
			b[i] -= factor * b[k];
		}
	}
	for (int i = n - 1; i >= 0; i--) {
		x[i] = b[i];
		for (int j = i + 1; j < n; j++)
			x[i] -= a[i][j] * x[j];
		x[i] /= a[i][i];
	}
	return 0;
}

/* Adds a row with weight w to the normal equations. */
static void add_row(double a[P][P], double b[P], int n, const double row[P], double y, double w)
{
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < n; j++)
			a[i][j] += w * row[i] * row[j];
		b[i] += w * row[i] * y;
	}
}

/* Returns X; slopes are its derivatives with respect to γ, α and β. */
static double model(const double q[P], double workers, double slopes[P])
{
	double pairs = workers * (workers - 1), d = 1 + q[1] * (workers - 1) + q[2] * pairs;
	double x = q[0] * workers / d;
	slopes[0] = workers / d;
	slopes[1] = -x * (workers - 1) / d;
	slopes[2] = -x * pairs / d;
	return x;
}

static double sse(const struct sdp_speedup_points *p, const double q[P])
{
	double sum = 0, slopes[P];
	for (size_t i = 0; i < p->n; i++) {
		double r = 1 / p->times[i] - model(q, p->workers[i], slopes);
		sum += r * r;
	}
	return sum;
}

static bool feasible(const double q[P])
{
	return q[0] > 0 && isfinite(q[0]) && q[1] >= 0 && q[2] >= 0;
}

/*
 * Computes start values: N T = (1 + α(N - 1) + βN(N - 1))/γ is linear in 1/γ, α/γ and β/γ.  An
 * error e of X causes an error N T² e of N T, which determines the weights.
 */
static void start(const struct sdp_speedup_points *p, const struct face *face, double q[P])
{
	double a[P][P] = {{0}}, b[P] = {0}, c[P];
	for (size_t i = 0; i < p->n; i++) {
		double n = p->workers[i], t = p->times[i];
		double all[P] = {1, n - 1, n * (n - 1)}, row[P] = {0};
		for (int k = 0; k < face->count; k++)
			row[k] = all[face->free[k]];
		add_row(a, b, face->count, row, n * t, 1 / (n * n * t * t * t * t));
	}
	memset(q, 0, P * sizeof *q);
	q[0] = 1 / (p->times[0] * p->workers[0]);
	if (solve(a, b, face->count, c) < 0 || !(c[0] > 0))
		return;
	q[0] = 1 / c[0];
	for (int k = 1; k < face->count; k++)
		q[face->free[k]] = fmax(c[k] / c[0], 0);
}

/* Makes one damped step from q to next.  Returns -1 if the equations are singular. */
static int step(const struct sdp_speedup_points *p, const struct face *face, const double q[P],
		double damping, double next[P])
{
	double a[P][P] = {{0}}, b[P] = {0}, move[P];
	for (size_t i = 0; i < p->n; i++) {
		double all[P], row[P] = {0};
		double r = 1 / p->times[i] - model(q, p->workers[i], all);
		for (int k = 0; k < face->count; k++)
			row[k] = all[face->free[k]];
		add_row(a, b, face->count, row, r, 1);
	}
	for (int k = 0; k < face->count; k++)
		a[k][k] *= 1 + damping;
	if (solve(a, b, face->count, move) < 0)
		return -1;
	memcpy(next, q, P * sizeof *q);
	for (int k = 0; k < face->count; k++)
		next[face->free[k]] += move[k];
	/*
	 * If a minimum has a negative α or β, the constrained minimum has it at 0, and another face
	 * contains it.  So no minimum is lost by clamping.
	 */
	next[1] = fmax(next[1], 0);
	next[2] = fmax(next[2], 0);
	return 0;
}

static double descend(const struct sdp_speedup_points *p, const struct face *face, double q[P])
{
	double best = sse(p, q), damping = 1e-3, next[P];
	for (int i = 0; i < STEPS && damping < 1e12; i++) {
		double got =
			step(p, face, q, damping, next) == 0 && feasible(next) ? sse(p, next) : NAN;
		if (got < best) {
			best = got;
			memcpy(q, next, sizeof next);
			damping /= 10;
		} else {
			damping *= 10;
		}
	}
	return best;
}

void sdp_speedup_fit_usl(const struct sdp_speedup_points *p, struct sdp_speedup_usl *out)
{
	double least = INFINITY, q[P];

	*out = (struct sdp_speedup_usl){NAN, NAN, NAN, NAN, NAN};
	if (p->n < P)
		return;
	for (size_t i = 0; i < sizeof faces / sizeof *faces; i++) {
		start(p, &faces[i], q);
		if (!feasible(q))
			continue;
		double got = descend(p, &faces[i], q);
		if (!(got < least))
			continue;
		least = got;
		out->gamma = q[0];
		out->alpha = q[1];
		out->beta = q[2];
		out->rmse = sqrt(got / (double)p->n);
	}
	if (out->beta > 0)
		out->peak_workers =
			out->alpha < 1 ? fmax(sqrt((1 - out->alpha) / out->beta), 1) : 1;
}

/* sdp-linreg: linear regression. */
#include "sdp/design.h"
#include "sdp/distribution.h"
#include "sdp/doc.h"
#include "sdp/gram.h"
#include "sdp/linreg.h"
#include "sdp/mem.h"
#include "sdp/model.h"
#include "sdp/output.h"
#include "sdp/program.h"
#include "sdp/run.h"
#include "sdp/select.h"

#include <math.h>
#include <string.h>

enum { QUANTILES = 5, ROOT_COLUMNS = 100 };

static const struct sdp_probability probabilities[QUANTILES] = {{0, 1}, {1, 4}, {1, 2}, {3, 4}, {1, 1}};
static const char *const quantile_names[QUANTILES] = {"min", "q1", "median", "q3", "max"};

struct params {
	struct sdp_common common;
	const char *target;
	struct sdp_list categorical, references;
	bool no_intercept;
	const char *collinear;
	double level, test_fraction;
	const char *predict;
	bool interval;
};

/*
 * First the chunks are read into a frame, then its blocks are the items of three passes: for the Gram
 * matrix, for the residuals, and once more for those near their quantiles, which are then sorted.
 */
enum phase { READING, SUMMING, RESIDUALS, COLLECTING, SORTING };

struct job {
	enum phase phase;
	const struct params *params;
	struct sdp_frame *frame;
	struct sdp_design *design;
	struct sdp_linreg_fit fit;
	struct sdp_select_plan plan;
	const struct own *root;
};

/* Residuals of a set of rows. */
struct errors {
	struct sdp_exact_sum absolute, squares;
};

/* A block's first and last residual, for Durbin and Watson. */
struct edge {
	bool any;
	double first, last;
};

/* A state is that of the frame and this. */
struct own {
	struct sdp_gram *gram;
	struct edge *edges; /* a block */
	struct errors train, held;
	struct sdp_exact_sum steps; /* squared differences of residuals within blocks */
	struct sdp_real_sum held_target;
	struct sdp_select_counts *counts; /* of residuals */
	struct sdp_keys collected;
	bool sorted;
	double quantiles[QUANTILES];
};

static size_t frame_size(const struct job *j)
{
	return (sdp_frame_state_size(j->frame) + 63) / 64 * 64;
}

static struct own *own_of(const struct job *j, void *state)
{
	return (struct own *)(void *)((char *)state + frame_size(j));
}

static size_t state_size(const void *job)
{
	return frame_size(job) + sizeof(struct own);
}

static int init(const void *job, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct job *j = job;
	struct own *own = own_of(j, state);
	if (j->phase == SUMMING) {
		own->gram = sdp_store_take(&work->store, sdp_gram_size(j->design->limbs), err);
		if (!own->gram)
			return -1;
		own->gram->limbs = j->design->limbs;
	}
	if (j->phase == RESIDUALS) {
		own->edges = sdp_store_take(&work->store, j->frame->block_count * sizeof *own->edges, err);
		own->counts = sdp_store_take(&work->store, sizeof *own->counts, err);
		if (!own->edges || !own->counts)
			return -1;
	}
	return 0;
}

static int open_job(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		    void **job, struct sdp_pass *first, struct sdp_err *err)
{
	const struct params *p = params;
	struct job *j = sdp_store_take(&work->store, sizeof *j, err);
	struct sdp_frame_options options = {
		.target = p->target, .features = p->common.columns,
		.categorical = p->categorical.items, .categorical_count = p->categorical.count,
		.references = p->references.items, .reference_count = p->references.count,
		.test_fraction = p->test_fraction, .seed = (uint64_t)p->common.seed,
	};
	if (!p->target)
		return sdp_fail(err, SDP_USAGE, "-y is missing: which column is the target?");
	if (!j || !(j->frame = sdp_frame_new(schema, &options, &work->store, err)))
		return -1;
	j->params = p;
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "reading", .fleeting = false};
	*job = j;
	return 0;
}

static int update(const void *job, void *state, const struct sdp_block *block, struct sdp_work *work,
		  struct sdp_err *err)
{
	return sdp_frame_update(((const struct job *)job)->frame, state, block, work, err);
}

/* ---- items ---- */

/* What the items of a pass work with, in scratch memory. */
struct tiles {
	int32_t *limbs;
	double *residuals;
	void *scratch;
};

static int make_tiles(const struct job *j, struct sdp_work *work, struct tiles *tiles, struct sdp_err *err)
{
	size_t limbs = j->design->limbs * SDP_TILE * sizeof *tiles->limbs, residuals = SDP_TILE * sizeof(double);
	char *room = sdp_work_scratch(work, limbs + residuals + sdp_design_scratch(j->design), err);
	if (!room)
		return -1;
	*tiles = (struct tiles){(int32_t *)(void *)room, (double *)(void *)(room + limbs), room + limbs + residuals};
	return 0;
}

static void sum_block(const struct job *j, struct own *own, const struct sdp_frame_rows *rows, const struct tiles *t)
{
	for (size_t from = 0; from < rows->train; from += SDP_TILE) {
		size_t n = rows->train - from < SDP_TILE ? rows->train - from : SDP_TILE;
		sdp_design_limbs(j->design, rows, from, n, t->limbs, t->scratch);
		sdp_gram_add(own->gram, t->limbs, n);
	}
}

/* Sums of a block's stretch of rows in plain doubles, added exactly. */
static void add_errors(struct errors *errors, const double *residuals, size_t n)
{
	double absolute = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		absolute += fabs(residuals[i]);
		squares += residuals[i] * residuals[i];
	}
	sdp_exact_sum_add(&errors->absolute, absolute);
	sdp_exact_sum_add(&errors->squares, squares);
}

static void add_steps(struct own *own, struct edge *edge, const double *residuals, size_t n)
{
	double last = edge->last, steps = 0;
	if (!edge->any)
		edge->first = last = residuals[0];
	for (size_t i = 0; i < n; i++) {
		double step = residuals[i] - last;
		steps += step * step;
		last = residuals[i];
	}
	edge->any = true;
	edge->last = last;
	sdp_exact_sum_add(&own->steps, steps);
}

static void find_residuals(const struct job *j, struct own *own, size_t block, const struct sdp_frame_rows *rows,
			   const struct tiles *t)
{
	for (size_t from = 0, n; from < rows->rows; from += n) {
		bool train = from < rows->train;
		size_t end = train ? rows->train : rows->rows;
		n = end - from < SDP_TILE ? end - from : SDP_TILE;
		sdp_design_limbs(j->design, rows, from, n, t->limbs, t->scratch);
		sdp_linreg_residuals(&j->fit, j->design->limbs, t->limbs, n, t->residuals);
		add_errors(train ? &own->train : &own->held, t->residuals, n);
		if (train) {
			add_steps(own, &own->edges[block], t->residuals, n);
			sdp_select_count(own->counts, t->residuals, n);
			continue;
		}
		sdp_frame_doubles(j->frame, rows, 0, from, n, t->residuals);
		for (size_t i = 0; i < n; i++)
			sdp_real_sum_add(&own->held_target, t->residuals[i]);
	}
}

static int collect_residuals(const struct job *j, struct own *own, const struct sdp_frame_rows *rows,
			     const struct tiles *t, struct sdp_work *work, struct sdp_err *err)
{
	for (size_t from = 0, n; from < rows->train; from += n) {
		n = rows->train - from < SDP_TILE ? rows->train - from : SDP_TILE;
		sdp_design_limbs(j->design, rows, from, n, t->limbs, t->scratch);
		sdp_linreg_residuals(&j->fit, j->design->limbs, t->limbs, n, t->residuals);
		if (sdp_select_collect(&j->plan, t->residuals, n, &own->collected, &work->store, err) < 0)
			return -1;
	}
	return 0;
}

static int item(const void *job, void *state, size_t number, struct sdp_work *work, struct sdp_err *err)
{
	const struct job *j = job;
	struct own *own = own_of(j, state);
	struct sdp_frame_rows rows = {0};
	struct tiles tiles;
	if (j->phase == SORTING) {
		own->sorted = true;
		return sdp_select_solve(&j->plan, &j->root->collected, &work->store, work->memory, own->quantiles, err);
	}
	int rc = make_tiles(j, work, &tiles, err);
	if (rc == 0)
		rc = sdp_frame_load(j->frame, number, &work->store, &rows, err);
	if (rc == 0 && j->phase == SUMMING)
		sum_block(j, own, &rows, &tiles);
	else if (rc == 0 && j->phase == RESIDUALS)
		find_residuals(j, own, number, &rows, &tiles);
	else if (rc == 0)
		rc = collect_residuals(j, own, &rows, &tiles, work, err);
	free(rows.room);
	return rc;
}

static void merge_errors(struct errors *a, const struct errors *b)
{
	sdp_exact_sum_merge(&a->absolute, &b->absolute);
	sdp_exact_sum_merge(&a->squares, &b->squares);
}

static int merge(const void *job, void *into, void *from, struct sdp_work *work, struct sdp_err *err)
{
	const struct job *j = job;
	struct own *a = own_of(j, into), *b = own_of(j, from);
	if (j->phase == READING)
		return sdp_frame_merge(j->frame, into, from, work, err);
	if (a->gram && b->gram)
		sdp_gram_merge(a->gram, b->gram);
	else if (b->gram)
		a->gram = b->gram;
	for (size_t i = 0; a->edges && b->edges && i < j->frame->block_count; i++)
		if (b->edges[i].any)
			a->edges[i] = b->edges[i];
	if (!a->edges)
		a->edges = b->edges;
	if (a->counts && b->counts)
		sdp_select_merge(a->counts, b->counts);
	else if (b->counts)
		a->counts = b->counts;
	merge_errors(&a->train, &b->train);
	merge_errors(&a->held, &b->held);
	sdp_exact_sum_merge(&a->steps, &b->steps);
	sdp_real_sum_merge(&a->held_target, &b->held_target);
	if (b->sorted) {
		a->sorted = true;
		memcpy(a->quantiles, b->quantiles, sizeof a->quantiles);
	}
	return sdp_keys_merge(&a->collected, &b->collected, &work->store, err);
}

/* ---- steps ---- */

static int report_dropped(struct job *j, struct sdp_store *store, struct sdp_err *err)
{
	for (size_t i = 0; i < j->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &j->fit.coefficients[i];
		const char *name = j->design->columns[i].name;
		const char *why = c->constant ? "is constant" : "is a linear combination of columns before it";
		if (!c->dropped)
			continue;
		if (strcmp(j->params->collinear, "error") == 0)
			return sdp_fail(err, SDP_DATA, "column '%s' %s", name, why);
		if (sdp_frame_warn(j->frame, store, err, "column '%s' is dropped: it %s", name, why) < 0)
			return -1;
	}
	return 0;
}

static int solve(struct job *j, const struct own *root, struct sdp_work *work, struct sdp_err *err)
{
	const struct sdp_design *d = j->design;
	struct sdp_linreg_column *columns = sdp_store_take(&work->store, (d->count + 1) * sizeof *columns, err);
	struct sdp_linreg_problem problem = {
		.gram = root->gram, .columns = columns, .count = d->count, .intercept = d->intercept,
		.rows = j->frame->used, .level = j->params->level,
	};
	j->fit.coefficients = sdp_store_take(&work->store, d->count * sizeof *j->fit.coefficients, err);
	j->fit.weights = sdp_store_take(&work->store, d->limbs * SDP_LINREG_WEIGHTS * sizeof *j->fit.weights, err);
	if (d->count <= ROOT_COLUMNS)
		j->fit.root = sdp_store_take(&work->store, d->count * (d->count + 1) / 2 * sizeof *j->fit.root, err);
	if (!columns || !j->fit.coefficients || !j->fit.weights || (d->count <= ROOT_COLUMNS && !j->fit.root))
		return -1;
	for (size_t i = 0; i <= d->count; i++) {
		const struct sdp_design_column *c = &d->columns[i];
		columns[i] = (struct sdp_linreg_column){{c->limb, c->limbs}, c->tens, c->twos};
	}
	if (sdp_linreg_solve(&problem, &j->fit, err) < 0)
		return -1;
	return report_dropped(j, &work->store, err);
}

static int step(void *job, void *root, struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	struct job *j = job;
	const struct own *own = own_of(j, root);
	int rc;
	switch (j->phase) {
	case READING:
		rc = sdp_frame_step(j->frame, root, &work->store, err);
		if (rc != 0) {
			next->phase = "reading again";
			return rc < 0 ? -1 : 0;
		}
		j->design = sdp_design_new(j->frame, !j->params->no_intercept, &work->store, err);
		if (!j->design)
			return -1;
		j->phase = SUMMING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, j->frame->block_count, "summing", .fleeting = false};
		return 0;
	case SUMMING:
		if (solve(j, own, work, err) < 0)
			return -1;
		j->phase = RESIDUALS;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, j->frame->block_count, "residuals", .fleeting = false};
		return 0;
	case RESIDUALS:
		sdp_select_plan(own->counts, probabilities, QUANTILES, &j->plan);
		j->phase = COLLECTING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, j->frame->block_count, "quartiles", .fleeting = false};
		return 0;
	case COLLECTING:
		j->root = own;
		j->phase = SORTING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, 1, "sorting", .fleeting = true};
		return 0;
	case SORTING:
		next->kind = SDP_PASS_DONE;
	}
	return 0;
}

/* ---- the document ---- */

struct field {
	const char *name;
	double value;
};

static int put_fields(cJSON *object, const struct field *fields, size_t count, struct sdp_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (sdp_doc_real(object, fields[i].name, fields[i].value, err) < 0)
			return -1;
	return 0;
}

#define PUT_FIELDS(object, fields, err) put_fields(object, fields, sizeof(fields) / sizeof *(fields), err)

static int put_coefficients(const struct job *j, cJSON *doc, struct sdp_err *err)
{
	cJSON *coefficients = sdp_doc_array(doc, "coefficients", err);
	for (size_t i = 0; coefficients && i < j->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &j->fit.coefficients[i];
		const struct field fields[] = {
			{"estimate", c->estimate}, {"std_error", c->std_error}, {"t", c->t}, {"p", c->p},
			{"ci_low", c->ci_low}, {"ci_high", c->ci_high}, {"vif", c->vif},
		};
		cJSON *row = sdp_doc_row(coefficients, err);
		if (!row || sdp_doc_text(row, "name", j->design->columns[i].name, err) < 0 || PUT_FIELDS(row, fields, err) < 0)
			return -1;
	}
	return coefficients ? 0 : -1;
}

/* Σ (e_i - e_{i-1})² / Σ e_i², over blocks in their order. */
static double durbin_watson(const struct job *j, const struct own *own)
{
	struct sdp_exact_sum steps = own->steps;
	const struct edge *before = NULL;
	for (size_t i = 0; i < j->frame->block_count; i++) {
		const struct edge *edge = &own->edges[i];
		if (!edge->any)
			continue;
		double step = before ? edge->first - before->last : 0;
		sdp_exact_sum_add(&steps, step * step);
		before = edge;
	}
	return sdp_exact_sum_value(&steps) / sdp_exact_sum_value(&own->train.squares);
}

static int put_metrics(const struct job *j, const struct own *own, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_linreg_fit *f = &j->fit;
	bool exact = f->sse == 0;
	const struct field before[] = {
		{"r2", f->r2}, {"adjusted_r2", f->adjusted_r2}, {"rmse", f->rmse},
		{"mae", exact ? 0 : sdp_exact_sum_value(&own->train.absolute) / (double)j->frame->used},
		{"mse", f->mse}, {"sse", f->sse}, {"sigma", f->sigma}, {"f", f->f}, {"f_p", f->f_p},
		{"log_likelihood", f->log_likelihood}, {"aic", f->aic}, {"bic", f->bic},
	};
	const struct field behind[] = {
		{"condition_number", f->condition_number},
		{"durbin_watson", exact ? NAN : durbin_watson(j, own)},
	};
	cJSON *metrics = sdp_doc_object(doc, "metrics", err);
	if (!metrics || PUT_FIELDS(metrics, before, err) < 0 ||
	    sdp_doc_count(metrics, "residual_df", f->residual_df, err) < 0 || PUT_FIELDS(metrics, behind, err) < 0)
		return -1;
	cJSON *residuals = sdp_doc_object(doc, "residuals", err);
	for (int i = 0; residuals && i < QUANTILES; i++)
		if (sdp_doc_real(residuals, quantile_names[i], exact ? 0 : own->quantiles[i], err) < 0)
			return -1;
	return residuals ? 0 : -1;
}

static int put_test_metrics(const struct job *j, const struct own *own, cJSON *doc, struct sdp_err *err)
{
	static const struct sdp_scaled_sum *const none[SDP_SCALE_MAX + 1];
	struct sdp_moment_result y;
	double n = (double)j->frame->held, sse = sdp_exact_sum_value(&own->held.squares);
	if (j->params->test_fraction == 0)
		return 0;
	sdp_moment_finish(none, &own->held_target, &y);
	const struct field fields[] = {
		{"r2", 1 - sse / (y.variance * (n - 1))},
		{"rmse", sqrt(sse / n)},
		{"mae", sdp_exact_sum_value(&own->held.absolute) / n},
		{"mse", sse / n},
	};
	cJSON *test = sdp_doc_object(doc, "test_metrics", err);
	return test ? PUT_FIELDS(test, fields, err) : -1;
}

/* What an interval of a prediction needs: sdp/linreg.h has the formula. */
static int put_root(const struct job *j, cJSON *doc, struct sdp_err *err)
{
	if (!j->fit.root)
		return sdp_doc_null(doc, "leverage_root", err);
	cJSON *rows = sdp_doc_array(doc, "leverage_root", err);
	for (size_t i = 0; rows && i < j->fit.used; i++) {
		cJSON *row = sdp_doc_array(rows, NULL, err);
		for (size_t k = 0; row && k <= i; k++)
			if (sdp_doc_real(row, NULL, j->fit.root[i * (i + 1) / 2 + k], err) < 0)
				return -1;
		if (!row)
			return -1;
	}
	return rows ? 0 : -1;
}

static int emit(const void *job, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct job *j = job;
	const struct own *own = own_of(j, (void *)root);
	for (size_t i = 0; i < j->frame->warning_count; i++)
		sdp_warn("%s", j->frame->warnings[i]);
	if (sdp_doc_text(doc, "target", j->frame->columns[0].name, err) < 0 || sdp_design_put_rows(j->design, doc, err) < 0 ||
	    put_coefficients(j, doc, err) < 0 || put_metrics(j, own, doc, err) < 0 ||
	    put_test_metrics(j, own, doc, err) < 0 || sdp_doc_real(doc, "level", j->params->level, err) < 0 ||
	    put_root(j, doc, err) < 0)
		return -1;
	return sdp_design_put_inputs(j->design, doc, err);
}

static const struct sdp_task task = {
	.name = "linear_regression", .open = open_job, .state_size = state_size, .init = init,
	.update = update, .item = item, .merge = merge, .step = step, .emit = emit,
};

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	{'y', "target", SDP_TEXT, AT(target), "COL", NULL, NULL, 0, 0, "the column to explain"},
	{'x', "features", SDP_TEXT, AT(common.columns), "LIST", NULL, NULL, 0, 0,
	 "columns that explain it, and terms a*b, a^2, log(a), sqrt(a); by default all that can"},
	{0, "categorical", SDP_LIST, AT(categorical), "COL", NULL, NULL, 0, 0,
	 "take the column's values as levels, up to 1000; may be repeated"},
	{0, "reference", SDP_LIST, AT(references), "COL=LEVEL", NULL, NULL, 0, 0,
	 "the level that others are compared with; by default the bytewise smallest"},
	{0, "no-intercept", SDP_FLAG, AT(no_intercept), NULL, NULL, NULL, 0, 0, "no constant term"},
	{0, "collinear", SDP_CHOICE, AT(collinear), "drop|error", NULL, "drop", 0, 0,
	 "what becomes of columns that are constant or combinations of others"},
	{0, "level", SDP_REAL, AT(level), "P", NULL, "0.95", 0, 1, "of confidence and prediction intervals"},
	{0, "test-fraction", SDP_REAL, AT(test_fraction), "F", NULL, "0", 0, 1, "of the rows to hold out for test metrics"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-linreg",
	.summary = "linear regression",
	.operands = "[FILE...]",
	.options = options,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_MEMORY | SDP_GROUP_SEED |
		  SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.task = &task,
};

/* sdp-linreg: linear regression by least squares. */
#include "linreg.h"

#include "cli/model_file.h"
#include "sdp/output.h"
#include "sdp/run.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sdp_probability probabilities[QUANTILES] = {{0, 1},
								{1, 4},
								{1, 2},
								{3, 4},
								{1, 1}};

static size_t state_size(const void *plan)
{
	return linreg_frame_size(plan) + sizeof(struct own_state);
}

static int init(const void *opaque, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct own_state *own = linreg_own(plan, state);
	if (plan->phase == SUMMING) {
		own->gram = sdp_spill_take(&work->spill, sdp_gram_size(plan->design->limbs), err);
		if (!own->gram)
			return -1;
		own->gram->limbs = plan->design->limbs;
	}
	if (plan->phase == RESIDUALS) {
		own->edges = sdp_spill_take(&work->spill,
					    plan->frame->block_count * sizeof *own->edges, err);
		own->counts = sdp_spill_take(&work->spill, sizeof *own->counts, err);
		if (!own->edges || !own->counts)
			return -1;
		size_t limbs = plan->design->columns[plan->design->count].limbs + 1;
		own->held_target = sdp_spill_take(&work->spill, sdp_gram_size(limbs), err);
		if (!own->held_target)
			return -1;
		own->held_target->limbs = limbs;
	}
	return 0;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **out, struct sdp_pass *first, struct sdp_err *err)
{
	const struct params *p = params;
	struct plan *plan = sdp_spill_take(&work->spill, sizeof *plan, err);
	struct sdp_frame_options options = {
		.target = p->target,
		.features = p->common.columns,
		.categorical = p->categorical.items,
		.categorical_count = p->categorical.count,
		.references = p->references.items,
		.reference_count = p->references.count,
		.test_fraction = p->test_fraction,
		.seed = (uint64_t)p->common.seed,
	};
	if (!plan || !(plan->frame = sdp_frame_new(schema, &options, &work->spill, err)))
		return -1;
	plan->params = p;
	*first = (struct sdp_pass){SDP_PASS_CHUNKS, 0, "reading", .discard_states = false,
				   .share = 0.7};
	*out = plan;
	return 0;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	return sdp_frame_update(((const struct plan *)plan)->frame, state, block, work, err);
}

/* ---- items ---- */

/* Buffers of the items of a pass, in scratch memory. */
struct tiles {
	int32_t *limbs; /* of the design, and one more after those of the target */
	double *residuals;
	sdp_int128 *sums; /* scratch space of sdp_linreg_residuals */
	void *scratch;
};

static int make_tiles(const struct plan *plan, struct sdp_work *work, struct tiles *tiles,
		      struct sdp_err *err)
{
	size_t limbs = (plan->design->limbs + 1) * SDP_TILE * sizeof *tiles->limbs,
	       residuals = SDP_TILE * sizeof(double),
	       sums = (size_t)plan->fit.depth * SDP_LINREG_LANES * sizeof *tiles->sums;
	char *room =
		sdp_work_scratch(work, limbs + residuals + sums + sdp_design_scratch(plan->design),
				 err);
	if (!room)
		return -1;
	*tiles = (struct tiles){(int32_t *)(void *)room, (double *)(void *)(room + limbs),
				(sdp_int128 *)(void *)(room + limbs + residuals),
				room + limbs + residuals + sums};
	return 0;
}

static void sum_block(const struct plan *plan, struct own_state *own,
		      const struct sdp_frame_rows *rows, const struct tiles *t)
{
	for (size_t from = 0; from < rows->train; from += SDP_TILE) {
		size_t n = rows->train - from < SDP_TILE ? rows->train - from : SDP_TILE;
		sdp_design_limbs(plan->design, rows, from, n, t->limbs, t->scratch);
		sdp_gram_add(own->gram, t->limbs, n);
	}
}

/* Each term is added exactly, so that the sums depend neither on the workers nor on the chunks. */
static void add_errors(struct errors *errors, const double *residuals, size_t n, double unit)
{
	for (size_t i = 0; i < n; i++) {
		double error = residuals[i] / unit, square = error * error;
		if (!isfinite(square) || fabs(residuals[i]) == DBL_MAX) {
			errors->beyond = true;
			continue;
		}
		sdp_exact_sum_add(&errors->absolute, fabs(error));
		sdp_exact_sum_add(&errors->squares, square);
	}
}

static void add_steps(struct own_state *own, struct edge *edge, const double *residuals, size_t n,
		      double unit)
{
	double last = edge->last;
	if (!edge->any)
		edge->first = last = residuals[0];
	for (size_t i = 0; i < n; i++) {
		double step = residuals[i] / unit - last / unit, square = step * step;
		if (isfinite(square)) /* otherwise squares is not finite either */
			sdp_exact_sum_add(&own->steps, square);
		last = residuals[i];
	}
	edge->any = true;
	edge->last = last;
}

/*
 * Computes the residuals of a tile that is in t->limbs. The quantiles take only finite numbers; if
 * one is beyond the doubles, they are not printed.
 */
static void compute_residuals(const struct plan *plan, const struct tiles *t, size_t n)
{
	const double rows = 1e18; /* more than there are */
	sdp_linreg_residuals(&plan->fit, plan->design->limbs, t->limbs, n, t->sums, t->residuals);
	for (size_t i = 0; plan->fit.rmse > DBL_MAX / rows && i < n; i++)
		t->residuals[i] = fmax(-DBL_MAX, fmin(DBL_MAX, t->residuals[i]));
}

/* Adds the target of n held-out rows, whose limbs are in t->limbs. */
static void add_target(const struct plan *plan, struct own_state *own, const struct tiles *t,
		       size_t n)
{
	int32_t *ones = t->limbs + plan->design->limbs * SDP_TILE;
	for (size_t i = 0; i < SDP_TILE; i++)
		ones[i] = i < n;
	sdp_gram_add(own->held_target, ones - (own->held_target->limbs - 1) * SDP_TILE, n);
}

static void find_residuals(const struct plan *plan, struct own_state *own, size_t block,
			   const struct sdp_frame_rows *rows, const struct tiles *t)
{
	for (size_t from = 0, n; from < rows->rows; from += n) {
		bool train = from < rows->train;
		size_t end = train ? rows->train : rows->rows;
		n = end - from < SDP_TILE ? end - from : SDP_TILE;
		sdp_design_limbs(plan->design, rows, from, n, t->limbs, t->scratch);
		compute_residuals(plan, t, n);
		add_errors(train ? &own->train : &own->held, t->residuals, n, plan->unit);
		if (train) {
			add_steps(own, &own->edges[block], t->residuals, n, plan->unit);
			sdp_quantile_select_count(own->counts, t->residuals, n);
			continue;
		}
		add_target(plan, own, t, n);
	}
}

static int collect_residuals(const struct plan *plan, struct own_state *own,
			     const struct sdp_frame_rows *rows, const struct tiles *t,
			     struct sdp_work *work, struct sdp_err *err)
{
	for (size_t from = 0, n; from < rows->train; from += n) {
		n = rows->train - from < SDP_TILE ? rows->train - from : SDP_TILE;
		sdp_design_limbs(plan->design, rows, from, n, t->limbs, t->scratch);
		compute_residuals(plan, t, n);
		if (sdp_quantile_select_collect(&plan->plan, t->residuals, n, &own->collected,
						&work->spill, err) < 0)
			return -1;
	}
	return 0;
}

static int item(const void *opaque, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct own_state *own = linreg_own(plan, state);
	struct sdp_frame_rows rows = {0};
	struct tiles tiles;
	if (plan->phase == SORTING) {
		own->sorted = true;
		return sdp_quantile_select_solve(&plan->plan, &plan->root->collected, &work->spill,
						 work->memory, own->quantiles, err);
	}
	int rc = make_tiles(plan, work, &tiles, err);
	if (rc == 0)
		rc = sdp_frame_load(plan->frame, number, &work->spill, &rows, err);
	if (rc == 0 && plan->phase == SUMMING)
		sum_block(plan, own, &rows, &tiles);
	else if (rc == 0 && plan->phase == RESIDUALS)
		find_residuals(plan, own, number, &rows, &tiles);
	else if (rc == 0)
		rc = collect_residuals(plan, own, &rows, &tiles, work, err);
	free(rows.room);
	return rc;
}

static void merge_errors(struct errors *a, const struct errors *b)
{
	a->beyond |= b->beyond;
	sdp_exact_sum_merge(&a->absolute, &b->absolute);
	sdp_exact_sum_merge(&a->squares, &b->squares);
}

static void merge_grams(struct sdp_gram **a, struct sdp_gram *b)
{
	if (*a && b)
		sdp_gram_merge(*a, b);
	else if (b)
		*a = b;
}

static int merge(const void *opaque, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct plan *plan = opaque;
	struct own_state *a = linreg_own(plan, into), *b = linreg_own(plan, from);
	if (plan->phase == READING)
		return sdp_frame_merge(plan->frame, into, from, work, err);
	merge_grams(&a->gram, b->gram);
	for (size_t i = 0; a->edges && b->edges && i < plan->frame->block_count; i++)
		if (b->edges[i].any)
			a->edges[i] = b->edges[i];
	if (!a->edges)
		a->edges = b->edges;
	if (a->counts && b->counts)
		sdp_quantile_select_merge(a->counts, b->counts);
	else if (b->counts)
		a->counts = b->counts;
	merge_errors(&a->train, &b->train);
	merge_errors(&a->held, &b->held);
	sdp_exact_sum_merge(&a->steps, &b->steps);
	merge_grams(&a->held_target, b->held_target);
	if (b->sorted) {
		a->sorted = true;
		memcpy(a->quantiles, b->quantiles, sizeof a->quantiles);
	}
	return sdp_value_store_merge(&a->collected, &b->collected, &work->spill, err);
}

/* ---- steps ---- */

/* Warns of the columns whose digits are not all used. */
static int report_rounded(const struct plan *plan, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_design *d = plan->design;
	for (size_t i = 0; i <= d->count; i++)
		if (d->columns[i].digits &&
		    sdp_frame_warn(plan->frame, spill, err,
				   "column '%s' is rounded: %d digits remain, counted from the "
				   "first digit "
				   "of its largest number",
				   d->columns[i].name, d->columns[i].digits) < 0)
			return -1;
	return 0;
}

static int report_dropped(struct plan *plan, struct sdp_spill *spill, struct sdp_err *err)
{
	for (size_t i = 0; i < plan->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &plan->fit.coefficients[i];
		const char *name = plan->design->columns[i].name;
		const char *why = c->constant ? "is constant"
					      : "is a linear combination of columns before it";
		char rounded[40] = "";
		if (!c->dropped)
			continue;
		if (plan->design->columns[i].digits)
			snprintf(rounded, sizeof rounded, "rounded to %d digits, ",
				 plan->design->columns[i].digits);
		if (plan->params->collinear == SDP_COLLINEAR_ERROR)
			return sdp_fail(err, SDP_DATA, "column '%s' %s%s", name, rounded, why);
		if (sdp_frame_warn(plan->frame, spill, err, "column '%s' is dropped: %sit %s", name,
				   rounded, why) < 0)
			return -1;
	}
	return 0;
}

/*
 * A larger vif can only result from dependent columns that were rounded to doubles. It leaves
 * hardly three correct digits.
 */
static const double SUSPICIOUS = 1e26;

static int report_suspicious(struct plan *plan, struct sdp_spill *spill, struct sdp_err *err)
{
	size_t worst = 0;
	for (size_t i = 1; i < plan->design->count; i++)
		if (!(plan->fit.coefficients[i].vif <= plan->fit.coefficients[worst].vif) &&
		    !plan->fit.coefficients[i].dropped)
			worst = i;
	return plan->fit.coefficients[worst].vif > SUSPICIOUS
		       ? sdp_frame_warn(
				 plan->frame, spill, err,
				 "column '%s' nearly depends on other columns (vif %.1e): if they "
				 "differ by rounding errors only, their coefficients are "
				 "meaningless",
				 plan->design->columns[worst].name,
				 fmin(plan->fit.coefficients[worst].vif, DBL_MAX))
		       : 0;
}

/* A coefficient that a double cannot hold is null or 0 in the document. */
static int report_out_of_range(struct plan *plan, struct sdp_spill *spill, struct sdp_err *err)
{
	for (size_t i = 0; i < plan->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &plan->fit.coefficients[i];
		const char *name = plan->design->columns[i].name;
		if (c->out_of_range &&
		    sdp_frame_warn(plan->frame, spill, err,
				   c->estimate == 0
					   ? "the estimate of '%s' is below the least double and "
					     "printed as 0; predictions use its digits in model"
					   : "the estimate of '%s' exceeds every double and is "
					     "printed as null; predictions use its digits in model",
				   name) < 0)
			return -1;
	}
	return 0;
}

/* Moves the digits of the fit to the spill, where they live as long as the plan. */
static int keep_digits(struct plan *plan, struct sdp_spill *spill, struct sdp_err *err)
{
	struct sdp_buf *digits = &plan->fit.digits;
	char *kept = sdp_spill_take(spill, digits->length + 1, err);
	if (kept && digits->length)
		memcpy(kept, digits->data, digits->length);
	sdp_buf_release(digits);
	plan->digits = kept;
	return kept ? 0 : -1;
}

static int solve(struct plan *plan, const struct own_state *root, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct sdp_design *d = plan->design;
	struct sdp_linreg_column *columns =
		sdp_spill_take(&work->spill, (d->count + 1) * sizeof *columns, err);
	struct sdp_linreg_problem problem = {
		.gram = root->gram,
		.columns = columns,
		.count = d->count,
		.intercept = d->intercept,
		.rows = plan->frame->used,
		.level = plan->params->level,
		.spill = &work->spill,
	};
	plan->fit.coefficients =
		sdp_spill_take(&work->spill, d->count * sizeof *plan->fit.coefficients, err);
	if (d->count <= ROOT_COLUMNS)
		plan->fit.root =
			sdp_spill_take(&work->spill,
				       d->count * (d->count + 1) / 2 * sizeof *plan->fit.root, err);
	if (!columns || !plan->fit.coefficients || (d->count <= ROOT_COLUMNS && !plan->fit.root))
		return -1;
	for (size_t i = 0; i <= d->count; i++) {
		const struct sdp_design_column *c = &d->columns[i];
		columns[i] = (struct sdp_linreg_column){{c->limb, c->limbs}, c->tens, c->twos};
	}
	int rc = sdp_linreg_solve(&problem, &plan->fit, err);
	if (keep_digits(plan, &work->spill, err) < 0 || rc < 0)
		return -1;
	plan->unit = plan->fit.rmse > 0 ? ldexp(1, ilogb(fmin(plan->fit.rmse, DBL_MAX))) : 1;
	if (report_dropped(plan, &work->spill, err) < 0 ||
	    report_out_of_range(plan, &work->spill, err) < 0 ||
	    report_suspicious(plan, &work->spill, err) < 0)
		return -1;
	return plan->fit.residual_df
		       ? 0
		       : sdp_frame_warn(plan->frame, &work->spill, err,
					"no standard errors: no residual degrees of freedom (%zu "
					"coefficient%s, %zu row%s)",
					plan->fit.used, plan->fit.used == 1 ? "" : "s",
					(size_t)plan->frame->used,
					plan->frame->used == 1 ? "" : "s");
}

static int step(void *opaque, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct plan *plan = opaque;
	const struct own_state *own = linreg_own(plan, root);
	int rc;
	switch (plan->phase) {
	case READING:
		rc = sdp_frame_step(plan->frame, root, &work->spill, err);
		if (rc != 0) {
			next->phase = "reading again";
			return rc < 0 ? -1 : 0;
		}
		linreg_print_warnings(plan);
		plan->design =
			sdp_design_new(plan->frame, !plan->params->no_intercept, &work->spill, err);
		if (!plan->design || report_rounded(plan, &work->spill, err) < 0)
			return -1;
		plan->phase = SUMMING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->frame->block_count, "summing",
					  .discard_states = false, .share = 0.5};
		return 0;
	case SUMMING:
		if (solve(plan, own, work, err) < 0)
			return -1;
		plan->phase = RESIDUALS;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->frame->block_count, "residuals",
					  .discard_states = false, .share = 0.5};
		return 0;
	case RESIDUALS:
		sdp_quantile_select_plan(own->counts, probabilities, QUANTILES, &plan->plan);
		plan->phase = COLLECTING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, plan->frame->block_count, "quartiles",
					  .discard_states = false, .share = 0.8};
		return 0;
	case COLLECTING:
		plan->root = own;
		plan->phase = SORTING;
		*next = (struct sdp_pass){SDP_PASS_ITEMS, 1, "sorting", .discard_states = true};
		return 0;
	case SORTING:
		next->kind = SDP_PASS_DONE;
	}
	return 0;
}

/* ---- the program ---- */

static const struct sdp_task task = {
	.name = "linear_regression",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = linreg_emit,
};

static int check_predict(const struct params *p, struct sdp_err *err)
{
	static const char fit[] =
		"target features categorical reference no-intercept collinear test-fraction";
	if (sdp_refuse_given(&p->common, fit,
			     "with --predict: the model determines target and features", err) < 0 ||
	    (!p->interval && sdp_refuse_given(&p->common, "level",
					      "with --predict but without --interval", err) < 0))
		return -1;
	return sdp_run_rows_check(&p->common, err);
}

static int check(const struct params *p, struct sdp_err *err)
{
	if (p->level <= 0 || p->level >= 1)
		return sdp_fail(err, SDP_USAGE, "--level: must be greater than 0 and less than 1");
	if (p->test_fraction >= 1)
		return sdp_fail(
			err, SDP_USAGE,
			"--test-fraction: must be less than 1, or no rows are left for the fit");
	if (p->predict)
		return check_predict(p, err);
	if (p->interval)
		return sdp_fail(err, SDP_USAGE, "--interval needs --predict");
	if (!p->target)
		return sdp_fail(err, SDP_USAGE, "-y is missing: it names the target column");
	return 0;
}

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	struct params *p = params;
	cJSON *doc = NULL;
	if (check(p, err) < 0 ||
	    (p->predict && sdp_model_file_read(p->predict, task.name, &doc, err) < 0))
		return -1;
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = -1;
	if (source)
		rc = p->predict ? linreg_predict(p, doc, source, err)
				: sdp_run_document_on(&task, p, source, err);
	sdp_source_free(source);
	cJSON_Delete(doc);
	return rc;
}

#define AT(member) offsetof(struct params, member)

static const struct sdp_option options[] = {
	{'y', "target", SDP_TEXT, AT(target), "COL", NULL, NULL, 0, 0,
	 "the column to predict, a column of numbers"},
	{'x', "features", SDP_TEXT, AT(common.columns), "LIST", NULL, NULL, 0, 0,
	 "columns and terms to predict it from; terms: " SDP_TERMS
	 "; by default all numeric and categorical columns"},
	{0, "categorical", SDP_LIST, AT(categorical), "COL", NULL, NULL, 0, 0,
	 "treat the column as categorical; up to 1000 levels; may be repeated"},
	{0, "reference", SDP_LIST, AT(references), "COL=LEVEL", NULL, NULL, 0, 0,
	 "reference level; by default the bytewise smallest level; may be repeated"},
	{0, "no-intercept", SDP_FLAG, AT(no_intercept), NULL, NULL, NULL, 0, 0, "fit no intercept"},
	{0, "collinear", SDP_CHOICE, AT(collinear), "drop|error", NULL, "drop", 0, 0,
	 "drop or refuse linearly dependent columns; also constant columns"},
	{0, "level", SDP_SHARE, AT(level), "P", NULL, "0.95", 0, 1,
	 "level of intervals; of confidence, and with --interval, where the default is the "
	 "model's"},
	{0, "test-fraction", SDP_SHARE, AT(test_fraction), "F", NULL, "0", 0, 1,
	 "fraction of rows to hold out for test metrics; the seed and the record number "
	 "choose them"},
	{0, "predict", SDP_TEXT, AT(predict), "MODEL.json", NULL, NULL, 0, 0,
	 "print the input rows with predictions; MODEL.json is a JSON document that sdp-linreg "
	 "printed"},
	{0, "interval", SDP_FLAG, AT(interval), NULL, NULL, NULL, 0, 0,
	 "with --predict: add columns lower and upper, the prediction interval of a new "
	 "observation; its level is that of the model, or --level"},
	{0},
};

static const char *const examples[] = {
	"sdp-sample penguins | sdp-linreg -y body_mass_g -x flipper_length_mm,sex",
	"sdp-linreg --predict model.json --interval --level 0.9 new.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"model", "target features categorical reference no-intercept collinear"},
	{"test", "test-fraction seed level"},
	{"new rows", "predict interval"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "features coefficients metrics residuals test_metrics leverage_root model inputs "
		  "warnings"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-linreg",
	.summary = "fit linear regressions and predict with them",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_ROWS |
		  SDP_GROUP_SEED | SDP_GROUP_MEMORY | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct params),
	.task = &task,
	.run = run,
};

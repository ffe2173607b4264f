/* sdp-logreg: binary and multinomial logistic regression with inference. */
#include "logreg.h"
#include "sdp/output.h"
#include "sdp/run.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The part of a state after that of the frame. */
struct own_state {
	void *sums; /* of the current pass */
};

enum {
	PARTS = 16,  /* smallest number of ranges of scores */
	ROUGH = 16,  /* a rough fit uses one of this many blocks */
	ENOUGH = 64, /* rows per parameter that a rough fit needs */
	WARN_DIGITS = 8,
};

/*
 * If the first Hessian has a smaller pivot, columns may depend on others. Rounding leaves about
 * 1e-13.
 */
static const double SUSPICIOUS = 1e-7;

static const size_t ALIGNED = 64;

static size_t frame_part(const struct logreg_plan *j)
{
	return (sdp_frame_state_size(j->frame) + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static struct own_state *own_part(const struct logreg_plan *j, void *state)
{
	return (struct own_state *)(void *)((char *)state + frame_part(j));
}

static size_t state_size(const void *plan)
{
	return frame_part(plan) + sizeof(struct own_state);
}

static size_t areas_size(const struct logreg_plan *j)
{
	return 2 * j->curves * j->parts * sizeof *j->areas;
}

static size_t sums_size(const struct logreg_plan *j)
{
	switch (j->phase) {
	case MEASURE:
		return sdp_logreg_ranges_size(logreg_features(j), j->label_count);
	case GRAM:
		return sdp_gram_size(j->design->limbs);
	case FIT:
		return sdp_logreg_sums_size(&j->fit.shape, j->fit.parts);
	case TEST:
		return sizeof(struct sdp_logreg_margins);
	case SCORE:
		return 2 * sizeof(struct sdp_logreg_scores) +
		       sdp_logreg_sums_size(&j->fit.shape, j->fit.parts);
	case RANK:
		return areas_size(j);
	default:
		return 0;
	}
}

static int init(const void *plan, void *state, struct sdp_work *work, struct sdp_err *err)
{
	const struct logreg_plan *j = plan;
	struct own_state *own = own_part(j, state);
	if (j->phase == READ)
		return 0;
	own->sums = sdp_spill_take(&work->spill, sums_size(j), err);
	if (own->sums && j->phase == GRAM)
		((struct sdp_gram *)own->sums)->limbs = j->design->limbs;
	return own->sums ? 0 : -1;
}

static int open_plan(const void *params, const struct sdp_schema *schema, struct sdp_work *work,
		     void **plan, struct sdp_pass *first, struct sdp_err *err)
{
	const struct logreg_params *p = params;
	struct logreg_plan *j = sdp_spill_take(&work->spill, sizeof *j, err);
	if (!j)
		return -1;
	j->params = p;
	j->frame = sdp_frame_new(schema,
				 &(struct sdp_frame_options){
					 .target = p->target,
					 .label = true,
					 .doubles = true,
					 .features = p->common.columns,
					 .categorical = p->categorical.items,
					 .categorical_count = p->categorical.count,
					 .references = p->references.items,
					 .reference_count = p->references.count,
					 .test_fraction = p->test_fraction,
					 .seed = (uint64_t)p->common.seed,
				 },
				 &work->spill, err);
	*first = (struct sdp_pass){.kind = SDP_PASS_CHUNKS, .phase = "reading", .share = 0.5};
	*plan = j;
	return j->frame ? 0 : -1;
}

static int update(const void *plan, void *state, const struct sdp_block *block,
		  struct sdp_work *work, struct sdp_err *err)
{
	return sdp_frame_update(((const struct logreg_plan *)plan)->frame, state, block, work, err);
}

static int item(const void *plan, void *state, size_t number, struct sdp_work *work,
		struct sdp_err *err)
{
	return logreg_item(plan, own_part(plan, state)->sums, number, work, err);
}

static int merge(const void *plan, void *into, void *from, struct sdp_work *work,
		 struct sdp_err *err)
{
	const struct logreg_plan *j = plan;
	void *a = own_part(j, into)->sums, *b = own_part(j, from)->sums;
	struct sdp_logreg_scores *scores = a, *others = b;
	struct sdp_auc_part *part = a, *other = b;
	switch (j->phase) {
	case READ:
		return sdp_frame_merge(j->frame, into, from, work, err);
	case MEASURE:
		sdp_logreg_ranges_merge(a, b, logreg_features(j), j->label_count);
		break;
	case GRAM:
		sdp_gram_merge(a, b);
		break;
	case FIT:
		sdp_logreg_merge(&j->fit.shape, j->fit.parts, a, b);
		break;
	case TEST:
		sdp_logreg_margins_merge(a, b);
		break;
	case SCORE:
		sdp_logreg_scores_merge(&scores[TRAINED], &others[TRAINED]);
		sdp_logreg_scores_merge(&scores[HELD], &others[HELD]);
		sdp_logreg_merge(&j->fit.shape, j->fit.parts, logreg_sums(j, a), logreg_sums(j, b));
		break;
	case RANK:
		for (size_t i = 0; i < 2 * j->curves * j->parts; i++)
			if (other[i].count[0] + other[i].count[1])
				part[i] = other[i];
	}
	return 0;
}

/* ---- from pass to pass ---- */

/* The share of a pass in the time that is left.  Most fits take some ten iterations. */
static double share_of(const struct logreg_plan *j, enum logreg_phase phase)
{
	static const double shares[] = {[MEASURE] = 0.1, [GRAM] = 0.1, [TEST] = 0.2, [SCORE] = 0.6};
	int left = 10 - j->fit.iterations;
	if (phase != FIT)
		return phase == RANK ? 0 : shares[phase];
	return 1 / (2 + fmax(left, 2)) / (j->fit.rough ? ROUGH : 1);
}

static int begin_pass(struct logreg_plan *j, void *root, enum logreg_phase phase,
		      struct sdp_work *work, struct sdp_pass *next, struct sdp_err *err)
{
	static const char *const names[] = {[READ] = "reading",
					    [MEASURE] = "measuring",
					    [GRAM] = "looking for dependent columns",
					    [FIT] = "fitting",
					    [TEST] = "looking for separation",
					    [SCORE] = "scoring",
					    [RANK] = "ranking"};
	j->phase = phase;
	*next = (struct sdp_pass){SDP_PASS_ITEMS, j->frame->block_count, names[phase],
				  .discard_states = phase != SCORE};
	j->stride = phase == FIT && j->fit.rough ? ROUGH : 1;
	next->share = share_of(j, phase);
	if (phase == FIT)
		next->items = (j->frame->block_count + j->stride - 1) / j->stride;
	if (phase == RANK)
		next->items = (j->params->test_fraction > 0 ? 2 : 1) * j->curves * j->parts;
	return init(j, root, work, err);
}

static int end_reading(struct logreg_plan *j, void *root, struct sdp_work *work,
		       struct sdp_pass *next, struct sdp_err *err)
{
	int again = sdp_frame_step(j->frame, root, &work->spill, err);
	if (again != 0)
		return again < 0 ? -1 : 0;
	logreg_print_warnings(j);
	if (logreg_settle_labels(j, &work->spill, err) < 0 ||
	    !(j->design = sdp_design_new(j->frame, !j->params->no_intercept, &work->spill, err)) ||
	    !(j->dropped =
		      sdp_spill_take(&work->spill, j->design->count * sizeof *j->dropped, err)))
		return -1;
	return begin_pass(j, root, MEASURE, work, next, err);
}

/*
 * Chooses centres and scales for the columns that were not dropped, and makes the shape of the fit.
 */
static int make_shape(struct logreg_plan *j, struct sdp_spill *spill,
		      struct sdp_logreg_shape *shape, struct sdp_err *err)
{
	bool intercept = j->design->intercept;
	double *centres = sdp_spill_take(spill, 2 * j->design->count * sizeof *centres, err);
	double *scales = centres + j->design->count;
	if (!centres)
		return -1;
	*shape = (struct sdp_logreg_shape){.labels = j->label_count,
					   .intercept = intercept,
					   .centre = centres,
					   .scale = scales};
	for (size_t c = 0; c < j->design->count; c++) {
		size_t at = shape->columns;
		if (j->dropped[c])
			continue;
		scales[at] = 1;
		if (c >= intercept)
			sdp_logreg_ranges_scale(j->ranges, logreg_features(j), j->label_count,
						c - intercept, intercept, &centres[at],
						&scales[at]);
		shape->columns++;
	}
	shape->sets = j->label_count > 2 && j->params->l2 > 0 ? j->label_count : j->label_count - 1;
	if (shape->columns == 0)
		return sdp_fail(err, SDP_DATA, "no features are left, and there is no intercept");
	return 0;
}

static int begin_fit(struct logreg_plan *j, void *root, struct sdp_work *work,
		     struct sdp_pass *next, struct sdp_err *err)
{
	struct sdp_spill *spill = &work->spill;
	struct sdp_logreg_shape shape;
	if (make_shape(j, spill, &shape, err) < 0)
		return -1;
	/*
	 * With few parameters, the pivots of the first Hessian show whether columns may depend on
	 * others.
	 */
	if (j->params->l2 == 0 && !j->ranked && sdp_logreg_parameters(&shape) > SDP_LOGREG_NEWTON)
		return begin_pass(j, root, GRAM, work, next, err);
	double *room = sdp_spill_take(spill, sdp_logreg_fit_room(&shape) * sizeof *room, err);
	j->coefficients =
		sdp_spill_take(spill, sdp_logreg_parameters(&shape) * sizeof *j->coefficients, err);
	if (!room || !j->coefficients)
		return -1;
	sdp_logreg_fit_init(&j->fit, &shape, j->ranges->counts, j->params->l2,
			    (int)j->params->max_iterations, room);
	if (j->frame->used / ROUGH / ENOUGH > sdp_logreg_parameters(&shape) &&
	    j->frame->block_count >= 2 * ROUGH)
		sdp_logreg_fit_rough(&j->fit);
	return begin_pass(j, root, FIT, work, next, err);
}

/* Returns whether all numbers of a column are so near to 0 that doubles have fewer digits. */
static bool is_tiny(const struct logreg_plan *j, size_t column)
{
	const struct sdp_term *t = j->design->columns[column].term;
	const double ten = log2(10);
	double log2_most = 0;
	for (size_t k = 0; t && k < t->degree; k++) {
		const struct sdp_frame_column *c = &j->frame->columns[t->factor[k]];
		log2_most += c->role == SDP_FRAME_NUMBER ? c->log2_most - ten * c->tens : 0;
	}
	return t && !sdp_term_is_function(t) && log2_most < DBL_MIN_EXP;
}

/* Returns whether numbers of a column may differ only beyond the digits of doubles. */
static bool is_rounded(const struct logreg_plan *j, size_t column)
{
	const struct sdp_term *t = j->design->columns[column].term;
	bool rounded = is_tiny(j, column);
	for (size_t k = 0; t && k < t->degree; k++) {
		const struct sdp_frame_column *c = &j->frame->columns[t->factor[k]];
		rounded |= c->role == SDP_FRAME_NUMBER &&
			   c->log2_most >
				   (sdp_term_is_function(t) ? SDP_DESIGN_SAFE_BITS : DBL_MANT_DIG);
	}
	return rounded;
}

static bool is_constant(const struct logreg_plan *j, size_t column)
{
	size_t intercept = j->design->intercept;
	return column >= intercept &&
	       sdp_logreg_ranges_constant(j->ranges, logreg_features(j), j->label_count,
					  column - intercept);
}

/*
 * Warns of columns whose values differ only in the last digits that doubles have. If all are equal
 * as doubles, the column is dropped with a warning, or has the coefficient 0 with --l2.
 */
static int warn_of_rounding(struct logreg_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	enum { ENOUGH_DIGITS = 9 };
	size_t intercept = j->design->intercept;
	for (size_t c = intercept; c < j->design->count; c++) {
		const char *name = j->design->columns[c].name;
		bool constant = is_constant(j, c);
		if (!is_rounded(j, c) || (constant && j->params->l2 == 0))
			continue;
		int digits = sdp_logreg_ranges_digits(j->ranges, logreg_features(j), j->label_count,
						      c - intercept);
		int rc = constant ? sdp_frame_warn(j->frame, spill, err,
						   "column '%s' has no effect: its numbers are "
						   "equal when they are rounded to doubles",
						   name)
			 : digits < ENOUGH_DIGITS
				 ? sdp_frame_warn(j->frame, spill, err,
						  "column '%s': doubles keep %d digits of the "
						  "differences between its numbers; %s",
						  name, digits,
						  is_tiny(j, c) ? "multiply them by a power of ten"
								: "subtract one of them from all")
				 : 0;
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int end_measuring(struct logreg_plan *j, void *root, struct sdp_work *work,
			 struct sdp_pass *next, struct sdp_err *err)
{
	j->ranges = own_part(j, root)->sums;
	if (warn_of_rounding(j, &work->spill, err) < 0)
		return -1;
	return begin_fit(j, root, work, next, err);
}

static int drop(struct logreg_plan *j, size_t column, const char *why, struct sdp_spill *spill,
		struct sdp_err *err)
{
	const char *name = j->design->columns[column].name;
	j->dropped[column] = true;
	if (j->params->collinear == SDP_COLLINEAR_ERROR)
		return sdp_fail(err, SDP_DATA, "column '%s' %s", name, why);
	return sdp_frame_warn(j->frame, spill, err, "column '%s' is dropped: it %s", name, why);
}

/* Drops the columns that depend on columns before them, by the exact Gram matrix. */
static int end_gram(struct logreg_plan *j, void *root, struct sdp_work *work, struct sdp_pass *next,
		    struct sdp_err *err)
{
	size_t n = j->design->count;
	struct sdp_gram_column *columns = sdp_spill_take(&work->spill, n * sizeof *columns, err);
	bool *independent = sdp_spill_take(&work->spill, n * sizeof *independent, err);
	if (!columns || !independent)
		return -1;
	for (size_t c = 0; c < n; c++)
		columns[c] = (struct sdp_gram_column){j->design->columns[c].limb,
						      j->design->columns[c].limbs};
	if (sdp_gram_independent(own_part(j, root)->sums, columns, n, independent, NULL, err) < 0)
		return -1;
	for (size_t c = 0; c < n; c++) {
		bool constant = is_constant(j, c);
		const char *why = !constant ? "is a linear combination of columns before it"
				  : independent[c] || is_rounded(j, c)
					  ? "is constant when it is rounded to doubles"
					  : "is constant";
		if ((!independent[c] || (constant && j->design->intercept)) &&
		    drop(j, c, why, &work->spill, err) < 0)
			return -1;
	}
	j->ranked = true;
	return begin_fit(j, root, work, next, err);
}

/*
 * Writes for a message which columns separate the labels: "a alone separates 'yes'" or "a, b, c and
 * 7 more together separate the labels".  Sets *complete if one column alone does.
 */
static int name_direction(const struct logreg_plan *j, struct sdp_buf *out, bool *complete,
			  struct sdp_err *err)
{
	const struct sdp_logreg_shape *s = &j->fit.shape;
	size_t found = 0, at = 0, label = 0;
	double most = 0;
	for (size_t i = 0; i < sdp_logreg_parameters(s); i++)
		most = fmax(most,
			    s->intercept && i % s->columns == 0 ? 0 : fabs(j->fit.directions[i]));
	for (size_t c = 0; c < j->design->count; c++) {
		double here = 0;
		if (j->dropped[c])
			continue;
		for (size_t k = 0; k < s->sets; k++)
			here = fmax(here, fabs(j->fit.directions[k * s->columns + at]));
		at++;
		if (c < j->design->intercept || here < 1e-6 * most)
			continue;
		int alone = sdp_logreg_ranges_split(j->ranges, logreg_features(j), j->label_count,
						    c - j->design->intercept, &label);
		if (alone && (alone == 2 || !j->fit.complete || j->label_count > 2)) {
			out->length = 0;
			*complete = alone == 2;
			return sdp_buf_format(out, err, "%s alone separates '%s'%s",
					      j->design->columns[c].name, j->labels[label],
					      alone == 1 ? " except for ties" : "");
		}
		found++;
		if (found <= 3 && sdp_buf_format(out, err, "%s%s", found > 1 ? ", " : "",
						 j->design->columns[c].name) < 0)
			return -1;
	}
	return found > 3 ? sdp_buf_format(out, err, " and %zu more together separate the labels",
					  found - 3)
			 : sdp_buf_format(out, err, "%s the labels",
					  found == 1 ? " separates" : " together separate");
}

static int refuse_separation(const struct logreg_plan *j, struct sdp_err *err)
{
	struct sdp_buf names = {0};
	bool complete = j->fit.complete;
	if (name_direction(j, &names, &complete, err) == 0)
		sdp_fail(err, SDP_DATA,
			 "%s separation: %.*s; no finite maximum-likelihood estimate exists; --l2 "
			 "gives one",
			 complete ? "complete" : "quasi-complete", (int)names.length, names.data);
	sdp_buf_release(&names);
	return -1;
}

static int begin_ranking(struct logreg_plan *j, void *root, struct sdp_work *work,
			 struct sdp_pass *next, struct sdp_err *err)
{
	struct sdp_spill *spill = &work->spill;
	j->scores = own_part(j, root)->sums;
	j->curves = sdp_logreg_curves(&j->fit.shape);
	j->parts = j->curves > PARTS ? 1 : PARTS / j->curves;
	/* Sorting a range needs two words per score: a key and an index. */
	while (j->frame->used / j->parts * 2 * sizeof(uint64_t) > work->memory)
		j->parts *= 2;
	j->bounds = sdp_spill_take(spill, 2 * j->curves * j->parts * sizeof *j->bounds, err);
	if (!j->bounds)
		return -1;
	for (size_t i = 0; i < 2 * j->curves; i++)
		if (sdp_auc_split(&j->scores[i / j->curves].auc[i % j->curves], spill, j->parts,
				  j->bounds + i * (j->parts - 1), err) < 0)
			return -1;
	return begin_pass(j, root, RANK, work, next, err);
}

/* Warns of problems of the final fit, or fails unless --keep is given. */
static int check_fit(struct logreg_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_logreg_fit *f = &j->fit;
	int steps = f->iterations - 1, digits = f->pivot > 0 ? (int)-log10(0x1p-52 / f->pivot) : 0;
	if (!f->converged && !j->params->keep && f->degenerate)
		return sdp_fail(err, SDP_DATA,
				"some features nearly depend on others or have extreme values, so "
				"that doubles do not determine their coefficients: leave out or "
				"shift some features; --l2 LAMBDA bounds the coefficients, --keep "
				"prints the last ones");
	if (f->rounded && !j->params->keep)
		return sdp_fail(
			err, SDP_DATA,
			"rounding errors end the fit after %d iteration%s, with a gradient "
			"of %.2g of its terms: some features nearly depend on others or have "
			"extreme values; leave out or shift some features; --l2 LAMBDA bounds the "
			"coefficients, --keep prints the last ones",
			steps, steps == 1 ? "" : "s", f->gradient_norm);
	if (!f->converged && !j->params->keep)
		return sdp_fail(err, SDP_DATA,
				"not converged after %d iteration%s: the gradient is %.2g of its "
				"terms; --max-iterations allows more iterations, --keep prints the "
				"last coefficients",
				steps, steps == 1 ? "" : "s", f->gradient_norm);
	if (f->degenerate)
		return sdp_frame_warn(j->frame, spill, err,
				      "some features nearly depend on others: their coefficients "
				      "are meaningless");
	if (!f->converged)
		return sdp_frame_warn(j->frame, spill, err, "not converged after %d iteration%s",
				      steps, steps == 1 ? "" : "s");
	return digits < WARN_DIGITS ? sdp_frame_warn(j->frame, spill, err,
						     "some features nearly depend on others: their "
						     "statistics have about %d correct digit%s",
						     digits, digits == 1 ? "" : "s")
				    : 0;
}

/* A coefficient that a double cannot hold is null or 0 in the document. */
static int report_out_of_range(struct logreg_plan *j, struct sdp_spill *spill, struct sdp_err *err)
{
	const struct sdp_logreg_shape *s = &j->fit.shape;
	const struct sdp_logreg_coefficient *next = j->coefficients;
	for (size_t i = 0; i < s->sets * j->design->count; i++) {
		size_t c = i % j->design->count;
		const char *name = j->design->columns[c].name;
		if (j->dropped[c])
			continue;
		double theta = j->fit.theta[next - j->coefficients], estimate = next++->estimate;
		bool below = estimate == 0 && theta != 0 && c >= j->design->intercept;
		if ((below || isinf(estimate)) &&
		    sdp_frame_warn(
			    j->frame, spill, err,
			    below ? "an estimate of '%s' is below the least double and "
				    "printed as 0; predictions use its digits in model"
				  : "an estimate of '%s' exceeds every double and is printed "
				    "as null; predictions use its digits in model",
			    name) < 0)
			return -1;
	}
	return 0;
}

static int after_fit(struct logreg_plan *j, void *root, struct sdp_work *work,
		     struct sdp_pass *next, struct sdp_err *err)
{
	struct sdp_logreg_fit *f = &j->fit;
	struct own_state *own = own_part(j, root);
	if (!j->ranked && f->ridge == 0 && f->pivot < SUSPICIOUS)
		return begin_pass(j, root, GRAM, work, next, err);
	j->ranked = true;
	switch (f->state) {
	case SDP_LOGREG_TRY:
		return begin_pass(j, root, FIT, work, next, err);
	case SDP_LOGREG_TEST:
		return begin_pass(j, root, TEST, work, next, err);
	case SDP_LOGREG_SEPARATED:
		return refuse_separation(j, err);
	case SDP_LOGREG_FINAL:
		return check_fit(j, &work->spill, err) < 0
			       ? -1
			       : begin_pass(j, root, SCORE, work, next, err);
	default:
		if (sdp_logreg_infer(f, logreg_sums(j, own->sums), j->params->level,
				     j->coefficients, err) < 0 ||
		    report_out_of_range(j, &work->spill, err) < 0)
			return -1;
		return begin_ranking(j, root, work, next, err);
	}
}

static int step(void *plan, void *root, struct sdp_work *work, struct sdp_pass *next,
		struct sdp_err *err)
{
	struct logreg_plan *j = plan;
	struct own_state *own = own_part(j, root);
	switch (j->phase) {
	case READ:
		return end_reading(j, root, work, next, err);
	case MEASURE:
		return end_measuring(j, root, work, next, err);
	case GRAM:
		return end_gram(j, root, work, next, err);
	case TEST:
		sdp_logreg_fit_evaluate(&j->fit, own->sums);
		return after_fit(j, root, work, next, err);
	case FIT:
	case SCORE:
		if (sdp_logreg_fit_step(&j->fit, logreg_sums(j, own->sums), err) < 0)
			return -1;
		return after_fit(j, root, work, next, err);
	default:
		j->areas = own->sums;
		next->kind = SDP_PASS_DONE;
		return 0;
	}
}

static int emit(const void *plan, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct logreg_plan *j = plan;
	(void)root;
	logreg_print_warnings(j);
	return logreg_emit(plan, doc, err);
}

static const struct sdp_task task = {
	.name = "logistic_regression",
	.open = open_plan,
	.state_size = state_size,
	.init = init,
	.update = update,
	.item = item,
	.merge = merge,
	.step = step,
	.emit = emit,
};

#define AT(member) offsetof(struct logreg_params, member)

static const struct sdp_option options[] = {
	{'y', "target", SDP_TEXT, AT(target), "COL", NULL, NULL, 0, 0, "the column of labels"},
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
	{0, "l2", SDP_REAL, AT(l2), "LAMBDA", NULL, "0", 0, 1e300,
	 "L2 penalty; LAMBDA/2 times the sum of squares of all coefficients but "
	 "intercepts"},
	{0, "positive", SDP_TEXT, AT(positive), "LABEL", NULL, NULL, 0, 0,
	 "positive label of two; by default the bytewise greater label"},
	{0, "threshold", SDP_SHARE, AT(threshold), "P", NULL, "0.5", 0, 1,
	 "probability from which to predict the positive label"},
	{0, "level", SDP_SHARE, AT(level), "P", NULL, "0.95", 0, 1,
	 "level of confidence intervals"},
	{0, "test-fraction", SDP_SHARE, AT(test_fraction), "F", NULL, "0", 0, 1,
	 "fraction of rows to hold out for test metrics; the seed and the record number "
	 "choose them"},
	{0, "max-iterations", SDP_INTEGER, AT(max_iterations), "N", NULL, "100", 1, 1000000,
	 "maximum number of iterations of the fit"},
	{0, "keep", SDP_FLAG, AT(keep), NULL, NULL, NULL, 0, 0,
	 "print the fit even if it has not converged"},
	{0, "predict", SDP_TEXT, AT(predict), "MODEL.json", NULL, NULL, 0, 0,
	 "print the input rows with predictions; MODEL.json is a JSON document that sdp-logreg "
	 "printed"},
	{0},
};

static int run(void *params, int count, char **operands, struct sdp_err *err)
{
	const struct logreg_params *p = params;
	if (p->level <= 0 || p->level >= 1)
		return sdp_fail(err, SDP_USAGE, "--level: must be greater than 0 and less than 1");
	if (p->test_fraction >= 1)
		return sdp_fail(
			err, SDP_USAGE,
			"--test-fraction: must be less than 1, or no rows are left for the fit");
	if (p->predict)
		return logreg_predict(p, count, operands, err);
	if (!p->target)
		return sdp_fail(err, SDP_USAGE, "-y is missing: it names the column of labels");
	struct sdp_source *source = sdp_run_open(&p->common, count, operands, err);
	int rc = source ? sdp_run_document_on(&task, params, source, err) : -1;
	sdp_source_free(source);
	return rc;
}

static const char *const examples[] = {
	"sdp-sample penguins | sdp-logreg -y sex -x species,body_mass_g",
	"sdp-logreg --predict model.json new.csv",
	NULL,
};

static const struct sdp_help_section sections[] = {
	{"model", "target features categorical reference positive no-intercept collinear l2 "
		  "max-iterations keep"},
	{"test", "test-fraction seed level threshold"},
	{"new rows", "predict"},
	{0},
};

static const struct sdp_option_values values[] = {
	{"print", "labels features coefficients metrics by_label confusion test_metrics model "
		  "inputs warnings"},
	{0},
};

const struct sdp_program sdp_program = {
	.name = "sdp-logreg",
	.summary = "fit logistic regressions and predict with them",
	.operands = "[FILE...]",
	.examples = examples,
	.options = options,
	.sections = sections,
	.values = values,
	.groups = SDP_GROUP_WORKERS | SDP_GROUP_TABLE | SDP_GROUP_DOCUMENT | SDP_GROUP_ROWS |
		  SDP_GROUP_MEMORY | SDP_GROUP_SEED | SDP_GROUP_PROGRESS,
	.params_size = sizeof(struct logreg_params),
	.task = &task,
	.run = run,
};

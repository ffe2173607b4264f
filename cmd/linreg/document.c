/* Writes the document of sdp-linreg. */
#include "linreg.h"

#include "base/rational.h"
#include "sdp/num.h"

#include <math.h>
#include <string.h>

static const char *const quantile_names[QUANTILES] = {"min", "q1", "median", "q3", "max"};

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

#define PUT_FIELDS(object, fields, err)                                                            \
	put_fields(object, fields, sizeof(fields) / sizeof *(fields), err)

static int put_coefficients(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	cJSON *coefficients = sdp_doc_array(doc, "coefficients", err);
	for (size_t i = 0; coefficients && i < plan->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &plan->fit.coefficients[i];
		const struct field fields[] = {
			{"estimate", c->estimate},
			{"std_error", c->std_error},
			{"t", c->t},
			{"p", c->p},
			{"ci_low", c->ci_low},
			{"ci_high", c->ci_high},
			{"vif", c->vif},
		};
		cJSON *row = sdp_doc_row(coefficients, err);
		if (!row || sdp_doc_text(row, "name", plan->design->columns[i].name, err) < 0 ||
		    PUT_FIELDS(row, fields, err) < 0)
			return -1;
	}
	return coefficients ? 0 : -1;
}

/* Returns unit × sum / n, or NaN if the sum is incomplete. */
static double mean_of(const struct errors *errors, const struct sdp_exact_sum *sum, double n,
		      double unit)
{
	return errors->beyond ? NAN : sdp_exact_sum_value(sum) / n * unit;
}

/* Returns the Durbin-Watson statistic Σ (e_i - e_{i-1})² / Σ e_i², with the blocks in order. */
static double durbin_watson(const struct plan *plan, const struct own_state *own)
{
	struct sdp_exact_sum steps = own->steps;
	const struct edge *before = NULL;
	for (size_t i = 0; i < plan->frame->block_count; i++) {
		const struct edge *edge = &own->edges[i];
		if (!edge->any)
			continue;
		double step = before ? edge->first / plan->unit - before->last / plan->unit : 0;
		sdp_exact_sum_add(&steps, step * step);
		before = edge;
	}
	return sdp_exact_sum_value(&steps) / sdp_exact_sum_value(&own->train.squares);
}

static int put_metrics(const struct plan *plan, const struct own_state *own, cJSON *doc,
		       struct sdp_err *err)
{
	const struct sdp_linreg_fit *f = &plan->fit;
	bool exact = f->exact;
	const struct field before[] = {
		{"r2", f->r2},
		{"adjusted_r2", f->adjusted_r2},
		{"rmse", f->rmse},
		{"mae", exact ? 0
			      : mean_of(&own->train, &own->train.absolute,
					(double)plan->frame->used, plan->unit)},
		{"mse", f->mse},
		{"sse", f->sse},
		{"sigma", f->sigma},
		{"f", f->f},
		{"f_p", f->f_p},
		{"log_likelihood", f->log_likelihood},
		{"aic", f->aic},
		{"bic", f->bic},
	};
	const struct field behind[] = {
		{"condition_number", f->condition_number},
		{"durbin_watson", exact || own->train.beyond ? NAN : durbin_watson(plan, own)},
	};
	cJSON *metrics = sdp_doc_object(doc, "metrics", err);
	if (!metrics || PUT_FIELDS(metrics, before, err) < 0 ||
	    sdp_doc_count(metrics, "residual_df", f->residual_df, err) < 0 ||
	    PUT_FIELDS(metrics, behind, err) < 0)
		return -1;
	cJSON *residuals = sdp_doc_object(doc, "residuals", err);
	for (int i = 0; residuals && i < QUANTILES; i++)
		if (sdp_doc_real(residuals, quantile_names[i],
				 exact               ? 0
				 : own->train.beyond ? NAN
						     : own->quantiles[i],
				 err) < 0)
			return -1;
	return residuals ? 0 : -1;
}

/* Returns the variance (1/n) of the target of n held-out rows, in squares of the plan's unit. */
static double held_variance(const struct plan *plan, const struct own_state *own, uint64_t n)
{
	const struct sdp_design_column *c = &plan->design->columns[plan->design->count];
	const struct sdp_gram_column y = {0, c->limbs}, one = {c->limbs, 1};
	mpz_t squares, sum, ten;
	if (n == 0 || !own->held_target)
		return NAN;
	mpz_inits(squares, sum, ten, (mpz_ptr)NULL);
	sdp_gram_product(own->held_target, &y, &y, squares);
	sdp_gram_product(own->held_target, &y, &one, sum);
	mpz_mul_ui(squares, squares, n);
	mpz_submul(squares, sum, sum);
	mpz_ui_pow_ui(ten, 10, (unsigned long)(c->tens < 0 ? -c->tens : c->tens));
	mpz_mul(ten, ten, ten);
	mpz_set_ui(sum, n);
	mpz_mul_ui(sum, sum, n);
	if (c->tens < 0)
		mpz_mul(squares, squares, ten);
	else
		mpz_mul(sum, sum, ten);
	double variance =
		sdp_quotient_round(squares, sum, 2L * (c->twos - ilogb(plan->unit)), false);
	mpz_clears(squares, sum, ten, (mpz_ptr)NULL);
	return variance;
}

static int put_test_metrics(const struct plan *plan, const struct own_state *own, cJSON *doc,
			    struct sdp_err *err)
{
	double n = (double)plan->frame->tested, mse = mean_of(&own->held, &own->held.squares, n, 1);
	if (plan->params->test_fraction == 0)
		return 0;
	const struct field fields[] = {
		{"r2", 1 - mse / held_variance(plan, own, plan->frame->tested)},
		{"rmse", sqrt(mse) * plan->unit},
		{"mae", mean_of(&own->held, &own->held.absolute, n, plan->unit)},
		{"mse", mse * plan->unit * plan->unit},
	};
	cJSON *test = sdp_doc_object(doc, "test_metrics", err);
	return test && sdp_doc_count(test, "rows_used", plan->frame->tested, err) == 0
		       ? PUT_FIELDS(test, fields, err)
		       : -1;
}

/*
 * Writes the triangular matrix that intervals of predictions need. model/regression/linreg.h has
 * the formula.
 */
static int put_root(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	if (!plan->fit.root)
		return sdp_doc_null(doc, "leverage_root", err);
	cJSON *rows = sdp_doc_array(doc, "leverage_root", err);
	for (size_t i = 0; rows && i < plan->fit.used; i++) {
		cJSON *row = sdp_doc_array(rows, NULL, err);
		for (size_t k = 0; row && k <= i; k++)
			if (sdp_doc_real(row, NULL, plan->fit.root[i * (i + 1) / 2 + k], err) < 0)
				return -1;
		if (!row)
			return -1;
	}
	return rows ? 0 : -1;
}

/*
 * Writes the numbers that predictions are computed with, a row per column, as texts with all their
 * digits.
 */
static int put_model(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_linreg_fit *f = &plan->fit;
	const char *estimate = plan->digits, *root = estimate;
	cJSON *rows = sdp_doc_array(doc, "model", err);
	for (size_t i = 0; i < f->used; i++)
		root += strlen(root) + 1;
	for (size_t i = 0, used = 0; rows && i < plan->design->count; i++) {
		const struct sdp_design_column *column = &plan->design->columns[i];
		bool dropped = f->coefficients[i].dropped;
		cJSON *row = sdp_doc_row(rows, err);
		if (!row || sdp_doc_text(row, "name", column->name, err) < 0 ||
		    (sdp_design_is_precise(column) &&
		     sdp_doc_integer(row, "unit_exponent", column->twos, err) < 0) ||
		    sdp_doc_text(row, "coefficient", dropped ? NULL : estimate, err) < 0)
			return -1;
		if (dropped || !f->root) {
			if (sdp_doc_null(row, "leverage_root", err) < 0)
				return -1;
			estimate += dropped ? 0 : strlen(estimate) + 1;
			continue;
		}
		estimate += strlen(estimate) + 1;
		cJSON *list = sdp_doc_array(row, "leverage_root", err);
		for (size_t k = 0; list && k <= used; k++, root += strlen(root) + 1)
			if (sdp_doc_text(list, NULL, root, err) < 0)
				return -1;
		if (!list)
			return -1;
		used++;
	}
	return rows ? 0 : -1;
}

/* Writes sigma as a text, which keeps its digits whatever --digits says, for intervals. */
static int put_sigma(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	char text[32];
	double sigma = plan->fit.sigma;
	if (isfinite(sigma))
		sdp_num_print(text, sigma);
	return sdp_doc_text(doc, "model_sigma", isfinite(sigma) ? text : NULL, err);
}

void linreg_print_warnings(const struct plan *plan)
{
	for (const char *text; (text = sdp_frame_next_warning(plan->frame));)
		sdp_warn("%s", text);
}

int linreg_emit(const void *opaque, const void *root, cJSON *doc, struct sdp_err *err)
{
	const struct plan *plan = opaque;
	const struct own_state *own = linreg_own(plan, (void *)root);
	linreg_print_warnings(plan);
	if (sdp_doc_text(doc, "target", plan->frame->columns[0].name, err) < 0 ||
	    sdp_design_put_rows(plan->design, doc, err) < 0 ||
	    put_coefficients(plan, doc, err) < 0 || put_metrics(plan, own, doc, err) < 0 ||
	    put_test_metrics(plan, own, doc, err) < 0 ||
	    sdp_doc_setting(doc, "level", plan->params->level, err) < 0 ||
	    put_root(plan, doc, err) < 0 || put_model(plan, doc, err) < 0 ||
	    put_sigma(plan, doc, err) < 0)
		return -1;
	return sdp_design_put_inputs(plan->design, doc, err);
}

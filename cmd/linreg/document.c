/* Writes the document of sdp-linreg. */
#include "linreg.h"

#include "base/rational.h"
#include "sdp/num.h"

#include <math.h>
#include <string.h>

static const char *const quantile_names[QUANTILES] = {"min", "q1", "median", "q3", "max"};

static void put_coefficients(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	cJSON *coefficients = sdp_doc_array(doc, "coefficients", err);
	for (size_t i = 0; i < plan->design->count; i++) {
		const struct sdp_linreg_coefficient *c = &plan->fit.coefficients[i];
		cJSON *row = sdp_doc_row(coefficients, err);
		sdp_doc_text(row, "name", plan->design->columns[i].name, err);
		SDP_DOC_REALS(row, err, {"estimate", c->estimate}, {"std_error", c->std_error},
			      {"t", c->t}, {"p", c->p}, {"ci_low", c->ci_low},
			      {"ci_high", c->ci_high}, {"vif", c->vif});
	}
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

static void put_metrics(const struct plan *plan, const struct own_state *own, cJSON *doc,
			struct sdp_err *err)
{
	const struct sdp_linreg_fit *f = &plan->fit;
	bool exact = f->exact;
	double used = (double)plan->frame->used;
	double mae = exact ? 0 : mean_of(&own->train, &own->train.absolute, used, plan->unit);
	double watson = exact || own->train.beyond ? NAN : durbin_watson(plan, own);
	cJSON *metrics = sdp_doc_object(doc, "metrics", err);
	SDP_DOC_REALS(metrics, err, {"r2", f->r2}, {"adjusted_r2", f->adjusted_r2},
		      {"rmse", f->rmse}, {"mae", mae}, {"mse", f->mse}, {"sse", f->sse},
		      {"sigma", f->sigma}, {"f", f->f}, {"f_p", f->f_p},
		      {"log_likelihood", f->log_likelihood}, {"aic", f->aic}, {"bic", f->bic});
	sdp_doc_count(metrics, "residual_df", f->residual_df, err);
	SDP_DOC_REALS(metrics, err, {"condition_number", f->condition_number},
		      {"durbin_watson", watson});
	cJSON *residuals = sdp_doc_object(doc, "residuals", err);
	for (int i = 0; i < QUANTILES; i++) {
		double quantile = own->train.beyond ? NAN : own->quantiles[i];
		sdp_doc_real(residuals, quantile_names[i], exact ? 0 : quantile, err);
	}
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

static void put_test_metrics(const struct plan *plan, const struct own_state *own, cJSON *doc,
			     struct sdp_err *err)
{
	double n = (double)plan->frame->tested, mse = mean_of(&own->held, &own->held.squares, n, 1);
	if (plan->params->test_fraction == 0)
		return;
	cJSON *test = sdp_doc_object(doc, "test_metrics", err);
	sdp_doc_count(test, "rows_used", plan->frame->tested, err);
	SDP_DOC_REALS(test, err, {"r2", 1 - mse / held_variance(plan, own, plan->frame->tested)},
		      {"rmse", sqrt(mse) * plan->unit},
		      {"mae", mean_of(&own->held, &own->held.absolute, n, plan->unit)},
		      {"mse", mse * plan->unit * plan->unit});
}

/*
 * Writes the triangular matrix that intervals of predictions need. model/regression/linreg.h has
 * the formula.
 */
static void put_root(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	const double *root = plan->fit.root;
	if (!root) {
		sdp_doc_null(doc, "leverage_root", err);
		return;
	}
	cJSON *rows = sdp_doc_array(doc, "leverage_root", err);
	for (size_t i = 0; i < plan->fit.used; i++)
		sdp_doc_reals(rows, NULL, root + i * (i + 1) / 2, i + 1, err);
}

/*
 * Writes the numbers that predictions are computed with, a row per column, as texts with all their
 * digits.
 */
static void put_model(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	const struct sdp_linreg_fit *f = &plan->fit;
	const char *estimate = plan->digits, *root = estimate;
	cJSON *rows = sdp_doc_array(doc, "model", err);
	for (size_t i = 0; i < f->used; i++)
		root += strlen(root) + 1;
	for (size_t i = 0, used = 0; i < plan->design->count; i++) {
		const struct sdp_design_column *column = &plan->design->columns[i];
		bool dropped = f->coefficients[i].dropped;
		cJSON *row = sdp_doc_row(rows, err);
		sdp_doc_text(row, "name", column->name, err);
		if (sdp_design_is_precise(column))
			sdp_doc_integer(row, "unit_exponent", column->twos, err);
		sdp_doc_text(row, "coefficient", dropped ? NULL : estimate, err);
		estimate += dropped ? 0 : strlen(estimate) + 1;
		if (dropped || !f->root) {
			sdp_doc_null(row, "leverage_root", err);
			continue;
		}
		cJSON *list = sdp_doc_array(row, "leverage_root", err);
		for (size_t k = 0; k <= used; k++, root += strlen(root) + 1)
			sdp_doc_text(list, NULL, root, err);
		used++;
	}
}

/* Writes sigma as a text, which keeps its digits whatever --digits says, for intervals. */
static void put_sigma(const struct plan *plan, cJSON *doc, struct sdp_err *err)
{
	char text[32];
	double sigma = plan->fit.sigma;
	if (isfinite(sigma))
		sdp_num_print(text, sigma);
	sdp_doc_text(doc, "model_sigma", isfinite(sigma) ? text : NULL, err);
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
	sdp_doc_text(doc, "target", plan->frame->columns[0].name, err);
	sdp_design_put_rows(plan->design, doc, err);
	put_coefficients(plan, doc, err);
	put_metrics(plan, own, doc, err);
	put_test_metrics(plan, own, doc, err);
	sdp_doc_setting(doc, "level", plan->params->level, err);
	put_root(plan, doc, err);
	put_model(plan, doc, err);
	put_sigma(plan, doc, err);
	sdp_design_put_inputs(plan->design, doc, err);
	return sdp_err_result(err);
}
